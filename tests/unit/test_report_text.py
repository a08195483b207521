"""Numbers as text keep their value, and lines are broken between words only."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.report.text import (
    MISSING,
    bounds,
    duration,
    level,
    number,
    padded,
    percent,
    signed,
    size,
    with_interval,
    wrapped,
)

FINITE = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


@given(FINITE)
def test_number_keeps_four_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=5.1e-4)
    assert float(signed(value)) == pytest.approx(value, rel=5.1e-4)


@given(FINITE)
def test_signed_has_the_sign(value: float) -> None:
    expected = {1.0: "+", -1.0: "-"}.get(math.copysign(1.0, value) if value else 0.0, "0")
    assert signed(value)[0] == expected


@given(FINITE.filter(bool))
def test_level_is_short_and_exact(value: float) -> None:
    assert float(level(value)) == pytest.approx(value, rel=1e-11)


@given(st.floats(-1e3, 1e3), st.floats(1e-12, 1e3))
def test_interval_keeps_two_digits_of_its_half_width(value: float, half_width: float) -> None:
    low, high = value - half_width, value + half_width
    middle, interval = with_interval(value, low, high)
    first, last = map(float, interval.split(" to "))
    # Exponents, for widths far below one, have three digits of the ends themselves.
    tolerance = max(0.05 * half_width, 0.006 * max(abs(low), abs(high)))
    fixed = 0.05 * half_width + 1e-12
    allowed = tolerance if "e" in interval else fixed
    assert (float(middle), first, last) == pytest.approx((value, low, high), abs=allowed, rel=0)


def test_interval_of_one_replicate() -> None:
    assert with_interval(0.25, math.nan, math.nan) == ("+0.2500", MISSING)


def test_ends_of_an_interval_have_the_decimals_of_its_middle() -> None:
    assert with_interval(0.1, 0.05, 0.15) == ("+0.100", "+0.050 to +0.150")
    assert with_interval(1.2e-7, 1.1e-7, 1.3e-7) == ("+1.20e-07", "+1.10e-07 to +1.30e-07")
    assert with_interval(250.0, 150.0, 350.0) == ("+250", "+150 to +350")


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.34, "+12.3 %"), (-0.094, "-0.09 %"), (0.096, "+0.1 %"), (math.inf, MISSING)],
)
def test_percent(value: float, text: str) -> None:
    assert percent(value) == text


def test_bounds_of_every_kind() -> None:
    ends = (-math.inf, 0.5, math.inf)
    found = [bounds(low, high) for low in ends[:2] for high in ends[1:]]
    assert found == ["to 0.5", "any", "0.5 to 0.5", "from 0.5"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(59.4, "59 s"), (61.0, "1 min"), (3599.0, "60 min"), (3600.0, "1.0 h")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "1 kB"), (999_999, "1000 kB"), (1_000_000, "1.0 MB"), (12_300_000_000, "12 GB")],
)
def test_size(n_bytes: float, text: str) -> None:
    assert size(n_bytes) == text


def test_words_are_not_broken() -> None:
    text = "results/a-long-path/summary.csv and more"
    assert wrapped(text, 10, "- ", "  ") == "- results/a-long-path/summary.csv\n  and more"
    assert wrapped("a b", 3) == "a b"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert padded([("", "mean"), ("tension", "0.5")]) == ["         mean", "tension  0.5"]
    assert padded([("a", "", "")]) == ["a"]
