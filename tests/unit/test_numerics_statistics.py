"""Statistics over replicates, against scipy and by what must hold."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from regional_sim.numerics.statistics import (
    EFFECT_WORDS,
    HALF_WIDTH,
    contrast,
    contrast_unpaired,
    effect_word,
    replicates_needed,
    summarise,
    with_needed,
)

FRAME = pd.DataFrame(
    {
        "reference": [0.31, 0.44, 0.28, 0.52, 0.36, 0.41, 0.33],
        "tested": [0.35, 0.47, 0.27, 0.60, 0.36, 0.49, 0.35],
    }
)

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
tables = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=numbers)


def one(found):
    """Take the only row of each statistic."""
    return {name: values.item() for name, values in found.items()}


def test_summary_agrees_with_scipy_and_pandas():
    values = FRAME["tested"]
    found = one(summarise(values.to_numpy()[None, :]))
    low, high = stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=stats.sem(values))
    expected = {
        "n": 7,
        "mean": values.mean(),
        "sd": values.std(),
        "q05": values.quantile(0.05),
        "q25": values.quantile(0.25),
        "median": values.median(),
        "q75": values.quantile(0.75),
        "q95": values.quantile(0.95),
        "ci_low": low,
        "ci_high": high,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_contrast_agrees_with_scipy():
    tested, reference = FRAME["tested"], FRAME["reference"]
    changes = tested - reference
    found = one(contrast(tested.to_numpy()[None, :], reference.to_numpy()[None, :]))
    interval = stats.ttest_rel(tested, reference).confidence_interval(0.95)
    expected = {
        "n": 7,
        "reference_mean": reference.mean(),
        "mean": tested.mean(),
        "difference": changes.mean(),
        "sd": changes.std(),
        "ci_low": interval.low,
        "ci_high": interval.high,
        "effect_size": changes.mean() / changes.std(),
        "pooled_effect_size": changes.mean() / math.sqrt((tested.var() + reference.var()) / 2),
        "probability_of_superiority": 5.5 / 7,
        "variance_ratio": changes.var() / (tested.var() + reference.var()),
        "percent": 100 * changes.mean() / reference.mean(),
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_contrast_of_independent_runs_agrees_with_scipy():
    tested, reference = FRAME["tested"], FRAME["reference"].to_numpy()[:5]
    found = one(contrast_unpaired(tested.to_numpy()[None, :], reference[None, :]))
    interval = stats.ttest_ind(tested, reference, equal_var=False).confidence_interval(0.95)
    pooled = math.sqrt((6 * tested.var() + 4 * reference.var(ddof=1)) / 10)
    difference = tested.mean() - reference.mean()
    expected = {
        "n": 7,
        "reference_n": 5,
        "reference_mean": reference.mean(),
        "mean": tested.mean(),
        "difference": difference,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "pooled_effect_size": difference / pooled,
        "probability_of_superiority": stats.mannwhitneyu(tested, reference).statistic / 35,
        "percent": 100 * difference / reference.mean(),
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_contrast_of_independent_runs_leaves_out_what_each_side_lacks():
    tested = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 3.0]])
    reference = np.array([[np.nan, 1.0], [0.0, 0.0]])
    found = contrast_unpaired(tested, reference)
    assert found["n"].tolist() == [2.0, 3.0]
    assert found["reference_n"].tolist() == [1.0, 2.0]
    assert found["difference"].tolist() == [1.0, 2.0]
    assert np.isnan(found["ci_low"]).tolist() == [True, False]
    assert found["probability_of_superiority"].tolist() == [0.75, 1.0]


def test_a_contrast_of_independent_runs_without_any_spread():
    found = one(contrast_unpaired(np.full((1, 3), 2.0), np.full((1, 2), 1.5)))
    assert found["difference"] == found["ci_low"] == found["ci_high"] == 0.5
    assert math.isnan(found["pooled_effect_size"])


def test_replicates_that_lack_a_value_are_left_out_pair_by_pair():
    tested = np.array([[1.0, np.nan, 3.0, 5.0], [1.0, 2.0, 3.0, 4.0]])
    reference = np.array([[0.0, 1.0, np.nan, 3.0], [0.0, 0.0, 0.0, 0.0]])
    found = contrast(tested, reference)
    assert found["n"].tolist() == [2.0, 4.0]
    assert found["difference"].tolist() == [1.5, 2.5]
    assert summarise(tested)["n"].tolist() == [3.0, 4.0]


def test_no_replicate_and_one_replicate():
    nothing = one(summarise(np.full((1, 3), np.nan)))
    assert nothing.pop("n") == 0
    assert all(math.isnan(value) for value in nothing.values())
    single = one(summarise(np.array([[2.0]])))
    assert (single["n"], single["mean"], single["median"]) == (1, 2.0, 2.0)
    assert all(math.isnan(single[name]) for name in ("sd", "ci_low"))
    assert math.isnan(one(with_needed(summarise(np.array([[2.0]])), np.ones(1)))["more_needed"])


def test_no_effect_at_all():
    same = np.array([[0.1, 0.2, 0.7]])
    found = one(contrast(same, same))
    assert found["difference"] == found["ci_low"] == found["percent"] == 0.0
    assert found["variance_ratio"] == 0.0
    assert found["probability_of_superiority"] == 0.5
    assert math.isnan(found["effect_size"])


@pytest.mark.parametrize("reference", [0.0, 2.3e-308])
def test_a_reference_as_good_as_nothing_gives_no_percentage(reference):
    found = one(contrast(np.array([[5.0, 6.0]]), np.full((1, 2), reference)))
    assert math.isnan(found["percent"])
    assert found["difference"] == 5.5
    assert math.isnan(replicates_needed(np.array([1.0]), np.array([reference / 20])).item())


def test_percent_has_the_sign_of_the_difference():
    found = one(contrast(np.array([[-3.0, -1.0]]), np.array([[-4.0, -4.0]])))
    assert found["percent"] == 50.0


def test_a_row_of_equal_values_has_no_spread():
    found = one(summarise(np.full((1, 11), 0.1)))
    assert (found["mean"], found["sd"]) == (0.1, 0.0)
    assert found["ci_low"] == found["ci_high"] == 0.1
    assert one(with_needed(summarise(np.full((1, 11), 0.1)), np.ones(1)))["replicates_needed"] == 2


def test_more_are_needed_than_there_are():
    found = summarise(np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0]]))
    needed = with_needed(found, np.array([0.5, 0.5]))
    assert needed["replicates_needed"].tolist() == [18.0, 2.0]
    assert needed["more_needed"].tolist() == [15.0, 0.0]


@given(st.floats(0.0, 50.0))
def test_replicates_needed_is_the_fewest(ratio):
    sd = np.array([ratio * HALF_WIDTH])
    needed = replicates_needed(sd, np.array([HALF_WIDTH])).item()

    def half_width(n):
        return stats.t.ppf(0.975, n - 1) * sd.item() / math.sqrt(n)

    assert needed >= 2
    assert half_width(needed) <= HALF_WIDTH * (1 + 1e-9)
    assert needed == 2 or half_width(needed - 1) > HALF_WIDTH * (1 - 1e-9)


@given(tables)
def test_order_of_statistics(values):
    found = summarise(values)
    order = ["q05", "q25", "median", "q75", "q95"]
    for lower, upper in itertools.pairwise(order):
        assert np.all(found[lower] <= found[upper])
    slack = 1e-9 * (1.0 + np.abs(values).max())
    assert np.all(found["mean"] >= values.min(axis=1) - slack)
    assert np.all(found["mean"] <= values.max(axis=1) + slack)


@given(tables, st.data())
def test_swapping_the_two_turns_the_sign(values, data):
    other = data.draw(hnp.arrays(np.float64, values.shape, elements=numbers))
    there, back = contrast(values, other), contrast(other, values)
    slack = 1e-9 * (1.0 + np.abs(values).max() + np.abs(other).max())
    np.testing.assert_allclose(there["difference"], -back["difference"], atol=slack)
    total = there["probability_of_superiority"] + back["probability_of_superiority"]
    np.testing.assert_allclose(total, 1.0)


@given(tables)
def test_each_row_is_by_itself(values):
    together = summarise(values)
    for row, alone in enumerate(map(summarise, values[:, None, :])):
        for name in together:
            np.testing.assert_array_equal(together[name][row], alone[name].item())


# ---------------------------------------------------------------------- words of effects

RAISES, LOWERS, NEGLIGIBLE, UNCLEAR, NO_WORD = EFFECT_WORDS
SIZES = st.floats(0.0, 1e6)
ENDS = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).map(sorted)


@given(ENDS, SIZES)
def test_each_interval_has_one_word(ends: list[float], smallest: float) -> None:
    low, high = ends
    true = {
        RAISES: low > smallest,
        LOWERS: high < -smallest,
        NEGLIGIBLE: -smallest <= low and high <= smallest,
    }
    found = [word for word, holds in true.items() if holds] or [UNCLEAR]
    assert found == [effect_word(low, high, smallest)]


@given(ENDS, SIZES, SIZES)
def test_words_are_monotone(ends: list[float], smallest: float, more: float) -> None:
    """A narrower interval, or a larger smallest effect, never turns one clear word into another."""
    low, high = ends
    word = effect_word(low, high, smallest)
    middle = min(max(low / 2.0 + high / 2.0, low), high)
    if word != UNCLEAR:
        assert effect_word(middle, middle, smallest) == word
    larger = effect_word(low, high, smallest + more)
    assert word != NEGLIGIBLE or larger == NEGLIGIBLE
    assert larger not in {RAISES, LOWERS} or larger == word


@given(ENDS, SIZES)
def test_the_other_way_round_the_word_is_the_other_one(ends: list[float], smallest: float) -> None:
    low, high = ends
    swapped = {RAISES: LOWERS, LOWERS: RAISES}
    word = effect_word(low, high, smallest)
    assert effect_word(-high, -low, smallest) == swapped.get(word, word)


def test_ends_of_what_matters_belong_to_the_negligible() -> None:
    assert effect_word(-0.1, 0.1, 0.1) == NEGLIGIBLE
    assert effect_word(0.1, 0.2, 0.1) == UNCLEAR
    assert effect_word(0.0, 0.0, 0.0) == NEGLIGIBLE


def test_without_interval_or_smallest_effect() -> None:
    nan = math.nan
    assert effect_word(nan, nan, 0.1) == UNCLEAR
    assert effect_word(1.0, 2.0, nan) == NO_WORD
