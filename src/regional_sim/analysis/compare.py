"""A comparison of two tables of runs: what differs on average, and how sure that is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.analysis.agreement import CellCheck, Tolerance, Verdict, WorstCell
from regional_sim.analysis.pairing import Alignment, KeyColumns, RowGroup, align, key_columns
from regional_sim.analysis.resampling import (
    RESAMPLES,
    paired_statistics,
    unpaired_statistics,
)
from regional_sim.analysis.side import NUMBERING, REPEAT_COLUMNS, Side, TableLike, open_sides
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.differences import Change, differences
from regional_sim.experiment.tables.columns import TEXT
from regional_sim.experiment.tables.statistics import Statistics
from regional_sim.world.layout import Floats
from regional_sim.world.metrics.catalogue import Metric

if TYPE_CHECKING:
    import pandas as pd

STATISTIC_NAMES: Final = (
    *("pairs", "n_a", "n_b", "mean_a", "mean_b", "difference", "ci_low", "ci_high"),
    *("bootstrap_low", "bootstrap_high", "percent", "cohens_dz", "cohens_d"),
    *("probability_of_superiority", "variance_reduction"),
)
"""Statistics of a group and an outcome, in order."""

_COUNTS: Final = STATISTIC_NAMES[:3]

_MOST_BYTES: Final = 2**27
"""Outcomes of both sides that are held in memory at a time."""

_MOST_RESAMPLED: Final = 512
"""Outcomes, times groups, whose resamples are held in memory at a time."""


@dataclass(frozen=True)
class OutcomeColumn:
    """A column of numbers that is compared.

    Attributes
    ----------
    column : str
        Its name.
    metric : str
        The metric that it holds; the column itself where it is none of ours.
    window : str
        The window of months; empty where it is none of ours.
    """

    column: str
    metric: str
    window: str = ""

    @property
    def unit(self) -> str:
        """Unit of the metric; empty where it is not known."""
        return Metric[self.metric].unit if self.metric in Metric.__members__ else ""

    @classmethod
    def of(cls, column: str, metrics: Iterable[str]) -> OutcomeColumn:
        """Split the name of a column.

        Examples
        --------
        >>> found = OutcomeColumn.of("miscalculation_risk_rung_0_early", Metric.__members__)
        >>> found.metric, found.window
        ('miscalculation_risk_rung_0', 'early')
        """
        fitting = [metric for metric in metrics if column.startswith(f"{metric}_")]
        metric = max(fitting, key=len, default=column)
        return cls(column, metric, column[len(metric) + 1 :])


@dataclass(frozen=True)
class ResultComparison:
    """What a comparison of two results found.

    Made by :func:`regional_sim.compare`.

    Attributes
    ----------
    a, b : str
        What was compared, as it was named.
    outcomes : tuple of OutcomeColumn
        What statistics were made of.
    alignment : Alignment
        Groups of runs, whether they are paired, and what is unmatched.
    statistics : dict of ndarray, shape (group, outcome)
        By their names.
    differences_of_config : tuple of Change, or None
        Where the two plans differ; None where one is not known.
    seed, resamples : int
        Of the bootstrap.
    verdict : Verdict or None
        Whether the runs agree within the tolerance; None where none was given.
    """

    a: str
    b: str
    outcomes: tuple[OutcomeColumn, ...]
    alignment: Alignment
    statistics: Statistics
    differences_of_config: tuple[Change, ...] | None
    seed: int
    resamples: int
    verdict: Verdict | None = None

    @property
    def paired(self) -> bool:
        """Whether runs were compared in pairs."""
        return self.alignment.paired

    @property
    def unmatched(self) -> dict[str, Any]:
        """What only one side has: groups, runs and columns."""
        return self.alignment.unmatched.mapping()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to keep in mind when reading intervals, a sentence each."""
        keys = self.alignment.keys
        others = [name for name in keys.repeats if name not in REPEAT_COLUMNS]
        if not others or len(others) == len(keys.repeats):
            return ()
        return (
            "Runs of one group share their random numbers at several levels of"
            f" {', '.join(others)}: they are not independent, and intervals are narrower than"
            " they should be.",
        )

    @property
    def group_levels(self) -> dict[str, list[object]]:
        """Column of groups to its level in each group."""
        groups = self.alignment.groups
        return {
            name: [group.levels[name] for group in groups] for name in self.alignment.keys.groups
        }

    def values(self) -> dict[str, Any]:
        """Return the columns of the table as arrays or lists; rows stand by group, then outcome."""
        n_groups, n_outcomes = len(self.alignment.groups), len(self.outcomes)
        found: dict[str, Any] = {
            name: [level for level in levels for _ in range(n_outcomes)]
            for name, levels in self.group_levels.items()
        }
        for name in ("metric", "window", "unit"):
            found[name] = [getattr(outcome, name) for outcome in self.outcomes] * n_groups
        for name in STATISTIC_NAMES:
            numbers = self.statistics[name].ravel()
            found[name] = numbers.astype(np.int64) if name in _COUNTS else numbers
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each group, metric and window."""
        import pandas as pd

        return pd.DataFrame(self.values())

    def to_csv(self, path: str | Path, *, force: bool = False) -> None:
        """Write the table; `force` replaces a file that is there."""
        self._write(path, ".csv", force=force)

    def to_json(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything, with a dictionary of the columns; as :meth:`to_csv`."""
        self._write(path, ".json", force=force)

    def to_markdown(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything for people; as :meth:`to_csv`."""
        self._write(path, ".md", force=force)

    def __repr__(self) -> str:
        """Say what was compared, and how."""
        how = "paired" if self.paired else "unpaired"
        shape = f"{len(self.alignment.groups)} groups, {len(self.outcomes)} outcomes"
        return f"ResultComparison({self.a!r}, {self.b!r}, {how}, {shape})"

    def _write(self, path: str | Path, ending: str, *, force: bool) -> None:
        from regional_sim.analysis.comparison_files import write_comparison

        write_comparison(self, Path(path), force=force, ending=ending)


@dataclass(frozen=True)
class AlignedSides:
    """Two sides that fit together, and the outcomes that both have, before any is read."""

    a: Side
    b: Side
    alignment: Alignment
    outcomes: tuple[OutcomeColumn, ...]

    def compare(
        self,
        outcomes: Sequence[OutcomeColumn],
        *,
        seed: int = 0,
        resamples: int = RESAMPLES,
        tolerance: Tolerance | None = None,
        checked: Sequence[OutcomeColumn] = (),
    ) -> ResultComparison:
        """Make statistics of outcomes, and with a tolerance compare others run by run."""
        if tolerance is not None and not self.alignment.paired:
            reason = self.alignment.reason
            raise InputError(f"a tolerance compares run by run, and runs are not paired: {reason}")
        outcomes = tuple(dict.fromkeys(outcomes))
        check = None if tolerance is None else CellCheck(tolerance)
        shape = len(self.alignment.groups), len(outcomes)
        statistics = {name: np.full(shape, np.nan) for name in STATISTIC_NAMES}
        others = [one for one in checked if check and one not in set(outcomes)]
        for first, some, a, b in self._read([*outcomes, *others]):
            if check:
                self._check(check, some, set(checked), a, b)
            last = min(first + len(some), len(outcomes))
            if last > first:
                n = last - first
                for groups, found in self._statistics(a[:n], b[:n], seed, resamples):
                    for name, values in found.items():
                        statistics[name][groups, first:last] = values.reshape(-1, n)
        plans = self.a.plan, self.b.plan
        return ResultComparison(
            self.a.name,
            self.b.name,
            outcomes,
            self.alignment,
            statistics,
            None if plans[0] is None or plans[1] is None else differences(plans[0], plans[1]),
            seed,
            resamples,
            self._verdict(check),
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
        check: CellCheck,
        outcomes: Sequence[OutcomeColumn],
        checked: set[OutcomeColumn],
        a: Floats,
        b: Floats,
    ) -> None:
        rows_a, rows_b = self._all_pairs()
        for place, outcome in enumerate(outcomes):
            if outcome in checked:
                check.add(outcome.column, a[place][rows_a], b[place][rows_b])

    def _verdict(self, check: CellCheck | None) -> Verdict | None:
        if check is None:
            return None
        worst = None
        if check.worst is not None:
            relative, column, pair, a, b = check.worst
            row = int(self._all_pairs()[0][pair])
            key = self.a.key_of_row(self.alignment.keys.all, row)
            worst = WorstCell(key, column, a, b, relative)
        missing = tuple(self.alignment.unmatched.sentences(self.a.name, self.b.name))
        return Verdict(check.tolerance, check.cells, check.differing, missing, worst)


def align_sides(
    a: TableLike,
    b: TableLike,
    *,
    where_a: Mapping[str, object] | None = None,
    where_b: Mapping[str, object] | None = None,
    key: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    paired: bool = True,
    verify: bool = True,
) -> AlignedSides:
    """Open two sides and bring their runs together; arguments as of :func:`regional_sim.compare`.

    There is at least one group and one outcome; what does not fit together is an InputError.
    """
    first, second = open_sides(a, b, where_a or {}, where_b or {}, verify=verify)
    keys = key_columns(first, second, key, by)
    alignment = align(first, second, keys, paired=paired)
    own, other = _outcomes_of(first, keys), _outcomes_of(second, keys)
    both = own.keys() & other.keys()
    if not both:
        what = f"{first.name} and {second.name} have no column of numbers in common, but for keys"
        raise InputError(what)
    unmatched = dataclasses.replace(
        alignment.unmatched,
        columns_a=tuple(column for column in own if column not in both),
        columns_b=tuple(column for column in other if column not in both),
    )
    outcomes = tuple(outcome for column, outcome in own.items() if column in both)
    alignment = dataclasses.replace(alignment, unmatched=unmatched)
    return AlignedSides(first, second, alignment, outcomes)


def _outcomes_of(side: Side, keys: KeyColumns) -> dict[str, OutcomeColumn]:
    """Return the columns of numbers, without those that number or describe runs."""
    described = {*keys.all, *NUMBERING, *side.chosen}
    if side.factors is not None:
        described |= {"posture", *side.factors}
    metrics = (side.plan or {}).get("metrics", Metric.__members__)
    return {
        column: OutcomeColumn.of(column, metrics if side.is_runs else ())
        for column, kind in side.kinds.items()
        if kind != TEXT and column not in described
    }


def choose_outcomes(
    outcomes: Sequence[OutcomeColumn], metrics: Sequence[str] = (), windows: Sequence[str] = ()
) -> tuple[OutcomeColumn, ...]:
    """Choose outcomes by metrics or whole columns, in this order, and by windows; none: all."""
    known = {name for outcome in outcomes for name in (outcome.metric, outcome.column)}
    for name in metrics:
        if name not in known:
            raise UnknownNameError("metric or column", name, known)
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
