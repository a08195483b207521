"""Tables of results as text: what a run or a sweep found, for reading in a terminal.

Postures stand below each other and not side by side, so that nine of them, with long names, fit
into 80 columns and no number is ever cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.text import Text

from regional_sim.report.numbers import MISSING, number, percent, signed, with_interval

if TYPE_CHECKING:
    import pandas as pd

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

MARK: Final = "*"
"""Stands at a difference whose interval excludes zero."""

_ALONE: Final = ("mean", "95 % interval of the mean")
_COMPARED: Final = ("mean", "difference", "95 % interval", "change")
_RANGE: Final = ("least", "median", "greatest")
_GAP: Final = "  "
_INDENT: Final = "  "


class Line(NamedTuple):
    """What one posture gave at one point.

    Attributes
    ----------
    posture : str
        Its label.
    mean : float
        Mean over replicates.
    low, high : float
        95 % interval of the mean.
    difference : float or None
        Paired difference to the reference posture; None for the reference.
    difference_low, difference_high : float
        Its 95 % interval; NaN where there is none.
    percent : float
        Difference in per cent of the reference's mean.
    """

    posture: str
    mean: float
    low: float
    high: float
    difference: float | None = None
    difference_low: float = math.nan
    difference_high: float = math.nan
    percent: float = math.nan


def excludes_zero(low: float, high: float) -> bool:
    """Tell whether an interval lies wholly on one side of zero.

    Parameters
    ----------
    low, high : float
        The interval; NaN where there is none.

    Returns
    -------
    bool
        False for an interval that touches zero, and without one.

    Examples
    --------
    >>> excludes_zero(0.1, 0.2), excludes_zero(-0.1, 0.2), excludes_zero(0.0, 0.0)
    (True, False, False)
    """
    return low > 0.0 or high < 0.0


def lines_of(
    metric: str, window: str, summary: pd.DataFrame, contrasts: pd.DataFrame
) -> dict[tuple[int, str], Line]:
    """Gather what is known of a metric in a window.

    Parameters
    ----------
    metric, window : str
        Which rows of the tables.
    summary, contrasts : DataFrame
        The tables of a result folder.

    Returns
    -------
    dict
        A line for each point and posture, in the order of the table.
    """
    lines = {}
    for row in _rows(summary, metric, window):
        lines[row.point, row.posture] = Line(row.posture, row.mean, row.ci_low, row.ci_high)
    for row in _rows(contrasts, metric, window):
        lines[row.point, row.posture] = lines[row.point, row.posture]._replace(
            difference=row.difference,
            difference_low=row.ci_low,
            difference_high=row.ci_high,
            percent=row.percent,
        )
    return lines


def block(lines: Sequence[Line], indent: str = _INDENT, *, heads: bool = True) -> Text:
    """Lay out postures below each other, each compared with the reference.

    Parameters
    ----------
    lines : sequence of Line
        Without any comparison, the interval of the mean is shown instead.
    indent : str
        What every row begins with.
    heads : bool
        Whether the columns have heads.

    Returns
    -------
    Text
        Ends with a line break.
    """
    compared = any(line.difference is not None for line in lines)
    rows = [["", *(_COMPARED if compared else _ALONE)]]
    rows += [[line.posture, *(_compared(line) if compared else _alone(line))] for line in lines]
    return aligned(rows, indent, heads=heads)


def aligned(rows: Sequence[Sequence[str]], indent: str = _INDENT, *, heads: bool = True) -> Text:
    """Lay out rows of cells in columns as wide as their widest cell.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first holds the heads.
    indent : str
        What every row begins with.
    heads : bool
        Whether to print the heads.

    Returns
    -------
    Text
        Ends with a line break.
    """
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    text = Text()
    for place, row in enumerate(rows[0 if heads else 1 :]):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        is_head = heads and place == 0
        text.append(f"{indent}{_GAP.join(padded).rstrip()}\n", style="dim" if is_head else "")
    return text


def counted(lines: Sequence[Line]) -> Text:
    """Sum postures up over many points: how often they differ from the reference, and how far.

    Parameters
    ----------
    lines : sequence of Line
        Those of all points; without any comparison, means are summed up instead.

    Returns
    -------
    Text
        A row for each posture: at how many points the interval lies above 0, below it, or reaches
        it, and the range of the differences.
    """
    by_posture: dict[str, list[Line]] = {}
    for line in lines:
        by_posture.setdefault(line.posture, []).append(line)
    rows = [(name, *_counts(of)) for name, of in by_posture.items() if _differences(of)]
    if rows:
        return aligned([("difference", "higher", "lower", "neither", *_RANGE), *rows])
    means = [(name, *_range([line.mean for line in of])) for name, of in by_posture.items()]
    return aligned([("mean", *_RANGE), *means])


def _counts(lines: Sequence[Line]) -> tuple[str, ...]:
    """Count which way the intervals lie, and give the range of the differences."""
    higher = sum(line.difference_low > 0.0 for line in lines)
    lower = sum(line.difference_high < 0.0 for line in lines)
    neither = len(lines) - higher - lower
    return str(higher), str(lower), str(neither), *_range(_differences(lines), signed)


def _differences(lines: Sequence[Line]) -> list[float]:
    """Pick the comparisons."""
    return [line.difference for line in lines if line.difference is not None]


def _range(values: Sequence[float], form: Callable[[float], str] = number) -> tuple[str, ...]:
    """Write least, median and greatest of the values that exist."""
    there = [value for value in values if math.isfinite(value)] or [math.nan]
    return form(min(there)), form(median(there)), form(max(there))


def mean_row(metric: str, unit: str, line: Line) -> tuple[str, ...]:
    """Write a metric of a posture that is compared with none.

    Parameters
    ----------
    metric, unit : str
        The metric.
    line : Line
        What it gave.

    Returns
    -------
    tuple of str
        Metric, mean, interval, unit.
    """
    return metric, *_alone(line), unit


def _alone(line: Line) -> list[str]:
    """Write a mean and its interval."""
    if math.isnan(line.low):
        return [number(line.mean), MISSING]
    return [number(line.mean), f"{number(line.low)} to {number(line.high)}"]


def _compared(line: Line) -> list[str]:
    """Write mean and comparison; the reference has none."""
    if line.difference is None:
        return [number(line.mean), "reference", "", ""]
    difference, interval = with_interval(
        line.difference, line.difference_low, line.difference_high
    )
    mark = f" {MARK}" if excludes_zero(line.difference_low, line.difference_high) else ""
    return [number(line.mean), difference + mark, interval, percent(line.percent)]


def _rows(table: pd.DataFrame, metric: str, window: str) -> list[Any]:
    """Pick the rows of a metric and a window."""
    chosen = table[(table["metric"] == metric) & (table["window"] == window)]
    return list(chosen.itertuples(index=False))
