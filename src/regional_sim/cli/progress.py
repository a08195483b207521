"""Progress of long work, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from regional_sim.cli.compiling import compile_notice
from regional_sim.cli.consoles import notes
from regional_sim.report.plans import duration

if TYPE_CHECKING:
    from rich.console import Console

PATIENCE_SECONDS: Final = 2.0
"""Work that is over sooner shows no progress."""

_STEPS: Final = 10
"""Lines that tell of progress where there is no terminal."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Display | None]:
    """Show the progress of what happens inside, from the first time it is told of.

    Parameters
    ----------
    quiet : bool
        Show nothing.

    Yields
    ------
    Display or None
        To be called with the runs done and all runs; None when quiet.
    """
    if quiet:
        yield None
        return
    console = notes()
    display = _Bar(console) if console.is_interactive else _Lines(console)
    try:
        yield display
    finally:
        display.stop()


class Display:
    """What is shown of progress; nothing, until the work has begun."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started: float | None = None

    def __call__(self, done_runs: int, total_runs: int) -> None:
        """Take the runs that are done and all runs."""
        if self.started is None:
            self.started = time.monotonic()
            notice = compile_notice()
            if notice is not None:
                self.console.print(notice)
            self.start()
        self.show(done_runs, total_runs, time.monotonic() - self.started)

    def start(self) -> None:
        """Begin."""

    def show(self, done: int, total: int, seconds: float) -> None:
        """Show how far the work is after so many seconds."""

    def stop(self) -> None:
        """End."""


class _Bar(Display):
    """A bar that appears when patience is over, also while the first runs are under way."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        super().__init__(console)
        self._bar = Bar(
            TextColumn("runs"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("runs", total=None)
        self._timer = threading.Timer(PATIENCE_SECONDS, self._bar.start)
        self._timer.daemon = True

    def start(self) -> None:
        """Start to wait."""
        self._timer.start()

    def show(self, done: int, total: int, seconds: float) -> None:  # noqa: ARG002 (it has a clock)
        """Move the bar."""
        self._bar.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away, or see to it that none appears."""
        self._timer.cancel()
        if self._timer.is_alive():
            self._timer.join()
        self._bar.stop()


class _Lines(Display):
    """A line at every tenth of the work, for logs."""

    printed = 0

    def show(self, done: int, total: int, seconds: float) -> None:
        """Print a line if a tenth more is done, and patience is over."""
        step = _STEPS * done // max(total, 1)
        if seconds < PATIENCE_SECONDS or step <= self.printed:
            return
        self.printed = step
        left = seconds * (total - done) / max(done, 1)
        when = f"about {duration(left)} left" if left else f"in {duration(seconds)}"
        self.console.print(f"{done} of {total} runs, {when}")
