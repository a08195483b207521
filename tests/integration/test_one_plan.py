"""A question is planned once, each world is built once, and the way to an engine is short."""

import dataclasses
import pickle
import traceback
from collections import Counter
from pathlib import Path

import pytest

import regional_sim
from regional_sim.experiment import experiment, experiment_from_mapping, load_experiment, worlds
from regional_sim.experiment.engines import ENGINES
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Point
from regional_sim.runner.runner import execute
from regional_sim.scenario import Scenario
from tests.support.cli import succeeds
from tests.support.sweeps import digests

QUESTION = """\
scenario: two_states
settings: {horizon.months_before: 2, horizon.months_after: 4}
seed: 5
replicates: 4
postures: [traditional, {policy: levels, label: grid}]
design:
  kind: grid
  factors: {parameters.signal_gain: [0.1, 0.3, 0.5], posture.military: [0.2, 0.8]}
tables: [runs, states]
"""
N_WORLDS = 3

MOST_FRAMES = 7
"""Frames of the package from a command to an engine, which adds about as many before a phase."""


@pytest.fixture
def question(tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(QUESTION)
    return path


@pytest.fixture
def built(monkeypatch):
    """Count how often a world is made of another one, by settings."""
    counts = Counter()
    with_settings = Scenario.with_settings

    def counted(scenario, settings):
        counts[repr(settings)] += 1
        return with_settings(scenario, settings)

    monkeypatch.setattr(Scenario, "with_settings", counted)
    return counts


@pytest.fixture
def planned(monkeypatch):
    """Note the plans that are made."""
    plans = []
    make = Plan.of.__func__
    monkeypatch.setattr(
        Plan, "of", classmethod(lambda *given: plans.append(make(*given)) or plans[-1])
    )
    return plans


def test_each_world_is_built_once(question, tmp_path, built):
    succeeds("sweep", question, "--out", tmp_path / "out", "--replicates", 3, "--plot")
    settings = built.pop("{'horizon.months_before': 2, 'horizon.months_after': 4}")
    assert settings == 1
    assert len(built) == N_WORLDS
    assert set(built.values()) == {1}


def test_a_question_is_planned_once(question, tmp_path, planned):
    succeeds("sweep", question, "--out", tmp_path / "sweep")
    assert len(planned) == 1
    succeeds(
        "run", "two_states", "-n", 1, "--set", "horizon.months_after=2", "--out", tmp_path / "r"
    )
    regional_sim.sweep(question)
    assert len(planned) == 3


def test_from_a_command_to_an_engine_it_is_not_far(tmp_path, monkeypatch):
    package = str(Path(regional_sim.__file__).parent)
    frames = []
    engine = ENGINES["ensemble"]

    def run(job):
        if not frames:
            stack = traceback.extract_stack()[:-1]
            frames.extend(one.name for one in stack if one.filename.startswith(package))
        return engine.load()(job)

    monkeypatch.setitem(ENGINES, "ensemble", dataclasses.replace(engine, load=lambda: run))
    short = ("--set", "horizon.months_after=2")
    succeeds("run", "two_states", "-n", 1, *short, "--out", tmp_path / "out")
    assert 0 < len(frames) <= MOST_FRAMES, frames


# ------------------------------------------------------------------------ worlds


def test_of_large_designs_no_world_is_kept_and_no_byte_changes(question, tmp_path, monkeypatch):
    asked = load_experiment(question)
    execute(asked, tmp_path / "kept")
    assert len(asked._worlds.known) == N_WORLDS
    for module in (experiment, worlds):
        monkeypatch.setattr(module, "MOST_WORLDS_KEPT", 5)
    asked = load_experiment(question)
    execute(asked, tmp_path / "built")
    assert not asked._worlds.known
    assert digests(tmp_path / "built") == digests(tmp_path / "kept")


def test_worlds_of_levels_that_only_compare_equal_are_told_apart():
    path = "parameters.theta_challenger"
    points = [{path: level} for level in (1, 1.0, 0.0, -0.0, 1.0)]
    asked = experiment_from_mapping(
        {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["traditional"]}
        | {"design": {"kind": "list", "points": points}}
    )
    made = [asked.scenario_at(point) for point in asked.points]
    assert len({id(world) for world in made}) == 4
    assert made[4] is made[1]


def test_a_search_of_many_points_keeps_few_worlds():
    asked = experiment_from_mapping(
        {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["traditional"]}
    )
    for number in range(worlds.MOST_WORLDS_KEPT + 5):
        asked.scenario_at(Point(0, {"parameters.theta_challenger": number / 1000}))
    assert len(asked._worlds.known) == worlds.MOST_WORLDS_KEPT


def test_changed_copies_keep_the_worlds_that_are_still_theirs(question):
    asked = load_experiment(question)
    world = asked.scenario_at(asked.points[0])
    assert dataclasses.replace(asked, seed=6).scenario_at(asked.points[0]) is world
    longer = asked.scenario.with_settings({"horizon.months_after": 5})
    other = dataclasses.replace(asked, scenario=longer)
    assert other.scenario_at(asked.points[0]).months_after == 5
    sent = pickle.loads(pickle.dumps(asked))
    assert (sent, len(sent._worlds.known)) == (asked, 0)
