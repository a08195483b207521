"""What a driver is asked for, and what it gives back.

Both drivers take a :class:`BatchJob` and return, for each of its cases, one
:class:`BatchResult` for each posture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from regional_sim.model.variables import PairVar, StateVar, Variable, World
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import Policy
from regional_sim.scenario import Scenario

BATCH_RUNS: Final = 64
"""Most runs that the ensemble engine holds at a time, under each posture: with more the arrays
leave the cache, with fewer the loops over runs are too short."""

SERIES = ("timeseries", "states", "dyads", "events")
"""Long tables that can be asked for beside the values by window."""

STATE_COLUMNS: tuple[StateVar, ...] = (
    StateVar.readiness,
    StateVar.stance,
    StateVar.pressure,
    StateVar.threat,
    StateVar.detection,
    StateVar.vote_support,
    StateVar.vote_oppose,
    StateVar.all_trade,
)
"""Variables of the table of states."""

PAIR_COLUMNS: tuple[PairVar, ...] = (
    PairVar.tension,
    PairVar.intensity,
    PairVar.incidents,
    PairVar.rung,
    PairVar.trade,
    PairVar.channel,
    PairVar.rung_change,
    PairVar.escalated_first,
    PairVar.escalated_second,
    PairVar.mistaken_first,
    PairVar.mistaken_second,
)
"""Variables of the table of dyads; the table of events is made from them."""


@dataclass(frozen=True)
class Case:
    """A world and the postures that are tried in it.

    Attributes
    ----------
    scenario : Scenario
        The validated world.
    postures : sequence of Policy
        One result is made for each.
    """

    scenario: Scenario
    postures: Sequence[Policy]


@dataclass(frozen=True)
class BatchJob:
    """Consecutive replicates of one or more cases, all on the same draws.

    Attributes
    ----------
    cases : sequence of Case
        Each with as many postures as the others.
    seed : int
        Master seed.
    first_replicate, n_replicates : int
        Replicates ``first_replicate`` to ``first_replicate + n_replicates - 1``, at least one.
    series : frozenset of str
        Which of :data:`SERIES` to keep.
    clamp : tuple of str
        Codes of states held on the path they take under ``traditional``.
    """

    cases: Sequence[Case]
    seed: int
    first_replicate: int = 0
    n_replicates: int = 1
    series: frozenset[str] = frozenset()
    clamp: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a job without replicates."""
        if self.n_replicates < 1:
            raise ValueError(f"a job has at least one replicate, not {self.n_replicates}")

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        postures: Sequence[Policy],
        seed: int,
        first_replicate: int = 0,
        n_replicates: int = 1,
        **more: Any,
    ) -> BatchJob:
        """Make the job of a single case.

        Parameters
        ----------
        scenario : Scenario
            The validated world.
        postures : sequence of Policy
            One result is made for each.
        seed : int
            Master seed.
        first_replicate, n_replicates : int
            Consecutive replicates.
        **more
            ``series`` and ``clamp``.

        Returns
        -------
        BatchJob
            With one case.
        """
        return cls((Case(scenario, postures),), seed, first_replicate, n_replicates, **more)


@dataclass
class BatchResult:
    """What a block gave under one posture.

    Attributes
    ----------
    windows : ndarray, shape (window, Metric, run)
        Mean or sum of each metric by window.
    timeseries : ndarray, shape (month, Metric, run), or None
    states : ndarray, shape (month, len(STATE_COLUMNS), state, run), or None
    dyads : ndarray, shape (month, len(PAIR_COLUMNS), pair, run), or None
        Kept for the tables of dyads and of events.
    """

    windows: Floats
    timeseries: Floats | None = None
    states: Floats | None = None
    dyads: Floats | None = None

    def of_runs(self, runs: slice) -> BatchResult:
        """Return what some of the runs gave, without copying it."""

        def chosen(values: Floats | None) -> Floats | None:
            return None if values is None else values[..., runs]

        return BatchResult(
            self.windows[..., runs],
            chosen(self.timeseries),
            chosen(self.states),
            chosen(self.dyads),
        )

    @classmethod
    def joined(cls, parts: Sequence[BatchResult]) -> BatchResult:
        """Put the results of consecutive runs side by side."""
        if len(parts) == 1:
            return parts[0]

        def of(name: str) -> Any:
            kept = [getattr(part, name) for part in parts]
            return None if kept[0] is None else np.concatenate(kept, axis=-1)

        return cls(*(of(one.name) for one in fields(cls)))


Driver = Callable[[BatchJob], list[list[BatchResult]]]
"""What both engines are: results by case and posture."""


@dataclass
class Recorder:
    """Copies what was asked for out of a block, month by month.

    Parameters
    ----------
    series : frozenset of str
        Which of :data:`SERIES` to keep.
    """

    series: frozenset[str]
    _metrics: list[Floats] = field(default_factory=list)
    _states: list[Floats] = field(default_factory=list)
    _dyads: list[Floats] = field(default_factory=list)

    def record(self, world: World) -> None:
        """Keep the month that a block has just ended."""
        if "timeseries" in self.series:
            self._metrics.append(world.metric.copy())
        if "states" in self.series:
            self._states.append(_chosen(world.state, STATE_COLUMNS))
        if self.series & {"dyads", "events"}:
            self._dyads.append(_chosen(world.pair, PAIR_COLUMNS))

    def fork(self) -> Recorder:
        """Return a recorder that has kept the same months, and goes on by itself."""
        return Recorder(self.series, [*self._metrics], [*self._states], [*self._dyads])

    def result(self, windows: Floats) -> BatchResult:
        """Return the values by window together with all that was kept."""
        return BatchResult(
            windows, _stacked(self._metrics), _stacked(self._states), _stacked(self._dyads)
        )


def _chosen(array: Floats, variables: Sequence[Variable]) -> Floats:
    return array[[int(variable) for variable in variables]]


def _stacked(months: list[Floats]) -> Floats | None:
    return np.stack(months) if months else None
