"""CSV files of unknown origin: what their columns hold, and why one cannot be read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from regional_sim.errors import InputError
from regional_sim.experiment.columns import INTEGER, NUMBER, TEXT

MISSING: Final = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None")
"""How other programs write a number that does not exist."""

_HELD_BYTES: Final = 2**27
"""Bytes of a file whose columns are looked at together."""

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
        with pa.csv.open_csv(path, parse_options=_PARSING) as reader:
            names = list(reader.schema.names)
        _refuse_repeated(names, path)
        n_parts = math.ceil(path.stat().st_size / _HELD_BYTES)
        size = math.ceil(len(names) / max(1, n_parts))
        kinds: dict[str, str] = {}
        for first in range(0, len(names), size):
            for field in _schema(path, names[first : first + size]):
                if pa.types.is_binary(field.type):
                    raise InputError("this file is not UTF-8", where=str(path), key=field.name)
                kinds[field.name] = kind_of(field.type)
    return kinds


def _schema(path: Path, columns: list[str]) -> Any:
    """Let the reader find the types of some columns from all rows."""
    found = pa.csv.read_csv(
        path,
        parse_options=_PARSING,
        convert_options=pa.csv.ConvertOptions(
            include_columns=columns, null_values=list(MISSING), strings_can_be_null=False
        ),
    )
    return found.schema


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
