# ruff: noqa: E501 (a row of a table is one line)
"""Files laid over each other, names of shipped worlds, and what a scenario answers."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario import (
    DYAD_FIGURES,
    STATE_FIGURES,
    Range,
    load_scenario,
    scenario_from_mapping,
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
)
from regional_sim.scenario.load import scenario_kept

WORLD = """\
title: Base
description: A base.
horizon: {months_before: 12, months_after: 24}
windows: {early: [1, 12], late: [13, 24]}
roles: {sender: JPN, partner: TWN, challenger: CHN, ally: KOR}
groups: {hedgers: [KOR, JPN]}
parameters: {theta_challenger: 0.6, theta_third: 0.2}
sources:
  sipri: {citation: SIPRI 2025}
states:
  TWN: {capability_usd_bn: 16.5, gdp_usd_bn: 530, polyarchy: 0.8, stance: 1}
  JPN:
    name: Japan
    stream: Nippon
    capability_usd_bn: {value: 55.3, year: 2024, source: sipri}
    gdp_usd_bn: 4897
    polyarchy: 0.8
    stance: 0.4
  CHN: {capability_usd_bn: 314, gdp_usd_bn: 10480, polyarchy: 0.1, stance: -1}
  KOR: {capability_usd_bn: 47.6, gdp_usd_bn: 1484, polyarchy: 0.8, stance: 0.2}
dyads:
  projection_km:
    default: 500
    pairs: {CHN:JPN: 400, JPN-KOR: 50}
  home_km: {pairs: {CHN:JPN: 900}}
  host: {pairs: {JPN:CHN: KOR}}
  trade_usd_bn:
    year: 2014
    source: sipri
    states: [TWN, CHN, JPN]
    matrix:
      - [0, 190, 60]
      - [190, 0, 340]
      - [60, 340, 0]
    pairs: {JPN-CHN: 341}
  commitment: {pairs: {JPN:TWN: 0.15}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the base in it."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(WORLD)
    return tmp_path


def write(name, text):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)
    return name


def value(scenario, name, a, b):
    row = scenario.codes.index
    return scenario.dyad_values(name)[row(a), row(b)]


@pytest.mark.usefixtures("folder")
class TestScenario:
    @pytest.fixture
    def world(self):
        return load_scenario("base.yaml")

    def test_time(self, world):
        assert (world.months_before, world.months_after, world.n_months) == (12, 24, 36)
        assert world.windows == {"early": (1, 12), "late": (13, 24)}

    def test_a_world_without_windows_has_one(self):
        text = WORLD.replace("windows: {early: [1, 12], late: [13, 24]}", "windows:")
        assert load_scenario(write("a.yaml", text)).windows == {"all": (1, 24)}

    def test_states_are_sorted(self, world):
        assert world.codes == ("CHN", "JPN", "KOR", "TWN")
        assert world.n_states == 4
        assert world.names == ("CHN", "Japan", "KOR", "TWN")
        assert world.streams == ("CHN", "Nippon", "KOR", "TWN")

    def test_roles_and_groups(self, world):
        assert world.role("sender") == "JPN"
        assert world.role("patron") is None
        assert world.group("hedgers") == ("JPN", "KOR")
        assert world.group("allies") == ()

    def test_figures(self, world):
        assert world.figure("JPN", "capability_usd_bn").source == "sipri"
        assert world.state_values("stance").tolist() == [-1.0, 0.4, 0.2, 1.0]
        assert world.state_values("neutrality").tolist() == [0.5] * 4
        assert world.sources["sipri"].provenance == "empirical"

    def test_dyads_come_from_default_matrix_and_pairs_in_this_order(self, world):
        assert world.dyad_values("projection_km").tolist() == [
            [0, 400, 500, 500],
            [500, 0, 50, 500],
            [500, 50, 0, 500],
            [500, 500, 500, 0],
        ]
        assert world.dyad_values("trade_usd_bn").tolist() == [
            [0, 341, 0, 190],
            [341, 0, 0, 60],
            [0, 0, 0, 0],
            [190, 60, 0, 0],
        ]

    def test_home_distance_is_the_projected_one_unless_given(self, world):
        expected = world.dyad_values("projection_km")
        expected[0, 1] = 900
        assert world.dyad_values("home_km").tolist() == expected.tolist()

    def test_hosts(self, world):
        hosts = world.host_index()
        assert hosts.dtype == np.int64
        assert hosts[1, 0] == 2
        assert (hosts == -1).sum() == hosts.size - 1

    def test_every_dyad_array(self, world):
        for spec in (spec for spec in DYAD_FIGURES if not spec.holds_state):
            array = world.dyad_values(spec.name)
            assert array.dtype == np.float64, spec
            assert array.shape == (4, 4), spec
            assert array.flags.c_contiguous, spec
            assert (np.diag(array) == 0).all(), spec
            assert spec.directed or (array == array.T).all(), spec
            off_diagonal = array[~np.eye(4, dtype=bool)]
            assert all(spec.range.contains(number) for number in off_diagonal), spec

    def test_every_state_array(self, world):
        for spec in STATE_FIGURES:
            array = world.state_values(spec.name)
            assert (array.shape, array.dtype) == ((4,), np.float64), spec
            assert spec.default is None or spec.range.contains(spec.default), spec

    def test_parameters(self, world):
        values = world.parameter_values()
        assert values.shape == (len(Param),)
        for param in Param:
            given = {"theta_challenger": 0.6, "theta_third": 0.2}
            assert values[param] == given.get(param.name, param.default)

    def test_options(self):
        options = "\noptions: {contest_exponent: 2, shock: logit, tension_norm: slow}\n"
        world = load_scenario(write("a.yaml", WORLD + options))
        values = dict(zip([option.name for option in Option], world.option_values(), strict=True))
        given = {"contest_exponent": 2, "shock": 1, "dependence": 0, "tension_norm": 1}
        assert values == {**given, "choice": 0}

    def test_arrays_are_the_callers_own(self, world):
        world.dyad_values("tension")[:] = 7
        world.state_values("stance")[:] = 7
        world.host_index()[:] = 7
        assert world.dyad_values("tension").max() < 1
        assert world.state_values("stance").max() == 1
        assert world.host_index().max() == 2

    @pytest.mark.parametrize(
        ("method", "names"),
        [
            ("role", ["sneder"]),
            ("group", ["hedgrs"]),
            ("state_values", ["stanse"]),
            ("dyad_values", ["comitment"]),
            ("dyad_values", ["host"]),
            ("figure", ["JPM", "stance"]),
            ("figure", ["JPN", "stanse"]),
        ],
    )
    def test_unknown_names_are_refused(self, world, method, names):
        with pytest.raises(UnknownNameError):
            getattr(world, method)(*names)

    def test_it_cannot_be_changed(self, world):
        with pytest.raises(AttributeError):
            world.sections = None

    def test_equality_is_of_content(self, world):
        assert world == load_scenario("base.yaml")
        assert hash(world) == hash(load_scenario("base.yaml"))
        assert world != world.with_settings({"title": "Another"})
        assert world != 3

    def test_it_travels_to_worker_processes(self, world):
        again = pickle.loads(pickle.dumps(world))
        assert again == world
        changed = {"parameters.theta_challenger": 0.1}
        assert again.with_settings(changed) == world.with_settings(changed)

    def test_what_is_resolved_is_plain_names_no_path_and_keeps_the_sources(self, world, folder):
        resolved = world.resolved()
        text = json.dumps(resolved, allow_nan=False)
        assert str(folder) not in text
        assert scenario_from_mapping(json.loads(text)) == world
        assert set(resolved["parameters"]) == set(Param.__members__)
        trade = resolved["dyads"]["trade_usd_bn"]
        assert (trade["source"], trade["year"]) == ("sipri", 2014)
        figure = resolved["states"]["JPN"]["capability_usd_bn"]
        assert figure == {"value": 55.3, "year": 2024, "source": "sipri"}

    def test_the_digest_depends_on_the_content_alone(self, world):
        Path("b.yaml").write_text("# a remark\n" + WORLD.replace("stance: 1}", "stance: 1.0}"))
        assert load_scenario("b.yaml").digest() == world.digest()
        assert len(world.digest()) == 64


# Two overlays that set one key, and the place in the second.
CONTRADICTIONS = [
    ("parameters: {theta_third: 0.1}", "parameters: {theta_third: 0.1}", "1:14: parameters.theta_third"),
    ("states: {JPN: {stance: 0.1}}", "states: {JPN: {stance: {value: 0.2}}}", "1:16: states.JPN.stance"),
    ("windows: {early: [1, 2]}", "windows: {early: [1, 3]}", "1:11: windows.early"),
    ("dyads: {tension: {default: 0.2}}", "dyads: {tension: {default: 0.3}}", "1:19: dyads.tension.default"),
    ("dyads: {tension: {pairs: {CHN-JPN: 0.2}}}", "dyads: {tension: {pairs: {JPN-CHN: 0.3}}}", "1:36: dyads.tension.CHN:JPN"),
    ("dyads: {stake: {pairs: {CHN-JPN: 2}}}", "dyads: {stake: {pairs: {JPN:CHN: 3}}}", "1:34: dyads.stake.JPN:CHN"),
    ("sources: {x: {citation: A}}", "sources: {x: {citation: B}}", "1:11: sources.x"),
]  # fmt: skip

# What is laid over the base: two cells afterwards, in which rows and columns.
LAID_OVER = {
    "trade_usd_bn: {pairs: {CHN-TWN: 7}}": {("TWN", "CHN"): 7, ("CHN", "JPN"): 341},
    # A matrix wins over the pairs of the base.
    "trade_usd_bn: {states: [JPN, CHN], matrix: [[0, 5], [5, 0]]}": {("CHN", "JPN"): 5, ("CHN", "TWN"): 190},
    # One direction can replace what the base set both ways.
    "projection_km: {pairs: {KOR:JPN: 60}}": {("KOR", "JPN"): 60, ("JPN", "KOR"): 50},
}  # fmt: skip


@pytest.mark.usefixtures("folder")
class TestPrecedence:
    def test_own_keys_win_over_the_base(self):
        text = "extends: base.yaml\ntitle: Mine\nparameters: {theta_third: 0.3}\n"
        world = load_scenario(write("mine.yaml", text))
        assert world.title == "Mine"
        assert world.description == "A base."
        assert world.parameter_values()[Param["theta_third"]] == 0.3
        assert world.parameter_values()[Param["theta_challenger"]] == 0.6
        assert [path.name for path in world.origin_files] == ["base.yaml", "mine.yaml"]

    def test_base_overlays_own_keys_call_settings(self):
        names = ["alpha_partner", "alpha_third", "theta_third", "theta_challenger"]

        def overlay(name, number, count):
            pairs = ", ".join(f"{key}: {number}" for key in names[:count])
            return write(name, f"title: Ignored\nparameters: {{{pairs}}}\n")

        write("base2.yaml", WORLD.replace("theta_third: 0.2", "theta_third: 0.1"))
        overlay("a.yaml", 0.2, 4)
        own = "title: Mine\nparameters: {alpha_partner: 0.3, alpha_third: 0.3, theta_third: 0.3}\n"
        write("mine.yaml", f"extends: base2.yaml\noverrides: [a.yaml]\n{own}")
        overlay("call.yaml", 0.4, 2)
        world = load_scenario(
            "mine.yaml", overrides=["call.yaml"], settings=["parameters.alpha_partner=0.5"]
        )
        values = world.parameter_values()
        assert [values[Param[name]] for name in names] == [0.5, 0.4, 0.3, 0.2]
        assert world.title == "Mine"
        used = ["base2.yaml", "a.yaml", "mine.yaml", "call.yaml"]
        assert [path.name for path in world.origin_files] == used

    def test_overlays_of_different_keys_combine(self):
        write("a.yaml", "dyads: {tension: {pairs: {CHN-JPN: 0.2}}}")
        write("b.yaml", "dyads: {tension: {pairs: {CHN-TWN: 0.3}}}\nstates: {JPN: {stance: 0.5}}")
        write("mine.yaml", "extends: base.yaml\noverrides: [a.yaml, b.yaml]")
        world = load_scenario("mine.yaml")
        assert value(world, "tension", "JPN", "CHN") == 0.2
        assert value(world, "tension", "TWN", "CHN") == 0.3
        assert world.state_values("stance")[1] == 0.5

    @pytest.mark.parametrize(("first", "second", "expected"), CONTRADICTIONS)
    @pytest.mark.parametrize("where", ["file", "call"])
    def test_overlays_must_not_contradict_each_other(self, first, second, expected, where):
        overlays = [write("a.yaml", first), write("b.yaml", second)]
        write("mine.yaml", "extends: base.yaml\noverrides: [a.yaml, b.yaml]")
        name, extra = ("mine.yaml", []) if where == "file" else ("base.yaml", overlays)
        with pytest.raises(InputError) as caught:
            load_scenario(name, overrides=extra)
        message = str(caught.value)
        assert message.startswith(f"b.yaml:{expected}: two overlays set this key; the other at a.")
        assert len(caught.value.faults) == 1

    def test_overlays_may_cite_the_same_work(self):
        same = "sources: {x: {citation: A}}\n"
        overlays = [write("a.yaml", same), write("b.yaml", same)]
        assert "x" in load_scenario("base.yaml", overrides=overlays).sources

    def test_a_figure_does_not_keep_the_source_of_the_one_it_replaces(self):
        text = "extends: base.yaml\nstates: {JPN: {capability_usd_bn: {value: 60, note: mine}}}"
        figure = load_scenario(write("mine.yaml", text)).figure("JPN", "capability_usd_bn")
        assert figure.plain() == {"value": 60.0, "note": "mine"}

    @pytest.mark.parametrize("text", LAID_OVER)
    def test_dyads_are_replaced_cell_by_cell(self, text):
        world = load_scenario(write("mine.yaml", f"extends: base.yaml\ndyads: {{{text}}}"))
        for (a, b), expected in LAID_OVER[text].items():
            assert value(world, text.partition(":")[0], a, b) == expected

    def test_null_takes_things_away(self):
        text = """
        extends: base.yaml
        windows: {late: null}
        roles: {ally: null}
        dyads: {host: {pairs: {JPN:CHN: null}}}
        """
        world = load_scenario(write("mine.yaml", text))
        assert world.windows == {"early": (1, 12)}
        assert world.role("ally") is None
        assert (world.host_index() == -1).all()

    def test_states_can_be_added(self):
        text = """
        extends: base.yaml
        states:
          AUS: {capability_usd_bn: 30, gdp_usd_bn: 1500, polyarchy: 0.9, stance: 0.4}
        """
        world = load_scenario(write("mine.yaml", text))
        assert world.codes == ("AUS", "CHN", "JPN", "KOR", "TWN")
        assert value(world, "projection_km", "AUS", "JPN") == 500

    def test_paths_are_relative_to_the_file_that_names_them(self):
        write("worlds/mine.yaml", "extends: ../base.yaml\noverrides: [more.yaml]\n")
        write("worlds/more.yaml", "parameters: {theta_third: 0.9}")
        world = load_scenario("worlds/mine.yaml")
        assert world.parameter_values()[Param["theta_third"]] == 0.9

    def test_a_chain_of_files(self):
        write("b.yaml", "extends: base.yaml\nparameters: {theta_third: 0.5}")
        write("c.yaml", "extends: b.yaml\ntitle: C")
        world = load_scenario("c.yaml")
        assert world.parameter_values()[Param["theta_third"]] == 0.5
        assert len(world.origin_files) == 3

    def test_a_circle_of_files_is_refused(self):
        write("b.yaml", "extends: c.yaml")
        write("c.yaml", "extends: b.yaml")
        with pytest.raises(InputError, match=r"^b.yaml:1:10: extends: this file extends itself"):
            load_scenario("c.yaml")

    @pytest.mark.parametrize("key", ["extends: base.yaml", "overrides: [base.yaml]"])
    def test_an_overlay_names_no_other_files(self, key):
        write("a.yaml", key)
        with pytest.raises(InputError, match=r"^a.yaml:1:1: .*an overlay is laid over other files"):
            load_scenario("base.yaml", overrides=["a.yaml"])

    @pytest.mark.parametrize("use", ["base", "overlay"])
    def test_every_file_is_checked_for_its_format(self, use):
        write("old.yaml", WORLD + "\nformat: 7\n" if use == "base" else "format: 7")
        text = "extends: old.yaml" if use == "base" else "extends: base.yaml\noverrides: [old.yaml]"
        with pytest.raises(InputError, match=r"^old.yaml:.*format is not known; got 7; allowed: 1"):
            load_scenario(write("mine.yaml", f"format: 1\n{text}"))


class TestSize:
    @staticmethod
    def world(n):
        codes = [f"S{index:02}" for index in range(n)]
        state = {"capability_usd_bn": 1, "gdp_usd_bn": 1, "polyarchy": 0.5, "stance": 0}
        roles = dict(zip(["sender", "challenger", "partner"], codes, strict=False))
        return {
            "roles": roles,
            "states": {code: dict(state) for code in codes},
            "dyads": {"projection_km": {"default": 1}},
        }

    @pytest.mark.parametrize("n", [2, 3, 60])
    def test_two_to_sixty_states(self, n):
        world = scenario_from_mapping(self.world(n))
        assert world.n_states == n
        assert scenario_from_mapping(world.resolved()) == world

    def test_two_states_need_no_partner(self):
        assert scenario_from_mapping(self.world(2)).role("partner") is None

    @pytest.mark.parametrize(("n", "expected"), [(1, "at least 2"), (61, "at most 60")])
    def test_other_sizes_are_refused(self, n, expected):
        world = self.world(n) | {"roles": {"sender": "S00", "challenger": "S01"}}
        with pytest.raises(InputError) as caught:
            scenario_from_mapping(world)
        assert str(caught.value).startswith("<mapping>: states: ")
        assert str(caught.value).endswith(f"{expected} entries, has {n}")

    @pytest.mark.parametrize("code", ["S00\n", " S00", "S-0", "S:0", "0S", "S", "S" * 13, ""])
    def test_other_codes_are_refused(self, code):
        world = self.world(3)
        world["states"][code] = world["states"]["S00"]
        with pytest.raises(InputError, match=r"is not a valid name; got .* allowed: 2 to 12"):
            scenario_from_mapping(world)

    def test_an_empty_world_is_told_all_it_lacks(self):
        with pytest.raises(InputError) as caught:
            scenario_from_mapping({}, origin="test")
        keys = [fault.key for fault in caught.value.faults]
        assert keys == ["roles.sender", "roles.challenger", "states"]
        assert {fault.where for fault in caught.value.faults} == {"test"}

    def test_defaults_of_everything_that_may_be_left_out(self):
        world = scenario_from_mapping(self.world(3))
        assert (world.title, world.months_before, world.months_after) == ("", 24, 96)
        for spec in DYAD_FIGURES:
            if spec.default is not None:
                off_diagonal = world.dyad_values(spec.name)[~np.eye(3, dtype=bool)]
                assert (off_diagonal == spec.default).all()


@pytest.mark.usefixtures("folder")
class TestShipped:
    def test_there_is_a_baseline(self):
        assert "baseline" in shipped_configs()
        assert shipped_config("baseline").is_file()

    @pytest.mark.parametrize("name", shipped_configs())
    def test_every_shipped_world_loads_and_resolves(self, name):
        world = load_scenario(name)
        assert world == load_scenario(shipped_config(name))
        assert scenario_from_mapping(json.loads(json.dumps(world.resolved()))) == world
        assert world.title

    def test_overlays_are_found_by_name_but_are_no_worlds(self):
        folder = shipped_config("baseline").parent / "overrides"
        names = sorted(path.stem for path in folder.glob("*.yaml"))
        assert names
        for name in names:
            assert f"overrides/{name}" not in shipped_configs()
            assert shipped_config(f"overrides/{name}").stem == name
            load_scenario("baseline", overrides=[f"overrides/{name}"])

    def test_an_existing_path_wins_over_a_shipped_name(self):
        write("baseline", WORLD)
        assert load_scenario("baseline").title == "Base"

    def test_a_file_can_extend_a_shipped_world(self):
        world = load_scenario(write("mine.yaml", "extends: baseline\ntitle: Mine"))
        assert world.title == "Mine"
        assert world.with_settings({"title": load_scenario("baseline").title}) == load_scenario(
            "baseline"
        )

    def test_unknown_names(self):
        with pytest.raises(UnknownNameError, match="did you mean 'baseline'"):
            shipped_config("bazeline")
        with pytest.raises(InputError):
            shipped_experiment("no such thing at all")

    def test_experiments_are_listed_by_names_that_are_found(self):
        assert all(shipped_experiment(name).is_file() for name in shipped_experiments())


def test_a_scenario_is_read_again_when_any_of_its_files_has_changed(tmp_path):
    base, mine = tmp_path / "base.yaml", tmp_path / "mine.yaml"
    base.write_text(WORLD, encoding="utf-8")
    mine.write_text("extends: base.yaml\ntitle: Mine\n", encoding="utf-8")
    before = scenario_kept(mine)
    assert scenario_kept(str(mine)) is before
    base.write_text(WORLD.replace("theta_third: 0.2", "theta_third: 0.3"), encoding="utf-8")
    assert scenario_kept(mine).parameter_values()[Param["theta_third"]] == 0.3
    base.unlink()
    with pytest.raises(InputError, match="no such file"):
        scenario_kept(mine)


@pytest.mark.parametrize(
    ("allowed", "inside", "outside", "text"),
    [
        (Range(0, 1), [0, 0.5, 1], [-0.1, 1.1, np.nan], "from 0 to 1"),
        (Range(0, 1, low_open=True), [0.1, 1], [0], "above 0, at most 1"),
        (Range(0, 1, low_open=True, high_open=True), [0.5], [0, 1], "above 0, below 1"),
        (Range(0), [0, 1e300], [-1, np.inf], "at least 0"),
        (Range(high=2), [-5, 2], [3, -np.inf], "at most 2"),
        (Range(), [0], [np.inf, np.nan], "any number"),
    ],
)
def test_ranges(allowed, inside, outside, text):
    assert all(allowed.contains(number) for number in inside)
    assert not any(allowed.contains(number) for number in outside)
    assert str(allowed) == text
