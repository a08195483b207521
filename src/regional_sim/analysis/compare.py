"""Comparing two tables of runs: aligned, then outcome after outcome."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow.compute as pc

from regional_sim.analysis.agreement import Tolerance, Verdict, WorstCell
from regional_sim.analysis.compared_table import NUMBERING, Side, TableLike, open_sides
from regional_sim.analysis.foreign_table import NULL_CELLS
from regional_sim.analysis.pairing import (
    Alignment,
    KeyColumns,
    RowGroup,
    Unmatched,
    align_rows,
    key_columns,
)
from regional_sim.analysis.posture_effect import PostureEffect
from regional_sim.analysis.resampling import RESAMPLES, paired_statistics, unpaired_statistics
from regional_sim.analysis.result_comparison import (
    STATISTIC_NAMES,
    OutcomeColumn,
    ResultComparison,
)
from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.experiment.differences import plan_differences
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics
from regional_sim.results.columns import TEXT

_MOST_BYTES: Final = 2**27
"""Outcomes of both sides that are held in memory at a time."""

_FIRST_ROUNDED: Final = 2.0**53
"""From here on, a float does not hold every integer."""

_MOST_RESAMPLED: Final = 512
"""Outcomes, times groups, whose resamples are held in memory at a time."""


@dataclass(frozen=True)
class AlignedSides:
    """Two sides that fit together, and the outcomes that both have, before any is read.

    Columns that both have, but that are not numbers on both, stand in `alignment.unmatched.texts`.
    """

    a: Side
    b: Side
    alignment: Alignment
    outcomes: tuple[OutcomeColumn, ...]
    effect: PostureEffect | None = None

    def compare(
        self,
        outcomes: Sequence[OutcomeColumn],
        *,
        seed: int = 0,
        resamples: int = RESAMPLES,
        tolerance: Tolerance | None = None,
        checked: Sequence[OutcomeColumn] = (),
        with_texts: bool = False,
    ) -> ResultComparison:
        """Make statistics of outcomes, and with a tolerance compare others run by run.

        With texts, so are the columns that are not numbers on both sides.
        """
        if tolerance is not None and self.effect is not None:
            what = "a tolerance compares runs, and an effect is a difference of two: give one"
            raise InputError(what, key="tolerance", value=tolerance.relative)
        if tolerance is not None and not self.alignment.paired:
            reason = self.alignment.reason
            raise InputError(f"a tolerance compares run by run, and runs are not paired: {reason}")
        outcomes = tuple(dict.fromkeys(outcomes))
        others = [one for one in checked if tolerance is not None and one not in set(outcomes)]
        cells: list[_CheckedColumn] = []
        shape = len(self.alignment.groups), len(outcomes)
        statistics = {name: np.full(shape, np.nan) for name in STATISTIC_NAMES}
        for first, some, a, b in self._read([*outcomes, *others]):
            if tolerance is not None:
                cells += self._check(tolerance, some, set(checked), a, b)
            n = min(len(some), len(outcomes) - first)
            if n > 0:
                for groups, found in self._statistics(a[:n], b[:n], seed, resamples):
                    for name, values in found.items():
                        statistics[name][groups, first : first + n] = values.reshape(-1, n)
        alignment = self.alignment
        if tolerance is not None:
            if with_texts:
                cells += (self._check_texts(tolerance, one) for one in alignment.unmatched.texts)
            unmatched = dataclasses.replace(alignment.unmatched, texts=())
            alignment = dataclasses.replace(alignment, unmatched=unmatched)
        plans = self.a.plan, self.b.plan
        return ResultComparison(
            self.a.name,
            self.b.name,
            outcomes,
            alignment,
            statistics,
            None if plans[0] is None or plans[1] is None else plan_differences(plans[0], plans[1]),
            seed,
            resamples,
            None if tolerance is None else self._verdict(tolerance, cells, alignment.unmatched),
            self.effect,
        )

    def _read(
        self, outcomes: Sequence[OutcomeColumn]
    ) -> Iterator[tuple[int, Sequence[OutcomeColumn], Floats, Floats]]:
        """Read as many outcomes at a time as may be held: place of the first one, values."""
        n_rows = sum(len(group.rows_a) + len(group.rows_b) for group in self.alignment.groups)
        size = max(1, _MOST_BYTES // (np.float64().nbytes * n_rows))
        for first in range(0, len(outcomes), size):
            some = outcomes[first : first + size]
            names = [outcome.column for outcome in some]
            yield first, some, self.a.numbers(names), self.b.numbers(names)

    def _statistics(
        self, a: Floats, b: Floats, seed: int, resamples: int
    ) -> Iterator[tuple[Sequence[int], Statistics]]:
        """Compare group by group; groups of one size share their resamples, so go together."""
        make = paired_statistics if self.alignment.paired else unpaired_statistics
        groups = self.alignment.groups
        # An infinite value, which only other programs write, has no mean and no interval.
        a, b = (np.where(np.isfinite(side), side, np.nan) for side in (a, b))
        for places in _of_one_size(groups, max(1, _MOST_RESAMPLED // len(a))):
            of_a = np.concatenate([a[:, groups[place].rows_a] for place in places])
            of_b = np.concatenate([b[:, groups[place].rows_b] for place in places])
            yield places, make(of_a, of_b, seed, resamples)

    def _all_pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """List the rows of all groups, one after the other."""
        groups = self.alignment.groups
        return (
            np.concatenate([group.rows_a for group in groups]),
            np.concatenate([group.rows_b for group in groups]),
        )

    def _check(
        self,
        tolerance: Tolerance,
        outcomes: Sequence[OutcomeColumn],
        checked: set[OutcomeColumn],
        a: Floats,
        b: Floats,
    ) -> Iterator[_CheckedColumn]:
        """Compare outcomes pair by pair."""
        rows_a, rows_b = self._all_pairs()
        for place, outcome in enumerate(outcomes):
            if outcome in checked:
                of_a, of_b = a[place][rows_a], b[place][rows_b]
                whole = self.a.has_integers(outcome.column) or self.b.has_integers(outcome.column)
                if whole and max(_largest(of_a), _largest(of_b)) >= _FIRST_ROUNDED:
                    yield self._check_texts(tolerance, outcome.column)
                    continue
                differs, relative = tolerance.exceeded(of_a, of_b)
                worst = int(np.argmax(np.where(differs, relative, -1.0)))
                yield _CheckedColumn(
                    outcome.column,
                    int(differs.sum()),
                    worst,
                    *(float(values[worst]) for values in (of_a, of_b, relative)),
                )

    def _check_texts(self, tolerance: Tolerance, column: str) -> _CheckedColumn:
        """Compare a column pair by pair, by what is written in its cells."""
        a, b = (
            side.texts(column).take(rows)
            for side, rows in zip((self.a, self.b), self._all_pairs(), strict=True)
        )
        # What stands for no number does so in a column of numbers only.
        blank = frozenset() if self.a.kinds[column] == self.b.kinds[column] == TEXT else NULL_CELLS
        places = pc.indices_nonzero(pc.not_equal(a, b))
        columns = (cells.to_pylist() for cells in (places, a.take(places), b.take(places)))
        n_differing, worst = 0, _CheckedColumn(column, 0, 0, "", "", -1.0)
        for place, of_a, of_b in zip(*columns, strict=True):
            relative = tolerance.excess(*("" if one in blank else one for one in (of_a, of_b)))
            if relative is not None:
                n_differing += 1
                if relative > worst.relative:
                    worst = _CheckedColumn(column, 0, place, of_a, of_b, relative)
        return worst._replace(n_differing=n_differing)

    def _verdict(
        self, tolerance: Tolerance, columns: Sequence[_CheckedColumn], unmatched: Unmatched
    ) -> Verdict:
        pairs = self._all_pairs()[0]
        differing = [one for one in columns if one.n_differing]
        worst = max(differing, key=lambda one: one.relative, default=None)
        cell = worst and WorstCell(
            self.a.key_of_row(self.alignment.keys.all, int(pairs[worst.pair])),
            worst.column,
            worst.a,
            worst.b,
            worst.relative,
        )
        n_differing = sum(one.n_differing for one in columns)
        missing = tuple(unmatched.sentences(self.a.name, self.b.name))
        return Verdict(tolerance, len(columns) * len(pairs), n_differing, missing, cell)


class _CheckedColumn(NamedTuple):
    """How many pairs of a column lie too far apart, and the one that does so most."""

    column: str
    n_differing: int
    pair: int
    a: float | str
    b: float | str
    relative: float


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=~np.isnan(values)))


def align_sides(
    a: TableLike,
    b: TableLike,
    *,
    where_a: Mapping[str, object] | None = None,
    where_b: Mapping[str, object] | None = None,
    key: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    effect: str | None = None,
    paired: bool = True,
    verify: bool = True,
) -> AlignedSides:
    """Open two sides and bring their runs together; arguments as of :func:`regional_sim.compare`.

    There is at least one group and one outcome; what does not fit together is an InputError.
    """
    first, second = open_sides(a, b, where_a or {}, where_b or {}, verify=verify)
    asked = None if effect is None else PostureEffect.of(effect, first)
    if asked is not None:
        first, second = asked.on(first, key), asked.on(second, key)
    keys = key_columns(first, second, key, by)
    alignment = align_rows(first, second, keys, paired=paired)
    # Mappings without values are sets that keep their order.
    own, other = (dict.fromkeys(_columns_but_keys(side, keys)) for side in (first, second))
    both = dict.fromkeys(column for column in own if column in other)
    texts = dict.fromkeys(one for one in both if TEXT in {first.kinds[one], second.kinds[one]})
    metrics: Iterable[str] = ()
    if first.is_runs:
        metrics = (first.plan or {}).get("metrics", Metric.__members__)
    windows = _common_windows(first, second)
    outcomes = tuple(OutcomeColumn.of(one, metrics, windows) for one in both if one not in texts)
    if not outcomes:
        what = f"{first.name} and {second.name} have no column of numbers in common, but for keys"
        hint = f"these are not numbers on both: {', '.join(texts)}" if texts else None
        raise InputError(what, hint=hint)
    unmatched = dataclasses.replace(
        alignment.unmatched,
        columns_a=tuple(column for column in own if column not in both),
        columns_b=tuple(column for column in other if column not in both),
        texts=tuple(texts),
        runs_a=_runs_left(first, alignment.unmatched.runs_a),
        runs_b=_runs_left(second, alignment.unmatched.runs_b),
    )
    alignment = dataclasses.replace(alignment, unmatched=unmatched)
    return AlignedSides(first, second, alignment, outcomes, asked)


def _runs_left(side: Side, n_rows: int) -> int:
    """Count the runs without a partner: an effect is made of two runs, some runs are in none."""
    return n_rows if side.less is None else 2 * n_rows + side.less.n_alone


def _common_windows(*sides: Side) -> dict[str, Any]:
    """Return the months of each window; None where two plans differ, or do not say."""
    plans = [side.plan["windows"] for side in sides if side.plan and "windows" in side.plan]
    names = dict.fromkeys(name for windows in plans for name in windows)
    months = {name: [one[name] for one in plans if name in one] for name in names}
    return {name: of[0] if all(one == of[0] for one in of) else None for name, of in months.items()}


def _columns_but_keys(side: Side, keys: KeyColumns) -> list[str]:
    """List the columns, without those that number or describe runs."""
    described = {*keys.all, *NUMBERING, *side.chosen}
    if side.factors is not None:
        described |= {"posture", *side.factors}
    return [column for column in side.kinds if column not in described]


def choose_outcomes(
    outcomes: Sequence[OutcomeColumn], metrics: Sequence[str] = (), windows: Sequence[str] = ()
) -> tuple[OutcomeColumn, ...]:
    """Choose outcomes by metrics or whole columns, in this order, and by windows; none: all."""
    known = {name for outcome in outcomes for name in (outcome.metric, outcome.column)}
    for name in metrics:
        if name not in known:
            # Columns of metrics in windows are many: they are named where one is close.
            candidates = known if suggestion(name, known) else {one.metric for one in outcomes}
            raise UnknownNameError("metric or column", name, candidates)
    spans = {outcome.window for outcome in outcomes if outcome.window}
    if windows and not spans:
        raise InputError("these tables have no windows of months", value=windows[0])
    for name in windows:
        if name not in spans:
            raise UnknownNameError("window", name, spans)
    named = [one for name in metrics for one in outcomes if name in {one.column, one.metric}]
    left = [
        outcome
        for outcome in dict.fromkeys(named if metrics else outcomes)
        if not windows or outcome.window in windows or outcome.column in metrics
    ]
    if not left:
        raise InputError("no column is left to compare", allowed="metrics in the window asked for")
    return tuple(left)


def _of_one_size(groups: Sequence[RowGroup], most: int) -> Iterator[Sequence[int]]:
    """Put groups of one size together, so many at a time."""
    places: dict[tuple[int, int], list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault((len(group.rows_a), len(group.rows_b)), []).append(place)
    for of_size in places.values():
        for first in range(0, len(of_size), most):
            yield of_size[first : first + most]
