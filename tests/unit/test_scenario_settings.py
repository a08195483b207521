# ruff: noqa: E501 (a row of a table is one line)
"""Single settings: on the command line, and for the points of a sweep."""

import copy
import json
import pickle

import numpy as np
import pytest

from regional_sim.errors import InputError
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario import digest_of, load_scenario, scenario_from_mapping

WORLD = {
    "title": "Three states",
    "horizon": {"months_before": 12, "months_after": 24},
    "windows": {"early": [1, 12], "late": [13, 24]},
    "roles": {"sender": "JPN", "partner": "TWN", "challenger": "CHN"},
    "sources": {"sipri": {"citation": "SIPRI 2025"}},
    "states": {
        "JPN": {
            "capability_usd_bn": {"value": 55.3, "year": 2024, "source": "sipri"},
            "gdp_usd_bn": 4897,
            "polyarchy": 0.8,
            "stance": 0.4,
        },
        "TWN": {"capability_usd_bn": 16.5, "gdp_usd_bn": 530, "polyarchy": 0.8, "stance": 1},
        "CHN": {"capability_usd_bn": 314, "gdp_usd_bn": 10480, "polyarchy": 0.1, "stance": -1},
    },
    "dyads": {
        "projection_km": {"default": 500},
        "commitment": {"pairs": {"JPN:TWN": 0.15}},
        "rivalry": {"pairs": {"CHN-JPN": 1}},
    },
}


@pytest.fixture
def world():
    return scenario_from_mapping(WORLD)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The same world as a file; JSON is YAML."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "world.yaml"
    path.write_text(json.dumps(WORLD))
    return path


def edited(path, value):
    """Edit the file as a user would."""
    mapping = copy.deepcopy(WORLD)
    inner = mapping
    *parents, last = path
    for key in parents:
        inner = inner.setdefault(key, {})
    inner[last] = value
    return scenario_from_mapping(mapping)


SAME_AS_EDITING = {
    "title=Mine": (["title"], "Mine"),
    "parameters.theta_challenger=0.7": (["parameters", "theta_challenger"], 0.7),
    "states.JPN.stance=0.3": (["states", "JPN", "stance"], 0.3),
    "states.TWN.neutrality=0.25": (["states", "TWN", "neutrality"], 0.25),
    "states.JPN.stream=Nippon": (["states", "JPN", "stream"], "Nippon"),
    "dyads.commitment.JPN:TWN=0.6": (["dyads", "commitment", "pairs", "JPN:TWN"], 0.6),
    "dyads.commitment.pairs.JPN-CHN=0.6": (["dyads", "commitment", "pairs", "JPN-CHN"], 0.6),
    "dyads.tension.JPN-CHN=0.6": (["dyads", "tension"], {"pairs": {"CHN-JPN": 0.6}}),
    "dyads.projection_km.default=900": (["dyads", "projection_km", "default"], 900),
    "dyads.host.JPN:CHN=TWN": (["dyads", "host"], {"pairs": {"JPN:CHN": "TWN"}}),
    "horizon.months_after=36": (["horizon", "months_after"], 36),
    "horizon.months_before=0": (["horizon", "months_before"], 0),
    "options.shock=logit": (["options"], {"shock": "logit"}),
    "options.contest_exponent=4": (["options"], {"contest_exponent": 4}),
    "roles.partner=TWN": (["roles", "partner"], "TWN"),
    "windows.early=[1, 6]": (["windows", "early"], [1, 6]),
    "windows={trial: [2, 3]}": (["windows", "trial"], [2, 3]),
    "windows.late=null": (["windows"], {"early": [1, 12]}),
    "groups.hedgers=[CHN]": (["groups"], {"hedgers": ["CHN"]}),
}


@pytest.mark.parametrize("text", SAME_AS_EDITING)
def test_a_setting_does_what_editing_the_file_does(world, file, text):
    path, value = SAME_AS_EDITING[text]
    expected = edited(path, value)
    assert load_scenario(file, settings=[text]) == expected
    dotted, _, _ = text.partition("=")
    if dotted.split(".")[-1] in path[-1:] and dotted != "windows":
        assert world.with_settings({dotted: value}) == expected


def test_later_settings_win(world, file):
    texts = ["parameters.theta_third=0.1", "parameters.theta_third=0.2"]
    values = load_scenario(file, settings=texts).parameter_values()
    assert values[Param["theta_third"]] == 0.2


def test_several_settings_at_once(world):
    changed = world.with_settings({
        "parameters.theta_challenger": 0.7,
        "states.CHN.stance": -0.5,
        "dyads.rivalry.JPN-CHN": 0.5,
        "options.shock": "logit",
    })  # fmt: skip
    assert changed.parameter_values()[Param["theta_challenger"]] == 0.7
    assert changed.state_values("stance")[0] == -0.5
    assert changed.dyad_values("rivalry")[0, 1] == changed.dyad_values("rivalry")[1, 0] == 0.5
    assert changed.option_values()[Option["shock"]] == 1


def test_the_original_does_not_change(world):
    digest = world.digest()
    world.with_settings({"states.JPN.stance": 0.9, "dyads.commitment.JPN:TWN": 0.9})
    assert scenario_from_mapping(WORLD).digest() == digest
    assert world.state_values("stance")[1] == 0.4
    assert world.dyad_values("commitment")[1, 2] == 0.15


def test_settings_of_settings(world):
    once = world.with_settings({"parameters.theta_third": 0.1, "dyads.stake.JPN:CHN": 2})
    twice = once.with_settings({"parameters.alpha_third": 0.3, "dyads.stake.CHN:JPN": 3})
    assert twice.parameter_values()[Param["alpha_third"]] == 0.3
    assert twice.dyad_values("stake")[0, 1] == 3
    assert twice.parameter_values()[Param["theta_third"]] == 0.1
    assert twice.dyad_values("stake")[1, 0] == 2


def test_no_settings_change_nothing(world):
    assert world.with_settings({}) == world


def test_numpy_values_are_welcome(world):
    changed = world.with_settings({
        "parameters.theta_third": np.float64(0.25),
        "horizon.months_before": np.int64(6),
        "windows.early": (np.int64(1), np.int64(6)),
    })  # fmt: skip
    assert changed.parameter_values()[Param["theta_third"]] == 0.25
    assert changed.months_before == 6
    assert changed.windows["early"] == (1, 6)


def test_a_figure_that_is_set_loses_its_source(world):
    figure = world.with_settings({"states.JPN.capability_usd_bn": 60}).figure(
        "JPN", "capability_usd_bn"
    )
    assert figure.plain() == {"value": 60.0, "provenance": "user"}


@pytest.mark.parametrize(
    "path", ["states.JPN.capability_usd_bn", "states.JPN.capability_usd_bn.value"]
)
def test_a_figure_can_be_set_by_its_value(world, path):
    assert world.with_settings({path: 61.5}).state_values("capability_usd_bn")[1] == 61.5


def test_a_figure_can_be_set_with_a_source(world):
    given = {"value": 60, "source": "sipri"}
    changed = world.with_settings({"states.JPN.capability_usd_bn": given})
    assert changed.figure("JPN", "capability_usd_bn").source == "sipri"


def test_the_home_distance_follows_the_projected_one(world):
    changed = world.with_settings({"dyads.projection_km.JPN:CHN": 7})
    assert changed.dyad_values("home_km")[1, 0] == 7


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (24, {"early": (1, 12), "late": (13, 24)}),
        (18, {"early": (1, 12), "late": (13, 18)}),
        (13, {"early": (1, 12), "late": (13, 13)}),
        (12, {"early": (1, 12)}),
        (6, {"early": (1, 6)}),
        (48, {"early": (1, 12), "late": (13, 24)}),
    ],
)
def test_windows_are_cut_to_a_horizon_that_a_setting_shortens(world, file, months, expected):
    changed = world.with_settings({"horizon.months_after": months})
    assert changed.windows == expected
    told = " ".join(changed.remarks)
    for name, window in world.windows.items():
        now = f"{name} is {list(expected[name]) if name in expected else 'dropped'}"
        assert (now in told) == (expected.get(name) != window)
    text = f"horizon={{months_after: {months}}}"
    assert load_scenario(file, settings=[text]).windows == expected


def test_a_window_that_is_set_itself_is_not_cut(world):
    with pytest.raises(InputError, match="ends after the horizon of 6 months"):
        world.with_settings({"windows.early": [1, 12], "horizon.months_after": 6})


def test_the_one_window_of_a_world_without_windows_follows_the_horizon():
    mapping = {key: value for key, value in WORLD.items() if key != "windows"}
    world = scenario_from_mapping(mapping)
    for months in (12, 36):
        assert world.with_settings({"horizon.months_after": months}).windows == {"all": (1, months)}


BAD = {
    "parameters.theta_chalenger=0.7": "parameters.theta_chalenger: unknown parameter; did you mean 'theta_challenger'?",
    "parameters.theta_challenger=7": "parameters.theta_challenger: is outside the allowed range; got 7; allowed: from 0 to 1",
    "parameters.theta_challenger=high": "parameters.theta_challenger: must be a number; got 'high'",
    "parameters.theta_challenger.low=1": "parameters.theta_challenger: must be a number",
    "parametres.theta_challenger=1": "parametres.theta_challenger: unknown key; did you mean 'parameters'?",
    "theta_challenger=0.7": "theta_challenger: unknown key; did you mean 'parameters.theta_challenger'?",
    "shock=logit": "shock: unknown key; did you mean 'options.shock'?",
    "states.JPM.stance=0.3": "states.JPM.stance: unknown state; did you mean 'JPN'?",
    "states={JPM: {stance: 0.3}}": "states: unknown state; did you mean 'JPN'?",
    "states.JPN.stanse=0.3": "states.JPN.stanse: unknown figure of a state; did you mean 'stance'?",
    "states.JPN.stance=3": "states.JPN.stance: is outside the allowed range; got 3.0; allowed: from -1 to 1",
    "states.JPN=null": "states.JPN: must be a mapping",
    "states.JPN.stance={value: 0.3, source: sipry}": "states.JPN.stance.source: unknown source; got 'sipry'; did you mean 'sipri'?",
    "dyads.comitment.JPN:TWN=0.6": "dyads.comitment: unknown dyad quantity; did you mean 'commitment'?",
    "dyads.commitment.JPN:TWM=0.6": "dyads.commitment.pairs.JPN:TWM: unknown state; got 'TWM'; did you mean 'TWN'?",
    "dyads.commitment.JPN:TWN=6": "dyads.commitment.pairs.JPN:TWN: is outside the allowed range; got 6",
    "dyads.rivalry.JPN:CHN=1": "dyads.rivalry.pairs.JPN:CHN: rivalry has no direction; write JPN-CHN",
    "dyads.commitment.JPNTWN=0.6": "dyads.commitment.JPNTWN: unknown key of a dyad quantity",
    "dyads.commitment=0.6": "dyads.commitment: must be a mapping",
    "dyads=0.6": "dyads: must be a mapping",
    "windows.erly=[1, 3]": "windows.erly: unknown window; did you mean 'early'?",
    "windows.early=[1, 99]": "windows.early: this window ends after the horizon of 24 months",
    "horizon.months=3": "horizon.months: unknown key",
    "horizon.months_after=0": "horizon.months_after: is outside the allowed range",
    "roles.ally=PHL": "roles.ally: unknown state; got 'PHL'",
    "roles.sender=CHN": "roles.challenger: this state is the sender already; got 'CHN'",
    "options.shock=logti": "options.shock: is not one of the choices; got 'logti'; allowed: probit, logit; did you mean 'logit'?",
    "format=2": "format: unknown key",
    "extends=baseline": "extends: unknown key",
    "parameters..x=1": "parameters.: unknown parameter",
    "parameters.theta_challenger=": "parameters.theta_challenger: no value; write null for none",
    "parameters.theta_challenger": "a setting is written key.path=value",
    "=3": "a setting is written key.path=value",
    "title=[": "not valid YAML",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_message(file, text):
    with pytest.raises(InputError) as caught:
        load_scenario(file, settings=[text])
    assert len(caught.value.faults) == 1
    message = str(caught.value)
    assert BAD[text] in message
    if text != "roles.sender=CHN":
        assert message.startswith(f"--set {text}: ")


@pytest.mark.parametrize(
    "text", [text for text in BAD if text.count("=") == 1 and text[-1] not in "=["]
)
def test_the_same_message_from_python(world, text):
    path, _, given = text.partition("=")
    if not path or given.startswith(("[", "{", "null")):
        return
    value = float(given) if given.replace(".", "").isdigit() else given
    with pytest.raises(InputError) as caught:
        world.with_settings({path: int(value) if path.startswith("horizon") else value})
    key = BAD[text].split(": ")[0]
    assert caught.value.key == key
    assert caught.value.where in (None, "<mapping>")


def test_points_of_a_sweep_share_with_their_base_what_they_do_not_change():
    world = load_scenario("baseline")
    point = world.with_settings({"states.JPN.stance": 0.3, "dyads.projection_km.USA:TWN": 600})
    one, two = world.sections, point.sections
    for name in ("horizon", "roles", "groups", "options", "parameters", "sources", "hosts"):
        assert getattr(two, name) is getattr(one, name)
    assert [code for code in one.states if two.states[code] is not one.states[code]] == ["JPN"]
    made = [name for name in one.dyads if two.dyads[name] is not one.dyads[name]]
    assert made == ["projection_km", "home_km"]


def test_a_digest_is_that_of_all_that_is_resolved(world):
    """However it was reached: settings reuse what was written of the world before."""
    for changes in (
        {},
        {"title": 'Quote " and é'},
        {"parameters.theta_third": 0.1, "windows.late": None},
        {"states.JPN.stance": 0.3, "sources.other.citation": "Other"},
        {"dyads.projection_km.JPN:CHN": 7, "dyads.host.JPN:CHN": "TWN"},
        {"horizon.months_after": 6},
    ):
        world = world.with_settings(changes)
        assert world.digest() == digest_of(world.resolved())
        assert pickle.loads(pickle.dumps(world)).digest() == world.digest()
