"""Designs by kind: those that list their levels or points, those that sample, and mixed ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.experiment.levels import (
    Design,
    DesignRow,
    DifferentLevels,
    FactorLevels,
    Level,
    OneLevel,
    any_of,
    errors_at,
    in_short,
    level_text,
)
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


class _Listed(Design):
    """A design whose factors have lists of levels."""

    factors: dict[str, list[Level]]

    def about(self) -> dict[str, str]:
        """Return the levels, as far as there are few."""
        return {path: in_short(map(level_text, levels)) for path, levels in self.factors.items()}

    def _row(self, chosen: tuple[int, ...], at: KeyPath) -> DesignRow:
        """Make the point that has these of the levels."""
        places = dict(zip(self.factors, chosen, strict=True))
        return (
            {name: self.factors[name][place] for name, place in places.items()},
            {name: (*at, "factors", name, place) for name, place in places.items()},
        )


class Grid(_Listed):
    """Every combination of the levels of some factors; the last factor changes fastest."""

    kind: Literal["grid"]
    factors: Annotated[dict[Text, DifferentLevels], Field(min_length=1)]

    @property
    def n_points(self) -> int:
        """The numbers of levels, multiplied."""
        return math.prod(map(len, self.factors.values()))

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine all levels."""
        places = [range(len(levels)) for levels in self.factors.values()]
        return (self._row(chosen, at) for chosen in itertools.product(*places))


class Zip(_Listed):
    """Factors that step together: the first levels of all, then the second, and so on."""

    kind: Literal["zip"]
    factors: Annotated[dict[Text, FactorLevels], Field(min_length=1)]

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

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Step through all lists at once."""
        many = len(self.factors)
        return (self._row((step,) * many, at) for step in range(self.n_points))


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
        """The number of points."""
        return len(self.points)

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Return the points as they stand."""
        for number, point in enumerate(self.points):
            yield dict(point), {name: (*at, "points", number, name) for name in point}

    def about(self) -> dict[str, str]:
        """Name the factors of the first point."""
        return dict.fromkeys(self.points[0], "as listed")

    def record(self) -> dict[str, Any]:
        """Return what the points were made by, if anything: they stand for themselves."""
        written: dict[str, Any] = plain_data(self.made_by or {})
        return written


def _of_known_kind(kinds: Mapping[str, type[Design]], given: object) -> object:
    """Say which kinds there are, before pydantic looks for one."""
    if isinstance(given, Mapping) and given.get("kind") not in kinds:
        kind = given.get("kind")
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

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine the points of all parts."""
        parts = [part.rows((*at, "parts", number)) for number, part in enumerate(self.parts)]
        for rows in itertools.product(*parts):
            yield (
                {path: level for factors, _ in rows for path, level in factors.items()},
                {path: place for _, places in rows for path, place in places.items()},
            )

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
