"""Whether two results agree, cell by cell: the relative difference, and what a tolerance allows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats

INTEGER_FORM: Final = r"\s*-?\d+\s*"
NUMBER_FORM: Final = r"\s*[-+]?((?i:inf(inity)?)|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)\s*"
"""How a cell that holds a number is written, as the reader of tables takes it."""

BOOLEANS: Final = frozenset({"true", "false"})
"""Truth values as YAML has them, and as we write them."""

_MOST_DIGITS: Final = 4000


def relative_differences(a: Floats, b: Floats) -> Floats:
    """Return `|a - b| / max(|a|, |b|)`, from 0 to 2, of numbers in arrays of one shape.

    It is 0 where both are equal, infinite where one of them is, 2 between the two infinities, and
    NaN where one is no number.

    Examples
    --------
    >>> relative_differences(np.array([0.0, 1.0, -1.0]), np.array([0.0, 2.0, 1.0])).tolist()
    [0.0, 0.5, 2.0]
    """
    with np.errstate(invalid="ignore", over="ignore"):
        relative = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    relative[np.isinf(a) ^ np.isinf(b)] = np.inf
    relative[np.isinf(a) & np.isinf(b)] = 2.0
    relative[a == b] = 0.0
    relative[np.isnan(a) | np.isnan(b)] = np.nan
    return relative


@dataclass(frozen=True)
class Tolerance:
    """Relative and absolute difference that are allowed; the wider of the two counts."""

    relative: float = 0.0
    absolute: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no tolerance."""
        for key, value in (("tolerance", self.relative), ("absolute", self.absolute)):
            if not 0.0 <= value < math.inf:
                raise InputError("must be a number of at least 0", key=key, value=value)

    @classmethod
    def of(cls, relative: float | None, absolute: float | None) -> Tolerance | None:
        """Make a tolerance of what was given; None where nothing was."""
        if relative is None and absolute is None:
            return None
        return cls(relative or 0.0, absolute or 0.0)

    def exceeded(self, a: Floats, b: Floats) -> tuple[np.ndarray, Floats]:
        """Find where values lie too far apart, and return their relative differences.

        Only two NaN are equal to each other.  Between a NaN or an infinite value and any other one,
        the difference is infinite and never allowed.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(a - b)
        relative = np.where(np.isfinite(apart), relative_differences(a, b), np.inf)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        allowed = (relative <= self.relative) | (apart <= self.absolute)
        return ~same & ~allowed, relative

    def excess(self, a: str, b: str) -> float | None:
        """Return the relative difference of two cells that lie too far apart; None for others.

        Integers of any size are compared exactly, and what is no number has to be the same text.

        Examples
        --------
        >>> (
        ...     Tolerance().excess("1", "1.0"),
        ...     Tolerance().excess("1", "one"),
        ...     Tolerance(0.1).excess("9007199254740993", "9007199254740992"),
        ... )
        (None, inf, None)
        """
        first, second = number_in(a), number_in(b)
        if first == second and first is not None:
            return None
        # No `isinf`: an integer may be too large for a float.
        if first is None or second is None or {first, second} & {math.inf, -math.inf}:
            return None if a == b else math.inf
        apart = abs(Fraction(first) - Fraction(second))
        relative = apart / max(abs(Fraction(first)), abs(Fraction(second)))
        return None if relative <= self.relative or apart <= self.absolute else float(relative)


def number_in(text: str) -> int | float | None:
    """Read the number that a cell holds; None where it holds none."""
    if re.fullmatch(INTEGER_FORM, text, re.ASCII):
        # Python reads integers of more digits only when it is told to; they are compared as text.
        return int(text) if len(text) < _MOST_DIGITS else None
    return float(text) if re.fullmatch(NUMBER_FORM, text, re.ASCII) else None


def in_words_of_yaml(cells: Any) -> Any:
    """Write true and false in an array of texts as we do; other programs write True, or TRUE."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.utf8_lower(cells)
    return pc.if_else(pc.is_in(lower, pa.array(sorted(BOOLEANS))), lower, cells)


class WorstCell(NamedTuple):
    """The cell whose two values lie furthest apart; a value that does not exist is NaN.

    Values are texts where the column is not one of numbers on both sides, or has large integers.
    """

    key: Mapping[str, object]
    column: str
    a: float | str
    b: float | str
    relative: float


@dataclass(frozen=True)
class Verdict:
    """Whether two tables agree within a tolerance.

    `cells` were compared, of which `differing` lie too far apart; `missing` says in sentences what
    only one side has.
    """

    tolerance: Tolerance
    cells: int
    differing: int
    missing: tuple[str, ...] = ()
    worst: WorstCell | None = None

    @property
    def equal(self) -> bool:
        """Whether nothing differs and nothing is missing."""
        return not self.differing and not self.missing

    def mapping(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {
            "relative": self.tolerance.relative,
            "absolute": self.tolerance.absolute,
            "equal": self.equal,
            "cells": self.cells,
            "differing": self.differing,
            "missing": list(self.missing),
            "worst": None if self.worst is None else self.worst._asdict(),
        }
