"""What a result folder says, as a page of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.report.numbers import plain
from regional_sim.report.tables import (
    HEADLINE,
    MARK,
    Line,
    aligned,
    block,
    counted,
    lines_of,
    mean_row,
)
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.windows import WHOLE

if TYPE_CHECKING:
    from regional_sim.api import Results

MOST_LISTED: Final = 12
"""Points, times postures, that are listed one by one; more are counted."""

MOST_METRICS_OF_A_SWEEP: Final = 3
"""Metrics shown of several points when none are named."""

_DEEPER: Final = "    "


@dataclass(frozen=True)
class View:
    """What of a result to show.

    Attributes
    ----------
    metrics : tuple of str
        In order.
    window : str
        The window of months.
    """

    metrics: tuple[str, ...]
    window: str


def view_of(
    plan: Mapping[str, Any],
    wanted: Sequence[str] = (),
    window: str = WHOLE,
    *,
    outcomes: Sequence[str] = (),
    everything: bool = False,
) -> View:
    """Choose what to show, before anything has been run.

    Parameters
    ----------
    plan : mapping
        As :func:`regional_sim.api.describe_plan` gives it.
    wanted : sequence of str
        Names of metrics; without any, `outcomes`, or else those that matter most.
    window : str
        Name of the window.
    outcomes : sequence of str
        What the experiment itself names.
    everything : bool
        Add all other metrics.

    Returns
    -------
    View
        Of metrics that the plan will measure.

    Raises
    ------
    InputError
        When a metric or the window does not exist, or the world does not define the metric.
    """
    measured: list[str] = plan["metrics"]
    for name in wanted:
        if name not in Metric.__members__:
            raise UnknownNameError("metric", name, Metric.__members__)
        if name not in measured:
            needs = " and ".join(Metric[name].requires)
            raise InputError(f"this world does not define this metric, which needs {needs}", key=name)
    if window not in plan["windows"]:
        raise UnknownNameError("window", window, plan["windows"])
    headline = HEADLINE if plan["points"] == 1 else HEADLINE[:MOST_METRICS_OF_A_SWEEP]
    shown = [name for name in wanted or outcomes or headline if name in measured]
    rest = [name for name in measured if everything and name not in shown]
    return View((*shown, *rest), window)


def findings(results: Results, view: View, width: int) -> Text:
    """Write what was found.

    Parameters
    ----------
    results : Results
        A finished result.
    view : View
        What of it to show.
    width : int
        Columns of the terminal, for sentences; numbers are never cut.

    Returns
    -------
    Text
        Ends with a line break.
    """
    experiment = results.plan["experiment"]
    text = Text(_wrapped(_introduction(results, view), width))
    tables = results.summary, results.contrasts
    points = experiment.get("design", {}).get("points", [{}])
    if len(points) == 1 and len(experiment["postures"]) == 1:
        of_metric = [(m, lines_of(m, view.window, *tables)) for m in view.metrics]
        rows = [mean_row(m, Metric[m].unit, line) for m, by in of_metric for line in by.values()]
        return text.append_text(aligned([("", "mean", "95 % interval", "unit"), *rows]))
    for metric in view.metrics:
        text.append(f"{metric} ({Metric[metric].unit})\n", style="bold")
        text.append_text(_of_metric(lines_of(metric, view.window, *tables), points))
    return text


def _of_metric(lines: Mapping[tuple[int, str], Line], points: Sequence[Mapping[str, Any]]) -> Text:
    """Show one metric at one point, at some, or counted over many."""
    if len(points) == 1:
        return block(list(lines.values()))
    if len(lines) > MOST_LISTED:
        return counted(list(lines.values()))
    text = Text()
    for place, point in enumerate(points):
        text.append(f"  {_factors(point)}\n")
        here = [line for (number, _), line in lines.items() if number == place]
        text.append_text(block(here, _DEEPER, heads=place == 0))
    return text


def _introduction(results: Results, view: View) -> Iterator[str]:
    """Say what the numbers are."""
    experiment = results.plan["experiment"]
    n_points = len(results.plan["scenario_digests"])
    months = results.plan["windows"][view.window]
    span = "" if months is None else f", months {months[0]} to {months[1]} after the switch"
    points = f"{n_points} points, " if n_points > 1 else ""
    yield (
        f"{experiment['title'] or 'Results'}: {points}{experiment['replicates']} replicates of"
        f" each posture, seed {experiment['seed']}; window {view.window}{span}."
    )
    if len(experiment["postures"]) > 1:
        yield (
            "Differences are paired: a replicate has the same luck under every posture."
            f" {MARK} marks an interval that excludes 0."
        )


def _factors(point: Mapping[str, Any]) -> str:
    """Name a point by its factors, each by the last part of its path."""
    return ", ".join(f"{path.rpartition('.')[2]} = {plain(level)}" for path, level in point.items())


def _wrapped(sentences: Iterator[str], width: int) -> str:
    return "".join(textwrap.fill(sentence, width) + "\n" for sentence in sentences) + "\n"
