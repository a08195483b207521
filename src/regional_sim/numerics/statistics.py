"""Statistics over replicates: of one posture, and of two, on common random numbers or not.

Rows are columns of a table of runs, replicates lie along the last axis.  A value that does not
exist is NaN; rows with such values use the replicates that have one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from regional_sim.numerics.arrays import Floats

CONFIDENCE: Final = 0.95
"""Coverage of all intervals."""

HALF_WIDTH: Final = 0.05
"""Half-width that replicates are needed for where no other is asked for, as a share of the
absolute mean; for differences, of the mean under the reference."""

MOST_NEEDED: Final = 1e9
"""Where more replicates would be needed, no number is given: the mean is as good as 0."""

QUANTILES: Final = {0.05: "q05", 0.25: "q25", 0.5: "median", 0.75: "q75", 0.95: "q95"}
"""Quantiles of a summary, and what they are called."""

Flags: TypeAlias = NDArray[np.bool_]
Statistics: TypeAlias = dict[str, Floats]
"""Name to one value for each row."""


def summarise(values: Floats) -> Statistics:
    """Describe each row of values, shape (row, replicate).

    Examples
    --------
    >>> found = summarise(np.array([[1.0, 2.0, 3.0]]))
    >>> [float(found[name][0]) for name in ("n", "mean", "sd", "q25")]
    [3.0, 2.0, 1.0, 1.5]
    """
    return by_presence(np.isnan(values), lambda rows, there: _summary(_take(values, rows, there)))


def contrast(values: Floats, reference: Floats) -> Statistics:
    """Compare each row with the same row under a reference, replicate by replicate.

    Both have shape (row, replicate), and their replicates share random numbers.
    """
    both = np.stack([values, reference], axis=1)
    missing: Flags = np.asarray(np.isnan(both).any(axis=1))
    return by_presence(missing, lambda rows, there: _paired(_take(both, rows, there)))


def contrast_unpaired(values: Floats, reference: Floats) -> Statistics:
    """Compare each row with the same row under a reference that has random numbers of its own.

    Both have shape (row, replicate), and need not have equally many replicates.  The interval is
    Welch's, which lets the variances differ.
    """
    split = values.shape[-1]

    def compared(rows: Sequence[int], there: Flags) -> Statistics:
        return _unpaired(_take(values, rows, there[:split]), _take(reference, rows, there[split:]))

    missing = np.concatenate([np.isnan(values), np.isnan(reference)], axis=-1)
    return by_presence(missing, compared)


def replicates_needed(sd: Floats, half_width: Floats) -> Floats:
    """Return the smallest n of at least 2 with t(n − 1)·sd/√n ≤ the half-width, shape (row,).

    NaN where the half-width is 0, the standard deviation is unknown, or more than
    :data:`MOST_NEEDED` would be needed.

    Examples
    --------
    >>> replicates_needed(np.array([0.0, 0.1, 0.1]), np.array([0.05, 0.05, 0.0]))
    array([ 2., 18., nan])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(half_width == 0.0, np.nan, sd / half_width)
        # The normal quantile is the least of all t quantiles, so the search starts below.
        needed = np.maximum(2.0, np.ceil((_t(np.inf) * ratio) ** 2))
    needed[~(needed <= MOST_NEEDED)] = np.nan
    while np.any(short := _t(needed - 1.0) * ratio > np.sqrt(needed)):
        needed[short] += 1.0
    return needed


def with_needed(found: Statistics, half_width: Floats) -> Statistics:
    """Add how many replicates an interval of some half-width needs, and how many more that is."""
    needed = replicates_needed(found["sd"], half_width)
    more = np.maximum(needed - found["n"], 0.0)
    return found | {"replicates_needed": needed, "more_needed": more}


def by_presence(
    missing: Flags, statistic: Callable[[Sequence[int], Flags], Statistics]
) -> Statistics:
    """Make statistics of rows that lack the same replicates together.

    Parameters
    ----------
    missing : ndarray of bool, shape (row, replicate)
        Where there is no value.
    statistic : callable
        Takes numbers of rows, and which replicates all of them have; gives a value for each row.
    """
    if len(missing) and not missing.any():
        return statistic(range(len(missing)), ~missing[0])
    rows_of: dict[bytes, list[int]] = {}
    for row, pattern in enumerate(np.packbits(missing, axis=-1)):
        rows_of.setdefault(pattern.tobytes(), []).append(row)
    found: Statistics = {}
    for rows in rows_of.values():
        for name, result in statistic(rows, ~missing[rows[0]]).items():
            found.setdefault(name, np.full(len(missing), np.nan))[rows] = result
    return found


def _take(values: Floats, rows: Sequence[int], there: Flags) -> Floats:
    """Return some rows without the replicates that they lack; not copied without need."""
    chosen = values if len(rows) == len(values) else values[rows]
    return np.ascontiguousarray(chosen if there.all() else chosen[..., there])


def _summary(values: Floats) -> Statistics:
    n = values.shape[-1]
    mean, sd = _mean_sd(values)
    half = _half_width(sd, n)
    nothing = np.full((len(QUANTILES), len(values)), np.nan)
    quantiles = np.quantile(values, list(QUANTILES), axis=-1) if n else nothing
    return {
        "n": np.full(len(values), float(n)),
        "mean": mean,
        "sd": sd,
        **dict(zip(QUANTILES.values(), quantiles, strict=True)),
        "ci_low": mean - half,
        "ci_high": mean + half,
    }


def _paired(both: Floats) -> Statistics:
    """Compare values of shape (row, posture and reference, replicate)."""
    n = both.shape[-1]
    changes = np.ascontiguousarray(both[:, 0] - both[:, 1])
    (mean, sd), (reference_mean, reference_sd) = _mean_sd(both[:, 0]), _mean_sd(both[:, 1])
    difference, sd_of_change = _mean_sd(changes)
    half = _half_width(sd_of_change, n)
    return {
        "n": np.full(len(both), float(n)),
        "reference_mean": reference_mean,
        "mean": mean,
        "difference": difference,
        "sd": sd_of_change,
        "ci_low": difference - half,
        "ci_high": difference + half,
        "effect_size": _ratio(difference, sd_of_change),
        "pooled_effect_size": _ratio(difference, np.sqrt((sd**2 + reference_sd**2) / 2.0)),
        "probability_of_superiority": _ratio(
            (changes > 0.0).sum(axis=-1) + 0.5 * (changes == 0.0).sum(axis=-1), np.float64(n)
        ),
        "variance_ratio": _ratio(sd_of_change**2, sd**2 + reference_sd**2),
        "percent": _ratio(100.0 * difference, np.abs(reference_mean)),
    }


def _unpaired(values: Floats, reference: Floats) -> Statistics:
    n, reference_n = values.shape[-1], reference.shape[-1]
    (mean, sd), (reference_mean, reference_sd) = _mean_sd(values), _mean_sd(reference)
    difference = mean - reference_mean
    half = _welch_half_width(sd, n, reference_sd, reference_n)
    return {
        "n": np.full(len(values), float(n)),
        "reference_n": np.full(len(values), float(reference_n)),
        "reference_mean": reference_mean,
        "mean": mean,
        "difference": difference,
        "ci_low": difference - half,
        "ci_high": difference + half,
        "pooled_effect_size": _ratio(difference, _pooled_sd(sd, n, reference_sd, reference_n)),
        "probability_of_superiority": _superiority(values, reference),
        "percent": _ratio(100.0 * difference, np.abs(reference_mean)),
    }


def _welch_half_width(sd: Floats, n: int, other_sd: Floats, other_n: int) -> Floats:
    """Return half the width of Welch's interval; 0 where nothing varies."""
    if min(n, other_n) < 2:  # noqa: PLR2004
        return np.full_like(sd, np.nan)
    part, other = sd**2 / n, other_sd**2 / other_n
    spread = part + other
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        # Shares of the sum, not squares of small numbers, which would vanish.
        share = part / spread
        freedom = 1.0 / (share**2 / (n - 1) + (1.0 - share) ** 2 / (other_n - 1))
    return np.where(spread > 0.0, _t(freedom) * np.sqrt(spread), 0.0)


def _pooled_sd(sd: Floats, n: int, other_sd: Floats, other_n: int) -> Floats:
    if min(n, other_n) < 1 or n + other_n < 3:  # noqa: PLR2004
        return np.full_like(sd, np.nan)
    squares = sum(
        np.zeros_like(one) if size == 1 else (size - 1) * one**2
        for one, size in ((sd, n), (other_sd, other_n))
    )
    return np.asarray(np.sqrt(squares / (n + other_n - 2)))


def _superiority(values: Floats, reference: Floats) -> Floats:
    """Return the share of all pairs in which the value is greater, ties counted half."""
    from scipy.stats import rankdata

    n, reference_n = values.shape[-1], reference.shape[-1]
    if min(n, reference_n) == 0:
        return np.full(len(values), np.nan)
    ranks = rankdata(np.concatenate([values, reference], axis=-1), axis=-1)[:, :n]
    wins = ranks.sum(axis=-1) - n * (n + 1) / 2.0
    return np.asarray(wins / (n * reference_n), dtype=np.float64)


def _mean_sd(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation; a row of equal values has exactly its value and 0."""
    n = values.shape[-1]
    nothing = np.full(len(values), np.nan)
    if n == 0:
        return nothing, nothing
    first = values[:, :1]
    # Sums of differences from the first value: equal values give no rounding error.
    around = np.ascontiguousarray(values - first)
    mean = first[:, 0] + around.mean(axis=-1)
    return mean, around.std(axis=-1, ddof=1) if n > 1 else nothing


def _half_width(sd: Floats, n: int) -> Floats:
    return np.full_like(sd, np.nan) if n < 2 else _t(np.float64(n - 1)) * sd / np.sqrt(n)  # noqa: PLR2004


def _ratio(part: Floats, whole: Floats | np.float64) -> Floats:
    """Divide; NaN where the whole is 0, or as good as 0 beside the part."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = part / whole
    return np.asarray(np.where(np.isfinite(ratio), ratio, np.nan), dtype=np.float64)


def _t(freedom: Floats | float) -> Floats:
    """Return the quantile of Student's t that a two-sided interval needs."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(freedom, 0.5 + CONFIDENCE / 2.0), dtype=np.float64)
