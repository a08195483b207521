"""Designs of designs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.experiment.designs.base import Design, DesignRow
from regional_sim.experiment.designs.registry import BASIC_DESIGNS, of_known_kind
from regional_sim.experiment.levels import errors_at
from regional_sim.experiment.tagged import tagged
from regional_sim.scenario import custom_error
from regional_sim.scenario.positions import KeyPath

_Part: Any = tagged(BASIC_DESIGNS, "kind", lambda given: of_known_kind(given, BASIC_DESIGNS))


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
        """Points that the design gives."""
        return math.prod(part.n_points for part in self.parts)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(path for part in self.parts for path in part.paths)

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine the points of all parts; see :meth:`Design.rows`."""
        parts = [part.rows((*at, "parts", number)) for number, part in enumerate(self.parts)]
        for rows in itertools.product(*parts):
            yield (
                {path: level for factors, _ in rows for path, level in factors.items()},
                {path: place for _, places in rows for path, place in places.items()},
            )

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
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
