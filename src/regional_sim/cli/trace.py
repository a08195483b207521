"""``regional-sim trace``: one run explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from regional_sim.cli import options

TRACE_EXAMPLES: Final = """\
regional-sim trace four_states --posture new_approach
regional-sim trace four_states --month 20..30 --pair CHN-TWN
regional-sim run four_states --replicates 3 --out results/first
regional-sim trace results/first --replicate 2 --month 27 --state CHN
regional-sim trace results/first --replicate 2 --out results/log.csv \\
    --figure results/ladder.png
"""


def trace(  # noqa: PLR0913, PLR0917 (an argument for each option)
    given: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|DIR",
            help="A finished result, whose run is made again; or a scenario, for a new run.",
            show_default=False,
        ),
    ],
    replicate: Annotated[
        int, typer.Option("--replicate", metavar="N", help="Number of the replicate, from 0.")
    ] = 0,
    posture: Annotated[
        str | None,
        typer.Option(
            "--posture",
            metavar="POSTURE",
            help="Posture of the run, by its label in a result, or as run takes it.",
            show_default="the result's first, or traditional",
        ),
    ] = None,
    point: Annotated[
        int, typer.Option("--point", metavar="K", help="Number of the point of a sweep.")
    ] = 0,
    month: Annotated[
        str | None,
        typer.Option(
            "--month",
            "--months",
            metavar="M|A..B",
            help="A month of the run, from 1, or the first and the last one.",
            show_default="all",
        ),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="CODE", help="What a state does, and what is done to it."),
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option("--pair", metavar="CODE-CODE", help="What two states do to each other."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print all entries of the log, not the notable ones.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="S", help="Master seed of a new run.", show_default="0"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a value of the scenario. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write the log with all payoffs (.csv), all that was asked about (.json), or what"
            " is printed (.md).",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure",
            metavar="FILE",
            help="Draw who climbed the ladder, and when: .png, .svg or .pdf.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    _imports: options.Imports = None,
    quiet: options.Quiet = False,
) -> int:
    """Tell what happened in one run, and why.

    Prints a log: who did what to whom, with which chance as the state saw it and in truth, what
    weighed most, and what followed. --month M with --state or --pair prints all that weighed in
    that month. Exits with 1 where a run of a result does not come out as its row in runs.csv.
    """
    from regional_sim.analysis.result_comparison import check_target
    from regional_sim.answers.trace.trace import traced
    from regional_sim.cli.terminal import compile_model, output, print_path
    from regional_sim.report.trace import trace_text, write_trace

    if figure is not None:
        from regional_sim.figures.style import check_figure

        check_figure(figure, force=force)
    if out is not None:
        check_target(out, force=force)
    found = traced(
        given,
        replicate=replicate,
        posture=posture,
        point=point,
        seed=seed,
        settings=settings or (),
        months=month,
        state=state,
        pair=pair,
        key="--",
        first=None if quiet else compile_model,
    )
    if out is not None:
        write_trace(found, out, everything=everything, force=force)
    if figure is not None:
        from regional_sim.figures.ladder import ladder_figure
        from regional_sim.figures.style import own_style, save_figure

        with own_style():
            drawn = ladder_figure(found)
        save_figure(drawn, figure)
    if not quiet:
        console = output()
        text = trace_text(found, console.width, everything=everything)
        console.print(text, soft_wrap=True, end="")
        if written := [str(one) for one in (out, figure) if one is not None]:
            print_path(console, f"\nWritten to {' and '.join(written)}")
    return 1 if found.check is not None and not found.check.same else 0
