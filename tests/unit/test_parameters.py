"""Every parameter and every option: ranges, provenance, schedules, and that each is read."""

import ast
import math
import re
from functools import cache
from pathlib import Path

import pytest

from regional_sim.model import mechanisms
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.variables import StateVar
from regional_sim.numerics.arrays import RowEnum
from regional_sim.postures import Instrument

MODEL = Path(mechanisms.__file__).resolve().parents[1]
SOURCE = MODEL.parent
SCHEDULES = ("gain", "loss", "cost", "restraint")
RUNGS = range(1, SCHEDULE_RUNGS + 1)
every_parameter = pytest.mark.parametrize("param", Param, ids=lambda param: param.name)
every_option = pytest.mark.parametrize("option", Option, ids=lambda option: option.name)


@cache
def members_read(enumeration: str) -> frozenset[str]:
    """Names of an enumeration that the mechanisms, the metrics and the initial state use."""
    declarations = ("parameters.py", "options.py", "instruments.py")
    return frozenset(
        node.attr
        for path in (*MODEL.rglob("*.py"), SOURCE / "engine" / "build.py")
        if path.name not in declarations
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == enumeration
    )


@every_parameter
class TestEveryParameter:
    def test_default_lies_in_a_finite_range(self, param):
        assert all(math.isfinite(value) for value in (param.low, param.default, param.high))
        assert param.low <= param.default <= param.high
        assert param.low < param.high

    def test_says_what_it_is_and_where_it_comes_from(self, param):
        for text in (param.unit, param.source, param.meaning):
            assert text == text.strip() != ""
        assert param.provenance in ("empirical", "theoretical", "stipulated")

    def test_its_mechanism_has_a_file(self, param):
        name = param.mechanism
        assert (MODEL / "mechanisms" / f"{name}.py").is_file()

    def test_its_name_can_be_written_in_a_file(self, param):
        assert re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", param.name)

    def test_is_read(self, param):
        # Rules take the rungs of a schedule by their distance from the first.
        first = re.sub(r"_rung_\d$", "_rung_1", param.name)
        lags = {instrument.lag.name for instrument in Instrument}
        assert first in members_read("Param") | lags, f"nothing reads Param.{param.name}"


@pytest.mark.parametrize(
    "param",
    [param for param in Param if param.unit in ("share", "probability")],
    ids=lambda param: param.name,
)
def test_shares_and_probabilities_stay_between_0_and_1(param):
    assert param.low >= 0.0
    assert param.high <= 1.0


@pytest.mark.parametrize("kind", [Param, Option, Instrument, Metric, StateVar])
def test_rows_are_numbered_without_gaps_and_carry_their_values(kind):
    assert [int(member) for member in kind] == list(range(len(kind)))
    assert all(member is kind(int(member)) for member in kind)
    assert all(member.meaning == member.meaning.strip() != "" for member in kind)


def test_a_row_needs_a_value_for_each_name():
    with pytest.raises(ValueError, match="zip"):

        class Row(RowEnum):
            unit: str
            meaning: str

            short = ("m",)


@pytest.mark.parametrize("name", [*SCHEDULES, "exit"])
def test_rungs_stand_in_consecutive_rows(name):
    first = Param[f"{name}_rung_1"]
    assert [Param(first + rung - 1).name for rung in RUNGS] == [
        f"{name}_rung_{rung}" for rung in RUNGS
    ]


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_never_fall(name):
    values = [Param[f"{name}_rung_{rung}"].default for rung in RUNGS]
    assert values == sorted(values)
    assert values[0] > 0.0


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_losses_rise_at_least_as_steeply_as_gains(rung):
    gains, losses = (
        Param[f"{name}_rung_{rung}"].default / Param[f"{name}_rung_1"].default
        for name in ("gain", "loss")
    )
    assert losses > gains


@pytest.mark.parametrize(
    "param",
    [Param.reaction_ratio, Param.incident_branching, Param.social_influence],
    ids=lambda param: param.name,
)
def test_no_loop_feeds_on_itself_over_its_whole_range(param):
    assert param.high < 1.0


@every_option
class TestEveryOption:
    def test_choices_and_codes_agree(self, option):
        assert len(option.choices) == len(option.codes) == len(set(option.choices))
        assert len(set(option.codes)) == len(option.codes) > 1
        assert option.default in option.choices
        assert option.meaning.strip()

    def test_is_read(self, option):
        assert option.name in members_read("Option"), f"nothing reads {option!r}"


def test_the_exponents_are_their_own_codes():
    option = Option.contest_exponent
    assert tuple(map(str, option.codes)) == option.choices
