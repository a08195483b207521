"""The points of an experiment: made of the columns of a design when they are asked for."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

import numpy as np

from regional_sim.errors import InputError
from regional_sim.experiment.levels import Design, Level, LevelColumn
from regional_sim.experiment.posture import FACTOR_PREFIX
from regional_sim.scenario.yaml import KeyPath

_DESIGN: Final = "design"
"""Key of an experiment's file."""


@dataclass(frozen=True)
class Point:
    """One combination of factors: its place in the design, and the level of each path."""

    number: int
    factors: Mapping[str, Level] = field(default_factory=dict)

    def of_scenario(self) -> dict[str, Level]:
        """Return the factors that change the scenario."""
        return {k: v for k, v in self.factors.items() if not k.startswith(FACTOR_PREFIX)}

    def of_postures(self) -> dict[str, Level]:
        """Return the factors that change postures, by the name of the policy's field."""
        return {
            key.removeprefix(FACTOR_PREFIX): level
            for key, level in self.factors.items()
            if key.startswith(FACTOR_PREFIX)
        }


class Points(Sequence[Point]):
    """The points of a design, each made when it is asked for.

    Attributes
    ----------
    columns : mapping of LevelColumn
        The factors by path, in order.
    design : Design, optional
        What gave them; None where they were listed in Python.
    """

    def __init__(
        self, columns: Mapping[str, LevelColumn], design: Design | None = None, n_points: int = 1
    ) -> None:
        self.columns = dict(columns)
        self.design = design
        # Without factors, points differ in nothing but their number.
        self._n_points = next((column.n_points for column in columns.values()), n_points)

    @classmethod
    def of(cls, points: Sequence[Point]) -> Points:
        """Put points that were listed in Python into columns; they must have the same factors."""
        if isinstance(points, Points):
            return points
        paths = points[0].factors
        for number, point in enumerate(points):
            if point.factors.keys() != paths.keys():
                what, allowed = "all points must have the same factors", ", ".join(paths)
                raise InputError(what, key=f"points[{number}]", allowed=allowed)
        made = {path: LevelColumn.of(point.factors[path] for point in points) for path in paths}
        return cls(made, n_points=len(points))

    @classmethod
    def of_design(cls, design: Design) -> Points:
        """Make the points of the design of a file."""
        return cls(design.columns((_DESIGN,)), design)

    def __len__(self) -> int:
        """Count the points."""
        return self._n_points

    @overload
    def __getitem__(self, number: int) -> Point: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, number: int | slice) -> Point | tuple[Point, ...]:
        """Make a point."""
        if isinstance(number, slice):
            return tuple(self[one] for one in range(*number.indices(len(self))))
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        factors = {path: column[number] for path, column in self.columns.items()}
        return Point(number % len(self), factors)

    def __eq__(self, other: object) -> bool:
        """Compare the points, whatever gave them."""
        if isinstance(other, Points) and list(self.columns.items()) == list(other.columns.items()):
            return len(self) == len(other)
        return isinstance(other, Points | tuple) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def places_at(self, number: int) -> dict[str, KeyPath]:
        """Return where in the file the levels of a point stand; nothing of points from Python."""
        return {
            path: column.place_of(int(column.values_at(np.int64(number))))  # type: ignore[arg-type]
            for path, column in self.columns.items()
            if column.place
        }

    def groups(self, paths: Sequence[str]) -> list[tuple[int, int]]:
        """Group the points by their levels of some factors: the first of each, and how many."""
        groups = np.zeros(len(self), dtype=np.int64)
        everywhere = np.arange(len(self))
        for path in paths:
            column = self.columns[path]
            # Unlike the levels themselves, their text tells 1 from 1.0 and True.
            known: dict[str, int] = {}
            codes = np.array([known.setdefault(repr(one), len(known)) for one in column.values])
            both = groups * len(known) + codes[column.values_at(everywhere)]
            groups = np.unique(both, return_inverse=True)[1]
        _, first, counts = np.unique(groups, return_index=True, return_counts=True)
        return sorted(zip(first.tolist(), counts.tolist(), strict=True))

    def listed(self) -> dict[str, Any]:
        """Write a design that gives these points, with every level that was drawn."""
        if self.design is not None:
            return self.design.listed(self.columns)
        return {"kind": "list", "points": [dict(point.factors) for point in self]}


class Factor:
    """A factor as a column: the dotted path of what it sets, and its level at each point."""

    def __init__(self, path: str, levels: Sequence[Level]) -> None:
        self.path = path
        self.levels = levels if isinstance(levels, LevelColumn) else LevelColumn.of(levels)

    @property
    def column(self) -> str:
        """Name of its column: the path with everything but letters and digits as underscores.

        Examples
        --------
        >>> Factor("parameters.theta_challenger", (0.5,)).column
        'parameters_theta_challenger'
        """
        return re.sub(r"\W", "_", self.path)

    @property
    def kind(self) -> str:
        """``integer``, ``number`` or ``text``, whichever holds all levels."""
        values = self.levels.values
        kinds = {values.typecode} if isinstance(values, array) else set(map(type, values))
        if kinds & {bool, str}:
            return "text"
        return "integer" if kinds <= {int, "q"} else "number"
