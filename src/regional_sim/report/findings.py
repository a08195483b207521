"""What a result folder says, as a page of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from regional_sim.engine.outcomes import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.replicates import replicates_text, stopping_sentences
from regional_sim.report.text import (
    CONTRAST_HEADS,
    COUNT_HEADS,
    MARK,
    MEAN_HEADS,
    RANGE_HEADS,
    ContrastRow,
    TableRow,
    contrast_cells,
    contrast_rows,
    count_cells,
    level,
    mean_cells,
    range_cells,
    table_text,
    unit_text,
    wrapped,
)

if TYPE_CHECKING:
    from regional_sim.api import Results

HEADLINE: Final[tuple[str, ...]] = (
    "tension",
    "miscalculation_risk",
    "escalation_hazard",
    "shared_deterrence",
    "blockade_vulnerability",
    "trilateral_alignment",
    "hedger_balance",
    "threat_detection",
    "economic_cost",
)
"""The metrics that are shown when none are named, the most important first."""

MOST_LISTED: Final = 12
"""Points, times postures, that are listed one by one; more are counted."""

MOST_DRAWN: Final = 2
"""Panels of a figure when no metrics are named."""

MOST_METRICS_OF_A_SWEEP: Final = 3
"""Metrics shown of several points when none are named."""


@dataclass(frozen=True)
class View:
    """What of a result to show.

    Attributes
    ----------
    metrics : tuple of str
        In order.
    window : str
        The window of months.
    drawn : tuple of str
        Metrics that a figure shows.
    """

    metrics: tuple[str, ...]
    window: str
    drawn: tuple[str, ...] = ()


def view_of(
    plan: Mapping[str, Any],
    wanted: Sequence[str] = (),
    window: str = WHOLE_WINDOW,
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
            raise InputError(
                f"this world does not define this metric, which needs {needs}", key=name
            )
    if window not in plan["windows"]:
        raise UnknownNameError("window", window, plan["windows"])
    headline = HEADLINE if plan["points"] == 1 else HEADLINE[:MOST_METRICS_OF_A_SWEEP]
    named = dict.fromkeys(wanted or outcomes or headline)
    shown = [name for name in named if name in measured]
    rest = [name for name in measured if everything and name not in shown]
    drawn = shown if wanted else shown[:MOST_DRAWN]
    return View((*shown, *rest), window, tuple(drawn))


def view_of_results(results: Results) -> View:
    """Choose what to show of a finished result: what its experiment names, or what matters most.

    Parameters
    ----------
    results : Results
        A finished result.

    Returns
    -------
    View
        Of the whole time.
    """
    plan = results.plan
    known = {"metrics": plan["metrics"], "windows": plan["windows"]}
    known["points"] = len(plan["scenario_digests"])
    return view_of(known, outcomes=plan["experiment"]["outcomes"])


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
    text = Text(_wrapped(_introduction(results, view), width) + "\n")
    text.append_text(table_text(_rows(results, view)))
    closing = _wrapped(stopping_sentences(results), width)
    return text.append(f"\n{closing}") if closing else text


def _rows(results: Results, view: View) -> list[TableRow]:
    """Make the rows of the page's table."""
    experiment = results.plan["experiment"]
    tables = results.summary, results.contrasts
    of_metric = {metric: contrast_rows(metric, view.window, *tables) for metric in view.metrics}
    if len(experiment["postures"]) == 1:
        return _of_one_posture(of_metric, _points_of(experiment))
    many = _is_counted(experiment)
    rows: list[TableRow] = [COUNT_HEADS if many else CONTRAST_HEADS]
    for metric, lines in of_metric.items():
        rows.append(f"{metric} ({unit_text(Metric[metric].unit)})")
        rows += (
            count_cells(list(lines.values())) if many else _listed(lines, _points_of(experiment))
        )
    return rows


def _of_one_posture(
    of_metric: Mapping[str, Mapping[tuple[int, str], ContrastRow]],
    points: Sequence[Mapping[str, Any]],
) -> list[TableRow]:
    """Show the means of a posture that is compared with none; of many points their range."""
    if len(points) > MOST_LISTED:
        return [
            RANGE_HEADS,
            *(range_cells(metric, list(of.values())) for metric, of in of_metric.items()),
        ]
    rows: list[TableRow] = [MEAN_HEADS]
    for metric, lines in of_metric.items():
        unit = unit_text(Metric[metric].unit)
        if len(points) > 1:
            rows.append(f"{metric} ({unit})")
        for (at, _), line in lines.items():
            rows.append(mean_cells(_factors(points[at]) or metric, unit, line))
    return rows


def _listed(
    lines: Mapping[tuple[int, str], ContrastRow], points: Sequence[Mapping[str, Any]]
) -> list[TableRow]:
    """Show one metric, point by point."""
    if len(points) == 1:
        return contrast_cells(list(lines.values()))
    rows: list[TableRow] = []
    for place, point in enumerate(points):
        rows.append(f"  {_factors(point)}")
        rows += contrast_cells([line for (at, _), line in lines.items() if at == place], "  ")
    return rows


def _introduction(results: Results, view: View) -> Iterator[str]:
    """Say what the numbers are."""
    experiment = results.plan["experiment"]
    n_points = len(results.plan["scenario_digests"])
    months = results.plan["windows"][view.window]
    span = "" if months is None else f", months {months[0]} to {months[1]} after the onset"
    points = f"{n_points} points, " if n_points > 1 else ""
    yield (
        f"{experiment['title'] or 'Results'}: {points}{replicates_text(results)} of each posture,"
        f" seed {experiment['seed']}; window {view.window}{span}."
    )
    if experiment.get("clamp"):
        yield f"Held on their traditional path: {', '.join(experiment['clamp'])}."
    n_failed = results.manifest["failures"]
    if n_failed:
        yield (
            f"{n_failed} of {results.manifest['runs']} runs failed: means leave them out, and"
            " differences the pairs that they belong to. Runs that do not fail may be a selection."
        )
    if len(experiment["postures"]) == 1:
        return
    yield "Differences are paired: every posture has the same random numbers."
    if _is_counted(experiment):
        yield (
            f"At how many points does the 95 % interval of the difference to"
            f" {experiment['postures'][0]['label']} lie above 0 (higher), below 0 (lower), or"
            " hold it (neither)?"
        )
    else:
        yield f"{MARK} marks a difference whose 95 % interval excludes 0."


def _points_of(experiment: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """List the factors of each point."""
    points: Sequence[Mapping[str, Any]] = experiment.get("design", {}).get("points", [{}])
    return points


def _is_counted(experiment: Mapping[str, Any]) -> bool:
    """Tell whether there is too much to list."""
    n_points = len(_points_of(experiment))
    return n_points > 1 and n_points * len(experiment["postures"]) > MOST_LISTED


def _factors(point: Mapping[str, Any]) -> str:
    """Name a point by its factors, each by the last part of its path where that is enough."""
    short = [path.rpartition(".")[2] for path in point]
    names = short if len(set(short)) == len(short) else list(point)
    levels = map(level, point.values())
    return ", ".join(f"{name} = {text}" for name, text in zip(names, levels, strict=True))


def _wrapped(sentences: Iterator[str], width: int) -> str:
    return "".join(f"{wrapped(sentence, width)}\n" for sentence in sentences)
