"""Run by run: whether two tables agree within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats


@dataclass(frozen=True)
class Tolerance:
    """How far two values may lie apart.

    Attributes
    ----------
    relative : float
        As a share of the greater absolute value.
    absolute : float
        In the unit of the outcome; what the wider of the two allows is allowed.
    """

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
        """Compare values.

        Parameters
        ----------
        a, b : ndarray
            Of one shape; NaN where there is no value.

        Returns
        -------
        differs : ndarray of bool
            Where they lie further apart, or only one exists.
        size : ndarray of float
            Their relative difference, infinite where only one exists.
        """
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            apart = np.abs(a - b)
            scale = np.maximum(np.abs(a), np.abs(b))
            allowed = np.maximum(self.relative * scale, self.absolute)
            size = apart / scale
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        # Between an infinite and any other value there is no finite difference.
        far = ~(apart <= allowed) | ~np.isfinite(apart)
        return ~same & far, np.where(np.isnan(size), np.inf, size)


@dataclass(frozen=True)
class Worst:
    """The cell whose two values lie furthest apart.

    Attributes
    ----------
    key : dict
        Key of the row.
    column : str
        Name of the column.
    a, b : float
        The two values; NaN where there is none.
    relative : float
        Relative difference; infinite where only one value exists.
    """

    key: Mapping[str, object]
    column: str
    a: float
    b: float
    relative: float


@dataclass(frozen=True)
class Verdict:
    """Whether two tables agree.

    Attributes
    ----------
    tolerance : Tolerance
        Within which.
    cells, differing : int
        Cells compared, and those that lie too far apart.
    missing : tuple of str
        What only one side has, a sentence each.
    worst : Worst or None
        None where no cell differs.
    """

    tolerance: Tolerance
    cells: int
    differing: int
    missing: tuple[str, ...] = ()
    worst: Worst | None = field(default=None)

    @property
    def equal(self) -> bool:
        """Whether nothing differs and nothing is missing."""
        return not self.differing and not self.missing

    def mapping(self) -> dict[str, Any]:
        """Write the verdict out as plain data; what is not finite is null."""
        worst = self.worst
        return {
            "relative": self.tolerance.relative,
            "absolute": self.tolerance.absolute,
            "equal": self.equal,
            "cells": self.cells,
            "differing": self.differing,
            "missing": list(self.missing),
            "worst": None
            if worst is None
            else {
                "key": dict(worst.key),
                "column": worst.column,
                "a": _finite(worst.a),
                "b": _finite(worst.b),
                "relative": _finite(worst.relative),
            },
        }


class Check:
    """Compares outcome after outcome, and remembers the worst cell.

    Parameters
    ----------
    tolerance : Tolerance
        Within which values agree.
    """

    def __init__(self, tolerance: Tolerance) -> None:
        self.tolerance = tolerance
        self.cells = 0
        self.differing = 0
        self.worst: tuple[float, str, int, float, float] | None = None

    def add(self, column: str, a: Floats, b: Floats) -> None:
        """Compare an outcome.

        Parameters
        ----------
        column : str
            Its name.
        a, b : ndarray, shape (pair,)
            Values; NaN where there is none.
        """
        differs, size = self.tolerance.exceeded(a, b)
        self.cells += a.size
        self.differing += int(differs.sum())
        if not differs.any():
            return
        pair = int(np.argmax(np.where(differs, size, -1.0)))
        if self.worst is None or size[pair] > self.worst[0]:
            self.worst = (float(size[pair]), column, pair, float(a[pair]), float(b[pair]))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
