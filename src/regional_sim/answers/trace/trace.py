"""One run explained, as data: what was decided month by month, what weighed, what followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regional_sim.answers.trace.frames import decisions_frame, long_frame, responses_frame
from regional_sim.answers.trace.log import log_frame
from regional_sim.answers.trace.scope import Scope, scope_of
from regional_sim.answers.trace.traced_run import TracedRun, run_to_trace
from regional_sim.answers.trace.watched import WatchedRun, watch
from regional_sim.engine.job import SERIES
from regional_sim.errors import UnknownNameError
from regional_sim.results.blocks import OutcomePlaces
from regional_sim.results.columns import outcome_columns

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.experiment.posture import PostureLike
    from regional_sim.results.load import Results
    from regional_sim.scenario import Scenario

TRACE_TABLES = ("log", "decisions", "responses", *SERIES)
"""Tables of a traced run; from the fourth on, those of a result folder."""


@dataclass(frozen=True)
class RunCheck:
    """Whether a run came out as its row in the table of runs has it.

    Attributes
    ----------
    outcomes : int
        Outcomes that were compared.
    differing : dict
        Those that differ: column to the value there and the value here.
    """

    outcomes: int
    differing: Mapping[str, tuple[float, float]]

    @property
    def same(self) -> bool:
        """Whether none differs by a single bit."""
        return not self.differing


@dataclass(frozen=True, repr=False)
class Trace:
    """One run, month by month.

    Made by :func:`regional_sim.trace`.  All tables are data frames; `log`, `decisions` and
    `responses` hold what was asked about, :meth:`table` gives all of a run.

    Attributes
    ----------
    run : TracedRun
        Which run it is.
    scope : Scope
        What was asked about.
    seen : WatchedRun
        What was seen of the run, as arrays.
    """

    run: TracedRun
    scope: Scope
    seen: WatchedRun
    _tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say which run it is, and what was asked about."""
        run, scope = self.run, self.scope
        where = run.scenario.title if run.folder is None else str(run.folder)
        about = f", {'-'.join(scope.states)}" if scope.states else ""
        months = f"months {scope.first} to {scope.last}"
        return f"Trace({where!r}, {run.label}, replicate {run.replicate}, {months}{about})"

    @property
    def log(self) -> pd.DataFrame:
        """A row of each escalation, restraint, settlement and switch of a response."""
        return self.scope.of(self.table("log"))

    @property
    def decisions(self) -> pd.DataFrame:
        """A row of each month and ordered pair: payoffs, terms, chances, shock, decision."""
        return self.scope.of(self.table("decisions"))

    @property
    def responses(self) -> pd.DataFrame:
        """A row of each month and response: choice, level, motive and the terms of that."""
        return self.scope.of(self.table("responses"))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the whole run.

        Parameters
        ----------
        name : str
            ``log``, ``decisions``, ``responses``, or a long table of a result folder:
            ``timeseries``, ``states``, ``dyads``, ``events``, ``motives``.

        Returns
        -------
        DataFrame
            The same object each time.

        Raises
        ------
        UnknownNameError
            When there is no such table.
        """
        if name not in TRACE_TABLES:
            raise UnknownNameError("table", name, TRACE_TABLES)
        if name not in self._tables:
            self._tables[name] = self._made(name)
        return self._tables[name]

    def _made(self, name: str) -> pd.DataFrame:
        if name == "decisions":
            return decisions_frame(self.run, self.seen.weighing)
        if name == "log":
            needed = ("decisions", "dyads", "responses")
            return log_frame(self.run, {one: self.table(one) for one in needed})
        if name == "responses":
            return responses_frame(self.table("motives"), self.run, self.seen)
        return long_frame(name, self.run, self.seen.result)

    @cached_property
    def outcomes(self) -> dict[str, float]:
        """Outcomes of the run by column of the table of runs."""
        names = [column.name for column in outcome_columns(self.run.plan)]
        places = OutcomePlaces.of(self.run.plan, self.run.point)
        return dict(zip(names, places.pick(self.seen.result)[:, 0].tolist(), strict=True))

    @cached_property
    def check(self) -> RunCheck | None:
        """Whether the run came out as its row has it; None for a run of no folder."""
        recorded: pd.Series[Any] | None = self.run.recorded
        if recorded is None:
            return None
        pairs = {name: (float(recorded[name]), here) for name, here in self.outcomes.items()}
        # What does not exist is NaN on both sides.
        unlike = {k: (a, b) for k, (a, b) in pairs.items() if a != b and not (a != a and b != b)}  # noqa: PLR0124
        return RunCheck(len(pairs), unlike)

    def about(
        self,
        months: tuple[int, int] | int | str | None = None,
        state: str | None = None,
        pair: str | None = None,
    ) -> Trace:
        """Ask about another part of the same run, which is not made again.

        Parameters
        ----------
        months : int, str or tuple of int, optional
            A month of the run, from 1, or the first and the last one; None: all.
        state : str, optional
            Code of a state.
        pair : str, optional
            Codes of two states, such as ``CHN-TWN``.

        Returns
        -------
        Trace
            With the tables of this one.

        Raises
        ------
        InputError
            When the run has no such month, state or pair.
        """
        scope = scope_of(self.run.scenario, months, state, pair)
        return Trace(self.run, scope, self.seen, self._tables)


def traced(
    given: Results | Scenario | str | Path,
    *,
    replicate: int = 0,
    posture: PostureLike | None = None,
    point: int = 0,
    seed: int | None = None,
    settings: Sequence[str] | Mapping[str, object] = (),
    months: tuple[int, int] | int | str | None = None,
    state: str | None = None,
    pair: str | None = None,
    key: str = "",
    first: Callable[[], None] | None = None,
) -> Trace:
    """Find a run, check what is asked about it, and make it; see :func:`regional_sim.trace`.

    `key` is put before the names of arguments in messages, such as ``--``; `first` is called when
    all is checked and the work begins.
    """
    run = run_to_trace(
        given,
        replicate=replicate,
        posture=posture,
        point=point,
        seed=seed,
        settings=settings,
        key=key,
    )
    scope = scope_of(run.scenario, months, state, pair, key=key)
    if first is not None:
        first()
    return Trace(run, scope, watch(run))
