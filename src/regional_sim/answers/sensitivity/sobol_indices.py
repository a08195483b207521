"""Sobol indices of a Saltelli design: shares of the variance by factor, replicate noise apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regional_sim.answers.sensitivity.interval_estimate import (
    LEAST_SIGNAL,
    IntervalEstimate,
    resampling_weights,
)
from regional_sim.answers.sensitivity.sampled_values import SampledValues
from regional_sim.numerics.arrays import Floats


@dataclass(frozen=True)
class SobolIndex:
    """Shares of an outcome's variance that are a factor's.

    Attributes
    ----------
    first : IntervalEstimate
        First order: what the factor decides alone.
    total : IntervalEstimate
        Total order: what it decides alone and together with others.
    trend : IntervalEstimate
        Correlation of its levels with the outcome.
    """

    first: IntervalEstimate
    total: IntervalEstimate
    trend: IntervalEstimate


@dataclass(frozen=True)
class _Blocks:
    """A quantity at the points of Saltelli blocks: a and b of shape (..., block), mixed one more.

    `mixed` has the level of one factor from b, and all others from a.
    """

    a: Floats
    b: Floats
    mixed: Floats

    @classmethod
    def of(cls, values: Floats, n_factors: int, size: int) -> _Blocks:
        rows = values.reshape(*values.shape[:-1], values.shape[-1] // size, size)
        return cls(rows[..., 0], rows[..., -1], rows[..., 1 : n_factors + 1])


def block_size(n_factors: int, *, second_order: bool) -> int:
    """Return the points of a block, which go together."""
    return 2 * n_factors + 2 if second_order else n_factors + 2


def sobol_indices(
    inputs: Floats, values: SampledValues, *, second_order: bool, resamples: int, seed: int
) -> list[SobolIndex]:
    """Compute first and total order, factor by factor.

    Without noise these are the estimates of SALib.  From each product of two means the product of
    their noise is taken, so that replicate noise counts for no factor, and not in the variance
    of which indices are shares.

    Parameters
    ----------
    inputs : ndarray
        Levels as numbers, shape (point, factor), block after block.
    values : SampledValues
        At the same points.
    second_order : bool
        Whether the blocks have points for the second order, which are not used.
    resamples, seed : int
        Of the bootstrap, which draws whole blocks.

    References
    ----------
    Saltelli et al. 2010, Computer Physics Communications 181.
    """
    n_factors = inputs.shape[1]
    size = block_size(n_factors, second_order=second_order)
    y = _Blocks.of(values.mean, n_factors, size)
    noise = _Blocks.of(values.deviations, n_factors, size)
    centre = values.mean.mean()
    y = _Blocks(y.a - centre, y.b - centre, y.mixed - centre)
    weights = np.vstack(
        [np.full(len(y.a), 1.0 / len(y.a)), resampling_weights(len(y.a), resamples, seed)]
    )
    variance = _variance(y, noise, weights)
    first, total = (weights @ one for one in _products(y, noise))
    x = _Blocks.of(inputs.T, n_factors, size)
    trend = np.array(
        [_correlation(np.stack(pair), y, weights) for pair in zip(x.a, x.b, strict=True)]
    )
    return [
        SobolIndex(
            *(
                IntervalEstimate.of(of[0], of[1:])
                for of in (first[:, i] / variance, total[:, i] / variance, trend[i])
            )
        )
        for i in range(n_factors)
    ]


def _products(y: _Blocks, noise: _Blocks) -> tuple[Floats, Floats]:
    """Return of each block and factor what first and total order are the means of."""
    first = y.b[:, None] * (y.mixed - y.a[:, None])
    first -= (noise.b[..., None] * (noise.mixed - noise.a[..., None])).sum(axis=0)
    total = (y.a[:, None] - y.mixed) ** 2
    total -= ((noise.a[..., None] - noise.mixed) ** 2).sum(axis=0)
    return first, total / 2.0


def _variance(y: _Blocks, noise: _Blocks, weights: Floats) -> Floats:
    """Return the variance without noise under each set of weights."""

    def variance(of: _Blocks) -> Floats:
        square = (of.a**2 + of.b**2) / 2.0 @ weights.T
        mean = (of.a + of.b) / 2.0 @ weights.T
        return np.asarray(square - mean**2)

    whole = variance(y)
    return np.asarray(np.maximum(whole - variance(noise).sum(axis=0), LEAST_SIGNAL * whole))


def _correlation(x: Floats, y: _Blocks, weights: Floats) -> Floats:
    """Correlate levels, shape (2, block), with values under each set of weights."""
    both = np.stack([y.a, y.b])

    def mean(of: Floats) -> Floats:
        return np.asarray(weights @ of.mean(axis=0))

    x = x - x.mean()
    covariance = mean(x * both) - mean(x) * mean(both)
    spread = (mean(x**2) - mean(x) ** 2) * (mean(both**2) - mean(both) ** 2)
    return np.asarray(covariance / np.sqrt(np.maximum(spread, np.finfo(float).tiny)))
