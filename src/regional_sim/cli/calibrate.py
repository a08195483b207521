"""``regional-sim calibrate``: from priors and observed targets to a posterior."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options

if TYPE_CHECKING:
    from regional_sim.runner.options import Progress

CALIBRATE_EXAMPLES: Final = """\
regional-sim calibrate calibration_two_states --out results/posterior
regional-sim calibrate calibration_two_states --recover 40 \\
    --out results/posterior --resume
"""


def calibrate(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT",
            help="A YAML file, or a shipped experiment's name, whose design samples priors and"
            " which has targets.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder to make.", show_default=False),
    ],
    waves: Annotated[
        int,
        typer.Option(
            "--waves", metavar="N", help="Waves of runs; the first is the experiment's design."
        ),
    ] = 2,
    points: Annotated[
        int | None,
        typer.Option(
            "--points",
            metavar="N",
            help="Points of each further wave.",
            show_default="as many as the design has",
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", help="Draws of the posterior.")
    ] = 500,
    checked: Annotated[
        int,
        typer.Option("--check", metavar="N", help="Draws that are run again, to judge them."),
    ] = 100,
    recover: Annotated[
        int,
        typer.Option(
            "--recover",
            metavar="N",
            help="Simulate data at N draws of the prior, and test whether calibration finds them"
            " again.",
        ),
    ] = 0,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="S",
            help="Seed of what is drawn here; the runs have the experiment's.",
        ),
    ] = 0,
    _imports: options.Imports = None,
    workers: options.Workers = 1,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with an unfinished calibration in DIR, also to add --recover.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a calibration that DIR holds.")
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Calibrate priors to observed targets, on the engine.

    Runs the design, fits an emulator of each target, runs further points where nothing is ruled
    out, and weights prior draws by how well they fit. Writes posterior.csv, which any experiment
    can sample, and prints how well draws of it predict each target, in runs of their own, and which
    factors the targets inform. `make calibrate` is something else: it sets the stakes and restraint
    of each pair.
    """
    from regional_sim.answers.posterior.calibration_tables import calibrate_posterior
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.figures.posterior import write_calibration_figures
    from regional_sim.report.calibration_page import calibration_text

    @contextmanager
    def stage(text: str) -> Iterator[Progress | None]:
        """Say what comes next, and show progress of its runs."""
        from regional_sim.cli.terminal import compile_model, progress

        if not quiet:
            _say(text)
        with progress(quiet=quiet, first=compile_model) as update:
            yield update

    found = calibrate_posterior(
        experiment,
        out,
        workers=workers,
        resume=resume,
        force=force,
        stage=stage,
        waves=waves,
        points=points,
        draws=draws,
        checked=checked,
        recover=recover,
        seed=seed,
    )
    write_calibration_figures(found, out)
    if not quiet:
        console = output()
        console.print(calibration_text(found, console.width), soft_wrap=True, end="")
        print_path(console, f"\nWritten to {out}: posterior.csv, tables and figures")


def _say(text: str) -> None:
    """Tell on standard error what goes on."""
    from regional_sim.cli.terminal import notes, print_path

    print_path(notes(), text)
