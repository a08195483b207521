"""What is printed of a plan before it runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from regional_sim.cli.terminal import notes, output, print_path
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.plan import Plan
from regional_sim.report.plans import plan_text
from regional_sim.report.text import size
from regional_sim.runner.estimate import estimated

SHORT_TASKS: Final = 20
"""Full tasks that end soon: about a quarter of a minute on the baseline, with either engine."""


def is_long(plan: Plan) -> bool:
    """Tell whether a plan takes so long that it is worth a look before it runs."""
    return plan.experiment.n_runs > SHORT_TASKS * engine_of(plan.engine).task_runs


def print_plan(plan: Plan, workers: int, folder: Path, *, pilot: bool = False) -> None:
    """Print a plan with what it takes, and whether the disk of the folder has room for it."""
    console = output()
    takes = estimated(plan, workers, pilot=pilot)
    console.print(f"{plan_text(plan, takes, console.width)}\n", soft_wrap=True)
    free = _free_bytes(folder)
    if takes.disk_bytes > free:
        needed = f"this needs about {size(takes.disk_bytes)} of disk"
        print_path(notes(), f"{needed}, and {size(free)} are free for {folder}")


def _free_bytes(folder: Path) -> int:
    """Return the room on the disk of a folder, which may yet have to be made."""
    absolute = folder.absolute()
    there = next(path for path in (absolute, *absolute.parents) if path.exists())
    return shutil.disk_usage(there).free
