"""SALib gets problems, inputs and outcomes in the order of the design, and finds known indices."""

from dataclasses import replace

import numpy as np
import pytest
from SALib.analyze import delta, morris, sobol
from SALib.sample.sobol import sample

import regional_sim
from regional_sim import salib_inputs, salib_outcomes, salib_problem
from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.levels import LevelColumn
from regional_sim.experiment.points import Points

BASE = {
    "scenario": "two_states",
    "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
    "seed": 0,
    "replicates": 2,
    "postures": ["traditional", "new_approach"],
}

# Three factors whose ranges take the place of -π to π.
CUBE = {
    "parameters.theta_challenger": {"low": 0.2, "high": 0.8},
    "parameters.signal_gain": {"low": 1.0, "high": 3.0},
    "parameters.level_weight": {"low": 0.0, "high": 0.5},
}


def experiment_of(design, **changes):
    return experiment_from_mapping({**BASE, **changes, "design": design})


def in_cube(inputs):
    low = np.array([prior["low"] for prior in CUBE.values()])
    high = np.array([prior["high"] for prior in CUBE.values()])
    return (inputs - low) / (high - low)


def ishigami(experiment, a=7.0, b=0.1):
    """Ishigami & Homma 1990, of the factors scaled to -π to π."""
    x, y, z = (2.0 * np.pi * (in_cube(salib_inputs(experiment)) - 0.5)).T
    return np.sin(x) + a * np.sin(y) ** 2 + b * z**4 * np.sin(x)


@pytest.mark.parametrize("second_order", [True, False])
def test_sobol_finds_the_indices_of_the_ishigami_function(second_order):
    design = {"kind": "saltelli", "n": 512, "second_order": second_order, "factors": CUBE}
    experiment = experiment_of(design)
    found = sobol.analyze(
        salib_problem(experiment), ishigami(experiment), calc_second_order=second_order, seed=1
    )
    # Sobol' & Levitan 1999, closed form for a = 7, b = 0.1, within what 512 rows can tell.
    for name, known in {"S1": [0.3139, 0.4424, 0.0], "ST": [0.5576, 0.4424, 0.2437]}.items():
        assert (np.abs(found[name] - known) < 1.5 * found[f"{name}_conf"]).all()
    assert np.allclose(found["S1"], [0.3139, 0.4424, 0.0], atol=0.05)
    if second_order:
        assert abs(found["S2"][0, 2] - 0.2437) < 1.5 * found["S2_conf"][0, 2]


def test_a_saltelli_design_is_the_sample_that_salib_itself_would_draw():
    experiment = experiment_of({"kind": "saltelli", "n": 16, "factors": CUBE, "seed": 5})
    drawn = sample(salib_problem(experiment), 16, seed=5)
    assert np.allclose(salib_inputs(experiment), drawn, rtol=1e-12)


@pytest.mark.parametrize("levels", [4, 8])
def test_morris_finds_the_slopes_of_a_line_over_each_prior(levels):
    design = {"kind": "morris", "trajectories": 5, "levels": levels, "factors": CUBE, "seed": 3}
    experiment = experiment_of(design)
    inputs = salib_inputs(experiment)
    outcomes = in_cube(inputs) @ [3.0, -2.0, 0.0]
    problem = salib_problem(experiment)
    found = morris.analyze(problem, inputs, outcomes, num_levels=levels, seed=1)
    assert np.allclose(found["mu"], [3.0, -2.0, 0.0])
    assert np.allclose(found["mu_star"], [3.0, 2.0, 0.0])
    assert np.allclose(found["sigma"], 0.0)
    assert list(found["names"]) == problem["names"]


def test_morris_sees_the_effect_of_choices_and_whole_numbers():
    factors = {
        "options.shock": ["probit", "logit"],
        "horizon.months_after": {"distribution": "integer", "low": 4, "high": 7},
        "posture.military": {"low": 0.1, "high": 0.9},
    }
    postures = [{"policy": "levels", "military": 0.2}]
    design = {"kind": "morris", "trajectories": 4, "factors": factors}
    experiment = experiment_of(design, postures=postures)
    inputs = salib_inputs(experiment)
    assert set(inputs[:, 0]) == {0.0, 1.0}
    found = morris.analyze(salib_problem(experiment), inputs, 2.0 * inputs[:, 0], seed=1)
    # A step of 2 / 3 of the prior goes from the first choice to the second.
    assert np.allclose(found["mu"], [3.0, 0.0, 0.0])


def test_moment_independent_analysis_takes_a_latin_hypercube():
    experiment = experiment_of({"kind": "latin_hypercube", "n": 200, "factors": CUBE})
    inputs = salib_inputs(experiment)
    outcomes = inputs[:, 1] ** 2
    found = delta.analyze(salib_problem(experiment), inputs, outcomes, seed=1)
    assert np.argmax(found["S1"]) == 1


def test_problem_describes_every_prior_in_the_terms_of_salib():
    factors = {
        "parameters.theta_challenger": {"low": 0.2, "high": 0.8},
        "parameters.signal_gain": {"distribution": "log_uniform", "low": 0.5, "high": 2.0},
        "parameters.level_weight": {"distribution": "triangular", "low": 0, "mode": 0.1, "high": 1},
        "parameters.alpha_third": {"distribution": "normal", "mean": 0.5, "sd": 0.01},
        "parameters.alpha_partner": {
            "distribution": "normal", "mean": 0.5, "sd": 0.1, "low": 0, "high": 1,
        },
        "horizon.months_after": {"distribution": "integer", "low": 4, "high": 6},
        "options.shock": ["probit", "logit"],
        "parameters.patrols_contact": [0.25, 0.5, 0.1],
    }  # fmt: skip
    assert salib_problem(experiment_of({"kind": "random", "n": 9, "factors": factors})) == {
        "num_vars": 8,
        "names": [
            "parameters_theta_challenger",
            "parameters_signal_gain",
            "parameters_level_weight",
            "parameters_alpha_third",
            "parameters_alpha_partner",
            "horizon_months_after",
            "options_shock",
            "parameters_patrols_contact",
        ],
        "bounds": [
            [0.2, 0.8],
            [0.5, 2.0],
            [0.0, 1.0, 0.1],
            [0.5, 0.01],
            [0.0, 1.0, 0.5, 0.1],
            [4, 6],
            [0.0, 1.0],
            [0.1, 0.5],
        ],
        "dists": ["unif", "logunif", "triang", "norm", "truncnorm", "unif", "unif", "unif"],
    }


LEVELS = {"parameters.level_weight": [0, 0.5], "options.shock": ["probit", "logit"]}
POINTS = [dict(zip(LEVELS, levels, strict=True)) for levels in zip(*LEVELS.values(), strict=True)]


@pytest.mark.parametrize(
    "design",
    [
        {"kind": "grid", "factors": LEVELS},
        {"kind": "zip", "factors": LEVELS},
        {"kind": "list", "points": POINTS},
    ],
    ids=lambda design: design["kind"],
)
def test_levels_of_lists_are_taken_as_uniform_between_their_ends(design):
    assert salib_problem(experiment_of(design)) == {
        "num_vars": 2,
        "names": ["parameters_level_weight", "options_shock"],
        "bounds": [[0.0, 0.5], [0.0, 1.0]],
        "dists": ["unif", "unif"],
    }


def test_levels_that_python_takes_for_equal_are_told_apart():
    experiment = experiment_of({"kind": "zip", "factors": {"parameters.level_weight": [0.1, 0.2]}})
    levels = LevelColumn.of([1, True, 1])
    told_apart = replace(experiment, points=Points({"posture.manner": levels}))
    assert salib_inputs(told_apart).tolist() == [[0.0], [1.0], [0.0]]


def test_problem_of_a_resolved_experiment_is_the_same():
    design = {
        "kind": "mixed",
        "parts": [
            {"kind": "sobol", "n": 4, "factors": CUBE},
            {"kind": "grid", "factors": {"options.shock": ["logit", "probit"]}},
        ],
    }
    experiment = experiment_of(design)
    again = experiment_from_mapping(experiment.resolved())
    assert salib_problem(again) == salib_problem(experiment)
    assert np.array_equal(salib_inputs(again), salib_inputs(experiment))


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        (None, "an experiment without a design has nothing to analyse"),
        ({"kind": "grid", "factors": {"options.shock": ["logit"]}}, "same level at every point"),
        (
            {
                "kind": "mixed",
                "parts": [
                    {"kind": "saltelli", "n": 2, "factors": CUBE},
                    {"kind": "grid", "factors": {"options.shock": ["logit", "probit"]}},
                ],
            },
            "crossed with another one cannot be analysed as a whole; run it alone",
        ),
    ],
)
def test_what_cannot_be_a_problem(design, expected):
    with pytest.raises(InputError, match=expected):
        salib_problem(experiment_of(design))


@pytest.fixture(scope="module")
def results():
    design = {"kind": "morris", "trajectories": 2, "factors": CUBE}
    return regional_sim.sweep(experiment_of(design))


def test_outcomes_are_means_over_replicates_in_the_order_of_the_design(results):
    found = salib_outcomes(results, "tension", posture="new_approach")
    runs = results.runs[results.runs["posture"] == "new_approach"]
    assert np.allclose(found, runs.groupby("point")["tension_whole"].mean())
    assert found.dtype == float
    assert found.shape == (8,)


def test_inputs_of_results_are_the_columns_of_the_runs(results):
    names = salib_problem(results)["names"]
    assert np.array_equal(salib_inputs(results), results.runs.groupby("point")[names].first())


def test_morris_in_two_lines(results):
    tension = salib_outcomes(results, "tension", posture="new_approach")
    found = morris.analyze(salib_problem(results), salib_inputs(results), tension, seed=1)
    assert np.isfinite(found["mu_star"]).all()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"metric": "tenson", "posture": "traditional"}, "unknown metric 'tenson'"),
        (
            {"metric": "tension", "window": "erly", "posture": "traditional"},
            "unknown window 'erly'",
        ),
        ({"metric": "tension", "posture": "new_aproach"}, "unknown posture 'new_aproach'"),
        ({"metric": "tension"}, "posture: name one of the postures; allowed: traditional, new_app"),
    ],
)
def test_outcomes_that_do_not_exist(results, asked, expected):
    with pytest.raises(InputError, match=expected):
        salib_outcomes(results, **asked)


def test_outcomes_with_a_gap_are_refused(results, monkeypatch):
    summary = results.summary.copy()
    summary.loc[summary["point"] == 3, "mean"] = np.nan
    monkeypatch.setattr(type(results), "summary", summary)
    with pytest.raises(InputError, match="has no value at 1 of 8 points; the first one is point 3"):
        salib_outcomes(results, "tension", posture="traditional")
