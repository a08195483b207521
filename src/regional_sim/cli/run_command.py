"""``regional-sim run``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regional_sim.experiment import Experiment

RUN_EXAMPLES: Final = """\
regional-sim run four_states --posture traditional --posture new_approach \\
    --replicates 50 --seed 7 --plot --out results/first
regional-sim run two_states --posture traditional \\
    --posture levels:joint_patrols=0.8,label=patrols \\
    --set parameters.theta_challenger=0.7 --replicates 20 \\
    --out results/patrols
"""


def run(  # noqa: PLR0913, PLR0917 (an argument for each option)
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A YAML file, or a shipped scenario's name.")
    ],
    out: options.Out,
    posture: Annotated[
        list[str] | None,
        typer.Option(
            "--posture",
            "-p",
            metavar="NAME[:KEY=VALUE,...]",
            help="A policy, with settings and a label if need be. Repeat it to compare policies on"
            " the same random numbers; the first is the reference.",
            show_default="traditional",
        ),
    ] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", "-n", metavar="N", help="Runs of each posture.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Master seed.")] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a value of the scenario, such as parameters.theta_challenger=0.7."
            " Repeatable; of two on one key the later wins.",
        ),
    ] = None,
    clamp: Annotated[
        list[str] | None,
        typer.Option(
            "--clamp",
            metavar="CODE",
            help="Hold a state on the path it takes under traditional. Repeatable.",
        ),
    ] = None,
    tables: Annotated[
        str,
        typer.Option(
            "--tables",
            metavar="NAME,...",
            help="Tables to write: runs, timeseries, states, dyads, events.",
        ),
    ] = "runs",
    long_format: options.LongFormat = "csv",
    engine: options.EngineName = "ensemble",
    workers: options.Workers = 1,
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
    """Run a scenario under one or more postures.

    Every posture has the same random numbers. Prints each metric by posture, with the paired
    difference to the first posture and its 95 % interval, and writes tables and a manifest to a
    result folder.
    """
    from regional_sim.cli.execution import Order, execute, planned
    from regional_sim.report.findings import view_of

    manner = {
        "long_format": long_format,
        "on_error": on_error,
        "resume": resume,
        "retry_failed": retry_failed,
        "force": force,
    }
    order = Order(out, engine, workers, names(tables), plot, quiet, manner)
    experiment = _experiment(
        scenario, posture or ["traditional"], replicates, seed, setting or [], clamp or []
    )
    plan = planned(experiment, order)
    view = view_of(plan, names(metrics), window, everything=all_metrics)
    raise typer.Exit(execute(experiment, order, view))


def _experiment(
    scenario: str,
    postures: Sequence[str],
    replicates: int,
    seed: int,
    settings: Sequence[str],
    clamp: Sequence[str],
) -> Experiment:
    """Make an experiment of one point."""
    from regional_sim.experiment import single_point
    from regional_sim.scenario import load_scenario
    from regional_sim.scenario.layers import parse_setting

    if settings:
        # Refused here, a setting is named as it was written on the command line.
        load_scenario(scenario, settings=settings)
    return single_point(
        load_scenario(scenario),
        postures,
        seed=seed,
        replicates=replicates,
        settings={one.path: one.value for one in map(parse_setting, settings)},
        clamp=clamp,
    )
