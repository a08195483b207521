"""From prior draws and what is expected at them to a posterior, and how to judge it.

Everything here works on arrays: points in the unit cube, where every prior is uniform, and the mean
and standard deviation that emulators predict there, shape (point, target).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from regional_sim.numerics.arrays import Floats, Integers

_Flags: TypeAlias = NDArray[np.bool_]

IMPLAUSIBLE: Final = 3.0
"""Standard deviations from a target beyond which a point is ruled out (Pukelsheim 1994)."""

UNIFORM_SD: Final = 12.0**-0.5
"""Standard deviation of a share of a prior before anything is known."""

CENTRAL_SHARE: Final = 0.9
"""Of the intervals that are printed and tested."""

_BINS: Final = 10


@dataclass(frozen=True)
class Expectations:
    """What is expected at some points, shape (point, target), and what was observed (target,).

    `sd` is that of the emulators; `total_sd` that of the figures and the model.
    """

    mean: Floats
    sd: Floats
    observed: Floats
    total_sd: Floats

    @property
    def _spread(self) -> Floats:
        return np.hypot(self.sd, self.total_sd)

    def implausibility(self) -> Floats:
        """Return the distance to the target that is farthest, in standard deviations."""
        distance: Floats = (np.abs(self.observed - self.mean) / self._spread).max(axis=1)
        return distance

    def weights(self) -> Floats:
        """Return the share of the posterior that each point has, as all are prior draws.

        Targets are taken to be independent and normal.
        """
        spread = self._spread
        log_likelihood = -(0.5 * ((self.observed - self.mean) / spread) ** 2 + np.log(spread)).sum(
            axis=1
        )
        likelihood = np.exp(log_likelihood - log_likelihood.max())
        share: Floats = likelihood / likelihood.sum()
        return share


def effective_size(weights: Floats) -> float:
    """Return how many equally likely draws weighted ones are worth (Kish 1965).

    >>> effective_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def resampled(weights: Floats, n: int, rng: np.random.Generator) -> Integers:
    """Draw places by weight, as evenly as can be (systematic resampling), in random order."""
    steps = (rng.random() + np.arange(n)) / n
    places = np.searchsorted(np.cumsum(weights) / weights.sum(), steps, side="right")
    return rng.permutation(np.minimum(places, len(weights) - 1))


def next_points(expected: Expectations, n: int, rng: np.random.Generator) -> Integers:
    """Choose the places of a wave's points: half by weight, half anywhere that is not ruled out.

    Where too few are not ruled out, those nearest to the targets are taken.
    """
    distance, weights = expected.implausibility(), expected.weights()
    flat = np.sqrt(weights)
    ruled_in = flat * (distance <= IMPLAUSIBLE)
    likely = np.unique(resampled(ruled_in if ruled_in.any() else flat, n, rng))
    likely = rng.permutation(likely)[: n // 2]
    left = np.setdiff1d(np.flatnonzero(distance <= IMPLAUSIBLE), likely)
    wanted = n - len(likely)
    if len(left) < wanted:
        left = np.setdiff1d(np.argsort(distance, kind="stable")[: n + wanted], likely)[:wanted]
    return np.concatenate([likely, rng.permutation(left)[:wanted]])


def weighted_quantiles(values: Floats, weights: Floats, shares: Floats) -> Floats:
    """Return quantiles of weighted values, both of shape (point,)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.asarray(shares) * reached[-1])
    found: Floats = values[order][np.minimum(places, len(values) - 1)]
    return found


# ------------------------------------------------------------------------------ what is informed


def learned(draws: Floats) -> Floats:
    """Return the posterior over the prior standard deviation of each factor, in shares."""
    ratio: Floats = draws.std(axis=0, ddof=1) / UNIFORM_SD
    return ratio


_WORDS: Final = ((0.5, "well"), (0.8, "in part"), (0.93, "a little"))


def learned_in_words(ratio: float) -> str:
    """Say how much the targets tell of a factor.

    >>> [learned_in_words(ratio) for ratio in (0.3, 0.7, 0.9, 1.0)]
    ['well', 'in part', 'a little', 'not']
    """
    return next((word for below, word in _WORDS if ratio < below), "not")


def tied_factors(draws: Floats, least: float = 0.3) -> list[tuple[int, int, float]]:
    """List pairs of factors that the targets tie to each other, the closest first.

    A pair may be tied where neither factor alone is known.
    """
    found = np.atleast_2d(np.corrcoef(draws, rowvar=False))
    pairs = ((i, j, float(found[i, j])) for i in range(len(found)) for j in range(i))
    tied = [(j, i, r) for i, j, r in pairs if abs(r) >= least]
    return sorted(tied, key=lambda one: -abs(one[2]))


# ------------------------------------------------------------------------------ recovery


@dataclass(frozen=True)
class Recovery:
    """Whether known factors are found again: simulation-based calibration (Talts et al. 2018).

    Attributes
    ----------
    ranks : ndarray, shape (trial, factor)
        Posterior draws below the truth, from 0 to `n_draws`.
    inside : ndarray of bool, shape (trial, factor)
        Whether the truth lies in the central 90 % interval.
    n_draws : int
        Posterior draws of each trial.
    sizes : ndarray, shape (trial,)
        Effective sizes of the posteriors.
    """

    ranks: Integers
    inside: _Flags
    n_draws: int
    sizes: Floats

    @property
    def coverage(self) -> Floats:
        """Share of the trials whose interval holds the truth, by factor."""
        share: Floats = self.inside.mean(axis=0)
        return share

    def uniformity(self) -> Floats:
        """Return the chance of ranks as uneven as these, by factor (chi-squared, ten bins)."""
        from scipy.stats import chisquare

        bins = self.ranks * _BINS // (self.n_draws + 1)
        counts = np.array([np.bincount(one, minlength=_BINS) for one in bins.T])
        chance: Floats = np.asarray(chisquare(counts, axis=1).pvalue)
        return chance


def recover(
    truths: Floats,
    observed: Floats,
    error: Floats,
    candidates: Floats,
    expected: Expectations,
    rng: np.random.Generator,
    n_draws: int = 99,
) -> Recovery:
    """Calibrate to data simulated with known factors, again and again.

    Parameters
    ----------
    truths : ndarray, shape (trial, factor)
        Prior draws, in shares.
    observed, error : ndarray, shape (trial, target)
        What each of them gives, and its standard error.
    candidates : ndarray, shape (point, factor)
        Prior draws that each posterior is weighted from.
    expected : Expectations
        At the candidates; its own observed figures are not looked at.
    """
    trials = list(_trials(truths, observed, error, candidates, expected, rng, n_draws))
    ranks, inside, sizes = zip(*trials, strict=True)
    return Recovery(np.array(ranks), np.array(inside), n_draws, np.array(sizes))


def _trials(
    truths: Floats,
    observed: Floats,
    error: Floats,
    candidates: Floats,
    expected: Expectations,
    rng: np.random.Generator,
    n_draws: int,
) -> Iterator[tuple[Integers, _Flags, float]]:
    tail = 0.5 * (1.0 - CENTRAL_SHARE)
    for truth, value, its_error in zip(truths, observed, error, strict=True):
        # The truth is a run of the simulation, plus what figures and model are off by.
        data = value + rng.normal(0.0, expected.total_sd)
        sd = np.hypot(expected.total_sd, its_error)
        weights = Expectations(expected.mean, expected.sd, data, sd).weights()
        places = rng.choice(len(weights), n_draws, p=weights)
        ranks = (candidates[places] < truth).sum(axis=0)
        below = np.array([weights[column].sum() for column in (candidates < truth).T])
        yield ranks, (below >= tail) & (below <= 1.0 - tail), effective_size(weights)


# ------------------------------------------------------------------------------ predictions


@dataclass(frozen=True)
class Predicted:
    """What a figure could have been under the prior or the posterior, and whether it was."""

    median: float
    low: float
    high: float
    tail: float
    """Chance of a figure at least as far out as the one observed, to either side."""


def predicted(
    value: Floats,
    error: Floats,
    observed: float,
    total_sd: float,
    seed: int,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    copies: int = 200,
) -> Predicted:
    """Predict a figure from runs at draws, shape (draw,), by adding what it and they are off by.

    Runs are off by `error` already, so that only the rest is added; figures stay within `bounds`.
    """
    there = np.isfinite(value)
    rng = np.random.default_rng(seed)
    spread = np.sqrt(np.maximum(total_sd**2 - error[there] ** 2, 0.0))
    figures = value[there] + rng.normal(size=(copies, int(there.sum()))) * spread
    figures = np.clip(figures, *bounds)
    low, median, high = np.quantile(
        figures, [0.5 * (1 - CENTRAL_SHARE), 0.5, 0.5 * (1 + CENTRAL_SHARE)]
    )
    below = float(np.mean(figures < observed))
    return Predicted(float(median), float(low), float(high), 2.0 * min(below, 1.0 - below))
