"""What ``run`` and ``sweep`` have in common: run an experiment, then print what it found."""

from __future__ import annotations

import signal
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.cli.terminal import compile_model, notes, output, print_path, progress

if TYPE_CHECKING:
    from regional_sim.api import Results
    from regional_sim.experiment import Experiment
    from regional_sim.report.findings import View

FIGURE: Final = "figure.png"

RETRY: Final = "the same command with --retry-failed runs them again"
"""What can be done about runs that failed."""

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
    plot, quiet : bool
        As the options of these names.
    manner : dict
        What else :func:`regional_sim.runner.runner.execute` takes.
    """

    out: Path
    engine: str
    workers: int
    tables: tuple[str, ...] | None
    plot: bool
    quiet: bool
    manner: Mapping[str, Any]

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
    from regional_sim.runner.options import RunOptions

    # What is wrong with the options is told before anything is printed.
    RunOptions(
        workers=order.workers, **{k: v for k, v in order.manner.items() if k != "long_format"}
    )
    return describe_plan(
        experiment,
        engine=order.engine,
        workers=order.workers,
        tables=order.tables_of(experiment),
        long_format=order.manner["long_format"],
    )


def execute(experiment: Experiment, order: Order, view: View) -> int:
    """Run an experiment, draw the figure if asked to, and print findings and files.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    order : Order
        How, and where to.
    view : View
        What to print.

    Returns
    -------
    int
        Exit code: 1 when some runs failed.
    """
    from regional_sim.api import load_results

    execute_only(experiment, order)
    results = load_results(order.out, verify=False)
    if order.plot:
        _draw(results, order.out, view.drawn)
    if not order.quiet:
        print_results(results, view, order.out)
    return failed(results)


def execute_only(experiment: Experiment, order: Order) -> None:
    """Run an experiment, and print nothing but progress and notices.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    order : Order
        How, and where to.
    """
    from regional_sim.runner import runner

    with (
        ended_like_interrupts(),
        progress(quiet=order.quiet, first=compile_model) as update,
    ):
        runner.execute(
            experiment,
            order.out,
            engine=order.engine,
            workers=order.workers,
            tables=order.tables_of(experiment),
            progress=update,
            notice=_silent if order.quiet else _say,
            **order.manner,
        )


def _say(text: str) -> None:
    """Print a notice."""
    print_path(notes(), text)


def _silent(text: str) -> None:
    """Print nothing."""


@contextmanager
def ended_like_interrupts() -> Iterator[None]:
    """Let a request to end, as batch systems send before they kill, do what Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def failed(results: Results, remedy: str = RETRY) -> int:
    """Say if runs failed, and return the exit code that stands for it.

    Parameters
    ----------
    results : Results
        A finished result.
    remedy : str
        How to try them again.

    Returns
    -------
    int
        1 when some failed, else 0.
    """
    n_failed, folder = results.manifest["failures"], results.folder
    if not n_failed:
        return 0
    what = f"{n_failed} of {results.manifest['runs']} runs failed and are left out"
    print_path(notes(), f"{what}: see {folder}/failures.csv; {remedy}")
    return 1


def shard_counts(folder: Path) -> tuple[int, int]:
    """Count the runs of a finished shard, and those of them that failed.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    tuple of int
        From its manifest.
    """
    from regional_sim.results.folder import MANIFEST, read_json

    manifest = read_json(folder / MANIFEST) or {}
    return int(manifest.get("runs", 0)), int(manifest.get("failures", 0))


def _draw(results: Results, folder: Path, metrics: Sequence[str]) -> None:
    """Draw metrics over time."""
    from regional_sim.report.figure import posture_figure

    posture_figure(results, folder / FIGURE, metrics)


def print_results(results: Results, view: View, folder: Path) -> None:
    """Print what was found, then which files were written.

    Parameters
    ----------
    results : Results
        A finished result.
    view : View
        What of it to show.
    folder : Path
        Where it stands.
    """
    from regional_sim.report.findings import findings
    from regional_sim.results.folder import MANIFEST, PLAN

    console = output()
    console.print(findings(results, view, console.width), soft_wrap=True, end="")
    tables = [entry["file"] for entry in results.manifest["tables"].values()]
    made = [*tables, PLAN, MANIFEST, FIGURE]
    names = sorted(name for name in made if (folder / name).exists())
    print_path(console, f"\nWritten to {folder}:")
    console.print(textwrap.indent(textwrap.fill(", ".join(names), console.width - 2), "  "))
