"""The model for EMA Workbench gives the numbers of ``regional_sim.run``, bit for bit."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import regional_sim
from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.model.options import Option
from tests.support.processes import printed

ema = pytest.importorskip("ema_workbench", reason="needs the extra 'discovery'")

from ema_workbench import (  # noqa: E402
    ArrayOutcome,
    CategoricalParameter,
    Constant,
    IntegerParameter,
    Policy,
    Samplers,
    ScalarOutcome,
    Scenario,
    SequentialEvaluator,
    TimeSeriesOutcome,
)
from ema_workbench.em_framework.samplers import sample_uncertainties  # noqa: E402
from ema_workbench.util import EMAError  # noqa: E402

from regional_sim.bridges.ema import RegionalSimModel, SeededLatinHypercube, real_parameter  # noqa: E402

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4, "windows.early": [1, 2]}
THETA = "parameters.theta_challenger"
POSTURES = ["traditional", "new_approach", "levels:joint_patrols=0.9,label=patrols"]
LABELS = ["traditional", "new_approach", "patrols"]
REPLICATES = 5


@pytest.fixture(scope="module")
def world():
    return regional_sim.load_scenario("four_states").with_settings(SHORT)


@pytest.fixture
def model(world) -> RegionalSimModel:
    made = RegionalSimModel.of_scenario(
        "region", world, postures=POSTURES, replicates=REPLICATES, seed=7
    )
    made.uncertainties = [real_parameter(THETA)]
    return made


def performed(model, scenarios, policies, **more):
    """Experiments and outcomes, without a bar of progress."""
    with SequentialEvaluator(model) as evaluator:
        callback = evaluator.perform_experiments(
            scenarios, policies, log_progress=True, return_callback=True, **more
        )
    return callback.get_results()


def test_outcomes_have_the_bits_of_our_tables(model, world) -> None:
    scalars = [name for name in model.outcome_names if name.endswith(("_whole", "_early"))]
    months = ("tension", "challenger_readiness")
    model.outcomes = [
        *(ScalarOutcome(name) for name in scalars),
        *(ArrayOutcome(f"{name}_by_replicate") for name in scalars),
        *(TimeSeriesOutcome(name) for name in months),
        *(ArrayOutcome(f"{name}_by_replicate") for name in months),
    ]
    experiments, outcomes = performed(
        model, 3, 2, uncertainty_sampling=SeededLatinHypercube(1), lever_sampling=Samplers.FF
    )
    assert len(experiments) == 3 * len(LABELS)
    assert len(scalars) > 40
    for row, experiment in experiments.iterrows():
        results = regional_sim.run(
            world,
            postures=POSTURES,
            replicates=REPLICATES,
            seed=7,
            settings={THETA: experiment["parameters_theta_challenger"]},
            tables=["timeseries"],
        )
        runs = results.runs.query("posture == @experiment.posture")
        summary = results.summary.query("posture == @experiment.posture")
        means = {f"{one.metric}_{one.window}": one.mean for one in summary.itertuples()}
        for name in scalars:
            replicates = outcomes[f"{name}_by_replicate"][row]
            assert np.array_equal(replicates, runs[name], equal_nan=True), name
            assert np.array_equal(outcomes[name][row], means[name], equal_nan=True), name
        series = results.table("timeseries").query("posture == @experiment.posture")
        for name in months:
            table = series.pivot_table(index="replicate", columns="month", values=name)
            assert np.array_equal(outcomes[f"{name}_by_replicate"][row], table)
            assert np.allclose(outcomes[name][row], table.mean(), rtol=1e-14)


def test_every_experiment_has_the_same_random_numbers(model) -> None:
    """Before the onset all postures are one, so the first months agree replicate by replicate."""
    model.outcomes = [ArrayOutcome("tension_by_replicate")]
    _, outcomes = performed(
        model, [Scenario("s", parameters_theta_challenger=0.4)], 1, lever_sampling=Samplers.FF
    )
    first, *others = outcomes["tension_by_replicate"]
    assert len(others) == 2
    assert len({tuple(row) for row in first}) == REPLICATES
    for other in others:
        assert np.array_equal(first[:, :2], other[:, :2])
        assert not np.array_equal(first, other)


def test_fields_of_policies_are_levers(model, world) -> None:
    model.levers = [real_parameter("posture.joint_patrols", 0, 1)]
    model.outcomes = [ScalarOutcome("tension_whole")]
    policies = [
        Policy("low", posture="patrols", posture_joint_patrols=0.1),
        Policy("high", posture="patrols", posture_joint_patrols=0.8),
        Policy("other", posture="traditional", posture_joint_patrols=0.8),
    ]
    _, outcomes = performed(model, [Scenario("s", parameters_theta_challenger=0.5)], policies)
    asked = ["levels:joint_patrols=0.1", "levels:joint_patrols=0.8,label=high", "traditional"]
    results = regional_sim.run(
        world, postures=asked, replicates=REPLICATES, seed=7, settings={THETA: 0.5}
    )
    expected = results.summary.query("metric == 'tension' and window == 'whole'")["mean"]
    assert list(outcomes["tension_whole"]) == list(expected)


def test_policies_of_one_name_are_not_taken_for_one(model) -> None:
    model.outcomes = [ScalarOutcome("tension_whole")]
    policies = [Policy("same", posture=label) for label in LABELS]
    _, outcomes = performed(model, [Scenario("s", parameters_theta_challenger=0.5)], policies)
    assert len(set(outcomes["tension_whole"])) == len(LABELS)


def test_a_function_of_replicates_makes_a_scalar(model) -> None:
    replicates = "tension_whole_by_replicate"
    model.outcomes = [
        ScalarOutcome("worst", variable_name=replicates, function=np.max),
        ArrayOutcome(replicates),
    ]
    _, outcomes = performed(model, 2, 0, uncertainty_sampling=SeededLatinHypercube(1))
    assert np.array_equal(outcomes["worst"], outcomes[replicates].max(axis=1))


def test_without_policies_the_first_posture_is_meant(model, world) -> None:
    model.outcomes = [ScalarOutcome("tension_whole")]
    _, outcomes = performed(model, [Scenario("s", parameters_theta_challenger=0.5)], 0)
    results = regional_sim.run(world, replicates=REPLICATES, seed=7, settings={THETA: 0.5})
    expected = results.summary.query("metric == 'tension' and window == 'whole'")["mean"]
    assert list(outcomes["tension_whole"]) == list(expected)


def test_whole_numbers_options_and_constants_reach_the_world(world) -> None:
    model = RegionalSimModel.of_scenario("region", world, seed=1)
    model.uncertainties = [
        IntegerParameter("months", 3, 6, variable_name="horizon.months_after"),
        CategoricalParameter("shock", Option.shock.choices, variable_name="options.shock"),
    ]
    model.constants = [Constant(THETA, 0.9)]
    model.outcomes = [
        ArrayOutcome("risk", variable_name="miscalculation_risk_early_by_replicate"),
        ScalarOutcome("n", variable_name="tension_by_replicate", function=np.size),
    ]
    experiments, outcomes = performed(model, 4, 0, uncertainty_sampling=SeededLatinHypercube(2))
    assert sorted(experiments["months"]) == [3, 4, 5, 6]
    assert len(set(experiments["shock"])) == 2
    assert list(outcomes["n"]) == [2 + months for months in experiments["months"]]
    for row, one in experiments.iterrows():
        settings = {
            "horizon.months_after": one["months"],
            "options.shock": one["shock"],
            THETA: 0.9,
        }
        runs = regional_sim.run(world, seed=1, settings=settings).runs
        assert outcomes["risk"][row] == list(runs["miscalculation_risk_early"])


def test_an_experiment_brings_all_but_its_design(world) -> None:
    experiment = experiment_from_mapping(
        {
            "scenario": world.resolved(),
            "seed": 3,
            "replicates": 4,
            "postures": POSTURES[:2],
            "clamp": ["CHN"],
            "design": {"kind": "grid", "factors": {THETA: [0.2, 0.8]}},
        }
    )
    model = RegionalSimModel("region", experiment)
    model.uncertainties = [real_parameter(THETA)]
    model.outcomes = [ArrayOutcome("tension_whole_by_replicate")]
    _, outcomes = performed(
        model, [Scenario("s", parameters_theta_challenger=0.8)], 1, lever_sampling=Samplers.FF
    )
    runs = regional_sim.sweep(experiment).runs.query("point == 1")
    assert list(outcomes["tension_whole_by_replicate"].ravel()) == list(runs["tension_whole"])


def test_a_shipped_experiment_can_be_named() -> None:
    model = RegionalSimModel("region", "posture_contrast")
    assert list(model.levers.keys()) == ["posture"]
    assert "tension_whole" in model.outcome_names


@pytest.mark.slow
def test_processes_change_no_number(tmp_path: Path) -> None:
    """In a program of its own, as users have it, with workers that are forked and spawned."""
    script = tmp_path / "study.py"
    script.write_text(
        f"""
import multiprocessing
import warnings

import numpy as np

warnings.simplefilter("ignore")  # Python 3.12 warns of a fork that EMA Workbench does
from ema_workbench import ArrayOutcome, MultiprocessingEvaluator, SequentialEvaluator
from regional_sim import load_scenario
from regional_sim.bridges.ema import RegionalSimModel, SeededLatinHypercube, real_parameter

world = load_scenario("two_states").with_settings({SHORT!r})
model = RegionalSimModel.of_scenario(
    "region", world, postures=["new_approach"], replicates=3, seed=7
)
model.uncertainties = [real_parameter({THETA!r})]
model.outcomes = [ArrayOutcome("tension_whole_by_replicate")]


def performed(evaluator):
    with evaluator:
        return evaluator.perform_experiments(
            4, uncertainty_sampling=SeededLatinHypercube(5)
        )[1]["tension_whole_by_replicate"]


if __name__ == "__main__":
    alone = performed(SequentialEvaluator(model))
    for method in ("fork", "spawn"):
        multiprocessing.set_start_method(method, force=True)
        together = performed(MultiprocessingEvaluator(model, n_processes=2))
        print(method, np.array_equal(alone, together), len(np.unique(alone)))
""",
        encoding="utf-8",
    )
    assert printed(script).splitlines() == ["fork True 12", "spawn True 12"]


def test_a_model_survives_pickling(model) -> None:
    model.outcomes = [ScalarOutcome("tension_whole")]
    scenario = [Scenario("s", parameters_theta_challenger=0.5)]
    copy = pickle.loads(pickle.dumps(model))
    (_, first), (_, second) = performed(model, scenario, 0), performed(copy, scenario, 0)
    assert first["tension_whole"] == second["tension_whole"]


# ------------------------------------------------------------------------------------ samples


def test_a_seeded_sample_is_the_same_whatever_numpy_drew(model) -> None:
    def sample(seed: int) -> list[tuple[float, ...]]:
        sampler = SeededLatinHypercube(seed)
        return [tuple(one.values()) for one in sample_uncertainties(model, 8, sampler=sampler)]

    model.uncertainties = [real_parameter("parameters.signal_gain")]
    first = sample(0)
    assert sample(0) == first
    assert sample(1) != first


@pytest.mark.parametrize("size", [1, 7, 49])
def test_a_sample_has_one_point_in_each_slice(size: int) -> None:
    parameters = [real_parameter(THETA), real_parameter("parameters.signal_gain", 1.0, 3.0)]
    samples = SeededLatinHypercube(4).generate_samples(parameters, size)
    for parameter in parameters:
        share = parameter.dist.cdf(samples[parameter.name])
        assert sorted(np.ceil(share * size)) == list(range(1, size + 1))


def test_ranges_of_parameters_are_known() -> None:
    known = real_parameter(THETA)
    assert (known.name, known.variable_name) == ("parameters_theta_challenger", [THETA])
    assert (known.lower_bound, known.upper_bound) == (0.0, 1.0)
    narrow = real_parameter(THETA, 0.2, default=0.5)
    assert (narrow.lower_bound, narrow.upper_bound, narrow.default) == (0.2, 1.0, 0.5)


# ------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize("path", ["states.JPN.stance", "parameters.theta_chalenger"])
def test_a_path_without_known_range_needs_bounds(path: str) -> None:
    with pytest.raises(InputError, match="needs two bounds"):
        real_parameter(path)


@pytest.mark.parametrize(
    ("path", "policy", "outcome", "told"),
    [
        ("parameters.theta_chalenger", {}, "tension_whole", "theta_challenger"),
        ("posture.joint_patrol", {}, "tension_whole", "did you mean 'joint_patrols'"),
        (THETA, {"posture": "new_aproach"}, "tension_whole", "did you mean 'new_approach'"),
        (THETA, {"posture": "patrols"}, "tension_hole", "did you mean 'tension_whole'"),
    ],
)
def test_what_cannot_be_used_is_told(world, path, policy, outcome, told) -> None:
    model = RegionalSimModel.of_scenario("region", world, postures=POSTURES)
    model.uncertainties = [real_parameter(path, 0.0, 1.0)]
    model.outcomes = [ScalarOutcome(outcome)]
    policies = [Policy("p", **policy)] if policy else 0
    with pytest.raises(EMAError, match=told):
        performed(model, 1, policies, uncertainty_sampling=SeededLatinHypercube(0))
