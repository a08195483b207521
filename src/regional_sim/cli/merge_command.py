"""``regional-sim merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from regional_sim.cli import options

MERGE_EXAMPLES: Final = """\
regional-sim init my_study
regional-sim sweep my_study/experiment.yaml --replicates 4 \\
    --shard 1/2 --out results/part_1
regional-sim sweep my_study/experiment.yaml --replicates 4 \\
    --shard 2/2 --out results/part_2
regional-sim merge results/part_1 results/part_2 --out results/whole
"""


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="Every shard of a sweep; with --partial also an unfinished sweep.",
            show_default=False,
        ),
    ],
    out: options.Out,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Make do with what is finished: of each point the runs up to its first missing"
            " replicate.",
        ),
    ] = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Merge the shards of a sweep into one result.

    The tables are the same, byte for byte, as those of the sweep in one piece. Nothing is run, and
    the folders are left as they are.
    """
    from regional_sim.api import load_results
    from regional_sim.cli.execution import failed, print_results
    from regional_sim.report.findings import view_of_results
    from regional_sim.runner.shards import merge_folders

    merge_folders(folders, out, force=force, partial=partial)
    results = load_results(out, verify=False)
    if not quiet:
        print_results(results, view_of_results(results), out)
    raise typer.Exit(failed(results, "try again in the folders of the shards, and merge them"))
