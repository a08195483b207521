"""What an engine is asked for, and what it gives back: outcomes by window, and series by month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from regional_sim.engine.motives import kept_motives
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, PairVar, Role, StateVar, Variable, World
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import Policy
from regional_sim.scenario import RESERVED_WINDOW, Scenario

WHOLE_WINDOW = RESERVED_WINDOW
"""Name of the window of all months from the onset of the posture on; it always comes first."""


def window_bounds(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Return first and last month (inclusive) of each window, counted from 0 after the run-in.

    Windows are cut at the horizon; one that lies wholly beyond it is left out.
    """
    before = scenario.months_before
    after = scenario.months_after
    bounds = {WHOLE_WINDOW: (before, before + after - 1)}
    for name, (first, last) in scenario.windows.items():
        if first <= after:
            bounds[name] = (before + first - 1, before + min(last, after) - 1)
    return bounds


def defined_metrics(scenario: Scenario) -> list[Metric]:
    """Return the metrics whose roles and groups are filled in a scenario, in order."""

    def is_filled(name: str) -> bool:
        if name in Role.__members__:
            return scenario.role(name) is not None
        return bool(scenario.group(name))

    return [metric for metric in Metric if all(map(is_filled, metric.requires))]


def window_values(world: World) -> Floats:
    """Return mean or sum of each metric over windows of a finished run: (window, Metric, run)."""
    months = (world.window[:, 1] - world.window[:, 0] + 1).astype(np.float64)
    values = world.summary.copy()
    for metric in Metric:
        if metric.combine == "mean":
            values[:, metric] /= months[:, None]
    return values


BATCH_RUNS: Final = 64
"""Most runs that the ensemble engine holds at a time, under each posture: with more the arrays
leave the processor's cache, with fewer the loops over runs are too short."""

SERIES = ("timeseries", "states", "dyads", "events", "motives")
"""Long tables that can be asked for in addition to the values by window."""

STATE_COLUMNS: tuple[StateVar, ...] = (
    StateVar.readiness,
    StateVar.stance,
    StateVar.hedging,
    StateVar.hedging_motive,
    StateVar.pressure,
    StateVar.pressure_motive,
    StateVar.derisking,
    StateVar.derisking_motive,
    StateVar.effort,
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
"""Variables of pairs in the table of dyads; the table of events is made from them."""


@dataclass(frozen=True)
class SideColumn:
    """A variable of one state of a pair toward the other, in the table of dyads."""

    variable: DirectedVar
    of_first: bool

    @property
    def name(self) -> str:
        """The variable, and whose it is."""
        return f"{self.variable.name}_{'first' if self.of_first else 'second'}"

    @property
    def unit(self) -> str:
        """The unit of the variable."""
        return self.variable.unit

    @property
    def meaning(self) -> str:
        """The meaning of the variable."""
        row = "earlier" if self.of_first else "later"
        return f"{self.variable.meaning}; the row is the pair's {row} state"


SIDE_COLUMNS: tuple[SideColumn, ...] = tuple(
    SideColumn(variable, of_first)
    for variable in (
        DirectedVar.alignment,
        DirectedVar.alignment_motive,
        DirectedVar.commitment,
        DirectedVar.probing,
        DirectedVar.probing_motive,
    )
    for of_first in (True, False)
)
"""Variables of each of the two states of a pair, in the table of dyads."""

DYAD_COLUMNS: tuple[PairVar | SideColumn, ...] = (*PAIR_COLUMNS, *SIDE_COLUMNS)
"""Variables of the table of dyads."""


@dataclass(frozen=True)
class Case:
    """A scenario and the postures that are tried in it."""

    scenario: Scenario
    postures: Sequence[Policy]


@dataclass(frozen=True)
class BatchJob:
    """Consecutive replicates of one or more cases, all with common random numbers.

    Attributes
    ----------
    cases : sequence of Case
        All with equally many postures.
    seed : int
        Master seed.
    first_replicate, n_replicates : int
        Number of the first replicate, and how many there are (at least 1).
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
        cls, scenario: Scenario, postures: Sequence[Policy], *arguments: Any, **more: Any
    ) -> BatchJob:
        """Make the job of a single case; all other arguments are those of the class."""
        return cls((Case(scenario, postures),), *arguments, **more)


@dataclass
class BatchResult:
    """What a batch of runs gave under one posture; the last axis is the run.

    Attributes
    ----------
    windows : ndarray, shape (window, Metric, run)
        Mean or sum of each metric by window.
    timeseries : ndarray, shape (month, Metric, run), or None
    states : ndarray, shape (month, len(STATE_COLUMNS), state, run), or None
    dyads : ndarray, shape (month, len(DYAD_COLUMNS), pair, run), or None
        For the tables of dyads and of events.
    motives : ndarray, shape (month, value, run), or None
        Motives and their terms, see :func:`regional_sim.engine.motives.by_motive`.
    """

    windows: Floats
    timeseries: Floats | None = None
    states: Floats | None = None
    dyads: Floats | None = None
    motives: Floats | None = None

    def _arrays(self) -> list[Any]:
        return [getattr(self, one.name) for one in fields(self)]

    def of_runs(self, runs: slice) -> BatchResult:
        """Return views of the results of some of the runs."""
        chosen: list[Any] = [None if one is None else one[..., runs] for one in self._arrays()]
        return BatchResult(*chosen)

    def empty(self, run: int) -> None:
        """Leave no number of a run."""
        for array in self._arrays():
            if array is not None:
                array[..., run] = np.nan

    @classmethod
    def joined(cls, parts: Sequence[BatchResult]) -> BatchResult:
        """Put the results of consecutive runs side by side."""
        if len(parts) == 1:
            return parts[0]
        together: list[Any] = [
            None if arrays[0] is None else np.concatenate(arrays, axis=-1)
            for arrays in zip(*(part._arrays() for part in parts), strict=True)
        ]
        return cls(*together)


Driver = Callable[[BatchJob], list[list[BatchResult]]]
"""Signature of an engine: results by case and posture."""


@dataclass
class Recorder:
    """Copies the series that were asked for out of the arrays, month by month after the run-in."""

    series: frozenset[str]
    run_in: int
    _metrics: list[Floats] = field(default_factory=list)
    _states: list[Floats] = field(default_factory=list)
    _dyads: list[Floats] = field(default_factory=list)
    _motives: list[Floats] = field(default_factory=list)

    def record(self, world: World, month: int) -> None:
        """Keep the month that has just ended, counted from 0 at the start of the run-in."""
        if month < self.run_in:
            return
        if "timeseries" in self.series:
            self._metrics.append(world.metric.copy())
        if "states" in self.series:
            self._states.append(_rows(world.state, STATE_COLUMNS))
        if self.series & {"dyads", "events"}:
            self._dyads.append(_dyad_rows(world))
        if "motives" in self.series:
            self._motives.append(kept_motives(world))

    def branch(self) -> Recorder:
        """Return a recorder of its own that has kept the same months."""
        kept = (self._metrics, self._states, self._dyads, self._motives)
        return Recorder(self.series, self.run_in, *map(list, kept))

    def result(self, windows: Floats) -> BatchResult:
        """Return the values by window together with the series."""
        kept = (self._metrics, self._states, self._dyads, self._motives)
        return BatchResult(windows, *map(_stacked, kept))


def _rows(array: Floats, variables: Sequence[Variable]) -> Floats:
    return array[[int(variable) for variable in variables]]


def _dyad_rows(world: World) -> Floats:
    first, second = np.triu_indices(world.state.shape[1], 1)
    sides = [
        world.directed[one.variable][(first, second) if one.of_first else (second, first)]
        for one in SIDE_COLUMNS
    ]
    return np.concatenate([_rows(world.pair, PAIR_COLUMNS), np.stack(sides)])


def _stacked(months: list[Floats]) -> Floats | None:
    return np.stack(months) if months else None
