"""Levels of factors, and how a file gives them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from regional_sim.errors import shown
from regional_sim.scenario import custom_error
from regional_sim.scenario.positions import KeyPath

_MOST_SHOWN: Final = 8

Level: TypeAlias = bool | int | float | str | None
"""A value that a factor may take: what fits into one cell of a table."""


def numbers_of(levels: Iterable[Level], among: Sequence[Level]) -> list[float]:
    """Give levels as numbers, for methods that know nothing else.

    Parameters
    ----------
    levels : iterable of Level
        Some of `among`.
    among : sequence of Level
        All levels that the factor has, each once.

    Returns
    -------
    list of float
        The levels themselves where all of `among` are numbers; otherwise their places in it,
        from 0.

    Examples
    --------
    >>> numbers_of([3, 1], [1, 2, 3]), numbers_of(["logit"], ["probit", "logit"])
    ([3.0, 1.0], [1.0])
    """
    if not any(level is None or isinstance(level, bool | str) for level in among):
        return [float(level) for level in levels]  # type: ignore[arg-type]
    places = {_named_levels(level): float(at) for at, level in enumerate(among)}
    return [places[_named_levels(level)] for level in levels]


def levels_in_words(level: Level) -> str:
    """Write a level as a file has it."""
    return level if isinstance(level, str) else shown(level)


def in_short(levels: Iterable[str]) -> str:
    """Write the first of some levels, and how many more there are.

    Parameters
    ----------
    levels : iterable of str
        As :func:`levels_in_words` writes them.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> in_short("abc"), in_short("abcdefghijk")
    ('a, b, c', 'a, b, c, d, e, f, g, h and 3 more')
    """
    texts = list(levels)
    more = len(texts) - _MOST_SHOWN
    return f"{', '.join(texts[:_MOST_SHOWN])}{f' and {more} more' if more > 0 else ''}"


def errors_at(found: Iterable[tuple[KeyPath, PydanticCustomError]]) -> ValidationError:
    """Make one error of mistakes inside what is validated, each with its path from there.

    Parameters
    ----------
    found : iterable of tuple
        Path and mistake; a path that ends in ``[key]`` points to the key, not to its value.

    Returns
    -------
    ValidationError
        To be raised in a validator.
    """
    # Without an input of its own, a mistake shows no value but the one it names.
    details = [InitErrorDetails(type=error, loc=path, input={}) for path, error in found]
    return ValidationError.from_exception_data("levels", details)


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
        if _named_levels(level) in seen:
            raise custom_error(f"the level {shown(level)} is given twice")
        seen.add(_named_levels(level))
    return levels


def _named_levels(level: Level) -> tuple[bool, Level]:
    """Tell true from 1, which Python takes for equal."""
    return isinstance(level, bool), level


OneLevel: Any = Annotated[Any, BeforeValidator(_single)]
"""One level."""

FactorLevels: Any = Annotated[list[OneLevel], Field(min_length=1)]
"""A list of levels."""

DifferentLevels: Any = Annotated[FactorLevels, AfterValidator(_different)]
"""A list of levels, each of them once."""
