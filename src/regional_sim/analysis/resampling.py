"""Statistics of groups of runs, with bootstrap intervals of many outcomes at once.

What is resampled are the numbers of the replicates, so that all outcomes share the resamples: a
resample is then how often each replicate is taken, and all means are one product of matrices.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

import numpy as np

from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import (
    CONFIDENCE,
    Statistics,
    by_presence,
    contrast,
    contrast_unpaired,
)

RESAMPLES: Final = 2000
"""Resamples of an interval; Efron and Tibshirani (1993) ask for 1000 or more."""

LEAST_RESAMPLES: Final = 100
"""With fewer, the ends of an interval of 95 % are the extremes of what was drawn."""

MOST_CORRECTED: Final = 2000
"""Replicates up to which intervals are corrected for bias and skewness (BCa), which takes work by
the square of their number; beyond, where there is little to correct, they are percentiles."""

_CELLS_AT_ONCE: Final = 2**20

_ROUNDING: Final = 2.0**-48
"""Share of the largest number up to which two means differ by rounding alone: 16 last digits."""

_MOST_TIED: Final = 2.0**-20
"""Share of the spread of some values within which two means of them count as equal, at most."""

_COLUMNS: Final = {
    "reference_mean": "mean_a",
    "mean": "mean_b",
    "effect_size": "cohens_dz",
    "pooled_effect_size": "cohens_d",
    "difference": "difference",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
    "percent": "percent",
    "probability_of_superiority": "probability_of_superiority",
    "variance_reduction": "variance_reduction",
}
"""Name of a statistic to the column that holds it."""


def check_resampling(seed: int, resamples: int) -> None:
    """Refuse a seed below 0, or too few resamples."""
    for key, value, least in (("seed", seed, 0), ("resamples", resamples, LEAST_RESAMPLES)):
        if value != int(value) or value < least:
            raise InputError(f"must be a whole number of at least {least}", key=key, value=value)


def paired_statistics(a: Floats, b: Floats, seed: int, resamples: int) -> Statistics:
    """Compare values of shape (outcome, pair); a pair of which one is NaN is left out."""
    found = contrast(b, a)
    with np.errstate(over="ignore"):
        changes = b - a
    sizes = np.maximum(np.abs(a), np.abs(b))
    ends = by_presence(
        np.isnan(changes),
        lambda rows, there: bootstrap_interval(
            changes[rows][:, there],
            seed=seed,
            resamples=resamples,
            made_of=sizes[rows][:, there].max(axis=1, initial=0.0),
        ),
    )
    counts = {"pairs": found["n"], "n_a": found["n"], "n_b": found["n"]}
    found["variance_reduction"] = 1.0 - found["variance_ratio"]
    return counts | _renamed(found) | ends


def unpaired_statistics(a: Floats, b: Floats, seed: int, resamples: int) -> Statistics:
    """Compare values of shape (outcome, run), of which the two sides may have unequally many."""
    found = contrast_unpaired(b, a)
    # In order of size, resamples do not depend on the order of runs.
    a, b = np.sort(a, axis=1), np.sort(b, axis=1)
    n_b = b.shape[1]
    ends = by_presence(
        np.isnan(np.concatenate([b, a], axis=1)),
        lambda rows, there: bootstrap_interval(
            b[rows][:, there[:n_b]], a[rows][:, there[n_b:]], seed=seed, resamples=resamples
        ),
    )
    counts = {"pairs": np.zeros(len(a)), "n_a": found["reference_n"], "n_b": found["n"]}
    return counts | _renamed(found) | ends


def _renamed(found: Statistics) -> Statistics:
    """Give statistics the names of their columns; some exist for pairs only."""
    return {_COLUMNS[name]: values for name, values in found.items() if name in _COLUMNS}


def bootstrap_interval(
    values: Floats,
    reference: Floats | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    made_of: Floats | None = None,
) -> Statistics:
    """Return 95 % bootstrap intervals of means, or of differences of two means.

    `values` and `reference`, which is resampled by itself, have shape (row, replicate) and no NaN.
    ``bootstrap_low`` and ``bootstrap_high`` have shape (row,): they are the estimate where nothing
    varies, and NaN with fewer than two replicates.  `made_of`, shape (row,), is the largest number
    of those that values are differences of: it says how far they are rounded.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
    """
    samples = [values] if reference is None else [values, -reference]
    ends = np.full((2, len(values)), np.nan)
    if min(sample.shape[1] for sample in samples) > 1:
        largest = np.max([np.abs(sample).max(axis=1) for sample in samples], axis=0)
        exponent = np.frexp(largest)[1]
        # By powers of two, which rounds nothing, so that cubes neither overflow nor vanish; and
        # from the first value on, so that equal values, and whole numbers, have exact means.
        scaled = [np.ldexp(sample, -exponent[:, None]) for sample in samples]
        around = [sample - sample[:, :1] for sample in scaled]
        first = np.sum([sample[:, 0] for sample in scaled], axis=0)
        ends[:] = np.where(np.isfinite(largest), first, np.nan)
        varies = np.isfinite(largest) & np.any([sample.any(axis=1) for sample in around], axis=0)
        if varies.any():
            some = [sample[varies] for sample in around]
            rounded = np.ldexp(_ROUNDING * (largest if made_of is None else made_of), -exponent)
            spread = np.max([np.abs(sample).max(axis=1) for sample in some], axis=0)
            rounding = np.minimum(rounded[varies], _MOST_TIED * spread)
            found = first[varies] + _ends(some, rounding, seed, resamples)
            ends[:, varies] = np.where(np.abs(found) <= rounding, 0.0, found)
        ends = np.ldexp(ends, exponent)
    return dict(zip(("bootstrap_low", "bootstrap_high"), ends, strict=True))


def _ends(samples: Sequence[Floats], rounding: Floats, seed: int, resamples: int) -> Floats:
    """Let scipy resample the numbers of the replicates; shape (end, row)."""
    from scipy.stats import bootstrap

    largest = max(sample.shape[1] for sample in samples)
    estimate = np.sum([sample.mean(axis=1) for sample in samples], axis=0)[:, None]

    def sum_of_means(*taken: Integers, axis: int = -1) -> Floats:  # noqa: ARG001 (scipy asks for it)
        means = [_means(sample, which) for sample, which in zip(samples, taken, strict=True)]
        found = np.sum(means, axis=0)
        # The interval counts how many resamples lie below the estimate, and how many are tied; sums
        # in another order, of all replicates too, are ties.
        of_all, near = (
            (estimate[:, 0], rounding) if found.ndim == 1 else (estimate, rounding[:, None])
        )
        return np.asarray(np.where(np.abs(found - of_all) <= near, of_all, found))

    with warnings.catch_warnings():
        # Where there is no interval the ends are NaN, which says so.
        warnings.simplefilter("ignore")
        found = bootstrap(
            [np.arange(sample.shape[1]) for sample in samples],
            sum_of_means,
            n_resamples=resamples,
            batch=max(1, _CELLS_AT_ONCE // largest),
            vectorized=True,
            confidence_level=CONFIDENCE,
            method="BCa" if largest <= MOST_CORRECTED else "percentile",
            rng=np.random.default_rng(seed),
        )
    return np.asarray(found.confidence_interval)


def _means(sample: Floats, taken: Integers) -> Floats:
    """Return the mean of each row over the replicates that each resample takes."""
    if taken.ndim == 1:
        return np.asarray(sample[:, taken].mean(axis=1))
    n_resamples, n_taken = taken.shape
    n = sample.shape[1]
    places = taken + n * np.arange(n_resamples)[:, None]
    times = np.bincount(places.ravel(), minlength=n_resamples * n).reshape(n_resamples, n)
    return np.asarray(sample @ times.T.astype(np.float64) / n_taken)
