"""Priors of numbers on a line."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from regional_sim.experiment.levels import Level
from regional_sim.experiment.priors.base import Prior, Shares
from regional_sim.scenario import Range, custom_error

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
