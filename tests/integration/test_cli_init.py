"""A study folder is ready to run, whichever world it starts from."""

import json
import re
from pathlib import Path

import pytest

from regional_sim.experiment import load_experiment
from regional_sim.scenario import json_schema, load_scenario, shipped_configs
from tests.support.cli import succeeds

BLOCK = re.compile(r"^# (\w+):.*(?:\n#   .*)*", re.MULTILINE)
"""A part of scenario.yaml that is commented out."""


@pytest.fixture(scope="module", params=shipped_configs())
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("studies") / request.param
    succeeds("init", folder, "--scenario", request.param)
    return folder


def test_study_is_the_shipped_world(study: Path) -> None:
    mine, shipped = load_scenario(study / "scenario.yaml"), load_scenario(study.name)
    assert mine.title == f"Study of: {shipped.title}"
    assert {**mine.resolved(), "title": ""} == {**shipped.resolved(), "title": ""}


def test_reference_is_a_copy_that_loads(study: Path) -> None:
    origins = load_scenario(study.name).origin_files
    copies = [path for path in (study / "reference").rglob("*") if path.is_file()]
    assert {path.name for path in copies} == {path.name for path in origins}
    assert load_scenario(study / "reference" / f"{study.name}.yaml") == load_scenario(study.name)


def test_experiment_is_small_and_on_that_world(study: Path) -> None:
    experiment = load_experiment(study / "experiment.yaml")
    assert experiment.scenario == load_scenario(study / "scenario.yaml")
    assert experiment.labels == ("traditional", "new_approach")
    assert experiment.factors == ("parameters.theta_challenger",)
    assert experiment.n_runs <= 200


def test_files_check(study: Path) -> None:
    succeeds("check", study / "scenario.yaml", study / "experiment.yaml")


def test_every_example_in_the_scenario_can_be_used(study: Path, tmp_path: Path) -> None:
    text = (study / "scenario.yaml").read_text(encoding="utf-8")
    body = text[text.index("format:") :]
    blocks = [match.group(0) for match in BLOCK.finditer(body)]
    names = [block.split(":")[0].removeprefix("# ") for block in blocks]
    assert names == ["horizon", "windows", "parameters", "options", "states", "dyads"]
    used = body
    for block in blocks:
        used = used.replace(block, re.sub(r"^# ", "", block, flags=re.MULTILINE))
    path = tmp_path / "used.yaml"
    path.write_text(used, encoding="utf-8")
    world = load_scenario(path)
    assert world.resolved()["parameters"]["theta_challenger"] == 0.7
    assert world.figure(world.role("sender") or "", "stance").value == 0.5


def test_schema_stands_where_the_scenario_says(study: Path) -> None:
    first = (study / "scenario.yaml").read_text(encoding="utf-8").splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((study / name).read_text(encoding="utf-8")) == json_schema()


def test_commands_of_the_readme_are_those_of_the_program(study: Path) -> None:
    text = (study / "README.md").read_text(encoding="utf-8")
    commands = [line.split()[1] for line in text.splitlines() if line.startswith("regional-sim ")]
    assert commands == ["check", "run", "sweep", "report"]
    assert "$" not in text
    for name in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE):
        assert (study / name).exists()


def test_listed_files_are_those_that_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    lines = succeeds("init", folder, "--scenario", "two_states").stdout.splitlines()
    assert lines[0] == f"Made {folder}:"
    listed = [line.strip() for line in lines[1 : lines.index(f"  cd {folder}") - 1]]
    there = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(listed) == sorted(path.relative_to(folder).as_posix() for path in there)


def test_force_replaces_the_study_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("old")
    (tmp_path / "thesis.txt").write_text("mine")
    succeeds("init", tmp_path, "--scenario", "two_states", "--force")
    assert load_scenario(tmp_path / "scenario.yaml").n_states == 2
    assert (tmp_path / "thesis.txt").read_text() == "mine"
