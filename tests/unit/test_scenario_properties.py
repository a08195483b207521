"""What holds for every scenario: round trip, order, settings, the schema."""

import copy
import json
import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regional_sim.errors import InputError
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario import (
    DYAD_FIGURES,
    STATE_FIGURES,
    Range,
    digest_of,
    json_schema,
    load_scenario,
    scenario_from_mapping,
)

FEW = settings(max_examples=40)


def numbers(allowed):
    """Draw numbers of a range, its bounds included where they are allowed."""
    finite = {
        "min_value": None if np.isinf(allowed.low) else allowed.low,
        "max_value": None if np.isinf(allowed.high) else allowed.high,
    }
    drawn = st.floats(**finite, allow_nan=False, allow_infinity=False)
    return drawn.filter(allowed.contains)


def figures_of(spec):
    """Draw the figures of pairs; trade is small enough for states of the least product."""
    return numbers(Range(0.0, 0.004) if spec.name == "trade_usd_bn" else spec.range)


@st.composite
def state_entries(draw):
    """Draw one state; figures bare or sourced, those with a default sometimes left out."""
    state = {}
    for spec in STATE_FIGURES:
        if spec.default is None or draw(st.booleans()):
            number = draw(numbers(spec.range))
            sourced = {"value": number, "year": 2024, "source": "work"}
            state[spec.name] = sourced if draw(st.booleans()) else number
    return state


@st.composite
def dyad_entries(draw, spec, codes):
    """Draw one dyad quantity as default, matrix or pairs, or all of them."""
    value = st.none() | st.sampled_from(codes) if spec.holds_state else figures_of(spec)
    entry = {}
    required = spec.default is None and spec.default_from is None and not spec.holds_state
    if not spec.holds_state and (required or draw(st.booleans())):
        entry["default"] = draw(value)
    if draw(st.booleans()):
        rows = draw(st.permutations(codes))
        zero = None if spec.holds_state else 0
        matrix = [[zero for _ in rows] for _ in rows]
        for i, a in enumerate(rows):
            for j in range(len(rows)) if spec.directed else range(i):
                if i != j:
                    number = draw(value.filter(lambda host, a=a: host != a))
                    matrix[i][j] = number
                    if not spec.directed:
                        matrix[j][i] = number
        entry |= {"states": list(rows), "matrix": matrix}
    if draw(st.booleans()):
        a, b = draw(st.permutations(codes))[:2]
        key = f"{a}:{b}" if spec.directed else f"{a}-{b}"
        entry["pairs"] = {key: draw(value.filter(lambda host: host != a))}
    return entry


@st.composite
def worlds(draw):
    """Draw a whole valid world."""
    codes = draw(
        st.lists(st.from_regex(r"\A[A-Z][A-Z0-9_]{1,4}\Z"), min_size=3, max_size=5, unique=True)
    )
    after = draw(st.integers(1, 200))
    first = draw(st.integers(1, after))
    params = draw(st.lists(st.sampled_from(list(Param)), max_size=4, unique=True))
    within = {p: st.floats(p.low, p.high, allow_nan=False) for p in params}
    return {
        "title": draw(st.text(max_size=20)),
        "horizon": {"months_before": draw(st.integers(0, 100)), "months_after": after},
        "windows": {"some": [first, draw(st.integers(first, after))]},
        "roles": dict(zip(["sender", "partner", "challenger"], codes, strict=False)),
        "groups": {"hedgers": draw(st.lists(st.sampled_from(codes), unique=True))},
        "options": {option.name: draw(st.sampled_from(option.choices)) for option in Option},
        "parameters": {param.name: draw(numbers_of) for param, numbers_of in within.items()},
        "sources": {"work": {"citation": "A work"}},
        "states": {code: draw(state_entries()) for code in codes},
        "dyads": {spec.name: draw(dyad_entries(spec, codes)) for spec in DYAD_FIGURES},
    }


def arrays(world):
    """Collect everything the model reads of a scenario."""
    return [
        *(world.state_values(spec.name) for spec in STATE_FIGURES),
        *(world.dyad_values(spec.name) for spec in DYAD_FIGURES if not spec.holds_state),
        world.host_index(),
        world.parameter_values(),
        world.option_values(),
    ]


def same_bits(one, other):
    return all(a.tobytes() == b.tobytes() for a, b in zip(arrays(one), arrays(other), strict=True))


def shuffled(data, order):
    """Reorder all mappings; lists keep their order, which has a meaning."""
    if isinstance(data, dict):
        keys = list(data)
        order.shuffle(keys)
        return {key: shuffled(data[key], order) for key in keys}
    return data


@FEW
@given(worlds())
def test_what_is_resolved_makes_the_same_world(mapping):
    world = scenario_from_mapping(mapping)
    text = json.dumps(world.resolved(), allow_nan=False)
    again = scenario_from_mapping(json.loads(text))
    assert same_bits(world, again)
    assert again.digest() == world.digest()
    assert json.dumps(again.resolved()) == text
    assert (again.codes, again.streams, again.windows) == (
        world.codes,
        world.streams,
        world.windows,
    )


@FEW
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_in_the_file_has_no_meaning(mapping, order):
    world = scenario_from_mapping(mapping)
    other = scenario_from_mapping(shuffled(mapping, order))
    assert same_bits(world, other)
    assert world.digest() == other.digest()
    assert world.codes == tuple(sorted(mapping["states"]))


@FEW
@given(worlds(), st.data())
def test_an_added_state_leaves_the_others_alone(mapping, data):
    world = scenario_from_mapping(mapping)
    larger = copy.deepcopy(mapping)
    larger["states"]["zz"] = data.draw(state_entries())
    larger["dyads"]["projection_km"].setdefault("default", 1)
    kept = scenario_from_mapping(larger)
    rows = [kept.codes.index(code) for code in world.codes]
    for spec in DYAD_FIGURES:
        if not spec.holds_state:
            part = kept.dyad_values(spec.name)[np.ix_(rows, rows)]
            assert part.tobytes() == world.dyad_values(spec.name).tobytes()
    assert [kept.streams[row] for row in rows] == list(world.streams)


@FEW
@given(worlds(), st.data())
def test_a_setting_does_what_editing_does(mapping, data):
    world = scenario_from_mapping(mapping)
    param = data.draw(st.sampled_from(list(Param)))
    figure = data.draw(st.sampled_from(STATE_FIGURES))
    spec = data.draw(st.sampled_from([s for s in DYAD_FIGURES if not s.holds_state]))
    code = data.draw(st.sampled_from(world.codes))
    a, b = sorted(data.draw(st.permutations(world.codes))[:2])
    pair = f"{a}:{b}" if spec.directed else f"{a}-{b}"
    changes = {
        f"parameters.{param.name}": data.draw(st.floats(param.low, param.high)),
        f"states.{code}.{figure.name}": data.draw(numbers(figure.range)),
        f"dyads.{spec.name}.{pair}": data.draw(figures_of(spec)),
    }
    values = list(changes.values())
    edited = copy.deepcopy(mapping)
    edited["parameters"][param.name] = values[0]
    edited["states"][code][figure.name] = values[1]
    swapped = f"{b}-{a}"
    pairs = edited["dyads"][spec.name].setdefault("pairs", {})
    pairs.pop(swapped, None)
    pairs[pair] = values[2]
    assert same_bits(world.with_settings(changes), scenario_from_mapping(edited))
    one_by_one = world
    for path, value in changes.items():
        one_by_one = one_by_one.with_settings({path: value})
    assert one_by_one.digest() == world.with_settings(changes).digest()
    assert one_by_one.digest() == digest_of(one_by_one.resolved())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def refusal(call):
    """Return the package's own error, or None; any other error fails the test."""
    try:
        call()
    except InputError as error:
        return error
    return None


@settings(max_examples=200)
@given(st.data())
def test_whatever_is_wrong_the_error_is_ours(data):
    """Put junk at a random place of a good world: it is refused politely or accepted."""
    mapping = load_scenario("two_states").resolved()
    inner, key = mapping, data.draw(st.sampled_from(sorted(mapping)))
    while isinstance(inner[key], dict) and inner[key] and data.draw(st.booleans()):
        inner = inner[key]
        key = data.draw(st.sampled_from(sorted(inner)))
    inner[key] = data.draw(JUNK)
    error = refusal(lambda: scenario_from_mapping(mapping))
    if error is not None:
        assert str(error).startswith("<mapping>: ")
        assert all(fault.where == "<mapping>" for fault in error.faults)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_refused_politely(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("junk") / "a.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError):
        load_scenario(path)


@given(st.text(max_size=30), JUNK)
def test_any_setting_is_accepted_or_refused_politely(path, value):
    world = load_scenario("two_states")
    error = refusal(lambda: world.with_settings({path: value}))
    assert error is None or str(error)


# ------------------------------------------------------------------- JSON Schema


@pytest.fixture(scope="module")
def schema():
    return json_schema()


KINDS = {
    "null": lambda data: data is None,
    "string": lambda data: isinstance(data, str),
    "integer": lambda data: isinstance(data, int),
    "number": lambda data: isinstance(data, int | float),
    "array": lambda data: isinstance(data, list),
    "object": lambda data: isinstance(data, dict),
}


def parts_of(schema, data):
    """Pair each value inside a container with its schema: True or False for any or none."""
    if isinstance(data, list):
        items = schema.get("prefixItems") or [schema.get("items", True)] * len(data)
        return list(zip(items, data, strict=True))
    if not isinstance(data, dict):
        return []
    patterns = schema.get("patternProperties", {}).items()
    rest = schema.get("additionalProperties", True)

    def of(key):
        matching = (found for pattern, found in patterns if re.search(pattern, key))
        return schema.get("properties", {}).get(key) or next(matching, rest)

    return [(of(key), value) for key, value in data.items()]


def accepts(schema, data, root):
    """Judge plain data by the few words of JSON Schema that the schema uses."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        return any(accepts(option, data, root) for option in schema["anyOf"])
    if "type" in schema and not KINDS[schema["type"]](data):
        return False
    good = data in schema.get("enum", [data]) and data == schema.get("const", data)
    if isinstance(data, int | float):
        good &= schema.get("minimum", data) <= data <= schema.get("maximum", data)
        good &= not data <= schema.get("exclusiveMinimum", -np.inf)
        good &= not data >= schema.get("exclusiveMaximum", np.inf)
    return good and all(accepts(part, value, root) for part, value in parts_of(schema, data))


def test_the_schema_is_json_and_names_its_dialect(schema):
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_of_the_schema_leads_somewhere(schema):
    def references(part):
        if isinstance(part, dict):
            yield from (value for key, value in part.items() if key == "$ref")
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = set(references(schema))
    assert found
    assert {name.removeprefix("#/$defs/") for name in found} <= set(schema["$defs"])


def test_the_schema_names_every_parameter_with_range_and_meaning(schema):
    properties = schema["$defs"]["Parameters"]["properties"]
    assert set(properties) == set(Param.__members__)
    for param in Param:
        entry = properties[param.name]
        assert (entry["minimum"], entry["maximum"]) == (param.low, param.high)
        assert entry["default"] == param.default
        assert param.meaning in entry["description"]


def test_the_schema_names_every_option_figure_and_quantity(schema):
    parts = schema["$defs"]
    assert set(parts["Options"]["properties"]) == set(Option.__members__)
    figures = {spec.name for spec in STATE_FIGURES}
    assert set(parts["State"]["properties"]) == figures | {"name", "stream"}
    assert set(parts["Dyads"]["properties"]) == {spec.name for spec in DYAD_FIGURES}
    for option in Option:
        assert set(option.choices) <= set(parts["Options"]["properties"][option.name]["enum"])


@FEW
@given(worlds())
def test_the_schema_accepts_what_the_loader_accepts(mapping):
    schema = json_schema()
    assert accepts(schema, mapping, schema)
    assert accepts(schema, scenario_from_mapping(mapping).resolved(), schema)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["nonsense"], 1),
        (["parameters", "theta_challenger"], 2),
        (["parameters", "nonsense"], 0.5),
        (["options", "shock"], "cauchy"),
        (["roles", "nonsense"], "S1"),
        (["states", "S"], {}),
        (["states", "JPN"], {"stance": 3}),
        (["states", "JPN"], {"stance": {"value": 3}}),
        (["states", "JPN"], {"stance": "high"}),
        (["dyads", "tension"], {"default": 2}),
        (["dyads", "nonsense"], {}),
        (["windows", "early"], [0, 3]),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(schema, path, value):
    section, key = path if len(path) == 2 else (None, path[0])
    data = {key: value} if section is None else {section: {key: value}}
    assert not accepts(schema, data, schema)


def test_the_shuffling_shuffles():
    data = {str(number): number for number in range(20)}
    other = shuffled(data, random.Random(1))
    assert list(other) != list(data)
    assert other == data
