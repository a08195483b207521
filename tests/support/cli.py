"""The command line, called within the process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from regional_sim.cli.app import app


def invoke(
    *arguments: object, code: int | None = None, columns: int = 80, **environment: str | None
) -> Result:
    """Call the program at a terminal of so many columns; it may have to end with a code."""
    runner = CliRunner(env={"COLUMNS": str(columns), **environment})
    result = runner.invoke(app, [str(one) for one in arguments])
    assert code in {None, result.exit_code}, result.output
    return result


def succeeds(*arguments: object, columns: int = 80) -> Result:
    """Call the program, which must end well."""
    return invoke(*arguments, code=0, columns=columns)
