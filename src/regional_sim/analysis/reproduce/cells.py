"""Comparing cells: the one rule of what is equal, and the tally of what is not.

Integers and texts are equal where they are the same text.  Numbers are equal where they read back
as the same bits; one that is only written in other digits is counted apart.  An empty cell equals
nothing but an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from regional_sim.analysis.reproduce.difference import Comparison, Difference
from regional_sim.results.columns import NUMBER
from regional_sim.results.table_file import numbers_of

KEY_COLUMNS: Final = (
    *("run", "point", "replicate", "posture", "reference", "metric", "window"),
    *("month", "state", "state_a", "state_b", "table", "column"),
)
"""Columns that tell what a row is about, in the order in which they are named."""

_NUMBER_FORM: Final = r"-?(inf|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)"

_BEYOND, _WITHIN, _REWRITTEN = range(3)
"""What a difference counts as, the gravest first."""

Floats: TypeAlias = npt.NDArray[np.float64]


def relative_differences(there: pa.Array, here: pa.Array, kind: str) -> Floats:
    """Compare cells whose texts differ.

    Parameters
    ----------
    there, here : pyarrow.Array of text, shape (cell,)
        The cells.
    kind : str
        Kind of their column.

    Returns
    -------
    ndarray, shape (cell,)
        `|a - b| / max(|a|, |b|)`, from 0 to 2, infinite if one of them is; 0 where both texts are
        the same number; NaN where they are not two numbers, and must be the same text.

    Examples
    --------
    >>> there, here = pa.array(["0.50", "-1", "2", "", "x"]), pa.array(["0.5", "1", "0", "0", "1"])
    >>> relative_differences(there, here, "number").tolist()
    [0.0, 2.0, 1.0, nan, nan]
    >>> relative_differences(there, here, "text").tolist()
    [nan, nan, nan, nan, nan]
    """
    if kind != NUMBER:
        return np.full(len(there), np.nan)
    a, b = _numbers(there), _numbers(here)
    with np.errstate(invalid="ignore", over="ignore"):
        relative = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    # Only infinite numbers, or two zeros, give NaN where both are numbers.
    relative[np.isinf(a) ^ np.isinf(b)] = np.inf
    relative[np.isinf(a) & np.isinf(b)] = 2.0
    relative[a == b] = 0.0
    relative[np.isnan(a) | np.isnan(b)] = np.nan
    return relative


def _numbers(texts: pa.Array) -> Floats:
    """Read numbers; what is none becomes NaN."""
    is_number = pa.compute.match_substring_regex(texts, f"^{_NUMBER_FORM}$")
    known = pa.compute.if_else(is_number, texts, None)
    return np.array(numbers_of(pa.chunked_array([known.cast(pa.float64())])))


def key_of(batch: pa.RecordBatch, row: int) -> dict[str, str]:
    """Say what a row is about.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Rows of a table, as text.
    row : int
        Which of them, from 0.

    Returns
    -------
    dict of str
        Key column to value.
    """
    present = set(batch.schema.names)
    return {name: batch.column(name)[row].as_py() for name in KEY_COLUMNS if name in present}


class Tally:
    """What differs between two tables, as far as they were compared.

    Parameters
    ----------
    table : str
        Name of the table.
    columns : sequence of str
        The columns that are compared.
    kinds : mapping
        Kind of each column; one without a kind is taken for text.
    tolerance : float
        Largest relative difference of two numbers that is let pass.
    """

    def __init__(
        self, table: str, columns: Sequence[str], kinds: Mapping[str, str], tolerance: float
    ) -> None:
        self.table = table
        self.columns = columns
        self.n_rows = 0
        self._kinds = kinds
        self._tolerance = tolerance
        self._firsts: dict[int, tuple[tuple[int, int], Difference]] = {}
        self._counts = {_BEYOND: 0, _WITHIN: 0, _REWRITTEN: 0}
        self._unequal_rows = 0
        self._unequal_columns: set[str] = set()
        self._largest = 0.0
        self._largest_at: Difference | None = None

    def add(self, there: pa.RecordBatch, here: pa.RecordBatch) -> None:
        """Compare the next rows.

        Parameters
        ----------
        there, here : pyarrow.RecordBatch
            As many rows of either table, as text.
        """
        is_unequal = np.zeros(here.num_rows, dtype=bool)
        for place, name in enumerate(self.columns):
            theirs, ours = there.column(place), here.column(place)
            if theirs.equals(ours):
                continue
            rows = pa.compute.indices_nonzero(pa.compute.not_equal(theirs, ours))
            kind = self._kinds.get(name, "")
            relative = relative_differences(theirs.take(rows), ours.take(rows), kind)
            self._note(place, rows.to_numpy(), relative, there, here)
            is_unequal[rows.to_numpy()[relative != 0.0]] = True
        self._unequal_rows += int(np.count_nonzero(is_unequal))
        self.n_rows += here.num_rows

    def _note(
        self,
        place: int,
        rows: npt.NDArray[np.uint64],
        relative: Floats,
        there: pa.RecordBatch,
        here: pa.RecordBatch,
    ) -> None:
        """Count the cells of a column whose texts differ, and keep the first and the largest."""
        within = np.where(relative <= self._tolerance, _WITHIN, _BEYOND)
        ranks = np.where(relative == 0.0, _REWRITTEN, within)
        for rank in self._counts:
            hits = np.flatnonzero(ranks == rank)
            self._counts[rank] += len(hits)
            if not len(hits):
                continue
            row = int(rows[hits[0]])
            at = (self.n_rows + row, place)
            if rank not in self._firsts or at < self._firsts[rank][0]:
                self._firsts[rank] = at, self._difference(place, row, there, here)
        if np.any(relative != 0.0):
            self._unequal_columns.add(self.columns[place])
        numbers = np.where(np.isnan(relative), 0.0, relative)
        best = int(np.argmax(numbers))
        if numbers[best] > self._largest:
            self._largest = float(numbers[best])
            self._largest_at = self._difference(place, int(rows[best]), there, here)

    def _difference(
        self, place: int, row: int, there: pa.RecordBatch, here: pa.RecordBatch
    ) -> Difference:
        name = self.columns[place]
        theirs, ours = (batch.column(place)[row].as_py() for batch in (there, here))
        is_number = self._kinds.get(name) == NUMBER
        spoilt = is_number and theirs and re.fullmatch(_NUMBER_FORM, theirs) is None
        what = "this is no number" if spoilt else ""
        key = key_of(here, row)
        return Difference(self.table, self.n_rows + row + 1, key, name, theirs, ours, what)

    def result(
        self,
        rows_there: int,
        rows_here: int,
        header: Difference | None = None,
        broken: Difference | None = None,
    ) -> Comparison:
        """Sum up.

        Parameters
        ----------
        rows_there, rows_here : int
            All rows of either table.
        header : Difference, optional
            What differs in the header.
        broken : Difference, optional
            What ended the comparison of rows.

        Returns
        -------
        Comparison
            What was found.
        """
        firsts = [self._firsts[rank][1] for rank in sorted(self._firsts)]
        beyond = firsts[:1] if _BEYOND in self._firsts else []
        first = next((one for one in (header, *beyond, broken, *firsts) if one is not None), None)
        matches = not (header or broken or beyond)
        if rows_there != rows_here:
            return Comparison(rows_there, rows_here, first, matches)
        return Comparison(
            rows_there,
            rows_here,
            first,
            matches,
            cells=self._counts[_BEYOND] + self._counts[_WITHIN],
            rows=self._unequal_rows,
            columns=len(self._unequal_columns),
            beyond=self._counts[_BEYOND],
            rewritten=self._counts[_REWRITTEN],
            largest=self._largest,
            largest_at=self._largest_at,
        )
