"""The effect of a posture over two factors, with what chance may have made of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import CONFIDENCE, summarise

_RESAMPLES: Final = 1000
"""Alternative surfaces that intervals are taken from."""

MOST_FITTED: Final = 1000
"""Points that a surface is fitted to, at most, at equal distances in the design."""

_FINE: Final = 41
_MOST_ROWS: Final = 9
_BEYOND: Final = 0.01
"""Share of the range by which a round level may lie outside of it."""
_FOLDS: Final = 5
_TAIL: Final = (1.0 - CONFIDENCE) / 2.0


@dataclass(frozen=True)
class EffectSurface:
    """Mean effects at the crossings of some levels of two factors, and along some rows of it.

    Attributes
    ----------
    x, y : ndarray
        The levels, in order; shapes (x,) and (y,).
    mean, low, high : ndarray
        Effect with its 95 % interval, shape (y, x); NaN where there is no value.
    rows : ndarray
        Levels of y that tell where the effect flips, in order.
    of_rows : ndarray
        Effects there, shape (row, x).
    resampled : ndarray
        Effects that chance may as well have given, shape (resample, row, x); those of a single
        replicate are all the same.
    explained : float
        Share of the variance between points that a fitted surface tells of points left out; NaN
        where cells are measured.
    spread : float
        Standard deviation, in the metric's unit, by which points at one place of a fitted surface
        differ, through the other factors and noise; NaN where cells are measured.
    """

    x: Floats
    y: Floats
    mean: Floats
    low: Floats
    high: Floats
    rows: Floats
    of_rows: Floats
    resampled: Floats
    explained: float = float("nan")
    spread: float = float("nan")


def measured_surface(x: Floats, y: Floats, values: Floats, seed: int) -> EffectSurface | None:
    """Average the points in each cell of a grid; None where the points make no grid.

    `x` and `y` have the shape (point,), `values` of replicates (point, replicate).  Cells have t
    intervals.  Replicates are resampled at all points at once, as the random numbers of each are
    the same everywhere; the deviations are widened for the number of replicates.
    """
    across, column = np.unique(x, return_inverse=True)
    down, row = np.unique(y, return_inverse=True)
    cells = row * len(across) + column
    n_cells = len(across) * len(down)
    if n_cells > len(x) or len(np.unique(cells)) < n_cells:
        return None
    there = ~np.isnan(values)
    sums, counts = np.zeros((2, n_cells, values.shape[1]))
    np.add.at(sums, cells, np.where(there, values, 0.0))
    np.add.at(counts, cells, there)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / counts
    found = summarise(means)
    mean = found["mean"]
    resampled = _resampled(means, mean, seed)
    shape = (len(down), len(across))
    resampled = resampled.reshape(-1, *shape)
    mean, low, high = (found[name].reshape(shape) for name in ("mean", "ci_low", "ci_high"))
    return EffectSurface(across, down, mean, low, high, down, mean, resampled)


def _resampled(means: Floats, mean: Floats, seed: int) -> Floats:
    """Bootstrap the replicates of means of shape (cell, replicate): (resample, cell)."""
    n = means.shape[1]
    there = ~np.isnan(means)
    filled = np.where(there, means, 0.0)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=_RESAMPLES)
    with np.errstate(invalid="ignore", divide="ignore"):
        again = drawn @ filled.T / (drawn @ there.T)
    resampled: Floats = mean + np.sqrt(n / max(n - 1, 1)) * (again - mean)
    return resampled


def fitted_surface(x: Floats, y: Floats, values: Floats, seed: int) -> EffectSurface:
    """Fit a Gaussian process over two factors to points that differ in other factors too.

    What the other factors do counts as noise: the surface is the average over them, as they are
    spread in the sample.  `x`, `y` and `values` have the shape (point,).
    """
    from sklearn.gaussian_process import GaussianProcessRegressor

    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_FITTED)).round().astype(int))
    inputs = np.column_stack([_shares(x, x), _shares(y, y)])[chosen]
    kernel, noise, explained = _fitted(inputs, values[chosen], seed)
    # With the noise outside of the kernel, what is drawn are averages and not points.
    process = GaussianProcessRegressor(kernel, alpha=noise, optimizer=None, normalize_y=True)
    process.fit(inputs, values[chosen])
    across, down = np.linspace(x.min(), x.max(), _FINE), np.linspace(y.min(), y.max(), _FINE)
    rows = _round_levels(y)
    mean, error = process.predict(_crossings(across, down, x, y), return_std=True)
    at_rows = _crossings(across, rows, x, y)
    drawn = process.sample_y(at_rows, _RESAMPLES, random_state=seed).T
    quantile = float(NormalDist().inv_cdf(1.0 - _TAIL))
    shape = len(down), len(across)
    return EffectSurface(
        across,
        down,
        mean.reshape(shape),
        (mean - quantile * error).reshape(shape),
        (mean + quantile * error).reshape(shape),
        rows,
        process.predict(at_rows).reshape(-1, _FINE),
        drawn.reshape(-1, len(rows), _FINE),
        explained,
        float(np.sqrt(noise) * values[chosen].std()),
    )


def _fitted(inputs: Floats, values: Floats, seed: int) -> tuple[Any, float, float]:
    """Fit a kernel: it, the variance beside it as a share of all, and what it tells of the rest."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from sklearn.model_selection import KFold, cross_val_predict

    kernel = ConstantKernel(1.0, (0.01, 100.0)) * RBF([0.5, 0.5], (0.15, 20.0))
    kernel = kernel + WhiteKernel(0.3, (1e-4, 10.0))
    process = GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)
    with warnings.catch_warnings():
        # A length that meets its bound is as good as none: the factor then acts in a straight
        # line, or not at all.
        warnings.simplefilter("ignore")
        process.fit(inputs, values)
    kernel = process.kernel_
    fixed = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True)
    folds = KFold(_FOLDS, shuffle=True, random_state=seed)
    told = cross_val_predict(fixed, inputs, values, cv=folds)
    left = float(((values - told) ** 2).sum() / ((values - values.mean()) ** 2).sum())
    return kernel.k1, float(kernel.k2.noise_level), 1.0 - left


def _round_levels(y: Floats) -> Floats:
    """Return some round numbers between the least and the greatest level."""
    from matplotlib.ticker import MaxNLocator

    margin = _BEYOND * np.ptp(y)
    ticks = np.asarray(MaxNLocator(_MOST_ROWS).tick_values(y.min(), y.max()))
    # Ticks carry the rounding errors of steps such as 0.1.
    rows = np.round(ticks, 12)
    inside: Floats = rows[(rows >= y.min() - margin) & (rows <= y.max() + margin)]
    return inside


def _shares(levels: Floats, among: Floats) -> Floats:
    """Put levels between 0 and 1, by the least and the greatest of some."""
    shares: Floats = (levels - among.min()) / np.ptp(among)
    return shares


def _crossings(across: Floats, down: Floats, x: Floats, y: Floats) -> Floats:
    """List every crossing, row by row, as shares of the ranges of x and y."""
    both = np.meshgrid(_shares(across, x), _shares(down, y))
    return np.stack(both, axis=-1).reshape(-1, 2)
