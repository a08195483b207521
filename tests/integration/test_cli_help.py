"""Help is quick, fits the terminal, and shows examples that run."""

import re
import shlex
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from regional_sim.cli.app import app
from tests.support.cli import succeeds
from tests.support.processes import ended, program

EPILOGS = {"": app.info.epilog} | {
    command.callback.__name__: command.epilog for command in app.registered_commands
}
EXAMPLES = {
    name: textwrap.dedent(epilog.partition("Examples:\n")[2]) for name, epilog in EPILOGS.items()
}


def commands_of(examples: str) -> Iterator[list[str]]:
    """Split examples into the arguments of each command."""
    for line in examples.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "regional-sim"
        yield arguments


def test_every_command_has_examples() -> None:
    assert all(EXAMPLES.values())


TAKES_LONGER = {
    *("calibrate", "discover", "flips", "hypotheses", "optimise", "plot", "report"),
    *("sensitivity", "skill", "trace"),
}
"""Commands whose examples make a sweep first, or draw."""


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_fits_and_shows_the_examples(command: str) -> None:
    result = succeeds(*filter(None, [command]), "--help")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in result.stdout
    for line in EXAMPLES[command].splitlines():
        assert f"    {line}" in lines


@pytest.mark.parametrize("command", EXAMPLES)
def test_options_have_help(command: str) -> None:
    text = succeeds(*filter(None, [command]), "-h").stdout
    options = [line for line in text.splitlines() if line.startswith("  -")]
    assert "--help" in options[-1]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in TAKES_LONGER else [])
        for name in EXAMPLES
    ],
)
def test_examples_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # It would go on until it is interrupted; tests/integration/test_dashboard.py lets it serve.
    monkeypatch.setattr("regional_sim.dashboard.server.serve", lambda *_, **__: None)
    for arguments in commands_of(EXAMPLES[command]):
        succeeds(*arguments)


def test_without_a_command_help_is_shown() -> None:
    assert succeeds().stdout == succeeds("--help").stdout


def test_module_is_the_program() -> None:
    done = ended("-m", "regional_sim", "--version")
    assert re.fullmatch(r"regional-sim \d\S*\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
@pytest.mark.parametrize("arguments", [["describe", "states"], ["--help"], ["schema"]])
def test_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    with program("-m", "regional_sim", *arguments) as running:
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait() == 141
