"""``regional-sim init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

EXAMPLES: Final = """\
regional-sim init my_study
regional-sim init small_study --scenario four_states
"""


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)
    ],
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="The shipped scenario to start from.")
    ] = "baseline",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that is not empty.")
    ] = False,
) -> None:
    """Make a study folder, ready to run.

    It holds a scenario to edit, an experiment on it, the schema that lets an editor check the
    scenario, and a short README.
    """
    from regional_sim.cli.consoles import output, print_path
    from regional_sim.cli.study import make_study

    files = make_study(folder, scenario, force=force)
    console = output()
    print_path(console, f"Made {folder}:")
    for file in files:
        print_path(console, f"  {file.relative_to(folder)}")
    print_path(console, f"Next: read {folder / 'README.md'}, then")
    print_path(console, f"  cd {folder}")
    console.print("  regional-sim check scenario.yaml experiment.yaml")
