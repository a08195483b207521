"""``regional-sim sensitivity``: what decides an outcome of a result, or of an experiment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names
from regional_sim.errors import InputError

if TYPE_CHECKING:
    from regional_sim.answers.sensitivity.factor_sensitivity import Sensitivity
    from regional_sim.answers.sensitivity.screening import Screening
    from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest
    from regional_sim.experiment import Experiment
    from regional_sim.results.load import Results

SENSITIVITY_EXAMPLES: Final = """\
regional-sim init my_study --scenario two_states
regional-sim sensitivity my_study/experiment.yaml --factors signals \\
    --trajectories 4 --n 16 --replicates 2 --out results/stages
regional-sim sensitivity results/stages/screen --metrics tension \\
    --out results/tension.md --figure results/tension.png
"""


@dataclass(frozen=True)
class _Shown:
    """What is printed, written and drawn."""

    everything: bool
    force: bool
    quiet: bool


def sensitivity(  # noqa: PLR0913, PLR0917 (an argument for each option)
    given: Annotated[
        str,
        typer.Argument(
            metavar="DIR|EXPERIMENT",
            help="A finished sweep; or an experiment, a file or a shipped name, to be run in two"
            " stages.",
            show_default=False,
        ),
    ],
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="NAME,...",
            help="Metrics, each as the difference to the first posture where there is one.",
            show_default="the experiment's outcomes",
        ),
    ] = "",
    window: options.WindowName = "whole",
    posture: Annotated[
        str,
        typer.Option(
            "--posture", metavar="LABEL,...", help="Of which postures.", show_default="the second"
        ),
    ] = "",
    level: Annotated[
        bool,
        typer.Option("--level", help="Ask for the postures' own levels, not for differences."),
    ] = False,
    factors: Annotated[
        str,
        typer.Option(
            "--factors",
            metavar="NAME,...",
            help="Of a result, the factors to tell of. Of an experiment, what to vary over its"
            " documented range in place of its own factors: all, stipulated, options, a mechanism"
            " such as align, or a path such as parameters.brokerage.",
            show_default="all that vary",
        ),
    ] = "",
    method: Annotated[
        str | None,
        typer.Option(
            "--method",
            metavar="morris|sobol|main_effects",
            help="Of a result: elementary effects (of a morris design), Sobol indices (of a"
            " saltelli design), or shares of single factors (of any).",
            show_default="by the design",
        ),
    ] = None,
    all_factors: Annotated[
        bool, typer.Option("--all-factors", help="List also the factors that hardly matter.")
    ] = False,
    keep_unstable: Annotated[
        bool, typer.Option("--keep-unstable", help="Use points whose start is unstable, too.")
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Seed of the bootstrap, and of new designs.")
    ] = 1,
    resamples: Annotated[
        int, typer.Option("--resamples", metavar="N", help="Resamples of each bootstrap interval.")
    ] = 1000,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Of a result, a file for everything (.csv, .json or .md). Of an experiment, the"
            " folder for its two sweeps, tables and figures.",
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Of a result: draw it (.png, .pdf or .svg)."),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option("--runs", metavar="N", help="Of an experiment: about so many runs in all."),
    ] = None,
    trajectories: Annotated[
        int | None,
        typer.Option(
            "--trajectories",
            metavar="N",
            help="Of an experiment: trajectories of the screening.",
            show_default="10",
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "--n",
            metavar="N",
            help="Of an experiment: blocks of the second stage, a power of two.",
            show_default="128",
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--most",
            metavar="N",
            help="Of an experiment: factors of the second stage, at most.",
            show_default="8",
        ),
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            metavar="N",
            help="Of an experiment: runs of each posture at each point.",
            show_default="the experiment's",
        ),
    ] = None,
    workers: options.Workers = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Of an experiment: go on with what PATH holds.")
    ] = False,
    _imports: options.Imports = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Tell which factors decide an outcome, and in which direction.

    Of a finished sweep: elementary effects, Sobol indices or shares of single factors, whichever
    its design carries, with bootstrap intervals. An experiment is run in two stages: a Morris
    screening of all its factors, then Sobol indices of those that make up 90 % of the squared
    effects of an outcome. Points with an unstable start are left out.
    """
    from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest

    request = SensitivityRequest(
        metrics=names(metrics),
        window=window,
        postures=names(posture),
        level=level,
        factors=names(factors),
        method=method,
        keep_unstable=keep_unstable,
        resamples=resamples,
        seed=seed,
    )
    of_stages = {
        "runs": runs,
        "trajectories": trajectories,
        "n": n,
        "most": most,
        "replicates": replicates,
    }
    shown = _Shown(all_factors, force, quiet)
    if Path(given).is_dir():
        _refuse({**of_stages, "resume": resume or None}, "this is a result; it takes an experiment")
        _of_result(Path(given), request, out, figure, shown)
        return
    what = "this is for a result; an experiment is run, and chooses by itself"
    _refuse({"method": method, "figure": figure}, what)
    chosen = {name: value for name, value in of_stages.items() if value is not None}
    _of_experiment(given, request, out, {**chosen, "seed": seed}, (workers, resume), shown)


def _refuse(given: dict[str, Any], what: str) -> None:
    """Refuse options that have nothing to do with what is analysed."""
    for name, value in given.items():
        if value is not None:
            raise InputError(what, key=f"--{name}", value=str(value))


def _of_result(
    folder: Path,
    request: SensitivityRequest,
    out: Path | None,
    figure: Path | None,
    shown: _Shown,
) -> None:
    """Analyse a finished sweep, print what was found, and write files."""
    from regional_sim.analysis.result_comparison import check_target
    from regional_sim.answers.sensitivity.screening import INDICES
    from regional_sim.answers.sensitivity.sensitivity import sensitivity_of
    from regional_sim.cli.terminal import compile_model, output, print_path, progress
    from regional_sim.figures.style import check_figure
    from regional_sim.report.sensitivity import sensitivity_text, write_sensitivity
    from regional_sim.results.folder import PLAN
    from regional_sim.results.load import load_results

    if out is not None:
        check_target(out, force=shown.force)
    if figure is not None:
        check_figure(figure, force=shown.force)
    if not (folder / PLAN).exists() and (folder / INDICES / PLAN).exists():
        folder /= INDICES
    results = load_results(folder)
    with progress(quiet=shown.quiet, unit="points", first=compile_model) as update:
        found = sensitivity_of(results, request, update)
    if out is not None:
        write_sensitivity(found, out, force=shown.force)
    if figure is not None:
        _draw(found, figure)
    if not shown.quiet:
        console = output()
        text = sensitivity_text(found, console.width, everything=shown.everything)
        console.print(text, soft_wrap=True, end="")
        if written := [str(one) for one in (out, figure) if one is not None]:
            print_path(console, f"\nWritten to {' and '.join(written)}")


def _draw(found: Sensitivity, path: Path) -> None:
    from regional_sim.errors import os_reason
    from regional_sim.figures.sensitivity_bars import sensitivity_figure

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sensitivity_figure(found, path)
    except OSError as error:
        what = f"this figure cannot be written: {os_reason(error)}"
        raise InputError(what, where=str(path)) from None


def _of_experiment(
    given: str,
    request: SensitivityRequest,
    out: Path | None,
    stages: dict[str, Any],
    how: tuple[int, bool],
    shown: _Shown,
) -> None:
    """Run both stages, print what each tells, and write it beside the sweeps."""
    from regional_sim.answers.sensitivity.screening import Screening, ScreeningOptions, two_stages
    from regional_sim.answers.sensitivity.sensitivity import sensitivity_of
    from regional_sim.cli.plan_page import print_plan
    from regional_sim.cli.terminal import (
        compile_model,
        compile_notice,
        notes,
        output,
        print_path,
        progress,
    )
    from regional_sim.experiment import load_experiment
    from regional_sim.report.sensitivity import sensitivity_text, write_sensitivity
    from regional_sim.runner.estimate import planned
    from regional_sim.runner.options import RunOptions
    from regional_sim.runner.runner import run_plan

    workers, resume = how
    run_options = RunOptions(workers=workers, resume=resume, force=shown.force)
    wanted = ScreeningOptions(**stages, factors=request.factors)
    screening = Screening.of(load_experiment(given), wanted, request.postures)
    screening.refuse_unknown(request.metrics, request.window)
    if out is None or out.suffix in {".csv", ".json", ".md"}:
        what = "an experiment is run into a folder, and this names none"
        raise InputError(what, key="--out", value=str(out) if out else None, hint="--out DIR")
    if not (resume or shown.force):
        _refuse_present_files(out)
    console = output()

    def run(experiment: Experiment, folder: Path) -> None:
        plan = planned(experiment)
        if not shown.quiet:
            print_plan(plan, workers, folder, pilot=compile_notice() is None)

        def notice(text: str) -> None:
            if not shown.quiet:
                print_path(notes(), text)

        with progress(quiet=shown.quiet, first=compile_model) as update:
            run_plan(plan, folder, replace(run_options, progress=update, notice=notice))

    def analyse(results: Results) -> Sensitivity:
        with progress(quiet=shown.quiet, unit="points", first=compile_model) as update:
            return sensitivity_of(results, replace(request, factors=()), update)

    if not shown.quiet:
        print_path(console, _stages_in_words(screening))
    name = ""
    for name, found in two_stages(screening, out, run, analyse):
        write_sensitivity(found, out / f"{name}.csv", force=True)
        write_sensitivity(found, out / f"{name}.md", force=True)
        _draw(found, out / f"{name}.png")
        if not shown.quiet:
            text = sensitivity_text(found, console.width, everything=shown.everything)
            console.print(text, soft_wrap=True)
    if not shown.quiet:
        print_path(console, _ending(name, out))


def _refuse_present_files(folder: Path) -> None:
    """Refuse files that have the names of what will be written."""
    from regional_sim.errors import OutputExistsError

    for path in _files_of_stages(folder):
        if path.exists():
            hint = "go on with it (--resume), replace it (--force), or name another folder"
            raise OutputExistsError("a file is there already", where=str(path), hint=hint)


def _files_of_stages(folder: Path) -> list[Path]:
    """List the tables and figures of both stages."""
    from regional_sim.answers.sensitivity.screening import INDICES, SCREEN

    return [
        folder / f"{name}{end}" for name in (SCREEN, INDICES) for end in (".csv", ".md", ".png")
    ]


def _stages_in_words(screening: Screening) -> str:
    """Say what will be run."""
    many, budget = len(screening.priors), screening.options
    return (
        f"Stage 1 screens {many} factors: {budget.trajectories} trajectories of {many + 1} points,"
        f" {screening.first().n_runs} runs.\n"
        f"Stage 2 takes those that matter, at most {budget.most}: {budget.n} blocks, at most"
        f" {screening.most_runs()} runs.\n"
    )


def _ending(last: str, out: Path) -> str:
    """Say what was written, and why there is no second stage if there is none."""
    from regional_sim.answers.sensitivity.screening import INDICES, SCREEN

    files = [path.name for path in _files_of_stages(out)]
    if last == INDICES:
        return f"Written to {out}: {', '.join(files)}, and the sweeps in {SCREEN}/ and {INDICES}/"
    return (
        "No factor moves an outcome by more than replicate noise would, so there is no"
        f" second stage.\nWritten to {out}: {', '.join(files[:3])}, and the sweep in {SCREEN}/"
    )
