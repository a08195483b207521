"""Tables that other programs wrote: what their columns hold, and how no number is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from regional_sim.analysis.agreement import INTEGER_FORM, NUMBER_FORM
from regional_sim.errors import InputError
from regional_sim.results.columns import INTEGER, NUMBER, TEXT
from regional_sim.results.table_file import (
    LARGE_INTEGER,
    TYPES,
    fault_of_csv,
    opened_csv,
    readable,
)

if TYPE_CHECKING:
    import pandas as pd

FOREIGN_BYTES: Final = 2**22
"""Bytes of a file that are read at a time; no row of it may be longer."""

NULL_CELLS: Final = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None")
"""How other programs write a number that does not exist."""

_FORMS: Final = {
    INTEGER: INTEGER_FORM,
    LARGE_INTEGER: r"\s*-?\d{1,38}\s*",
    NUMBER: NUMBER_FORM,
}
"""How the cells of each kind but text are written, the narrowest kind first."""

INTEGER_KINDS: Final = frozenset({INTEGER, LARGE_INTEGER})


def kinds_of_csv(path: Path) -> dict[str, str]:
    """Find what the columns of a file of unknown origin hold, going by all of its rows."""
    with readable(path):
        fault = fault_of_csv(path)
    if fault is not None:
        raise InputError(fault, where=str(path))
    with readable(path):
        with _opened(path, {}) as reader:
            names = reader.schema.names
        refuse_repeated(names, str(path))
        as_texts = dict.fromkeys(names, TEXT)
        with _opened(path, as_texts) as reader:
            first = next(iter(reader), None)
        cells = [None] * len(names) if first is None else map(_kind_of_texts, first.columns)
        kinds = dict(zip(names, cells, strict=True))
        numbers = {name: NUMBER for name, kind in kinds.items() if kind == NUMBER}
        try:
            _widen(path, as_texts | numbers, kinds)
        except pa.ArrowInvalid:
            # Some column of numbers holds something else further down.
            _widen(path, as_texts, kinds)
    return {name: kind or NUMBER for name, kind in kinds.items()}


def _widen(path: Path, read_as: Mapping[str, str], kinds: dict[str, str | None]) -> None:
    """Read a file to its end, widening the kinds of columns that are read as text."""
    with _opened(path, read_as) as reader:
        for batch in reader:
            for (name, kind), cells in zip(kinds.items(), batch.columns, strict=True):
                if kind != TEXT and read_as[name] == TEXT:
                    found = [one for one in (kind, _kind_of_texts(cells)) if one]
                    kinds[name] = max(found, key=list(TYPES).index, default=None)


def _kind_of_texts(cells: pa.Array) -> str | None:
    """Find the narrowest kind that holds some cells; None where no cell holds a value."""
    known = cells.filter(pc.invert(pc.is_in(cells, pa.array(NULL_CELLS))))
    if not len(known):
        return None
    for kind, form in _FORMS.items():
        if pc.all(pc.match_substring_regex(known, f"^{form}$")).as_py():
            try:
                pc.utf8_trim_whitespace(known).cast(TYPES[kind])
            except pa.ArrowInvalid:
                continue
            return kind
    return TEXT


def _opened(path: Path, kinds: Mapping[str, str]) -> Any:
    return opened_csv(path, kinds, FOREIGN_BYTES, missing=NULL_CELLS)


def kind_of_type(kind: pa.DataType) -> str:
    """Name the kind of a column; one without any value is of numbers, what is no number text."""
    if pa.types.is_integer(kind):
        return LARGE_INTEGER if kind == pa.uint64() else INTEGER
    if pa.types.is_decimal(kind):
        return LARGE_INTEGER if kind.scale == 0 else NUMBER
    return NUMBER if pa.types.is_floating(kind) or pa.types.is_null(kind) else TEXT


def array_of(column: pd.Series[Any], where: str) -> pa.Array:
    """Take over a column of numbers or texts; what is neither becomes text."""
    try:
        array = pa.array(column, from_pandas=True)
        kind = kind_of_type(array.type)
        return array if kind in {INTEGER, NUMBER} else array.cast(TYPES[kind])
    except (pa.ArrowException, OverflowError, TypeError):
        what = "this column holds neither numbers nor texts alone"
        raise InputError(what, where=where, key=str(column.name)) from None


def refuse_repeated(names: Sequence[str], where: str) -> None:
    """Refuse a name that two columns have."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError("two columns have one name", where=where, value=twice[0])
