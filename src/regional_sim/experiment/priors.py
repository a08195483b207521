"""Priors of factors: distributions that every sampler can draw from, and how a file gives them."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.experiment.factor_groups import RANGE, expanded
from regional_sim.experiment.levels import (
    DifferentLevels,
    DistinctKeys,
    Level,
    WholeNumber,
    any_of,
    errors_at,
    in_short,
    level_text,
    levels_as_numbers,
)
from regional_sim.scenario import Range, Section, custom_error
from regional_sim.scenario.schema import Text

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
        """Map shares, shape (point,), both ends included, to levels within the prior's bounds.

        But for rounding, levels never fall where shares rise; choices come in the order in which
        they are given.
        """

    @abstractmethod
    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution, and its bounds, as SALib does; uniform where it knows none."""

    @property
    def has_ends(self) -> bool:
        """Whether there is a least and a greatest level."""
        return True

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return self.distribution


_LEAST_SHARE = 2.0**-53
"""Stands for a share of 0 where a prior has no end: the least step of a drawn share."""


def _refuse_wrong_order(low: float, high: float) -> None:
    if low >= high:
        raise custom_error("low must be below high")


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
        _refuse_wrong_order(self.low, self.high)
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
        """Map shares to levels."""
        return _between(self.low, self.high, self.low + shares * (self.high - self.low), shares)

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
        """Map shares to levels."""
        width = math.log(self.high) - math.log(self.low)
        # In two steps, as the ratio of the ends may be more than a number holds.
        half = np.exp(0.5 * shares * width)
        return _between(self.low, self.high, self.low * half * half, shares)

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
        """Map shares to levels."""
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
        _refuse_wrong_order(self._range().low, self._range().high)
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels."""
        from scipy.stats import truncnorm

        allowed = self._range()
        first = 0.0 if self.low is not None else _LEAST_SHARE
        last = 1.0 if self.high is not None else 1.0 - _LEAST_SHARE
        inner = np.clip(shares, first, last)
        low, high = ((end - self.mean) / self.sd for end in (allowed.low, allowed.high))
        levels = truncnorm.ppf(inner, low, high, loc=self.mean, scale=self.sd)
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
    low: WholeNumber
    high: WholeNumber

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _refuse_wrong_order(self.low, self.high)
        return self

    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels."""
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
        """Map shares to levels."""
        ends = np.cumsum(self._weights())
        found = np.searchsorted(ends, shares * ends[-1], side="right")
        return [self.choices[at] for at in np.minimum(found, len(self.choices) - 1).tolist()]

    def _weights(self) -> Shares:
        """Scale the weights by a power of two, so that no sum overflows and no digit changes."""
        weights = np.array(self.weights or [1.0] * len(self.choices))
        return np.asarray(np.ldexp(weights, -np.frexp(weights.max())[1]))

    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does; it knows no choices."""
        numbers = levels_as_numbers(self.choices, self.choices)
        return "unif", [min(numbers), max(numbers)]

    def __str__(self) -> str:
        """Write the prior in a few words."""
        names = [level_text(choice) for choice in self.choices]
        if self.weights is not None:
            shares = self._weights() / self._weights().sum()
            names = [f"{n} ({share:.2g})" for n, share in zip(names, shares, strict=True)]
        return f"choice of {in_short(names)}"


DISTRIBUTIONS: Final[dict[str, type[Prior]]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "normal": Normal,
    "triangular": Triangular,
    "integer": Integer,
    "choice": Choice,
}
"""Every distribution by its name."""

_FORMS: Final = (
    f"low and high, a list of choices, a distribution with its settings, or {RANGE} for a parameter"
)


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


_Prior: Any = any_of(DISTRIBUTIONS, "distribution", _named)

Factors: Any = Annotated[
    dict[Text, _Prior], Field(min_length=1), DistinctKeys, BeforeValidator(expanded)
]
"""Priors by the dotted path of what they are of."""
