"""Levels of factors, how a file gives them, and what every design does to spread them over points.

The designs themselves stand in :mod:`regional_sim.experiment.designs`.
"""

from __future__ import annotations

import functools
import operator
from abc import abstractmethod
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, overload

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from regional_sim.errors import shown
from regional_sim.numerics.arrays import Integers
from regional_sim.scenario import Section, custom_error, plain_data
from regional_sim.scenario.values import INTEGER_LIMIT, unfit_scalar
from regional_sim.scenario.yaml import KeyPath

_MOST_SHOWN: Final = 8

Level: TypeAlias = bool | int | float | str | None
"""A value that a factor may take: what fits into one cell of a table."""


@dataclass(frozen=True)
class LevelColumn(Sequence[Level]):
    """The level of a factor at each point of a design.

    Designs repeat their levels in a regular way, so that a million points need no more memory than
    the levels do: point p has ``values[p // stride % len(values)]``.

    Attributes
    ----------
    values : sequence of Level
        The levels, packed where all are of one kind of number.
    stride : int
        Neighbouring points that have the same one.
    n_points : int
        Points of the design.
    place : tuple
        Where in the file a level stands, or the prior that gave it; None stands for its number.
    """

    values: Sequence[Level]
    stride: int
    n_points: int
    place: tuple[str | int | None, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, levels: Iterable[Level], place: tuple[str | int | None, ...] = ()) -> LevelColumn:
        """Make the column of a factor whose levels are listed point by point."""
        values = packed(levels)
        return cls(values, 1, len(values), place)

    def within(self, stride: int, n_points: int) -> LevelColumn:
        """Return the column in a larger design, whose later parts have `stride` points."""
        return replace(self, stride=self.stride * stride, n_points=n_points)

    def place_of(self, value: int) -> KeyPath:
        """Return where in the file the value of some number stands."""
        return tuple(value if part is None else part for part in self.place)

    def values_at(self, points: Integers) -> Integers:
        """Return the number of the value that each of some points has."""
        return points // self.stride % len(self.values)

    @cached_property
    def distinct(self) -> tuple[Level, ...]:
        """The different levels, in the order of the design."""
        return tuple({_told_apart(level): level for level in self.values}.values())

    def __len__(self) -> int:
        """Count the points."""
        return self.n_points

    @overload
    def __getitem__(self, point: int) -> Level: ...
    @overload
    def __getitem__(self, point: slice) -> tuple[Level, ...]: ...
    def __getitem__(self, point: int | slice) -> Level | tuple[Level, ...]:
        """Return the level at a point."""
        if isinstance(point, slice):
            return tuple(self[one] for one in range(*point.indices(self.n_points)))
        if not -self.n_points <= point < self.n_points:
            raise IndexError(point)
        return self.values[point % self.n_points // self.stride % len(self.values)]


def packed(levels: Iterable[Level]) -> Sequence[Level]:
    """Hold levels in little memory: numbers of one kind in an array of them."""
    values: tuple[Any, ...] = tuple(levels)
    kinds = set(map(type, values))
    if kinds == {float}:
        return array("d", values)
    if kinds == {int} and not any(map(unfit_scalar, (min(values), max(values)))):
        return array("q", values)
    return values


class Design(Section):
    """How the points of an experiment are made.

    A design gives its points in a fixed order, so that a point's number always means the same.
    """

    kind: str

    def located(self, folder: Path) -> Design:
        """Read the file that the design names, if any, relative to a folder."""
        del folder
        return self

    @property
    @abstractmethod
    def n_points(self) -> int:
        """Points that the design gives."""

    @property
    @abstractmethod
    def n_levels(self) -> int:
        """Levels that its columns hold in memory."""

    @abstractmethod
    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Make the column of each factor; `at` is the path of the design in its file."""

    @abstractmethod
    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""

    def listed(self, columns: Mapping[str, LevelColumn]) -> dict[str, Any]:
        """Write the design with the levels of these columns in place of what would be drawn."""
        del columns
        return self.record()

    def asked(self) -> dict[str, Any]:
        """Write what the file asked for; nothing where it lists points."""
        return self.record()

    def origin(self) -> Design | None:
        """Return the design that gave the levels; None where points are listed."""
        return self

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


def text_of(value: object) -> str:
    """Write a value as a cell of text, in the words of YAML; nothing for null.

    Examples
    --------
    >>> text_of(True), text_of(0.5), text_of(None)
    ('true', '0.5', '')
    """
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    """Refuse lists and mappings, which fit into no cell, and what no file can hold."""
    if isinstance(given, Mapping | list):
        raise custom_error("must be a single value: a number, text, true, false or null")
    if what := unfit_scalar(given):
        raise custom_error(what)
    return given


def _different(levels: list[Any]) -> list[Any]:
    """Refuse a level that is given twice: its points would be the same."""
    seen = set()
    for level in levels:
        if _told_apart(level) in seen:
            raise custom_error(f"the level {shown(level)} is given twice")
        seen.add(_told_apart(level))
    return levels


def _same_keys(given: object) -> object:
    """Refuse two keys that are one once the blanks around them are gone."""
    seen: dict[str, str] = {}
    for key in given if isinstance(given, Mapping) else ():
        first = seen.setdefault(str(key).strip(), key)
        if first != key:
            error = custom_error(f"but for blanks this is the factor {first!r}", value=key)
            raise errors_at([((key, "[key]"), error)])
    return given


DistinctKeys: Final = BeforeValidator(_same_keys)
"""Of a mapping whose keys are stripped of blanks, and must differ then too."""

WholeNumber: Any = Annotated[int, Field(ge=-INTEGER_LIMIT, lt=INTEGER_LIMIT)]
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
