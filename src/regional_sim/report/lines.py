"""What is compared: each posture at each point, from the tables of a result folder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


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


def _rows(table: pd.DataFrame, metric: str, window: str) -> list[Any]:
    """Pick the rows of a metric and a window."""
    chosen = table[(table["metric"] == metric) & (table["window"] == window)]
    return list(chosen.itertuples(index=False))
