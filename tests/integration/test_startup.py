"""How soon the program starts: libraries that take long to import come only when they are used."""

import pytest

from regional_sim.cli.app import app
from tests.support.processes import printed

SLOW = {"numpy", "pandas", "numba", "llvmlite", "scipy", "mesa", "networkx", "pyarrow", "SALib"}
SLOW |= {"matplotlib", "pydantic", "sklearn"}
COMMANDS = [command.callback.__name__ for command in app.registered_commands]

_COMMAND = """
from regional_sim.cli import app
sys.argv = ["regional-sim", *{arguments!r}]
try:
    app.main()
except SystemExit:
    pass
"""


def loaded_by(code: str, slow: set[str] = SLOW) -> set[str]:
    """Slow libraries that a process has imported when it has run some code."""
    found = printed("-c", f"import sys\n{code}\nprint()\nprint(*sys.modules)")
    modules = set(found.splitlines()[-1].split())
    assert "regional_sim" in modules
    return modules & slow


def test_help_imports_no_slow_library():
    assert loaded_by(_COMMAND.format(arguments=["--help"])) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_imports_no_library_of_numbers(command):
    assert loaded_by(_COMMAND.format(arguments=[command, "--help"])) <= {"pydantic"}


def test_the_package_alone_imports_no_slow_library():
    assert loaded_by("import regional_sim") == set()


def test_loading_needs_neither_engine_nor_tables():
    code = "from regional_sim import load_experiment; load_experiment('posture_contrast')"
    heavy = {"numba", "mesa", "pandas", "pyarrow", "scipy.stats"}
    assert loaded_by(code, heavy) == set()


def test_python_users_pay_for_mesa_only_if_they_use_it():
    assert "mesa" not in loaded_by("from regional_sim import load_scenario, run")
    assert "mesa" in loaded_by("from regional_sim import RegionModel")


def test_a_run_imports_no_library_that_it_does_not_need(tmp_path):
    arguments = ["run", "two_states", "-n", "1", "--quiet", "--out", str(tmp_path / "out")]
    loaded = loaded_by(_COMMAND.format(arguments=arguments))
    assert (tmp_path / "out" / "runs.csv").is_file()
    assert "numba" in loaded
    assert loaded & {"mesa", "SALib", "matplotlib"} == set()
