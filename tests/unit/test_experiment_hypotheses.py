"""Hypotheses in an experiment file: what is read, kept in a plan, and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, load_experiment
from regional_sim.experiment.hypothesis_checks import clamped_states
from regional_sim.experiment.plan import Plan

CLAIM: dict[str, Any] = {
    "id": "T1",
    "claim": "Tension rises.",
    "metric": "tension",
    "posture": "new_approach",
    "expects": "rise",
}
BASE: dict[str, Any] = {
    "scenario": "four_states",
    "seed": 1,
    "replicates": 2,
    "postures": ["traditional", "new_approach", "reassurance"],
}


def with_claims(*changes: dict[str, Any]) -> dict[str, Any]:
    return {**BASE, "hypotheses": [CLAIM | change for change in changes]}


def test_defaults_are_filled_in() -> None:
    (one,) = experiment_from_mapping(with_claims({})).hypotheses
    assert (one.window, one.reference, one.smallest, one.clamp) == (
        "whole",
        "traditional",
        None,
        (),
    )
    two = {**with_claims({}), "postures": ["traditional", "reassurance"]}
    del two["hypotheses"][0]["posture"]
    assert experiment_from_mapping(two).hypotheses[0].posture == "reassurance"


def test_a_plan_holds_them_and_gives_them_back() -> None:
    claim = {"clamp": ["challenger"], "opposing": "None.", "smallest": 0.02}
    experiment = experiment_from_mapping(with_claims(claim))
    plan = Plan.of(experiment)
    again = Plan.from_mapping(plan.mapping())
    assert again.experiment.hypotheses == experiment.hypotheses
    assert again.digest == plan.digest


def test_without_any_a_plan_is_as_it_was() -> None:
    plain = Plan.of(experiment_from_mapping(BASE))
    assert "hypotheses" not in plain.mapping()["experiment"]
    assert Plan.of(experiment_from_mapping({**BASE, "hypotheses": []})).digest == plain.digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metric": "tensoin"}, "unknown metric; got 'tensoin'; did you mean 'tension'?"),
        ({"window": "erly"}, "unknown window; got 'erly'"),
        ({"posture": "new_aproach"}, "did you mean 'new_approach'?"),
        ({"reference": "new_approach"}, "is compared with itself"),
        ({"expects": "rises"}, "did you mean 'rise'?"),
        ({"smallest": 0}, "allowed: above 0.0"),
        ({"clamp": ["chalenger"]}, "did you mean 'challenger'?"),
        ({"clamp": ["rival"]}, "this world has nobody who is that"),
        ({"metric": "trilateral_deterrence"}, "this world does not define this metric"),
        ({"id": "a b"}, "is not a valid id"),
        ({"expect": "rise"}, "unknown setting of a hypothesis"),
    ],
)
def test_what_is_not_there_is_refused_at_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        experiment_from_mapping(with_claims(change))
    assert said in str(caught.value)
    assert "hypotheses[0]" in str(caught.value)


def test_ids_differ_and_a_contrast_takes_two_postures() -> None:
    with pytest.raises(InputError, match="two hypotheses have this id; got 'T1'"):
        experiment_from_mapping(with_claims({}, {"expects": "fall"}))
    with pytest.raises(InputError, match="compares two postures, and the experiment has one"):
        experiment_from_mapping({**with_claims({}), "postures": ["traditional"]})


def test_messages_name_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "scenario: two_states\nseed: 1\nreplicates: 2\npostures: [traditional, new_approach]\n"
        "hypotheses:\n  - id: X\n    claim: It rises.\n    metric: tensoin\n    expects: rise\n"
    )
    with pytest.raises(InputError) as caught:
        load_experiment(file)
    assert str(caught.value).startswith(f"{file}:8:13: hypotheses[0].metric: unknown metric")


def test_the_claims_of_the_article_are_all_there() -> None:
    experiment = load_experiment("article_claims")
    claims = {one.id.rstrip("ab") for one in experiment.hypotheses}
    wanted = "M1 M2 M3 M4 K1 K2 K3 C1 C2 C3 C4 A1 A2 A3 R1 D1 D2 D3 D4 D5 N1 E1 E2"
    assert claims == set(wanted.split())
    assert all(one.opposing for one in experiment.hypotheses)
    clamps = {one.id: one.clamp for one in experiment.hypotheses if one.clamp}
    assert clamps == {
        "K2": ("ally",),
        "K3": ("ally",),
        "C3": ("challenger",),
        "C4": ("challenger",),
    }
    assert clamped_states(experiment.scenario, ("ally", "hedgers", "KOR"))[:2] == ("IDN", "KOR")
