"""Points as a file lists them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from regional_sim.experiment.designs.base import Design, DesignRow
from regional_sim.experiment.levels import OneLevel
from regional_sim.scenario import plain
from regional_sim.scenario.fields import Text
from regional_sim.scenario.positions import KeyPath

_Point: Any = Annotated[dict[Text, OneLevel], Field(min_length=1)]


class PointList(Design):
    """Points as they are listed.

    What they were made by may stand beside them, for the record: a plan lists its points, and
    keeps there the design that gave them.
    """

    kind: Literal["list"]
    points: Annotated[list[_Point], Field(min_length=1)]
    made_by: dict[Text, Any] | None = None

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return len(self.points)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors of the first point, in order."""
        return tuple(self.points[0])

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Return the points as they stand; see :meth:`Design.rows`."""
        for number, point in enumerate(self.points):
            yield dict(point), {name: (*at, "points", number, name) for name in point}

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return dict.fromkeys(self.paths, "as listed")

    def record(self) -> dict[str, Any]:
        """Return what the points were made by, if anything: they stand for themselves."""
        written: dict[str, Any] = plain(self.made_by or {})
        return written
