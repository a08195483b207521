"""What ``run`` and ``sweep`` have in common: run an experiment, then print what it found."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.cli.compiling import compile_model
from regional_sim.cli.consoles import output, print_path
from regional_sim.cli.progress import progress

if TYPE_CHECKING:
    from regional_sim.api import Results
    from regional_sim.experiment import Experiment
    from regional_sim.report.findings import View

FIGURE: Final = "figure.png"
_DRAWN_FROM: Final = "timeseries"


@dataclass(frozen=True)
class Order:
    """How to run an experiment, and where to put what it gives.

    Attributes
    ----------
    out : Path
        Result folder.
    engine : str
        Name of the engine.
    workers : int
        Threads or processes.
    tables : tuple of str, or None
        Tables asked for; None: those that the experiment names.
    force, plot, quiet : bool
        As the options of these names.
    """

    out: Path
    engine: str
    workers: int
    tables: tuple[str, ...] | None
    force: bool
    plot: bool
    quiet: bool

    def tables_of(self, experiment: Experiment) -> tuple[str, ...]:
        """Name the tables to write, with the one that a figure needs.

        Parameters
        ----------
        experiment : Experiment
            What is run.

        Returns
        -------
        tuple of str
            Names.
        """
        asked = experiment.tables if self.tables is None else self.tables
        return (*asked, _DRAWN_FROM) if self.plot and _DRAWN_FROM not in asked else asked


def planned(experiment: Experiment, order: Order) -> Mapping[str, Any]:
    """Plan a run; what is wrong with it is found here.

    Parameters
    ----------
    experiment : Experiment
        What is run.
    order : Order
        How.

    Returns
    -------
    mapping
        As :func:`regional_sim.api.describe_plan` gives it.
    """
    from regional_sim.api import describe_plan

    return describe_plan(
        experiment,
        engine=order.engine,
        workers=order.workers,
        tables=order.tables_of(experiment),
    )


def execute(experiment: Experiment, order: Order, view: View) -> None:
    """Run an experiment, draw the figure if asked to, and print findings and files.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    order : Order
        How, and where to.
    view : View
        What to print.
    """
    from regional_sim.api import sweep

    with progress(quiet=order.quiet, first=compile_model) as update:
        results = sweep(
            experiment,
            engine=order.engine,
            workers=order.workers,
            tables=order.tables_of(experiment),
            out=order.out,
            force=order.force,
            progress=update,
        )
    if order.plot:
        _draw(results, order.out, view.drawn)
    if not order.quiet:
        _print(results, order, view)


def _draw(results: Results, folder: Path, metrics: Sequence[str]) -> None:
    """Draw metrics over time."""
    from regional_sim.report.figure import posture_figure

    posture_figure(results, folder / FIGURE, metrics)


def _print(results: Results, order: Order, view: View) -> None:
    """Print what was found, then which files were written."""
    from regional_sim.report.findings import findings

    console = output()
    console.print(findings(results, view, console.width), soft_wrap=True, end="")
    names = sorted(path.name for path in order.out.iterdir() if path.is_file())
    print_path(console, f"\nWritten to {order.out}:")
    console.print(textwrap.indent(textwrap.fill(", ".join(names), console.width - 2), "  "))
