"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def _import_files(files: list[Path] | None) -> list[Path] | None:
    """Register the policies of files before a command looks for them."""
    if files:
        from regional_sim.postures import import_policies

        for file in files:
            import_policies(file)
    return files


Imports = Annotated[
    list[Path] | None,
    typer.Option(
        "--import",
        metavar="FILE.py",
        callback=_import_files,
        help="A Python file that registers policies of your own; it is executed. Repeatable.",
        show_default=False,
    ),
]
"""Done with as soon as it is read; commands have nothing to do with its value."""
Out = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Result folder to make.", show_default=False),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a result that DIR holds.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Plot = Annotated[
    bool,
    typer.Option(
        "--plot", help="Write figure.png, and the table timeseries that it is drawn from."
    ),
]
Workers = Annotated[
    int,
    typer.Option("--workers", metavar="N", help="Threads or processes; no number depends on it."),
]
EngineName = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ensemble|mesa",
        help="What drives the model; both give the same numbers, ensemble faster.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on with an unfinished result in DIR; where there is none, begin."
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed", help="Go on with the result in DIR, and run again the runs that failed."
    ),
]
OnError = Annotated[
    str,
    typer.Option(
        "--on-error",
        metavar="stop|continue",
        help="Stop at the first run that fails, or leave such runs out; both write failures.csv.",
    ),
]
LongFormat = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="csv|parquet",
        help="Format of timeseries, states, dyads, events and motives; the other tables are CSV.",
    ),
]
Metrics = Annotated[
    str,
    typer.Option(
        "--metrics",
        "--metric",
        metavar="NAME,...",
        help="Metrics to print and to plot, as describe metrics lists them.",
        show_default="the most important",
    ),
]
AllMetrics = Annotated[bool, typer.Option("--all-metrics", help="Print the other metrics too.")]
WindowName = Annotated[
    str,
    typer.Option(
        "--window", metavar="NAME", help="Months that are printed: a window of the scenario."
    ),
]


def names(text: str | None) -> tuple[str, ...]:
    """Split a list that is written with commas; None is an empty one.

    >>> names("runs, timeseries"), names(None)
    (('runs', 'timeseries'), ())
    """
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
