"""Indices of the factors: known ones are found, noise counts for none, unstable points go whole."""

import numpy as np
import pytest
from SALib.analyze import morris, sobol
from scipy.stats.qmc import LatinHypercube

import regional_sim
from regional_sim import salib_inputs, salib_problem
from regional_sim.answers import outcomes as module
from regional_sim.answers.sensitivity.factor_sensitivity import (
    HARDLY,
    MATTERS_LITTLE,
    NOT_TOLD,
    OF_NOISE,
)
from regional_sim.answers.sensitivity.interval_estimate import IntervalEstimate
from regional_sim.answers.sensitivity.main_effects import NumericLevels, least_points, main_effects
from regional_sim.answers.sensitivity.sampled_values import SampledValues
from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest, sensitivity_of
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import experiment_from_mapping

CUBE = {
    "parameters.theta_challenger": {"low": 0.2, "high": 0.8},
    "parameters.signal_gain": {"low": 1.0, "high": 3.0},
    "parameters.level_weight": {"low": 0.0, "high": 0.5},
    "parameters.novelty_memory": {"low": 0.0, "high": 0.5},
}
BASE = {
    "scenario": "two_states",
    "settings": {"horizon.months_before": 0, "horizon.months_after": 1},
    "seed": 0,
    "replicates": 6,
    "postures": ["traditional", "new_approach"],
}
# Sobol' & Levitan 1999, closed form for a = 7, b = 0.1; the fourth factor does nothing.
FIRST = dict(zip(CUBE, [0.3139, 0.4424, 0.0, 0.0], strict=True))
TOTAL = dict(zip(CUBE, [0.5576, 0.4424, 0.2437, 0.0], strict=True))
DESIGNS = {
    "saltelli": {"kind": "saltelli", "n": 128, "second_order": False},
    "morris": {"kind": "morris", "trajectories": 12},
    "latin_hypercube": {"kind": "latin_hypercube", "n": 64},
    "grid": {"kind": "grid"},
}


def unstable(monkeypatch, bad):
    """Say that these points are unstable, and all others stable."""

    def radii(_experiment, most, _progress=None):
        return {number: 1.1 if number in bad else 0.9 for number in range(most)}

    monkeypatch.setattr(module, "radii_of_points", radii)


@pytest.fixture(autouse=True)
def _all_stable(monkeypatch):
    unstable(monkeypatch, [])


def shares_of_cube(experiment):
    low = np.array([prior["low"] for prior in CUBE.values()])
    high = np.array([prior["high"] for prior in CUBE.values()])
    return (salib_inputs(experiment) - low) / (high - low)


def ishigami(shares):
    x, y, z = (2.0 * np.pi * (shares[:, :3] - 0.5)).T
    return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def result_of(kind, function, noise=0.0):
    """Run a sweep, and put a known function in place of the difference of tension."""
    factors = CUBE
    if kind == "grid":
        factors = {
            "parameters.theta_challenger": [0.2, 0.5, 0.8],
            "options.shock": ["probit", "logit"],
        }
    experiment = experiment_from_mapping({**BASE, "design": {**DESIGNS[kind], "factors": factors}})
    results = regional_sim.sweep(experiment)
    shares = salib_inputs(experiment) if kind == "grid" else shares_of_cube(experiment)
    known = function(shares)
    runs = results.runs
    rng = np.random.default_rng(7)
    of_run = known[runs["point"]] + noise * rng.normal(size=len(runs))
    is_reference = runs["posture"] == "traditional"
    runs["tension_whole"] = np.where(is_reference, 0.0, of_run)
    return results


def found_in(results, **asked):
    (one,) = sensitivity_of(results, SensitivityRequest(metrics=["tension"], **asked)).outcomes
    return one


def by_path(one, measure):
    return {f.factor.path: f.measures[measure] for f in one.factors}


@pytest.fixture(scope="module")
def saltelli():
    return result_of("saltelli", ishigami)


@pytest.fixture(scope="module")
def hypercube():
    return result_of("latin_hypercube", lambda x: x @ [3.0, -2.0, 0.1, 0.0], noise=0.2)


@pytest.fixture(scope="module")
def trajectories():
    return result_of("morris", lambda x: x @ [3.0, -2.0, 0.0, 0.0] + 2.0 * x[:, 0] * x[:, 2])


def test_sobol_indices_of_the_ishigami_function_lie_in_their_intervals(saltelli):
    one = found_in(saltelli)
    for measure, known in {"first_order": FIRST, "total_order": TOTAL}.items():
        for path, found in by_path(one, measure).items():
            assert found.low - 1e-9 <= known[path] <= found.high + 1e-9, (measure, path)


def test_without_noise_sobol_indices_are_those_of_salib(saltelli):
    one = found_in(saltelli)
    problem = salib_problem(saltelli)
    y = ishigami(shares_of_cube(experiment_of(saltelli)))
    theirs = sobol.analyze(problem, y, calc_second_order=False, seed=1)
    paths = [name.replace("parameters_", "parameters.") for name in problem["names"]]
    for ours, name in {"first_order": "S1", "total_order": "ST"}.items():
        found = by_path(one, ours)
        assert np.allclose([found[path].value for path in paths], theirs[name], atol=1e-6)


def experiment_of(results):
    return module.PointResults(results).experiment


def test_replicate_noise_counts_for_no_factor():
    results = result_of("saltelli", ishigami, noise=6.0)
    one = found_in(results)
    # 36 / 6 replicates, over the variance of the function and the noise.
    assert one.noise == pytest.approx(6.0 / (13.84 + 6.0), abs=0.05)
    for path, found in by_path(one, "total_order").items():
        assert found.low <= TOTAL[path] <= found.high, path
    # Without this the last factor, which does nothing, would have the share of the noise.
    idle = by_path(one, "total_order")["parameters.novelty_memory"]
    assert abs(idle.value) < 0.1


def test_noise_that_points_share_is_none_of_their_differences():
    """Replicates share their random numbers: what shifts all points alike is no noise of them."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(1, 50))
    values = SampledValues.of_runs(np.arange(8.0)[:, None] + shared)
    assert values.noise_variance == pytest.approx(0.0, abs=1e-12)
    own = SampledValues.of_runs(rng.normal(size=(400, 5)))
    assert own.noise_variance == pytest.approx(0.2, rel=0.15)


def test_points_may_have_unequal_replicates_or_none():
    values = np.array([[1.0, 2.0, 3.0, np.nan], [4.0, 5.0, 6.0, 9.0], [np.nan] * 4])
    found = SampledValues.of_runs(values)
    assert found.mean[:2].tolist() == [2.0, 6.0]
    assert np.isnan(found.mean[2])
    assert found.deviations.shape == (3, 3)


def test_elementary_effects_are_those_of_salib(trajectories):
    one = found_in(trajectories)
    experiment = experiment_of(trajectories)
    x = shares_of_cube(experiment)
    y = x @ [3.0, -2.0, 0.0, 0.0] + 2.0 * x[:, 0] * x[:, 2]
    theirs = morris.analyze(salib_problem(experiment), salib_inputs(experiment), y, seed=1)
    for ours, name in {
        "mean_absolute_effect": "mu_star",
        "mean_effect": "mu",
        "effect_sd": "sigma",
    }.items():
        found = by_path(one, ours)
        expected = dict(zip(experiment.factors, theirs[name], strict=True))
        for path, value in expected.items():
            assert found[path].value == pytest.approx(value, abs=1e-9)
    words = {f.factor.path: (f.direction, f.meaning) for f in one.factors}
    assert words["parameters.theta_challenger"][0] == "raises"
    assert words["parameters.signal_gain"] == ("lowers", "matters")
    assert words["parameters.novelty_memory"] == ("unclear", "no effect")


def test_effects_of_noise_are_said_to_be_no_more_than_that():
    one = found_in(result_of("morris", lambda x: 3.0 * x[:, 0], noise=1.0))
    meanings = {f.factor.path: f.meaning for f in one.factors}
    assert meanings.pop("parameters.theta_challenger") == "matters"
    assert set(meanings.values()) == {OF_NOISE}


def test_shares_of_single_factors_are_found_from_a_latin_hypercube(hypercube):
    one = found_in(hypercube)
    shares = by_path(one, "main_effect")
    whole = 9.0 + 4.0 + 0.01
    assert [f.factor.path for f in one.factors][:2] == list(CUBE)[:2]
    for path, known in zip(CUBE, [9.0 / whole, 4.0 / whole, 0.01 / whole, 0.0], strict=True):
        assert shares[path].low <= known <= shares[path].high, path
    assert [f.direction for f in one.factors[:2]] == ["raises", "lowers"]
    assert {f.meaning for f in one.factors[2:]} <= {HARDLY, NOT_TOLD, MATTERS_LITTLE}
    assert one.explained > 0.95


def test_curves_bend_where_that_tells_left_out_points_better():
    rng = np.random.default_rng(2)
    x = rng.random((200, 3))
    bent = SampledValues.of_runs(((x[:, 0] - 0.5) ** 2)[:, None])
    found = main_effects([NumericLevels(one, True) for one in x.T], bent, resamples=100, seed=1)
    assert found.degree >= 2
    assert found.shares[0].value > 0.9
    assert abs(found.trends[0].value) < 0.1


def test_shares_of_what_only_works_together_are_small_and_said_to_explain_nothing():
    rng = np.random.default_rng(3)
    x = rng.random((128, 4)) - 0.5
    together = SampledValues.of_runs((x[:, 0] * x[:, 1])[:, None])
    found = main_effects([NumericLevels(one, True) for one in x.T], together, resamples=100, seed=1)
    assert found.explained < 0.1
    assert max(share.value for share in found.shares) < 0.2


@pytest.mark.slow
def test_intervals_of_main_effects_cover_what_is_true():
    """As in docs/sensitivity.md: 128 points, 25 factors, six with effects that depend on others."""
    slopes = np.array([2.0, 1.7, 0.8, 0.6, 0.5, 0.4])
    parts = slopes**2 / 12.0
    known = parts / (parts.sum() + 3.0 * 4.0 / 144.0)
    covered = []
    for seed in range(60):
        x = LatinHypercube(25, rng=np.random.default_rng(seed)).random(128) - 0.5
        y = x[:, :6] @ slopes + 2.0 * (x[:, 0] * x[:, 1] + x[:, 1] * x[:, 2] + x[:, 0] * x[:, 7])
        levels = [NumericLevels(one, True) for one in x.T]
        found = main_effects(levels, SampledValues.of_runs(y[:, None]), resamples=200, seed=1)
        covered.append([found.shares[i].low <= known[i] <= found.shares[i].high for i in range(6)])
    shares = np.mean(covered, axis=0)
    assert shares.min() >= 0.8
    assert shares.mean() >= 0.9


@pytest.mark.parametrize(
    ("fixture", "bad", "units"),
    [("saltelli", [0, 3, 13], 126), ("trajectories", [3, 4, 11], 10), ("hypercube", [5, 9], 62)],
)
def test_unstable_points_take_their_whole_unit_with_them(fixture, bad, units, request, monkeypatch):
    results = request.getfixturevalue(fixture)

    unstable(monkeypatch, bad)
    found = sensitivity_of(results, SensitivityRequest(metrics=["tension"]))
    assert found.unstable == tuple(bad)
    assert found.units_used == units
    size = found.n_points // found.n_units
    assert found.n_used == units * size
    kept = sensitivity_of(results, SensitivityRequest(metrics=["tension"], keep_unstable=True))
    assert (kept.unstable, kept.n_used) == ((), kept.n_points)


def test_too_few_stable_points_are_refused_with_what_would_do(trajectories, monkeypatch):
    unstable(monkeypatch, range(0, 60, 5))
    with pytest.raises(InputError, match="too few trajectories") as caught:
        sensitivity_of(trajectories, SensitivityRequest())
    assert "at least 4" in str(caught.value)
    assert "12 points" not in str(caught.value)


def test_too_few_points_for_shares_are_refused(hypercube, monkeypatch):
    unstable(monkeypatch, range(60))
    with pytest.raises(InputError, match="too few points for shares of single factors"):
        sensitivity_of(hypercube, SensitivityRequest())
    assert least_points([NumericLevels(np.arange(9.0), True)] * 4) == 10


def test_a_choice_is_named_in_the_direction():
    results = result_of("grid", lambda x: 2.0 * x[:, 1] + 0.0 * x[:, 0], noise=0.01)
    one = found_in(results, method="main_effects")
    assert one.factors[0].factor.path == "options.shock"
    assert one.factors[0].direction == "higher with logit"


def test_an_outcome_that_does_not_vary_has_no_indices(hypercube):
    results = result_of("latin_hypercube", lambda x: np.zeros(len(x)))
    assert found_in(results).factors == ()


@pytest.mark.parametrize(
    ("asked", "error", "what"),
    [
        ({"metrics": ["tensoin"]}, UnknownNameError, "did you mean 'tension'"),
        ({"window": "hole"}, UnknownNameError, "did you mean 'whole'"),
        ({"postures": ["new_aproach"]}, UnknownNameError, "unknown posture"),
        ({"factors": ["signal_gian"]}, UnknownNameError, "signal_gain"),
        ({"method": "sobol"}, InputError, "carry no Sobol indices"),
        ({"method": "morris"}, InputError, "a design of the kind morris does"),
        ({"method": "variance"}, UnknownNameError, "main_effects"),
        ({"resamples": 3}, InputError, "from 100"),
    ],
)
def test_what_the_result_lacks_is_one_message(hypercube, asked, error, what):
    with pytest.raises(error) as caught:
        sensitivity_of(hypercube, SensitivityRequest(**asked))
    assert what in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_factors_that_are_asked_for_alone_are_told(hypercube):
    one = found_in(hypercube, factors=["signal_gain"])
    assert [f.factor.path for f in one.factors] == ["parameters.signal_gain"]


def test_levels_of_a_posture_can_be_asked_for(hypercube):
    one = found_in(hypercube, level=True, postures=["new_approach"])
    assert one.outcome.reference is None


def test_the_table_has_everything(saltelli):
    table = sensitivity_of(saltelli, SensitivityRequest(metrics=["tension"])).table
    assert len(table) == len(CUBE) * 3
    assert set(table["measure"]) == {"total_order", "first_order", "trend"}
    assert table["value"].notna().all()


def test_the_same_seed_gives_the_same_intervals(saltelli):
    one, same, other = (found_in(saltelli, seed=seed) for seed in (3, 3, 4))
    assert by_path(one, "total_order") == by_path(same, "total_order")
    assert by_path(one, "total_order") != by_path(other, "total_order")


def test_a_sure_trend_is_a_share_above_zero():
    unsure = IntervalEstimate(0.03, -0.01, 0.07)
    from regional_sim.answers.sensitivity.factor_sensitivity import meaning_of_share

    assert meaning_of_share(unsure) == NOT_TOLD
    assert meaning_of_share(unsure, trend=-1) == MATTERS_LITTLE
