"""The figure of a run: each metric by posture over time, and its paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from regional_sim.errors import visible
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import contrast, summarise
from regional_sim.report.text import unit_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from regional_sim.api import Results

DPI: Final = 150
COLOURS: Final = (
    "#000000",
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#882255",
    "#999933",
)
"""Black for the reference, then colours that the colour-blind can tell apart (Okabe & Ito 2008,
without their yellow, which is too light for lines; Tol 2021 for the last two)."""

DASHES: Final = ("-", (0, (5, 1.5)), (0, (1, 1)))
"""Styles of lines: each third posture has the same, so that neighbours differ in two ways."""

_PANEL_INCHES: Final = (5.2, 3.1)
_LEAST_WIDTH_INCHES: Final = 7.0
_MOST_COLUMNS: Final = 3
_MOST_BANDS: Final = 4
_LEGEND_COLUMNS: Final = 5
_SMOOTHED_MONTHS: Final = 6
"""Months to each side of one that are averaged with it."""


@dataclass(frozen=True)
class Trajectories:
    """A metric over time: months after the onset, and values of shape (month, replicate).

    Values stand by label of the posture, the reference first; a column has the same random numbers
    under each.  They are averaged over `n_points` points.
    """

    months: Integers
    by_posture: Mapping[str, Floats]
    n_points: int = 1


def posture_figure(
    results: Results,
    path: str | Path,
    metrics: Sequence[str] = ("tension", "miscalculation_risk"),
) -> Path:
    """Draw metrics by posture over time, and below each the paired differences.

    Effects are a few per cent of a metric and show only in pairs: replicate by replicate, the
    random numbers that both postures share cancel.  The result folder must hold the table
    ``timeseries``; the ending of `path` decides the format.
    """
    frame = results.table("timeseries")
    experiment = results.plan["experiment"]
    labels = [posture["label"] for posture in experiment["postures"]]
    panels = {metric: trajectories_of(frame, metric, labels) for metric in metrics}
    file = Path(path)
    # Without the version of Matplotlib in it, equal figures are equal files.
    metadata = {"Software": None} if file.suffix == ".png" else None
    draw(panels, title=experiment["title"]).savefig(file, dpi=DPI, metadata=metadata)
    return file


def trajectories_of(frame: pd.DataFrame, metric: str, labels: Sequence[str]) -> Trajectories:
    """Arrange a metric of the table of time series, by posture, with the reference first.

    A replicate has the same random numbers at every point, so points are averaged before
    replicates are counted.
    """
    month, *columns = "months_after_switch", "posture", "replicate"
    wide = frame.pivot_table(index=month, columns=columns, values=metric, aggfunc="mean")
    by_posture = {label: wide[label].sort_index(axis=1).to_numpy(np.float64) for label in labels}
    return Trajectories(wide.index.to_numpy(np.int64), by_posture, int(frame["point"].nunique()))


def smoothed(values: Floats, months: Integers) -> Floats:
    """Average each month after the onset, shape (month, replicate), with up to six to either side.

    Near the onset there are fewer of them, as many on one side as on the other, so that nothing is
    shifted and no month up to the onset is mixed in; those stay as they are.  At the end, months
    that do not exist are left out.

    >>> smoothed(np.array([[8.0], [1.0], [3.0], [2.0]]), np.array([0, 1, 2, 3]))[:, 0].tolist()
    [8.0, 1.0, 2.0, 2.0]
    """
    smooth = values.copy()
    start = int(np.searchsorted(months, 1))
    for month in range(start, len(months)):
        reach = min(_SMOOTHED_MONTHS, month - start)
        smooth[month] = values[month - reach : month + reach + 1].mean(axis=0)
    return smooth


def draw(panels: Mapping[str, Trajectories], *, title: str = "") -> Figure:
    """Draw a panel for each metric, and below it one for its differences."""
    labels = list(next(iter(panels.values())).by_posture)
    rows_of_panel = 2 if len(labels) > 1 else 1
    across = min(len(panels), _MOST_COLUMNS)
    down = -(-len(panels) // across) * rows_of_panel
    width, height = _PANEL_INCHES
    size = (max(width * across, _LEAST_WIDTH_INCHES), height * down + 1.4)
    # Without pyplot there is no global state, and no window.
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    styles = {
        label: {
            "color": COLOURS[place % len(COLOURS)],
            "linestyle": DASHES[place % len(DASHES)],
        }
        for place, label in enumerate(labels)
    }
    grid = figure.subplots(down, across, sharex=True, squeeze=False)
    for place, (metric, paths) in enumerate(panels.items()):
        row, column = divmod(place, across)
        levels = grid[row * rows_of_panel, column]
        _draw_levels(levels, metric, paths, styles)
        if rows_of_panel > 1:
            differences = grid[row * rows_of_panel + 1, column]
            _draw_differences(differences, metric, paths, styles)
    _finish_axes(grid)
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=min(len(names), _LEGEND_COLUMNS),
        frameon=False,
        title=_caption(next(iter(panels.values()))),
        title_fontsize="small",
    )
    figure.suptitle(visible(title), fontweight="bold")
    figure.align_ylabels()
    # What users write is text, also where it has dollar signs.
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure


def _draw_levels(
    axes: Axes, metric: str, paths: Trajectories, styles: Mapping[str, dict[str, Any]]
) -> None:
    """Draw the mean of each posture with its interval, while that many bands can be told apart."""
    for place, (label, values) in enumerate(paths.by_posture.items()):
        found = summarise(values)
        axes.plot(paths.months, found["mean"], linewidth=1.6, label=label, **styles[label])
        if place == 0 or len(styles) <= _MOST_BANDS:
            _draw_band(axes, paths.months, found, styles[label]["color"])
    axes.set_title(metric, loc="left", fontsize="medium", fontweight="bold")
    axes.set_ylabel(f"mean ({unit_text(Metric[metric].unit)})")


def _draw_differences(
    axes: Axes, metric: str, paths: Trajectories, styles: Mapping[str, dict[str, Any]]
) -> None:
    """Draw what each posture changes against the reference, pair by pair."""
    (reference, base), *others = paths.by_posture.items()
    axes.axhline(0.0, color=styles[reference]["color"], linewidth=1.2)
    smooth_base = smoothed(base, paths.months)
    for label, values in others:
        found = contrast(smoothed(values, paths.months), smooth_base)
        axes.plot(paths.months, found["difference"], linewidth=1.6, label=label, **styles[label])
        _draw_band(axes, paths.months, found, styles[label]["color"])
    axes.set_ylabel(f"difference to\n{reference} ({unit_text(Metric[metric].unit)})")


def _draw_band(axes: Axes, months: Integers, found: Mapping[str, Floats], colour: str) -> None:
    """Draw an interval over time, where there is one."""
    low, high = found["ci_low"], found["ci_high"]
    if np.isfinite(low).any():
        axes.fill_between(months, low, high, color=colour, alpha=0.18, linewidth=0)


def _finish_axes(grid: Any) -> None:
    """Mark the onset in each panel, label the lowest, and take away what carries nothing."""
    for axes in grid.flat:
        if axes.has_data():
            _mark_onset(axes)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(axis="y", color="0.9", linewidth=0.8)
            axes.set_axisbelow(True)
            axes.margins(x=0.01)
        else:
            axes.set_visible(False)
    for column in range(grid.shape[1]):
        lowest = [axes for axes in grid[:, column] if axes.get_visible()][-1]
        lowest.set_xlabel("months after the onset of the posture")
        lowest.tick_params(labelbottom=True)


def _mark_onset(axes: Axes) -> None:
    axes.axvline(0.0, color="0.35", linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
    axes.annotate(
        "onset",
        (0.0, 1.0),
        (-3.0, -2.0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize="small",
        color="0.35",
        ha="right",
        va="top",
    )


def _caption(paths: Trajectories) -> str:
    """Say what lines and bands are."""
    n_postures, n_replicates = len(paths.by_posture), next(iter(paths.by_posture.values())).shape[1]
    points = f", each averaged over {paths.n_points} points" if paths.n_points > 1 else ""
    where = "" if n_postures <= _MOST_BANDS else " (above only that of the reference)"
    said = f"Lines: mean of {n_replicates} replicates{points}. Bands: its 95 % interval{where}."
    if n_postures == 1:
        return said
    return (
        f"{said}\nDifferences: between runs with the same random numbers, averaged over up to"
        f" {_SMOOTHED_MONTHS} months to either side."
    )
