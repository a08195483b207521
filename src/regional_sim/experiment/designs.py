"""Designs by kind: those that list their levels or points, those that sample, and mixed ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.experiment.levels import (
    Design,
    DifferentLevels,
    DistinctKeys,
    FactorLevels,
    Level,
    LevelColumn,
    OneLevel,
    any_of,
    errors_at,
    in_short,
    level_text,
    packed,
)
from regional_sim.experiment.posterior_sample import PosteriorSample
from regional_sim.experiment.sampling import (
    LatinHypercube,
    Morris,
    RandomSample,
    Saltelli,
    SobolSequence,
)
from regional_sim.scenario import custom_error, plain_data
from regional_sim.scenario.schema import Text
from regional_sim.scenario.yaml import KeyPath

POINTS_LIMIT: Final = 1_000_000
"""A design that asks for more points is taken for a slip."""

FACTORS_LIMIT: Final = 1000
"""A world takes its settings one by one."""

LEVELS_LIMIT: Final = 10_000_000
"""Levels of all factors together, each of which takes memory, and a line of the plan."""


class _Listed(Design):
    """A design whose factors have lists of levels."""

    factors: dict[str, list[Level]]

    @property
    def n_levels(self) -> int:
        """The numbers of levels, added up."""
        return sum(map(len, self.factors.values()))

    def about(self) -> dict[str, str]:
        """Return the levels, as far as there are few."""
        return {path: in_short(map(level_text, levels)) for path, levels in self.factors.items()}

    def _column(self, path: str, at: KeyPath, stride: int = 1) -> LevelColumn:
        place = (*at, "factors", path, None)
        return LevelColumn(packed(self.factors[path]), stride, self.n_points, place)


class Grid(_Listed):
    """Every combination of the levels of some factors; the last factor changes fastest."""

    kind: Literal["grid"]
    factors: Annotated[dict[Text, DifferentLevels], DistinctKeys, Field(min_length=1)]

    @property
    def n_points(self) -> int:
        """The numbers of levels, multiplied."""
        return math.prod(map(len, self.factors.values()))

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Combine all levels."""
        made: dict[str, LevelColumn] = {}
        stride = self.n_points
        for path, levels in self.factors.items():
            stride //= len(levels)
            made[path] = self._column(path, at, stride)
        return made


class Zip(_Listed):
    """Factors that step together: the first levels of all, then the second, and so on.

    What they were drawn by may stand beside them, for the record: a plan lists the levels of a
    sample so.
    """

    kind: Literal["zip"]
    factors: Annotated[dict[Text, FactorLevels], DistinctKeys, Field(min_length=1)]
    made_by: dict[Text, Any] | None = None

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        first, *others = self.factors
        wanted = self.n_points
        what = "factors of a zip have equally many levels: this one {}, {} {}"
        found = [
            (("factors", path), custom_error(what.format(has, first, wanted)))
            for path in others
            if (has := len(self.factors[path])) != wanted
        ]
        if found:
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """The number of levels of each factor."""
        return len(next(iter(self.factors.values())))

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Step through all lists at once."""
        return {path: self._column(path, at) for path in self.factors}

    def asked(self) -> dict[str, Any]:
        """Write what drew the levels, where that stands beside them."""
        return self.record() if self.made_by is None else plain_data(self.made_by)

    def origin(self) -> Design | None:
        """Return what drew the levels, where that stands beside them."""
        return self if self.made_by is None else _fitting(self.made_by, self)


_Point: Any = Annotated[dict[Text, OneLevel], DistinctKeys, Field(min_length=1)]


class PointList(Design):
    """Points as they are listed.

    What they were made by may stand beside them, for the record: plans of format 1 listed their
    points, and kept there the design that gave them.
    """

    kind: Literal["list"]
    points: Annotated[list[_Point], Field(min_length=1)]
    made_by: dict[Text, Any] | None = None

    @model_validator(mode="after")
    def _equal_factors(self) -> Self:
        first = self.points[0]
        for number, point in enumerate(self.points):
            if point.keys() != first.keys():
                what, allowed = "all points must have the same factors", ", ".join(first)
                raise errors_at([(("points", number), custom_error(what, allowed=allowed))])
        return self

    @property
    def n_points(self) -> int:
        """The number of points."""
        return len(self.points)

    @property
    def n_levels(self) -> int:
        """One of each factor at each point."""
        return len(self.points) * len(self.points[0])

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Return the points as they stand."""
        return {
            path: LevelColumn.of(
                (point[path] for point in self.points), (*at, "points", None, path)
            )
            for path in self.points[0]
        }

    def about(self) -> dict[str, str]:
        """Name the factors of the first point."""
        return dict.fromkeys(self.points[0], "as listed")

    def asked(self) -> dict[str, Any]:
        """Write what the points were made by, if anything: they stand for themselves."""
        written: dict[str, Any] = plain_data(self.made_by or {})
        return written

    def origin(self) -> Design | None:
        """Return what made the points, if that stands beside them and is a design of them."""
        return None if self.made_by is None else _fitting(self.made_by, self)


def _fitting(record: Mapping[str, object], levels: Design) -> Design | None:
    """Read the design that levels were made by; None where it is none, or not of these."""
    design = design_of(record)
    if design is None or design.n_points != levels.n_points:
        return None
    return design if design.paths == levels.paths else None


def _of_known_kind(kinds: Mapping[str, type[Design]], given: object) -> object:
    """Say which kinds there are, before pydantic looks for one."""
    kind = given.get("kind") if isinstance(given, Mapping) else None
    if isinstance(given, Mapping) and not (isinstance(kind, str) and kind in kinds):
        what = "is not a kind of design" if "kind" in given else "needs a kind"
        value = {"value": kind} if "kind" in given else {}
        allowed = f"kind: {', '.join(kinds)}"
        raise custom_error(what, **value, allowed=allowed, hint=suggestion(kind, kinds))
    return given


_PARTS: Final[dict[str, type[Design]]] = {
    "grid": Grid,
    "list": PointList,
    "zip": Zip,
    "latin_hypercube": LatinHypercube,
    "sobol": SobolSequence,
    "random": RandomSample,
    "morris": Morris,
    "saltelli": Saltelli,
    "posterior": PosteriorSample,
}
"""Designs that can be parts of a mixed one."""

_Part: Any = any_of(_PARTS, "kind", lambda given: _of_known_kind(_PARTS, given))


class Mixed(Design):
    """Every point of each part with every point of the others; the last part changes fastest."""

    kind: Literal["mixed"]
    parts: Annotated[list[_Part], Field(min_length=2)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if found := list(self._shared()):
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """The numbers of points of all parts, multiplied."""
        return math.prod(part.n_points for part in self.parts)

    def located(self, folder: Path) -> Design:
        """Let each part read its file."""
        return self.model_copy(update={"parts": [part.located(folder) for part in self.parts]})

    @property
    def n_levels(self) -> int:
        """Those of all parts."""
        return sum(part.n_levels for part in self.parts)

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Combine the points of all parts."""
        made: dict[str, LevelColumn] = {}
        stride = self.n_points
        for number, part in enumerate(self.parts):
            stride //= part.n_points
            for path, column in part.columns((*at, "parts", number)).items():
                made[path] = column.within(stride, self.n_points)
        return made

    def listed(self, columns: Mapping[str, LevelColumn]) -> dict[str, Any]:
        """Write all parts with their levels."""
        return {"kind": self.kind, "parts": [part.listed(columns) for part in self.parts]}

    def asked(self) -> dict[str, Any]:
        """Write what all parts were asked for by."""
        return {"kind": self.kind, "parts": [part.asked() or part.record() for part in self.parts]}

    def origin(self) -> Design:
        """Return the design of the parts that gave the levels."""
        return self.model_copy(update={"parts": [part.origin() or part for part in self.parts]})

    def about(self) -> dict[str, str]:
        """Say what all parts say."""
        return {path: text for part in self.parts for path, text in part.about().items()}

    def _shared(self) -> Iterator[tuple[KeyPath, PydanticCustomError]]:
        """Find factors of a part that an earlier one has too."""
        seen: set[str] = set()
        for number, part in enumerate(self.parts):
            for path in part.paths:
                if path in seen:
                    error = custom_error("this factor stands in an earlier part too", value=path)
                    yield ("parts", number, "factors", path, "[key]"), error
            seen.update(part.paths)

    def __str__(self) -> str:
        """Write the design in a few words."""
        return ", crossed with ".join(map(str, self.parts))


DESIGNS: Final[dict[str, type[Design]]] = {**_PARTS, "mixed": Mixed}
"""Every design by its kind."""

AnyDesign: Any = any_of(DESIGNS, "kind", lambda given: _of_known_kind(DESIGNS, given))
"""Any design, told apart by its kind."""


def excess_of(design: Design) -> tuple[str, int, int] | None:
    """Return of what a design asks for too much, how much, and the limit; None where it is fine."""
    numbers = (
        ("points", design.n_points, POINTS_LIMIT),
        ("factors", len(design.paths), FACTORS_LIMIT),
        ("levels (points times factors)", design.n_levels, LEVELS_LIMIT),
    )
    return next((one for one in numbers if one[1] > one[2]), None)


def design_of(record: Mapping[str, object]) -> Design | None:
    """Read a design back from what :meth:`Design.record` gave.

    None where the record is a user's own, or of a design that this version does not know.
    """
    try:
        design: Design = _adapter().validate_python(record)
    except ValidationError:
        return None
    return design


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(AnyDesign)
