"""Files are told apart by their keys, and one of the wrong kind is refused in one sentence."""

import pytest

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, load_experiment
from regional_sim.experiment.experiment import ExperimentFile
from regional_sim.scenario import (
    FileKind,
    file_kind,
    load_scenario,
    scenario_from_mapping,
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
    yaml_with_positions,
)
from regional_sim.scenario.files import EXPERIMENT_KEYS, SCENARIO_KEYS
from regional_sim.scenario.schema import ScenarioFile


def test_keys_are_those_of_the_forms():
    experiment, scenario = set(ExperimentFile.model_fields), set(ScenarioFile.model_fields)
    assert experiment - scenario == EXPERIMENT_KEYS
    assert scenario - experiment == SCENARIO_KEYS


def test_every_shipped_file_is_of_its_kind():
    for name in shipped_configs():
        assert file_kind(yaml_with_positions(shipped_config(name)).data) is FileKind.SCENARIO
    for name in shipped_experiments():
        assert file_kind(yaml_with_positions(shipped_experiment(name)).data) is FileKind.EXPERIMENT


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"extends": "two_states", "replicates": 3, "parameters": {}}, FileKind.SCENARIO),
        ({"scenario": "two_states", "postures": [], "parameters": {}}, FileKind.EXPERIMENT),
        ({"experiment": {}, "scenario_digests": [], "settings": {}}, FileKind.PLAN),
        ({"title": "nothing yet"}, None),
        ({"replicates": 3, "parameters": {}}, None),
    ],
)
def test_kind_is_that_of_most_keys(data, kind):
    assert file_kind(data) is kind


def test_a_stray_key_is_refused_as_such_and_not_as_another_kind():
    with pytest.raises(InputError, match="replicates: unknown key"):
        scenario_from_mapping({"extends": "two_states", "replicates": 3, "parameters": {}})
    with pytest.raises(InputError, match="parameters: unknown key"):
        experiment_from_mapping({"scenario": "two_states", "seed": 1, "parameters": {}})


def test_plain_data_of_another_kind_is_refused_in_one_sentence():
    with pytest.raises(InputError) as caught:
        scenario_from_mapping({"scenario": "two_states", "seed": 1})
    assert str(caught.value) == (
        "<mapping>: this is an experiment, not a scenario; regional-sim sweep FILE runs it"
    )


def test_a_file_of_another_kind_that_a_file_names_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "world.yaml").write_text("extends: other.yaml\n")
    (tmp_path / "other.yaml").write_text("{scenario: two_states, seed: 1}\n")
    (tmp_path / "question.yaml").write_text(
        "{scenario: other.yaml, seed: 1, replicates: 1, postures: [traditional]}\n"
    )
    for load, name in ((load_scenario, "world.yaml"), (load_experiment, "question.yaml")):
        with pytest.raises(InputError, match=r"other\.yaml: this is an experiment, not") as caught:
            load(tmp_path / name)
        assert len(caught.value.faults) == 1
