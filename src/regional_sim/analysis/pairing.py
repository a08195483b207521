"""Which rows of one side of a comparison belong to which rows of the other, and which to none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regional_sim.analysis.compared_table import REPEAT_COLUMNS, Side
from regional_sim.errors import Fault, InputError, suggestion
from regional_sim.numerics.arrays import Integers
from regional_sim.results.columns import INTEGER, NUMBER, TEXT
from regional_sim.results.table_file import LARGE_INTEGER, TYPES

if TYPE_CHECKING:
    import pandas as pd

_SAME: Final = 0
"""Name of a column of zeros; columns of tables have texts for names."""


@dataclass(frozen=True)
class KeyColumns:
    """Columns that make groups, and columns that tell the rows of a group apart.

    Rows that agree in all of both are a pair.
    """

    groups: tuple[str, ...]
    repeats: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Groups, then repeats."""
        return (*self.groups, *self.repeats)

    @property
    def of_random_numbers(self) -> bool:
        """Whether pairs are runs on common random numbers, of which there may be none."""
        return set(self.repeats) <= set(REPEAT_COLUMNS)


@dataclass(frozen=True)
class RowGroup:
    """Rows of both sides with the same levels of the group columns.

    They are numbered within each side and stand in the order of the repeats, pairs side by side.
    """

    levels: Mapping[str, object]
    rows_a: Integers
    rows_b: Integers


class UnmatchedGroup(NamedTuple):
    """Levels of a group that only one side has, and its number of rows."""

    levels: Mapping[str, object]
    n_rows: int


@dataclass(frozen=True)
class Unmatched:
    """Groups, runs of common groups, and columns that only one side has.

    `texts` are columns of both that are not numbers on both, and were not compared as texts.
    """

    groups_a: tuple[UnmatchedGroup, ...] = ()
    groups_b: tuple[UnmatchedGroup, ...] = ()
    runs_a: int = 0
    runs_b: int = 0
    columns_a: tuple[str, ...] = ()
    columns_b: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def mapping(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "groups_only_in_a": [dict(one.levels) for one in self.groups_a],
            "groups_only_in_b": [dict(one.levels) for one in self.groups_b],
            "runs_only_in_a": self.runs_a,
            "runs_only_in_b": self.runs_b,
            "columns_only_in_a": list(self.columns_a),
            "columns_only_in_b": list(self.columns_b),
            "columns_not_of_numbers": list(self.texts),
        }

    def sentences(self, a: str, b: str) -> Iterator[str]:
        """Describe everything, calling the sides by these names."""
        for name, groups, runs, columns in (
            (a, self.groups_a, self.runs_a, self.columns_a),
            (b, self.groups_b, self.runs_b, self.columns_b),
        ):
            for group in groups:
                yield f"only {name} has {key_text(group.levels)} ({_runs(group.n_rows)})"
            if runs:
                yield f"{_runs(runs)} of {name} without a partner"
            if columns:
                noun = "column" if len(columns) == 1 else "columns"
                yield f"only {name} has the {noun} {', '.join(columns)}"
        if self.texts:
            yield f"not numbers on both sides, and no key: {', '.join(self.texts)}"


@dataclass(frozen=True)
class Alignment:
    """How two sides fit together: at least one group, in the order of the levels.

    `reason` says why rows do not stand in pairs; it is empty where they do.
    """

    keys: KeyColumns
    groups: tuple[RowGroup, ...]
    reason: str
    unmatched: Unmatched

    @property
    def paired(self) -> bool:
        """Whether rows stand in pairs."""
        return not self.reason


def key_columns(
    a: Side, b: Side, key: Sequence[str] | None = None, by: Sequence[str] | None = None
) -> KeyColumns:
    """Decide which columns rows have to agree in.

    In two tables of runs these are the factors that both have, the posture, and seed and
    replicate.  What was chosen on both sides and differs is what is compared, and no key.
    """
    named = _keys_of_runs(a, b) if key is None else tuple(dict.fromkeys(key))
    _refuse_missing(a, b, named)
    crossed = {name for name in named if name in a.chosen & b.chosen and _differs(a, b, name)}
    left = tuple(name for name in named if name not in crossed)
    if by is None:
        has_repeats = not set(REPEAT_COLUMNS).isdisjoint(left)
        groups = [name for name in left if has_repeats and name not in REPEAT_COLUMNS]
    else:
        wrong = [name for name in by if name not in named]
        if wrong:
            what, hint = "groups are made of key columns", suggestion(wrong[0], named)
            raise InputError(what, value=wrong[0], allowed=", ".join(left), hint=hint)
        groups = [name for name in left if name in by]
    return KeyColumns(tuple(groups), tuple(name for name in left if name not in groups))


def align_rows(a: Side, b: Side, keys: KeyColumns, *, paired: bool = True) -> Alignment:
    """Bring the rows of two sides together, in pairs if that is asked for and there are any.

    Rows are taken in the order of their keys, so that no number depends on the order of the
    tables.
    """
    rows = _key_frame(a, b, keys.all)
    n_a = a.n_rows
    order, group, levels = _grouped(rows, keys)
    counts_a = np.bincount(group[:n_a], minlength=len(levels))
    counts_b = np.bincount(group[n_a:], minlength=len(levels))
    shared = (counts_a > 0) & (counts_b > 0)
    taken, reason = shared[group], "as asked for"
    if paired:
        _refuse_repeated_key(a, keys, rows[:n_a])
        _refuse_repeated_key(b, keys, rows[n_a:])
        # As no key stands twice on one side, it is on both sides where it stands twice.
        matched = rows.duplicated(keep=False).to_numpy()
        if matched.any() or not keys.of_random_numbers:
            taken, reason = matched, ""
        else:
            repeats = " and ".join(keys.repeats)
            reason = f"no run of one side has the {repeats} of a run of the other"
    if not taken.any():
        raise _nothing_in_common(a, b, keys)
    places = order[taken[order]]
    places_a, places_b = places[places < n_a], places[places >= n_a]
    first_of_group = np.arange(1, len(levels))
    groups = zip(
        levels,
        np.split(places_a, np.searchsorted(group[places_a], first_of_group)),
        np.split(places_b - n_a, np.searchsorted(group[places_b], first_of_group)),
        strict=True,
    )
    unmatched = Unmatched(
        _only_here(levels, counts_a, counts_b),
        _only_here(levels, counts_b, counts_a),
        int(counts_a[shared].sum()) - len(places_a),
        int(counts_b[shared].sum()) - len(places_b),
    )
    found = tuple(RowGroup(*one) for one in groups if len(one[1]))
    return Alignment(keys, found, reason, unmatched)


def _grouped(
    rows: pd.DataFrame, keys: KeyColumns
) -> tuple[Integers, Integers, list[dict[str, object]]]:
    """Return the places of rows in the order of their keys, the group of each row, and levels.

    Groups are numbered in the order of their levels, which are None where they do not exist.
    """
    columns: list[Any] = [*keys.all, _SAME]
    order = rows.sort_values(columns, kind="stable").index.to_numpy()
    levels = rows[[*keys.groups, _SAME]].iloc[order]
    begins = ~levels.duplicated().to_numpy()
    group = np.empty_like(order)
    group[order] = np.cumsum(begins) - 1
    named = {}
    for name in keys.groups:
        values = levels[name][begins]
        as_float = values.hasnans and values.cat.categories.dtype == "Int64"
        of = (values.astype(float) if as_float else values).tolist()
        named[name] = [None if level != level else level for level in of]  # noqa: PLR0124
    n_groups = int(begins.sum())
    return order, group, [{name: of[g] for name, of in named.items()} for g in range(n_groups)]


def _only_here(
    levels: Sequence[Mapping[str, object]], counts: Integers, others: Integers
) -> tuple[UnmatchedGroup, ...]:
    """List the groups that the other side has not."""
    every = zip(levels, counts.tolist(), others.tolist(), strict=True)
    return tuple(UnmatchedGroup(of, count) for of, count, other in every if not other)


def key_text(levels: Mapping[str, object]) -> str:
    """Write a key for a message.

    Examples
    --------
    >>> key_text({"replicate": 3, "share": 0.25, "posture": "traditional", "clamp": None})
    'replicate=3, share=0.25, posture=traditional, clamp=null'
    """
    return ", ".join(f"{name}={_text(level)}" for name, level in levels.items())


def _text(level: object) -> str:
    if level is None:
        return "null"
    return f"{level:.12g}" if isinstance(level, float) else str(level)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _key_frame(a: Side, b: Side, names: Sequence[str]) -> pd.DataFrame:
    """Read the keys of the rows of A, then of B, in types that hold both; add a column of zeros.

    With it, rows have a key even where no column is one.
    """
    import pandas as pd

    tables = [side.columns(names) for side in (a, b)]
    columns: dict[Any, Any] = {}
    for name in names:
        kinds = {side.kinds[name] for side in (a, b)}
        kind = next(one for one in (TEXT, NUMBER, LARGE_INTEGER, INTEGER) if one in kinds)
        try:
            parts = [_cast(table[name], kind) for table in tables]
        except pa.ArrowInvalid:
            what = "one side has integers here that are too large for the decimals of the other"
            raise InputError(what, where=f"{a.name}, {b.name}", key=name) from None
        values = pa.chunked_array([chunk for part in parts for chunk in part.chunks], TYPES[kind])
        if kind == TEXT:
            values = values.fill_null("")
        elif kind == NUMBER:
            values = pc.add(values, 0.0)  # Turns -0 into 0.
        # Integers may be missing, and too large for a float; categories take little memory.
        exact = values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        if kind == LARGE_INTEGER:
            exact = exact.map(int, na_action="ignore")
        columns[name] = exact.astype("category")
    return pd.DataFrame({**columns, _SAME: 0}, index=range(a.n_rows + b.n_rows))


def _cast(values: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """Turn a column into another kind, and refuse integers that no float holds."""
    if kind == NUMBER and pa.types.is_decimal(values.type):
        values = values.cast(TYPES[INTEGER])
    return values.cast(TYPES[kind])


def _refuse_repeated_key(side: Side, keys: KeyColumns, rows: pd.DataFrame) -> None:
    """Name the first row whose key another one above it has."""
    again = np.flatnonzero(rows.duplicated())
    if not len(again):
        return
    found = side.key_of_row(keys.all, int(again[0]))
    what = f"two rows have one key: {key_text(found)}" if found else "there is more than one row"
    known = ", ".join(keys.all) or "none"
    hint = f"the key columns are {known}: name more (--key), or choose rows (::COLUMN=VALUE)"
    raise InputError(what, where=side.name, hint=hint)


def _nothing_in_common(a: Side, b: Side, keys: KeyColumns) -> InputError:
    """Say what rows had to agree in, and what the first row of each side has there."""
    names = keys.groups if keys.of_random_numbers else keys.all
    first, second = (key_text(side.key_of_row(names, 0)) for side in (a, b))
    return InputError(
        f"no row of one side belongs to a row of the other by {', '.join(names)}:"
        f" {a.name} has {first}; {b.name} has {second}",
        hint="to compare across a column, choose its value on both sides (::COLUMN=VALUE)",
    )


def _keys_of_runs(a: Side, b: Side) -> tuple[str, ...]:
    """Name the keys of two tables of runs."""
    for side in (a, b):
        if not side.is_runs:
            what = "this table lacks the columns of a table of runs"
            hint = "name the columns that tell its rows apart (--key COLUMN,...)"
            raise InputError(what, where=side.name, hint=hint)
    first, second = a.factors or (), b.factors or ()
    for side, own, others in ((a, first, second), (b, second, first)):
        for factor in own:
            if factor not in others and len(levels := side.levels(factor)) > 1:
                what = "only this side has this factor, and with several levels"
                hint = f"choose one, such as {side.name}::{factor}={levels[0]}"
                raise InputError(what, where=side.name, key=factor, hint=hint)
    common = [factor for factor in first if factor in second]
    point = ["point"] if _points_repeat(a, b, common) else []
    return (*point, *common, "posture", *REPEAT_COLUMNS)


def _points_repeat(a: Side, b: Side, factors: Sequence[str]) -> bool:
    """Tell whether only their numbers tell points apart, as some designs have one more than once.

    They do so for two sides with the same points.
    """
    import pandas as pd

    if not factors or any("point" not in side.kinds for side in (a, b)):
        return False
    points = [side.columns(["point", *factors]).to_pandas().drop_duplicates() for side in (a, b)]
    repeated = any(of_side.duplicated(factors).any() for of_side in points)
    return repeated and not pd.concat(points).drop_duplicates().duplicated("point").any()


def _refuse_missing(a: Side, b: Side, names: Sequence[str]) -> None:
    """Name every key column that a side lacks."""
    faults = {
        Fault("no such key column", side.name, name, hint=suggestion(name, side.kinds)): None
        for side in (a, b)
        for name in names
        if name not in side.kinds
    }
    if faults:
        raise InputError.of(list(faults))


def _differs(a: Side, b: Side, column: str) -> bool:
    """Tell whether a column that was chosen on both sides has other values on the other side."""
    as_text = TEXT in {a.kinds[column], b.kinds[column]}
    first, second = (
        {str(level) if as_text else level for level in side.levels(column)} for side in (a, b)
    )
    return first != second
