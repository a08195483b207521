"""``regional-sim discover`` and ``flips``: where a condition holds, and where an effect flips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

if TYPE_CHECKING:
    from regional_sim.answers.outcomes import PointResults

DISCOVER_EXAMPLES: Final = """\
regional-sim sweep flip_map --replicates 4 --out results/flip
regional-sim discover results/flip --where "tension.difference < 0" \\
    --out results/where.md --figure results/where.png
"""

FLIPS_EXAMPLES: Final = """\
regional-sim sweep flip_map --replicates 4 --out results/flip
regional-sim flips results/flip --figure results/flip.png
regional-sim flips results/flip --outcome miscalculation_risk.difference \\
    --posture reassurance --out results/flip.csv
"""

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="A finished sweep.", show_default=False)
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write what was found; the ending .csv, .json or .md says how.",
    ),
]
FigureFile = Annotated[
    Path | None, typer.Option("--figure", metavar="FILE", help="Draw it: .png, .pdf or .svg.")
]
WindowOfOutcome = Annotated[
    str,
    typer.Option("--window", metavar="NAME", help="Months of the outcome: a window of the result."),
]
KeepUnstable = Annotated[
    bool, typer.Option("--keep-unstable", help="Use points whose start is unstable, too.")
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="S", help="Seed of all that is drawn by chance.")
]
ForceFiles = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


def discover(
    folder: Folder,
    where: Annotated[
        list[str],
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="METRIC or METRIC.difference (to the first posture), then <, <=, > or >=, then a"
            " number, in quotes. Repeatable: all must hold.",
            show_default=False,
        ),
    ],
    posture: Annotated[
        str | None,
        typer.Option(
            "--posture", metavar="LABEL", help="Of this posture.", show_default="the second"
        ),
    ] = None,
    window: WindowOfOutcome = "whole",
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="tree|prim",
            help="Boxes by a classification tree, or by PRIM (needs the extra discovery).",
        ),
    ] = "tree",
    keep_unstable: KeepUnstable = False,
    seed: Seed = 1,
    out: OutFile = None,
    figure: FigureFile = None,
    force: ForceFiles = False,
    quiet: options.Quiet = False,
) -> None:
    """Find where in the space of its factors a condition holds.

    Prints at how many points of a finished sweep it holds, boxes in which it mostly does (density
    is the share of their points at which it holds, coverage their share of all at which it does),
    and which factors decide it, with how much better than guessing this is on points left out.
    """
    from regional_sim.answers.discovery.discovery import DiscoveryRequest, discovered
    from regional_sim.cli.terminal import output, print_path, progress
    from regional_sim.figures.style import save_figure
    from regional_sim.report.discovery import discovery_text, write_discovery

    request = DiscoveryRequest(tuple(where), window, posture, method, keep_unstable, seed)
    _check_files(out, figure, force=force)
    points = _points(folder)
    with progress(quiet=quiet, unit="steps") as update:
        found = discovered(points, request, update)
    if not quiet:
        console = output()
        console.print(discovery_text(found, console.width), soft_wrap=True, end="")
    if out is not None:
        write_discovery(found, out, force=force)
    drawn = figure if found.boxes is not None else None
    if drawn is not None:
        from regional_sim.figures.discovery_boxes import discovery_figure

        save_figure(discovery_figure(found), drawn)
    if quiet:
        return
    if drawn is not figure:
        output().print("No figure is drawn, as there is no region to show.")
    if written := [str(one) for one in (out, drawn) if one is not None]:
        print_path(output(), f"\nWritten to {' and '.join(written)}")


def flips(
    folder: Folder,
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome",
            metavar="METRIC.difference",
            help="The difference to the first posture that is mapped.",
            show_default="of the experiment's first outcome",
        ),
    ] = None,
    x: Annotated[
        str | None,
        typer.Option(
            "--x",
            metavar="FACTOR",
            help="Factor along which the flip is looked for; its path, or the last part of it.",
            show_default="the one that matters most",
        ),
    ] = None,
    y: Annotated[
        str | None,
        typer.Option(
            "--y",
            metavar="FACTOR",
            help="Factor for whose levels it is told.",
            show_default="the next one",
        ),
    ] = None,
    posture: Annotated[
        str,
        typer.Option(
            "--posture",
            metavar="LABEL,...",
            help="Of these postures.",
            show_default="all but the first",
        ),
    ] = "",
    window: WindowOfOutcome = "whole",
    keep_unstable: KeepUnstable = False,
    seed: Seed = 1,
    out: OutFile = None,
    figure: FigureFile = None,
    force: ForceFiles = False,
    quiet: options.Quiet = False,
) -> None:
    """Map where the effect of a posture changes its sign over two factors.

    Of a grid over two factors its cells are shown; to any other sample of numbers a surface is
    fitted, as the average over the other factors. Prints for each level of one factor at which
    level of the other one the effect flips, with a 95 % interval, or which sign it keeps.
    """
    from regional_sim.answers.discovery.flips import FlipsRequest, flip_map
    from regional_sim.cli.terminal import output, print_path, progress
    from regional_sim.figures.style import save_figure
    from regional_sim.report.flips import flips_text, write_flips

    request = FlipsRequest(outcome, x, y, window, names(posture), keep_unstable, seed)
    _check_files(out, figure, force=force)
    points = _points(folder)
    with progress(quiet=quiet, unit="steps") as update:
        found = flip_map(points, request, update)
    if out is not None:
        write_flips(found, out, force=force)
    if figure is not None:
        from regional_sim.figures.flip_map import flips_figure

        save_figure(flips_figure(found), figure)
    if not quiet:
        console = output()
        console.print(flips_text(found, console.width), soft_wrap=True, end="")
        if written := [str(one) for one in (out, figure) if one is not None]:
            print_path(console, f"\nWritten to {' and '.join(written)}")


def _points(folder: Path) -> PointResults:
    """Open a finished sweep; of the name of an experiment say how to get one."""
    from regional_sim.answers.outcomes import PointResults
    from regional_sim.errors import InputError
    from regional_sim.results.load import load_results
    from regional_sim.scenario.files import shipped_experiments

    if not folder.exists() and (folder.suffix == ".yaml" or str(folder) in shipped_experiments()):
        hint = f"run it first: regional-sim sweep {folder} --out results/{folder.stem}"
        raise InputError("this is an experiment, and no result", where=str(folder), hint=hint)
    return PointResults(load_results(folder))


def _check_files(out: Path | None, figure: Path | None, *, force: bool) -> None:
    """Refuse files that cannot be written, before any work."""
    from regional_sim.analysis.result_comparison import check_target
    from regional_sim.figures.style import check_figure

    if out is not None:
        check_target(out, force=force)
    if figure is not None:
        check_figure(figure, force=force)
