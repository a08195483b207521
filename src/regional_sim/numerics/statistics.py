"""Statistics over replicates: of one posture, and of two, on common random numbers or not.

Rows are columns of a table of runs, replicates lie along the last axis.  A value that does not
exist is NaN; rows with such values use the replicates that have one.  A statistic that is too large
for a float does not exist either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from regional_sim.numerics.arrays import Floats, Integers

CONFIDENCE: Final = 0.95
"""Coverage of all intervals."""

HALF_WIDTH: Final = 0.05
"""Half-width that replicates are needed for where no other is asked for, as a share of the
absolute mean; for differences, of the mean under the reference."""

MOST_NEEDED: Final = 1e9
"""Where more replicates would be needed, no number is given: the mean is as good as 0."""

QUANTILES: Final = {0.05: "q05", 0.25: "q25", 0.5: "median", 0.75: "q75", 0.95: "q95"}
"""Quantiles of a summary, and what they are called."""

EFFECT_WORDS: Final = ("raises", "lowers", "negligible", "unclear", "")
"""What an effect does, beside the smallest effect of interest; the numbers of these words are
those of :func:`effect_codes`."""

_ORDINARY_EXPONENT: Final = 300
"""Numbers up to two to this power, and down to its reciprocal, have squares that are floats."""

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


def effect_codes(low: Floats, high: Floats, smallest: Floats) -> Integers:
    """Judge effects by their intervals: numbers of :data:`EFFECT_WORDS`; shapes are broadcast.

    An effect raises or lowers a metric where its whole interval lies beyond the smallest effect of
    interest, and is negligible where the interval lies within it on both sides: a minimal-effect
    and an equivalence test.  All else is unclear, also an effect without an interval, such as that
    of a single replicate.  Where no smallest effect is known (NaN) there is no word.

    References
    ----------
    Lakens, D., Scheel, A. M. & Isager, P. M. (2018). Equivalence testing for psychological
    research. Advances in Methods and Practices in Psychological Science 1(2), 259-269.

    Examples
    --------
    >>> low, high = np.array([[0.2, -0.3, -0.1, 0.05], [0.3, -0.2, 0.1, 0.3]])
    >>> [EFFECT_WORDS[code] for code in effect_codes(low, high, np.array(0.1))]
    ['raises', 'lowers', 'negligible', 'unclear']
    """
    raises, lowers, negligible, unclear, unknown = range(len(EFFECT_WORDS))
    within = (low >= -smallest) & (high <= smallest)
    rules = [np.isnan(smallest), low > smallest, high < -smallest, within]
    return np.asarray(np.select(rules, [unknown, raises, lowers, negligible], unclear))


def effect_word(low: float, high: float, smallest: float) -> str:
    """Return the word of a single effect; see :func:`effect_codes`."""
    return EFFECT_WORDS[int(effect_codes(*map(np.array, (low, high, smallest))))]


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

    def finite(rows: Sequence[int], there: Flags) -> Statistics:
        with np.errstate(over="ignore", invalid="ignore"):
            found = statistic(rows, there)
        return {name: np.where(np.isfinite(of), of, np.nan) for name, of in found.items()}

    if len(missing) and not missing.any():
        return finite(range(len(missing)), ~missing[0])
    rows_of: dict[bytes, list[int]] = {}
    for row, pattern in enumerate(np.packbits(missing, axis=-1)):
        rows_of.setdefault(pattern.tobytes(), []).append(row)
    found: Statistics = {}
    for rows in rows_of.values():
        for name, result in finite(rows, ~missing[rows[0]]).items():
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
    quantiles = np.full((len(QUANTILES), len(values)), np.nan)
    if n:
        ordinary, exponent = _ordinary(values)
        quantiles = np.ldexp(np.quantile(ordinary, list(QUANTILES), axis=-1), exponent)
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
    spreads, exponent = _ordinary(np.stack([sd_of_change, sd, reference_sd], axis=-1))
    of_change, own, other = spreads.T
    return {
        "n": np.full(len(both), float(n)),
        "reference_mean": reference_mean,
        "mean": mean,
        "difference": difference,
        "sd": sd_of_change,
        "ci_low": difference - half,
        "ci_high": difference + half,
        "effect_size": _ratio(difference, sd_of_change),
        "pooled_effect_size": _ratio(
            difference, np.ldexp(np.sqrt((own**2 + other**2) / 2.0), exponent)
        ),
        "probability_of_superiority": _ratio(
            (changes > 0.0).sum(axis=-1) + 0.5 * (changes == 0.0).sum(axis=-1), np.float64(n)
        ),
        "variance_ratio": _ratio(of_change**2, own**2 + other**2),
        "percent": _ratio(difference, np.abs(reference_mean), times=100.0),
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
        "percent": _ratio(difference, np.abs(reference_mean), times=100.0),
    }


def _welch_half_width(sd: Floats, n: int, other_sd: Floats, other_n: int) -> Floats:
    """Return half the width of Welch's interval; 0 where nothing varies."""
    if min(n, other_n) < 2:  # noqa: PLR2004
        return np.full_like(sd, np.nan)
    spreads, exponent = _ordinary(np.stack([sd, other_sd], axis=-1))
    part, other = spreads[:, 0] ** 2 / n, spreads[:, 1] ** 2 / other_n
    spread = part + other
    with np.errstate(divide="ignore", invalid="ignore"):
        # Shares of the sum, not squares of small numbers, which would vanish.
        share = part / spread
        freedom = 1.0 / (share**2 / (n - 1) + (1.0 - share) ** 2 / (other_n - 1))
    return np.where(spread > 0.0, _t(freedom) * np.ldexp(np.sqrt(spread), exponent), 0.0)


def _pooled_sd(sd: Floats, n: int, other_sd: Floats, other_n: int) -> Floats:
    if min(n, other_n) < 1 or n + other_n < 3:  # noqa: PLR2004
        return np.full_like(sd, np.nan)
    # A single value has no standard deviation, and adds none.
    known = [np.zeros_like(sd) if size == 1 else of for of, size in ((sd, n), (other_sd, other_n))]
    spreads, exponent = _ordinary(np.stack(known, axis=-1))
    squares = (n - 1) * spreads[:, 0] ** 2 + (other_n - 1) * spreads[:, 1] ** 2
    return np.ldexp(np.sqrt(squares / (n + other_n - 2)), exponent)


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
    ordinary, exponent = _ordinary(values)
    first = ordinary[:, :1]
    # Sums of differences from the first value: equal values give no rounding error.
    around = np.ascontiguousarray(ordinary - first)
    mean = np.ldexp(first[:, 0] + around.mean(axis=-1), exponent)
    return mean, np.ldexp(around.std(axis=-1, ddof=1), exponent) if n > 1 else nothing


def _ordinary(values: Floats) -> tuple[Floats, Integers]:
    """Multiply rows whose squares would overflow or vanish by powers of two, which rounds nothing.

    Returns the rows, and the exponent of each that undoes it.
    """
    largest = np.maximum(values.max(axis=-1), -values.min(axis=-1))
    exponent = np.frexp(np.where(np.isfinite(largest), largest, 0.0))[1]
    exponent[np.abs(exponent) <= _ORDINARY_EXPONENT] = 0
    return np.ldexp(values, -exponent[:, None]) if exponent.any() else values, exponent


def _half_width(sd: Floats, n: int) -> Floats:
    return np.full_like(sd, np.nan) if n < 2 else _t(np.float64(n - 1)) * sd / np.sqrt(n)  # noqa: PLR2004


def _ratio(part: Floats, whole: Floats | np.float64, times: float = 1.0) -> Floats:
    """Divide; NaN where the whole is 0, or as good as 0 beside the part."""
    (digits, exponent), (of_whole, of_exponent) = np.frexp(part), np.frexp(whole)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.ldexp(times * digits / of_whole, exponent - of_exponent)
    return np.asarray(np.where(np.isfinite(ratio), ratio, np.nan), dtype=np.float64)


def _t(freedom: Floats | float) -> Floats:
    """Return the quantile of Student's t that a two-sided interval needs."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(freedom, 0.5 + CONFIDENCE / 2.0), dtype=np.float64)
