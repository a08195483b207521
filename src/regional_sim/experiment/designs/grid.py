"""Levels that a file lists, combined or stepped together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from regional_sim.experiment.designs.base import Design, DesignRow
from regional_sim.experiment.levels import (
    DifferentLevels,
    FactorLevels,
    Level,
    errors_at,
    in_short,
    levels_in_words,
)
from regional_sim.scenario import custom_error
from regional_sim.scenario.fields import Text
from regional_sim.scenario.positions import KeyPath


class _Listed(Design):
    """A design whose factors have lists of levels."""

    factors: dict[str, list[Level]]

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(self.factors)

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return {
            path: in_short(map(levels_in_words, levels)) for path, levels in self.factors.items()
        }

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
        """Points that the design gives."""
        return math.prod(map(len, self.factors.values()))

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine all levels; see :meth:`Design.rows`."""
        places = [range(len(levels)) for levels in self.factors.values()]
        return (self._row(chosen, at) for chosen in itertools.product(*places))


class Zip(_Listed):
    """Factors that step together: the first levels of all, then the second, and so on."""

    kind: Literal["zip"]
    factors: Annotated[dict[Text, FactorLevels], Field(min_length=1)]

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        first, *others = self.factors.items()
        wanted = len(first[1])
        found = [
            (("factors", path), custom_error(_unequal(len(levels), first[0], wanted)))
            for path, levels in others
            if len(levels) != wanted
        ]
        if found:
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return len(next(iter(self.factors.values())))

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Step through all lists at once; see :meth:`Design.rows`."""
        many = len(self.factors)
        return (self._row((step,) * many, at) for step in range(self.n_points))


def _unequal(has: int, other: str, wanted: int) -> str:
    return f"factors of a zip have equally many levels: this one {has}, {other} {wanted}"
