"""``regional-sim skill``: how well the model forecasts observed months."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names
from regional_sim.errors import InputError, OutputExistsError, os_reason, shown

if TYPE_CHECKING:
    from regional_sim.answers.skill.observables import MonthlySeries, Observable
    from regional_sim.answers.skill.skill import Skill, SkillPlan
    from regional_sim.scenario import Scenario

SKILL_EXAMPLES: Final = """\
regional-sim skill --list
regional-sim skill --drawn --replicates 16 --only senkaku_contiguous \\
    --out results/skill_drawn
"""

LEAST_RUNS: Final = 8
"""Runs that give simulated months enough to choose from."""


def skill(  # noqa: PLR0913, PLR0917 (an argument for each option)
    data: Annotated[
        Path | None,
        typer.Argument(
            metavar="DATA",
            help="The folder with the CSV files of observed months; --list says which, and their"
            " form.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        str,
        typer.Option("--only", metavar="NAME,...", help="Series to score.", show_default="all"),
    ] = "",
    fit_from: Annotated[
        str, typer.Option("--fit-from", metavar="MONTH", help="First month that is fitted to.")
    ] = "2010-01",
    fit_until: Annotated[
        str,
        typer.Option(
            "--fit-until",
            metavar="MONTH",
            help="Last month that is fitted to, and the first origin; later ones are scored.",
        ),
    ] = "2018-12",
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="MONTH",
            help="Last month that is scored.",
            show_default="the last of the files",
        ),
    ] = None,
    horizons: Annotated[
        str, typer.Option("--horizons", metavar="N,...", help="Months ahead, up to 24.")
    ] = "1,3,6,12",
    refit: Annotated[
        bool,
        typer.Option("--refit", help="Fit all again at each origin, to all months up to it."),
    ] = False,
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario",
            metavar="NAME|FILE",
            help="World that is simulated, under the traditional posture.",
        ),
    ] = "world_2010",
    replicates: Annotated[
        int, typer.Option("--replicates", "-n", metavar="N", help="Runs of 20 years to simulate.")
    ] = 256,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="S", help="Seed of the runs, of noise and of resamples."),
    ] = 2018,
    workers: options.Workers = 1,
    drawn: Annotated[
        bool,
        typer.Option(
            "--drawn",
            help="In place of DATA, score series drawn from a run of the model itself: the skill"
            " it would have if it were right.",
        ),
    ] = False,
    list_series: Annotated[
        bool, typer.Option("--list", help="Print the series, their files and sources, and stop.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the tables, as CSV, and the figures."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files of an earlier scoring in DIR.")
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Score the model's forecasts of observed months against simple ones.

    Forecasts are made from every month after those that are fitted to, and compared with
    persistence, the same month a year before, a first-order autoregression, and climatology: by
    CRPS, Brier score and coverage of intervals. With --out, forecasts of months that are not yet
    observed are written too, so that they can be scored later.
    """
    from regional_sim.answers.skill.forecast_scores import need_scoring_library
    from regional_sim.answers.skill.observables import chosen_observables
    from regional_sim.cli.terminal import output
    from regional_sim.report.skill import observables_text
    from regional_sim.runner.options import RunOptions
    from regional_sim.scenario import load_scenario

    chosen = chosen_observables(names(only))
    if list_series:
        output().print(observables_text(output().width, chosen), soft_wrap=True, end="")
        return
    plan = _plan(fit_from, fit_until, horizons, refit=refit, seed=seed)
    if replicates < LEAST_RUNS:
        raise InputError(f"must be at least {LEAST_RUNS}", key="--replicates", value=replicates)
    RunOptions(workers=workers)  # Refuse a number that is none before any work.
    world = load_scenario(scenario)
    need_scoring_library()
    series = _series(data, chosen, until, world, plan, drawn=drawn)
    if out is not None:
        _make_folder(out, force=force)
    found = _scored(series, world, plan, replicates, workers, quiet=quiet)
    source = "drawn from the model itself" if drawn else str(data)
    if out is not None:
        _write(found, out, source if drawn else "observed")
    if not quiet:
        runs = f"{scenario}, {replicates} runs, seed {seed}"
        _print(found, source, runs, out)


def _plan(fit_from: str, fit_until: str, horizons: str, *, refit: bool, seed: int) -> SkillPlan:
    from regional_sim.answers.skill.observables import as_month
    from regional_sim.answers.skill.skill import SkillPlan

    ahead = set()
    for one in names(horizons):
        if not one.isdecimal():
            raise InputError("must be whole numbers of months", key="--horizons", value=one)
        ahead.add(int(one))
    if not ahead:
        raise InputError("names no months", key="--horizons", value=horizons)
    if seed < 0:
        raise InputError("must be at least 0", key="--seed", value=seed)
    return SkillPlan(
        as_month(fit_from, key="--fit-from"),
        as_month(fit_until, key="--fit-until"),
        tuple(sorted(ahead)),
        refit,
        seed,
    )


def _series(
    data: Path | None,
    chosen: Sequence[Observable],
    until: str | None,
    world: Scenario,
    plan: SkillPlan,
    *,
    drawn: bool,
) -> list[MonthlySeries]:
    """Read the series, or draw them."""
    from regional_sim.answers.skill.observables import as_month, read_observable
    from regional_sim.answers.skill.simulated_months import drawn_series

    last = None if until is None else as_month(until, key="--until")
    if drawn:
        if data is not None:
            raise InputError("series are read or drawn, not both", key="--drawn", value=str(data))
        return drawn_series(world, chosen, last or as_month("2025-06"), plan.seed)
    if data is None:
        hint = "regional-sim skill --list says which files belong in it"
        raise InputError("name the folder with the observed months", key="DATA", hint=hint)
    if not data.is_dir():
        raise InputError("this is no folder", where=str(data))
    return [read_observable(data, one, last) for one in chosen]


def _scored(
    series: Sequence[MonthlySeries],
    world: Scenario,
    plan: SkillPlan,
    replicates: int,
    workers: int,
    *,
    quiet: bool,
) -> Skill:
    """Simulate, forecast and score, with progress."""
    from regional_sim.answers.skill.simulated_months import simulate_months
    from regional_sim.answers.skill.skill import check_length, score_series
    from regional_sim.cli.terminal import compile_model, progress

    for one in series:
        check_length(one, plan)
    with progress(quiet=quiet, first=compile_model) as update:
        simulated = simulate_months(
            world,
            [one.observable for one in series],
            plan.seed,
            replicates,
            workers=workers,
            progress=update,
        )
    return score_series(series, simulated, plan)


_FIGURES: Final = ("skill.png", "forecasts.png")


def _make_folder(folder: Path, *, force: bool) -> None:
    """Make the folder; refuse one that cannot be made, or holds what would be replaced."""
    from regional_sim.answers.skill.skill_tables import SKILL_TABLES

    files = (*SKILL_TABLES, *_FIGURES)
    taken = [name for name in files if (folder / name).exists()]
    if taken and not force:
        what = f"holds {shown(taken[0])} already"
        hint = "name another folder, or use --force"
        raise OutputExistsError(what, where=str(folder), hint=hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError("this is a file, not a folder", where=str(folder)) from None
    except OSError as error:
        what = f"this folder cannot be made: {os_reason(error)}"
        raise InputError(what, where=str(folder)) from None


def _write(found: Skill, folder: Path, source: str) -> None:
    from regional_sim.answers.kept_folder import write_csv
    from regional_sim.answers.skill.skill_tables import FITS_TABLE, SKILL_TABLES
    from regional_sim.figures.kinds import draw_kind
    from regional_sim.figures.skill import SOURCE_COLUMN
    from regional_sim.figures.style import save_figure

    tables = {name: getattr(found, Path(name).stem) for name in SKILL_TABLES}
    tables[FITS_TABLE] = found.fits.assign(**{SOURCE_COLUMN: source})
    try:
        for name, table in tables.items():
            write_csv(table, folder / name)
    except OSError as error:
        raise InputError(f"cannot be written: {os_reason(error)}", where=str(folder)) from None
    for file in _FIGURES:
        save_figure(draw_kind(folder, Path(file).stem), folder / file)


def _print(found: Skill, source: str, runs: str, out: Path | None) -> None:
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.skill import skill_plan_text, skill_text

    console = output()
    print_path(console, skill_plan_text(found, source, runs, console.width))
    console.print()
    console.print(skill_text(found, console.width), soft_wrap=True, end="")
    if out is not None:
        print_path(console, f"\nWritten to {out}")
