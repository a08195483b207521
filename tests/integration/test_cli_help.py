"""Help is quick, fits the terminal, and shows examples that run."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from regional_sim.cli import app as cli
from regional_sim.cli import (
    check_command,
    compare_command,
    describe_command,
    init_command,
    reproduce_command,
    run,
    schema_command,
)

EXAMPLES = {
    "": cli.EXAMPLES,
    "init": init_command.EXAMPLES,
    "check": check_command.EXAMPLES,
    "describe": describe_command.EXAMPLES,
    **run.RUN_EXAMPLES,
    "compare": compare_command.EXAMPLES,
    "reproduce": reproduce_command.EXAMPLES,
    "schema": schema_command.EXAMPLES,
}
SLOW_TO_IMPORT = {
    "llvmlite",
    "matplotlib",
    "mesa",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
}


def commands_of(examples: str) -> Iterator[list[str]]:
    """Split examples into the arguments of each command."""
    for line in examples.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "regional-sim"
        yield arguments


def test_every_command_has_examples() -> None:
    assert set(EXAMPLES) - {""} == {command.callback.__name__ for command in registered()}


def registered() -> list:
    return cli.app.registered_commands


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_fits_and_shows_the_examples(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in result.stdout
    for line in EXAMPLES[command].splitlines():
        assert f"    {line}" in lines


def test_options_have_help() -> None:
    for command in EXAMPLES:
        result = CliRunner().invoke(cli.app, [command, "-h"] if command else ["-h"])
        options = [line for line in result.stdout.splitlines() if line.startswith("  -")]
        assert len(options) >= 1
        assert "--help" in options[-1]


@pytest.mark.parametrize("command", EXAMPLES)
def test_examples_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands_of(EXAMPLES[command]):
        result = CliRunner(env={"COLUMNS": "80"}).invoke(cli.app, arguments)
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_imports_nothing_slow(command: str) -> None:
    code = (
        "import sys\n"
        "from regional_sim.cli.app import main\n"
        "sys.argv[0] = 'regional-sim'\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    arguments = [command, "--help"] if command else ["--help"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert "Usage: regional-sim" in done.stdout
    assert "regional_sim" in done.stderr.split()
    assert SLOW_TO_IMPORT.isdisjoint(done.stderr.split())


def test_without_a_command_help_is_shown() -> None:
    result = CliRunner().invoke(cli.app, [])
    assert (result.exit_code, result.stdout) == (
        0,
        CliRunner().invoke(cli.app, ["--help"]).stdout,
    )


@pytest.mark.parametrize("arguments", [["-m", "regional_sim", "--version"]])
def test_module_is_the_program(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    name, version = done.stdout.split()
    assert name == "regional-sim"
    assert version[0].isdigit()
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
@pytest.mark.parametrize("arguments", [["describe", "states"], ["--help"], ["schema"]])
def test_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "regional_sim", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    with program.stderr:
        assert program.stderr.read() == b""
    assert program.wait(timeout=60) == 141
