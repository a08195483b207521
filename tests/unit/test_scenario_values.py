"""What no file can hold, what is too large, and figures beyond their bounds."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from regional_sim.errors import MAX_FAULTS_KEPT, Fault, InputError, shown
from regional_sim.experiment import experiment_from_mapping, load_experiment, single_point
from regional_sim.experiment.load import recorded_experiment
from regional_sim.experiment.plan import Plan
from regional_sim.scenario import (
    DYAD_FIGURES,
    STATE_FIGURES,
    load_scenario,
    scenario_from_mapping,
    yaml_with_positions,
)
from regional_sim.scenario import yaml as yaml_module

BASE = "extends: two_states\n"
DIGITS = "7" * 3000


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def error_of(load, text, name="world.yaml"):
    Path(name).write_text(text)
    with pytest.raises(InputError) as caught:
        load(name)
    str(caught.value).encode()
    return caught.value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (".nan", "must be a finite number"),
        ("-.inf", "must be a finite number"),
        ("1e999", "must be a finite number"),
        (DIGITS, "must be a whole number of at most 64 bits"),
        (f"0x{DIGITS}", "must be a whole number of at most 64 bits"),
        (DIGITS * 2, "this value cannot be read"),
        ("!!bool perhaps", "this value cannot be read"),
        ("!!binary AAAA", "must be text, a number, true"),
        ("!!set {x, y}", "the tag tag:yaml.org,2002:set is not known here"),
        (r'"\ud912"', "holds half of a character"),
    ],
)
def test_values_that_no_plan_can_hold_are_refused_wherever_they_stand(text, what):
    for place in ("title: {}", "horizon: {{months_before: {}}}", "parameters: {{theta_third: {}}}"):
        line = place.format(text)
        error = error_of(load_scenario, f"{BASE}{line}\n")
        (fault,) = error.faults
        assert fault.what.startswith(what)
        assert fault.where == f"world.yaml:2:{line.index(text) + 1}"
    experiment = "{scenario: two_states, postures: [traditional], replicates: 1, seed: 1, design: "
    design = f"{{kind: list, points: [{{title: a}}], made_by: {{a: [{text}]}}}}}}"
    (fault,) = error_of(load_experiment, experiment + design, "experiment.yaml").faults
    assert fault.key == "design.made_by.a[0]"


def test_dates_are_text():
    Path("a.yaml").write_text("a: 2025-03-01\nb: [2025-03-01T10:00:00Z, !!timestamp soon]\n")
    data = yaml_with_positions("a.yaml").data
    assert data == {"a": "2025-03-01", "b": ["2025-03-01T10:00:00Z", "soon"]}


def nested():
    data = {}
    data["title"] = data
    return data


@pytest.mark.parametrize(
    "value",
    [float("nan"), np.inf, 10**5000, -(2**63) - 1, date(2025, 3, 1), b"x", {1}, "\udc80"],
    ids=range(8),
)
def test_python_is_refused_the_same_values(value):
    message = r"title|keys must be text"
    with pytest.raises(InputError, match=message):
        scenario_from_mapping({"extends": "two_states", "title": value})
    with pytest.raises(InputError, match=message):
        load_scenario("two_states").with_settings({"title": value})
    design = {"kind": "list", "points": [{"title": "a"}], "made_by": {"x": value}}
    with pytest.raises(InputError, match=r"design\.made_by\.x"):
        experiment_from_mapping({"scenario": "two_states", "design": design})


@pytest.mark.parametrize("data", [{3: 1}, {"\ud800": 1}, nested(), [], None])
def test_python_is_refused_what_has_another_form(data):
    with pytest.raises(InputError):
        scenario_from_mapping(data)
    if data is not None:
        with pytest.raises(InputError):
            load_scenario("two_states").with_settings({"title": data})


@pytest.mark.parametrize(
    "text", [r'a: "\U00110000"', r'"\ud800": 1', "a: " + "[" * 3000, "- a\n- secret"]
)
def test_texts_that_are_no_mapping_are_refused_politely(text):
    error = error_of(load_scenario, text)
    assert error.where.startswith("world.yaml:1")
    assert "secret" not in str(error)


def test_a_message_quotes_nothing_of_a_file_that_is_no_mapping():
    for text in ("name:x:0:0\nword", "a: *word", "a: !word!s b", "word"):
        assert "word" not in str(error_of(load_scenario, text))


def test_any_value_can_be_shown():
    assert shown(10**9000) == "a very large number"
    assert str(Fault("is wrong", key="\ud800")) == r"\ud800: is wrong"


# ------------------------------------------------------------------------------- size


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(yaml_module, "MAX_NODES", 500)
    monkeypatch.setattr(yaml_module, "MAX_CHARACTERS", 20_000)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"a: [{'1,' * 600}]", "more than 500 keys and values"),
        ("".join(f"k{i}: 1\n" for i in range(300)), "more than 500 keys and values"),
        (f"a: &a [{'1,' * 100}]\nb: [*a, *a, *a, *a, *a]", "more than 500 keys and values"),
        (f"a: &a {'x' * 5000}\nb: [*a, *a, *a, *a]", "more than 20,000 characters, with aliases"),
        ("# " + "x" * 20_000, "longer than 20,000 bytes"),
        (f"a: [{'1,' * 1100}]", "more than 1,000 lines and commas"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(text, what):
    assert what in str(error_of(load_scenario, text))


def test_a_file_of_many_mistakes_is_refused_soon(monkeypatch):
    asked = []
    for module in ("scenario.yaml", "scenario.validation"):
        counted = lambda *given: asked.append(given)  # noqa: E731
        monkeypatch.setattr(f"regional_sim.{module}.suggestion", counted)
    many = range(3 * MAX_FAULTS_KEPT)
    names = ", ".join(f"S{number}" for number in many)
    keys = ", ".join(f"k{number}: 1" for number in many)
    for line in (
        f"{keys.replace(', ', chr(10))}",
        f"parameters: {{{keys}}}",
        f"dyads: {{{keys}}}",
        f"groups: {{hedgers: [{names}]}}",
        f"dyads: {{contact: {{states: [{names}], matrix: []}}}}",
    ):
        asked.clear()
        error = error_of(load_scenario, f"{BASE}{line}\n")
        assert len(error.faults) == MAX_FAULTS_KEPT
        assert str(error).endswith(f"and at least {MAX_FAULTS_KEPT - 10} more")
        assert len(asked) <= 2 * MAX_FAULTS_KEPT


# ------------------------------------------------------------------------------- bounds


@pytest.mark.parametrize("spec", [*STATE_FIGURES, *(s for s in DYAD_FIGURES if not s.holds_state)])
@pytest.mark.parametrize("number", [5e-324, 1e-300, 1e300])
def test_no_figure_can_be_so_small_or_large_that_nothing_can_be_computed(spec, number):
    shares = {"commitment"}  # a chance however small has a logit
    place = f"states.AAA.{spec.name}" if spec in STATE_FIGURES else f"dyads.{spec.name}.AAA-BBB"
    if (
        spec.range.low in {0.0, -1.0}
        and number < 1
        and (spec.name in shares or not spec.range.low_open)
    ):
        return
    with pytest.raises(InputError, match=r"allowed: (from|above|at least) [-\d]"):
        load_scenario("two_states").with_settings({place: number})


def test_bounds_leave_room_on_both_sides_of_the_shipped_figures():
    worlds = [load_scenario(name) for name in ("baseline", "world_2010", "archipelago")]
    for name in ("capability_usd_bn", "gdp_usd_bn"):
        (spec,) = (spec for spec in STATE_FIGURES if spec.name == name)
        for world in worlds:
            values = world.state_values(name)
            assert 10 * spec.range.low < values.min() <= values.max() < spec.range.high / 10


def test_a_state_does_not_trade_many_times_what_it_produces():
    world = load_scenario("two_states")
    trade = world.dyad_values("trade_usd_bn")[0, 1]
    assert world.with_settings({"states.AAA.gdp_usd_bn": trade})
    for path, value in (
        ("states.AAA.gdp_usd_bn", trade / 21),
        ("dyads.trade_usd_bn.AAA-BBB", 21 * world.state_values("gdp_usd_bn")[0]),
    ):
        settings = [f"{path}={value}"]
        with pytest.raises(InputError, match="allowed: trade of at most 20 times the") as caught:
            load_scenario("two_states", settings=settings)
        assert caught.value.where == f"--set {settings[0]}"
        assert path.startswith(caught.value.key)


# ------------------------------------------------------------------------------- null


@pytest.mark.parametrize("path", ["dyads.contact", "dyads.contact.default", "dyads", "windows"])
def test_null_is_refused_where_it_would_change_nothing(path):
    with pytest.raises(InputError, match="null"):
        load_scenario("two_states", settings=[f"{path}=null"])
    *parents, last = path.split(".")
    data = {last: None}
    for key in reversed(parents):
        data = {key: data}
    with pytest.raises(InputError, match="null"):
        scenario_from_mapping({"extends": "two_states", **data})
    error = error_of(load_scenario, json.dumps({"extends": "two_states", **data}))
    assert error.key == path


def test_keys_whose_lines_are_commented_out_are_not_given():
    text = "horizon:\nwindows:\ndyads:\n  contact:\n  tension:\n    pairs:\n      # AAA-BBB: 0.5\n"
    Path("world.yaml").write_text(BASE + text)
    assert load_scenario("world.yaml") == load_scenario("two_states")
    Path("world.yaml").write_text(f"{BASE}dyads:\n")
    assert load_scenario("world.yaml") == load_scenario("two_states")
    whole = f"scenario:\n  {BASE}  horizon:\nseed: 1\nreplicates: 1\npostures: [traditional]\n"
    Path("question.yaml").write_text(whole)
    assert load_experiment("question.yaml").scenario == load_scenario("two_states")


# ------------------------------------------------------------------------------- order


THIRD = "parameters.theta_third=0.1"
CONTACT = "dyads.contact.AAA-BBB=3"
EARLY = "windows.early=[1, 3]"
BOTH = "parameters={theta_third: 0.1, theta_challenger: 0.2}"
STAKES = "dyads.stake={pairs: {AAA:BBB: 3, BBB:AAA: 4}}"


@pytest.mark.parametrize(
    ("settings", "same_as"),
    [
        ([THIRD, "parameters={theta_third: 0.8}", THIRD], THIRD),
        ([CONTACT, "dyads.contact.BBB-AAA=5", CONTACT], CONTACT),
        ([EARLY, "windows={early: [1, 5]}", EARLY], EARLY),
        (["parameters={theta_third: 0.1}", "parameters={theta_challenger: 0.2}"], BOTH),
        (["dyads.stake={pairs: {AAA:BBB: 3}}", "dyads.stake={pairs: {BBB:AAA: 4}}"], STAKES),
    ],
)
def test_settings_count_in_the_order_in_which_they_are_given(settings, same_as):
    world = load_scenario("two_states")
    expected = load_scenario("two_states", settings=[same_as])
    experiment = single_point(world, ["traditional"], settings=settings)
    assert experiment.scenario == expected == load_scenario("two_states", settings=settings)
    assert world.with_settings(experiment.settings) == expected


# ------------------------------------------------------------------------------- names

LONG = "n" * 300


@pytest.mark.parametrize("name", [LONG, f"{LONG}.yaml", "a\0b", "a\0b.yaml", ""])
def test_names_that_no_file_can_have_are_refused(name):
    for load in (load_scenario, load_experiment):
        with pytest.raises(InputError):
            load(name)
    for mapping in ({"extends": name}, {"extends": "two_states", "overrides": [name]}):
        with pytest.raises(InputError, match=r"extends|overrides"):
            scenario_from_mapping(mapping)
    with pytest.raises(InputError, match="scenario"):
        experiment_from_mapping(
            {"scenario": name, "seed": 1, "replicates": 1, "postures": ["traditional"]}
        )


def test_a_folder_does_not_hide_a_shipped_file():
    expected = load_scenario("two_states")
    question = {"scenario": "two_states", "seed": 1, "replicates": 1, "postures": ["traditional"]}
    for name in ("two_states", "posture_contrast", "mine"):
        Path(name).mkdir()
    assert load_scenario("two_states") == expected
    assert scenario_from_mapping({"extends": "two_states"}) == expected
    assert experiment_from_mapping(question).scenario == expected
    assert load_experiment("posture_contrast").points
    with pytest.raises(InputError, match="mine: this is a folder, not a file"):
        load_scenario("mine")


def test_a_shipped_name_in_a_file_means_no_file_of_the_working_folder(tmp_path):
    (tmp_path / "study").mkdir()
    question = "{scenario: two_states, seed: 1, replicates: 1, postures: [traditional]}"
    (tmp_path / "study" / "question.yaml").write_text(question)
    (tmp_path / "two_states").write_text("extends: four_states")
    assert load_experiment("study/question.yaml").scenario.codes == ("AAA", "BBB")


def test_an_experiment_that_stands_alone_names_no_files():
    Path("secret.yaml").write_text("word: 1")
    question = {"seed": 1, "replicates": 1, "postures": ["traditional"]}
    for scenario in ("secret.yaml", {"extends": "secret.yaml"}, {"overrides": ["secret.yaml"]}):
        with pytest.raises(InputError, match=r"a plan (stands alone|holds its whole)") as caught:
            recorded_experiment({**question, "scenario": scenario}, origin="plan.json")
        assert "word" not in str(caught.value)
    whole = load_scenario("two_states").resolved()
    assert recorded_experiment({**question, "scenario": whole}, origin="plan.json")


def test_a_plan_names_no_files():
    Path("secret.yaml").write_text("word: 1")
    plan = Plan.of(single_point(load_scenario("two_states"), ["traditional"])).mapping()
    plan["experiment"] = {**plan["experiment"], "scenario": {"extends": "secret.yaml"}}
    with pytest.raises(InputError, match="a plan stands alone and names no files"):
        Plan.from_mapping(plan)
