"""Verdicts: what they follow from, and that they do not hang on units or directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.answers.hypotheses.deciding import deciding_factor
from regional_sim.answers.hypotheses.verdicts import (
    FEWEST_FOR_STRUCTURAL,
    LEVEL,
    agrees,
    agrees_beyond,
    final_verdict,
    first_verdict,
    holm,
)
from regional_sim.experiment.points import Factor
from regional_sim.numerics.statistics import contrast, effect_word

EXPECTED = ("rise", "fall", "unchanged", "no_rise", "no_fall")
MIRRORED = {
    "rise": "fall",
    "fall": "rise",
    "no_rise": "no_fall",
    "no_fall": "no_rise",
    "unchanged": "unchanged",
}
effects = st.floats(-0.1, 0.1, allow_subnormal=False)
errors = st.floats(1e-4, 0.05)


def test_the_verdict_is_that_of_the_interval() -> None:
    """The same words as in tables of contrasts, found another way."""
    words = {"raises": "supported", "lowers": "contradicted", "negligible": "negligible"}
    rng = np.random.default_rng(1)
    seen = set()
    for mean, spread in zip(rng.normal(0, 0.03, 300), rng.uniform(0.001, 0.1, 300), strict=True):
        pairs = rng.normal(mean, spread, (1, 12))
        found = contrast(pairs, np.zeros_like(pairs))
        word = effect_word(found["ci_low"][0], found["ci_high"][0], 0.01)
        error = float(found["sd"][0] / np.sqrt(12))
        verdict, p = first_verdict(float(found["difference"][0]), error, 11, "rise", 0.01)
        seen.add(words.get(word, "undecided"))
        assert (verdict if p < LEVEL else "undecided") == words.get(word, "undecided")
    assert len(seen) == 4


@given(effects, errors, st.sampled_from(EXPECTED))
def test_the_other_direction_is_the_mirror(effect: float, error: float, expects: str) -> None:
    mirrored = first_verdict(-effect, error, 19, MIRRORED[expects], 0.01)
    assert mirrored == first_verdict(effect, error, 19, expects, 0.01)


@given(effects, errors, st.sampled_from(EXPECTED))
def test_units_do_not_matter(effect: float, error: float, expects: str) -> None:
    verdict, p = first_verdict(effect, error, 19, expects, 0.01)
    scaled_verdict, scaled_p = first_verdict(effect * 1024, error * 1024, 19, expects, 10.24)
    assert scaled_verdict == verdict
    assert scaled_p == pytest.approx(p)


@given(effects, errors)
def test_what_supports_no_change_contradicts_no_rise_never(effect: float, error: float) -> None:
    word, p = first_verdict(effect, error, 19, "unchanged", 0.01)
    if word == "supported" and p < LEVEL:
        for expects in ("no_rise", "no_fall"):
            assert first_verdict(effect, error, 19, expects, 0.01)[0] == "supported"


def test_an_effect_without_noise_is_on_one_side_or_on_the_border() -> None:
    assert first_verdict(0.02, 0.0, 9, "rise", 0.01) == ("supported", 0.0)
    assert first_verdict(0.0, 0.0, 9, "rise", 0.01) == ("negligible", 0.0)
    assert first_verdict(0.01, 0.0, 9, "rise", 0.01)[1] == 1.0


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12), st.randoms())
def test_holm_raises_p_values_in_their_order_whatever_their_place(p: list[float], rng) -> None:
    adjusted = holm(p)
    assert all(raw <= new <= 1.0 for raw, new in zip(p, adjusted, strict=True))
    order = sorted(range(len(p)), key=p.__getitem__)
    assert [adjusted[k] for k in order] == sorted(adjusted)
    assert min(adjusted) == min(1.0, len(p) * min(p))
    shuffled = list(range(len(p)))
    rng.shuffle(shuffled)
    assert holm([p[k] for k in shuffled]) == [adjusted[k] for k in shuffled]


@pytest.mark.parametrize(
    ("n_points", "n_flips", "verdict"),
    [
        (0, 0, "supported"),
        (FEWEST_FOR_STRUCTURAL - 1, 0, "supported"),
        (FEWEST_FOR_STRUCTURAL, 0, "structural"),
        (500, 1, "supported"),
    ],
)
def test_structural_takes_many_points_and_no_flip(
    n_points: int, n_flips: int, verdict: str
) -> None:
    agreeing = np.arange(n_points) >= n_flips
    assert final_verdict("supported", 0.001, agreeing) == verdict
    assert final_verdict("contradicted", 0.001, agreeing) == "contradicted"
    assert final_verdict("negligible", 0.001, agreeing) == "negligible"
    assert final_verdict("supported", LEVEL, agreeing) == "undecided"


def test_where_claims_hold() -> None:
    found = np.array([-0.02, -0.005, 0.0, 0.005, 0.02, np.nan])
    holds = {one: agrees(found, one, 0.01).astype(int).tolist() for one in EXPECTED}
    assert holds == {
        "rise": [0, 0, 0, 1, 1, 0],
        "fall": [1, 1, 0, 0, 0, 0],
        "unchanged": [0, 1, 1, 1, 0, 0],
        "no_rise": [1, 1, 1, 1, 0, 0],
        "no_fall": [0, 1, 1, 1, 1, 0],
    }
    assert agrees_beyond(found, "rise", 0.01).tolist() == [False] * 4 + [True, False]
    assert agrees_beyond(found, "fall", 0.01).tolist() == [True] + [False] * 5
    for one in ("unchanged", "no_rise", "no_fall"):
        assert agrees_beyond(found, one, 0.01).tolist() == agrees(found, one, 0.01).tolist()


def test_the_factor_that_decides_is_found_and_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    levels = rng.uniform(size=(3, 100))
    names = ("parameters.a", "parameters.b", "parameters.c")
    factors = [Factor(name, row.tolist()) for name, row in zip(names, levels, strict=True)]
    found = deciding_factor(factors, list(levels), np.exp(-9.0 * levels[1]))
    assert found is not None
    assert (found.name, found.correlation) == ("b", pytest.approx(-1.0))
    assert deciding_factor(factors, list(levels), rng.normal(size=100)) is None
    assert deciding_factor(factors, list(levels), np.ones(100)) is None


def test_a_choice_can_decide() -> None:
    rng = np.random.default_rng(4)
    places = np.tile([0.0, 1.0, 2.0], 30)
    names = np.array(["probit", "logit", "cloglog"])[places.astype(int)]
    factors = [Factor("options.shock", names.tolist()), Factor("parameters.a", list(range(90)))]
    noise = rng.permutation(90).astype(float)
    effects = np.array([0.0, 1.0, 0.2])[places.astype(int)] + 0.01 * rng.normal(size=90)
    found = deciding_factor(factors, [places, noise], effects)
    assert found is not None
    assert found.name == "shock"
    assert np.isnan(found.correlation)
    assert found.share > 0.8
