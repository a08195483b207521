"""``regional-sim optimise``: search for a policy."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

OPTIMISE_EXAMPLES: Final = """\
regional-sim init my_study --scenario two_states
regional-sim optimise my_study/experiment.yaml --least tension \\
    --generations 2 --population 6 --points 2 --replicates 4 \\
    --final-points 2 --final-replicates 4 --out results/quick
regional-sim optimise my_study/experiment.yaml --least tension \\
    --require "miscalculation_risk <= 0.01" --no-feedback \\
    --instruments early_warning,crisis_channel --generations 2 \\
    --population 6 --points 2 --replicates 4 --final-points 2 \\
    --final-replicates 4 --out results/bounded
"""

_LATEST_YEAR: Final = 5


def optimise(  # noqa: PLR0913, PLR0917 (an argument for each option)
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT",
            help="An experiment: its points are what nobody knows, its first posture is the"
            " reference, the others are compared with what is found.",
        ),
    ],
    out: options.Out,
    least: Annotated[
        str | None,
        typer.Option(
            "--least",
            metavar="METRIC,...",
            help="Metrics that should be as low as can be.",
            show_default="miscalculation_risk",
        ),
    ] = None,
    most: Annotated[
        str | None,
        typer.Option(
            "--most",
            metavar="METRIC,...",
            help="Metrics that should be as high as can be.",
            show_default="shared_deterrence, where nothing is required",
        ),
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="'METRIC >= NUMBER'",
            help="A bound that the difference to the reference must keep, on average over the"
            " points; also <=. Repeatable.",
            show_default=False,
        ),
    ] = None,
    instruments: Annotated[
        str | None,
        typer.Option(
            "--instruments",
            metavar="NAME,...",
            help="Instruments whose levels are searched; the others stay traditional.",
            show_default="all",
        ),
    ] = None,
    latest_year: Annotated[
        int | None,
        typer.Option(
            "--latest-year",
            metavar="Y",
            help="Last year in which levels may begin; 1: at once.",
            show_default="5, or the last one that is simulated",
        ),
    ] = None,
    feedback: Annotated[
        bool,
        typer.Option("--feedback/--no-feedback", help="Let levels answer tension."),
    ] = True,
    window: options.WindowName = "whole",
    generations: Annotated[
        int, typer.Option("--generations", metavar="N", help="Rounds of the search.")
    ] = 12,
    population: Annotated[
        int, typer.Option("--population", metavar="N", help="Candidates in each round.")
    ] = 24,
    points: Annotated[
        int, typer.Option("--points", metavar="N", help="Points that the search looks at.")
    ] = 8,
    replicates: Annotated[
        int, typer.Option("--replicates", metavar="N", help="Runs at each of them.")
    ] = 16,
    final_points: Annotated[
        int, typer.Option("--final-points", metavar="N", help="Points that the best are judged at.")
    ] = 32,
    final_replicates: Annotated[
        int, typer.Option("--final-replicates", metavar="N", help="Fresh runs at each of them.")
    ] = 32,
    finalists: Annotated[
        int, typer.Option("--finalists", metavar="N", help="Most policies that are judged anew.")
    ] = 12,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="S", help="Master seed.", show_default="that of the experiment"
        ),
    ] = None,
    workers: options.Workers = 1,
    resume: options.Resume = False,
    force: options.Force = False,
    _imports: options.Imports = None,
    quiet: options.Quiet = False,
) -> None:
    """Search for a policy: least risk at a required deterrence, for instance.

    Levels of instruments, the year in which they begin and feedback to tension are searched for,
    over the points of an experiment's design. What no other policy beats is run again on fresh
    random numbers beside the experiment's own postures, and compared by regret: how far each falls
    behind the best where it is worst. Writes front.csv, points.csv, candidates.csv, postures.yaml
    (to paste into an experiment) and front.png.
    """
    from regional_sim.answers.policies.candidates import SearchSpace
    from regional_sim.answers.policies.goals import goals_of, requirements_of, usual_most
    from regional_sim.answers.policies.search_folder import (
        FRONT_FIGURE,
        SEARCH_FILES,
        refuse_taken,
        search_in,
    )
    from regional_sim.answers.policies.search_plan import SearchPlan, years_of
    from regional_sim.api import load_experiment
    from regional_sim.cli.terminal import compile_model, output, print_path, progress
    from regional_sim.experiment.checks import with_numbers
    from regional_sim.model.instruments import Instrument
    from regional_sim.report.policies import policies_text, search_text
    from regional_sim.runner.runner import RunInterruptedError

    asked = with_numbers(load_experiment(experiment), seed=seed)
    required = requirements_of(asked.scenario, require or [])
    deterrence = [] if required else usual_most(asked.scenario)
    years = min(_LATEST_YEAR, years_of(asked.scenario))
    chosen = tuple(Instrument.__members__) if instruments is None else names(instruments)
    wanted_most = deterrence if most is None else names(most)
    plan = SearchPlan(
        asked,
        goals_of(asked.scenario, names(least or "miscalculation_risk"), wanted_most),
        required,
        SearchSpace(chosen, years if latest_year is None else latest_year, feedback),
        window,
        generations,
        population,
        points,
        replicates,
        final_points,
        final_replicates,
        finalists,
    )
    console = output()
    refuse_taken(out, plan, resume=resume, force=force)
    if not quiet:
        console.print(f"{search_text(plan, console.width)}\n", soft_wrap=True)
    try:
        with progress(quiet=quiet, first=compile_model) as told:
            found = search_in(out, plan, workers=workers, resume=resume, force=force, told=told)
    except KeyboardInterrupt:
        kept = f"interrupted: the generations that are done are kept in {out}"
        what = f"{kept}; the same command with --resume goes on"
        raise RunInterruptedError(what) from None
    from regional_sim.figures.policies import draw_policies

    draw_policies(plan, found, out / FRONT_FIGURE)
    if not quiet:
        console.print(policies_text(plan, found, console.width), soft_wrap=True)
        print_path(console, f"Written to {out}: {', '.join(SEARCH_FILES)}")
