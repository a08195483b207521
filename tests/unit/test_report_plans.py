"""A plan as text says everything that decides a sweep."""

import pytest

from regional_sim.experiment import (
    experiment_from_mapping,
)
from regional_sim.report.plans import plan_text, scenario_text
from regional_sim.runner.estimate import describe_plan
from regional_sim.scenario import load_scenario

PLAN = {
    "title": "A study",
    "scenario": "Two equal states",
    "states": ["AAA", "BBB"],
    "months_before": 24,
    "months_after": 96,
    "points": 20,
    "factors": {
        "parameters.theta_challenger": [level / 10 for level in range(10)],
        "x": [True, None],
    },
    "design": "",
    "priors": {},
    "postures": ["traditional", "new_approach"],
    "replicates": 5,
    "stopping": None,
    "seed": 7,
    "runs": 200,
    "engine": "mesa",
    "workers": 2,
    "tables": ["runs", "events"],
    "estimated_seconds": None,
    "estimated_memory_bytes": 400_000_000,
    "estimated_disk_bytes": 12_000,
}


def test_plan() -> None:
    assert plan_text(PLAN, 80) == (
        "experiment  A study\n"
        "scenario    Two equal states\n"
        "states      2: AAA, BBB\n"
        "months      24 before the onset of the posture, 96 after it\n"
        "points      20: parameters.theta_challenger = 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6,\n"
        "            0.7 and 2 more; x = true, null\n"
        "postures    traditional, new_approach\n"
        "replicates  5 of each posture at each point, seed 7\n"
        "runs        200\n"
        "tables      runs, events\n"
        "takes       400 MB of memory and 12 kB of disk with 2 workers, with the engine\n"
        "            mesa"
    )


def test_a_sample_has_a_line_for_each_prior() -> None:
    plan = {
        **PLAN,
        "design": "latin_hypercube of 10, seed 1, crossed with grid of 2",
        "priors": {
            "parameters.theta_challenger": "uniform 0.2 to 0.8",
            "x": f"choice of {', '.join(f'choice_{number}' for number in range(6))}",
        },
    }
    assert plan_text(plan, 80).splitlines()[4:9] == [
        "points      20: latin_hypercube of 10, seed 1, crossed with grid of 2",
        "            parameters.theta_challenger  uniform 0.2 to 0.8",
        "            x                            choice of choice_0, choice_1, choice_2,",
        "            choice_3, choice_4, choice_5",
        "postures    traditional, new_approach",
    ]


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
    text = plan_text({**PLAN, "estimated_seconds": 90.0}, 200)
    assert "takes       about 2 min, 400 MB of memory" in text


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
def test_plan_with_a_rule_of_stopping(batch, relative, expected):
    until = {"metric": "tension", "window": "whole", "half_width": 0.1, "of": "mean"}
    rule = {"at_least": 10, "batch": batch, "at_most": 40, "until": until | {"relative": relative}}
    text = " ".join(plan_text(PLAN | {"stopping": rule}, 80).split())
    assert "replicates 10 to 40 of each posture at each point" in text
    assert expected in text
    assert "runs at most" in text
