"""Statistics of a group of runs, as columns of a comparison."""

from __future__ import annotations

import numpy as np

from regional_sim.analysis.compare.resampling import bootstrap_interval
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics, by_presence, contrast, contrast_unpaired


def paired_statistics(a: Floats, b: Floats, seed: int, resamples: int) -> Statistics:
    """Compare two sides pair by pair.

    Parameters
    ----------
    a, b : ndarray, shape (outcome, pair)
        Values; a pair of which one is NaN is left out.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    dict of ndarray, shape (outcome,)
        By name of the column.
    """
    found = contrast(b, a)
    changes = b - a
    missing = np.isnan(changes)
    ends = by_presence(
        missing,
        lambda rows, there: bootstrap_interval(
            changes[rows][:, there], seed=seed, resamples=resamples
        ),
    )
    return {
        **_named(found, ends),
        "pairs": found["n"],
        "n_a": found["n"],
        "n_b": found["n"],
        "cohens_dz": found["effect_size"],
        "variance_reduction": 1.0 - found["variance_ratio"],
    }


def unpaired_statistics(a: Floats, b: Floats, seed: int, resamples: int) -> Statistics:
    """Compare two sides whose runs have nothing to do with each other.

    Parameters
    ----------
    a, b : ndarray, shape (outcome, run)
        Values; NaN where there is none.  The two need not have equally many runs.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    dict of ndarray, shape (outcome,)
        By name of the column; NaN where only pairs have a statistic.
    """
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
    nothing = np.full(len(a), np.nan)
    return {
        **_named(found, ends),
        "pairs": np.zeros(len(a)),
        "n_a": found["reference_n"],
        "n_b": found["n"],
        "cohens_dz": nothing,
        "variance_reduction": nothing,
    }


def _named(found: Statistics, ends: Statistics) -> Statistics:
    """Give what both kinds of comparison have its name as a column."""
    return {
        "mean_a": found["reference_mean"],
        "mean_b": found["mean"],
        "difference": found["difference"],
        "ci_low": found["ci_low"],
        "ci_high": found["ci_high"],
        **ends,
        "percent": found["percent"],
        "cohens_d": found["pooled_effect_size"],
        "probability_of_superiority": found["probability_of_superiority"],
    }
