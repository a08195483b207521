"""The command line: its commands in the order in which a study needs them."""

from __future__ import annotations

import textwrap
from typing import Annotated, Final

import typer

from regional_sim.cli import (
    calibrate,
    compare,
    dashboard,
    discover,
    hypotheses,
    inspect,
    optimise,
    plot,
    report_page,
    run,
    sensitivity,
    skill,
    trace,
)
from regional_sim.cli.program import DEBUG, Program

_PROGRAM_EXAMPLES: Final = """\
regional-sim init my_study
regional-sim describe scenarios
regional-sim run four_states --replicates 20 --out results/first
"""


def _examples(commands: str) -> str:
    """Mark examples so that the help keeps their lines as they are."""
    return "\b\nExamples:\n" + textwrap.indent(commands, "  ")


app = typer.Typer(
    name="regional-sim",
    cls=Program,
    epilog=_examples(_PROGRAM_EXAMPLES),
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=_examples(inspect.INIT_EXAMPLES))(inspect.init)
app.command(epilog=_examples(inspect.CHECK_EXAMPLES))(inspect.check)
app.command(epilog=_examples(inspect.DESCRIBE_EXAMPLES))(inspect.describe)
app.command(epilog=_examples(run.RUN_EXAMPLES["run"]))(run.run)
app.command(epilog=_examples(run.RUN_EXAMPLES["sweep"]))(run.sweep)
app.command(epilog=_examples(run.RUN_EXAMPLES["merge"]))(run.merge)
app.command(epilog=_examples(trace.TRACE_EXAMPLES))(trace.trace)
app.command(epilog=_examples(compare.COMPARE_EXAMPLES))(compare.compare)
app.command(epilog=_examples(compare.REPRODUCE_EXAMPLES))(compare.reproduce)
app.command(epilog=_examples(plot.PLOT_EXAMPLES))(plot.plot)
app.command(epilog=_examples(hypotheses.HYPOTHESES_EXAMPLES))(hypotheses.hypotheses)
app.command(epilog=_examples(sensitivity.SENSITIVITY_EXAMPLES))(sensitivity.sensitivity)
app.command(epilog=_examples(discover.DISCOVER_EXAMPLES))(discover.discover)
app.command(epilog=_examples(discover.FLIPS_EXAMPLES))(discover.flips)
app.command(epilog=_examples(calibrate.CALIBRATE_EXAMPLES))(calibrate.calibrate)
app.command(epilog=_examples(skill.SKILL_EXAMPLES))(skill.skill)
app.command(epilog=_examples(optimise.OPTIMISE_EXAMPLES))(optimise.optimise)
app.command(epilog=_examples(report_page.REPORT_EXAMPLES))(report_page.report)
app.command(epilog=_examples(dashboard.DASHBOARD_EXAMPLES))(dashboard.dashboard)
app.command(epilog=_examples(inspect.SCHEMA_EXAMPLES))(inspect.schema)


def main() -> None:
    """Run ``regional-sim`` with the arguments of the process, and exit."""
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
    """Simulate what posture policies do to regional tension and inadvertent escalation."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
