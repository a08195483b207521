"""Tables as text: cell by cell and some rows at a time, whatever form the file has.

A cell of a CSV file is the text that stands there.  A cell of a Parquet file is the text that the
one writer of CSV would have made of it: the fewest digits that read back as the same bits, and
nothing where there is no number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from regional_sim.errors import RegionalSimError

PARQUET: Final = ".parquet"

BLOCK_BYTES: Final = 2**20
"""Bytes of a CSV file that are read at a time."""

_CELLS_AT_ONCE: Final = 2**16
"""Cells of a Parquet file that are read at a time."""

_BUFFER_BYTES: Final = 2**16
"""Bytes of each column of a Parquet file that are read at a time."""


class UnreadableError(RegionalSimError):
    """A table cannot be read, or not from some row on.

    Parameters
    ----------
    what : str
        Why.
    row : int, optional
        The row, counted from 1; None where it cannot be told.
    """

    def __init__(self, what: str, row: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.row = row


def columns_in(path: Path) -> list[str]:
    """Return the names of a table's columns.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of str
        In order; a name may stand twice.

    Raises
    ------
    UnreadableError
        When the file is no table.
    """
    with _named_faults():
        if path.suffix == PARQUET:
            return list(pa.parquet.read_schema(path).names)
        with pa.csv.open_csv(path, _reading(), _parsing([])) as reader:
            return list(reader.schema.names)


def text_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read some columns of a table as text.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        The columns to read; each stands once in the file.

    Yields
    ------
    pyarrow.RecordBatch
        Consecutive rows, in order; never empty, and without missing values.

    Raises
    ------
    UnreadableError
        When the rest cannot be read; all rows before it have been yielded where that can be.
    """
    read = _of_parquet if path.suffix == PARQUET else _of_csv
    with _named_faults():
        for batch in read(path, columns):
            if batch.num_rows:
                yield batch


def _of_csv(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read up to the first row that has too few cells, or too many."""
    bad: list[Any] = []
    options = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
        include_columns=list(columns),
    )
    n_rows = 0
    with pa.csv.open_csv(path, _reading(), _parsing(bad), options) as reader:
        for batch in reader:
            if bad and n_rows + batch.num_rows >= (good := bad[0].number - 2):
                yield batch.slice(0, good - n_rows)
                break
            yield batch
            n_rows += batch.num_rows
    if bad:
        found, wanted = bad[0].actual_columns, bad[0].expected_columns
        what = f"this row has {found} {'cell' if found == 1 else 'cells'} where {wanted} belong"
        raise UnreadableError(what, bad[0].number - 1)


def _of_parquet(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    size = max(1, _CELLS_AT_ONCE // max(1, len(columns)))
    # Read ahead, the library would keep the whole file in memory.
    options = {"pre_buffer": False, "buffer_size": _BUFFER_BYTES}
    with pa.parquet.ParquetFile(path, **options) as file:
        for batch in file.iter_batches(batch_size=size, columns=list(columns)):
            # The file's own order is what the library keeps.
            texts = [_text(batch.column(name)) for name in columns]
            yield pa.record_batch(texts, names=list(columns))


def _text(values: pa.Array) -> pa.Array:
    """Write values; one that does not exist is the empty text."""
    if pa.types.is_floating(values.type):
        values = pa.compute.if_else(pa.compute.is_nan(values), None, values)
    return pa.compute.fill_null(values.cast(pa.string()), "")


def _reading() -> Any:
    """Read in one thread: only then are rows counted."""
    return pa.csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False)


def _parsing(bad: list[Any]) -> Any:
    """Let quoted text hold the ends of lines, and keep rows of another length aside."""

    def keep(row: Any) -> str:
        bad.append(row)
        return "skip"

    return pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep)


@contextmanager
def _named_faults() -> Iterator[None]:
    """Turn what the library raises into a fault in a few words."""
    try:
        yield
    except (pa.ArrowException, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UnreadableError(f"the file cannot be read: {reason}") from None
