"""The one writer and the one reader of tables: CSV, or Parquet where a file's name says so.

CSV has commas, a header, LF and UTF-8; numbers with the fewest digits that read back as the same
bits; an empty cell where a number does not exist; text quoted only in tables that need it, and with
an apostrophe before it where a spreadsheet would take it for a formula.  No format has −0.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.csv

from regional_sim.errors import InputError, os_reason
from regional_sim.experiment.levels import text_of
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.columns import INTEGER, NUMBER, TEXT, TableColumn
from regional_sim.results.folder import whole_file

LARGE_INTEGER: Final = "large integer"
"""Kind of a column of integers beyond 64 bits with a sign, which only other programs write."""

TYPES: Final = MappingProxyType(
    {
        INTEGER: pa.int64(),
        LARGE_INTEGER: pa.decimal128(38, 0),
        NUMBER: pa.float64(),
        TEXT: pa.string(),
    }
)
"""How the columns of each kind are held, the narrowest kind first."""

_Columns = TypeVar("_Columns", pa.Table, pa.RecordBatch)

PARQUET: Final = ".parquet"
"""Ending of a Parquet table."""

_BATCH_ROWS: Final = 8192

_LONG_ROW: Final = 2**20

_MOST_CELL_BYTES: Final = 64
"""More than the cells of a row, or the names in a header, take on average."""


_FORMULA: Final = re.compile(
    r"'*(?![+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\Z)[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]",
    re.ASCII | re.IGNORECASE,
)
"""Text that a spreadsheet may take for a formula, also by signs of full width; plain numbers are
none.  With apostrophes before it, it still counts, so that one can be put there and taken away
again."""


@dataclass(frozen=True)
class Coded:
    """A column of text with few different values: the values, and which of them each row has."""

    names: Sequence[str]
    codes: Integers


class TableWriter:
    """Writes rows of a table; made by :func:`table_writer`."""

    def __init__(self, writer: Any, schema: pa.Schema, as_cell: Callable[[str], str]) -> None:
        self.n_rows = 0
        self._writer = writer
        self._schema = schema
        self._as_cell = as_cell

    def write(self, values: Mapping[str, object], n_rows: int) -> None:
        """Write rows: of each column an array, a list, a :class:`Coded`, or one value for all."""
        arrays = [
            _array(values[field.name], field.type, n_rows, self._as_cell) for field in self._schema
        ]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self.n_rows += n_rows


@contextmanager
def table_writer(
    path: Path, columns: Sequence[TableColumn], *, quoted: bool = False
) -> Iterator[TableWriter]:
    """Open a table for writing; it gets its name when it is whole.

    `quoted` lets CSV quote text, which is needed where that may hold commas or quotes.
    """
    schema = pa.schema([(column.name, TYPES[column.kind]) for column in columns])
    with whole_file(path) as file:
        opened = _parquet(file, schema) if is_parquet(path) else _csv(file, schema, quoted=quoted)
        with opened as writer:
            yield TableWriter(writer, schema, str if is_parquet(path) else _as_no_formula)


def is_parquet(path: Path) -> bool:
    """Tell whether a file is a Parquet table, by its ending."""
    return path.suffix == PARQUET


def _csv(file: IO[bytes], schema: pa.Schema, *, quoted: bool) -> Any:
    options = pa.csv.WriteOptions(
        include_header=False,
        batch_size=_BATCH_ROWS,
        quoting_style="needed" if quoted else "none",
    )
    file.write((",".join(schema.names) + "\n").encode())
    return pa.csv.CSVWriter(file, schema, write_options=options)


def _parquet(file: IO[bytes], schema: pa.Schema) -> Any:
    from pyarrow.parquet import ParquetWriter

    return ParquetWriter(file, schema)


def read_table(path: Path, kinds: Mapping[str, str]) -> pa.Table:
    """Read a table whose columns are of these kinds."""
    with readable(path):
        if is_parquet(path):
            from pyarrow.parquet import read_table as read_parquet

            return read_parquet(open_for_arrow(path))
        return as_meant(pa.csv.read_csv(open_for_arrow(path), **_options_of_csv(kinds)))


def read_batches(
    path: Path,
    kinds: Mapping[str, str],
    columns: Sequence[str],
    block_bytes: int,
    *,
    missing: Sequence[str] = ("",),
) -> Iterator[pa.RecordBatch]:
    """Read some columns of a CSV table, some rows at a time.

    Parameters
    ----------
    path : Path
        The file.
    kinds : mapping
        Kind of each column of the table.
    columns : sequence of str
        The columns to read.
    block_bytes : int
        Bytes read at a time; more where a row may need them.
    missing : sequence of str
        What stands in the cell of a number that does not exist.
    """
    block_bytes = max(block_bytes, _MOST_CELL_BYTES * len(kinds))
    with (
        readable(path),
        opened_csv(path, kinds, block_bytes, columns=columns, missing=missing) as reader,
    ):
        yield from map(as_meant, reader)


def as_meant(read: _Columns) -> _Columns:
    """Take away the apostrophes by which the writer of CSV kept text from being a formula."""
    import pyarrow.compute as pc

    def restored(column: Any) -> Any:
        if not pa.types.is_string(column.type) or not pc.any(pc.starts_with(column, "'")).as_py():
            return column
        texts = _texts(
            text[1:] if text.startswith("'") and _FORMULA.match(text) else text
            for text in column.to_pylist()
        )
        return pa.chunked_array([texts]) if isinstance(column, pa.ChunkedArray) else texts

    columns = [restored(column) for column in read.columns]
    made: _Columns = type(read).from_arrays(columns, schema=read.schema)
    return made


def _as_no_formula(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the library raises while it reads a file into a message for people."""
    try:
        yield
    except (UnicodeDecodeError, pa.ArrowException) as error:
        raise InputError(fault_of_table(error, path), where=str(path)) from None
    except OSError as error:
        raise InputError(f"this file cannot be read: {os_reason(error)}", where=str(path)) from None


def fault_of_table(error: Exception, path: Path) -> str:
    """Say what is wrong with a file that the library cannot read as a table."""
    reason = str(error).partition("\n")[0].removeprefix("CSV parse error: ").rstrip(".'\"")
    if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in reason:
        return "this file is not UTF-8"
    # A header that is longer than what is read at a time looks like no header.
    if "straddl" in reason or (reason.startswith("Empty CSV") and path.stat().st_size > _LONG_ROW):
        return "this file is no table: a row of it, or its header, has millions of characters"
    reason = reason.replace(" in include_columns does", " does")
    kind = "Parquet" if is_parquet(path) else "CSV"
    return f"this file is no {kind} table: {reason[:1].lower()}{reason[1:]}"


def fault_of_csv(path: Path) -> str | None:
    """Say what keeps a CSV file from being read, as far as its bytes tell; None where nothing."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        header, line = file.readline(_LONG_ROW), 1
        file.seek(0)
        while piece := file.read(_LONG_ROW):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                return f"line {line} of this file is not UTF-8"
            line += piece.count(b"\n")
    header = re.sub(rb'"[^"]*"', b"", header)
    for mark, name in ((b";", "semicolons"), (b"\t", "tabs")):
        if mark in header and b"," not in header:
            what = f"the columns of this file are separated by {name}, where commas belong"
            return f"{what}: save it as CSV with commas, and points in decimals"
    return None


def open_for_arrow(path: Path) -> Any:
    """Open a file for Arrow, whose own paths have to be UTF-8."""
    return pa.OSFile(os.fsencode(path))


def opened_csv(
    path: Path,
    kinds: Mapping[str, str],
    block_bytes: int,
    *,
    columns: Sequence[str] | None = None,
    missing: Sequence[str] = ("",),
    on_bad_row: Callable[[Any], str] | None = None,
) -> Any:
    """Open a CSV file, some rows at a time; `on_bad_row` is asked about rows of another length."""
    # Only in one thread are rows counted.
    reading = pa.csv.ReadOptions(block_size=block_bytes, use_threads=on_bad_row is None)
    options = _options_of_csv(kinds, columns, missing, on_bad_row)
    return pa.csv.open_csv(open_for_arrow(path), reading, **options)


def _options_of_csv(
    kinds: Mapping[str, str],
    columns: Sequence[str] | None = None,
    missing: Sequence[str] = ("",),
    on_bad_row: Callable[[Any], str] | None = None,
) -> dict[str, Any]:
    """Let quoted text hold the ends of lines, and keep text as it stands."""
    conversion = pa.csv.ConvertOptions(
        column_types={name: TYPES[kind] for name, kind in kinds.items()},
        null_values=list(missing),
        strings_can_be_null=False,
        include_columns=columns,
    )
    parsing = pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=on_bad_row)
    return {"parse_options": parsing, "convert_options": conversion}


def numbers_of(column: pa.ChunkedArray) -> Floats:
    """Return a column of kind ``number``, shape (row,), not to be changed; NaN for empty cells."""
    numbers: Floats = column.to_numpy()
    return numbers


def texts_of(column: pa.Array) -> pa.Array:
    """Write a column as its CSV file would have it; a value that does not exist is empty."""
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return pc.fill_null(column.cast(pa.string()), "")


def text_needs_quotes(texts: Sequence[object]) -> bool:
    """Tell whether some text could not stand in a table without quotes."""
    return any(isinstance(t, str) and any(c in t for c in ',"\r\n') for t in texts)


def _array(
    values: object, kind: pa.DataType, n_rows: int, as_cell: Callable[[str], str]
) -> pa.Array:
    """Make a column of an array, a list, coded text, or one value for all rows."""
    if not isinstance(values, np.ndarray | list | Coded):
        if kind == pa.string():
            values = Coded([text_of(values)], np.zeros(n_rows, dtype=np.int64))
        elif values is None:
            return pa.nulls(n_rows, kind)
        else:
            values = np.full(n_rows, values)
    if isinstance(values, Coded):
        texts = _texts(map(as_cell, map(str, values.names)))
        return texts.take(_numbers(values.codes, pa.int64()))
    if kind == pa.string():
        return _texts(map(as_cell, map(str, values)))
    return _numbers(values, kind)


# Columns are made of buffers, by hand: `pyarrow.array` imports pandas, which takes a quarter of a
# second.
def _numbers(values: object, kind: pa.DataType) -> pa.Array:
    numbers = np.ascontiguousarray(values, dtype=kind.to_pandas_dtype())
    if kind != pa.float64():
        return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])
    # Adding 0 turns −0 into 0; what is no number becomes an empty cell.
    numbers = numbers + 0.0
    known = np.packbits(~np.isnan(numbers), bitorder="little")
    buffers = [pa.py_buffer(known), pa.py_buffer(numbers)]
    return pa.Array.from_buffers(kind, len(numbers), buffers)


def _texts(values: Iterable[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)
