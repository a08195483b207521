"""The command line: its commands in the order in which a study needs them."""

from __future__ import annotations

from typing import Annotated

import typer

from regional_sim.cli.check_command import check
from regional_sim.cli.describe_command import describe
from regional_sim.cli.init_command import init
from regional_sim.cli.program import DEBUG, Program
from regional_sim.cli.run_command import run
from regional_sim.cli.schema_command import schema
from regional_sim.cli.sweep_command import sweep

app = typer.Typer(
    name="regional-sim",
    cls=Program,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init, check, describe, run, sweep, schema):
    app.command()(command)


def main() -> None:
    """Run ``regional-sim`` with the arguments of the process.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    app(prog_name="regional-sim")


def _print_version(wanted: bool) -> None:
    """Print name and version, and stop."""
    if wanted:
        import regional_sim

        typer.echo(f"regional-sim {regional_sim.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def program(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    _debug: Annotated[
        bool, typer.Option(DEBUG, help="On an error, print where in the program it came from.")
    ] = False,
) -> None:
    """Simulate what posture policies do to regional tension and mistaken escalation.

    \b
    Examples:
      regional-sim init my_study
      regional-sim describe scenarios
      regional-sim run four_states --replicates 20 --out results/first
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
