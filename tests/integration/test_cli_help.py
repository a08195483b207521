"""Help is quick, fits the terminal, and shows examples that run."""

import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from regional_sim.cli.app import app

EPILOGS = {"": app.info.epilog} | {
    command.callback.__name__: command.epilog for command in app.registered_commands
}
EXAMPLES = {
    name: textwrap.dedent(epilog.partition("Examples:\n")[2]) for name, epilog in EPILOGS.items()
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
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_fits_and_shows_the_examples(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in result.stdout
    for line in EXAMPLES[command].splitlines():
        assert f"    {line}" in lines


def test_options_have_help() -> None:
    for command in EXAMPLES:
        result = CliRunner().invoke(app, [command, "-h"] if command else ["-h"])
        options = [line for line in result.stdout.splitlines() if line.startswith("  -")]
        assert len(options) >= 1
        assert "--help" in options[-1]


@pytest.mark.parametrize("command", EXAMPLES)
def test_examples_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands_of(EXAMPLES[command]):
        result = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)
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
    result = CliRunner().invoke(app, [])
    assert (result.exit_code, result.stdout) == (0, CliRunner().invoke(app, ["--help"]).stdout)


def test_module_is_the_program() -> None:
    command = [sys.executable, "-m", "regional_sim", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    name, version = done.stdout.split()
    assert name == "regional-sim"
    assert version[0].isdigit()
    assert done.stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
@pytest.mark.parametrize("arguments", [["describe", "states"], ["--help"], ["schema"]])
def test_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "regional_sim", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 141
