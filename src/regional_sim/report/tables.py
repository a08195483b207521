"""Tables of text: what a run or a sweep found, for reading in a terminal.

Postures stand below each other and not side by side, so that nine of them, with long names, fit
into 80 columns and no number is ever cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final, TypeAlias

from rich.text import Text

from regional_sim.report.lines import Line
from regional_sim.report.numbers import MISSING, number, percent, signed, with_interval

MARK: Final = "*"
"""Stands at a difference whose interval excludes zero."""

Row: TypeAlias = str | Sequence[str]
"""A heading, or cells."""

ALONE: Final = ("", "mean", "95 % interval", "unit")
COMPARED: Final = ("", "mean", "difference", "95 % interval", "change")
RANGED: Final = ("", "least", "median", "greatest")
COUNTED: Final = ("", "higher", "lower", "neither", "least", "median", "greatest")
"""Heads of the four kinds of tables."""

_GAP: Final = "  "
_INDENT: Final = "  "


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


def compared(lines: Sequence[Line], indent: str = "") -> list[Row]:
    """Write postures below each other, each compared with the reference.

    Parameters
    ----------
    lines : sequence of Line
        Of one metric at one point.
    indent : str
        What each label begins with.

    Returns
    -------
    list of sequence of str
        Cells under :data:`COMPARED`.
    """
    return [(indent + line.posture, *_comparison(line)) for line in lines]


def aligned(rows: Sequence[Row]) -> Text:
    """Lay out rows of cells in columns as wide as their widest cell.

    Parameters
    ----------
    rows : sequence
        The first holds the heads; a row that is a text is a heading of its own.

    Returns
    -------
    Text
        Ends with a line break.
    """
    table = [row for row in rows if not isinstance(row, str)]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    text = Text()
    for place, row in enumerate(rows):
        if isinstance(row, str):
            text.append(f"{row}\n", style="bold")
            continue
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        line = f"{_INDENT}{_GAP.join(padded)}".rstrip()
        text.append(f"{line}\n", style="" if place else "dim")
    return text


def counted(lines: Sequence[Line]) -> list[Row]:
    """Sum postures up over many points: how often they differ from the reference, and how far.

    Parameters
    ----------
    lines : sequence of Line
        Of one metric at all points.

    Returns
    -------
    list of sequence of str
        Cells under :data:`COUNTED`: at how many points the interval of the difference lies above
        0, below it, or reaches it, and the range of the differences.
    """
    by_posture: dict[str, list[Line]] = {}
    for line in lines:
        by_posture.setdefault(line.posture, []).append(line)
    rows = [(name, *_counts(of)) for name, of in by_posture.items()]
    return [row for row in rows if any(row[1:])]


def _counts(lines: Sequence[Line]) -> tuple[str, ...]:
    """Count which way the intervals lie, and give the range of the differences."""
    differences = [line.difference for line in lines if line.difference is not None]
    if not differences:
        return ("",)
    higher = sum(line.difference_low > 0.0 for line in lines)
    lower = sum(line.difference_high < 0.0 for line in lines)
    neither = len(lines) - higher - lower
    return str(higher), str(lower), str(neither), *_range(differences, signed)


def _range(values: Sequence[float], form: Callable[[float], str] = number) -> tuple[str, ...]:
    """Write least, median and greatest of the values that exist."""
    there = [value for value in values if math.isfinite(value)] or [math.nan]
    return form(min(there)), form(median(there)), form(max(there))


def ranged(label: str, lines: Sequence[Line]) -> Row:
    """Sum up the means of a posture over many points.

    Parameters
    ----------
    label : str
        What the row begins with.
    lines : sequence of Line
        Of one metric at all points.

    Returns
    -------
    sequence of str
        Cells under :data:`RANGED`.
    """
    return label, *_range([line.mean for line in lines])


def alone(label: str, unit: str, line: Line) -> Row:
    """Write a metric of a posture that is compared with none.

    Parameters
    ----------
    label : str
        What the row begins with.
    unit : str
        Unit of the metric.
    line : Line
        What it gave.

    Returns
    -------
    sequence of str
        Cells under :data:`ALONE`.
    """
    known = not math.isnan(line.low)
    interval = f"{number(line.low)} to {number(line.high)}" if known else MISSING
    return label, number(line.mean), interval, unit


def _comparison(line: Line) -> tuple[str, str, str, str]:
    """Write mean and comparison; the reference has none."""
    if line.difference is None:
        return number(line.mean), "reference", "", ""
    difference, interval = with_interval(line.difference, line.difference_low, line.difference_high)
    mark = f" {MARK}" if excludes_zero(line.difference_low, line.difference_high) else ""
    return number(line.mean), difference + mark, interval, percent(line.percent)
