"""Statistics against exact fractions and scipy, on tables that are hard to get right.

Rows have ties, constants, gaps, a single replicate, truth values, integers that no float holds, and
numbers whose squares are no floats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import regional_sim
from regional_sim.analysis.resampling import bootstrap_interval
from regional_sim.numerics.statistics import (
    QUANTILES,
    contrast,
    contrast_unpaired,
    summarise,
    with_needed,
)

LAST_DIGITS = 64 * np.finfo(float).eps
"""Share of the largest number by which rounding may change a mean or a standard deviation."""


def exact(values: Sequence[float]) -> list[Fraction]:
    return [Fraction(value) for value in values]


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """Variance over n - 1."""
    centre = mean(values)
    return sum(((value - centre) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def root(square: Fraction) -> Fraction:
    """Square root to more digits than a float has."""
    if not square:
        return Fraction(0)
    shift = 4 ** (100 + abs(square.numerator.bit_length() - square.denominator.bit_length()))
    return Fraction(math.isqrt(int(square * shift)), math.isqrt(shift))


def half_width(spread: Fraction, n: int) -> Fraction:
    return Fraction(stats.t.ppf(0.975, n - 1)) * spread / root(Fraction(n))


class Check:
    """Compares statistics of one row with what they should be, given the largest number in it."""

    def __init__(self, found: dict[str, np.ndarray], largest: float) -> None:
        self.found = found
        self.rounding = Fraction(LAST_DIGITS) * Fraction(largest)

    def near(self, name: str, expected: Fraction, slack: Fraction = Fraction(1)) -> None:
        value = self.found[name].item()
        if abs(expected) > Fraction(LARGEST) * Fraction(1 - 1e-12):
            assert math.isnan(value) or math.isfinite(value), name
            return
        assert math.isfinite(value), (name, value, float(expected))
        least = Fraction(5e-324) * 64
        off = abs(Fraction(value) - expected)
        assert off <= slack * self.rounding + abs(expected) * Fraction(1e-12) + least, (
            name,
            value,
            float(expected),
        )

    def ratio(self, name: str, part: Fraction, whole: Fraction, power: int = 1) -> None:
        """Compare a ratio, unless rounding of one of its parts decides it."""
        if math.isnan(self.found["difference"].item()):
            assert math.isnan(self.found[name].item()), name
        elif whole > max(10**6 * self.rounding, Fraction(1e-290)) ** power:
            value = self.found[name].item()
            assert value == pytest.approx(float(part / whole), rel=1e-3, abs=1e-3), name


LARGEST = float(np.finfo(float).max)
SCALES = [1.0, 0.1, 1e300, 1e-300, 1e160, 1e-160, 2.0**-1040]
whole = st.integers(-3, 3).map(float)
large = st.integers(2**53, 2**64).map(float)
ordinary = st.floats(-1e3, 1e3, allow_subnormal=False)
CELLS = [whole, st.booleans().map(float), ordinary, large, st.just(0.7)]


@st.composite
def rows(draw: st.DrawFn, most: int = 9, *, gaps: bool = True) -> list[float]:
    """Values of one outcome: of one kind, at one scale, some of them missing."""
    cells, scale = draw(st.sampled_from(CELLS)), draw(st.sampled_from(SCALES))
    scaled = cells.map(lambda value: max(-LARGEST / 4, min(value * scale, LARGEST / 4)))
    values = st.lists(scaled, min_size=1, max_size=most)
    some = draw(values)
    return [math.nan if gaps and draw(st.integers(0, 9)) == 0 else value for value in some]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """Two rows of one length, mostly of one kind."""
    first = draw(rows())
    second = draw(st.permutations(first)) if draw(st.booleans()) else draw(rows(most=len(first)))
    n = min(len(first), len(second))
    return first[:n], second[:n]


def array(values: Sequence[float]) -> np.ndarray:
    return np.array([values], dtype=float)


def known(values: Sequence[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


@settings(max_examples=60)
@given(rows())
def test_every_number_of_a_summary(values):
    found = summarise(array(values))
    there = exact(known(values))
    n = len(there)
    assert found["n"].item() == n
    if not n:
        assert all(math.isnan(of.item()) for name, of in found.items() if name != "n")
        return
    check = Check(found, max(map(abs, known(values))))
    check.near("mean", mean(there))
    ordered = sorted(there)
    for share, name in QUANTILES.items():
        below, part = divmod(Fraction(str(share)) * (n - 1), 1)
        upper = ordered[min(int(below) + 1, n - 1)]
        check.near(name, ordered[int(below)] + part * (upper - ordered[int(below)]))
    if n == 1:
        assert all(math.isnan(found[name].item()) for name in ("sd", "ci_low", "ci_high"))
        return
    spread = root(variance(there))
    check.near("sd", spread)
    if len(set(there)) == 1:
        assert found["sd"].item() == 0.0
        assert found["ci_low"].item() == found["ci_high"].item() == float(there[0])
    wide = Fraction(stats.t.ppf(0.975, n - 1))
    check.near("ci_low", mean(there) - half_width(spread, n), wide)
    check.near("ci_high", mean(there) + half_width(spread, n), wide)


@settings(max_examples=40)
@given(rows(gaps=False), st.floats(0.05, 10.0))
def test_the_replicates_needed_are_the_fewest(values, share):
    found = summarise(array(values))
    half = np.array([share * max(map(abs, values))])
    needed = with_needed(found, half)["replicates_needed"].item()
    if len(values) == 1 or not half.item():
        assert math.isnan(needed)
        return
    ratio = found["sd"].item() / half.item()
    n = np.arange(2, 5000)
    fits = stats.t.ppf(0.975, n - 1) * ratio <= np.sqrt(n)
    assert math.isnan(needed) if math.isnan(ratio) else needed == n[np.argmax(fits)]


@settings(max_examples=60)
@given(pairs())
def test_every_number_of_a_contrast(both):
    found = contrast(array(both[0]), array(both[1]))
    there = [pair for pair in zip(*both, strict=True) if not any(map(math.isnan, pair))]
    n = len(there)
    assert found["n"].item() == n
    if not n:
        return
    tested, reference = (exact(side) for side in zip(*there, strict=True))
    changes = [one - other for one, other in zip(tested, reference, strict=True)]
    check = Check(found, max(abs(value) for pair in there for value in pair))
    check.near("mean", mean(tested))
    check.near("reference_mean", mean(reference))
    check.near("difference", mean(changes))
    check.ratio("percent", 100 * mean(changes), abs(mean(reference)))
    more = sum(change > 0 for change in changes) + Fraction(sum(not c for c in changes), 2)
    assert found["probability_of_superiority"].item() == pytest.approx(float(more / n), rel=1e-15)
    if n == 1:
        assert math.isnan(found["ci_low"].item())
        return
    spread = root(variance(changes))
    check.near("sd", spread)
    wide = Fraction(stats.t.ppf(0.975, n - 1))
    check.near("ci_low", mean(changes) - half_width(spread, n), wide)
    check.near("ci_high", mean(changes) + half_width(spread, n), wide)
    check.ratio("effect_size", mean(changes), spread)
    total = variance(tested) + variance(reference)
    check.ratio("pooled_effect_size", mean(changes), root(total / 2))
    check.ratio("variance_ratio", variance(changes), total, power=2)


@settings(max_examples=60)
@given(rows(), rows())
def test_every_number_of_a_contrast_without_pairs(first, second):
    found = contrast_unpaired(array(first), array(second))
    sides = known(first), known(second)
    n, m = map(len, sides)
    assert (found["n"].item(), found["reference_n"].item()) == (n, m)
    if not n or not m:
        assert math.isnan(found["difference"].item())
        return
    tested, reference = map(exact, sides)
    check = Check(found, max(map(abs, [*sides[0], *sides[1]])))
    difference = mean(tested) - mean(reference)
    check.near("difference", difference)
    check.ratio("percent", 100 * difference, abs(mean(reference)))
    more = sum((a > b) + Fraction(a == b, 2) for a in tested for b in reference)
    superiority = found["probability_of_superiority"].item()
    assert superiority == pytest.approx(float(more / (n * m)), rel=1e-14)
    if n + m > 2:
        squares = sum((len(x) - 1) * variance(x) for x in (tested, reference) if len(x) > 1)
        check.ratio("pooled_effect_size", difference, root(Fraction(squares) / (n + m - 2)))
    if min(n, m) == 1:
        assert math.isnan(found["ci_low"].item())
        return
    parts = variance(tested) / n, variance(reference) / m
    half = Fraction(0)
    if sum(parts):
        share = [float(part / sum(parts)) for part in parts]
        freedom = 1.0 / (share[0] ** 2 / (n - 1) + share[1] ** 2 / (m - 1))
        half = Fraction(stats.t.ppf(0.975, freedom)) * root(sum(parts))
    wide = Fraction(stats.t.ppf(0.975, min(n, m) - 1))
    check.near("ci_low", difference - half, wide)
    check.near("ci_high", difference + half, wide)


# ---------------------------------------------------------------------------------- the bootstrap

lattice = st.lists(st.integers(-4, 4), min_size=2, max_size=25).filter(lambda v: len(set(v)) > 1)


def of_scipy(samples: Sequence[Sequence[float]], seed: int, resamples: int = 200) -> np.ndarray:
    """Interval of scipy: of the mean of integers, or of a difference of two such means.

    Multiples of all sizes have integer means, so that ties are ties.
    """
    size = math.prod(len(sample) * max(len(sample) - 1, 1) for sample in samples)

    def statistic(one, *other, axis):
        return one.mean(axis=axis) - sum(of.mean(axis=axis) for of in other)

    found = stats.bootstrap(
        [size * np.array(sample, dtype=float) for sample in samples],
        statistic,
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
        method="BCa",
    )
    return np.array(found.confidence_interval) / size


def ends(samples: Sequence[Sequence[float]], seed: int) -> np.ndarray:
    found = bootstrap_interval(*map(array, samples), seed=seed, resamples=200)
    return np.array([found["bootstrap_low"].item(), found["bootstrap_high"].item()])


@settings(max_examples=30)
@given(st.lists(lattice, min_size=1, max_size=2), st.integers(0, 99), st.sampled_from(SCALES[:6]))
def test_ties_count_as_ties_at_every_scale(samples, seed, scale):
    """Multiples of 0.1, say, have the ties of the integers that they are multiples of."""
    expected = of_scipy(samples, seed) * scale
    scaled = [[value * scale for value in sample] for sample in samples]
    found = ends(scaled, seed)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * scale)
    # An end at 0 is 0 to the last digit, or a difference would seem to exclude it.
    assert ((found == 0.0) == (np.abs(expected) < 1e-12 * scale)).all()


@pytest.mark.parametrize("ones", [1, 2])
def test_rare_events_have_an_interval_that_begins_at_zero(ones):
    values = [0.0] * (150 - ones) + [1.0] * ones
    found = ends([values], seed=0)
    np.testing.assert_allclose(found, of_scipy([values], seed=0), rtol=1e-12)
    assert found[0] == 0.0


def test_differences_of_decimals_have_ends_at_zero():
    """Each difference is a tenth but for rounding."""
    a = np.array([41.6, 17.3, 88.2, 60.1, 5.5, 33.3])
    tenths = np.array([1, -1, 0, 1, -1, 0])
    tables = [pd.DataFrame({"k": range(6), "y": y}) for y in (a, (a + tenths / 10).round(1))]
    found = regional_sim.compare(*tables, key="k", seed=4, resamples=200).table
    expected = of_scipy([tenths], seed=4) / 10
    row = found.loc[0, ["bootstrap_low", "bootstrap_high"]].to_numpy(dtype=float)
    np.testing.assert_allclose(row, expected, atol=1e-13)


# ------------------------------------------------------------------------------- a whole comparison


@settings(max_examples=15)
@given(st.lists(pairs(), min_size=1, max_size=3), st.booleans())
def test_comparisons_hold_the_same_numbers(outcomes, paired):
    """Whatever the columns are, each is compared as it would be alone."""
    frames = [
        pd.concat([pd.Series(pair[side], name=f"y{k}") for k, pair in enumerate(outcomes)], axis=1)
        for side in (0, 1)
    ]
    a, b = (frame.assign(k=range(len(frame))) for frame in frames)
    table = regional_sim.compare(a, b, key="k", paired=paired, resamples=100).table
    make = contrast if paired else contrast_unpaired
    names = {"difference": "difference", "ci_low": "ci_low", "percent": "percent"}
    names |= {"pooled_effect_size": "cohens_d", "mean": "mean_b", "reference_mean": "mean_a"}
    names |= {"probability_of_superiority": "probability_of_superiority"}
    for place, row in table.iterrows():
        alone = make(array(b[f"y{place}"]), array(a[f"y{place}"]))
        for theirs, ours in names.items():
            np.testing.assert_array_equal(alone[theirs].item(), row[ours], err_msg=ours)
        low, high = row["bootstrap_low"], row["bootstrap_high"]
        assert low <= high or (math.isnan(low) and math.isnan(high))
