"""Experiments: every shipped file, designs, postures, and the form that stands alone."""

import dataclasses
import json
import re
import tomllib
from pathlib import Path

import pytest

import regional_sim
from regional_sim.experiment import (
    experiment_from_mapping,
    load_experiment,
    posture_of,
    single_point,
)
from regional_sim.experiment.posture import Posture
from regional_sim.postures import create, policy_names
from regional_sim.postures.named import Levels
from regional_sim.scenario import load_scenario, shipped_experiments

BASE = {
    "scenario": "four_states",
    "seed": 0,
    "replicates": 2,
    "postures": ["traditional", {"policy": "levels", "label": "grid", "military": 0.2}],
}


def experiment_of(**changes):
    return experiment_from_mapping(BASE | changes)


def test_there_are_shipped_experiments():
    expected = {"posture_contrast", "instrument_grid", "instruments_alone", "uncertainty_sample"}
    assert expected <= set(shipped_experiments())


@pytest.mark.parametrize("name", shipped_experiments())
def test_shipped_experiment_loads_and_each_point_resolves(name):
    experiment = load_experiment(name)
    assert experiment.title
    assert experiment.question
    assert experiment.outcomes
    assert experiment.labels[0] == "traditional"
    for point in experiment.points:
        assert experiment.scenario_at(point).codes == experiment.scenario.codes
        policies = [posture.policy for posture in experiment.postures_at(point)]
        assert len(policies) == len(set(policies))
    # It stands alone once it is resolved.
    resolved = experiment.resolved()
    again = json.loads(json.dumps(resolved))
    assert experiment_from_mapping(again).resolved() == resolved


def test_posture_contrast_has_every_named_policy():
    labels = load_experiment("posture_contrast").labels
    assert labels[0] == "traditional"
    assert sorted(labels) == sorted(set(policy_names()) - {"levels", "schedule", "adaptive"})


def test_instruments_alone_moves_one_instrument_each():
    _, *postures = load_experiment("instruments_alone").postures
    moved = [
        [value for value in dataclasses.asdict(posture.policy).values() if value is not None]
        for posture in postures
    ]
    assert moved == [[0.8]] * 6


def test_a_grid_combines_all_levels_and_the_last_factor_changes_fastest():
    factors = {"parameters.signal_gain": [1, 2.5], "options.shock": ["probit", "logit"]}
    experiment = experiment_of(design={"kind": "grid", "factors": factors})
    assert [tuple(point.factors.values()) for point in experiment.points] == [
        (1, "probit"),
        (1, "logit"),
        (2.5, "probit"),
        (2.5, "logit"),
    ]
    assert [point.number for point in experiment.points] == [0, 1, 2, 3]
    shocks = [experiment.scenario_at(p).sections.options.shock for p in experiment.points]
    assert shocks == ["probit", "logit", "probit", "logit"]


def test_a_list_keeps_its_points_in_order():
    points = [{"parameters.signal_gain": 2}, {"parameters.signal_gain": 1}]
    experiment = experiment_of(design={"kind": "list", "points": points})
    assert [dict(point.factors) for point in experiment.points] == points


def test_a_factor_of_postures_changes_only_those_that_have_it():
    design = {"kind": "grid", "factors": {"posture.military": [0.5, 0.9]}}
    experiment = experiment_of(design=design)
    assert [experiment.postures_at(point) for point in experiment.points] == [
        (posture_of("traditional"), Posture("grid", Levels(military=level))) for level in (0.5, 0.9)
    ]
    assert {experiment.scenario_at(p).digest() for p in experiment.points} == {
        experiment.scenario.digest()
    }


def test_without_a_design_there_is_one_point_the_scenario_itself():
    experiment = experiment_of()
    assert [dict(point.factors) for point in experiment.points] == [{}]
    assert experiment.scenario_at(experiment.points[0]) == load_scenario("four_states")
    assert experiment.n_runs == 4


def test_settings_apply_to_all_points():
    experiment = experiment_of(
        settings={"parameters.level_weight": 0.25},
        design={"kind": "grid", "factors": {"parameters.signal_gain": [1]}},
    )
    given = experiment.scenario_at(experiment.points[0]).sections.parameters
    assert (given.signal_gain, given.level_weight) == (1, 0.25)


def test_a_path_to_a_scenario_starts_at_the_experiment(tmp_path):
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "mine.yaml").write_text("extends: two_states\ntitle: Mine\n")
    (tmp_path / "trial.yaml").write_text(
        "scenario: worlds/mine.yaml\nseed: 0\nreplicates: 1\npostures: [traditional]\n"
    )
    assert load_experiment(tmp_path / "trial.yaml").scenario.title == "Mine"


@pytest.mark.parametrize(
    "given",
    [
        "levels:joint_patrols=0.8,label=patrols",
        {"policy": "levels", "label": "patrols", "joint_patrols": 0.8},
        Posture("patrols", Levels(joint_patrols=0.8)),
    ],
)
def test_what_may_stand_for_a_posture(given):
    posture = posture_of(given)
    assert posture == Posture("patrols", create("levels", {"joint_patrols": 0.8}))
    assert posture_of(posture.plain()) == posture


def test_a_policy_stands_for_a_posture_of_its_name():
    assert posture_of(Levels(military=0.3)) == Posture("levels", Levels(military=0.3))


def test_a_single_point_from_python():
    experiment = single_point(
        load_scenario("two_states"), ["traditional"], seed=0, settings={"options.shock": "logit"}
    )
    assert experiment.seed == 0
    assert experiment.scenario.sections.options.shock == "logit"
    assert dict(experiment.settings) == {"options.shock": "logit"}


def test_every_name_of_the_package_exists():
    for name in regional_sim.__all__:
        assert getattr(regional_sim, name)
    assert set(regional_sim.__all__) <= set(dir(regional_sim))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = regional_sim.nonsense


def test_the_version_stands_in_the_source_and_is_cited():
    root = Path(__file__).parents[2]
    assert re.fullmatch(r"\d+\.\d+\.\d+", regional_sim.__version__)
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {regional_sim.__version__}\n" in citation
    hatch = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    source = (root / hatch["version"]["path"]).read_text(encoding="utf-8")
    assert f'__version__ = "{regional_sim.__version__}"' in source
