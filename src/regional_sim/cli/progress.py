"""Progress of long work, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from regional_sim.cli.consoles import notes
from regional_sim.report.plans import duration

if TYPE_CHECKING:
    from rich.console import Console

EVEN_UNIT: Final = "runs"
"""What takes equally long, so that the time left can be told; functions come longest first."""

PATIENCE_SECONDS: Final = 2.0
"""Work that is over sooner shows no progress."""

_STEPS: Final = 10
"""Lines that tell of progress where there is no terminal."""


@contextmanager
def progress(
    *, quiet: bool, unit: str = "runs", first: Callable[[], None] | None = None
) -> Iterator[Display | None]:
    """Show the progress of what happens inside, from the first time it is told of.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    unit : str
        What is counted.
    first : callable, optional
        Called when the work begins, before its time is taken.

    Yields
    ------
    Display or None
        To be called with what is done and all there is to do; None when quiet.
    """
    if quiet:
        yield None
        return
    console = notes()
    kind = _Bar if console.is_interactive else _Lines
    display = kind(console, unit, first)
    try:
        yield display
    finally:
        display.stop()


class Display:
    """What is shown of progress; nothing, until the work has begun."""

    def __init__(
        self, console: Console, unit: str = "runs", first: Callable[[], None] | None = None
    ) -> None:
        self.console = console
        self.unit = unit
        self.first = first
        self.started: float | None = None
        self.found = 0

    def __call__(self, done_runs: int, total_runs: int) -> None:
        """Take the runs, or what else is counted, that are done, and all of them."""
        if self.started is None:
            if self.first is not None:
                self.first()
            self.started = time.monotonic()
            # What is done at once was done before, and tells nothing of the speed.
            self.found = done_runs
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

    def __init__(
        self, console: Console, unit: str = "runs", first: Callable[[], None] | None = None
    ) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        super().__init__(console, unit, first)
        self._bar = Bar(
            TextColumn(unit),
            BarColumn(),
            MofNCompleteColumn(),
            *([TimeRemainingColumn()] if unit == EVEN_UNIT else []),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task(unit, total=None)
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
        step = _STEPS * done // max(total, 1)
        if seconds < PATIENCE_SECONDS or step <= self.printed:
            return
        self.printed = step
        left = seconds * (total - done) / max(done - self.found, 1)
        when = f", about {duration(left)} left" if left else f", in {duration(seconds)}"
        if left and self.unit != EVEN_UNIT:
            when = ""
        self.console.print(f"{done} of {total} {self.unit}{when}")
