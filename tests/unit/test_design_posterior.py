"""The design that samples a table of draws."""

import pytest

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, load_experiment
from regional_sim.experiment.load import recorded_experiment

BASE = {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["traditional"]}
TABLE = "parameters.theta_challenger,options.shock\n0.1,probit\n0.2,logit\n0.3,probit\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "posterior.csv"
    path.write_text(TABLE)
    return path


def experiment_of(file, **settings):
    return experiment_from_mapping(
        {**BASE, "design": {"kind": "posterior", "file": str(file), **settings}}
    )


def levels_of(experiment, path="parameters.theta_challenger"):
    return list(experiment.points.columns[path])


def test_without_a_size_every_row_is_a_point(file):
    experiment = experiment_of(file)
    assert levels_of(experiment) == [0.1, 0.2, 0.3]
    assert levels_of(experiment, "options.shock") == ["probit", "logit", "probit"]


def test_draws_each_row_once_while_there_are_enough(file):
    assert sorted(levels_of(experiment_of(file, n=3, seed=4))) == [0.1, 0.2, 0.3]
    many = levels_of(experiment_of(file, n=200, seed=4))
    assert set(many) == {0.1, 0.2, 0.3}
    assert many == levels_of(experiment_of(file, n=200, seed=4))
    assert many != levels_of(experiment_of(file, n=200, seed=5))


def test_factors_of_a_row_stay_together(file):
    points = experiment_of(file, n=50, seed=1).points
    pairs = {tuple(point.factors.values()) for point in points}
    assert pairs == {(0.1, "probit"), (0.2, "logit"), (0.3, "probit")}


def test_weights_say_how_often_a_row_is_drawn(file):
    rows = ("parameters.theta_challenger,weight", "0.1,3", "0.2,0", "0.3,1")
    file.write_text("\n".join(rows) + "\n")
    levels = levels_of(experiment_of(file, n=2000, seed=1))
    assert 0.2 not in levels
    assert 0.7 < levels.count(0.1) / 2000 < 0.8


def test_path_is_relative_to_the_experiment(file, monkeypatch, tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(
        "scenario: two_states\nseed: 0\nreplicates: 1\npostures: [traditional]\n"
        "design: {kind: posterior, file: posterior.csv}\n"
    )
    monkeypatch.chdir("/")
    assert len(load_experiment(path).points) == 3


def test_a_plan_needs_no_file(file):
    experiment = experiment_of(file, n=2)
    resolved = experiment.resolved()
    file.unlink()
    again = recorded_experiment(resolved, origin="plan.json")
    assert again.points == experiment.points
    assert again.resolved() == resolved
    assert len(again.design["sha256"]) == 64


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        (None, {}, "posterior.csv: cannot be read: no such file"),
        ("", {}, "cannot be read as a CSV table"),
        ("a.b\n", {}, "holds no draws"),
        ("weight\n1\n", {}, "holds no draws"),
        (TABLE, {"factors": ["parameters.theta"]}, "unknown column 'parameters.theta'"),
        (TABLE, {"sha256": "0"}, "this file has another digest"),
        (TABLE, {"n": 0}, "design.n: is outside the allowed range; got 0"),
        ("parameters.thta\n1\n", {}, "parameters.thta"),
        ("parameters.theta_challenger\n9\n", {}, "is outside the allowed range"),
        ("parameters.theta_challenger,weight\n0.1,x\n", {"n": 1}, "weights must be numbers"),
        ("parameters.theta_challenger,weight\n0.1,0\n", {"n": 1}, "weights must be numbers"),
        ("parameters.theta_challenger,options.shock\n0.1,\n", {}, "a draw lacks a level"),
        ("parameters.theta_challenger,options.shock\n,probit\n", {}, "a draw lacks a level"),
    ],
)
def test_what_is_refused(file, content, settings, message):
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(InputError) as raised:
        experiment_of(file, **settings)
    assert message.lower() in str(raised.value).lower()
