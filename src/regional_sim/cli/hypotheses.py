"""``regional-sim hypotheses``: which claims hold, how widely, and what goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names
from regional_sim.errors import InputError, OutputExistsError, os_reason

if TYPE_CHECKING:
    from regional_sim.answers.hypotheses.judged import JudgedHypotheses

HYPOTHESES_EXAMPLES: Final = """\
regional-sim init my_study --scenario two_states
regional-sim hypotheses my_study/experiment.yaml --replicates 50 \\
    --out results/claims
regional-sim sweep my_study/experiment.yaml --replicates 4 \\
    --out results/mine
regional-sim hypotheses results/mine --only T1 --replicates 50 \\
    --no-responses --out results/mine.md --figure results/mine.png
"""

_OF_AN_EXPERIMENT: Final = "hypotheses"
"""Stem of the files that are written beside the runs of an experiment."""


def hypotheses(
    given: Annotated[
        str,
        typer.Argument(
            metavar="DIR|EXPERIMENT",
            help="A finished sweep; or an experiment, a file or a shipped name, to be run first.",
            show_default=False,
        ),
    ],
    claims: Annotated[
        str | None,
        typer.Option(
            "--claims",
            metavar="EXPERIMENT",
            help="Take the hypotheses of this experiment.",
            show_default="those of DIR or EXPERIMENT itself",
        ),
    ] = None,
    only: Annotated[
        str, typer.Option("--only", metavar="ID,...", help="Judge these.", show_default="all")
    ] = "",
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates",
            "-n",
            metavar="N",
            help="Runs of each posture in the world as it is, on which verdicts rest. A result"
            " without a design keeps its own.",
        ),
    ] = 1000,
    responses: Annotated[
        bool,
        typer.Option(
            "--responses/--no-responses",
            help="Tell through whose responses effects run, from runs with each of them held.",
        ),
    ] = True,
    base_rates: Annotated[
        str | None,
        typer.Option(
            "--base-rates",
            metavar="WORLD",
            help="Tell also in what share of the points that pass the base rates of disputes 1990"
            " to 2010 claims hold; points are tried in this world, such as world_2010.",
            show_default="none",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Of a result, a file for everything (.csv, .json or .md). Of an experiment, the"
            " folder for its runs, tables and figure; the same command goes on there.",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Of a result: draw it (.png, .pdf or .svg)."),
    ] = None,
    runs_in: Annotated[
        Path | None,
        typer.Option(
            "--runs-in",
            metavar="DIR2",
            help="Of a result: where the further runs are kept.",
            show_default="DIR/hypotheses",
        ),
    ] = None,
    workers: options.Workers = 1,
    _imports: options.Imports = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Judge claims by simulation: which hold, how widely, and what goes with it.

    Runs what is missing: the world as it is, the prior, and both with those held whose response a
    claim is about. Prints verdicts with 95 % intervals after Holm's correction, the share of the
    prior in which each claim holds, the parameter that decides, and whose responses matter.
    """
    from regional_sim.analysis.result_comparison import check_target
    from regional_sim.answers.hypotheses.hypotheses import judge_hypotheses
    from regional_sim.answers.hypotheses.hypothesis_sources import (
        runs_folder,
        source_of,
        stated_hypotheses,
    )
    from regional_sim.cli.terminal import compile_model, output, print_path, progress
    from regional_sim.figures.style import check_figure
    from regional_sim.report.hypotheses import hypotheses_text
    from regional_sim.results.load import Results
    from regional_sim.runner.runner import RunInterruptedError

    source = source_of(given)
    is_result = isinstance(source, Results)
    if not is_result and (figure, runs_in) != (None, None):
        what = "is for a result; of an experiment everything goes into the folder --out"
        key = "--figure" if figure is not None else "--runs-in"
        raise InputError(what, key=key, value=str(figure or runs_in))
    folder = runs_folder(source, runs_in if is_result else out)
    if is_result:
        if out is not None:
            check_target(out, force=force)
        if figure is not None:
            check_figure(figure, force=force)
        files = [one for one in (out, figure) if one is not None]
    else:
        files = [folder / f"{_OF_AN_EXPERIMENT}{ending}" for ending in (".csv", ".md", ".png")]
        _refuse_files_of_others(folder, files, force=force)
    stated = stated_hypotheses(source, claims)
    try:
        with progress(quiet=quiet, first=compile_model) as update:
            found = judge_hypotheses(
                source,
                stated,
                folder,
                only=names(only),
                replicates=replicates,
                responses=responses,
                base_rates=base_rates,
                workers=workers,
                # What stands below a result was made for its hypotheses.
                force=force or (is_result and runs_in is None),
                progress=update,
            )
    except RunInterruptedError:
        what = f"interrupted: runs that are done are kept in {folder}; the same command goes on"
        raise RunInterruptedError(what) from None
    for file in files:
        _write(found, file)
    if not quiet:
        console = output()
        console.print(hypotheses_text(found, console.width), soft_wrap=True, end="")
        if files:
            print_path(console, f"\nWritten to {', '.join(map(str, files))}")


def _refuse_files_of_others(folder: Path, files: list[Path], *, force: bool) -> None:
    """Refuse files of the names of ours in a folder that holds no runs of ours."""
    from regional_sim.answers.hypotheses.hypothesis_runs import AS_IT_IS

    if folder.suffix in {".csv", ".json", ".md"}:
        what = "an experiment is run into a folder, and this names a file"
        raise InputError(what, key="--out", value=str(folder), hint="--out DIR")
    if force or (folder / AS_IT_IS).is_dir():
        return
    for file in files:
        if file.exists():
            hint = "name another folder, or use --force"
            raise OutputExistsError("a file is there already", where=str(file), hint=hint)


def _write(found: JudgedHypotheses, path: Path) -> None:
    from regional_sim.figures.style import FIGURE_ENDINGS
    from regional_sim.report.hypotheses import write_hypotheses

    if path.suffix not in FIGURE_ENDINGS:
        write_hypotheses(found, path, force=True)
        return
    from regional_sim.figures.claims import hypotheses_figure

    try:
        hypotheses_figure(found, path)
    except OSError as error:
        what = f"this figure cannot be written: {os_reason(error)}"
        raise InputError(what, where=str(path)) from None
