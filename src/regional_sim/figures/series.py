"""Metrics by posture over time, and what each posture changes, in pairs of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.errors import InputError
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.line_labels import label_ends
from regional_sim.figures.style import (
    COLOURS,
    DASHES,
    ONE_PAIR,
    answered,
    explain,
    figure_text,
    in_words,
    keep_in_unit,
    metric_label,
    new_figure,
    sentence,
    short_label,
    tidy,
    title_in_sentence,
    unit_words,
    within_unit,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import contrast, summarise
from regional_sim.report.text import MISSING, with_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from regional_sim.results.load import Results

MOST_TOGETHER: Final = 4
"""Postures that one panel can hold; of more each has a panel of its own."""

_TABLE: Final = "timeseries"
_RUN: Final = ["point", "posture", "replicate"]
_PANEL_INCHES: Final = (4.9, 2.7)
_SMALL_INCHES: Final = (2.9, 2.0)
_LABEL_INCHES: Final = 1.4
_MOST_COLUMNS: Final = 3
_SMALL_COLUMNS: Final = 4
_SMOOTHED_MONTHS: Final = 6
"""Months to each side of one that are averaged with it."""
_LAST_MONTHS: Final = 12
_GREY: Final = "0.55"


@dataclass(frozen=True)
class Trajectories:
    """A metric over time: months after the onset, and values of shape (month, replicate).

    Values stand by label of the posture, the reference first; a column has the same random numbers
    under each.  They are averaged over `n_points` points; `left_out` more replicates ran at some
    of the points only.
    """

    months: Integers
    by_posture: Mapping[str, Floats]
    n_points: int = 1
    left_out: int = 0


def _lacks(folder: FinishedFolder) -> str | None:
    if folder.results is None:
        return "it needs the runs of run or sweep"
    if _TABLE not in folder.results.tables:
        return "the result has no table timeseries (run it with --tables runs,timeseries)"
    return None


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    return series_figure(
        folder.runs, folder.metrics(choice.metrics), folder.postures(choice.postures)
    )


SERIES_KIND: Final = Kind("series", "What happens over time under each posture?", _lacks, _picture)


def series_figure(results: Results, metrics: Sequence[str], postures: Sequence[str] = ()) -> Figure:
    """Draw metrics of a result by posture over time; it must hold the table ``timeseries``."""
    experiment = results.plan["experiment"]
    labels = list(postures) or [posture["label"] for posture in experiment["postures"]]
    months = "months_after_switch"
    frame = results.columns_of(_TABLE, ["point", "posture", "replicate", months, *metrics])
    panels = {metric: trajectories_of(frame, metric, labels) for metric in metrics}
    return draw_series(panels, study=experiment["title"])


def trajectories_of(frame: pd.DataFrame, metric: str, labels: Sequence[str]) -> Trajectories:
    """Arrange a metric of the table of time series, by posture, with the reference first.

    A replicate has the same random numbers at every point, so points are averaged before
    replicates are counted; those that ran at some of the points only are left out.  Of one point, a
    replicate that a posture lacks is missing there.

    Raises
    ------
    InputError
        When no replicate ran at all points.
    """
    import pandas as pd

    month, *columns = "months_after_switch", "posture", "replicate"
    there = frame.loc[frame[metric].notna() & frame["posture"].isin(labels), _RUN]
    n_points, n_replicates = int(there["point"].nunique()), int(frame["replicate"].nunique())
    if n_points > 1:
        runs = there.drop_duplicates().groupby("replicate").size()
        frame = frame[frame["replicate"].isin(runs.index[runs == n_points * len(labels)])]
        if frame.empty:
            raise InputError("no replicate ran at all points", key=metric)
    wide = frame.pivot_table(index=month, columns=columns, values=metric, aggfunc="mean")
    wanted = pd.MultiIndex.from_product([labels, np.unique(frame["replicate"])])
    wide = wide.reindex(columns=wanted)
    by_posture = {label: wide[label].to_numpy(np.float64) for label in labels}
    left_out = n_replicates - int(frame["replicate"].nunique())
    return Trajectories(wide.index.to_numpy(np.int64), by_posture, max(n_points, 1), left_out)


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


def draw_series(panels: Mapping[str, Trajectories], *, study: str = "") -> Figure:
    """Draw a panel for each metric with all postures, or one for each posture where they are many.

    Up to four postures share a panel; below it stand their paired differences to the reference.
    """
    first = next(iter(panels.values()))
    labels = list(first.by_posture)
    many = len(labels) > MOST_TOGETHER
    figure = (_draw_small if many else _draw_together)(panels)
    explain(figure, " ".join(filter(None, (sentence(study), _caption(first, many=many)))))
    figure.align_ylabels()
    said = [_change_in_words(metric, paths) for metric, paths in panels.items()]
    return answered(figure, " ".join(said))


# ------------------------------------------------------------------------- postures together


def _draw_together(panels: Mapping[str, Trajectories]) -> Figure:
    labels = list(next(iter(panels.values())).by_posture)
    rows_of_panel = 2 if len(labels) > 1 else 1
    across = min(len(panels), _MOST_COLUMNS)
    down = -(-len(panels) // across) * rows_of_panel
    width, height = _PANEL_INCHES
    aside = _LABEL_INCHES if len(labels) > 1 else 0.0
    size = (max((width + aside) * across, 7.0), height * down + 1.3)
    figure = new_figure(*size, _title(panels, labels))
    grid = figure.subplots(down, across, sharex=True, squeeze=False)
    for place, (name, paths) in enumerate(panels.items()):
        row, column = divmod(place, across)
        metric = Metric[name]
        _draw_levels(grid[row * rows_of_panel, column], metric, paths)
        if rows_of_panel > 1:
            _draw_differences(grid[row * rows_of_panel + 1, column], metric, paths)
    _finish_axes(grid)
    return figure


def _style_of(place: int) -> dict[str, Any]:
    dash: Any = DASHES[place % len(DASHES)]
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": dash, "linewidth": 1.6}


def _draw_levels(axes: Axes, metric: Metric, paths: Trajectories) -> None:
    """Draw the mean of each posture with its interval, cut off where the unit ends."""
    ends = []
    for place, (label, values) in enumerate(paths.by_posture.items()):
        found, style = summarise(values), _style_of(place)
        axes.plot(paths.months, found["mean"], label=label, **style)
        _draw_band(axes, paths.months, found, style["color"], metric)
        ends.append((label, float(found["mean"][-1]), style["color"]))
    axes.set_ylabel(metric_label(metric, of_month=True))
    axes.margins(x=0.01)
    keep_in_unit(axes, metric)
    if len(ends) > 1:
        label_ends(axes, ends, _PANEL_INCHES[1] - 0.5)


def _draw_differences(axes: Axes, metric: Metric, paths: Trajectories) -> None:
    """Draw what each posture changes against the reference, pair by pair."""
    (reference, base), *others = paths.by_posture.items()
    axes.axhline(0.0, color=COLOURS[0], linewidth=1.2)
    smooth_base = smoothed(base, paths.months)
    ends = []
    for place, (label, values) in enumerate(others, start=1):
        found = contrast(smoothed(values, paths.months), smooth_base)
        style = _style_of(place)
        axes.plot(paths.months, found["difference"], label=label, **style)
        _draw_band(axes, paths.months, found, style["color"])
        ends.append((label, float(found["difference"][-1]), style["color"]))
    unit = unit_words(metric, change=True, of_month=True)
    axes.set_ylabel(
        f"change against {short_label(reference)}\n"
        + (f"({unit}; smoothed)" if unit else "(smoothed)")
    )
    axes.margins(x=0.01)
    label_ends(axes, ends, _PANEL_INCHES[1] - 0.5)


def _draw_band(
    axes: Axes,
    months: Integers,
    found: Mapping[str, Floats],
    colour: str,
    metric: Metric | None = None,
) -> None:
    """Draw an interval over time, where there is one, cut off at the limits of a metric."""
    ends = found["ci_low"], found["ci_high"]
    if np.isfinite(ends[0]).any():
        low, high = ends if metric is None else (within_unit(one, metric) for one in ends)
        axes.fill_between(months, low, high, color=colour, alpha=0.16, linewidth=0)


# --------------------------------------------------------------------------- small multiples


def _draw_small(panels: Mapping[str, Trajectories]) -> Figure:
    """Draw a panel for each metric and posture, with the reference behind it in grey."""
    labels = list(next(iter(panels.values())).by_posture)
    others = labels[1:]
    rows_of_metric = -(-len(others) // _SMALL_COLUMNS)
    across = -(-len(others) // rows_of_metric)
    width, height = _SMALL_INCHES
    size = (width * across + 0.6, (height + 0.25) * rows_of_metric * len(panels) + 1.4)
    figure = new_figure(*size, _title(panels, labels))
    grid = figure.subplots(rows_of_metric * len(panels), across, sharex=True, squeeze=False)
    for place, (name, paths) in enumerate(panels.items()):
        rows = grid[place * rows_of_metric : (place + 1) * rows_of_metric]
        _draw_block(rows, Metric[name], paths)
    _finish_axes(grid)
    return figure


def _draw_block(rows: Any, metric: Metric, paths: Trajectories) -> None:
    """Draw the panels of a metric, all with the same limits."""
    (_, base), *others = paths.by_posture.items()
    smooth_base = smoothed(base, paths.months)
    used = rows.flat[: len(others)]
    for axes, (label, values) in zip(used, others, strict=True):
        smooth = smoothed(values, paths.months)
        for one, colour, width in ((smooth_base, _GREY, 1.4), (smooth, COLOURS[1], 1.7)):
            found = summarise(one)
            axes.plot(paths.months, found["mean"], color=colour, linewidth=width)
            _draw_band(axes, paths.months, found, colour, metric)
        change, interval = _last_change(values, base)
        heading = f"{short_label(label)}\n{change}"
        axes.set_title(
            f"{heading} ({interval})" if interval else heading, loc="left", fontsize="small"
        )
        axes.margins(x=0.01)
    low = min(axes.get_ylim()[0] for axes in used)
    high = max(axes.get_ylim()[1] for axes in used)
    for axes in used:
        axes.set_ylim(low, high)
        keep_in_unit(axes, metric)
        axes.tick_params(labelleft=axes in rows[:, 0])
    for axes in rows[:, 0]:
        axes.set_ylabel(f"{metric_label(metric, of_month=True)[:-1]}; smoothed)", fontsize="small")


# ------------------------------------------------------------------------------ what is shared


def _title(panels: Mapping[str, Trajectories], labels: Sequence[str]) -> str:
    names = " and ".join(title_in_sentence(Metric[name]) for name in panels)
    if len(labels) == 1:
        return f"What happens to {names} over time under {in_words(labels[0])}?"
    return f"What do postures do to {names} over time?"


def _finish_axes(grid: Any) -> None:
    """Mark the onset in each panel, label the lowest, and take away what carries nothing."""
    for axes in grid.flat:
        if axes.has_data():
            _mark_onset(axes)
            tidy(axes)
        else:
            axes.set_visible(False)
    for column in range(grid.shape[1]):
        lowest = [axes for axes in grid[:, column] if axes.get_visible()][-1]
        lowest.set_xlabel("months after the onset")
        lowest.tick_params(labelbottom=True)


def _mark_onset(axes: Axes) -> None:
    axes.axvline(0.0, color="0.35", linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
    axes.annotate(
        "onset",
        (0.0, 1.0),
        (-3.0, -2.0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize="x-small",
        color="0.35",
        ha="right",
        va="top",
    )


def _caption(paths: Trajectories, *, many: bool) -> str:
    """Say what lines and bands are."""
    n_postures = len(paths.by_posture)
    reference, first = next(iter(paths.by_posture.items()))
    points = f", each averaged over {paths.n_points} points" if paths.n_points > 1 else ""
    is_one = first.shape[1] == 1
    said = (
        f"Lines: mean of {first.shape[1]} replicates{points}."
        if not is_one
        else (f"Lines: one replicate{points.replace('each ', '')}.")
    )
    if paths.left_out:
        said += f" {paths.left_out} more ran at some of the points only, and are left out."
    if not is_one:
        said += " Bands: its 95 % interval."
    elif n_postures > 1:
        said += f" {ONE_PAIR.capitalize()}."
    smoothing = f"averaged over up to {_SMOOTHED_MONTHS} months to either side"
    if many:
        said += (
            f" Grey: {in_words(reference)}. Both are smoothed: {smoothing}. Below the name: change"
            f" against {in_words(reference)} in the last {_LAST_MONTHS} months, in pairs of runs"
            " with the same random numbers" + ("." if is_one else ", with its 95 % interval.")
        )
    elif n_postures > 1:
        said += f" Changes: in pairs of runs with the same random numbers, {smoothing}."
    return said


def _last_change(values: Floats, base: Floats) -> tuple[str, str]:
    """Write the paired difference in the last year, and its interval if there is one."""
    last = slice(-_LAST_MONTHS, None)
    found = contrast(values[last].mean(axis=0)[None], base[last].mean(axis=0)[None])
    difference, low, high = (float(found[name][0]) for name in ("difference", "ci_low", "ci_high"))
    change, interval = with_interval(difference, low, high)
    return figure_text(change), "" if interval == MISSING else figure_text(interval)


def _change_in_words(name: str, paths: Trajectories) -> str:
    """Say in a sentence where a metric ends, and what moves it most."""
    metric = Metric[name]
    (reference, base), *others = paths.by_posture.items()
    last = float(np.nanmean(base[-_LAST_MONTHS:]))
    if not others:
        unit = unit_words(metric, of_month=True)
        return f"{metric.title}: {last:.3g} in the last year" + (f" ({unit})." if unit else ".")
    sizes = [abs(float(np.nanmean((values - base)[-_LAST_MONTHS:]))) for _, values in others]
    label, values = others[int(np.argmax(sizes))]
    change, interval = _last_change(values, base)
    which = "" if len(others) == 1 else ", the largest change"
    return (
        f"{metric.title}: in the last year {in_words(label)} changes it by {change}"
        f" ({interval or ONE_PAIR})"
        f" against {in_words(reference)}{which}."
    )
