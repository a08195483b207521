"""A Gaussian process in place of the simulation: what a statistic would be at any point.

Points are given in the unit cube, where every prior is uniform.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from regional_sim.numerics.arrays import Floats

FEWEST_POINTS: Final = 10
"""Points that an emulator needs at the least, whatever the number of factors."""

_AT_ONCE: Final = 8192


@dataclass(frozen=True)
class Emulator:
    """A fitted Gaussian process of one statistic; made by :func:`fit_emulator`.

    Attributes
    ----------
    explained : float
        Share of the variance between points that predictions explain, each of a point that the
        process was not conditioned on.
    inside : float
        Share of the points whose value lies in the 95 % interval of that prediction.
    shared_error : float
        Standard error of the simulation that all points have in common, as they share their random
        numbers.
    """

    process: Any
    explained: float
    inside: float
    centre: float
    scale: float
    shared_error: float

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of what is expected at points (point, factor)."""
        from threadpoolctl import threadpool_limits

        means, deviations = [], []
        with threadpool_limits(1):
            for first in range(0, len(points), _AT_ONCE):
                mean, sd = self.process.predict(points[first : first + _AT_ONCE], return_std=True)
                means.append(mean)
                deviations.append(sd)
        mean = self.centre + self.scale * np.concatenate(means)
        sd = np.hypot(self.scale * np.concatenate(deviations), self.shared_error)
        return mean, sd


def fit_emulator(points: Floats, value: Floats, error: Floats) -> Emulator:
    """Fit a Gaussian process, with a length scale for each factor, by its marginal likelihood.

    Parameters
    ----------
    points : ndarray, shape (point, factor)
        In the unit cube.
    value, error : ndarray, shape (point,)
        A statistic and its standard error; points with NaN are left out.
    """
    there = np.isfinite(value) & np.isfinite(error)
    points, value, error = points[there], value[there], error[there]
    centre, scale = float(value.mean()), float(value.std())
    scale = scale if scale > 0.0 else 1.0
    y, noise = (value - centre) / scale, (error / scale) ** 2
    process = _fitted(points, y, noise)
    explained, inside = _left_out(process, y)
    shared = float(np.sqrt(np.mean(error**2)))
    return Emulator(process, explained, inside, centre, scale, shared)


def _fitted(points: Floats, y: Floats, noise: Floats) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern
    from threadpoolctl import threadpool_limits

    many = points.shape[1]
    smooth = Matern(length_scale=np.full(many, 2.0), length_scale_bounds=(0.2, 50.0), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * smooth
    process = GaussianProcessRegressor(kernel, alpha=noise + 1e-6)
    # The matrices are small: more threads only wait for each other.
    with threadpool_limits(1), warnings.catch_warnings():
        # A length scale at its upper bound says that the factor does nothing.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(points, y)


def _left_out(process: Any, y: Floats) -> tuple[float, float]:
    """Judge predictions of each point from all others (Dubrule 1983; kernel as it was fitted)."""
    inverse = np.linalg.inv(process.L_ @ process.L_.T)
    spread = 1.0 / np.diag(inverse)
    off = (inverse @ y) * spread
    variance = float(np.mean((y - y.mean()) ** 2))
    explained = 1.0 - float(np.mean(off**2)) / variance if variance > 0.0 else np.nan
    # Noise is part of the spread: what is predicted is the noisy value.
    return explained, float(np.mean(np.abs(off) <= 1.96 * np.sqrt(spread)))


def fit_all(points: Floats, value: Floats, error: Floats) -> Iterator[Emulator]:
    """Fit an emulator of each target: `value` and `error` have the shape (point, target)."""
    for column in range(value.shape[1]):
        yield fit_emulator(points, value[:, column], error[:, column])
