"""``regional-sim report``: one page of what a folder found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from regional_sim.cli import options

REPORT_EXAMPLES: Final = """\
regional-sim run two_states --posture traditional --posture reassurance \\
    --replicates 20 --tables runs,timeseries,states --out results/first
regional-sim report results/first
regional-sim report results/first --title "A first look" \\
    --out results/first_look.html
"""


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A finished folder of run, sweep, hypotheses, sensitivity, calibrate, optimise or"
            " skill.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE.html", help="Page to write.", show_default="DIR/report.html"
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title", metavar="TEXT", help="Title of the page.", show_default="the experiment's"
        ),
    ] = None,
    _imports: options.Imports = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a page that is there.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Write one HTML page that says what a folder found.

    It opens offline and prints: the question, what was run, the answer with its interval, figures,
    claims, who responds, sensitivity and discovery where the folder tells of them, runs that
    failed, settings that differ from the default, and how to reproduce and cite it. For some
    figures a few runs are made again; these say so.
    """
    from regional_sim.cli.terminal import compile_model, output, print_path, progress
    from regional_sim.html_report.page import write_report

    with progress(quiet=quiet, unit="points", first=compile_model) as update:
        file = write_report(folder, out, title=title, force=force, progress=update)
    if not quiet:
        print_path(output(), f"Written to {file}")
