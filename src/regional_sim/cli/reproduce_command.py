"""``regional-sim reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options

if TYPE_CHECKING:
    from regional_sim.analysis.reproduce.original import Original
    from regional_sim.analysis.reproduce.reproduction import Reproduction

REPRODUCE_EXAMPLES: Final = """\
regional-sim run two_states --replicates 20 --out results/demo
regional-sim reproduce results/demo
regional-sim reproduce results/demo --tolerance 1e-12 --out results/again
"""


def reproduce(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A finished result folder, from here or elsewhere."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR2",
            help="Keep what comes out in this new folder.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance",
            metavar="REL",
            help="Largest relative difference of two numbers that is let pass; integers and texts"
            " must be equal.",
        ),
    ] = 0.0,
    workers: options.Workers = 1,
    quiet: options.Quiet = False,
) -> None:
    """Run a result again from its folder alone, and compare every cell.

    Prints match, or the first cell that differs with both values. Says whether a table was altered
    after the run, and which versions are not the same here. Exits with 0 where all matches, 1
    where something differs, 2 where the folder cannot be run again.
    """
    from regional_sim.analysis.reproduce.judging import check_tolerance
    from regional_sim.analysis.reproduce.original import original_of
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.reproduction import original_text, reproduction_text

    check_tolerance(tolerance)
    original = original_of(folder)
    console = output()
    if not quiet:
        print_path(console, f"reproduce {folder}")
        console.print(f"{original_text(original, console.width)}\n", soft_wrap=True)
    found = _again(original, out, tolerance, workers, quiet=quiet)
    if not quiet:
        console.print(reproduction_text(found, console.width), soft_wrap=True)
        if out is not None:
            print_path(console, f"\nWritten to {out}")
    raise typer.Exit(0 if found.matches else 1)


def _again(
    original: Original, out: Path | None, tolerance: float, workers: int, *, quiet: bool
) -> Reproduction:
    """Run a result again, then compare, each with its own progress."""
    from regional_sim.analysis.reproduce.judging import judged, room, run_again
    from regional_sim.cli.run import ended_like_interrupts
    from regional_sim.cli.terminal import compile_model, progress

    with ended_like_interrupts(), room(out) as folder:
        with progress(quiet=quiet, first=compile_model) as update:
            run_again(original, folder, workers, update)
        with progress(quiet=quiet, unit="rows") as update:
            return judged(original, folder, tolerance, update)
