"""Levels of factors, how a file gives them, and what every design does to spread them over points.

The designs themselves stand in :mod:`regional_sim.experiment.designs`.
"""

from __future__ import annotations

import functools
import math
import operator
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from regional_sim.errors import shown
from regional_sim.scenario import Section, custom_error, plain_data
from regional_sim.scenario.yaml import KeyPath

_MOST_SHOWN: Final = 8

Level: TypeAlias = bool | int | float | str | None
"""A value that a factor may take: what fits into one cell of a table."""

Place: TypeAlias = Mapping[str, KeyPath]
"""Where in the file the level of each factor of a point stands, or the prior that gave it."""

DesignRow: TypeAlias = tuple[dict[str, Level], Place]
"""Level of each factor at a point, and where it stands."""


class Design(Section):
    """How the points of an experiment are made.

    A design gives its points in a fixed order, so that a point's number always means the same.
    """

    kind: str

    @property
    @abstractmethod
    def n_points(self) -> int:
        """Points that the design gives."""

    @abstractmethod
    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Make the points; `at` is the path of the design in its file."""

    @abstractmethod
    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(self.about())

    def record(self) -> dict[str, Any]:
        """Write out what points were made by: a design in the form of a file, with all defaults."""
        written: dict[str, Any] = plain_data(self.model_dump(exclude_none=True))
        return written

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{self.kind} of {self.n_points}"


# ------------------------------------------------------------------------- levels to other forms


def levels_as_numbers(levels: Iterable[Level], among: Sequence[Level]) -> list[float]:
    """Give levels as numbers, for methods that know nothing else.

    They stay as they are where all of `among`, the levels that the factor can have, are numbers;
    otherwise they become their places in it, from 0.

    Examples
    --------
    >>> levels_as_numbers([3, 1], [1, 2, 3]), levels_as_numbers(["logit"], ["probit", "logit"])
    ([3.0, 1.0], [1.0])
    """
    if not any(level is None or isinstance(level, bool | str) for level in among):
        return [float(level) for level in levels]  # type: ignore[arg-type]
    places = {_told_apart(level): float(at) for at, level in enumerate(among)}
    return [places[_told_apart(level)] for level in levels]


def level_text(level: Level) -> str:
    """Write a level as a file has it."""
    return level if isinstance(level, str) else shown(level)


def in_short(texts: Iterable[str]) -> str:
    """Write the first of some texts, and how many more there are.

    Examples
    --------
    >>> in_short("abc"), in_short("abcdefghijk")
    ('a, b, c', 'a, b, c, d, e, f, g, h and 3 more')
    """
    all_of_them = list(texts)
    more = len(all_of_them) - _MOST_SHOWN
    return f"{', '.join(all_of_them[:_MOST_SHOWN])}{f' and {more} more' if more > 0 else ''}"


def _told_apart(level: Level) -> tuple[bool, Level]:
    """Tell true from 1, which Python takes for equal."""
    return isinstance(level, bool), level


# ------------------------------------------------------------------------- levels in a file


def _single(given: object) -> object:
    """Refuse lists and mappings, which fit into no cell."""
    if isinstance(given, float) and not math.isfinite(given):
        raise custom_error("must be a finite number")
    if given is None or isinstance(given, bool | int | float | str):
        return given
    raise custom_error("must be a single value: a number, text, true, false or null")


def _different(levels: list[Any]) -> list[Any]:
    """Refuse a level that is given twice: its points would be the same."""
    seen = set()
    for level in levels:
        if _told_apart(level) in seen:
            raise custom_error(f"the level {shown(level)} is given twice")
        seen.add(_told_apart(level))
    return levels


OneLevel: Any = Annotated[Any, BeforeValidator(_single)]
FactorLevels: Any = Annotated[list[OneLevel], Field(min_length=1)]
DifferentLevels: Any = Annotated[FactorLevels, AfterValidator(_different)]
"""A list of levels, each of them once."""


def errors_at(found: Iterable[tuple[KeyPath, PydanticCustomError]]) -> ValidationError:
    """Make one error of mistakes inside what is validated, to be raised in a validator.

    Each has its path from there; one that ends in ``[key]`` points to the key, not to its value.
    """
    # Without an input of its own, a mistake shows no value but the one it names.
    details = [InitErrorDetails(type=error, loc=path, input={}) for path, error in found]
    return ValidationError.from_exception_data("levels", details)


def any_of(kinds: Mapping[str, type[Section]], key: str, before: Callable[[object], object]) -> Any:
    """Make the type annotation of any of some kinds, told apart by a key.

    `before` gets what a file has, and returns it with the key in place or says what is wrong.
    """
    union = functools.reduce(operator.or_, kinds.values())
    return Annotated[Annotated[union, Discriminator(key)], BeforeValidator(before)]
