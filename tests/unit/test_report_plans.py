"""A plan as text says everything that decides a sweep."""

from typing import Any

import pytest

from regional_sim.api import describe_plan
from regional_sim.experiment import experiment_from_mapping
from regional_sim.report.plans import plan_text, scenario_text
from regional_sim.runner.estimate import Estimate, planned
from regional_sim.scenario import load_scenario

STUDY: dict[str, Any] = {
    "title": "A study",
    "scenario": "two_states",
    "seed": 7,
    "replicates": 5,
    "postures": ["traditional", "new_approach"],
    "tables": ["events"],
}
GRID = {
    "kind": "grid",
    "factors": {
        "parameters.theta_challenger": [level / 10 for level in range(1, 11)],
        "states.AAA.name": ["A", None],
    },
}
TAKES = Estimate(workers=2, seconds=None, memory_bytes=400_000_000, disk_bytes=12_000)


def text_of(width: int = 80, takes: Estimate = TAKES, **changes: Any) -> str:
    plan = planned(experiment_from_mapping(STUDY | changes), "mesa")
    return plan_text(plan, takes, width)


def test_plan() -> None:
    assert text_of(design=GRID) == (
        "experiment  A study\n"
        "scenario    Two equal states\n"
        "states      2: AAA, BBB\n"
        "months      24 before the onset of the posture, 96 after it\n"
        "points      20: parameters.theta_challenger = 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,\n"
        "            0.8 and 2 more; states.AAA.name = A, null\n"
        "postures    traditional, new_approach\n"
        "replicates  5 of each posture at each point, seed 7\n"
        "runs        200\n"
        "tables      runs, events\n"
        "takes       400 MB of memory and 12 kB of disk with 2 workers, with the engine\n"
        "            mesa"
    )


def test_a_sample_has_a_line_for_each_prior() -> None:
    names = [f"choice_{number}" for number in range(6)]
    theta = {"low": 0.2, "high": 0.8}
    sample = {
        "kind": "latin_hypercube",
        "n": 10,
        "seed": 1,
        "factors": {"parameters.theta_challenger": theta, "states.AAA.name": names},
    }
    lines = text_of(design=sample).splitlines()
    assert lines[4:6] == [
        "points      10: latin_hypercube of 10, seed 1",
        "            parameters.theta_challenger  uniform 0.2 to 0.8",
    ]
    assert lines[6].startswith("            states.AAA.name              ")
    assert lines[8] == "postures    traditional, new_approach"


def test_what_a_design_is_shown_as_comes_from_the_experiment() -> None:
    base = {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["traditional"]}
    factors = {"parameters.signal_gain": {"low": 1, "high": 3}}
    sample = base | {"design": {"kind": "sobol", "n": 4, "factors": factors}}
    described = describe_plan(experiment_from_mapping(sample))
    assert described["design"] == "sobol of 4, seed 0"
    assert described["priors"] == {"parameters.signal_gain": "uniform 1 to 3"}
    grid = base | {"design": {"kind": "grid", "factors": {"parameters.signal_gain": [1, 2]}}}
    described = describe_plan(experiment_from_mapping(grid))
    assert (described["design"], described["priors"]) == ("", {})


def test_time_is_said_where_it_is_known() -> None:
    timed = Estimate(workers=1, seconds=90.0, memory_bytes=400_000_000, disk_bytes=12_000)
    assert "takes       about 2 min, 400 MB of memory and 12 kB of disk, with" in text_of(
        200, timed
    )


def test_scenario() -> None:
    assert scenario_text(load_scenario("two_states"), 80) == (
        "scenario    Two equal states\n"
        "states      2: AAA, BBB\n"
        "months      24 before the onset of the posture, 96 after it\n"
        "windows     early 1 to 24, middle 25 to 72, late 73 to 96"
    )


@pytest.mark.parametrize(
    ("batch", "relative", "expected"),
    [
        (10, False, "interval of the mean of tension (whole) has a half-width of 0.1; asked after"),
        (5, False, "asked after 10, then 5"),
        (10, True, "half-width of 0.1 of the mean; asked after every 10"),
    ],
)
def test_plan_with_a_rule_of_stopping(batch: int, relative: bool, expected: str) -> None:
    until = {"metric": "tension", "half_width": 0.1, "relative": relative}
    rule = {"at_least": 10, "batch": batch, "at_most": 40, "until": until}
    text = " ".join(text_of(replicates=rule).split())
    assert "replicates 10 to 40 of each posture at each point" in text
    assert expected in text
    assert "runs at most" in text
