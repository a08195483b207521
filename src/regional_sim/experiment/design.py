"""Designs: from what a file asks for to the points of an experiment.

To add a design, add a section here and a line to :data:`DESIGNS`.  A design yields its points in
a fixed order, so that a point's number always means the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field

from regional_sim.errors import shown, suggestion
from regional_sim.scenario import Section, custom_error
from regional_sim.scenario.fields import Text
from regional_sim.scenario.positions import KeyPath

Level: TypeAlias = bool | int | float | str | None
"""A value that a factor may take: what fits into one cell of a table."""

Place: TypeAlias = dict[str, KeyPath]
"""Where in the file the level of each factor of a point stands."""


def _single(given: object) -> object:
    """Refuse lists and mappings, which fit into no cell."""
    if isinstance(given, float) and not math.isfinite(given):
        raise custom_error("must be a finite number")
    if given is None or isinstance(given, bool | int | float | str):
        return given
    raise custom_error("must be a single value: a number, text, true, false or null")


def _different(levels: list[Any]) -> list[Any]:
    """Refuse a level that is given twice: its points would be the same."""
    for index, level in enumerate(levels):
        if any(_same(level, other) for other in levels[:index]):
            raise custom_error(f"the level {shown(level)} is given twice")
    return levels


def _same(one: object, other: object) -> bool:
    """Compare two levels; true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


_Level: Any = Annotated[Any, BeforeValidator(_single)]
_Levels: Any = Annotated[list[_Level], Field(min_length=1), AfterValidator(_different)]
_Row: Any = Annotated[dict[Text, _Level], Field(min_length=1)]


class Grid(Section):
    """Every combination of the levels of some factors; the last factor changes fastest."""

    kind: Literal["grid"]
    factors: Annotated[dict[Text, _Levels], Field(min_length=1)]

    def rows(self) -> Iterator[tuple[dict[str, Level], Place]]:
        """Combine all levels.

        Yields
        ------
        factors : dict
            Level of each factor at a point.
        places : dict
            Where each level stands in the file.
        """
        numbered = [list(enumerate(levels)) for levels in self.factors.values()]
        for chosen in itertools.product(*numbered):
            named = dict(zip(self.factors, chosen, strict=True))
            yield (
                {name: level for name, (_, level) in named.items()},
                {name: ("design", "factors", name, at) for name, (at, _) in named.items()},
            )


class PointList(Section):
    """Points as they are listed."""

    kind: Literal["list"]
    points: Annotated[list[_Row], Field(min_length=1)]

    def rows(self) -> Iterator[tuple[dict[str, Level], Place]]:
        """Return the points as they stand.

        Yields
        ------
        factors : dict
            Level of each factor at a point.
        places : dict
            Where each level stands in the file.
        """
        for at, point in enumerate(self.points):
            yield dict(point), {name: ("design", "points", at, name) for name in point}


DESIGNS: Final[dict[str, type[Grid | PointList]]] = {"grid": Grid, "list": PointList}
"""Every design by its kind."""


def _known_kind(given: object) -> object:
    """Say which kinds there are, before pydantic looks for one."""
    if isinstance(given, Mapping) and given.get("kind") not in DESIGNS:
        kind = given.get("kind")
        what = "is not a kind of design" if "kind" in given else "needs a kind"
        raise custom_error(
            what,
            **({"value": kind} if "kind" in given else {}),
            allowed=f"kind: {' or '.join(DESIGNS)}",
            hint=suggestion(kind, DESIGNS),
        )
    return given


Design: TypeAlias = Annotated[
    Annotated[Grid | PointList, Discriminator("kind")], BeforeValidator(_known_kind)
]
"""Any design, told apart by its kind."""
