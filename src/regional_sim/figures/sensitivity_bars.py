"""The picture of what decides an outcome: bars with intervals, a panel for each outcome."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text

from regional_sim.answers.sensitivity.factor_sensitivity import (
    LOWERS,
    MORRIS,
    RAISES,
    SOBOL,
    UNSURE,
    FactorSensitivity,
    OutcomeSensitivity,
    Sensitivity,
)
from regional_sim.errors import visible
from regional_sim.figures.style import COLOURS, DPI
from regional_sim.report.sensitivity import UNIMPORTANT, factor_names
from regional_sim.report.text import unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS: Final = 8

_STYLES: Final = {
    RAISES: (COLOURS[1], "", "a higher value raises the outcome"),
    LOWERS: (COLOURS[5], "////", "a higher value lowers it"),
    "": ("0.75", "", "no sure direction, or a choice"),
}
_X_LABELS: Final = {SOBOL: "share of the variance, alone and with others (%)"}
_ACROSS: Final = 2
_PANEL_INCHES: Final = (5.0, 2.9)


def sensitivity_figure(found: Sensitivity, path: Path) -> None:
    """Draw the factors that decide each outcome, the largest on top; the ending says the format."""
    drawn = [one for one in found.outcomes if one.factors]
    across = min(_ACROSS, max(len(drawn), 1))
    down = -(-max(len(drawn), 1) // across)
    width, height = _PANEL_INCHES
    size = (max(width * across, 7.0), height * down + 1.2)
    # Without pyplot there is no global state, and no window.
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    # Shares can be compared between outcomes, sizes have units of their own.
    grid = figure.subplots(down, across, squeeze=False, sharex=found.method != MORRIS)
    for place, axes in enumerate(grid.flat):
        if place < len(drawn):
            _draw(axes, found.method, drawn[place])
        else:
            axes.set_visible(False)
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="0.2", label=label)
        for colour, hatch, label in _STYLES.values()
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(len(handles), 2 * across),
        frameon=False,
        title=_caption(found),
        title_fontsize="small",
    )
    figure.suptitle(visible(f"What decides the outcome? {found.title}"), fontweight="bold")
    # What users write is text, also where it has dollar signs.
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    metadata = {"Software": None} if path.suffix == ".png" else None
    figure.savefig(path, dpi=DPI, metadata=metadata)


def _draw(axes: Axes, method: str, one: OutcomeSensitivity) -> None:
    """Draw the largest factors of an outcome; there are some that matter, or those next to it."""
    names = factor_names([f.factor.path for f in one.factors])
    pairs = list(zip(names, one.factors, strict=True))
    important = [pair for pair in pairs if pair[1].meaning not in UNIMPORTANT]
    chosen = [*important, *(pair for pair in pairs if pair not in important)][:MOST_BARS]
    scale = 1.0 if method == MORRIS else 100.0
    for place, (_, factor) in enumerate(chosen):
        colour, hatch, _ = _STYLES.get(factor.direction, _STYLES[""])
        main = factor.main
        axes.barh(place, scale * main.value, color=colour, hatch=hatch, edgecolor="0.2", height=0.7)
        axes.plot([scale * main.low, scale * main.high], [place, place], color="black", lw=1.3)
        if "first_order" in factor.measures:
            first = factor.measures["first_order"].value
            axes.plot(scale * first, place, marker="D", color="white", mec="black", ms=5)
    axes.set_yticks(range(len(chosen)), [_bar_label(*pair) for pair in chosen])
    axes.invert_yaxis()
    axes.axvline(0.0, color="0.2", lw=0.8)
    if method == MORRIS and one.outcome.smallest > 0.0:
        axes.axvline(one.outcome.smallest, color="0.35", lw=1.0, ls=(0, (4, 3)))
    of = one.outcome
    whose = of.posture if of.reference is None else f"{of.posture} less {of.reference}"
    axes.set_title(
        f"{of.metric.name.replace('_', ' ')}\n{whose.replace('_', ' ')}",
        loc="left",
        fontsize="medium",
        fontweight="bold",
    )
    unit = unit_text(of.metric.unit)
    of_sizes = f"mean change over the whole prior ({unit})"
    axes.set_xlabel(
        of_sizes if method == MORRIS else _X_LABELS.get(method, "share of the variance (%)")
    )
    axes.tick_params(labelbottom=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def _bar_label(name: str, one: FactorSensitivity) -> str:
    """Name a factor; of a choice, also with which one the outcome is higher."""
    words = name.replace("_", " ")
    return words if one.direction in {RAISES, LOWERS, UNSURE} else f"{words}\n({one.direction})"


def _caption(found: Sensitivity) -> str:
    """Say what bars and lines are."""
    said = f"Lines: 95 % bootstrap intervals over {found.units_used} {found.units}."
    if found.method == MORRIS:
        said += " Dashed: smallest effect of interest."
    if found.method == SOBOL:
        said += " Diamonds: share that the factor decides alone."
    return said
