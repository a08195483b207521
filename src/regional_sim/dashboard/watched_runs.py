"""The two runs of the page: made as a whole by the ensemble engine, then looked at by month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from regional_sim.answers.trace.log import ESCALATION, SETTLEMENT
from regional_sim.dashboard.controls import PAGE_SIDES, Controls, policy_faults_told
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import (
    DYAD_COLUMNS,
    STATE_COLUMNS,
    BatchJob,
    BatchResult,
    defined_metrics,
)
from regional_sim.engine.motives import MotiveRows, by_motive, n_kept
from regional_sim.engine.responses import RESPONSE_KINDS, ResponseKind
from regional_sim.errors import InputError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, PairVar, n_pairs
from regional_sim.numerics.arrays import Floats
from regional_sim.report.text import size
from regional_sim.scenario import Scenario

HISTORY_BYTES: Final = 400_000_000
"""Most that the tables of two runs may fill: what explains responses goes where it would be more,
and a world whose tables exceed it without that is refused.  A tab of the browser in which something
is set keeps tables of its own."""

_FLOAT_BYTES: Final = 8
_KIND_OF: Final = {kind.motive.response: kind for kind in RESPONSE_KINDS}


@dataclass(frozen=True)
class RungChange:
    """A step of a pair on the ladder.

    Attributes
    ----------
    month : int
        Month of the run, from 1.
    pair : tuple of str
        Codes of the states.
    before, after : int
        Rungs.
    by : tuple of str
        Who escalated; empty where it went down.
    mistaken : tuple of str
        Those of them who did so by mistake.
    """

    month: int
    pair: tuple[str, str]
    before: int
    after: int
    by: tuple[str, ...] = ()
    mistaken: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What the log of a traced run calls it."""
        return ESCALATION if self.by else SETTLEMENT


@dataclass(frozen=True)
class ResponseNow:
    """A response of a state in a month: what it is, how it moved, and what weighed.

    Attributes
    ----------
    kind : ResponseKind
        What the response is, with its words.
    toward : str
        Code of the other state, or of the one in the role that the response is about.
    level, change : float
        Level at the end of the month, and its change in it.
    motive : float
        The motive.
    terms : tuple of (MotiveTerm's meaning, float)
        Its terms, the heaviest first.
    """

    kind: ResponseKind
    toward: str
    level: float
    change: float
    motive: float
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class SideRun:
    """One of the two runs; months are counted from 1 and include those before the onset."""

    world: Scenario
    label: str
    result: BatchResult

    def metric(self, metric: Metric) -> Floats:
        """Return a metric by month, shape (month,)."""
        assert self.result.timeseries is not None
        return self.result.timeseries[:, metric, 0]

    def of_pairs(self, variable: PairVar) -> Floats:
        """Return a variable of the table of dyads, shape (month, pair)."""
        assert self.result.dyads is not None
        return self.result.dyads[:, DYAD_COLUMNS.index(variable), :, 0]

    @cached_property
    def rung_changes(self) -> tuple[RungChange, ...]:
        """All steps on the ladder, in the order of the months."""
        pairs = pairs_of(self.world)
        change = self.of_pairs(PairVar.rung_change)
        rung = self.of_pairs(PairVar.rung)
        escalated = self.of_pairs(PairVar.escalated_first), self.of_pairs(PairVar.escalated_second)
        mistaken = self.of_pairs(PairVar.mistaken_first), self.of_pairs(PairVar.mistaken_second)
        found = []
        for month, pair in np.argwhere(change != 0.0):
            at = month, pair
            is_up = change[at] > 0.0
            sides = [place for place in (0, 1) if is_up and escalated[place][at] > 0.0]
            wrong = [place for place in sides if mistaken[place][at] > 0.0]
            found.append(
                RungChange(
                    int(month) + 1,
                    pairs[pair],
                    int(rung[at] - change[at]),
                    int(rung[at]),
                    tuple(pairs[pair][place] for place in sides),
                    tuple(pairs[pair][place] for place in wrong),
                )
            )
        return tuple(found)

    def responses(self, code: str, month: int) -> list[ResponseNow]:
        """Return what a state did in a month, the strongest motive first."""
        if self.result.motives is None:
            return []
        own, row = self.world.codes.index(code), month - 1
        found: list[ResponseNow] = []
        months = self.result.motives[row : row + 1]
        for motive, kept in by_motive(months, self.world.n_states):
            rows: MotiveRows = motive.rows(self.world)
            for at in np.flatnonzero(rows.state == own):
                other, values = int(rows.toward[at]), kept[0, :, rows.place[at], 0]
                kind = _KIND_OF[motive.response]
                levels = self._levels(kind, own, other)
                role = None if kind.other is None else self.world.role(kind.other)
                before = levels[row - 1] if row > 0 else levels[row]
                terms = zip(motive.terms.values(), values[1:].tolist(), strict=True)
                heaviest = sorted(terms, key=lambda term: -abs(term[1]))
                found.append(
                    ResponseNow(
                        kind,
                        self.world.codes[other] if kind.other is None else role or "",
                        float(levels[row]),
                        float(levels[row] - before),
                        float(values[0]),
                        tuple((term.meaning, value) for term, value in heaviest),
                    )
                )
        return sorted(found, key=lambda one: -abs(one.motive))

    def _levels(self, kind: ResponseKind, own: int, other: int) -> Floats:
        """Return the level of a response by month, shape (month,)."""
        if isinstance(kind.level, DirectedVar):
            side = "first" if own < other else "second"
            column = [one.name for one in DYAD_COLUMNS].index(f"{kind.level.name}_{side}")
            assert self.result.dyads is not None
            pair = pair_number(own, other, self.world.n_states)
            return self.result.dyads[:, column, pair, 0]
        assert self.result.states is not None
        # What is toward nobody, and only that, has the state itself as the other.
        return self.result.states[:, STATE_COLUMNS.index(kind.level), other, 0]


@dataclass(frozen=True)
class WatchedRuns:
    """Both runs under the same random numbers, and what they have in common."""

    controls: Controls
    sides: tuple[SideRun, SideRun]
    metrics: tuple[Metric, ...]
    has_motives: bool
    onset: int = field(init=False)
    """Months before the posture begins."""

    def __post_init__(self) -> None:
        """Take the onset from the world."""
        object.__setattr__(self, "onset", self.controls.world.months_before)

    @property
    def n_months(self) -> int:
        """All months of a run."""
        return self.controls.world.n_months

    @property
    def first_month(self) -> int:
        """The month that the page opens with: the last one before the postures part."""
        return max(1, self.onset)

    def named_sides(self) -> Iterator[tuple[str, SideRun]]:
        """Pair the names of the sides with their runs."""
        return zip(PAGE_SIDES, self.sides, strict=True)


def watched_runs(controls: Controls) -> WatchedRuns:
    """Run both postures, as ``run`` does with one replicate of them."""
    world = controls.world
    tables, motives = _history_bytes(world)
    _refuse_too_large(world, tables)
    has_motives = tables + motives <= HISTORY_BYTES
    series = {"timeseries", "states", "dyads", *(("motives",) if has_motives else ())}
    postures = [controls.posture(label) for label in controls.postures]
    job = BatchJob.of(
        world, [one.policy for one in postures], controls.seed, 0, 1, frozenset(series)
    )
    with policy_faults_told():
        (results,) = run_batch(job)
    first, second = (
        SideRun(world, posture.label, result)
        for posture, result in zip(postures, results, strict=True)
    )
    return WatchedRuns(controls, (first, second), tuple(defined_metrics(world)), has_motives)


def _history_bytes(world: Scenario) -> tuple[int, int]:
    """Return what the tables of two runs fill, and what their motives add."""
    states, pairs = world.n_states, n_pairs(world.n_states)
    values = len(Metric) + states * len(STATE_COLUMNS) + pairs * len(DYAD_COLUMNS)
    of_a_value = len(PAGE_SIDES) * _FLOAT_BYTES * world.n_months
    return of_a_value * values, of_a_value * n_kept(states)


def _refuse_too_large(world: Scenario, needed: int) -> None:
    if needed > HISTORY_BYTES:
        what = f"this world is too large for the page: its tables fill {size(needed)}"
        months = f"{world.n_months} months of {world.n_states} states"
        hint = "set fewer months, or take run, which writes tables to a file"
        allowed = f"up to {size(HISTORY_BYTES)}"
        raise InputError(what, key="horizon", value=months, allowed=allowed, hint=hint)


def pairs_of(world: Scenario) -> list[tuple[str, str]]:
    """Return the codes of all pairs, in their order in the arrays."""
    first, second = np.triu_indices(world.n_states, 1)
    return [(world.codes[a], world.codes[b]) for a, b in zip(first, second, strict=True)]


def pair_number(one: int, other: int, n_states: int) -> int:
    """Return the place of a pair in the arrays.

    >>> pair_number(0, 1, 4), pair_number(3, 2, 4)
    (0, 5)
    """
    a, b = min(one, other), max(one, other)
    return a * n_states - a * (a + 1) // 2 + b - a - 1
