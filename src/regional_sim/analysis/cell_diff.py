"""Two files of one table, compared cell by cell in memory that does not depend on their length.

A cell of a CSV file is the text that stands there.  A cell of a Parquet file is the text that the
one writer of CSV would have made of it: the fewest digits that read back as the same bits, and
nothing where there is no number.

Integers and texts are equal where they are the same text, numbers where they read back as the same
bits; one that is only written in other digits is counted apart.  An empty cell equals only another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from regional_sim.analysis.agreement import (
    NUMBER_FORM,
    in_words_of_yaml,
    relative_differences,
)
from regional_sim.errors import InputError, RegionalSimError
from regional_sim.numerics.arrays import Floats
from regional_sim.results.columns import NUMBER, TEXT
from regional_sim.results.table_file import (
    as_meant,
    fault_of_csv,
    is_parquet,
    numbers_of,
    open_for_arrow,
    opened_csv,
    readable,
    texts_of,
)

CSV_BLOCK_BYTES: Final = 2**20
"""Bytes of a CSV file that are read at a time."""
PARQUET_CELLS: Final = 2**16
"""Cells of a Parquet file that are read at a time."""
_BUFFER_BYTES: Final = 2**16
"""Bytes of each column of a Parquet file that are read at a time."""

_KEYS: Final = (
    *("run", "point", "replicate", "posture", "reference", "metric", "window"),
    *("month", "state", "state_a", "state_b", "table", "column"),
)
"""Columns that tell what a row is about, in the order in which they are named."""

_BEYOND, _WITHIN, _REWRITTEN = range(3)
"""What a difference counts as, the gravest first."""


@dataclass(frozen=True)
class Difference:
    """A place where two tables differ: a row of data, counted from 1, and a column.

    Without a column the row as a whole differs, without a row the header or the table.  `key` says
    what the row is about, `there` and `here` are the cells, and `what` differs where it is not the
    value.
    """

    table: str
    row: int | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    column: str | None = None
    there: str | None = None
    here: str | None = None
    what: str = ""


@dataclass(frozen=True)
class TableComparison:
    """What a comparison of two tables found.

    `first` is the first difference beyond the tolerance; where there is none, the first within it,
    and where there is none either, the first number in other digits, of which `rewritten` are
    counted.  `cells` have other values, in `rows` and `columns`, `beyond` of them beyond the
    tolerance: 0 where one table has more rows, as rows do not belong together then.
    """

    rows_there: int
    rows_here: int
    first: Difference | None = None
    matches: bool = True
    cells: int = 0
    rows: int = 0
    columns: int = 0
    beyond: int = 0
    rewritten: int = 0
    largest: float = 0.0
    largest_at: Difference | None = None


def compare_tables(
    table: str,
    there: Path,
    here: Path,
    kinds: Mapping[str, str],
    *,
    tolerance: float = 0.0,
    told: Callable[[int], None] | None = None,
    prose: Collection[str] = (),
) -> TableComparison:
    """Compare two files of a table, each CSV or Parquet, of which the second is known to be whole.

    A column without a kind is taken for text, a column of prose may say anything; `told` is told
    the rows that are compared.
    """
    wanted = _columns_in(here)
    try:
        found = _columns_in(there)
    except _UnreadableError as error:
        return TableComparison(0, 0, Difference(table, what=error.what), matches=False)
    shared = [name for name in wanted if found.count(name) == 1 and name not in prose]
    tally = _Tally(table, shared, kinds, tolerance)
    ours, theirs = (_Rows(_text_batches(path, shared)) for path in (here, there))
    broken = _compare_rows(tally, theirs, ours, told) if shared else None
    header = next(_header_faults(table, found, wanted), None)
    return tally.result(tally.n_rows + theirs.rest(), tally.n_rows + ours.rest(), header, broken)


def text_differences(there: pa.Array, here: pa.Array, kind: str) -> Floats:
    """Return the relative differences of cells whose texts differ.

    0 where both texts are the same number; NaN where they are not two numbers, and must be the
    same text.  Other programs write true and false as True and False, which is no difference.

    Examples
    --------
    >>> there, here = pa.array(["0.50", "-1", "2", "", "x"]), pa.array(["0.5", "1", "0", "0", "1"])
    >>> text_differences(there, here, "number").tolist()
    [0.0, 2.0, 1.0, nan, nan]
    >>> there, here = pa.array(["x", "True", "Truth"]), pa.array(["X", "true", "true"])
    >>> text_differences(there, here, "text").tolist()
    [nan, 0.0, nan]
    """
    if kind == NUMBER:
        return relative_differences(_numbers(there), _numbers(here))
    same = pc.equal(in_words_of_yaml(there), here)
    return np.where(same.to_numpy(zero_copy_only=False), 0.0, np.nan)


def _numbers(texts: pa.Array) -> Floats:
    """Read numbers; what is none becomes NaN."""
    known = pc.if_else(pc.match_substring_regex(texts, f"^{NUMBER_FORM}$"), texts, None)
    numbers = pc.utf8_trim_whitespace(known).cast(pa.float64())
    return np.array(numbers_of(pa.chunked_array([numbers])))


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
    tally: _Tally, theirs: _Rows, ours: _Rows, told: Callable[[int], None] | None
) -> Difference | None:
    """Compare all rows; return what is wrong with the rows of the first table as a whole."""
    try:
        while n_rows := min(theirs.ready(), ours.ready()):
            tally.add(theirs.take(n_rows), ours.take(n_rows))
            if told is not None:
                told(tally.n_rows)
    except _UnreadableError as error:
        return Difference(tally.table, error.row, what=error.what)
    for rows, what in ((ours, "this row is missing"), (theirs, "no such row comes out here")):
        if rows.ready():
            return Difference(tally.table, tally.n_rows + 1, _key_of(rows.batch, 0), what=what)
    return None


def _key_of(batch: pa.RecordBatch, row: int) -> dict[str, str]:
    """Return the values of the key columns that there are."""
    present = set(batch.schema.names)
    return {name: batch.column(name)[row].as_py() for name in _KEYS if name in present}


class _Tally:
    """What differs between two tables, as far as they were compared."""

    def __init__(
        self, table: str, columns: Sequence[str], kinds: Mapping[str, str], tolerance: float
    ) -> None:
        self.table = table
        self.n_rows = 0
        self._columns = columns
        self._kinds = kinds
        self._tolerance = tolerance
        self._counts = np.zeros(3, dtype=np.int64)
        self._firsts: dict[int, Difference] = {}
        self._unequal_rows = 0
        self._unequal_columns: set[int] = set()
        self._largest = 0.0
        self._largest_at: Difference | None = None

    def add(self, there: pa.RecordBatch, here: pa.RecordBatch) -> None:
        """Compare the next rows, equally many of either table."""
        cells = [self._other_texts(place, there, here) for place in range(len(self._columns))]
        rows, places, relative = (np.concatenate(parts) for parts in zip(*cells, strict=True))
        if len(rows):
            ranks = np.select(
                [relative == 0.0, relative <= self._tolerance], [_REWRITTEN, _WITHIN], _BEYOND
            )
            self._counts += np.bincount(ranks, minlength=3)
            order = np.lexsort((places, rows))
            for rank, first in zip(*np.unique(ranks[order], return_index=True), strict=True):
                at = order[first]
                found = self._difference(int(places[at]), int(rows[at]), there, here)
                self._firsts.setdefault(int(rank), found)
            is_unequal = relative != 0.0
            self._unequal_rows += len(np.unique(rows[is_unequal]))
            self._unequal_columns.update(places[is_unequal].tolist())
            numbers = np.where(np.isnan(relative), 0.0, relative)
            at = np.argmax(numbers)
            if numbers[at] > self._largest:
                self._largest = float(numbers[at])
                self._largest_at = self._difference(int(places[at]), int(rows[at]), there, here)
        self.n_rows += here.num_rows

    def _other_texts(
        self, place: int, there: pa.RecordBatch, here: pa.RecordBatch
    ) -> tuple[np.ndarray, np.ndarray, Floats]:
        """Return row, column and relative difference of the cells whose texts differ."""
        theirs, ours = there.column(place), here.column(place)
        rows = pc.indices_nonzero(pc.not_equal(theirs, ours))
        kind = self._kinds.get(self._columns[place], TEXT)
        relative = text_differences(theirs.take(rows), ours.take(rows), kind)
        return rows.to_numpy(), np.full(len(rows), place), relative

    def _difference(
        self, place: int, row: int, there: pa.RecordBatch, here: pa.RecordBatch
    ) -> Difference:
        name = self._columns[place]
        theirs, ours = (batch.column(place)[row].as_py() for batch in (there, here))
        is_number = self._kinds.get(name) == NUMBER
        spoilt = is_number and theirs and re.fullmatch(NUMBER_FORM, theirs, re.ASCII) is None
        what = "this is no number" if spoilt else ""
        key = _key_of(here, row)
        return Difference(self.table, self.n_rows + row + 1, key, name, theirs, ours, what)

    def result(
        self,
        rows_there: int,
        rows_here: int,
        header: Difference | None,
        broken: Difference | None,
    ) -> TableComparison:
        """Sum up, with all rows of either table and what differs in header and rows as a whole."""
        firsts = [self._firsts[rank] for rank in sorted(self._firsts)]
        beyond = firsts[:1] if _BEYOND in self._firsts else []
        first = next((one for one in (header, *beyond, broken, *firsts) if one is not None), None)
        matches = not (header or broken or beyond)
        if rows_there != rows_here:
            return TableComparison(rows_there, rows_here, first, matches)
        return TableComparison(
            rows_there,
            rows_here,
            first,
            matches,
            cells=int(self._counts[_BEYOND] + self._counts[_WITHIN]),
            rows=self._unequal_rows,
            columns=len(self._unequal_columns),
            beyond=int(self._counts[_BEYOND]),
            rewritten=int(self._counts[_REWRITTEN]),
            largest=self._largest,
            largest_at=self._largest_at,
        )


class _Rows:
    """The rows of a table, of which any number can be taken."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batch: Any = None
        self._batches = batches

    def ready(self) -> int:
        """Return how many rows can be taken at once; 0 where none is left."""
        if not self.batch:
            self.batch = next(self._batches, None)
        return len(self.batch) if self.batch else 0

    def take(self, n_rows: int) -> pa.RecordBatch:
        """Take rows that are ready."""
        batch = self.batch
        self.batch = batch.slice(n_rows)
        return batch.slice(0, n_rows)

    def rest(self) -> int:
        """Take all rows that are left, as far as they can be read, and count them."""
        total = 0
        try:
            while n_rows := self.ready():
                self.take(n_rows)
                total += n_rows
        except _UnreadableError:
            pass
        return total


class _UnreadableError(RegionalSimError):
    """A table cannot be read, or not from some row on, counted from 1."""

    def __init__(self, what: str, row: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.row = row


def _columns_in(path: Path) -> list[str]:
    """Return the names of a table's columns, of which one may stand twice."""
    with _named_faults(path):
        if is_parquet(path):
            return list(pa.parquet.read_schema(open_for_arrow(path)).names)
        # The library prints what it cannot decode of a row, and goes on.
        if (fault := fault_of_csv(path)) is not None:
            raise _UnreadableError(fault)
        with opened_csv(path, {}, CSV_BLOCK_BYTES, on_bad_row=lambda _: "skip") as reader:
            return list(reader.schema.names)


def _text_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read some columns as text, without missing values; empty batches are left out."""
    read = _of_parquet if is_parquet(path) else _of_csv
    with _named_faults(path):
        yield from (batch for batch in read(path, columns) if batch.num_rows)


def _of_csv(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read up to the first row that has too few cells, or too many."""
    bad: list[Any] = []

    def keep(row: Any) -> str:
        bad.append(row)
        return "skip"

    kinds = dict.fromkeys(columns, TEXT)
    n_rows = 0
    with opened_csv(path, kinds, CSV_BLOCK_BYTES, columns=columns, on_bad_row=keep) as reader:
        for batch in map(as_meant, reader):
            if bad and n_rows + batch.num_rows >= (good := bad[0].number - 2):
                yield batch.slice(0, good - n_rows)
                break
            yield batch
            n_rows += batch.num_rows
    if bad:
        found, wanted = bad[0].actual_columns, bad[0].expected_columns
        what = f"this row has {found} {'cell' if found == 1 else 'cells'} where {wanted} belong"
        raise _UnreadableError(what, bad[0].number - 1)


def _of_parquet(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    size = max(1, PARQUET_CELLS // max(1, len(columns)))
    # Read ahead, the library would keep the whole file in memory.
    file = pa.parquet.ParquetFile(open_for_arrow(path), pre_buffer=False, buffer_size=_BUFFER_BYTES)
    with file:
        for batch in file.iter_batches(batch_size=size, columns=list(columns)):
            # The library keeps the file's own order.
            yield pa.record_batch([texts_of(batch[name]) for name in columns], names=list(columns))


@contextmanager
def _named_faults(path: Path) -> Iterator[None]:
    """Turn what the library raises into a fault in a few words."""
    try:
        with readable(path):
            yield
    except InputError as error:
        raise _UnreadableError(error.what) from None
