"""Weights, draws, words and the recovery test, on problems whose answer is known."""

import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from regional_sim.answers.posterior.emulator import fit_emulator
from regional_sim.answers.posterior.posterior import (
    IMPLAUSIBLE,
    Expectations,
    effective_size,
    learned,
    next_points,
    predicted,
    recover,
    resampled,
    tied_factors,
    weighted_quantiles,
)

OBSERVED, SD = 0.3, 0.1


@pytest.fixture(scope="module")
def cube():
    return np.random.default_rng(1).random((40_000, 3))


def straight(points, observed=OBSERVED, sd=SD):
    """The statistic is the first factor itself; the third target ties the other two."""
    mean = np.column_stack([points[:, 0], points[:, 1] + points[:, 2]])
    return Expectations(mean, np.zeros_like(mean), np.array([observed, 1.0]), np.array([sd, sd]))


def test_posterior_of_a_straight_line_is_the_known_one(cube):
    weights = straight(cube).weights()
    known = truncnorm(-OBSERVED / SD, (1 - OBSERVED) / SD, OBSERVED, SD)
    mean = weights @ cube[:, 0]
    assert mean == pytest.approx(known.mean(), abs=0.003)
    assert np.sqrt(weights @ (cube[:, 0] - mean) ** 2) == pytest.approx(known.std(), abs=0.003)
    found = weighted_quantiles(cube[:, 0], weights, np.array([0.05, 0.5, 0.95]))
    assert found == pytest.approx(known.ppf([0.05, 0.5, 0.95]), abs=0.01)


def test_an_uncertain_emulator_tells_less(cube):
    sharp = straight(cube)
    blurred = Expectations(sharp.mean, sharp.sd + 0.3, sharp.observed, sharp.total_sd)
    assert effective_size(blurred.weights()) > 2 * effective_size(sharp.weights())
    assert (blurred.implausibility() <= sharp.implausibility()).all()


def test_draws_follow_the_weights_as_evenly_as_can_be():
    weights = np.array([0.5, 0.25, 0.25, 0.0])
    counts = np.bincount(resampled(weights, 400, np.random.default_rng(2)), minlength=4)
    assert counts.tolist() == [200, 100, 100, 0]


def test_what_is_informed_and_what_is_tied(cube):
    expected = straight(cube)
    rng = np.random.default_rng(3)
    draws = cube[resampled(expected.weights(), 4000, rng)]
    ratios = learned(draws)
    assert ratios[0] == pytest.approx(SD * np.sqrt(12), abs=0.03)
    assert ratios[1:] == pytest.approx(1.0, abs=0.08)
    ((first, second, r),) = tied_factors(draws)
    assert (first, second) == (1, 2)
    assert r < -0.8


def test_the_next_wave_lies_where_nothing_is_ruled_out(cube):
    expected = straight(cube)
    places = next_points(expected, 100, np.random.default_rng(4))
    assert len(np.unique(places)) == 100
    assert (expected.implausibility()[places] <= IMPLAUSIBLE).all()


def test_the_next_wave_is_whole_where_all_is_ruled_out(cube):
    expected = straight(cube, observed=50.0)
    places = next_points(expected, 100, np.random.default_rng(4))
    assert len(np.unique(places)) == 100
    assert np.median(cube[places, 0]) > 0.9


def test_known_factors_are_found_again_nine_times_in_ten(cube):
    rng = np.random.default_rng(5)
    truths = rng.random((400, 3))
    at_truths = straight(truths)
    found = recover(
        truths, at_truths.mean, np.zeros((400, 2)), cube[:8000], straight(cube[:8000]), rng
    )
    assert found.coverage == pytest.approx(0.9, abs=0.045)
    assert (found.uniformity() > 0.001).all()


def test_a_wrong_emulator_is_found_out(cube):
    rng = np.random.default_rng(6)
    truths = rng.random((200, 3))
    wrong = straight(cube[:8000])
    wrong = Expectations(wrong.mean + 0.15, wrong.sd, wrong.observed, wrong.total_sd)
    found = recover(truths, straight(truths).mean, np.zeros((200, 2)), cube[:8000], wrong, rng)
    assert found.coverage[0] < 0.8
    assert found.uniformity()[0] < 1e-6


def test_predictions_add_what_the_figure_is_off_by():
    values = np.random.default_rng(7).normal(5.0, 1.0, 4000)
    one = predicted(values, np.zeros(4000), 5.0, 2.0, seed=1)
    half = norm.ppf(0.95) * np.sqrt(5.0)
    assert (one.low, one.median, one.high) == pytest.approx((5 - half, 5.0, 5 + half), abs=0.15)
    assert one.tail > 0.95
    assert predicted(values, np.zeros(4000), 20.0, 2.0, seed=1).tail < 0.001


class TestEmulator:
    def test_learns_a_smooth_function_and_which_factors_do_nothing(self):
        rng = np.random.default_rng(8)
        points = rng.random((80, 3))
        truth = 3 * points[:, 0] + np.sin(4 * points[:, 1])
        noise = np.full(80, 0.05)
        emulator = fit_emulator(points, truth + rng.normal(0, 0.05, 80), noise)
        fresh = rng.random((200, 3))
        mean, sd = emulator.predict(fresh)
        off = mean - (3 * fresh[:, 0] + np.sin(4 * fresh[:, 1]))
        assert np.sqrt(np.mean(off**2)) < 0.06
        assert np.mean(np.abs(off) <= 1.96 * sd) > 0.9
        assert emulator.explained > 0.98
        assert emulator.inside > 0.85

    def test_says_that_it_explains_nothing_of_noise(self):
        rng = np.random.default_rng(9)
        emulator = fit_emulator(rng.random((60, 2)), rng.normal(size=60), np.ones(60))
        assert emulator.explained < 0.3

    def test_leaves_out_points_without_a_value(self):
        points = np.random.default_rng(10).random((30, 1))
        value = np.where(points[:, 0] > 0.9, np.nan, points[:, 0])
        mean, _ = fit_emulator(points, value, np.full(30, 0.01)).predict(np.array([[0.5]]))
        assert mean[0] == pytest.approx(0.5, abs=0.03)

    def test_takes_a_statistic_that_is_the_same_everywhere(self):
        points = np.random.default_rng(11).random((20, 2))
        emulator = fit_emulator(points, np.zeros(20), np.zeros(20))
        mean, sd = emulator.predict(points)
        assert np.abs(mean).max() < 1e-9
        assert np.isfinite(sd).all()
