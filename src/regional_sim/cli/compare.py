"""``regional-sim compare`` and ``regional-sim reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

if TYPE_CHECKING:
    from regional_sim.analysis.reproduce import Original, Reproduction

COMPARE_EXAMPLES: Final = """\
regional-sim run two_states --posture traditional --posture reassurance \\
    --replicates 20 --out results/first
regional-sim compare results/first::posture=traditional \\
    results/first::posture=reassurance
regional-sim run two_states --posture traditional --posture reassurance \\
    --set parameters.theta_challenger=0.7 --replicates 20 \\
    --out results/second
regional-sim compare results/first results/second --out results/change.csv
regional-sim compare results/first results/second --effect reassurance
regional-sim compare results/first results/first/runs.csv --tolerance 0
"""

REPRODUCE_EXAMPLES: Final = """\
regional-sim run two_states --replicates 20 --out results/demo
regional-sim reproduce results/demo
regional-sim reproduce results/demo --tolerance 1e-12 --out results/again
"""

_DIFFERS: Final = 1
"""Exit code of results that are not equal within the tolerance."""


def compare(  # noqa: PLR0913, PLR0917 (an argument for each option)
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A result folder or a CSV file, all of it or the rows with some values:"
            " DIR::COLUMN=VALUE,... such as results/first::posture=traditional,point=0. Columns"
            " are posture, point and factors; of a CSV file, any.",
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(
            metavar="B",
            help="The same. What is chosen on both sides, and differs, is what is compared.",
        ),
    ],
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="COLUMN,...",
            help="Columns that tell the rows of a table apart; all other columns of numbers are"
            " outcomes.",
            show_default="factors, posture, seed, replicate",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COLUMN,...",
            help="Key columns that make groups, each compared by itself.",
            show_default="all but seed, replicate",
        ),
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(
            "--effect",
            metavar="POSTURE[:REFERENCE]",
            help="Compare the effect of this posture in B with its effect in A. It is the"
            " difference to the reference: the first posture of A, unless it is named.",
        ),
    ] = None,
    unpaired: Annotated[
        bool, typer.Option("--unpaired", help="Make no pairs of runs with the same random numbers.")
    ] = False,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="REL",
            help="Compare run by run, and exit with 1 where two values differ by more than this"
            " share of the greater one, or something is missing. 0: exactly equal.",
        ),
    ] = None,
    absolute: Annotated[
        float | None,
        typer.Option(
            "--absolute", metavar="ABS", help="Allow this absolute difference too, run by run."
        ),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
            "--metric",
            metavar="NAME,...",
            help="Metrics or columns to compare.",
            show_default="all; the most important are printed",
        ),
    ] = "",
    window: Annotated[
        str | None,
        typer.Option(
            "--window",
            metavar="NAME",
            help="Months to compare: a window of the scenario.",
            show_default="all; whole is printed",
        ),
    ] = None,
    all_metrics: options.AllMetrics = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="Seed of the bootstrap intervals.")
    ] = 0,
    resamples: Annotated[
        int, typer.Option("--resamples", metavar="N", help="Resamples of each bootstrap interval.")
    ] = 2000,
    verify: Annotated[
        bool,
        typer.Option("--verify/--no-verify", help="Compare tables of folders with their digests."),
    ] = True,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write all that was compared; the ending .csv, .json or .md says how.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: options.Quiet = False,
) -> int:
    """Compare two results, or two points or postures of one.

    Runs with the same factors, posture, seed and replicate are a pair. Prints mean differences,
    B - A, with 95 % intervals and effect sizes, and where the two plans differ.
    """
    from regional_sim.analysis.agreement import Tolerance
    from regional_sim.analysis.compare import align_sides, choose_outcomes
    from regional_sim.analysis.resampling import check_resampling
    from regional_sim.analysis.result_comparison import check_target, write_comparison
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.comparison import comparison_text, outcomes_to_print

    check_resampling(seed, resamples)
    allowed = Tolerance.of(tolerance, absolute)
    if out is not None:
        check_target(out, force=force)
    sides = align_sides(
        a,
        b,
        key=None if key is None else names(key),
        by=None if by is None else names(by),
        effect=effect,
        paired=not unpaired,
        verify=verify,
    )
    asked = choose_outcomes(sides.outcomes, names(metrics), () if window is None else (window,))
    printed = outcomes_to_print(
        sides.outcomes,
        names(metrics),
        window,
        n_groups=len(sides.alignment.groups),
        everything=all_metrics,
    )
    found = sides.compare(
        printed if out is None else (*asked, *printed),
        seed=seed,
        resamples=resamples,
        tolerance=allowed,
        checked=asked,
        with_texts=not metrics and window is None,
    )
    if out is not None:
        write_comparison(found, out, force=force)
    if not quiet:
        console = output()
        text = comparison_text(found, printed, console.width)
        console.print(text, soft_wrap=True, end="")
        if out is not None:
            print_path(console, f"\nWritten to {out}")
    return _DIFFERS if found.verdict is not None and not found.verdict.equal else 0


def reproduce(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A finished result folder, from here or elsewhere."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR2", help="Keep what comes out in this new folder."),
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
    _imports: options.Imports = None,
    quiet: options.Quiet = False,
) -> int:
    """Run a result again from its folder alone, and compare every cell.

    Prints match, or the first cell that differs with both values. Says whether a table was altered
    after the run, and which versions are not the same here. Exits with 0 where all matches, 1
    where something differs, 2 where the folder cannot be run again.
    """
    from regional_sim.analysis.agreement import Tolerance
    from regional_sim.analysis.reproduce import original_of
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.reproduction import original_text, reproduction_text

    Tolerance(tolerance)  # Refuse what is none before any work.
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
    return 0 if found.matches else _DIFFERS


def _again(
    original: Original, out: Path | None, tolerance: float, workers: int, *, quiet: bool
) -> Reproduction:
    """Run a result again, then compare, each with its own progress."""
    from regional_sim.analysis.reproduce import judge, output_dir, run_again
    from regional_sim.cli.terminal import compile_model, progress

    with output_dir(out) as folder:
        with progress(quiet=quiet, first=compile_model) as update:
            run_again(original, folder, workers, update)
        with progress(quiet=quiet, unit="rows compared") as update:
            return judge(original, folder, tolerance, update)
