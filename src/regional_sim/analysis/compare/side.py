"""One side of a comparison: a source, and which of its rows take part."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regional_sim.analysis.compare.source import POSTURE, Source
from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.numerics.arrays import Floats
from regional_sim.results.columns import TEXT
from regional_sim.results.table_file import TYPES, numbers_of

_POINT: Final = "point"
_NOTHING: Final = "null"
"""How a filter names an empty cell."""

_MOST_LEVELS: Final = 10


@dataclass(frozen=True)
class Side:
    """Rows of a source.

    Attributes
    ----------
    source : Source
        Where they come from.
    chosen : frozenset of str
        Columns that were given a value, and, where the point was, those of all factors.
    rows : ndarray of bool or None, shape (row,)
        Which rows of the source take part; None: all of them.
    """

    source: Source
    chosen: frozenset[str] = frozenset()
    rows: NDArray[np.bool_] | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.source.name

    @property
    def n_rows(self) -> int:
        """Rows that take part."""
        held = self.source.own_keys or tuple(self.source.kinds)
        return int(self.columns(held[:1]).num_rows)

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Read columns of the rows that take part, in the order of the source.

        Parameters
        ----------
        names : sequence of str
            Columns.

        Returns
        -------
        pyarrow.Table
            A column for each name.
        """
        table = self.source.columns(names)
        return table if self.rows is None else table.filter(pa.array(self.rows))

    def numbers(self, names: Sequence[str]) -> Floats:
        """Read outcomes of the rows that take part.

        Parameters
        ----------
        names : sequence of str
            Columns of numbers.

        Returns
        -------
        ndarray, shape (name, row)
            NaN where there is none.
        """
        parts, first = [], 0
        for batch in self.source.number_batches(names):
            numbers = np.stack([numbers_of(pa.chunked_array([c])) for c in batch.columns])
            last = first + batch.num_rows
            parts.append(numbers if self.rows is None else numbers[:, self.rows[first:last]])
            first = last
        return np.concatenate(parts, axis=1) if parts else np.empty((len(names), 0))


def side_of(source: Source, where: Mapping[str, object]) -> Side:
    """Choose rows of a source.

    Parameters
    ----------
    source : Source
        All rows.
    where : mapping
        Column, or dotted path of a factor, to the value that rows must have; ``null`` stands for
        an empty cell.

    Returns
    -------
    Side
        At least one row.

    Raises
    ------
    InputError
        When there is no such column, no row has the value, or the source is empty.
    """
    wanted = {_column(source, name): value for name, value in where.items()}
    table = source.columns(list(wanted) or list(source.own_keys or source.kinds)[:1])
    if not table.num_rows:
        raise InputError("this table has no rows", where=source.name)
    if not wanted:
        return Side(source)
    rows = np.ones(table.num_rows, dtype=bool)
    for column, value in wanted.items():
        rows &= _has(source, column, table[column], value)
        if not rows.any():
            raise InputError("no row has all of these values", where=source.name)
    factors = source.factors if _POINT in wanted and source.factors else ()
    return Side(source, frozenset({*wanted, *factors}), rows)


def _column(source: Source, name: str) -> str:
    """Find the column that a filter names; a factor may be named by its path."""
    as_column = re.sub(r"\W", "_", name)
    for column in (name, as_column):
        if column in source.kinds:
            return column
    known = (_POINT, POSTURE, *source.factors) if source.factors is not None else source.kinds
    raise UnknownNameError("column", name, known, where=source.name)


def _has(source: Source, column: str, values: pa.ChunkedArray, value: object) -> NDArray[np.bool_]:
    """Find the rows that have a value; one that no row has is refused."""
    kind = source.kinds[column]
    found = _equal(values, kind, value)
    if found is None or not found.any():
        levels = pc.unique(values).to_pylist()
        names = ["null" if level in {None, ""} else str(level) for level in levels]
        raise InputError(
            "no row has this value",
            where=source.name,
            key=column,
            value=value,
            allowed=", ".join(sorted(names)) if len(names) <= _MOST_LEVELS else None,
            hint=suggestion(value, names) if kind == TEXT else None,
        )
    return found


def _equal(values: pa.ChunkedArray, kind: str, value: object) -> NDArray[np.bool_] | None:
    """Compare a column with a value; None where the value is of another kind."""
    is_nothing = value is None or value == _NOTHING
    if kind == TEXT:
        same = pc.equal(values, str(value).lower() if isinstance(value, bool) else str(value))
        if is_nothing and not pc.any(same).as_py():
            same = pc.equal(values, "")
        return _flags(same)
    if is_nothing:
        return _flags(pc.is_null(values))
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return _flags(pc.fill_null(pc.equal(values.cast(TYPES["number"]), number), False))


def _flags(same: pa.ChunkedArray) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = np.asarray(same.to_numpy(), dtype=bool)
    return flags
