"""Comparing two files of one table: their headers, then row by row, in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from regional_sim.analysis.reproduce.cells import Tally, key_of
from regional_sim.analysis.reproduce.difference import Comparison, Difference
from regional_sim.analysis.reproduce.texts import UnreadableError, columns_in, text_batches


def compare(
    table: str,
    there: Path,
    here: Path,
    kinds: Mapping[str, str],
    *,
    tolerance: float = 0.0,
    told: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare two files of a table; each may be CSV or Parquet.

    Memory does not depend on the number of rows.

    Parameters
    ----------
    table : str
        Its name.
    there, here : Path
        The files; the second one is known to be whole.
    kinds : mapping
        Kind of each column; one without a kind is taken for text.
    tolerance : float
        Largest relative difference of two numbers that is let pass, at least 0.
    told : callable, optional
        Told the rows that are compared, as it goes.

    Returns
    -------
    Comparison
        What differs.
    """
    wanted = columns_in(here)
    try:
        found = columns_in(there)
    except UnreadableError as error:
        return Comparison(0, 0, Difference(table, what=error.what), matches=False)
    shared = [name for name in wanted if found.count(name) == 1]
    tally = Tally(table, shared, kinds, tolerance)
    ours, theirs = (_Rows(text_batches(path, shared)) for path in (here, there))
    broken = _compare_rows(tally, theirs, ours, told) if shared else None
    header = next(_header_faults(table, found, wanted), None)
    return tally.result(tally.n_rows + theirs.rest(), tally.n_rows + ours.rest(), header, broken)


def _header_faults(table: str, found: Sequence[str], wanted: Sequence[str]) -> Iterator[Difference]:
    """Compare two headers: place by place, or where one has more columns, name by name."""
    if len(found) == len(wanted):
        for place, (there, here) in enumerate(zip(found, wanted, strict=True), start=1):
            if there != here:
                what = f"column {place} is another one"
                yield Difference(table, column=here, there=there, here=here, what=what)
        return
    for name in wanted:
        if name not in found:
            yield Difference(table, column=name, here=name, what="this column is missing")
    for name in found:
        if name not in wanted:
            yield Difference(table, column=name, there=name, what="no such column comes out here")
        elif found.count(name) > 1:
            yield Difference(table, column=name, there=name, what="this column stands twice")


def _compare_rows(
    tally: Tally, theirs: _Rows, ours: _Rows, told: Callable[[int], None] | None
) -> Difference | None:
    """Compare all rows; return what is wrong with the rows of the first table as a whole."""
    try:
        while n_rows := min(theirs.ready(), ours.ready()):
            tally.add(theirs.take(n_rows), ours.take(n_rows))
            if told is not None:
                told(tally.n_rows)
    except UnreadableError as error:
        theirs.stop()
        return Difference(tally.table, error.row, what=error.what)
    row = tally.n_rows + 1
    if ours.ready():
        return Difference(tally.table, row, ours.key(), what="this row is missing")
    if theirs.ready():
        return Difference(tally.table, row, theirs.key(), what="no such row comes out here")
    return None


class _Rows:
    """The rows of a table, of which any number can be taken."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._batch: Any = None

    def ready(self) -> int:
        """Return how many rows can be taken at once; 0 where none is left."""
        if not self._batch:
            self._batch = next(self._batches, None)
        return len(self._batch) if self._batch else 0

    def take(self, n_rows: int) -> pa.RecordBatch:
        """Take rows that are ready."""
        batch = self._batch
        self._batch = batch.slice(n_rows)
        return batch.slice(0, n_rows)

    def key(self) -> dict[str, str]:
        """Say what the next row is about; it must be ready."""
        return key_of(self._batch, 0)

    def stop(self) -> None:
        """Forget the rows that are left."""
        self._batch, self._batches = None, iter(())

    def rest(self) -> int:
        """Take all rows that are left, and count them."""
        total = 0
        try:
            while n_rows := self.ready():
                self.take(n_rows)
                total += n_rows
        except UnreadableError:
            self.stop()
        return total
