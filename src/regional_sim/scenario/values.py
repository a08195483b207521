"""Which values, and how many, a file can hold: those of JSON, with which plans are written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

MAX_NODES: Final = 200_000
"""More values than this in a file are taken for an accident: aliases can multiply without end."""

MAX_CHARACTERS: Final = 4_000_000
"""The same for the length of a file, and of its texts once aliases are written out."""

INTEGER_LIMIT: Final = 2**63
"""Whole numbers lie below it, so that every program that reads the tables can hold them."""


def unfit_scalar(value: object) -> str | None:
    """Say why a single value can stand neither in a file nor in a plan; None where it can.

    Examples
    --------
    >>> unfit_scalar(0.5), unfit_scalar(float("nan"))
    (None, 'must be a finite number')
    """
    match value:
        case bool() | None:
            return None
        case int():
            fits = -INTEGER_LIMIT <= value < INTEGER_LIMIT
            return None if fits else "must be a whole number of at most 64 bits"
        case float():
            return None if math.isfinite(value) else "must be a finite number"
        case str():
            is_unicode = value.isascii() or not any(
                "\ud800" <= character <= "\udfff" for character in value
            )
            return None if is_unicode else "holds half of a character, which no file can"
    return "must be text, a number, true, false, null, a list or a mapping"


def plain_data(value: object) -> Any:
    """Turn numpy scalars, tuples and other mappings into what YAML would have given.

    Keys that are whole numbers become text, as they are in JSON.

    Examples
    --------
    >>> plain_data({"early": (np.int64(1), 12), 168: 314})
    {'early': [1, 12], '168': 314}
    """
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(inner) for inner in value]
    return value


def _plain_key(key: object) -> object:
    is_whole = isinstance(key, int | np.integer) and not isinstance(key, bool)
    return str(key) if is_whole and abs(int(key)) < INTEGER_LIMIT else key  # type: ignore[call-overload]
