"""``regional-sim compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regional_sim.analysis.compare.comparison import Comparison
    from regional_sim.analysis.compare.outcomes import Outcome

COMPARE_EXAMPLES: Final = """\
regional-sim run two_states --posture traditional --posture reassurance \\
    --replicates 20 --out results/first
regional-sim compare results/first::posture=traditional \\
    results/first::posture=reassurance
regional-sim run two_states --posture traditional --posture reassurance \\
    --set parameters.theta_challenger=0.7 --replicates 20 \\
    --out results/second
regional-sim compare results/first results/second --out results/change.csv
regional-sim compare results/first results/first/runs.csv --tolerance 0
"""

DIFFERS: Final = 1
"""Exit code of runs that are not equal within the tolerance."""


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
            show_default=False,
        ),
    ] = None,
    absolute: Annotated[
        float | None,
        typer.Option(
            "--absolute",
            metavar="ABS",
            help="Allow this absolute difference too, run by run.",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
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
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: options.Quiet = False,
) -> int:
    """Compare two results, or two points or postures of one.

    Runs with the same factors, posture, seed and replicate are a pair. Prints mean differences,
    B - A, with 95 % intervals and effect sizes, and where the two plans differ.
    """
    from regional_sim.analysis.compare.outcomes import chosen
    from regional_sim.analysis.compare.preparing import prepare
    from regional_sim.analysis.compare.resampling import check_resampling
    from regional_sim.analysis.compare.tolerance import Tolerance
    from regional_sim.analysis.compare.writing import check_target, write
    from regional_sim.report.comparison_view import viewed

    check_resampling(seed, resamples)
    allowed = Tolerance.of(tolerance, absolute)
    if out is not None:
        check_target(out, force=force)
    prepared = prepare(
        a,
        b,
        key=None if key is None else names(key),
        by=None if by is None else names(by),
        paired=not unpaired,
        verify=verify,
    )
    everything = chosen(prepared.outcomes, names(metrics), () if window is None else (window,))
    view = viewed(
        prepared.outcomes,
        names(metrics),
        window,
        n_groups=len(prepared.alignment.groups),
        everything=all_metrics,
    )
    comparison = prepared.compare(
        view if out is None else tuple(dict.fromkeys([*everything, *view])),
        seed=seed,
        resamples=resamples,
        tolerance=allowed,
        checked=everything,
    )
    if out is not None:
        write(comparison, out, force=force)
    if not quiet:
        _print(comparison, view, out)
    verdict = comparison.verdict
    return DIFFERS if verdict is not None and not verdict.equal else 0


def _print(comparison: Comparison, view: Sequence[Outcome], out: Path | None) -> None:
    """Print what was found, then where it was written to."""
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.comparison import comparison_text

    console = output()
    text = comparison_text(comparison, view, console.width)
    console.print(text, soft_wrap=True, end="")
    if out is not None:
        print_path(console, f"\nWritten to {out}")
