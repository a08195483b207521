"""Elementary effects of a Morris design: what one factor's step does along each trajectory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.answers.sensitivity.interval_estimate import IntervalEstimate, resampling_weights
from regional_sim.answers.sensitivity.sampled_values import SampledValues
from regional_sim.numerics.arrays import Floats

_HALF_NORMAL_MEAN: Final = np.sqrt(2.0 / np.pi)
"""Mean absolute value of a normal draw with standard deviation 1."""

_HALF_NORMAL_REACH: Final = 1.96 * np.sqrt(1.0 - 2.0 / np.pi)
"""How far the mean of such absolute values reaches above that, times the root of their number."""


@dataclass(frozen=True)
class ElementaryEffect:
    """What elementary effects say of a factor; all in the outcome's unit, over the whole prior.

    Attributes
    ----------
    mean_absolute : IntervalEstimate
        mu*, the mean of the absolute effects.
    mean : IntervalEstimate
        mu, the mean of the effects with their signs.
    spread : float
        sigma, their standard deviation without what replicate noise adds.
    noise : float
        The greatest mean absolute effect that replicate noise alone would give, in 39 of 40
        screenings; NaN where it is not known.
    """

    mean_absolute: IntervalEstimate
    mean: IntervalEstimate
    spread: float
    noise: float

    @property
    def mean_square(self) -> float:
        """Mean of the squared effects: what ranks factors for a variance-based second look."""
        return self.mean.value**2 + self.spread**2


def elementary_effects(
    inputs: Floats, values: SampledValues, steps: int, *, resamples: int, seed: int
) -> list[ElementaryEffect]:
    """Compute what :class:`ElementaryEffect` has, factor by factor.

    Parameters
    ----------
    inputs : ndarray
        Levels as numbers, shape (point, factor), trajectory after trajectory.
    values : SampledValues
        At the same points.
    steps : int
        Levels of the design's grid.
    resamples, seed : int
        Of the bootstrap, which draws whole trajectories.

    References
    ----------
    Morris 1991, Technometrics 33; Campolongo, Cariboni & Saltelli 2007, Environmental Modelling &
    Software 22.
    """
    n_factors = inputs.shape[1]
    shape = (len(inputs) // (n_factors + 1), n_factors + 1)
    paths = inputs.reshape(*shape, n_factors)
    moved = np.diff(paths, axis=1)
    which = np.argmax(moved != 0.0, axis=2)
    rose = np.sign(np.take_along_axis(moved, which[..., None], axis=2)[..., 0])
    step = rose * steps / (2.0 * (steps - 1.0))
    effects = _by_factor(np.diff(values.mean.reshape(shape), axis=1) / step, which)
    deviations = values.deviations.reshape(len(values.deviations), *shape)
    squares = (np.diff(deviations, axis=2) ** 2).sum(axis=0) / step**2
    noise = _by_factor(squares, which) if len(deviations) else np.full_like(effects, np.nan)
    weights = resampling_weights(len(effects), resamples, seed)
    return [_summary(*columns, weights) for columns in zip(effects.T, noise.T, strict=True)]


def _by_factor(of_step: Floats, which: np.ndarray) -> Floats:
    """Sort what is of the steps of each trajectory by the factor that moved."""
    sorted_ = np.empty_like(of_step)
    np.put_along_axis(sorted_, which, of_step, axis=1)
    return sorted_


def _summary(effects: Floats, noise: Floats, weights: Floats) -> ElementaryEffect:
    of_noise = float(noise.mean())
    spread = float(np.var(effects, ddof=1)) - (of_noise if np.isfinite(of_noise) else 0.0)
    sizes = np.abs(effects)
    return ElementaryEffect(
        IntervalEstimate.of(sizes.mean(), weights @ sizes),
        IntervalEstimate.of(effects.mean(), weights @ effects),
        float(np.sqrt(max(spread, 0.0))),
        float(np.sqrt(of_noise) * (_HALF_NORMAL_MEAN + _HALF_NORMAL_REACH / np.sqrt(len(effects)))),
    )
