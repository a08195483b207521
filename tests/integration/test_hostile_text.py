"""Text that would steer a terminal, a page or a figure is shown as text, wherever it comes from."""

from __future__ import annotations

import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from regional_sim.cli.console import EscapingConsole
from regional_sim.errors import InputError, visible
from tests.support.cli import invoke

HOSTILE = "A\x1b]2;owned\x07\x1b[3J\x9b1m\r\u202eB"
IN_YAML = json.dumps(HOSTILE)
WORLD = f"""\
extends: two_states
title: {IN_YAML}
description: {IN_YAML}
horizon: {{months_before: 2, months_after: 4}}
windows: {{early: null, middle: null, late: null}}
sources:
  mine: {{provenance: stipulated, citation: {IN_YAML}, note: {IN_YAML}}}
states:
  AAA: {{name: {IN_YAML}, gdp_usd_bn: {{value: 900, source: mine, note: {IN_YAML}}}}}
"""
QUESTION = f"""\
scenario: world.yaml
title: {IN_YAML}
question: {IN_YAML}
seed: 1
replicates: 2
postures: [traditional, new_approach]
design: {{kind: grid, factors: {{states.AAA.name: [{IN_YAML}, other]}}}}
"""


def steering(text: str) -> set[str]:
    """The characters of a text that are not shown but obeyed."""
    marks = set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} or c in marks} - {"\n"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "world.yaml").write_text(WORLD)
    (tmp_path / "question.yaml").write_text(QUESTION)
    return tmp_path


def test_no_command_prints_what_steers_a_terminal(folder: Path) -> None:
    for command in (
        ("check", "world.yaml", "question.yaml"),
        *(("describe", "states", "--scenario", "world.yaml", *form) for form in FORMS),
        ("describe", "sources", "--scenario", "world.yaml"),
        ("run", "world.yaml", "-n", 2, "--out", "one", "--plot"),
        ("sweep", "question.yaml", "--out", "two"),
        ("reproduce", "two"),
        ("compare", "two::posture=traditional", "two::posture=new_approach", "--out", "found.md"),
        ("compare", "two::point=0", "two::point=1", "--out", "points.md"),
    ):
        result = invoke(*command, code=0)
        assert not steering(result.output), command
    assert not steering((folder / "found.md").read_text() + (folder / "points.md").read_text())
    assert "u001b]2;owned" in invoke("check", "world.yaml").stdout


FORMS = ((), ("--format", "markdown"), ("--format", "json"))


def test_escapes_in_json_are_read_back(folder: Path) -> None:
    said = invoke("describe", "states", "--scenario", "world.yaml", "--format", "json").stdout
    assert HOSTILE in {record["note"] for record in json.loads(said)}


FAULTS = {
    "key": (f"extends: two_states\n{IN_YAML}: 1\n", ()),
    "value": (f"extends: two_states\ntitle: [{IN_YAML}]\n", ()),
    "line break in a key": ('extends: two_states\n"a\\nerror: forged": 1\n', ()),
    "setting": ("extends: two_states\n", ("--set", f"parameters.{HOSTILE}=1")),
    "posture": ("extends: two_states\n", ("-p", HOSTILE)),
    "state": ("extends: two_states\n", ("--clamp", HOSTILE)),
    "metric": ("extends: two_states\n", ("--metrics", HOSTILE)),
    "file": ("extends: two_states\n", ("--import", f"{HOSTILE}.py")),
}


@pytest.mark.parametrize(("world", "options"), FAULTS.values(), ids=FAULTS.keys())
def test_messages_hold_nothing_that_steers(
    world: str, options: tuple[str, ...], folder: Path
) -> None:
    (folder / "world.yaml").write_text(world)
    result = invoke("run", "world.yaml", "--out", "out", *options, code=2)
    assert not steering(result.output)
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")


def test_a_fault_is_one_line() -> None:
    said = str(InputError("no\nnew line", key="a\x85b\u2028c", value="x\ny"))
    assert said.splitlines() == ["a\\u0085b\\u2028c: no\\nnew line; got 'x\\ny'"]


@given(st.text())
def test_what_is_visible_stays_and_the_rest_can_be_read_back(text: str) -> None:
    shown = visible(text)
    assert not steering(shown) - {"\t"}
    assert visible(shown) == shown
    if "\\" not in text:
        assert shown.encode("ascii", "backslashreplace").decode("unicode_escape") == text


def test_styles_of_the_program_stay() -> None:
    file = io.StringIO()
    console = EscapingConsole(
        file=file, force_terminal=True, color_system="standard", width=80, highlight=False
    )
    console.print(Text.assemble("x ", ("\x1b[2Jbold", "bold"), " y"), "\x1b[5m")
    assert file.getvalue() == "x \x1b[1m\\u001b[2Jbold\x1b[0m y \\u001b[5m\n"
