"""Priors of levels that can be counted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from regional_sim.experiment.levels import (
    DifferentLevels,
    Level,
    errors_at,
    in_short,
    levels_in_words,
    numbers_of,
)
from regional_sim.experiment.priors.base import Prior, Shares
from regional_sim.scenario import custom_error


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
