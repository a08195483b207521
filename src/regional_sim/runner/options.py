"""How a plan is run; no number depends on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.tasks import Shard
from regional_sim.results.claim import warn
from regional_sim.scenario.values import plain_data

MOST_WORKERS: Final = 1024

ON_ERROR: Final = ("stop", "continue")
"""What may be done when a run fails."""


class Progress(Protocol):
    """What is told of progress."""

    def __call__(self, done_runs: int, total_runs: int) -> None:
        """Take the runs that are done, and all runs."""


@dataclass(frozen=True)
class RunOptions:
    """How an experiment is run; no number depends on it.

    Attributes
    ----------
    workers : int
        Threads (ensemble) or processes (mesa), or those of a local Dask cluster.
    dask : str, optional
        Address of a Dask scheduler, or ``local``; None: no cluster.
    shard : Shard
        The part to run; a shard has no tables before it is merged.
    force : bool
        Replace a result that the folder holds.
    resume : bool
        Go on with an unfinished result; where there is none, begin.
    retry_failed : bool
        Go on with a result, and run the runs that failed again.
    on_error : str
        ``stop`` at the first run that fails, or ``continue`` with the others.
    progress : callable, optional
        Told the runs that are done and all runs.
    temporary : bool
        Whether the folder goes when this is over, so that it cannot be resumed.
    notice : callable
        Told what the user should know, in a sentence; a warning if nothing else is given.
    """

    workers: int = 1
    dask: str | None = None
    shard: Shard = field(default_factory=Shard)
    force: bool = False
    resume: bool = False
    retry_failed: bool = False
    on_error: str = "stop"
    progress: Progress | None = None
    temporary: bool = False
    notice: Callable[[str], None] = warn

    def __post_init__(self) -> None:
        """Refuse what cannot be done, with an InputError."""
        given = plain_data(self.workers)
        whole = isinstance(given, int) and not isinstance(given, bool)
        if not (whole and 1 <= given <= MOST_WORKERS):
            allowed = f"a whole number from 1 to {MOST_WORKERS}"
            what = "not a number of workers"
            raise InputError(what, key="workers", value=given, allowed=allowed)
        object.__setattr__(self, "workers", given)
        if self.on_error not in ON_ERROR:
            raise UnknownNameError("way", self.on_error, ON_ERROR, key="on_error")
        if self.force and self.goes_on:
            raise InputError("a result is either replaced or resumed", key="force")

    @property
    def goes_on(self) -> bool:
        """Whether to resume an unfinished result."""
        return self.resume or self.retry_failed

    @property
    def stops(self) -> bool:
        """Whether the first run that fails ends the sweep."""
        return self.on_error == "stop" and not self.retry_failed
