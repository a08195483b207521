"""YAML files as data with positions, and messages that other packages share."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from regional_sim.errors import InputError
from regional_sim.scenario import Position, Section, input_error, yaml_with_positions
from regional_sim.scenario.values import MAX_NODES


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text):
    Path("a.yaml").write_text(text)
    return "a.yaml"


def test_data_and_positions():
    document = yaml_with_positions(write("a:\n  b: [1, {c: x}]\n"))
    assert document.data == {"a": {"b": [1, {"c": "x"}]}}
    assert document.path == Path("a.yaml")
    at = document.positions
    assert at.of_key(("a", "b")) == Position("a.yaml", 2, 3)
    assert at.of_value(("a", "b", 0)) == Position("a.yaml", 2, 7)
    assert at.of_value(("a", "b", 1, "c")) == Position("a.yaml", 2, 14)
    assert at.of_value(("a", "nothing", "here")) == Position("a.yaml", 2, 3)
    assert str(at.of_value(())) == "a.yaml:1:1"


def test_aliases_repeat_a_value():
    document = yaml_with_positions(write("a: &x {b: 1}\nc: *x\n"))
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}


def test_numbers_are_read_as_in_yaml_1_2():
    text = "a: [010, 1e3, 1.5e-3, 0x10, yes, no, 1_000]"
    document = yaml_with_positions(write(text))
    assert document.data["a"] == [10, 1000.0, 0.0015, 16, "yes", "no", 1000]


def test_aliases_do_not_multiply_without_end():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(InputError, match=f"more than {MAX_NODES:,} keys and values"):
        yaml_with_positions(write("\n".join(lines)))


def test_other_packages_get_the_same_messages():
    class Step(Section):
        kind: str

    class Plan(Section):
        noun = "key of a plan"
        steps: list[Step]
        size: int

    document = yaml_with_positions(write("steps:\n  - kin: a\nsize: x\nsiez: 1\n"))
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(document.data)
    error = input_error(caught.value, document.data, document.positions, Plan)
    assert str(error).splitlines() == [
        "a.yaml:2:5: steps[0].kind: required, but not given",
        "a.yaml:2:5: steps[0].kin: unknown key; did you mean 'kind'?",
        "a.yaml:3:7: size: must be a whole number; got 'x'",
        "a.yaml:4:1: siez: unknown key of a plan; did you mean 'size'?",
    ]
