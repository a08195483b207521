"""Shares of the variance that single factors decide, from any sample: a sum of curves, fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from regional_sim.answers.sensitivity.interval_estimate import LEAST_SIGNAL, IntervalEstimate
from regional_sim.answers.sensitivity.sampled_values import SampledValues
from regional_sim.numerics.arrays import Floats

DEGREES: Final = (1, 2, 3)
"""Degrees of the curves that are tried."""

POINTS_A_TERM: Final = 2
"""Points that each term of the fit needs, at least."""


@dataclass(frozen=True)
class NumericLevels:
    """The levels of a factor as numbers, shape (point,), and whether their order means anything."""

    levels: Floats
    ordered: bool


@dataclass(frozen=True)
class MainEffects:
    """What a sum of curves, one of each factor, says of an outcome.

    Attributes
    ----------
    shares : list of IntervalEstimate
        Share of the variance without replicate noise that each factor decides alone.
    trends : list of IntervalEstimate
        Slope of each curve's straight part, in standard deviations of the outcome over points for
        one of the factor: from -1 to 1.
    degree : int
        Degree of the curves.
    explained : float
        Share of the variance that the curves tell of points they were not fitted to; below 0 where
        the mean alone tells more.
    """

    shares: list[IntervalEstimate]
    trends: list[IntervalEstimate]
    degree: int
    explained: float


def least_points(factors: Sequence[NumericLevels]) -> int:
    """Return how many points the simplest fit needs."""
    return POINTS_A_TERM * (1 + sum(int(_terms(one, DEGREES[0]).shape[1]) for one in factors))


def main_effects(
    factors: Sequence[NumericLevels], values: SampledValues, *, resamples: int, seed: int
) -> MainEffects:
    """Fit curves of all factors together, and share out the variance.

    A factor's curve is a polynomial in the rank of its level, of the degree (for all the same)
    that tells left-out points best; of a factor whose levels have no order, each has its own
    value.  Shares are the variances of the curves, less what chance gives a curve without effect;
    intervals come from a wild bootstrap of the residuals.

    Raises
    ------
    ValueError
        When there are fewer points than :func:`least_points`.
    """
    y = values.mean - values.mean.mean()
    fits = [_Fit.of(factors, degree, y) for degree in DEGREES]
    enough = [fit for fit in fits if len(y) >= POINTS_A_TERM * fit.n_terms]
    if not enough:
        raise ValueError("too few points")
    fit = min(enough, key=lambda one: one.left_out)
    noise = values.noise_variance if np.isfinite(values.noise_variance) else 0.0
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], size=(len(y), resamples))
    drawn = fit.fitted[:, None] + signs * (fit.residuals / (1.0 - fit.leverage))[:, None]
    shares, trends = [], []
    whole, resampled = fit.shares(y[:, None], noise), fit.shares(drawn, noise)
    sd = np.sqrt(values.variance)
    for place in range(len(factors)):
        shares.append(IntervalEstimate.of(whole[place, 0], resampled[place]))
        slope = fit.slope_of(place)
        trends.append(IntervalEstimate.of(slope @ y / sd, slope @ drawn / sd))
    return MainEffects(shares, trends, fit.degree, 1.0 - fit.left_out / (y @ y))


@dataclass(frozen=True)
class _Fit:
    """A least-squares fit: centred terms of each factor side by side, and their solution."""

    degree: int
    terms: Floats
    places: list[slice]
    solution: Floats
    fitted: Floats
    leverage: Floats
    residuals: Floats

    @classmethod
    def of(cls, factors: Sequence[NumericLevels], degree: int, y: Floats) -> _Fit:
        parts = [_terms(one, degree) for one in factors]
        ends = np.cumsum([0, *(part.shape[1] for part in parts)])
        places = [slice(low, high) for low, high in pairwise(ends)]
        terms = np.hstack(parts)
        terms = terms - terms.mean(axis=0)
        solution = np.linalg.pinv(terms)
        fitted = terms @ (solution @ y)
        leverage = (terms * solution.T).sum(axis=1) + 1.0 / len(y)
        # A point that decides its own fit tells nothing of others.
        leverage = np.minimum(leverage, 1.0 - 1e-9)
        return cls(degree, terms, places, solution, fitted, leverage, y - fitted)

    @property
    def n_terms(self) -> int:
        return 1 + int(self.terms.shape[1])

    @property
    def left_out(self) -> float:
        """Sum of squared errors at points left out of the fit, one at a time."""
        return float(((self.residuals / (1.0 - self.leverage)) ** 2).sum())

    def shares(self, y: Floats, noise: float) -> Floats:
        """Return each curve's share of the variance without noise: (factor, column).

        The variance is put together of the curves' and the residuals': in a small sample levels
        of two factors go together by chance, which would raise or lower that of the values.
        """
        n = len(y)
        y = y - y.mean(axis=0)
        weights = self.solution @ y
        residual = ((y - self.terms @ weights) ** 2).sum(axis=0) / max(n - self.n_terms, 1)
        made = np.empty((len(self.places), y.shape[1]))
        for row, place in enumerate(self.places):
            curve = self.terms[:, place]
            of_chance = float(((curve @ self.solution[place]) ** 2).sum()) / (n - 1)
            made[row] = ((curve @ weights[place]) ** 2).sum(axis=0) / (n - 1) - residual * of_chance
        whole = made.sum(axis=0) + np.maximum(residual - noise, 0.0)
        least = LEAST_SIGNAL * np.var(y, axis=0, ddof=1)
        return np.asarray(made / np.maximum(whole, least))

    def slope_of(self, factor: int) -> Floats:
        """Return what gives the first coefficient times the spread of its term, shape (point,)."""
        first = self.places[factor].start
        spread = float(np.std(self.terms[:, first], ddof=1))
        return np.asarray(self.solution[first] * spread)


def _terms(factor: NumericLevels, degree: int) -> Floats:
    """Return the terms of a factor's curve, shape (point, term)."""
    from scipy.special import eval_legendre

    distinct, places = np.unique(factor.levels, return_inverse=True)
    many = len(distinct)
    if not factor.ordered:
        return np.asarray(places[:, None] == np.arange(1, many)[None], dtype=float)
    ranks = 2.0 * (places + 0.5) / many - 1.0
    return np.stack([eval_legendre(d, ranks) for d in range(1, min(degree, many - 1) + 1)], axis=1)
