"""The structure of a scenario: what may differ between runs that stand side by side."""

import copy

import numpy as np
import pytest

from regional_sim.engine.build import build_world
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario import DYAD_FIGURES, STATE_FIGURES, load_scenario, scenario_from_mapping

BASE = load_scenario("baseline")
PLAIN = BASE.resolved()
FIRST, SECOND = BASE.codes[:2]
SHARED = ("group", "pair_of", "host", "role", "observer_of", "window", "option")


def edited(**sections):
    """The base world with some of its sections changed by functions."""
    plain = copy.deepcopy(PLAIN)
    for name, change in sections.items():
        plain[name] = change(plain[name])
    return scenario_from_mapping(plain)


def within(low, high, value):
    """Another value in a range."""
    low, high = max(low, value - 0.25), min(high, value + 0.25)
    return low if value - low > high - value else high


def other_hosts(dyads):
    host = copy.deepcopy(dyads["host"])
    matrix = host["matrix"]
    named = next(code for row in matrix for code in row if code is not None)
    row = next(row for row in matrix if named in row)
    row[row.index(named)] = None
    return {**dyads, "host": host}


STRUCTURAL = {
    "months_before": lambda: BASE.with_settings({"horizon.months_before": 7}),
    "months_after": lambda: BASE.with_settings({"horizon.months_after": 90}),
    "window": lambda: edited(windows=lambda old: {**old, "late": [61, 80]}),
    "further window": lambda: edited(windows=lambda old: {**old, "more": [2, 3]}),
    "role": lambda: BASE.with_settings({"roles.patron": None}),
    "roles swapped": lambda: edited(
        roles=lambda old: {**old, "sender": old["ally"], "ally": old["sender"]}
    ),
    "group": lambda: edited(groups=lambda old: {**old, "hedgers": old["hedgers"][1:]}),
    "stream": lambda: edited(
        states=lambda old: {**old, FIRST: {**old[FIRST], "stream": "another"}}
    ),
    "host": lambda: edited(dyads=other_hosts),
    "other states": lambda: load_scenario("four_states"),
    **{
        option.name: lambda option=option: BASE.with_settings(
            {f"options.{option.name}": option.choices[-1]}
        )
        for option in Option
    },
}

PARAMETERS = {param.name: within(param.low, param.high, param.default) for param in Param}
NUMBERS_OF_PAIRS = [spec for spec in DYAD_FIGURES if not spec.holds_state]

NOT_STRUCTURAL = {
    "title": lambda: edited(title="Another, {}".format),
    "name": lambda: edited(states=lambda old: {**old, FIRST: {**old[FIRST], "name": "Another"}}),
    "order of a group": lambda: edited(groups=lambda old: {**old, "hedgers": old["hedgers"][::-1]}),
    "order of states": lambda: edited(states=lambda old: dict(reversed(list(old.items())))),
    "stream spelled out": lambda: edited(
        states=lambda old: {**old, FIRST: {**old[FIRST], "stream": FIRST}}
    ),
    **{
        f"parameters.{name}": lambda name=name: BASE.with_settings(
            {f"parameters.{name}": PARAMETERS[name]}
        )
        for name in PARAMETERS
    },
    **{
        f"states.{spec.name}": lambda spec=spec: BASE.with_settings(
            {f"states.{FIRST}.{spec.name}": other_figure(spec)}
        )
        for spec in STATE_FIGURES
    },
    **{
        f"dyads.{spec.name}": lambda spec=spec: BASE.with_settings(
            {f"dyads.{spec.name}.{FIRST}-{SECOND}": other_quantity(spec)}
        )
        for spec in NUMBERS_OF_PAIRS
    },
}


def other_figure(spec):
    value = float(BASE.figure(FIRST, spec.name).value)
    return within(spec.range.low, spec.range.high, value)


def other_quantity(spec):
    return within(spec.range.low, spec.range.high, float(BASE.dyad_values(spec.name)[0, 1]))


@pytest.mark.parametrize("change", STRUCTURAL)
def test_changes_with(change):
    assert STRUCTURAL[change]().structure != BASE.structure


@pytest.mark.parametrize("change", NOT_STRUCTURAL)
def test_does_not_change_with(change):
    other = NOT_STRUCTURAL[change]()
    assert other.structure == BASE.structure
    assert hash(other.structure) == hash(BASE.structure)
    if "." in change:
        assert other.resolved() != BASE.resolved()


def test_equal_when_loaded_again():
    for name in ("four_states", "two_states"):
        assert load_scenario(name).structure == load_scenario(name).structure


@pytest.mark.parametrize("change", [*STRUCTURAL, *list(NOT_STRUCTURAL)[:5]])
def test_equal_structures_share_what_has_no_run_of_its_own(change):
    other = (STRUCTURAL | NOT_STRUCTURAL)[change]()
    one, two = build_world(BASE), build_world(other)
    alike = all(np.array_equal(getattr(one, name), getattr(two, name)) for name in SHARED)
    assert alike or other.structure != BASE.structure
    assert other.streams == BASE.streams or other.structure != BASE.structure
