"""``regional-sim sweep``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

if TYPE_CHECKING:
    from regional_sim.experiment import Experiment

SWEEP_EXAMPLES: Final = """\
regional-sim init my_study
regional-sim sweep my_study/experiment.yaml --replicates 10 \\
    --out results/sweep
regional-sim sweep my_study/experiment.yaml --replicates 10 \\
    --out results/sweep --resume
"""


def sweep(  # noqa: PLR0913, PLR0917 (an argument for each option)
    experiment: Annotated[
        str,
        typer.Argument(metavar="EXPERIMENT", help="A YAML file, or a shipped experiment's name."),
    ],
    out: options.Out,
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
    long_format: options.LongFormat = "csv",
    engine: options.EngineName = "ensemble",
    workers: options.Workers = 1,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS|local",
            help="Run on a Dask cluster: that of a scheduler such as tcp://10.0.0.1:8786, or one of"
            " --workers processes on this machine.",
            show_default="none",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="Run a part: the I-th of N. The command merge makes tables of all of them.",
            show_default="all",
        ),
    ] = None,
    on_error: options.OnError = "stop",
    resume: options.Resume = False,
    retry_failed: options.RetryFailed = False,
    metrics: options.Metrics = "",
    all_metrics: options.AllMetrics = False,
    window: options.WindowName = "whole",
    plot: options.Plot = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Run a designed experiment.

    Every posture runs at every point of the design, on the same random numbers. Prints the plan,
    then what was found, and writes tables and a manifest to a result folder.
    """
    from regional_sim.cli.execution import (
        RETRY,
        Order,
        execute,
        execute_only,
        planned,
        shard_counts,
    )
    from regional_sim.cli.terminal import notes, output, print_path
    from regional_sim.experiment.tasks import Shard
    from regional_sim.report.findings import view_of
    from regional_sim.report.plans import plan_text

    asked = None if tables is None else names(tables)
    part = Shard() if shard is None else Shard.parse(shard)
    manner = {
        "long_format": long_format,
        "dask": dask,
        "shard": part,
        "on_error": on_error,
        "resume": resume,
        "retry_failed": retry_failed,
        "force": force,
    }
    order = Order(out, engine, workers, asked, plot, quiet, manner)
    question = _experiment(experiment, replicates, seed)
    plan = planned(question, order)
    view = view_of(plan, names(metrics), window, outcomes=question.outcomes, everything=all_metrics)
    console = output()
    if not quiet:
        console.print(f"{plan_text(plan, console.width)}\n", soft_wrap=True)
    if part.is_whole:
        raise typer.Exit(execute(question, order, view))
    execute_only(question, order)
    n_runs, n_failed = shard_counts(out)
    if not quiet:
        print_path(console, f"Shard {part} is finished in {out}, {n_runs} runs. When all are:")
        print_path(console, f"  regional-sim merge {out} ... --out DIR")
    if n_failed:
        print_path(notes(), f"{n_failed} runs failed: see {out}/failures.csv; {RETRY}")
        raise typer.Exit(1)


def _experiment(name: str, replicates: int | None, seed: int | None) -> Experiment:
    """Load an experiment, with the numbers of the command line in place of its own."""
    from regional_sim.experiment import load_experiment
    from regional_sim.experiment.load import with_numbers

    return with_numbers(load_experiment(name), replicates=replicates, seed=seed)
