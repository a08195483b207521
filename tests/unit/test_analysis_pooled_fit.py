"""The statistics of calibration, on made-up counts whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from regional_sim.analysis.base_rates import DisputeRecord
from regional_sim.analysis.pooled_fit import (
    FACTOR_PRIOR,
    PREDICTORS,
    FreeNumbers,
    Surface,
    best_of,
    evaluate,
    log_count_probability,
    log_likelihood,
    log_rate_variance,
    log_score,
    optimum,
    reference_scores,
    toward,
)

ONSETS = np.array([9.0, 4.0, 1.0, 0.0, 0.0])
PARTS = np.array([[5.0, 1, 0, 0, 0], [4.0, 1, 0, 0, 0], [2.0, 0, 0, 0, 0]])
NAMES = ("A-B", "A-C", "B-C", "A-D", "B-D")
RECORD = DisputeRecord(NAMES, 10.0, ONSETS, PARTS, 0.0)


def _surface(mean: float = 0.5, spread: float = 0.4) -> Surface:
    """A world in which all pairs are alike: log rate 1 - 2 log R + g, logit -1 + g."""
    at = FreeNumbers(mean, spread, np.zeros(5), np.zeros(1))
    eta = np.repeat([[2.0 - 2.0 * mean], [-1.0], [-0.5], [-1.0]], 5, axis=1)
    by_restraint = np.repeat([[-2.0], [0.0], [0.0], [0.0]], 5, axis=1)
    by_factor = np.repeat([[[1.0], [1.0], [0.0], [0.0]]], 5, axis=1).reshape(1, PREDICTORS, 5)
    return Surface(at, eta, by_restraint, by_factor)


def _objective_by_hand(vector: np.ndarray, spread: float) -> float:
    mean, deviation, factor = vector[0], vector[1:6], vector[6]
    rate = np.exp(2.0 - 2.0 * (mean + spread * deviation) + factor)
    chance = 1.0 / (1.0 + np.exp(1.0 - factor))
    over_1, over_6 = 1.0 / (1.0 + np.exp(0.5)), 1.0 / (1.0 + np.exp(1.0))
    value = stats.poisson.logpmf(ONSETS, rate).sum()
    value += stats.binom.logpmf(PARTS[0], ONSETS, chance).sum()
    value += stats.binom.logpmf(PARTS[1], ONSETS, over_1).sum()
    value += stats.binom.logpmf(PARTS[2], PARTS[1], over_6).sum()
    return value - 0.5 * (mean**2 + deviation @ deviation + (factor / FACTOR_PRIOR) ** 2)


def test_the_optimum_is_the_one_that_a_general_optimiser_finds() -> None:
    found = optimum(_surface(), RECORD, spread=0.4)
    sought = minimize(lambda v: -_objective_by_hand(v, 0.4), np.zeros(7), method="BFGS")
    assert found.objective == pytest.approx(-sought.fun, abs=1e-6)
    assert found.at.as_vector() == pytest.approx(sought.x, abs=1e-4)

    def at(move: np.ndarray) -> float:
        return _objective_by_hand(found.at.as_vector() + move, 0.4)

    steps = 1e-3 * np.eye(7)
    hessian = [
        [(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / 4e-6 for a in steps] for b in steps
    ]
    assert found.covariance == pytest.approx(-np.linalg.inv(hessian), abs=1e-4)


def test_where_the_search_starts_makes_no_difference() -> None:
    far = optimum(_surface(mean=-0.5, spread=0.9), RECORD, spread=0.4)
    near = optimum(_surface(), RECORD, spread=0.4)
    assert far.at.as_vector() == pytest.approx(near.at.as_vector(), abs=1e-4)


def test_pairs_are_drawn_to_the_mean_and_those_with_most_disputes_least() -> None:
    found = optimum(_surface(), RECORD, spread=0.4)
    assert np.all(np.diff(found.at.log_restraint[:4]) > 0)  # more onsets, less restraint
    assert found.at.deviation[3] == pytest.approx(found.at.deviation[4])
    alone = (2.0 + found.at.factors[0] - np.log(ONSETS[:3])) / 2.0  # what each alone would ask for
    moved = (found.at.log_restraint[:3] - found.at.mean) / (alone - found.at.mean)
    assert np.all((moved > 0.0) & (moved < 1.0))
    assert moved[0] > moved[2]
    tight = optimum(_surface(), RECORD, spread=0.05)
    assert np.ptp(tight.at.log_restraint) < 0.2 * np.ptp(found.at.log_restraint)


def test_the_spread_is_the_one_with_most_evidence() -> None:
    surface = _surface(spread=0.7)
    found = best_of(surface, RECORD)
    for factor in (0.8, 1.25):
        other = optimum(surface, RECORD, found.at.spread * factor)
        assert other.evidence < found.evidence
    alike = DisputeRecord(NAMES, 10.0, np.full(5, 3.0), np.zeros((3, 5)), 0.0)
    assert best_of(surface, alike).at.spread < 0.55  # the end of the search


def test_steps_are_bounded_and_keep_the_restraint_that_they_reach() -> None:
    here = FreeNumbers(0.0, 0.5, np.zeros(5), np.zeros(1))
    there = FreeNumbers(0.1, 0.4, np.array([0.5, 9.0, -9.0, 0.0, 1.0]), np.array([3.0]))
    step = toward(here, there)
    assert step.log_restraint == pytest.approx([0.3, 0.5, -0.5, 0.1, 0.5])
    assert (step.mean, step.spread, step.factors.item()) == (0.1, 0.4, 0.5)


def test_averaged_surfaces_agree_where_each_is_right() -> None:
    first = _surface()
    second = first.moved(FreeNumbers(1.0, 0.3, np.arange(5.0), np.array([0.2])))
    mean = Surface.averaged([first, second])
    assert mean.at is second.at
    assert mean.eta == pytest.approx(second.eta)
    assert evaluate(mean, RECORD).objective == pytest.approx(evaluate(second, RECORD).objective)


def test_likelihoods_equal_those_of_the_distributions() -> None:
    counts, means = np.array([0.0, 3.0, 7.0]), np.array([0.4, 2.0, 9.0])
    assert log_count_probability(counts, means) == pytest.approx(
        stats.poisson.logpmf(counts, means)
    )
    wide = log_count_probability(counts, means, dispersion=1.5)
    assert wide == pytest.approx(stats.nbinom.logpmf(counts, means / 0.5, 1.0 / 1.5))
    terms = log_likelihood(_surface().eta, RECORD)
    chance = 1.0 / (1.0 + np.exp(1.0))
    assert terms["use of force"] == pytest.approx(
        stats.binom.logpmf(PARTS[0], ONSETS, chance).sum()
    )


def test_scores_equal_a_computation_by_hand() -> None:
    onsets, log_rate = np.array([2.0, 0.0]), np.log([1.5, 0.2])
    exact = log_score(onsets, log_rate, np.zeros(2))
    assert exact == pytest.approx([np.log(1.5**2 / 2.0) - 1.5, -0.2])
    rates = np.exp(log_rate[0] + 0.6 * np.random.default_rng(1).standard_normal(400_000))
    by_chance = np.log(stats.poisson.pmf(2.0, rates).mean())
    spread = log_score(onsets, log_rate, np.full(2, 0.36))
    assert spread[0] == pytest.approx(by_chance, abs=0.005)


def test_the_variance_of_a_rate_is_that_of_the_posterior_and_of_the_simulation() -> None:
    surface = _surface()
    found = optimum(surface, RECORD, 0.4)
    at_optimum = surface.moved(found.at)
    gradient = np.concatenate([[-2.0], [-0.8, 0, 0, 0, 0], [1.0]])  # of the first pair
    expected = gradient @ found.covariance @ gradient + 1.0 / 100.5
    variance = log_rate_variance(at_optimum, found, np.full(5, 100.0))
    assert variance[0] == pytest.approx(expected)
    assert variance[0] < variance[3]  # more is known of a pair with nine onsets


def test_references_need_no_model() -> None:
    scored = DisputeRecord(NAMES, 5.0, np.array([4.0, 2, 0, 1, 0]), PARTS, 0.0)
    scores = reference_scores(RECORD, scored)
    uniform = stats.poisson.logpmf(scored.onsets, ONSETS.mean() * 0.5).sum()
    assert scores["uniform"] == pytest.approx(uniform)
    assert scores["uniform"] < scores["own past rate, plug-in"]
