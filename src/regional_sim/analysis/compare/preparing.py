"""From two sources to a comparison: open, align, then read outcome after outcome."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.analysis.compare.alignment import Alignment, Group, align, key_of_row
from regional_sim.analysis.compare.comparison import Comparison
from regional_sim.analysis.compare.keys import keys_of
from regional_sim.analysis.compare.leftovers import Leftovers
from regional_sim.analysis.compare.outcomes import Outcome, outcomes_of
from regional_sim.analysis.compare.resampling import RESAMPLES
from regional_sim.analysis.compare.selection import parse_selection
from regional_sim.analysis.compare.side import Side, side_of
from regional_sim.analysis.compare.source import Given, Source, open_source
from regional_sim.analysis.compare.statistics import paired_statistics, unpaired_statistics
from regional_sim.analysis.compare.tolerance import Check, Tolerance, Verdict, Worst
from regional_sim.errors import InputError
from regional_sim.experiment.differences import plan_differences
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics

HELD_BYTES: Final = 2**27
"""Outcomes of both sides that are held in memory at a time."""

ROWS_AT_ONCE: Final = 512
"""Outcomes, times groups, whose resamples are held in memory at a time."""

_FLOAT_BYTES: Final = 8


@dataclass(frozen=True)
class Prepared:
    """Two sides that fit together, before any outcome is read.

    Attributes
    ----------
    a, b : Side
        The two sides.
    alignment : Alignment
        Which rows belong together.
    outcomes : tuple of Outcome
        Those that both sides have.
    leftovers : Leftovers
        What only one side has.
    """

    a: Side
    b: Side
    alignment: Alignment
    outcomes: tuple[Outcome, ...]
    leftovers: Leftovers

    def compare(
        self,
        outcomes: Sequence[Outcome],
        *,
        seed: int = 0,
        resamples: int = RESAMPLES,
        tolerance: Tolerance | None = None,
        checked: Sequence[Outcome] = (),
    ) -> Comparison:
        """Compare outcomes.

        Parameters
        ----------
        outcomes : sequence of Outcome
            What to make statistics of.
        seed, resamples : int
            Of the bootstrap.
        tolerance : Tolerance, optional
            Also compare run by run.
        checked : sequence of Outcome
            What to compare run by run.

        Returns
        -------
        Comparison
            Rows by group and outcome.

        Raises
        ------
        InputError
            When runs are to be compared one by one and are not paired.
        """
        if tolerance is not None and not self.alignment.paired:
            reason = self.alignment.reason
            raise InputError(f"a tolerance compares run by run, and runs are not paired: {reason}")
        check = None if tolerance is None else Check(tolerance)
        wanted = tuple(dict.fromkeys([*outcomes, *(checked if check else ())]))
        parts: list[list[Statistics]] = [[] for _ in self.alignment.groups]
        for some, values_a, values_b in self._read(wanted):
            if check:
                self._check(check, some, set(checked), values_a, values_b)
            rows = [place for place, one in enumerate(some) if one in set(outcomes)]
            if rows:
                of_groups = self._statistics(values_a[rows], values_b[rows], seed, resamples)
                for place, found in of_groups:
                    parts[place].append(found)
        order = [outcome for outcome in wanted if outcome in set(outcomes)]
        plans = self.a.source.plan, self.b.source.plan
        return Comparison(
            self.a.name,
            self.b.name,
            tuple(order),
            self.alignment,
            tuple(
                {name: np.concatenate([part[name] for part in of]) for name in of[0]}
                for of in parts
            ),
            self.leftovers,
            None if plans[0] is None or plans[1] is None else plan_differences(plans[0], plans[1]),
            seed,
            resamples,
            self._verdict(check),
        )

    def _read(
        self, outcomes: Sequence[Outcome]
    ) -> Iterator[tuple[Sequence[Outcome], Floats, Floats]]:
        """Read so many outcomes at a time as may be held."""
        groups = self.alignment.groups
        n_rows = sum(len(group.rows_a) + len(group.rows_b) for group in groups)
        size = max(1, HELD_BYTES // (_FLOAT_BYTES * n_rows))
        for first in range(0, len(outcomes), size):
            some = outcomes[first : first + size]
            names = [outcome.column for outcome in some]
            yield some, self.a.numbers(names), self.b.numbers(names)

    def _statistics(
        self, a: Floats, b: Floats, seed: int, resamples: int
    ) -> Iterator[tuple[int, Statistics]]:
        """Compare group by group; groups of one size share their resamples, so go together."""
        make = paired_statistics if self.alignment.paired else unpaired_statistics
        groups = self.alignment.groups
        n = len(a)
        # An infinite value, which only other programs write, has no mean and no interval.
        a, b = (np.where(np.isfinite(side), side, np.nan) for side in (a, b))
        for places in _alike(groups, max(1, ROWS_AT_ONCE // n)):
            of_a = np.concatenate([a[:, groups[place].rows_a] for place in places])
            of_b = np.concatenate([b[:, groups[place].rows_b] for place in places])
            found = make(of_a, of_b, seed, resamples)
            for first, place in zip(range(0, len(of_a), n), places, strict=True):
                yield place, {name: of[first : first + n] for name, of in found.items()}

    def _check(
        self,
        check: Check,
        outcomes: Sequence[Outcome],
        checked: set[Outcome],
        a: Floats,
        b: Floats,
    ) -> None:
        rows_a, rows_b = _all_rows(self.alignment.groups)
        for place, outcome in enumerate(outcomes):
            if outcome in checked:
                check.add(outcome.column, a[place][rows_a], b[place][rows_b])

    def _verdict(self, check: Check | None) -> Verdict | None:
        if check is None:
            return None
        worst = None
        if check.worst is not None:
            relative, column, pair, a, b = check.worst
            row = int(_all_rows(self.alignment.groups)[0][pair])
            key = key_of_row(self.a, self.alignment.keys.all, row)
            worst = Worst(key, column, a, b, relative)
        missing = tuple(self.leftovers.sentences(self.a.name, self.b.name))
        return Verdict(check.tolerance, check.cells, check.differing, missing, worst)


def prepare(
    a: Given,
    b: Given,
    *,
    where_a: Mapping[str, object] | None = None,
    where_b: Mapping[str, object] | None = None,
    key: Sequence[str] | None = None,
    by: Sequence[str] | None = None,
    paired: bool = True,
    verify: bool = True,
) -> Prepared:
    """Open two sides and bring their runs together.

    Parameters
    ----------
    a, b, where_a, where_b, key, by, paired, verify
        As in :func:`regional_sim.compare`.

    Returns
    -------
    Prepared
        With at least one group and one outcome.

    Raises
    ------
    InputError
        When a side cannot be read, or the two do not fit together.
    """
    opened: dict[str, Source] = {}
    first = _side(a, "A", where_a or {}, opened, verify=verify)
    second = _side(b, "B", where_b or {}, opened, verify=verify)
    keys = keys_of(first, second, key, by)
    alignment = align(first, second, keys, paired=paired)
    own, other = outcomes_of(first, keys), outcomes_of(second, keys)
    columns, others = ({outcome.column for outcome in one} for one in (own, other))
    both = tuple(outcome for outcome in own if outcome.column in others)
    if not both:
        what = f"{first.name} and {second.name} have no column of numbers in common, but for keys"
        raise InputError(what)
    leftovers = Leftovers(
        alignment.lonely_a,
        alignment.lonely_b,
        alignment.single_a,
        alignment.single_b,
        tuple(outcome.column for outcome in own if outcome.column not in others),
        tuple(outcome.column for outcome in other if outcome.column not in columns),
    )
    return Prepared(first, second, alignment, both, leftovers)


def _side(
    given: Given,
    letter: str,
    where: Mapping[str, object],
    opened: dict[str, Source],
    *,
    verify: bool,
) -> Side:
    """Open a side, once for both where they are of one source; a text may choose its rows."""
    if isinstance(given, str | Path):
        selection = parse_selection(str(given))
        if selection.source not in opened:
            opened[selection.source] = open_source(selection.source, str(given), verify=verify)
        source = dataclasses.replace(opened[selection.source], name=str(given))
        return side_of(source, {**selection.where, **where})
    folder = getattr(given, "folder", None)
    name = letter if folder is None else str(folder)
    return side_of(open_source(given, name, verify=verify), where)


def _alike(groups: Sequence[Group], most: int) -> Iterator[Sequence[int]]:
    """Put groups of one size together, so many at a time."""
    places: dict[tuple[int, int], list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault((len(group.rows_a), len(group.rows_b)), []).append(place)
    for of_size in places.values():
        for first in range(0, len(of_size), most):
            yield of_size[first : first + most]


def _all_rows(groups: Sequence[Group]) -> tuple[np.ndarray, np.ndarray]:
    """List the rows of all groups, one after the other."""
    return (
        np.concatenate([group.rows_a for group in groups]),
        np.concatenate([group.rows_b for group in groups]),
    )
