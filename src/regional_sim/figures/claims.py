"""A picture of hypotheses: each effect beside the smallest one of interest, and its verdict."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from regional_sim.answers.hypotheses.judged import JudgedHypotheses, JudgedHypothesis
from regional_sim.answers.hypotheses.verdicts import (
    CONTRADICTED,
    NEGLIGIBLE,
    STRUCTURAL,
    SUPPORTED,
    UNDECIDED,
)
from regional_sim.errors import visible
from regional_sim.figures.style import DPI
from regional_sim.report.hypotheses import EXPECTED_IN_WORDS, percent_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS: Final[dict[str, dict[str, Any]]] = {
    SUPPORTED: {"marker": "o", "color": "#0072b2", "markerfacecolor": "#0072b2"},
    CONTRADICTED: {"marker": "X", "color": "#d55e00", "markerfacecolor": "#d55e00"},
    NEGLIGIBLE: {"marker": "s", "color": "0.35", "markerfacecolor": "0.35"},
    UNDECIDED: {"marker": "o", "color": "0.35", "markerfacecolor": "white"},
    STRUCTURAL: {"marker": "D", "color": "#009e73", "markerfacecolor": "white"},
}
"""Colour (Okabe & Ito 2008) and shape of each verdict; shapes tell them apart in grey."""

_DOWNWARD: Final = frozenset({"fall", "no_rise"})
_ROW_INCHES: Final = 0.3
_WIDTH_INCHES: Final = 11.0
_LABEL_CHARACTERS: Final = 44


def hypotheses_figure(found: JudgedHypotheses, path: Path) -> Path:
    """Draw a line for each hypothesis; the ending of the path decides the format."""
    # Without the version of Matplotlib in it, equal figures are equal files.
    metadata = {"Software": None} if path.suffix == ".png" else None
    path.parent.mkdir(parents=True, exist_ok=True)
    _draw(found).savefig(path, dpi=DPI, metadata=metadata)
    return path


def _draw(found: JudgedHypotheses) -> Figure:
    """Draw effects to the left, and to the right in how much of the prior claims hold."""
    n = len(found.rows)
    height = _ROW_INCHES * n + 2.4
    figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    FigureCanvasAgg(figure)
    if found.points:
        effects, shares = figure.subplots(1, 2, sharey=True, width_ratios=(3.4, 1.0))
        _draw_shares(shares, found)
    else:
        effects = figure.subplots()
    _draw_effects(effects, found)
    figure.suptitle(visible(found.experiment.title), fontweight="bold")
    figure.legend(
        handles=_legend(found), loc="outside lower center", ncols=4, frameon=False, fontsize="small"
    )
    # What users write is text, also where it has dollar signs.
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure


def _draw_effects(axes: Axes, found: JudgedHypotheses) -> None:
    """Draw each effect, to the right where it goes the way of the claim."""
    axes.axvspan(-1.0, 1.0, color="0.92", linewidth=0, zorder=0)
    axes.axvline(0.0, color="0.35", linewidth=1.0, zorder=1)
    for place, row in enumerate(found.rows):
        _draw_row(axes, place, row)
    axes.set_xscale("symlog", linthresh=2.0, linscale=1.2)
    reach = max(map(abs, axes.get_xlim()))
    ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    shown = [tick for tick in ticks if tick <= reach] or [1]
    axes.set_xticks([*(-tick for tick in reversed(shown)), 0, *shown], minor=False)
    axes.set_xticklabels([*(f"−{tick}" for tick in reversed(shown)), "0", *map(str, shown)])
    axes.minorticks_off()
    axes.set_yticks(range(len(found.rows)), [_label(row) for row in found.rows])
    axes.set_ylim(len(found.rows) - 0.4, -0.6)
    axes.set_xlabel(
        "effect in smallest effects of interest, to the right in the direction of the claim\n"
        "(of claims of no change: up to the right); compressed beyond 2 to either side",
        fontsize="small",
    )
    axes.tick_params(axis="y", length=0, labelsize="small")
    axes.tick_params(axis="x", labelsize="small")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color="0.93", linewidth=0.8)
    axes.set_axisbelow(True)


def _draw_row(axes: Axes, place: int, row: JudgedHypothesis) -> None:
    """Draw the spread over the prior, the interval, and the effect."""
    sign = -1.0 if row.hypothesis.expects in _DOWNWARD else 1.0
    unit = sign / row.smallest
    if not math.isnan(row.prior_low):
        ends = (row.prior_low * unit, row.prior_high * unit)
        axes.plot(ends, (place, place), color="0.72", linewidth=5.0, solid_capstyle="butt")
    mark = _MARKS[row.verdict]
    interval = (row.ci_low * unit, row.ci_high * unit)
    axes.plot(interval, (place, place), color=mark["color"], linewidth=1.8)
    axes.plot(row.effect * unit, place, linestyle="none", markersize=6.5, **mark)


def _draw_shares(axes: Axes, found: JudgedHypotheses) -> None:
    """Draw at which share of the prior a claim holds, and name the verdict."""
    for place, row in enumerate(found.rows):
        colour = _MARKS[row.verdict]["color"]
        if math.isnan(row.holds):
            continue
        axes.barh(place, 100.0 * row.holds, height=0.62, color=colour, alpha=0.2)
        axes.barh(place, 100.0 * row.holds_beyond, height=0.62, color=colour, alpha=0.3)
        axes.text(
            2.0, place, f"{row.verdict}, {percent_of(row.holds)}", va="center", fontsize="small"
        )
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel(
        "verdict, and share of the prior\nin which the claim holds (%)", fontsize="small"
    )
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize="small")
    axes.spines[["top", "right", "left"]].set_visible(False)


def _label(row: JudgedHypothesis) -> str:
    """Name a hypothesis: its id, metric and what is expected of it."""
    one = row.hypothesis
    via = f", via {', '.join(one.clamp)}" if one.clamp else ""
    said = f"{one.metric}: {EXPECTED_IN_WORDS[one.expects]}{via}"
    return f"{textwrap.shorten(said, _LABEL_CHARACTERS, placeholder='…')}   {one.id}"


def _legend(found: JudgedHypotheses) -> list[Line2D | Patch]:
    """Say what marks, lines and bands are."""
    used = {row.verdict for row in found.rows}
    handles: list[Line2D | Patch] = [
        Line2D([], [], linewidth=1.8, markersize=6.5, label=verdict, **mark)
        for verdict, mark in _MARKS.items()
        if verdict in used
    ]
    handles[0].set_label(f"{handles[0].get_label()} (with the 95 % interval)")
    handles.append(Patch(color="0.92", label="below the smallest effect of interest"))
    if found.points:
        handles += [
            Line2D([], [], color="0.72", linewidth=5.0, label="nine tenths of the prior's points"),
            Patch(color="0.35", alpha=0.2, label="holds in the prior"),
            Patch(color="0.35", alpha=0.44, label="holds beyond the smallest effect"),
        ]
    return handles
