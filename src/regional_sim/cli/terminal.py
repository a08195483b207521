"""What commands show: results on standard output; progress, notices and errors on standard error.

On a terminal progress is a bar, elsewhere a line now and then.
"""

from __future__ import annotations

import io
import math
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

from regional_sim.errors import InputError, os_reason

if TYPE_CHECKING:
    from rich.console import Console

PATIENCE_SECONDS: Final = 2.0
"""Work that is over sooner shows no progress."""

_EVEN_UNIT: Final = "runs"
"""What takes equally long, so that the time left can be told; functions come longest first."""

_LINES: Final = 10
"""Lines that tell of progress where there is no terminal."""

_STEP_SECONDS: Final = 5
"""The time to compile is told in multiples of this."""


def output() -> Console:
    """Return the console of results; it has no colour off a terminal or with ``NO_COLOR`` set."""
    return _console(None)


def notes() -> Console:
    """Return the console of progress, notices and errors, which never fails for want of room."""
    if sys.stderr is None:
        return _console(cast("TextIO", io.StringIO()))
    return _console(cast("TextIO", _Lenient(sys.stderr)))


class _Lenient:
    """A stream of what may be lost: that it is full or closed ends no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _console(file: TextIO | None) -> Console:
    """Make a console that takes text as it is: no markup, no emoji, no colouring of numbers."""
    from regional_sim.cli.console import EscapingConsole as Console

    return Console(file=file, markup=False, emoji=False, highlight=False)


def print_path(console: Console, text: str) -> None:
    """Print a line that is not broken, so that a path in it can be copied."""
    console.print(text, soft_wrap=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all, replacing one that is there.

    Its folder must exist.  What is no file, or a link such as ``/dev/stdout``, is written to as it
    is.
    """
    from regional_sim.results.folder import whole_file

    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_text(text, encoding="utf-8")
            return
        with whole_file(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise InputError(f"cannot be written: {os_reason(error)}", where=str(path)) from None


@contextmanager
def progress(
    *, quiet: bool, unit: str = _EVEN_UNIT, first: Callable[[], None] | None = None
) -> Iterator[Display | None]:
    """Show progress, if not quiet: call what is yielded with what is done and all there is to do.

    `unit` is what is counted; `first` is called when the work begins, before its time is taken.
    """
    if quiet:
        yield None
        return
    console = notes()
    display = (_Bar if console.is_interactive else _Lines)(console, unit, first)
    try:
        yield display
    finally:
        display.stop()


@dataclass
class Display:
    """What is shown of progress; nothing, until the work has begun."""

    console: Console
    unit: str
    first: Callable[[], None] | None
    started: float | None = None
    found: int = 0
    """What was done before the work began, which tells nothing of its speed."""

    def __call__(self, done_runs: int, total_runs: int) -> None:
        """Take the runs, or what else is counted, that are done, and all of them."""
        if self.started is None:
            if self.first is not None:
                self.first()
            self.started = time.monotonic()
            self.found = done_runs
            self.start()
        self.show(done_runs, total_runs, time.monotonic() - self.started)

    def start(self) -> None:
        """Begin."""

    def show(self, done: int, total: int, seconds: float) -> None:
        """Show how far the work is after so many seconds."""

    def stop(self) -> None:
        """End."""


@dataclass
class _Bar(Display):
    """A bar that appears when patience is over, also while the first runs are under way."""

    def __post_init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn(self.unit),
            BarColumn(),
            MofNCompleteColumn(),
            *([TimeRemainingColumn()] if self.unit == _EVEN_UNIT else []),
            console=self.console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task(self.unit, total=None)
        self._timer = threading.Timer(PATIENCE_SECONDS, self._bar.start)
        self._timer.daemon = True

    def start(self) -> None:
        """Start to wait."""
        self._timer.start()

    def show(self, done: int, total: int, seconds: float) -> None:  # noqa: ARG002 (it has a clock)
        """Move the bar."""
        if done == self.found:
            self._bar.reset(self._task, completed=done, total=total)
        self._bar.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away, or see to it that none appears."""
        self._timer.cancel()
        if self._timer.is_alive():
            self._timer.join()
        self._bar.stop()


class _Lines(Display):
    """A line when patience is over, and at every tenth of the work, for logs."""

    printed = -1

    def show(self, done: int, total: int, seconds: float) -> None:
        """Print a line if it is the first, or a tenth more is done, and patience is over."""
        from regional_sim.report.text import duration

        step = _LINES * done // max(total, 1)
        if seconds < PATIENCE_SECONDS or step <= self.printed:
            return
        self.printed = step
        left = seconds * (total - done) / max(done - self.found, 1)
        when = f", about {duration(left)} left" if left else f", in {duration(seconds)}"
        if left and self.unit != _EVEN_UNIT:
            when = ""
        self.console.print(f"{done} of {total} {self.unit}{when}")


def compile_model() -> None:
    """Compile the model where it is not compiled yet, and tell the user."""
    notice = compile_notice()
    if notice is None:
        return
    from regional_sim.engine.precompile import compile_all

    console = notes()
    console.print(notice)
    with (
        warnings.catch_warnings(record=True, action="always") as caught,
        progress(quiet=False, unit="functions") as update,
    ):
        compile_all(progress=update)
    for warning in caught:
        print_path(console, str(warning.message))


def compile_notice() -> str | None:
    """Tell that the first run will wait for the compiler; None if it will not."""
    from regional_sim.engine import precompile
    from regional_sim.numerics import compiler

    if not compiler.compiler_is_on():
        return None
    if compiler.cache_folder() is None:
        return (
            f"Compiling the model for this machine, {_about(precompile.SECONDS_OF_ONE)}, each time:"
            " the folder that would keep it cannot be written ..."
        )
    if precompile.is_compiled():
        return None
    seconds = precompile.SECONDS_OF_ONE / precompile.default_processes()
    return f"Compiling the model for this machine, once, {_about(seconds)} ..."


def _about(seconds: float) -> str:
    return f"about {_STEP_SECONDS * math.ceil(seconds / _STEP_SECONDS)} seconds"
