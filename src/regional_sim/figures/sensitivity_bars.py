"""The picture of what decides an outcome: bars with intervals, a panel for each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.patches import Patch

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
from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest, sensitivity_of
from regional_sim.errors import InputError
from regional_sim.experiment.sampling import Sampled
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import (
    COLOURS,
    answered,
    explain,
    in_words,
    new_figure,
    outcome_words,
    sentence,
    tidy,
    unit_words,
)
from regional_sim.report.sensitivity import UNIMPORTANT, factor_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS: Final = 8

_STYLES: Final = {
    RAISES: (COLOURS[1], "", "a higher value raises the outcome"),
    LOWERS: (COLOURS[5], "////", "a higher value lowers it"),
    "": ("0.75", "", "no sure direction, or a choice"),
}
_X_LABELS: Final = {SOBOL: "share of the variance, alone and with others (%)"}
_ACROSS: Final = 2
_FEWEST_LISTED: Final = 20
"""Points of a grid or list below which nothing is told."""
_PANEL_INCHES: Final = (5.0, 2.9)


def _lacks(folder: FinishedFolder) -> str | None:
    if folder.results is None:
        return "it needs the runs of sweep"
    if not folder.points.factors:
        return "no factor varies (run a sweep, such as uncertainty_sample)"
    design = folder.points.experiment.made_by()
    if isinstance(design, Sampled) or folder.points.n_points >= _FEWEST_LISTED:
        return None
    return f"its {folder.points.n_points} points are too few to tell factors apart"


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    compares = bool(choice.postures) and len(folder.labels) > 1
    others = folder.compared_postures(choice.postures)[1:] if compares else ()
    request = SensitivityRequest(
        metrics=choice.metrics, window=choice.window, postures=tuple(others)
    )
    return sensitivity_figure(sensitivity_of(folder.runs, request))


SENSITIVITY_KIND: Final = Kind("sensitivity", "What decides the outcome?", _lacks, _picture)


def sensitivity_figure(found: Sensitivity) -> Figure:
    """Draw the factors that decide each outcome, the largest on top."""
    drawn = [one for one in found.outcomes if one.factors]
    if not drawn:
        what = "nothing is drawn, as no outcome varies beyond what noise does"
        raise InputError(what, where=found.where)
    across = min(_ACROSS, len(drawn))
    down = -(-len(drawn) // across)
    width, height = _PANEL_INCHES
    size = (max(width * across, 7.0), height * down + 1.4)
    figure = new_figure(*size, SENSITIVITY_KIND.question)
    # Shares can be compared between outcomes, sizes have units of their own.
    grid = figure.subplots(down, across, squeeze=False, sharex=found.method != MORRIS)
    for place, axes in enumerate(grid.flat):
        if place < len(drawn):
            _draw(axes, found.method, drawn[place])
        else:
            axes.set_visible(False)
    if found.method != MORRIS:
        # An interval may end outside of what a share can be.
        first, last = grid[0, 0].get_xlim()
        grid[0, 0].set_xlim(max(first, 0.0), min(last, 100.0))
    used = {f.direction if f.direction in _STYLES else "" for one in drawn for f in one.factors}
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="0.2", label=label)
        for direction, (colour, hatch, label) in _STYLES.items()
        if direction in used
    ]
    explain(figure, f"{sentence(found.title)} {_caption(found)}", handles)
    return answered(figure, " ".join(map(_answer, drawn)))


def _answer(one: OutcomeSensitivity) -> str:
    """Say what decides an outcome most."""
    names = factor_names([f.factor.path for f in one.factors])
    decisive = [
        in_words(name)
        for name, f in zip(names, one.factors, strict=True)
        if f.meaning not in UNIMPORTANT
    ]
    if not decisive:
        return f"{outcome_words(one.outcome)}: no factor stands out."
    return f"{outcome_words(one.outcome)}: {', '.join(decisive[:3])}."


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
        axes.barh(
            place,
            scale * max(main.value, 0.0),
            color=colour,
            hatch=hatch,
            edgecolor="0.2",
            height=0.7,
        )
        axes.plot([scale * main.low, scale * main.high], [place, place], color="black", lw=1.3)
        if "first_order" in factor.measures:
            first = factor.measures["first_order"].value
            axes.plot(scale * first, place, marker="D", color="white", mec="black", ms=5)
    axes.set_yticks(range(len(chosen)), [_bar_label(*pair) for pair in chosen])
    axes.invert_yaxis()
    axes.axvline(0.0, color="0.2", lw=0.8)
    if method == MORRIS and one.outcome.smallest > 0.0:
        axes.axvline(one.outcome.smallest, color="0.35", lw=1.0, ls=(0, (4, 3)))
    metric = one.outcome.metric
    axes.set_title(outcome_words(one.outcome, line="\n"), loc="left", fontsize="medium")
    unit = unit_words(metric, change=True)
    of_sizes = f"mean change over the whole prior ({unit})"
    axes.set_xlabel(
        of_sizes if method == MORRIS else _X_LABELS.get(method, "share of the variance (%)")
    )
    axes.tick_params(labelbottom=True)
    tidy(axes, "x")


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
