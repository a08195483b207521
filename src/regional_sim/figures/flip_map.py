"""The map of where effects flip: a panel for each posture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from regional_sim.answers.discovery.flips import (
    FEWEST_FITTED,
    FlipMap,
    FlipsRequest,
    PostureFlips,
    flip_map,
)
from regional_sim.experiment.experiment import DIFFERENCE
from regional_sim.experiment.sampling import Sampled
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import (
    answered,
    axis_label,
    explain,
    factor_meanings,
    in_words,
    new_figure,
    sentence,
    short_label,
    title_in_sentence,
    unit_words,
)
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS: Final = 2
_FEWEST_CELLS: Final = 4
_PANEL_INCHES: Final = (3.7, 2.8)
_COLOURS: Final = "RdBu_r"
_BANDS: Final = 22
"""Borders of the bands of colour of a fitted surface; 0 lies in the middle of the pale one."""
_MOST_CROSSINGS: Final = 400
"""Cells of a grid in which signs are drawn."""


def _lacks_two_factors(folder: FinishedFolder) -> str | None:
    if folder.results is None:
        return "it needs the runs of sweep"
    if sum(one.kind != "text" for one in folder.points.factors) < 2:  # noqa: PLR2004 (both axes)
        return "fewer than two factors of numbers vary"
    if len(folder.labels) == 1:
        return "there is one posture, and nothing to compare it with"
    return None


def _is_grid(folder: FinishedFolder) -> bool:
    """Tell whether the points of a result make a full grid over two factors of numbers."""
    design = folder.points.experiment.made_by()
    return not isinstance(design, Sampled) and folder.points.n_points >= _FEWEST_CELLS


def _lacks_grid(folder: FinishedFolder) -> str | None:
    reason = _lacks_two_factors(folder)
    if reason is None and not _is_grid(folder):
        return "its points make no grid over two factors; flips fits a surface to them"
    return reason


def _lacks_sample(folder: FinishedFolder) -> str | None:
    reason = _lacks_two_factors(folder)
    if reason is None and _is_grid(folder):
        return "its points make a grid, which heat_map shows"
    if reason is None and folder.points.n_points < FEWEST_FITTED:
        return f"its {folder.points.n_points} points are too few; it takes {FEWEST_FITTED}"
    return reason


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    (metric,) = folder.metrics(choice.metrics, 1)
    _, *postures = folder.compared_postures(choice.postures)
    request = FlipsRequest(f"{metric}.{DIFFERENCE}", window=choice.window, postures=tuple(postures))
    return flips_figure(flip_map(folder.points, request))


HEAT_MAP_KIND: Final = Kind(
    "heat_map",
    "How does the effect depend on two factors?",
    _lacks_grid,
    _picture,
    of_one_metric=True,
)
FLIPS_KIND: Final = Kind(
    "flips", "Where does the effect flip?", _lacks_sample, _picture, of_one_metric=True
)


def flips_figure(found: FlipMap) -> Figure:
    """Draw each posture's effect over two factors, with the line of zero and what is unsure."""
    across = min(_ACROSS, len(found.postures))
    down = -(-len(found.postures) // across)
    width, height = _PANEL_INCHES
    of = found.postures[0].outcome
    reference = in_words(str(of.reference))
    size = (max(width * across + 1.0, 7.0), height * down + 2.1)
    title = f"Where does the effect on {title_in_sentence(of.metric)} flip?"
    figure = new_figure(*size, title)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    largest = max(float(np.nanmax(np.abs(one.surface.mean))) for one in found.postures) or 1.0
    drawn: Any = None
    for place, axes in enumerate(grid.flat):
        if place >= len(found.postures):
            axes.set_visible(False)
            continue
        drawn = _draw_map(axes, found, found.postures[place], largest)
        if place + across >= len(found.postures):
            axes.set_xlabel(axis_label(found.x))
            axes.tick_params(labelbottom=True)
        if place % across == 0:
            axes.set_ylabel(axis_label(found.y))
    bar = figure.colorbar(drawn, ax=grid, pad=0.02, ticks=MaxNLocator(7))
    unit = unit_words(of.metric, change=True)
    bar.set_label(f"change against {reference}" + (f" ({unit})" if unit else ""), fontsize="small")
    others = f", averaged over {len(found.others)} other factors" if found.others else ""
    caption = f"{sentence(found.title)} Window {of.window}, {found.n_points} points{others}."
    caption += f" {factor_meanings((found.x, found.y))}"
    explain(figure, caption, _handles(found), columns=_ACROSS)
    return answered(figure, " ".join(map(_answer, found.postures)))


def _answer(one: PostureFlips) -> str:
    """Say at how much of the map a posture raises and lowers the metric."""
    counts = one.effect_counts()
    raises, lowers, negligible, unclear = (count / max(sum(counts), 1) for count in counts)
    return (
        f"{in_words(one.outcome.posture)}: raises at {raises:.0%} of the map, lowers at"
        f" {lowers:.0%}, negligible at {negligible:.0%}, unclear at {unclear:.0%}."
    )


def _draw_map(axes: Axes, found: FlipMap, one: PostureFlips, largest: float) -> Any:
    surface = one.surface
    drawn: Any
    if found.is_measured:
        limits: dict[str, Any] = {"vmin": -largest, "vmax": largest}
        edges = _edges(surface.x), _edges(surface.y)
        drawn = axes.pcolormesh(*edges, surface.mean, cmap=_COLOURS, **limits)
    else:
        bands = np.linspace(-largest, largest, _BANDS)
        drawn = axes.contourf(surface.x, surface.y, surface.mean, levels=bands, cmap=_COLOURS)
    unsure = (surface.low <= 0.0) & (surface.high >= 0.0)
    if found.is_measured:
        _pale_cells(axes, surface.x, surface.y, unsure)
    elif unsure.any():
        _pale_area(axes, surface.x, surface.y, np.where(unsure, 1.0, 0.0))
    _draw_lines(axes, one)
    if not found.is_measured:
        _draw_points(axes, found, one)
    elif surface.mean.size <= _MOST_CROSSINGS:
        _draw_signs(axes, one, unsure)
    axes.set_title(short_label(one.outcome.posture), loc="left", fontsize="medium")
    return drawn


def _edges(levels: Floats) -> Floats:
    """Return the borders between levels, half-way between neighbours."""
    middle = (levels[1:] + levels[:-1]) / 2.0
    first, last = levels[0] - (middle[0] - levels[0]), levels[-1] + (levels[-1] - middle[-1])
    edges: Floats = np.concatenate([[first], middle, [last]])
    return edges


def _pale_cells(axes: Axes, x: Floats, y: Floats, unsure: Any) -> None:
    """Hatch the cells whose interval holds 0."""
    across, down = _edges(x), _edges(y)
    for row, column in np.argwhere(unsure):
        corner = (across[column], down[row])
        size = (across[column + 1] - across[column], down[row + 1] - down[row])
        axes.add_patch(
            Rectangle(
                corner,
                *size,
                facecolor=(1.0, 1.0, 1.0, 0.35),
                edgecolor="0.45",
                hatch="////",
                linewidth=0.0,
            )
        )


def _pale_area(axes: Axes, x: Floats, y: Floats, unsure: Floats) -> None:
    """Hatch the area in which the interval holds 0."""
    axes.contourf(x, y, unsure, levels=[0.5, 1.5], colors=["white"], alpha=0.35)
    hatched = axes.contourf(x, y, unsure, levels=[0.5, 1.5], colors="none", hatches=["////"])
    hatched.set_edgecolor("0.45")
    hatched.set_linewidth(0.0)


def _draw_lines(axes: Axes, one: PostureFlips) -> None:
    """Draw where the mean is 0, and where it is the smallest effect of interest."""
    surface, smallest = one.surface, one.outcome.smallest
    there = surface.mean[~np.isnan(surface.mean)]

    def crossed(at: float) -> bool:
        return bool(there.min() < at < there.max())

    if crossed(0.0):
        axes.contour(surface.x, surface.y, surface.mean, levels=[0.0], colors="black", linewidths=2)
    of_interest = [at for at in (-smallest, smallest) if smallest > 0.0 and crossed(at)]
    if of_interest:
        axes.contour(
            surface.x,
            surface.y,
            surface.mean,
            levels=of_interest,
            colors="0.15",
            linewidths=1.0,
            linestyles="dashed",
        )


def _draw_signs(axes: Axes, one: PostureFlips, unsure: Any) -> None:
    """Mark cells in which the sign is sure, so that the map can be read without colours."""
    surface = one.surface
    across, down = np.meshgrid(surface.x, surface.y)
    for mark, of_sign in (("^", surface.low > 0.0), ("v", surface.high < 0.0)):
        chosen = of_sign & ~unsure
        axes.scatter(across[chosen], down[chosen], s=16, marker=mark, c="white", ec="black", lw=0.7)


def _draw_points(axes: Axes, found: FlipMap, one: PostureFlips) -> None:
    """Draw the points of the sample by the sign of their own mean."""
    for mark, chosen in (("^", one.values > 0.0), ("v", one.values < 0.0)):
        axes.scatter(
            found.points_x[chosen],
            found.points_y[chosen],
            s=16,
            marker=mark,
            c="white",
            ec="black",
            lw=0.7,
            clip_on=False,
            zorder=3,
        )


def _handles(found: FlipMap) -> list[Any]:
    """Say what lines, marks and hatching are."""
    one = found.postures[0].outcome
    reference = in_words(str(one.reference))
    whose = "whole 95 % interval" if found.is_measured else "mean of a point"
    marks: dict[str, Any] = {"ls": "", "mfc": "white", "mec": "black", "ms": 5}
    return [
        Line2D([], [], color="black", lw=2, label="no change: here the effect flips"),
        Line2D([], [], color="0.15", lw=1, ls="dashed", label=f"smallest effect ±{one.smallest:g}"),
        Patch(
            facecolor="white",
            edgecolor="0.45",
            hatch="////",
            label="interval holds 0: sign unclear",
        ),
        Line2D(
            [],
            [],
            marker="^",
            label=f"higher than {reference} ({whose})",
            **marks,
        ),
        Line2D(
            [],
            [],
            marker="v",
            label=f"lower than {reference} ({whose})",
            **marks,
        ),
    ]
