"""The command line, called within the process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from regional_sim.cli.app import app


def invoke(*arguments: object, columns: int = 80, **environment: str | None) -> Result:
    """Call the program as a user does at a terminal of so many columns."""
    runner = CliRunner(env={"COLUMNS": str(columns), **environment})
    return runner.invoke(app, [str(one) for one in arguments])


def succeeds(*arguments: object, columns: int = 80) -> Result:
    """Call the program, which must end well."""
    result = invoke(*arguments, columns=columns)
    assert result.exit_code == 0, result.output
    return result
