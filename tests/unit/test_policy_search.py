"""The search for a policy: goals, regret, and what is found and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regional_sim.answers.policies.candidates import SearchSpace, as_posture, written
from regional_sim.answers.policies.goals import goals_of, regrets, requirements_of, undominated
from regional_sim.answers.policies.policy_search import FINAL_DRAWS, Simulator
from regional_sim.answers.policies.search_folder import search_in
from regional_sim.answers.policies.search_plan import SearchPlan
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment import Experiment, experiment_from_mapping
from regional_sim.experiment.posture import posture_of
from regional_sim.model.instruments import Instrument
from regional_sim.postures import create
from regional_sim.postures.named import Adaptive
from regional_sim.postures.policy import Observed
from regional_sim.scenario import load_scenario

ALL = tuple(Instrument.__members__)


def _experiment(**more: object) -> Experiment:
    given = {
        "scenario": "two_states",
        "settings": {"horizon.months_before": 1, "horizon.months_after": 6, "horizon.run_in": 2},
        "seed": 5,
        "replicates": 1,
        "postures": ["traditional", "new_approach"],
        "design": {
            "kind": "grid",
            "factors": {"parameters.theta_challenger": [0.2, 0.5, 0.8]},
        },
    }
    return experiment_from_mapping(given | more)


def _plan(**more: object) -> SearchPlan:
    experiment = _experiment()
    world = experiment.scenario
    numbers = {
        "generations": 2,
        "population": 4,
        "points": 2,
        "replicates": 2,
        "final_points": 3,
        "final_replicates": 2,
    }
    chosen = {
        "experiment": experiment,
        "goals": goals_of(world, ["tension"], ["miscalculation_risk"]),
        "requirements": (),
        "space": SearchSpace(ALL),
        **numbers,
    }
    return SearchPlan(**(chosen | more))


# ------------------------------------------------------------------------------------- the parts

LOSSES = arrays(np.float64, (4, 3, 2), elements=st.floats(-5, 5))


@given(LOSSES)
def test_somebody_has_no_regret_at_every_point_for_a_single_goal(losses: np.ndarray) -> None:
    found = regrets(losses[..., :1], np.ones(losses.shape[:2], dtype=bool))
    assert (found >= 0.0).all()
    assert (found.min(axis=0) == 0.0).all()


@given(LOSSES)
def test_what_no_other_beats_holds_the_best_of_every_goal(losses: np.ndarray) -> None:
    front = undominated(losses[:, 0])
    assert front.any()
    assert (losses[front, 0].min(axis=0) == losses[:, 0].min(axis=0)).all()


def test_where_a_requirement_is_missed_a_loss_is_no_measure_of_others() -> None:
    losses = np.array([[[0.0]], [[3.0]], [[4.0]]])
    allowed = np.array([[False], [True], [True]])
    assert regrets(losses, allowed)[:, 0].tolist() == [0.0, 0.0, 1.0]


def test_requirements_are_read_and_missed_by_so_much() -> None:
    (least,) = requirements_of(load_scenario("two_states"), ["tension <= -0.5"])
    assert least.words == "tension <= -0.5"
    assert least.shortfall(np.array([-1.0, 0.0])).tolist() == [-0.5, 0.5]


@pytest.mark.parametrize("text", ["tension", "tension > 1", "tension >= much", "tension >= nan"])
def test_what_is_no_requirement_is_named(text: str) -> None:
    with pytest.raises(InputError, match="not a requirement"):
        requirements_of(load_scenario("two_states"), [text])


@pytest.mark.parametrize(
    ("least", "most", "message"),
    [
        ([], [], "needs a goal"),
        (["tensoin"], [], "did you mean 'tension'"),
        (["tension"], ["tension"], "goal twice"),
        (["trilateral_alignment"], [], "unknown metric"),
    ],
)
def test_goals_that_are_none(least: list[str], most: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        goals_of(load_scenario("two_states"), least, most)


def test_unknown_instruments_and_too_few_candidates_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'joint_patrols'"):
        SearchSpace(("joint_patrol",))
    with pytest.raises(InputError, match="population"):
        _plan(population=1)
    with pytest.raises(InputError, match="unknown window"):
        _plan(window="decade")


# ------------------------------------------------------------------------------ the adaptive policy


def _observed(rise: float, months: int = 1) -> Observed:
    tension = {"first": 0.4, "last": 0.4 + rise}
    return Observed(
        1, months, lambda _: np.array([tension["last"]]), lambda _: np.array([tension["first"]])
    )


def test_levels_begin_in_their_month_and_answer_tension() -> None:
    policy = Adaptive(joint_patrols=0.6, from_month=13, answer=0.5)
    assert policy.targets(11, _observed(0.0)) == {}
    patrols = Instrument.joint_patrols
    assert policy.targets(12, _observed(0.0))[patrols] == pytest.approx(0.6)
    # 0.5 above the traditional level of 0.1: a rise of 0.05 moves it by half of that.
    assert policy.targets(12, _observed(0.05))[patrols] == pytest.approx(0.85)
    assert policy.targets(12, _observed(-0.05))[patrols] == pytest.approx(0.35)
    assert policy.targets(12, _observed(9.0))[patrols] == pytest.approx(0.85)


@pytest.mark.parametrize("settings", [{"from_month": 0}, {"from_month": 1.5}, {"answer": 2.0}])
def test_settings_of_the_adaptive_policy_are_checked(settings: dict[str, object]) -> None:
    with pytest.raises(InputError, match="posture adaptive"):
        create("adaptive", settings)


def test_a_candidate_is_written_as_the_command_line_reads_it() -> None:
    candidate = {"joint_patrols": 0.55, "from_month": 13, "answer": -0.25}
    assert posture_of(written(candidate, "mine")) == as_posture(candidate, "mine")


# ------------------------------------------------------------------------------------- the search


def test_differences_are_those_of_a_paired_run() -> None:
    from regional_sim import run

    plan = _plan()
    candidate = {"joint_patrols": 0.5, "from_month": 1, "answer": 0.0}
    simulator = Simulator(plan, [1], 3, 0, workers=1)
    found = simulator.differences([as_posture(candidate, "mine")])
    world = plan.experiment.scenario_at(plan.experiment.points[1])
    results = run(world, postures=["traditional", written(candidate, "mine")], replicates=3, seed=5)
    wanted = results.contrasts.query("window == 'whole'").set_index("metric")["difference"]
    assert found[0, 0].tolist() == pytest.approx(
        [wanted["tension"], wanted["miscalculation_risk"]], abs=1e-15
    )


def test_a_search_is_kept_resumed_and_the_same_on_any_number_of_workers(tmp_path: Path) -> None:
    plan = _plan()
    one = search_in(tmp_path / "one", plan)
    search_in(tmp_path / "two", plan, workers=3)
    names = ("candidates.csv", "front.csv", "points.csv", "postures.yaml", "search.json")
    first = {name: (tmp_path / "one" / name).read_bytes() for name in names}
    assert first == {name: (tmp_path / "two" / name).read_bytes() for name in names}

    tried = pd.read_csv(tmp_path / "one" / "candidates.csv")
    tried.head(3).to_csv(tmp_path / "one" / "candidates.csv", index=False)
    (tmp_path / "one" / "front.csv").unlink()
    again = search_in(tmp_path / "one", plan, resume=True)
    assert {name: (tmp_path / "one" / name).read_bytes() for name in names} == first
    np.testing.assert_array_equal(one.differences, again.differences)

    with pytest.raises(OutputExistsError, match="--resume"):
        search_in(tmp_path / "one", plan)
    with pytest.raises(InputError, match="another search"):
        search_in(tmp_path / "one", _plan(generations=3), resume=True)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="no search"):
        search_in(tmp_path, _plan(), force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_finalists_are_judged_on_other_draws_than_they_were_found_on(tmp_path: Path) -> None:
    plan = _plan(points=3, replicates=2, final_replicates=2)
    judged = search_in(tmp_path / "search", plan)
    fresh = Simulator(plan, judged.points, 2, FINAL_DRAWS, workers=1)
    np.testing.assert_array_equal(fresh.differences(judged.postures), judged.differences)
    old = Simulator(plan, judged.points, 2, 0, workers=1)
    assert (old.differences(judged.postures) != judged.differences).any()


def test_a_requirement_that_none_can_meet_leaves_nobody_recommended(tmp_path: Path) -> None:
    world = _experiment().scenario
    plan = _plan(requirements=requirements_of(world, ["tension <= -5"]))
    judged = search_in(tmp_path / "search", plan)
    assert judged.chosen is None
    assert not judged.on_front.any()
