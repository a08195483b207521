"""The picture of where a condition holds: the points over two factors, and what matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from regional_sim.answers.discovery.boxes import Box, Interval
from regional_sim.answers.discovery.condition import Condition
from regional_sim.answers.discovery.discovery import (
    FEWEST_EXPLORED,
    Discovery,
    DiscoveryRequest,
    discovered,
)
from regional_sim.errors import InputError
from regional_sim.experiment.experiment import DIFFERENCE
from regional_sim.experiment.levels import level_text
from regional_sim.experiment.points import Factor
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import (
    COLOURS,
    answered,
    axis_label,
    explain,
    factor_meanings,
    figure_text,
    in_words,
    new_figure,
    sentence,
    title_in_sentence,
)
from regional_sim.report.discovery import MOST_SCORED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HOLDS: Final = COLOURS[1]
_HOLDS_NOT: Final = COLOURS[5]
_WIDTHS: Final = (1.25, 1.0)
_MARGIN: Final = 0.04


def _lacks(folder: FinishedFolder) -> str | None:
    if folder.results is None:
        return "it needs the runs of sweep"
    points = folder.points
    if not points.factors:
        return "no factor varies (run a sweep, such as uncertainty_sample)"
    if len(folder.labels) == 1:
        return "there is one posture, and nothing to compare it with"
    if points.n_points < FEWEST_EXPLORED:
        return f"its {points.n_points} points are too few; it takes {FEWEST_EXPLORED}"
    return None


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    """Draw where the first metric is higher under a posture than under the reference."""
    (metric,) = folder.metrics(choice.metrics, 1)
    _, posture, *_ = folder.compared_postures(choice.postures)
    where = (f"{metric}.{DIFFERENCE} > 0",)
    request = DiscoveryRequest(where, window=choice.window, posture=posture)
    return discovery_figure(discovered(folder.points, request))


DISCOVERY_KIND: Final = Kind(
    "discovery",
    "Where is the outcome higher under a posture?",
    _lacks,
    _picture,
    of_one_metric=True,
)


def discovery_figure(found: Discovery) -> Figure:
    """Draw points and boxes over the factors that matter most, and the scores of factors.

    With boxes of PRIM there is a third panel, of coverage and density as the first box is peeled.
    """
    if found.boxes is None or found.scores is None:
        what = "there is nothing to draw, as no region could be looked for"
        raise InputError(what, where=found.source, key=found.asked)
    peeled = len(found.boxes.trajectory) > 0
    widths = (*_WIDTHS, 0.9) if peeled else _WIDTHS
    conditions = " and ".join(map(_in_words, found.conditions))
    figure = new_figure(13.5 if peeled else 10.5, 5.6, f"Where is {conditions}?")
    panels = figure.subplots(1, len(widths), width_ratios=widths)
    _draw_points(panels[0], found)
    _draw_scores(panels[1], found)
    if peeled:
        _draw_trajectory(panels[2], found)
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    window = f"Window {found.conditions[0].outcome.window}, {len(found.points)} points."
    meanings = factor_meanings(found.factors[place] for place in _axes_of(found))
    explain(figure, f"{sentence(found.title)} {window} {meanings}", _handles(), columns=3)
    share = float(found.holds.mean())
    best = [one.path for one in found.scores.ranked[:2]]
    return answered(
        figure,
        f"It holds at {share:.0%} of {len(found.points)} points; what decides it most:"
        f" {', '.join(in_words(path.rpartition('.')[2]) for path in best)}.",
    )


def _in_words(condition: Condition) -> str:
    """Write a condition in words, as what is asked about."""
    of = condition.outcome
    limit = figure_text(f"{condition.limit:g}")
    whose = f"under {in_words(of.posture)}"
    name = title_in_sentence(of.metric)
    if of.reference is None:
        return f"{name} {condition.relation} {limit} {whose}"
    if condition.limit == 0.0:
        higher = "higher" if ">" in condition.relation else "lower"
        return f"{name} {higher} {whose} than under {in_words(of.reference)}"
    against = f"against {in_words(of.reference)}"
    return f"the change of {name} {condition.relation} {limit} {whose} {against}"


def _axes_of(found: Discovery) -> list[int]:
    """Choose one or two columns of the inputs: those of the best box first, then by score."""
    ranked = [one.path for one in found.scores.ranked] if found.scores else []
    boxes = found.boxes.boxes if found.boxes else ()
    holding = sorted((one for one in boxes if one.mostly_holds), key=lambda one: -one.holding)
    limited = {one.factor.path for box in holding[:1] for one in box.intervals}
    ranked.sort(key=lambda path: path not in limited)
    places = {factor.path: place for place, factor in enumerate(found.factors)}
    return [places[path] for path in ranked[:2]]


def _draw_points(axes: Axes, found: Discovery) -> None:
    """Draw each point, and the boxes in which the condition mostly holds."""
    at = _axes_of(found)
    x = found.inputs[:, at[0]]
    y = found.inputs[:, at[1]] if len(at) > 1 else np.zeros(len(x))
    for holds, colour, mark in ((True, _HOLDS, "o"), (False, _HOLDS_NOT, "x")):
        for sure in (True, False):
            chosen = (found.holds == holds) & (found.sure == sure)
            style: dict[str, Any] = {"c": colour} if mark == "x" else {"ec": colour, "fc": "none"}
            if mark == "o" and sure:
                style["fc"] = colour
            size = 34 if sure or mark == "o" else 16
            axes.scatter(x[chosen], y[chosen], marker=mark, s=size, lw=1.3, zorder=3, **style)
    of_axes = [found.factors[place] for place in at]
    ends = [_span(axes, "x", of_axes[0], x)]
    if len(at) > 1:
        ends.append(_span(axes, "y", of_axes[1], y))
    else:
        axes.set_yticks([])
        ends.append((-1.0, 1.0))
        axes.set_ylim(-1.0, 1.0)
    for box in found.boxes.boxes if found.boxes else ():
        if box.mostly_holds:
            _draw_box(axes, box, of_axes, ends)
    axes.set_title("Points, and boxes in which it holds", loc="left", fontsize="medium")


def _span(axes: Axes, side: str, factor: Factor, levels: Any) -> tuple[float, float]:
    """Label an axis, with the words of levels that are no numbers; return its ends."""
    margin = _MARGIN * float(np.ptp(levels)) or 1.0
    ends = float(levels.min()) - margin, float(levels.max()) + margin
    axes.set(**{f"{side}label": axis_label(factor), f"{side}lim": ends})
    if factor.kind == "text":
        words = [level_text(one) for one in factor.levels.distinct]
        axes.set(**{f"{side}ticks": range(len(words)), f"{side}ticklabels": words})
    return ends


def _draw_box(axes: Axes, box: Box, of_axes: list[Factor], ends: list[tuple[float, float]]) -> None:
    """Draw a box; dashed where other factors limit it too."""
    limits = {one.factor.path: one for one in box.intervals}
    lows, highs = [], []
    for place, (first, last) in enumerate(ends):
        path = of_axes[place].path if place < len(of_axes) else ""
        interval = limits.pop(path, None) or Interval(of_axes[0])
        lows.append(max(interval.low, first))
        highs.append(min(interval.high, last))
    axes.add_patch(
        Rectangle(
            (lows[0], lows[1]),
            highs[0] - lows[0],
            highs[1] - lows[1],
            facecolor=_HOLDS,
            alpha=0.12,
            zorder=1,
        )
    )
    axes.add_patch(
        Rectangle(
            (lows[0], lows[1]),
            highs[0] - lows[0],
            highs[1] - lows[1],
            fill=False,
            edgecolor="black",
            linewidth=1.4,
            linestyle="dashed" if limits else "solid",
            zorder=2,
        )
    )


def _draw_scores(axes: Axes, found: Discovery) -> None:
    """Draw the scores of the factors that matter most, the largest on top."""
    scored = found.scores.of_factors[:MOST_SCORED] if found.scores else ()
    for place, one in enumerate(scored):
        loss = one.loss
        colour = "0.35" if one.matters else "0.8"
        axes.barh(place, 100.0 * loss.mean, color=colour, height=0.65)
        axes.plot([100.0 * loss.low, 100.0 * loss.high], [place, place], color="black", lw=1.3)
    names = [one.factor.path.rpartition(".")[2].replace("_", " ") for one in scored]
    axes.set_yticks(range(len(scored)), names)
    axes.invert_yaxis()
    axes.axvline(0.0, color="0.2", lw=0.8)
    axes.set_xlabel("loss of accuracy (percentage points)")
    axes.set_title("Factors that matter most", loc="left", fontsize="medium")


def _draw_trajectory(axes: Axes, found: Discovery) -> None:
    """Draw coverage against density as the first box is peeled, and the box that was taken."""
    steps = 100.0 * found.boxes.trajectory if found.boxes else np.empty((0, 2))
    axes.plot(steps[:, 0], steps[:, 1], marker="o", ms=4, color="0.35", lw=1.0)
    for box in found.boxes.boxes[:1] if found.boxes else ():
        where = 100.0 * box.coverage, 100.0 * box.density
        axes.plot(*where, marker="D", ms=9, mfc="none", mec="black", mew=1.6)
        axes.annotate("taken", where, (8, 6), textcoords="offset points", fontsize="small")
    axes.set_xlabel("coverage (%)")
    axes.set_ylabel("density (%)")
    axes.set_title("Peeling of the first box", loc="left", fontsize="medium")


def _handles() -> list[Any]:
    """Say what marks and boxes are."""
    holds: dict[str, Any] = {"ls": "", "marker": "o", "mec": _HOLDS}
    holds_not: dict[str, Any] = {"ls": "", "marker": "x", "mec": _HOLDS_NOT, "mew": 1.5}
    return [
        Line2D([], [], mfc=_HOLDS, label="holds", **holds),
        Line2D([], [], mfc="none", label="holds, but noise may decide", **holds),
        Line2D([], [], ms=6, label="does not hold", **holds_not),
        Line2D([], [], ms=4, label="does not, but noise may decide", **holds_not),
        Patch(facecolor=_HOLDS, alpha=0.25, edgecolor="black", label="box"),
        Patch(fill=False, edgecolor="black", ls="dashed", label="box that other factors limit too"),
    ]
