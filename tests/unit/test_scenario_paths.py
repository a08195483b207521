# ruff: noqa: E501 (a row of the table is one line)
"""Paths of figures over months: what they give, how they are laid over each other, messages."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regional_sim.errors import InputError
from regional_sim.numerics.interpolation import between_points
from regional_sim.scenario import (
    DYAD_FIGURES,
    STATE_FIGURES,
    digest_of,
    json_schema,
    load_scenario,
    scenario_from_mapping,
)
from regional_sim.scenario.figures import FIXED_FIGURES

MOVING = {
    "AAA": {"capability_usd_bn": {60: 70, 100: {"value": 90, "year": 2024, "source": "made_up"}}},
    "AAA-BBB": {"trade_usd_bn": {10: 80}},
    "BBB:AAA": {"interoperability": {12: 0.6}},
}


def two_states(paths=None, **more):
    return scenario_from_mapping(
        {"extends": "two_states", **({"paths": paths} if paths else {}), **more}
    )


class TestWhatTheyGive:
    def test_a_figure_goes_from_its_own_value_through_the_points(self):
        values = two_states(MOVING).state_values_by_month("capability_usd_bn")
        assert values.shape == (120, 2)
        assert values[[0, 30, 60, 80, 100, 119], 0].tolist() == [50, 60, 70, 80, 90, 90]
        assert np.all(values[:, 1] == 50)

    def test_a_pair_moves_both_ways_or_one(self):
        world = two_states(MOVING)
        trade = world.dyad_values_by_month("trade_usd_bn")
        assert trade[10].tolist() == [[0, 80], [80, 0]]
        assert trade[0].tolist() == world.dyad_values("trade_usd_bn").tolist()
        way = world.dyad_values_by_month("interoperability")
        assert way[12, 1, 0] == 0.6
        assert np.all(way[:, 0, 1] == way[0, 0, 1])
        both = two_states({"BBB-AAA": {"stake": {3: 2}}}).dyad_values_by_month("stake")[3]
        assert both.tolist() == [[0, 2], [2, 0]]

    @settings(max_examples=60)
    @given(
        start=st.floats(-1e5, 1e5),
        points=st.dictionaries(st.integers(1, 300), st.floats(-1e5, 1e5), max_size=6),
    )
    def test_a_line_meets_its_points_and_stays_between_them(self, start, points):
        points = dict(sorted(points.items()))
        line = between_points(start, points, range(400))
        ends = {0: start, **points}
        assert all(line[month] == value for month, value in ends.items())
        assert np.all(line[max(ends) :] == ends[max(ends)])
        months = list(ends)
        for first, last in itertools.pairwise(months):
            low, high = sorted((ends[first], ends[last]))
            room = 1e-9 * max(1.0, abs(low), abs(high))
            assert np.all(line[first : last + 1] >= low - room)
            assert np.all(line[first : last + 1] <= high + room)
            steps = np.diff(line[first : last + 1])
            assert np.allclose(steps, (ends[last] - ends[first]) / (last - first), atol=room)


class TestIdentity:
    def test_a_world_without_paths_says_nothing_of_them(self):
        bare = two_states()
        assert "paths" not in bare.resolved()
        for empty in (
            {"AAA": None},
            {"AAA": {"gdp_usd_bn": None}},
            {"AAA": {"gdp_usd_bn": {4: None}}},
        ):
            assert two_states(empty) == bare
            assert two_states(empty).resolved() == bare.resolved()
        assert bare.moving_figures == frozenset()

    def test_what_is_resolved_is_the_same_world_again(self):
        world = two_states(MOVING)
        for written in (
            world.resolved(),
            world.standalone(),
            json.loads(json.dumps(world.resolved())),
        ):
            assert scenario_from_mapping(written) == world
        assert digest_of(world.resolved()) == world.digest() != two_states().digest()
        assert world.resolved()["paths"]["AAA"]["capability_usd_bn"]["60"] == 70
        assert world.moving_figures == {"capability_usd_bn", "trade_usd_bn", "interoperability"}

    def test_order_and_names_of_a_pair_do_not_matter(self):
        turned = {owner: MOVING[owner] for owner in reversed(MOVING)}
        turned["BBB-AAA"] = turned.pop("AAA-BBB")
        turned["AAA"] = {
            "capability_usd_bn": dict(reversed(MOVING["AAA"]["capability_usd_bn"].items()))
        }
        assert two_states(turned) == two_states(MOVING)
        assert two_states({"AAA-BBB": {"stake": {3: 2}}}) == two_states(
            {"AAA:BBB": {"stake": {3: 2}}, "BBB:AAA": {"stake": {3: 2}}}
        )


class TestLayers:
    def test_settings_change_points_one_by_one(self):
        world = two_states(MOVING)
        changed = world.with_settings(
            {"paths.AAA.capability_usd_bn.60": 75, "paths.BBB.gdp_usd_bn": {5: 900}}
        )
        points = changed.resolved()["paths"]
        assert points["AAA"]["capability_usd_bn"] == {
            **world.resolved()["paths"]["AAA"]["capability_usd_bn"],
            "60": 75,
        }
        assert points["BBB"] == {"gdp_usd_bn": {"5": 900}}
        assert digest_of(changed.resolved()) == changed.digest()

    @pytest.mark.parametrize("path", ["paths.AAA", "paths.AAA.capability_usd_bn"])
    def test_null_drops(self, path):
        assert "AAA" not in two_states(MOVING).with_settings({path: None}).resolved()["paths"]

    def test_null_drops_a_point(self):
        world = two_states(MOVING).with_settings(
            {"paths.AAA.capability_usd_bn": {100: None, 110: 80}}
        )
        assert list(world.resolved()["paths"]["AAA"]["capability_usd_bn"]) == ["60", "110"]

    def test_texts_of_the_command_line(self):
        given = [
            "paths.AAA.capability_usd_bn={60: 70}",
            "paths.AAA-BBB.trade_usd_bn.10=80",
            "paths.BBB:AAA.stake={4: 2}",
        ]
        world = load_scenario("two_states", settings=given)
        assert world == two_states({
            "AAA": {"capability_usd_bn": {60: 70}}, "AAA-BBB": {"trade_usd_bn": {10: 80}}, "BBB:AAA": {"stake": {4: 2}},
        })  # fmt: skip

    def test_files_and_overlays(self, tmp_path):
        (tmp_path / "base.yaml").write_text(
            "extends: two_states\npaths: {AAA: {gdp_usd_bn: {10: 900, 20: 800}}}\n"
        )
        (tmp_path / "over.yaml").write_text(
            "paths: {AAA: {gdp_usd_bn: {20: null}}, BBB: {resolve: {7: 2}}}\n"
        )
        (tmp_path / "top.yaml").write_text(
            "extends: base.yaml\noverrides: [over.yaml]\npaths: {AAA: {gdp_usd_bn: {30: 700}}}\n"
        )
        found = load_scenario(tmp_path / "top.yaml").resolved()["paths"]
        assert found == {
            "AAA": {"gdp_usd_bn": {"10": 900, "30": 700}},
            "BBB": {"resolve": {"7": 2}},
        }
        assert load_scenario(tmp_path / "base.yaml", overrides=[tmp_path / "over.yaml"]).resolved()[
            "paths"
        ]["AAA"] == {"gdp_usd_bn": {"10": 900}}


# What stands under paths, and what the message says.
BAD = {
    "unknown state": ("AAC: {gdp_usd_bn: {4: 900}}", "3:3: paths.AAC: unknown state; did you mean 'AAA'?"),
    "unknown figure": ("AAA: {gdp_usd: {4: 900}}", "3:9: paths.AAA.gdp_usd: unknown figure of a state; did you mean 'gdp_usd_bn'?"),
    "unknown quantity": ("AAA-BBB: {trade_usd: {4: 900}}", "3:13: paths.AAA-BBB.trade_usd: unknown dyad quantity; did you mean 'trade_usd_bn'?"),
    "unknown state of a pair": ("AAA-BBC: {contact: {4: 1}}", "3:3: paths.AAA-BBC: unknown state; got 'BBC'; did you mean 'BBB'?"),
    "state with itself": ("AAA:AAA: {stake: {4: 1}}", "3:3: paths.AAA:AAA: a state is no pair with itself"),
    "no pair": ("AAA:BBB:CCC: {stake: {4: 1}}", "3:3: paths.AAA:BBB:CCC: is not a pair of states; allowed: A:B (A toward B) or A-B"),
    "no direction": ("AAA:BBB: {contact: {4: 1}}", "3:13: paths.AAA:BBB.contact: contact has no direction; write AAA-BBB"),
    "state and figure in one key": ("AAA.gdp_usd_bn: {4: 900}", "3:3: paths.AAA.gdp_usd_bn: is not a state; write AAA: {gdp_usd_bn: ...}"),
    "month 0": ("AAA: {gdp_usd_bn: {0: 900}}", "3:22: paths.AAA.gdp_usd_bn.0: month 0 has the figure of the scenario itself"),
    "negative month": ("AAA: {gdp_usd_bn: {-4: 900}}", "3:22: paths.AAA.gdp_usd_bn.-4: is not a month; got '-4'; allowed: a whole number from 1 to 1200"),
    "half a month": ("AAA: {gdp_usd_bn: {4.5: 900}}", "3:22: paths.AAA.gdp_usd_bn.4.5: is not a month"),
    "word for a month": ("AAA: {gdp_usd_bn: {May: 900}}", "3:22: paths.AAA.gdp_usd_bn.May: is not a month"),
    "month written otherwise": ("AAA: {gdp_usd_bn: {04: 900}}", "3:22: paths.AAA.gdp_usd_bn.04: is not a month"),
    "month too late": ("AAA: {gdp_usd_bn: {1201: 900}}", "3:22: paths.AAA.gdp_usd_bn.1201: is not a month"),
    "month given twice": ("AAA: {gdp_usd_bn: {4: 900, 4: 800}}", "3:30: paths.AAA.gdp_usd_bn.4: this key is given twice"),
    "value out of range": ("AAA: {polyarchy: {4: 2}}", "3:24: paths.AAA.polyarchy.4: is outside the allowed range; got 2.0; allowed: from 0 to 1"),
    "value of a mapping out of range": ("AAA: {polyarchy: {4: {value: 2}}}", "paths.AAA.polyarchy.4: is outside the allowed range; got 2.0"),
    "value of a pair out of range": ("AAA-BBB: {channel: {4: 2}}", "3:26: paths.AAA-BBB.channel.4: is outside the allowed range; got 2.0"),
    "no number": ("AAA: {gdp_usd_bn: {4: much}}", "3:25: paths.AAA.gdp_usd_bn.4: must be a number; got 'much'"),
    "unknown source": ("AAA: {gdp_usd_bn: {4: {value: 900, source: made}}}", "paths.AAA.gdp_usd_bn.4.source: unknown source; got 'made'; did you mean 'made_up'?"),
    "no mapping of months": ("AAA: {gdp_usd_bn: 900}", "3:21: paths.AAA.gdp_usd_bn: must be a mapping"),
    "no mapping of figures": ("AAA: 900", "3:8: paths.AAA: must be a mapping"),
    "pair given twice": ("{AAA-BBB: {contact: {4: 1}}, BBB-AAA: {contact: {4: 1}}}", "3:42: paths.BBB-AAA.contact: this path is given twice, first under 'AAA-BBB' at "),
    "direction given twice": ("{AAA-BBB: {stake: {4: 1}}, AAA:BBB: {stake: {4: 1}}}", "paths.AAA:BBB.stake: this path is given twice"),
    "trade out of another unit": ("AAA: {gdp_usd_bn: {4: 0.5}}", "2:1: paths: AAA produces 0.5 bn USD in month 4 and trades 100 with the others; allowed: trade of at most 20 times the product"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_messages(name, tmp_path):
    text, message = BAD[name]
    file = tmp_path / "w.yaml"
    file.write_text(f"extends: two_states\npaths:\n  {text}\n")
    with pytest.raises(InputError) as caught:
        load_scenario(file)
    assert len(caught.value.faults) == 1
    assert message in str(caught.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize("name", FIXED_FIGURES)
def test_figures_that_cannot_move_say_why(name):
    owner = "AAA" if name == "stance" else "AAA-BBB"
    with pytest.raises(InputError, match=f"can have no path: {FIXED_FIGURES[name]}"):
        two_states({owner: {name: {4: 0.5}}})


def test_all_other_figures_can_move():
    for owner, figures in (("AAA", STATE_FIGURES), ("AAA-BBB", DYAD_FIGURES)):
        for figure in figures:
            if figure.name not in FIXED_FIGURES:
                value = min(max(figure.range.low, 0.5), figure.range.high)
                if figure.name == "gdp_usd_bn":
                    value = 500.0
                assert two_states({owner: {figure.name: {4: value}}}).moving_figures == {
                    figure.name
                }


def test_the_schema_knows_the_section():
    section = json_schema()["properties"]["paths"]["anyOf"][0]
    of_state, of_pair = section["patternProperties"].values()
    assert "capability_usd_bn" in of_state["properties"]
    assert "trade_usd_bn" in of_pair["properties"]
    assert of_state["properties"]["stance"]["not"] == {}
