"""The region as a map or a network: tension and bonds of pairs, and what a posture changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.geography import Layout, layout_of
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.period_means import (
    PeriodMeans,
    cannot_run_again,
    period_means,
    shown_postures,
    window_words,
)
from regional_sim.figures.style import (
    COLOURS,
    ONE_PAIR,
    answered,
    explain,
    in_words,
    new_figure,
)
from regional_sim.model.parameters import Param
from regional_sim.model.variables import Role
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags, contrast
from regional_sim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TENSION: Final = "tension"
_COMMITMENTS: Final = ("commitment_first", "commitment_second")
_ALIGNMENTS: Final = ("alignment_first", "alignment_second")

_UP: Final = "#d55e00"
_DOWN: Final = "#0072b2"
_BOND: Final = "#009e73"
_LEAST: Final = 0.1
"""Tension, or chance to fight for the other, from which a pair is drawn."""
_MOST_LINES: Final = 16
_WIDEST: Final = 6.5
_PANEL_INCHES: Final = 4.3
_BEND: Final = 0.12
"""Lines are bent a little, so that those behind each other stay apart."""

_MARKS: Final = {
    Role.sender: ("s", "#0072b2"),
    Role.partner: ("D", "#e69f00"),
    Role.challenger: ("^", "#000000"),
    Role.patron: ("*", "#009e73"),
    Role.ally: ("h", "#56b4e9"),
    Role.rival: ("v", "#882255"),
}
"""Shape and colour of the state in each role; all others are grey circles."""
_OTHER: Final = ("o", "0.45")


@dataclass(frozen=True)
class PairValues:
    """A value of each pair, in the order of the upper triangle, and which pairs are drawn.

    Attributes
    ----------
    title : str
        What is drawn, in words.
    values : ndarray, shape (pair,)
        What the width of a line stands for.
    drawn : ndarray of bool, shape (pair,)
        Whether there is a line.
    of_change : bool
        Whether values are changes, with a sign.
    of_tension : bool
        Whether they are of tension, or else of bonds.
    """

    title: str
    values: Floats
    drawn: Flags
    of_change: bool
    of_tension: bool


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    labels = shown_postures(folder, choice.postures, 1)
    columns = [_TENSION, *_COMMITMENTS, *_ALIGNMENTS]
    means = period_means(folder, labels, ["readiness"], columns, choice.window)
    panels = list(pair_values(means))
    scenario = means.scenario
    layout = layout_of(_ordered(scenario))
    if not any(one.drawn.any() for one in panels if not one.of_tension):
        panels = [one for one in panels if one.of_tension]
    # The change stands beside the level, bonds below tension; without a change, beside it.
    across = min(len(panels), 2)
    down = len(panels) // across
    width = max(_PANEL_INCHES * across, 6.5)
    height = down * (width / across * layout.height_over_width + 0.4) + 1.6
    figure = new_figure(width, height, _title(labels))
    grid = figure.subplots(down, across, squeeze=False)
    in_order = grid.T.flat if down > 1 else grid.flat
    for axes, panel in zip(in_order, panels, strict=True):
        layout.draw_ground(axes)
        _draw_lines(axes, layout, scenario, panel)
        _draw_states(axes, layout, scenario)
        axes.set_title(f"{panel.title}\n{_widest(means, panel)}", loc="left", fontsize="small")
    explain(figure, _caption(means, choice.window, layout), _handles(scenario, panels), columns=5)
    return answered(figure, " ".join(_in_a_sentence(means, panel) for panel in panels))


REGION_KIND: Final = Kind(
    "region",
    "Where in the region is tension, and who stands by whom?",
    cannot_run_again,
    _picture,
    True,
)


def _ordered(scenario: Scenario) -> list[str]:
    """Put states in roles first, so that they stand together on a circle."""
    held = [scenario.role(role.name) for role in Role]
    first = [code for code in dict.fromkeys(held) if code is not None]
    return [*first, *(code for code in scenario.codes if code not in first)]


# ------------------------------------------------------------------------------- the numbers


def pair_values(means: PeriodMeans) -> Iterator[PairValues]:
    """Yield tension and bonds of pairs under the reference, then how a posture changes both."""
    reference = in_words(means.labels[0])
    tension = means.pairs[_TENSION]
    bond = np.max([_probability(means.pairs[name]) for name in _COMMITMENTS], axis=0)
    for name, values, of_tension in (
        (f"Tension under {reference}", tension, True),
        (f"Who would fight for whom under {reference}", bond, False),
    ):
        level = values[0].mean(axis=-1)
        yield PairValues(name, level, level >= _LEAST, False, of_tension)
    if len(means.labels) == 1:
        return
    span = float(means.scenario.parameter_values()[Param.alignment_span])
    alignment = np.mean([means.pairs[name] for name in _ALIGNMENTS], axis=0) / span
    label = in_words(means.labels[1])
    for name, values, of_tension in (
        (f"Change of tension under {label}", tension, True),
        (f"Who draws nearer under {label}", alignment, False),
    ):
        found = contrast(values[1], values[0])
        sure = (found["ci_low"] > 0.0) | (found["ci_high"] < 0.0)
        change = np.where(np.isfinite(found["difference"]), found["difference"], 0.0)
        few = values.shape[-1] < 2  # noqa: PLR2004 (a single pair of runs has no interval)
        drawn = _largest(np.where(sure | few, change, 0.0), _MOST_LINES)
        yield PairValues(name, change, drawn, True, of_tension)


def _probability(logits: Floats) -> Floats:
    values: Floats = 1.0 / (1.0 + np.exp(-logits))
    return values


def _largest(values: Floats, most: int) -> Flags:
    """Mark the largest values that are not 0."""
    drawn = np.zeros(len(values), dtype=np.bool_)
    drawn[np.argsort(-np.abs(values), kind="stable")[:most]] = True
    marked: Flags = drawn & (values != 0.0)
    return marked


# ------------------------------------------------------------------------------ the picture


def _draw_lines(axes: Axes, layout: Layout, scenario: Scenario, panel: PairValues) -> None:
    """Draw a line for each pair, as wide as its value; the widest come first, so lie below."""
    from matplotlib.patches import FancyArrowPatch

    first, second = np.triu_indices(scenario.n_states, 1)
    largest = float(np.abs(panel.values[panel.drawn]).max(initial=1e-12))
    for pair in np.argsort(-np.abs(panel.values), kind="stable"):
        if not panel.drawn[pair]:
            continue
        value = float(panel.values[pair])
        ends = [layout.places[scenario.codes[side[pair]]] for side in (first, second)]
        axes.add_patch(
            FancyArrowPatch(
                *ends,
                arrowstyle="-",
                connectionstyle=f"arc3,rad={_BEND}",
                linewidth=max(_WIDEST * abs(value) / largest, 0.6),
                color=_colour(panel, value),
                linestyle=_dash(panel, value),
                alpha=0.75,
                shrinkA=4,
                shrinkB=4,
                zorder=2,
            )
        )


def _colour(panel: PairValues, value: float) -> str:
    if panel.of_tension:
        return _UP if value > 0.0 else _DOWN
    return _BOND if value > 0.0 else COLOURS[4]


def _dash(panel: PairValues, value: float) -> Any:
    """Return the style of a line: what falls is dashed, which shows in grey."""
    return (0, (2.2, 1.2)) if panel.of_change and value < 0.0 else "-"


def _draw_states(axes: Axes, layout: Layout, scenario: Scenario) -> None:
    for code, (x, y) in layout.places.items():
        marker, colour = _mark(scenario, code)
        axes.plot(
            x,
            y,
            marker=marker,
            markersize=_size(marker),
            markerfacecolor=colour,
            markeredgecolor="white",
            linestyle="none",
            zorder=4,
        )
        axes.annotate(
            code,
            (x, y),
            (0, 5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=7.5,
            zorder=5,
            bbox={"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 0.4},
        )


def _mark(scenario: Scenario, code: str) -> tuple[str, str]:
    for role, mark in _MARKS.items():
        if scenario.role(role.name) == code:
            return mark
    return _OTHER


def _size(marker: str) -> float:
    """Return the size of a mark, in points; the arms of a star carry little."""
    return 11.0 if marker == "*" else 7.0


def _handles(scenario: Scenario, panels: Sequence[PairValues]) -> list[Any]:
    from matplotlib.lines import Line2D

    held = [role for role in _MARKS if scenario.role(role.name) is not None]
    marks = [(role.name, *_MARKS[role]) for role in held]
    if len(held) < scenario.n_states:
        marks.append(("no role", *_OTHER))
    states = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=marker,
            markersize=_size(marker),
            markerfacecolor=colour,
            markeredgecolor="white",
            label=name,
        )
        for name, marker, colour in marks
    ]
    lines = []
    for words, of_change, of_tension, value in (
        ("tension, or more of it", None, True, 1.0),
        ("less tension", True, True, -1.0),
        ("bond, or a closer one", None, False, 1.0),
        ("drawing away", True, False, -1.0),
    ):
        of_kind = [one for one in panels if one.of_tension == of_tension]
        if not of_kind or (of_change and not any(one.of_change for one in of_kind)):
            continue
        lines.append(
            Line2D(
                [],
                [],
                linewidth=3,
                color=_colour(of_kind[-1], value),
                linestyle=_dash(of_kind[-1], value),
                label=words,
            )
        )
    return [*states, *lines]


def _title(labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return f"Where is tension, and who stands by whom, under {in_words(labels[0])}?"
    return f"Where does {in_words(labels[1])} change tension, and who draws nearer?"


def _caption(means: PeriodMeans, window: str, layout: Layout) -> str:
    months = window_words(means.scenario, window)
    said = [
        f"Means over {months} and {means.replicates_text}; each panel has its own scale of widths."
    ]
    if len(means.labels) > 1:
        which = " whose 95 % interval excludes 0" if means.n_replicates > 1 else f" ({ONE_PAIR})"
        said.append(
            f"Changes are against {in_words(means.labels[0])}: the {_MOST_LINES} largest{which}."
        )
    return " ".join(filter(None, (*said, means.origin, layout.note)))


def _widest(means: PeriodMeans, panel: PairValues) -> str:
    """Say what the widest line of a panel stands for."""
    if not panel.drawn.any():
        return "no line: nothing stands out"
    first, second = np.triu_indices(means.scenario.n_states, 1)
    pair = int(np.argmax(np.where(panel.drawn, np.abs(panel.values), -1.0)))
    codes, value = means.scenario.codes, panel.values[pair]
    written = f"{value:+.2g}" if panel.of_change else f"{value:.2f}"
    return f"widest: {written}, {codes[first[pair]]} and {codes[second[pair]]}"


def _in_a_sentence(means: PeriodMeans, panel: PairValues) -> str:
    return f"{panel.title}: {_widest(means, panel)}."
