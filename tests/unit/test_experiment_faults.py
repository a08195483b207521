# ruff: noqa: E501 (a row of the table is one line)
"""One bad experiment file for each message, with the place where it points."""

import re
from contextlib import nullcontext

import pytest

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping, load_experiment, single_point
from regional_sim.scenario import load_scenario
from tests.support import faults

GOOD = """\
format: 1
title: Trial
question: Does it work?
scenario: four_states
settings: {parameters.theta_challenger: 0.5}
seed: 1
replicates: 20
postures:
  - traditional
  - {policy: levels, label: patrols, joint_patrols: 0.8}
  - policy: new_approach
clamp: [USA]
design:
  kind: grid
  factors:
    parameters.signal_gain: [1.0, 1.5]
    posture.military: [0.1, 0.8]
outcomes: [tension, incidents]
tables: [runs]
"""

NUMBERS = {"seed": 1, "replicates": 2}
SHORT = NUMBERS | {"scenario": "two_states", "postures": ["traditional"]}

LISTED = """\
design:
  kind: list
  points:
    - {parameters.level_weight: 0.1, options.shock: logit}
    - {parameters.level_weight: 0.2, options.shock: probit}
"""

GRID = GOOD[GOOD.index("design:") : GOOD.index("outcomes:")]

# What is replaced in GOOD, by what, and the message: place, then what it must say.
BAD = {
    # form
    "unknown key": ("title:", "titel:", "2:1: titel: unknown key; did you mean 'title'?"),
    "later milestone": ("tables:", "figures: []\ntables:", "19:1: figures: unknown key"),
    "other format": ("format: 1", "format: 2", "1:9: format: is not one of the choices; got 2; allowed: 1"),
    "no scenario": ("scenario: four_states\n", "", "1:1: scenario: required, but not given"),
    "no seed": ("seed: 1\n", "", "1:1: seed: required, but not given"),
    "no replicates": ("replicates: 20\n", "", "1:1: replicates: required, but not given"),
    "text for a seed": ("seed: 1", "seed: one", "6:7: seed: must be a whole number; got 'one'"),
    "fraction for a seed": ("seed: 1", "seed: 1.5", "6:7: seed: must be a whole number; got 1.5"),
    "flag for a seed": ("seed: 1", "seed: true", "6:7: seed: must be a whole number; got true"),
    "negative seed": ("seed: 1", "seed: -1", "6:7: seed: is outside the allowed range; got -1; allowed: from 0 to"),
    "no replicate at all": ("replicates: 20", "replicates: 0", "7:13: replicates: is outside the allowed range; got 0; allowed: from 1 to"),
    "number for a title": ("title: Trial", "title: 3", "2:8: title: must be text; got 3"),
    "duplicate key": ("title: Trial", "title: Trial\ntitle: Trial", "3:1: title: this key is given twice"),
    # scenario and settings
    "misspelt scenario": ("four_states", "for_states", "4:11: scenario: unknown shipped scenario 'for_states'; did you mean 'four_states'?"),
    "missing scenario file": ("four_states", "worlds/four.yaml", "4:11: scenario: no such file; got 'worlds/four.yaml'"),
    "list for a scenario": ("scenario: four_states", "scenario: [four_states]", "4:11: scenario: must be the name of a scenario"),
    "misspelt setting": ("settings: {parameters.theta_challenger", "settings: {parameters.theta_chalenger", "5:12: settings.parameters.theta_chalenger: unknown parameter; did you mean 'theta_challenger'?"),
    "setting without its section": ("settings: {parameters.theta_challenger", "settings: {theta_challenger", "5:12: settings.theta_challenger: unknown key; did you mean 'parameters.theta_challenger'?"),
    "setting out of range": ("challenger: 0.5", "challenger: 5", "5:41: settings.parameters.theta_challenger: is outside the allowed range; got 5; allowed: from 0 to 1"),
    # postures
    "misspelt policy": ("policy: new_approach", "policy: new_aproach", "11:13: postures[2].policy: unknown policy; got 'new_aproach'; allowed: "),
    "misspelt bare policy": ("- traditional", "- traditionel", "9:5: postures[0].policy: unknown policy; got 'traditionel'"),
    "misspelt setting of a policy": ("joint_patrols: 0.8", "joint_patrol: 0.8", "10:38: postures[1].joint_patrol: unknown setting of this policy; allowed: "),
    "level out of range": ("joint_patrols: 0.8", "joint_patrols: 8", "10:53: postures[1].joint_patrols: not a level; got 8; allowed: a number from 0 to 1"),
    "setting of a policy without any": ("policy: new_approach", "policy: new_approach\n    joint_patrols: 1", "12:5: postures[2].joint_patrols: unknown setting of this policy; allowed: none"),
    "posture without a policy": ("policy: levels, ", "", "10:5: postures[1].policy: required, but not given"),
    "number for a posture": ("- traditional", "- 3", "9:5: postures[0]: must be a mapping"),
    "no postures": (GOOD[GOOD.index("postures:") : GOOD.index("clamp:")], "postures: []\n", "8:11: postures: needs at least one posture"),
    "same label twice": ("label: patrols", "label: traditional", "10:29: postures[1].label: two postures have this label; got 'traditional'"),
    "label that no table can hold": ("label: patrols", "label: 'more, patrols'", "10:29: postures[1].label: is not a valid label; got 'more, patrols'; allowed: letters"),
    # names
    "misspelt state": ("clamp: [USA]", "clamp: [USSA]", "12:9: clamp[0]: unknown state; got 'USSA'; allowed: CHN, JPN, TWN, USA; did you mean 'USA'?"),
    "state clamped twice": ("clamp: [USA]", "clamp: [USA, USA]", "12:14: clamp[1]: this state is given twice; got 'USA'"),
    "misspelt metric": ("outcomes: [tension", "outcomes: [tenson", "18:12: outcomes[0]: unknown metric; got 'tenson'; did you mean 'tension'?"),
    "metric that the world lacks": ("outcomes: [tension", "outcomes: [hedger_lean", "18:12: outcomes[0]: this world does not define this metric, which needs hedgers; got 'hedger_lean'"),
    "misspelt table": ("tables: [runs]", "tables: [runs, dyad]", "19:16: tables[1]: unknown table; got 'dyad'; allowed: runs, timeseries, states, dyads, events, motives; did you mean 'dyads'?"),
    # designs
    "no kind of design": ("  kind: grid\n", "", "14:3: design: needs a kind; allowed: kind: grid, list, zip"),
    "misspelt kind of design": ("kind: grid", "kind: gird", "14:3: design: is not a kind of design; got 'gird'; allowed: kind: grid, list, zip, latin_hypercube, sobol, random, morris, saltelli, posterior, mixed; did you mean 'grid'?"),
    "key of another design": ("  kind: grid", "  kind: grid\n  points: []", "15:3: design.points: unknown key"),
    "no factors": (GRID, "design: {kind: grid, factors: {}}\n", "design.factors: needs at least 1 entries, has 0"),
    "no levels": ("gain: [1.0, 1.5]", "gain: []", "16:29: design.factors.parameters.signal_gain: needs at least 1 entries, has 0"),
    "level for a list": ("gain: [1.0, 1.5]", "gain: 1.5", "16:29: design.factors.parameters.signal_gain: must be a list; got 1.5"),
    "level given twice": ("gain: [1.0, 1.5]", "gain: [1.5, 1.5]", "16:29: design.factors.parameters.signal_gain: the level 1.5 is given twice"),
    "list for a level": ("gain: [1.0, 1.5]", "gain: [[1.0], 1.5]", "16:30: design.factors.parameters.signal_gain[0]: must be a single value"),
    "infinite level": ("gain: [1.0, 1.5]", "gain: [1.0, .inf]", "16:35: design.factors.parameters.signal_gain[1]: must be a finite number"),
    "misspelt factor": ("parameters.signal_gain", "parameters.signal_gan", "16:5: design.factors.parameters.signal_gan: unknown parameter; did you mean 'signal_gain'?"),
    "level of a factor out of range": ("gain: [1.0, 1.5]", "gain: [1.0, 1e9]", "16:35: design.factors.parameters.signal_gain[1]: is outside the allowed range; got 1000000000.0; allowed: from"),
    "misspelt field of a policy": ("posture.military", "posture.militry", "17:5: design.factors.posture.militry: no posture has this setting; did you mean 'military'?"),
    "level of a policy out of range": ("[0.1, 0.8]", "[0.1, 1.8]", "17:29: design.factors.posture.military[1]: not a level; got 1.8; allowed: a number from 0 to 1"),
    # two names for one thing
    "pair given both ways round": ("parameters.signal_gain: [1.0, 1.5]", "dyads.contact.CHN-JPN: [1, 2]\n    dyads.contact.JPN-CHN: [1, 2]", "17:5: design.factors.dyads.contact.JPN-CHN: this factor and dyads.contact.CHN-JPN set the same thing; drop one of them"),
    "pair and its direction": ("parameters.signal_gain: [1.0, 1.5]", "dyads.stake.pairs.CHN:JPN: [1, 2]\n    dyads.stake.JPN-CHN: [1, 2]", "17:5: design.factors.dyads.stake.JPN-CHN: this factor and dyads.stake.pairs.CHN:JPN set the same thing"),
    "figure and its value": ("parameters.signal_gain: [1.0, 1.5]", "states.JPN.stance: [0]\n    states.JPN.stance.value: [0.5]", "17:5: design.factors.states.JPN.stance.value: this factor and states.JPN.stance set the same thing"),
    "name with a blank behind": ("parameters.signal_gain: [1.0, 1.5]", "parameters.signal_gain: [1.0]\n    'parameters.signal_gain ': [2.0]", "17:5: design.factors.parameters.signal_gain : but for blanks this is the factor 'parameters.signal_gain'"),
    "setting and factor": ("settings: {parameters.theta_challenger: 0.5}", "settings: {parameters: {signal_gain: 0.5}}", "5:12: settings.parameters: the factor parameters.signal_gain sets the same thing at every point; drop one of them"),
    "default of no pair": ("parameters.signal_gain: [1.0, 1.5]", "dyads.projection_km.default: [1, 2]", "16:5: design.factors.dyads.projection_km.default: this default decides nothing, as every pair is given; drop it"),
    # what tables cannot hold
    "number of 64 digits": ("gain: [1.0, 1.5]", "gain: [1.0, 9223372036854775808]", "16:35: design.factors.parameters.signal_gain[1]: must be a whole number of at most 64 bits; got '9223372036854775808'"),
    "level that looks like another": ("parameters.signal_gain: [1.0, 1.5]", "options.contest_exponent: [2, '2']", "16:35: design.factors.options.contest_exponent[1]: in a table this level looks like 2; got '2'"),
    "label that is no text for pandas": ("label: patrols", "label: 'NA'", "10:29: postures[1].label: programs that read the tables take this label for something else; got 'NA'; choose another"),
    "points without factors": (GRID, "design: {kind: list, points: [{}]}\n", "design.points[0]: needs at least 1 entries, has 0"),
    "other factors at a point": (GRID, LISTED.replace("options.shock: probit", "options.dependence: mean"), "17:7: design.points[1]: all points must have the same factors; allowed: parameters.level_weight, options.shock"),
    "level of a point out of range": (GRID, LISTED.replace("0.2", "2"), "17:33: design.points[1].parameters.level_weight: is outside the allowed range; got 2; allowed: from 0 to 1"),
    "choice of a point": (GRID, LISTED.replace("probit", "probid"), "17:53: design.points[1].options.shock: is not one of the choices; got 'probid'; allowed: probit, logit; did you mean 'probit'?"),
}  # fmt: skip


def error_of(folder, text):
    return faults.error_of(load_experiment, folder / "trial.yaml", text)


@pytest.mark.parametrize("design", [GRID, LISTED, ""])
def test_the_files_that_the_bad_ones_are_made_of_are_good(tmp_path, design):
    path = tmp_path / "trial.yaml"
    path.write_text(GOOD.replace(GRID, design))
    experiment = load_experiment(path)
    assert len(experiment.points) == {GRID: 4, LISTED: 2, "": 1}[design]
    assert experiment.labels == ("traditional", "patrols", "new_approach")


@pytest.mark.parametrize("name", BAD)
def test_message(tmp_path, name):
    faults.check_row(load_experiment, tmp_path / "trial.yaml", GOOD, BAD[name])
    if not BAD[name][2][0].isdigit():
        error = error_of(tmp_path, GOOD.replace(*BAD[name][:2]))
        assert re.match(r"trial\.yaml:\d+:\d+: ", str(error))


def test_faults_of_several_parts_are_reported_at_once(tmp_path):
    text = GOOD
    for name in ("negative seed", "misspelt state", "same label twice", "misspelt factor"):
        text = text.replace(*BAD[name][:2])
    assert len(error_of(tmp_path, text).faults) == 4


def test_a_fault_of_the_scenario_file_points_into_that_file(tmp_path):
    (tmp_path / "world.yaml").write_text("extends: four_states\nparameters: {nonsense: 1}\n")
    error = error_of(tmp_path, GOOD.replace("four_states", "world.yaml"))
    assert str(error).startswith("world.yaml:2:14: parameters.nonsense: unknown parameter")


def test_a_combination_that_cannot_be_made_is_found_where_its_parts_can(tmp_path):
    factors = "horizon.months_before: [24, 1000]\n    horizon.months_after: [96, 400]\n"
    text = GOOD.replace("parameters.signal_gain: [1.0, 1.5]\n", factors)
    error = error_of(tmp_path, text)
    assert "too long together; got 1424" in str(error)
    assert str(error).startswith("trial.yaml:16:")


@pytest.mark.parametrize("label", ["nan", "Null", "NONE", "true", "False", "Inf", "infinity"])
def test_labels_that_are_read_as_no_text(label):
    postures = [{"policy": "traditional", "label": label}]
    with pytest.raises(InputError, match="take this label for something else"):
        experiment_from_mapping({"scenario": "two_states", "postures": postures} | NUMBERS)


@pytest.mark.parametrize(
    ("watched", "factors", "expected"),
    [
        ({"window": "late"}, {"horizon.months_after": [96, 30]}, r"window: point 1 \(horizon.months_after = 30\) has no such window; got 'late'"),
        ({"metric": "trilateral_alignment"}, {"roles.patron": ["USA", None]}, r"metric: point 1 \(roles.patron = null\) has no such metric; got 'trilateral"),
    ],
)  # fmt: skip
def test_a_rule_of_stopping_must_be_possible_at_every_point(watched, factors, expected):
    until = {"metric": "tension", "half_width": 0.1} | watched
    rule = {"at_least": 2, "at_most": 4, "until": until}
    asked = {"scenario": "baseline", "postures": ["traditional"], **NUMBERS, "replicates": rule}
    with pytest.raises(InputError, match=expected):
        experiment_from_mapping(asked | {"design": {"kind": "grid", "factors": factors}})


def test_misspelt_experiment_names_the_one_that_was_meant():
    with pytest.raises(InputError, match="did you mean 'posture_contrast'"):
        load_experiment("posture_contrst")


def test_a_factor_without_a_name_is_not_taken_for_another_one():
    design = {"kind": "grid", "factors": {"": [1, 2]}}
    with pytest.raises(InputError, match="must not be empty") as caught:
        experiment_from_mapping(SHORT | {"design": design})
    assert caught.value.hint is None


@pytest.mark.parametrize("name", ["months_before", "months_after"])
def test_of_the_horizon_only_what_cuts_windows_may_be_setting_and_factor(name):
    path = f"horizon.{name}"
    asked = {"settings": {path: 4}, "design": {"kind": "grid", "factors": {path: [2, 4]}}}
    refused = pytest.raises(InputError, match=f"{path}: the factor {path} sets the same thing")
    with refused if name == "months_before" else nullcontext():
        experiment_from_mapping(SHORT | asked)


def test_a_mapping_is_checked_like_a_file():
    bad = {"scenario": "four_states", "seed": -1, "replicates": 1, "postures": ["traditional"]}
    with pytest.raises(InputError, match="seed: is outside the allowed range; got -1"):
        experiment_from_mapping(bad)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"seed": -1}, "seed: is outside the allowed range; got -1"),
        ({"seed": None}, "seed: must be a whole number; got null"),
        ({"replicates": 0}, "replicates: is outside the allowed range; got 0"),
        ({"replicates": 2.0}, "replicates: must be a whole number; got 2.0"),
        ({"clamp": ["USSA"]}, r"clamp\[0\]: unknown state; got 'USSA'"),
        ({"settings": {"parameters.nonsense": 1}}, "parameters.nonsense: unknown parameter"),
        ({"postures": []}, "postures: needs at least one posture"),
        ({"postures": ["traditional", "traditional"]}, "two postures have this label"),
        ({"postures": ["traditionel"]}, "did you mean 'traditional'"),
        ({"postures": ["levels:joint_patrols"]}, "a posture is written policy:setting=value"),
        ({"postures": ["levels:joint_patrols=2"]}, "not a level; got 2"),
        ({"postures": [{"label": "x"}]}, "a posture names its policy"),
        ({"postures": [3]}, "cannot be read as a posture; got 3"),
    ],
)
def test_messages_from_python(changed, expected):
    scenario = load_scenario("two_states")
    with pytest.raises(InputError, match=expected):
        single_point(scenario, **({"postures": ["traditional"]} | changed))
