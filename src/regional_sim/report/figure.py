"""The figure of a run: each metric by posture over time, and its paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.statistics import contrast, summarise
from regional_sim.report.numbers import in_words
from regional_sim.report.paths import Floats, Integers, Paths, paths_of, smoothed

if TYPE_CHECKING:
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
_MOST_COLUMNS: Final = 3
_MOST_BANDS: Final = 4
_BAND_ALPHA: Final = 0.18
_LEGEND_COLUMNS: Final = 5


@dataclass(frozen=True)
class Look:
    """How a posture is drawn.

    Attributes
    ----------
    colour : str
        Of its line and band.
    dashes : str or tuple
        Style of its line.
    """

    colour: str
    dashes: Any


def posture_figure(
    results: Results,
    path: str | Path,
    metrics: Sequence[str] = ("tension", "miscalculation_risk"),
) -> Path:
    """Draw metrics by posture over time, and below each the paired differences.

    Effects are a few per cent of a metric and show only in pairs: replicate by replicate, the
    luck that both postures share cancels.

    Parameters
    ----------
    results : Results
        A result folder with the table ``timeseries``.
    path : str or Path
        The file; its ending decides the format.
    metrics : sequence of str
        One panel each.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the table is not there.
    """
    frame = results.table("timeseries")
    labels = [posture["label"] for posture in results.plan["experiment"]["postures"]]
    panels = {metric: paths_of(frame, metric, labels) for metric in metrics}
    figure = draw(panels, title=results.plan["experiment"]["title"])
    file = Path(path)
    figure.savefig(file, dpi=DPI, metadata={"Software": None} if file.suffix == ".png" else None)
    return file


def draw(panels: Mapping[str, Paths], *, title: str = "") -> Figure:
    """Draw the figure.

    Parameters
    ----------
    panels : mapping
        Paths by metric.
    title : str
        Line above it.

    Returns
    -------
    Figure
        Of the object interface of Matplotlib, apart from any global state.
    """
    labels = list(next(iter(panels.values())).by_posture)
    compared = len(labels) > 1
    across = min(len(panels), _MOST_COLUMNS)
    down = -(-len(panels) // across) * (2 if compared else 1)
    size = (max(_PANEL_INCHES[0] * across, 7.0), _PANEL_INCHES[1] * down + 1.4)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    looks = {
        label: Look(COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)])
        for place, label in enumerate(labels)
    }
    grid = figure.subplots(down, across, sharex=True, squeeze=False)
    for place, (metric, paths) in enumerate(panels.items()):
        row, column = divmod(place, across)
        step = 2 if compared else 1
        _draw_levels(grid[row * step, column], metric, paths, looks)
        if compared:
            _draw_differences(grid[row * step + 1, column], metric, paths, looks)
    _finish(figure, grid, panels, title)
    return figure


def _draw_levels(axes: Axes, metric: str, paths: Paths, looks: Mapping[str, Look]) -> None:
    """Draw the mean of each posture with its interval, while that many bands can be told apart."""
    for place, (label, values) in enumerate(paths.by_posture.items()):
        found = summarise(values)
        banded = place == 0 or len(looks) <= _MOST_BANDS
        _draw_line(axes, paths.months, found, "mean", label, looks[label], banded=banded)
    axes.set_title(metric, loc="left", fontsize="medium", fontweight="bold")
    axes.set_ylabel(f"mean ({in_words(Metric[metric].unit)})")


def _draw_differences(axes: Axes, metric: str, paths: Paths, looks: Mapping[str, Look]) -> None:
    """Draw what each posture changes against the reference, pair by pair."""
    (reference, base), *others = paths.by_posture.items()
    axes.axhline(0.0, color=looks[reference].colour, linewidth=1.2)
    smooth_base = smoothed(base, paths.months)
    for label, values in others:
        found = contrast(smoothed(values, paths.months), smooth_base)
        _draw_line(axes, paths.months, found, "difference", label, looks[label], banded=True)
    axes.set_ylabel(f"difference to\n{reference} ({in_words(Metric[metric].unit)})")


def _draw_line(
    axes: Axes,
    months: Integers,
    found: Mapping[str, Floats],
    statistic: str,
    label: str,
    look: Look,
    *,
    banded: bool,
) -> None:
    """Draw a statistic over time, and its interval as a band."""
    middle = found[statistic]
    axes.plot(months, middle, color=look.colour, linestyle=look.dashes, linewidth=1.6, label=label)
    low, high = found["ci_low"], found["ci_high"]
    if banded and np.isfinite(low).any():
        axes.fill_between(months, low, high, color=look.colour, alpha=_BAND_ALPHA, linewidth=0)


def _finish(figure: Figure, grid: Any, panels: Mapping[str, Paths], title: str) -> None:
    """Mark the switch, and add title, legend and caption."""
    for axes in grid.flat:
        if axes.has_data():
            _dress(axes)
        else:
            axes.set_visible(False)
    for column in range(grid.shape[1]):
        lowest = [axes for axes in grid[:, column] if axes.get_visible()][-1]
        lowest.set_xlabel("months after the switch of posture")
        lowest.tick_params(labelbottom=True)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    columns = min(len(labels), _LEGEND_COLUMNS)
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        title=_caption(next(iter(panels.values()))),
        title_fontsize="small",
    )
    figure.suptitle(title, fontweight="bold")
    figure.align_ylabels()


def _dress(axes: Axes) -> None:
    """Mark the switch and take away what carries nothing."""
    axes.axvline(0.0, color="0.35", linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
    axes.annotate(
        "switch",
        (0.0, 1.0),
        (-3.0, -2.0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize="small",
        color="0.35",
        ha="right",
        va="top",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)


def _caption(paths: Paths) -> str:
    """Say what lines and bands are."""
    n_postures, n_replicates = len(paths.by_posture), next(iter(paths.by_posture.values())).shape[1]
    points = f", each averaged over {paths.n_points} points" if paths.n_points > 1 else ""
    where = "" if n_postures <= _MOST_BANDS else " (above only that of the reference)"
    said = f"Lines: mean of {n_replicates} replicates{points}. Bands: its 95 % interval{where}."
    if n_postures == 1:
        return said
    return (
        f"{said}\nDifferences: between runs with the same luck, averaged over up to 6 months to"
        " either side."
    )
