"""``regional-sim sweep``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import arguments
from regional_sim.cli.arguments import names

if TYPE_CHECKING:
    from regional_sim.experiment import Experiment

EXAMPLES: Final = """\
regional-sim init my_study
regional-sim sweep my_study/experiment.yaml --replicates 10 \\
    --out results/sweep
"""


def sweep(  # noqa: PLR0913, PLR0917 (an argument for each option)
    experiment: Annotated[
        str,
        typer.Argument(metavar="EXPERIMENT", help="A YAML file, or a shipped experiment's name."),
    ],
    out: arguments.Out,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            "-n",
            metavar="N",
            help="Runs of each posture at each point.",
            show_default="the experiment's",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="S", help="Master seed.", show_default="the experiment's"),
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option(
            "--tables",
            metavar="NAME,...",
            help="Tables to write: runs, timeseries, states, dyads, events.",
            show_default="the experiment's",
        ),
    ] = None,
    engine: arguments.Engine = "ensemble",
    workers: arguments.Workers = 1,
    metrics: arguments.Metrics = "",
    all_metrics: arguments.AllMetrics = False,
    window: arguments.Window = "whole",
    plot: arguments.Plot = False,
    force: arguments.Force = False,
    quiet: arguments.Quiet = False,
) -> None:
    """Run a designed experiment.

    Every posture runs at every point of the design, on the same luck. Prints the plan, then what
    was found, and writes tables and a manifest to a result folder.
    """
    from regional_sim.cli.consoles import output
    from regional_sim.cli.execution import Order, execute, planned
    from regional_sim.report.findings import view_of
    from regional_sim.report.plans import plan_text

    asked = None if tables is None else names(tables)
    order = Order(out, engine, workers, asked, force, plot, quiet)
    question = _experiment(experiment, replicates, seed)
    plan = planned(question, order)
    view = view_of(plan, names(metrics), window, outcomes=question.outcomes, everything=all_metrics)
    if not quiet:
        console = output()
        console.print(f"{plan_text(plan, console.width)}\n", soft_wrap=True)
    execute(question, order, view)


def _experiment(name: str, replicates: int | None, seed: int | None) -> Experiment:
    """Load an experiment, with the numbers of the command line in place of its own."""
    from regional_sim.experiment import load_experiment
    from regional_sim.experiment.checks import with_numbers

    return with_numbers(load_experiment(name), replicates=replicates, seed=seed)
