"""Levels of factors, and how a file gives them."""

from __future__ import annotations

import functools
import math
import operator
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from regional_sim.errors import shown, suggestion
from regional_sim.model.parameters import Param
from regional_sim.scenario import Range, Section, custom_error
from regional_sim.scenario.schema import Text
from regional_sim.scenario.yaml import KeyPath

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


Shares: TypeAlias = npt.NDArray[np.float64]
"""Numbers from 0 to 1, one a point: how much of a prior lies below the level."""


class Prior(Section):
    """What is believed of a factor before anything is run: levels, and how likely they are.

    A prior maps shares to levels (its inverse distribution function), so that every sampler can
    draw from every prior.
    """

    distribution: str

    @abstractmethod
    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels.

        Parameters
        ----------
        shares : ndarray
            Shape (point,), from 0 to 1, both included.

        Returns
        -------
        list
            The level of each point, within the bounds of the prior.  But for rounding, it never
            falls where shares rise; choices come in the order in which they are given.
        """

    @abstractmethod
    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does.

        Returns
        -------
        name : str
            One of SALib's distributions; where it has none, the uniform one.
        bounds : list of float
            What SALib asks for with it.
        """

    @property
    def has_ends(self) -> bool:
        """Whether there is a least and a greatest level."""
        return True

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return self.distribution


_LEAST_SHARE = 2.0**-53
"""Stands for a share of 0 where a prior has no end: the least step of a drawn share."""


def _between(low: float, high: float, levels: Shares, shares: Shares) -> list[Level]:
    """Make the ends exact, whatever rounding does."""
    ends = np.where(shares <= 0.0, low, np.where(shares >= 1.0, high, levels))
    return list(np.clip(ends, low, high).tolist())


class _Between(Prior):
    """A prior with two ends."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise custom_error("low must be below high")
        if not math.isfinite(self.high - self.low):
            raise custom_error("low and high are too far apart")
        return self

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return f"{self.distribution} {self.low:g} to {self.high:g}"


class Uniform(_Between):
    """Every level between `low` and `high` is equally likely.

    Examples
    --------
    >>> Uniform(distribution="uniform", low=1.0, high=3.0).levels(np.array([0.0, 0.25, 1.0]))
    [1.0, 1.5, 3.0]
    """

    distribution: Literal["uniform"]

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        levels = self.low + shares * (self.high - self.low)
        return _between(self.low, self.high, levels, shares)

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does."""
        return "unif", [self.low, self.high]


class LogUniform(_Between):
    """Every order of magnitude is equally likely: the logarithm is uniform.

    Examples
    --------
    >>> LogUniform(distribution="log_uniform", low=1.0, high=100.0).levels(np.array([0.5, 1.0]))
    [10.0, 100.0]
    """

    distribution: Literal["log_uniform"]
    low: Annotated[float, Field(gt=0.0)]

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        width = math.log(self.high) - math.log(self.low)
        # In two steps, as the ratio of the ends may be more than a number holds.
        half = np.exp(0.5 * shares * width)
        levels = self.low * half * half
        return _between(self.low, self.high, levels, shares)

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does."""
        return "logunif", [self.low, self.high]


class Triangular(_Between):
    """`mode` is the most likely level, and likelihood falls in straight lines to both ends.

    Examples
    --------
    >>> prior = Triangular(distribution="triangular", low=0.0, mode=1.0, high=2.0)
    >>> prior.levels(np.array([0.0, 0.125, 0.5, 1.0]))
    [0.0, 0.5, 1.0, 2.0]
    """

    distribution: Literal["triangular"]
    mode: float

    @model_validator(mode="after")
    def _mode_inside(self) -> Self:
        if not self.low <= self.mode <= self.high:
            allowed = str(Range(self.low, self.high))
            raise custom_error("the mode lies outside", value=self.mode, allowed=allowed)
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        from scipy.stats import triang

        width = self.high - self.low
        levels = triang.ppf(shares, self._peak(), loc=self.low, scale=width)
        return _between(self.low, self.high, levels, shares)

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does."""
        return "triang", [self.low, self.high, self._peak()]

    def _peak(self) -> float:
        """Place of the mode as a share of the width."""
        return (self.mode - self.low) / (self.high - self.low)

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return f"{super().__str__()}, mode {self.mode:g}"


class Normal(Prior):
    """The bell curve, cut off at `low` and `high` where they are given.

    Examples
    --------
    >>> Normal(distribution="normal", mean=2.0, sd=1.0, low=0.0).levels(np.array([0.0]))
    [0.0]
    >>> Normal(distribution="normal", mean=2.0, sd=1.0).levels(np.array([0.5]))
    [2.0]
    """

    distribution: Literal["normal"]
    mean: float
    sd: Annotated[float, Field(gt=0.0)]
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        allowed = self._range()
        if allowed.low >= allowed.high:
            raise custom_error("low must be below high")
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        from scipy.stats import truncnorm

        allowed = self._range()
        first = 0.0 if self.low is not None else _LEAST_SHARE
        last = 1.0 if self.high is not None else 1.0 - _LEAST_SHARE
        inner = np.clip(shares, first, last)
        levels = truncnorm.ppf(
            inner,
            (allowed.low - self.mean) / self.sd,
            (allowed.high - self.mean) / self.sd,
            loc=self.mean,
            scale=self.sd,
        )
        return _between(allowed.low, allowed.high, levels, inner)

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does."""
        if self.low is None and self.high is None:
            return "norm", [self.mean, self.sd]
        allowed = self._range()
        return "truncnorm", [allowed.low, allowed.high, self.mean, self.sd]

    @property
    def has_ends(self) -> bool:
        """Whether there is a least and a greatest level."""
        return self.low is not None and self.high is not None

    def _range(self) -> Range:
        low = -math.inf if self.low is None else self.low
        return Range(low, math.inf if self.high is None else self.high)

    def __str__(self) -> str:
        """Write the prior in a few words."""
        cut = "" if self.low is None and self.high is None else f", {self._range()}"
        return f"normal, mean {self.mean:g}, sd {self.sd:g}{cut}"


class Integer(Prior):
    """Every whole number from `low` to `high`, both included, is equally likely.

    Examples
    --------
    >>> Integer(distribution="integer", low=1, high=3).levels(np.array([0.0, 0.3, 0.4, 1.0]))
    [1, 1, 2, 3]
    """

    distribution: Literal["integer"]
    low: int
    high: int

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise custom_error("low must be below high")
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        many = self.high - self.low + 1
        return [self.low + min(int(share * many), many - 1) for share in shares.tolist()]

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does; it knows no whole numbers."""
        return "unif", [self.low, self.high]

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return f"integer {self.low} to {self.high}"


class Choice(Prior):
    """One of `choices`: equally likely, or in proportion to `weights`.

    Examples
    --------
    >>> prior = Choice(distribution="choice", choices=["probit", "logit"], weights=[3.0, 1.0])
    >>> prior.levels(np.array([0.0, 0.7, 0.8, 1.0]))
    ['probit', 'probit', 'logit', 'logit']
    """

    distribution: Literal["choice"]
    choices: DifferentLevels
    weights: list[Annotated[float, Field(gt=0.0)]] | None = None

    @model_validator(mode="after")
    def _weighted(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.choices):
            what = f"needs a weight for each of the {len(self.choices)} choices"
            error = custom_error(f"{what}, has {len(self.weights)}")
            raise errors_at([(("weights",), error)])
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels; see :meth:`Prior.levels`."""
        ends = np.cumsum(self.weights or [1.0] * len(self.choices))
        found = np.searchsorted(ends, shares * ends[-1], side="right")
        return [self.choices[at] for at in np.minimum(found, len(self.choices) - 1).tolist()]

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does; it knows no choices."""
        numbers = numbers_of(self.choices, self.choices)
        return "unif", [min(numbers), max(numbers)]

    def __str__(self) -> str:
        """Write the prior in a few words."""
        names = [levels_in_words(choice) for choice in self.choices]
        if self.weights is not None:
            total = sum(self.weights)
            shares = [weight / total for weight in self.weights]
            names = [f"{n} ({share:.2g})" for n, share in zip(names, shares, strict=True)]
        return f"choice of {in_short(names)}"


def tagged(kinds: Mapping[str, type[Section]], key: str, before: Callable[[object], object]) -> Any:
    """Make the type annotation of any of some kinds.

    Parameters
    ----------
    kinds : mapping
        Section by kind.
    key : str
        The key that holds the kind.
    before : callable
        Called with what a file gives; returns it with the key in place, or says what is wrong.

    Returns
    -------
    Any
        A type annotation.
    """
    union = functools.reduce(operator.or_, kinds.values())
    return Annotated[Annotated[union, Discriminator(key)], BeforeValidator(before)]


__all__ = ["DISTRIBUTIONS", "RANGE", "Choice", "Factors", "Prior", "Shares"]

DISTRIBUTIONS: Final[dict[str, type[Prior]]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "normal": Normal,
    "triangular": Triangular,
    "integer": Integer,
    "choice": Choice,
}
"""Every distribution by its name."""

RANGE: Final = "range"
"""Stands for a uniform prior over the documented range of a parameter.  It is a word, because an
empty value would be read so too, and that is more often a slip."""

_PARAMETERS: Final = "parameters."
_FORMS: Final = (
    f"low and high, a list of choices, a distribution with its settings, or {RANGE} for a parameter"
)


def _with_ranges(given: object) -> object:
    """Put priors in place of the word that stands for a documented range."""
    if not isinstance(given, Mapping):
        return given
    return {
        path: _documented(path) if isinstance(prior, str) and prior == RANGE else prior
        for path, prior in given.items()
    }


def _documented(path: object) -> dict[str, object] | PydanticCustomError:
    """Look a range up, or say why there is none."""
    name = str(path).removeprefix(_PARAMETERS)
    if not str(path).startswith(_PARAMETERS):
        what = "only parameters have a documented range"
        return custom_error(what, value=RANGE, hint="give low and high")
    if name not in Param.__members__:
        hint = suggestion(name, Param.__members__)
        return custom_error("there is no such parameter", value=name, hint=hint)
    low, high = Param[name].low, Param[name].high
    if not (math.isfinite(low) and math.isfinite(high)):
        what = "the documented range of this parameter has no end"
        return custom_error(what, value=RANGE, hint="give low and high")
    return {"distribution": "uniform", "low": low, "high": high}


def _named(given: object) -> object:
    """Name the distribution of a prior that is given in short."""
    if isinstance(given, PydanticCustomError):
        raise given
    if isinstance(given, list):
        return {"distribution": "choice", "choices": given}
    if not isinstance(given, Mapping):
        raise custom_error("cannot be read as a prior", allowed=_FORMS)
    if "distribution" not in given:
        return {"distribution": _implied(given), **given}
    name = given["distribution"]
    if not isinstance(name, str) or name not in DISTRIBUTIONS:
        raise custom_error(
            "unknown distribution",
            value=name,
            allowed=", ".join(DISTRIBUTIONS),
            hint=suggestion(name, DISTRIBUTIONS),
        )
    return given


def _implied(given: Mapping[str, object]) -> str:
    """Tell the distribution by the settings, where there is one way to read them."""
    if "choices" in given:
        return "choice"
    if given.keys() & {"low", "high"} and not given.keys() & {"mean", "sd", "mode"}:
        return "uniform"
    raise custom_error("needs a distribution", allowed=", ".join(DISTRIBUTIONS))


_Prior: Any = tagged(DISTRIBUTIONS, "distribution", _named)

Factors: Any = Annotated[dict[Text, _Prior], Field(min_length=1), BeforeValidator(_with_ranges)]
"""Priors by the dotted path of what they are of."""
