"""What Ctrl-C does, and the signal with which batch systems ask a program to end.

It imports next to nothing: until it is imported, Ctrl-C prints Python's own words.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

INTERRUPTED = 130

_SAME_SECONDS = 1.0
"""Signals that follow so soon ask for the same: some programs send each of them twice."""


def end_at_once_when_interrupted() -> None:
    """Let Ctrl-C end the process without more ado: before a command begins, and after its end."""
    # A shell lets programs in the background ignore it.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def _end(*_: object) -> None:
    with suppress(OSError):
        os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the first of these signals interrupt what is done; a later one ends the process at once.

    So whoever does not want to wait for the program to clear up need not.
    """
    first = 0.0

    def interrupt(*_: object) -> None:
        nonlocal first
        if not first:
            first = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - first > _SAME_SECONDS:
            _end()

    with ExitStack() as stack:
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            if before in {signal.SIG_IGN, None}:
                continue
            # Only the main thread may ask for signals.
            with suppress(ValueError):
                signal.signal(number, interrupt)
                stack.callback(signal.signal, number, before)
        yield
