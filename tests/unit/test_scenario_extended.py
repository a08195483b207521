"""Files laid over a shipped world: what they break is told at their own line."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from regional_sim.errors import InputError
from regional_sim.scenario import load_scenario, scenario_from_mapping
from regional_sim.scenario.pairs import pairs_to_fill_in
from tests.support.cli import invoke, succeeds

EAST = "  EAS: {capability_usd_bn: 20, gdp_usd_bn: 700, polyarchy: 0.5, stance: 0.1}\n"
NEW_STATE = f"extends: four_states\nstates:\n{EAST}"


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text, name="mine.yaml"):
    Path(name).write_text(text)
    return name


def faults_of(text):
    with pytest.raises(InputError) as caught:
        load_scenario(write(text))
    return caught.value.faults


def test_a_new_state_that_lacks_figures_may_be_a_misspelt_one():
    faults = faults_of("extends: four_states\nstates:\n  JPM: {stance: 0.3}\n  XQ: {stance: 0}\n")
    hints = {fault.key.split(".")[1]: fault.hint for fault in faults}
    assert hints == {"JPM": "did you mean 'JPN'? JPM would be a new state", "XQ": None}
    assert {fault.where for fault in faults} == {"mine.yaml:3:3", "mine.yaml:4:3"}


def test_states_of_one_file_are_not_taken_for_each_other():
    figures = "{capability_usd_bn: 20, gdp_usd_bn: 700, polyarchy: 0.5, stance: 0.1}"
    faults = faults_of(f"states:\n  AAA: {figures}\n  AAB: {{stance: 1}}\n")
    assert [fault.hint for fault in faults if "AAB" in fault.key] == [None] * 3


def test_a_shorter_horizon_is_at_fault_itself_and_names_the_windows():
    (fault,) = faults_of("extends: four_states\nhorizon: {months_after: 30}\n")
    assert (fault.where, fault.key) == ("mine.yaml:2:25", "horizon.months_after")
    assert "middle: [25, 72], late: [73, 96]" in fault.what
    assert "early" not in fault.what
    assert "windows: {middle: null}" in fault.hint
    mapping = {"extends": "four_states", "horizon": {"months_after": 30}}
    with pytest.raises(InputError) as caught:
        scenario_from_mapping(mapping)
    (from_python,) = caught.value.faults
    assert (from_python.what, from_python.where) == (fault.what, "<mapping>")


def test_an_own_window_beyond_an_inherited_horizon_is_at_fault_itself():
    (fault,) = faults_of("extends: four_states\nwindows: {late: [73, 100]}\n")
    assert (fault.where, fault.key) == ("mine.yaml:2:17", "windows.late")


def test_a_shorter_horizon_with_windows_that_fit_is_good():
    drop = "windows: {early: [1, 30], middle: null, late: null}"
    world = load_scenario(write(f"extends: four_states\nhorizon: {{months_after: 30}}\n{drop}\n"))
    assert world.windows == {"early": (1, 30)}


def test_pairs_that_a_new_state_lacks_are_all_listed_at_the_state():
    (fault,) = faults_of(NEW_STATE)
    assert (fault.where, fault.key) == ("mine.yaml:3:3", "dyads.projection_km")
    for other in ("CHN", "JPN", "TWN", "USA"):
        assert f"EAS:{other}" in fault.what
        assert f"{other}:EAS" in fault.what
    assert "regional-sim describe pairs mine.yaml" in fault.hint


def test_the_pairs_written_out_make_a_world_once_they_are_filled_in():
    page = pairs_to_fill_in(write(NEW_STATE))
    assert page == pairs_to_fill_in("mine.yaml", "EAS")
    assert page == succeeds("describe", "pairs", "mine.yaml").stdout
    with pytest.raises(InputError, match=r"projection_km\.pairs\.CHN:EAS: must be a number"):
        load_scenario(write(NEW_STATE + page))
    filled = re.sub(r"(?m)^(      \S+:)$", r"\1 1", page)
    world = load_scenario(write(NEW_STATE + filled))
    text = f"{NEW_STATE}dyads: {{projection_km: {{default: 1}}}}\n"
    kept = load_scenario(write(text, "less.yaml"))
    for name in ("commitment", "stake", "tension"):
        assert (world.dyad_values(name) == kept.dyad_values(name)).all()
    assert world.dyad_values("trade_usd_bn")[world.codes.index("EAS")].sum() == 4
    assert "every state stands in some pair" in pairs_to_fill_in("mine.yaml")


def test_a_quantity_without_a_missing_pair_is_not_written_out():
    default = 0.1234567890123
    pairs = "".join(f"{code}-EAS: 1, " for code in load_scenario("four_states").codes)
    given = f"dyads: {{contact: {{pairs: {{{pairs}}}}}, stake: {{default: {default}}}}}\n"
    written = YAML(typ="safe").load(pairs_to_fill_in(write(NEW_STATE + given), "EAS"))["dyads"]
    assert "contact" not in written
    assert all(quantity["pairs"] for quantity in written.values())
    assert set(written["stake"]["pairs"].values()) == {default}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "takes a scenario"),
        (("four_states", "JPN", "CHN"), "takes a scenario"),
        (("four_states", "JPM"), "did you mean 'JPN'?"),
        (("four_state",), "did you mean 'four_states'?"),
    ],
)
def test_pairs_of_what_is_not_there(arguments, said):
    assert said in invoke("describe", "pairs", *arguments, code=2).stderr


def test_other_subjects_take_no_scenario_by_its_place():
    assert "--scenario" in invoke("describe", "states", "four_states", code=2).stderr


def test_a_state_that_trades_nothing_by_default_is_told():
    world = load_scenario(write(f"{NEW_STATE}dyads: {{projection_km: {{default: 900}}}}\n"))
    (remark,) = world.remarks
    assert remark.startswith("EAS trades with nobody")
    assert f"note: {remark}" in succeeds("check", "mine.yaml").stdout
    assert world.with_settings({"dyads.trade_usd_bn.EAS-JPN": 3}).remarks == ()
    assert world.with_settings({"dyads.trade_usd_bn.EAS-JPN": 0}).remarks == ()
    assert load_scenario("baseline").remarks == ()
