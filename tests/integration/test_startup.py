"""How soon the program starts: libraries that take long to import come only when they are used."""

import subprocess
import sys

import pytest

SLOW = ("numpy", "pandas", "numba", "scipy", "mesa", "pyarrow", "SALib", "matplotlib", "pydantic")

_LOADED = """
import sys
{code}
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & set({slow!r})))
"""

_COMMAND = """
from regional_sim.cli import app
sys.argv = ["regional-sim", *{arguments!r}]
try:
    app.main()
except SystemExit:
    pass
"""


def loaded_by(code: str) -> set[str]:
    """Slow libraries that a process has imported when it has run some code."""
    program = _LOADED.format(code=code, slow=SLOW)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_no_slow_library():
    assert loaded_by(_COMMAND.format(arguments=["--help"])) == set()


@pytest.mark.parametrize("command", ["run", "sweep", "compare"])
def test_help_of_a_command_imports_no_library_of_numbers(command):
    assert loaded_by(_COMMAND.format(arguments=[command, "--help"])) <= {"pydantic"}


def test_the_package_alone_imports_no_slow_library():
    assert loaded_by("import regional_sim") == set()


def test_python_users_pay_for_mesa_only_if_they_use_it():
    assert "mesa" not in loaded_by("from regional_sim import load_scenario, run")
    assert "mesa" in loaded_by("from regional_sim import RegionModel")


def test_a_run_imports_no_library_that_it_does_not_need(tmp_path):
    arguments = ["run", "two_states", "-n", "1", "--quiet", "--out", str(tmp_path / "out")]
    loaded = loaded_by(_COMMAND.format(arguments=arguments))
    assert (tmp_path / "out" / "runs.csv").is_file()
    assert "numba" in loaded
    assert loaded & {"mesa", "SALib", "matplotlib"} == set()
