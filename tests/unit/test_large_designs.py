# ruff: noqa: E501 (a row of the table is one line)
"""Designs are refused from their numbers, and large ones are checked without every world."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.errors import InputError
from regional_sim.experiment import experiment, experiment_from_mapping, load_experiment
from regional_sim.experiment.levels import LevelColumn, packed
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Point, Points
from regional_sim.experiment.tasks import Task, job_of
from regional_sim.runner.estimate import estimated, planned
from tests.support import faults
from tests.unit import test_design_faults, test_experiment_faults

BASE = {"scenario": "two_states", "seed": 1, "replicates": 1, "postures": ["traditional", "levels"]}
MANY = {f"parameters.p{number}": {"low": 0, "high": 1} for number in range(1200)}
GAIN = {"parameters.signal_gain": {"low": 0, "high": 4}}


def experiment_of(**changes):
    return experiment_from_mapping(BASE | changes)


@pytest.fixture
def large(monkeypatch):
    """Let every design count as a large one."""
    monkeypatch.setattr(experiment, "MOST_WORLDS_KEPT", 0)


# ------------------------------------------------------------------------- limits

TOO_MUCH = {
    "points": ({"design": {"kind": "random", "n": 10**18, "factors": GAIN}}, "design: asks for too many points; got 1000000"),
    "points of a product": ({"design": {"kind": "grid", "factors": {path: list(range(1001)) for path in list(MANY)[:2]}}}, "design: asks for too many points; got 1002001; allowed: at most 1000000"),
    "levels": ({"design": {"kind": "latin_hypercube", "n": 10**6, "factors": dict(list(MANY.items())[:300])}}, "design: asks for too many levels (points times factors); got 300000000; allowed: at most 10000000"),
    "factors of sobol": ({"design": {"kind": "sobol", "n": 1, "factors": MANY}}, "design: asks for too many factors; got 1200; allowed: at most 1000"),
    "factors of saltelli": ({"design": {"kind": "saltelli", "n": 1, "factors": MANY}}, "design: asks for too many factors; got 1200"),
    "steps": ({"design": {"kind": "morris", "trajectories": 1, "levels": 10**8, "factors": GAIN}}, "design.levels: is outside the allowed range; got 100000000; allowed: at most 1000"),
    "runs": ({"replicates": 9_000_000, "design": {"kind": "random", "n": 500, "factors": GAIN}}, "replicates: asks for too many runs, of all points and postures together; got 9000000000; allowed: at most 1000000000"),
    "whole numbers of a prior": ({"design": {"kind": "random", "n": 2, "factors": {"horizon.months_after": {"distribution": "integer", "low": 1, "high": int("9" * 300)}}}}, "high: must be a whole number of at most 64 bits; got 9999"),
    "kind that is a list": ({"design": {"kind": ["zip"]}}, "design: is not a kind of design; got ['zip']"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_refused_from_its_numbers(name, monkeypatch):
    changes, expected = TOO_MUCH[name]
    made = []
    make = Points.of_design
    monkeypatch.setattr(
        Points, "of_design", lambda design: made.append(design.n_points) or make(design)
    )
    with pytest.raises(InputError) as caught:
        experiment_of(**changes)
    assert expected in str(caught.value)
    assert sum(made) <= 500


def test_a_plan_of_too_many_tasks_is_refused():
    asked = experiment_of(replicates=10_000, design={"kind": "random", "n": 500, "factors": GAIN})
    with pytest.raises(InputError, match="too many tasks; got 2500000; allowed: at most 1000000"):
        planned(asked, "mesa")


def test_the_batches_of_a_rule_count_as_tasks():
    until = {"metric": "tension", "half_width": 0.1}
    rule = {"at_least": 2, "at_most": 3_000_000, "batch": 1, "until": until}
    with pytest.raises(InputError, match=r"too many tasks; got 2999999; .* larger batches"):
        planned(experiment_of(replicates=rule))


def test_two_hundred_thousand_points_are_planned_without_their_worlds(monkeypatch):
    built = []
    asked = experiment_of().scenario
    make = type(asked).with_settings
    monkeypatch.setattr(
        type(asked), "with_settings", lambda world, given: built.append(1) or make(world, given)
    )
    factors = GAIN | {"horizon.months_after": {"distribution": "integer", "low": 96, "high": 99}}
    plan = planned(experiment_of(design={"kind": "random", "n": 200_000, "factors": factors}))
    assert len(plan.digest) == 64
    assert sum(plan.horizons.values()) == plan.n_points == 200_000
    assert set(plan.horizons) == {(24, months) for months in range(96, 100)}
    assert estimated(plan).disk_bytes > 1e9
    assert len(built) < 500


# ------------------------------------------------- what is found without building every world


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(("good", "name"), test_design_faults.CASES)
def test_the_same_message_of_a_large_design(tmp_path, good, name):
    row = test_design_faults.BAD[good][name]
    path = tmp_path / "trial.yaml"
    faults.check_row(load_experiment, path, good, row, head=test_design_faults.HEAD)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", test_experiment_faults.BAD)
def test_the_same_message_of_a_large_experiment(tmp_path, name):
    row = test_experiment_faults.BAD[name]
    faults.check_row(load_experiment, tmp_path / "trial.yaml", test_experiment_faults.GOOD, row)


@pytest.mark.usefixtures("large")
def test_a_combination_that_cannot_be_made_is_found_among_many_points():
    months = {"distribution": "integer", "low": 0, "high": 1000}
    after = {"choices": [96, 600], "weights": [999, 1]}
    factors = GAIN | {"horizon.months_before": months, "horizon.months_after": after}
    with pytest.raises(InputError, match="too long together"):
        experiment_of(design={"kind": "random", "n": 3000, "seed": 2, "factors": factors})


def test_a_level_beyond_its_bounds_is_found_among_many():
    levels = [0.5] * 999 + [1.5] + [0.25] * 1000
    design = {"kind": "zip", "factors": {"parameters.theta_challenger": levels}}
    with pytest.raises(InputError, match=r"challenger\[999\]: is outside the allowed range; got 1"):
        experiment_of(design=design)


def test_levels_that_are_good_only_together_are_accepted_at_many_points():
    trade = [float(number) for number in range(99_000, 99_300)]
    gdp = {f"states.{code}.gdp_usd_bn": [2.0 * one for one in trade] for code in ("AAA", "BBB")}
    factors = gdp | {"dyads.trade_usd_bn.AAA-BBB": trade}
    assert len(experiment_of(design={"kind": "zip", "factors": factors}).points) == 300
    with pytest.raises(InputError, match=r"trade"):
        experiment_of(design={"kind": "zip", "factors": {"dyads.trade_usd_bn.AAA-BBB": trade}})


RARE = {
    "a text": ("options.shock", ["probit", "logit"] * 150, "probitt"),
    "a number of another kind": ("horizon.months_after", list(range(96, 396)), 100.5),
    "an end among numbers of two kinds": ("parameters.signal_gain", [0, *np.linspace(0, 4, 299)], 77.0),
}  # fmt: skip


@pytest.mark.parametrize("name", RARE)
def test_a_single_bad_level_is_found_among_many(name):
    path, levels, bad = RARE[name]
    levels = [*levels[:151], bad, *levels[151:]]
    with pytest.raises(InputError, match=rf"{path}\[151\].*; got '?{bad}"):
        experiment_of(design={"kind": "zip", "factors": {path: levels}})


def test_a_world_that_fails_when_it_is_run_names_its_point():
    asked = experiment_of(design={"kind": "random", "n": 2, "factors": GAIN})
    bad = Point(1, {"parameters.signal_gain": 99.0})
    plan = Plan.of(asked)
    object.__setattr__(asked, "points", (asked.points[0], bad))
    with pytest.raises(InputError, match=r"point 1: parameters\.signal_gain: is outside"):
        job_of(plan, Task((0, 1), 0, 1))


def test_too_many_frames_are_refused(monkeypatch):
    from regional_sim.experiment import point_checks

    monkeypatch.setattr(point_checks, "FRAMES_LIMIT", 3)
    monkeypatch.setattr(experiment, "MOST_WORLDS_KEPT", 0)
    factors = {"horizon.months_after": [96, 97, 98, 99], "parameters.signal_gain": [1, 2]}
    with pytest.raises(InputError, match="months_after make too many different worlds; got 4"):
        experiment_of(design={"kind": "grid", "factors": factors})


# ------------------------------------------------------------------------- points

one_level = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-1, 1), st.text("a"))


@given(st.lists(one_level, min_size=1, max_size=6))
def test_levels_keep_their_kind_and_sign_when_they_are_packed(levels):
    assert list(map(repr, packed(levels))) == list(map(repr, levels))


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.lists(st.integers(1, 3), min_size=1, max_size=2),
)
def test_points_are_those_of_the_design_one_by_one(first, second):
    paths = iter("abcdef")
    parts = [{next(paths): list(range(many)) for many in sizes} for sizes in (first, second)]
    design = {"kind": "mixed", "parts": [{"kind": "grid", "factors": part} for part in parts]}
    from regional_sim.experiment.designs import design_of

    points = Points.of_design(design_of(design))
    expected = np.indices([*first, *second]).reshape(len(first) + len(second), -1).T
    assert [tuple(point.factors.values()) for point in points] == list(
        map(tuple, expected.tolist())
    )
    assert [point.number for point in points] == list(range(len(points)))
    assert points == Points.of(tuple(points)) == tuple(points)
    assert points[-1] == points[len(points) - 1] == points[-1:][0]
    assert pickle.loads(pickle.dumps(points)) == points
    groups = points.groups(list(points.columns))
    assert groups == [(number, 1) for number in range(len(points))]
    with pytest.raises(IndexError):
        points[len(points)]


def test_points_without_factors_stay_several_and_those_with_others_are_refused():
    assert len(Points.of([Point(0), Point(1)])) == 2
    with pytest.raises(InputError, match=r"points\[1\]: all points must have the same factors"):
        Points.of([Point(0, {"x": 1}), Point(1, {"y": 1})])


def test_columns_tell_levels_apart_that_compare_equal():
    column = LevelColumn.of([1, True, 1.0, 0.0])
    assert column.distinct == (1, True, 0.0)
    assert Points({"x": column}).groups(["x"]) == [(0, 1), (1, 1), (2, 1), (3, 1)]
