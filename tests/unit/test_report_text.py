"""Numbers as text keep their value, and lines are broken between words only."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from regional_sim.report.text import (
    MISSING,
    NO_SPREAD,
    bounds,
    decimals_of,
    duration,
    interval_decimals,
    level,
    mean_with_interval,
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
def test_number_keeps_three_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=5.1e-3)
    assert float(signed(value)) == pytest.approx(value, rel=5.1e-3)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6))
def test_numbers_of_a_block_share_their_decimals(values: list[float]) -> None:
    decimals = decimals_of(values)
    told = [signed(value, decimals) for value in values if value]
    lengths = {len(text.partition(".")[2]) for text in told if "e" not in text}
    assert len(lengths) <= 1
    assert all(float(text) or text[0] not in "+-" for text in told)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3)), min_size=1, max_size=6))
def test_differences_of_a_block_share_their_decimals(rows: list[tuple[float, float]]) -> None:
    estimates = [(value, value - half, value + half) for value, half in rows]
    decimals = interval_decimals(estimates)
    for value, low, high in estimates:
        middle, interval = with_interval(value, low, high, decimals)
        for text in (middle, *interval.split(" to ")):
            if text != "0" and not interval.startswith("within"):
                assert len(text.partition(".")[2]) == decimals


@given(FINITE)
def test_signed_has_the_sign(value: float) -> None:
    expected = {1.0: "+", -1.0: "-"}.get(math.copysign(1.0, value) if value else 0.0, "0")
    assert signed(value)[0] == expected


@given(FINITE.filter(bool))
def test_level_is_short_and_exact(value: float) -> None:
    assert float(level(value)) == pytest.approx(value, rel=1e-11)


@given(st.floats(-1e3, 1e3), st.floats(1e-9, 1e3))
def test_interval_shows_its_width(value: float, half_width: float) -> None:
    low, high = value - half_width, value + half_width
    assume(low < value < high)
    middle, interval = with_interval(value, low, high)
    if "e" in middle or interval.startswith("within"):
        assert half_width < 1e-3
        return
    first, last = map(float, interval.split(" to "))
    assert (float(middle), first, last) == pytest.approx((value, low, high), abs=0.51 * half_width)


def test_interval_of_one_replicate() -> None:
    assert with_interval(0.25, math.nan, math.nan) == ("+0.250", MISSING)
    assert mean_with_interval(0.25, math.nan, math.nan) == ("0.250", MISSING)


def test_ends_of_an_interval_have_the_decimals_of_its_middle() -> None:
    assert with_interval(0.1, 0.05, 0.15) == ("+0.100", "+0.050 to +0.150")
    assert with_interval(1.2e-7, 1.1e-7, 1.3e-7) == ("+1.20e-07", "+1.10e-07 to +1.30e-07")
    assert with_interval(250.0, 150.0, 350.0) == ("+250", "+150 to +350")
    assert with_interval(0.3012, 0.3003, 0.3021) == ("+0.3012", "+0.3003 to +0.3021")
    assert mean_with_interval(0.3012, 0.29, 0.3124) == ("0.301", "0.290 to 0.312")


def test_interval_that_cannot_be_seen_is_said_to_be_narrow() -> None:
    assert with_interval(0.0621, 0.0621, 0.0621) == ("+0.0621", NO_SPREAD)
    assert with_interval(0.0621, 0.06209, 0.06211, 3) == ("+0.062", "within 0.0005")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.34, "+12.3 %"),
        (-0.094, "-0.09 %"),
        (0.096, "+0.1 %"),
        (929.2, "+929 %"),
        (math.inf, MISSING),
    ],
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
    assert wrapped("at 12 % of", 6) == "at\n12 %\nof"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert padded([("", "mean"), ("tension", "0.5")]) == ["         mean", "tension  0.5"]
    assert padded([("a", "", "")]) == ["a"]
