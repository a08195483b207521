"""The figure of a search for a policy: what can be had together, and by which levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from regional_sim.answers.policies.candidates import ANSWER, FROM_MONTH
from regional_sim.answers.policies.policy_search import Judged
from regional_sim.answers.policies.search_plan import SearchPlan
from regional_sim.figures.style import COLOURS, DPI
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.numerics.arrays import Floats
from regional_sim.report.text import unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES: Final = (11.5, 5.2)
_DARK: Final = 0.75
_NEAR: Final = (0.06, 0.04)
"""Shares of the axes within which labels would cover each other."""
_FOUND, _NAMED, _BEST = COLOURS[1], COLOURS[0], COLOURS[2]


def draw_policies(plan: SearchPlan, judged: Judged, path: Path) -> None:
    """Draw the goals against each other, and the levels of the policies found."""
    figure = Figure(figsize=_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        "Which policy has "
        + " and ".join(goal.words for goal in plan.goals).replace("_", " ")
        + "?"
    )
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1.0))
    _draw_goals(left, plan, judged)
    _draw_levels(right, plan, judged)
    metadata = {"Software": None} if path.suffix == ".png" else None
    figure.savefig(path, dpi=DPI, metadata=metadata)


def _draw_goals(axes: Axes, plan: SearchPlan, judged: Judged) -> None:
    """Draw every posture by the first goal and the second, or its regret where there is one."""
    names = [metric.name for metric in plan.metrics]
    means = judged.differences.mean(axis=1)
    first = plan.goals[0]
    x = means[:, names.index(first.metric.name)]
    if len(plan.goals) > 1:
        second = plan.goals[1]
        y = means[:, names.index(second.metric.name)]
        axes.set_ylabel(_axis(plan, second.metric.name, most=second.most))
    else:
        y = judged.regret.max(axis=1)
        axes.set_ylabel("Largest regret (smallest effects), lower is better")
    n_found = len(judged.candidates)
    axes.axvline(0.0, color="0.8", linewidth=1, zorder=0)
    axes.axhline(0.0, color="0.8", linewidth=1, zorder=0)
    axes.scatter(x[n_found:], y[n_found:], marker="s", s=36, color=_NAMED, label="named postures")
    axes.scatter(x[:n_found], y[:n_found], marker="o", s=36, color=_FOUND, label="found")
    if judged.chosen is not None:
        at = judged.chosen
        axes.scatter(
            x[at], y[at], marker="*", s=260, color=_BEST, edgecolor="white", label="least regret"
        )
    names_of = [
        one.label.removeprefix("found_") if at < n_found else one.label.replace("_", " ")
        for at, one in enumerate(judged.postures)
    ]
    for (left, up), label in _labels(x, y, names_of):
        axes.annotate(label, (left, up), (5, 5), textcoords="offset points", fontsize=8)
    axes.margins(0.14)
    axes.locator_params(nbins=6)
    axes.set_xlabel(_axis(plan, first.metric.name, most=first.most))
    together = "What can be had together" if len(plan.goals) > 1 else "What can be had, and regret"
    axes.set_title(together, loc="left", fontsize=11)
    axes.legend(frameon=False, fontsize=8, loc="best")


def _labels(
    x: Floats, y: Floats, names: Sequence[str]
) -> Iterator[tuple[tuple[float, float], str]]:
    """Give each place a label; postures too near to each other for two labels share one."""
    width, height = (max(float(np.ptp(values)), 1e-12) for values in (x, y))
    left = list(range(len(names)))
    while left:
        first = left[0]
        aside, above = abs(x - x[first]) / width, abs(y - y[first]) / height
        near = [at for at in left if aside[at] < _NEAR[0] and above[at] < _NEAR[1]]
        left = [at for at in left if at not in near]
        yield (float(x[first]), float(y[first])), ", ".join(names[at] for at in near)


def _axis(plan: SearchPlan, name: str, *, most: bool) -> str:
    metric = next(one for one in plan.metrics if one.name == name)
    better = "higher" if most else "lower"
    words = name.replace("_", " ").capitalize()
    unit, reference = unit_text(metric.unit), plan.experiment.labels[0]
    return f"{words} against {reference} ({unit}), {better} is better"


def _draw_levels(axes: Axes, plan: SearchPlan, judged: Judged) -> None:
    """Draw the levels of the policies found as a table of shaded cells."""
    instruments = [Instrument[name] for name in plan.space.instruments]
    columns = [one.name for one in instruments]
    extra = [name for name in (FROM_MONTH, ANSWER) if name in plan.space.distributions()]
    usual = [TRADITIONAL_LEVELS[one] for one in instruments]
    found = [[one[name] for name in columns] for one in judged.candidates]
    levels = np.array([usual, *found])
    axes.imshow(levels, cmap="Blues", vmin=0.0, vmax=1.3, aspect="auto")
    rows = ["traditional", *(one.label.removeprefix("found_") for one in judged.postures)]
    for (row, column), value in np.ndenumerate(levels):
        colour = "white" if value > _DARK else "black"
        written = f"{value:.2f}"
        axes.text(column, row, written, ha="center", va="center", fontsize=8, color=colour)
    for place, name in enumerate(extra, start=len(columns)):
        for row, candidate in enumerate(judged.candidates, start=1):
            written = f"{candidate[name]:+.2f}" if name == ANSWER else f"{candidate[name]:.0f}"
            axes.text(place, row, written, ha="center", va="center", fontsize=8)
    heads = [name.replace("_", "\n") for name in (*columns, *extra)]
    heads = [{"answer": "answer to\ntension"}.get(head, head) for head in heads]
    axes.set_xticks(range(len(heads)), heads, fontsize=7)
    axes.set_yticks(range(len(levels)), rows[: len(levels)], fontsize=8)
    axes.set_xlim(-0.5, len(heads) - 0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if judged.chosen is not None and judged.chosen < len(judged.candidates):
        axes.get_yticklabels()[judged.chosen + 1].set(color=_BEST, fontweight="bold")
    axes.set_title("Levels of the policies found", loc="left", fontsize=11)
