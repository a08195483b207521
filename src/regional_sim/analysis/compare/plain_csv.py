"""CSV files of unknown origin: what their columns hold, and why one cannot be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from regional_sim.errors import InputError
from regional_sim.results.columns import INTEGER, NUMBER, TEXT
from regional_sim.results.table_file import TYPES

MISSING: Final = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None")
"""How other programs write a number that does not exist."""

_READ_BYTES: Final = 2**22
"""Bytes of a file that are looked at at a time."""

_WIDER: Final = {TYPES[INTEGER]: TYPES[NUMBER], TYPES[NUMBER]: TYPES[TEXT]}
"""What holds a column that turns out to be more than it seemed at first."""

_PARSING: Final = pa.csv.ParseOptions(newlines_in_values=True)


def kinds_of_csv(path: Path) -> dict[str, str]:
    """Find what the columns of a file hold.

    Parameters
    ----------
    path : Path
        Commas, a header, UTF-8.

    Returns
    -------
    dict of str
        Column to ``integer``, ``number`` or ``text``, in order.  All rows count, and a column
        without a value is one of numbers.

    Raises
    ------
    InputError
        When the file cannot be opened, is empty, is not UTF-8, or is no table.
    """
    with _explained(path):
        types = _types_at_first(path)
        while (column := _first_misfit(path, types)) is not None:
            name = list(types)[column]
            types[name] = _WIDER[types[name]]
    for name, kind in types.items():
        if pa.types.is_binary(kind):
            raise InputError("this file is not UTF-8", where=str(path), key=name)
    return {name: kind_of(kind) for name, kind in types.items()}


def _types_at_first(path: Path) -> dict[str, pa.DataType]:
    """Find the types of columns from the beginning of a file."""
    with _opened(path, None) as reader:
        names = reader.schema.names
        _refuse_repeated(names, path)
        kinds = {field.name: field.type for field in reader.schema}
    return {
        name: kind if pa.types.is_binary(kind) else TYPES[kind_of(kind)]
        for name, kind in kinds.items()
    }


def _first_misfit(path: Path, types: dict[str, pa.DataType]) -> int | None:
    """Read the file to its end; return the number of a column that its type does not hold."""
    try:
        with _opened(path, types) as reader:
            for _ in reader:
                pass
    except pa.ArrowInvalid as error:
        place = re.search(r"CSV column #(\d+)", str(error))
        if place is None or types[list(types)[int(place[1])]] not in _WIDER:
            raise
        return int(place[1])
    return None


def _opened(path: Path, types: dict[str, pa.DataType] | None) -> Any:
    return pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=_READ_BYTES),
        parse_options=_PARSING,
        convert_options=pa.csv.ConvertOptions(
            column_types=types, null_values=list(MISSING), strings_can_be_null=False
        ),
    )


def kind_of(kind: pa.DataType) -> str:
    """Name the kind of a column by its Arrow type; what is no number is text.

    Parameters
    ----------
    kind : pyarrow.DataType
        Of a column without any value: null.

    Returns
    -------
    str
        ``integer``, ``number`` or ``text``.
    """
    if pa.types.is_integer(kind):
        return INTEGER
    return NUMBER if pa.types.is_floating(kind) or pa.types.is_null(kind) else TEXT


def _refuse_repeated(names: list[str], path: Path) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError("two columns have one name", where=str(path), value=twice[0])


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the reader says into a message for people."""
    try:
        yield
    except UnicodeDecodeError:
        raise InputError("this file is not UTF-8", where=str(path)) from None
    except pa.ArrowInvalid as error:
        if "invalid UTF8" in str(error):
            raise InputError("this file is not UTF-8", where=str(path)) from None
        reason = str(error).partition("\n")[0].removeprefix("CSV parse error: ").rstrip(".")
        reason = f"{reason[:1].lower()}{reason[1:]}"
        raise InputError(f"this file is no CSV table: {reason}", where=str(path)) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"this file cannot be read: {reason}", where=str(path)) from None
