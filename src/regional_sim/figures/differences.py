"""Paired differences as a forest: every metric and posture beside the smallest effect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regional_sim.figures.effect_axis import compressed_effects
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import (
    COLOURS,
    ONE_PAIR,
    answered,
    explain,
    figure_text,
    in_words,
    new_figure,
    sentence,
    short_label,
    title_in_sentence,
    unit_words,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.findings import replicates_text
from regional_sim.report.text import interval_decimals, signed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_METRICS: Final = 8
_MOST_ROWS: Final = 28
_ROW_INCHES: Final = 0.27
_WIDTH_INCHES: Final = 10.0
_RAISES, _LOWERS, _NO_WORD = "raises", "lowers", ""
_MARKS: Final[dict[str, dict[str, Any]]] = {
    _RAISES: {"marker": "^", "color": COLOURS[2], "markerfacecolor": COLOURS[2]},
    _LOWERS: {"marker": "v", "color": COLOURS[1], "markerfacecolor": COLOURS[1]},
    "negligible": {"marker": "s", "color": "0.45", "markerfacecolor": "0.45"},
    "unclear": {"marker": "o", "color": "0.35", "markerfacecolor": "white"},
    _NO_WORD: {"marker": "D", "color": "0.35", "markerfacecolor": "0.85"},
}
"""Colour and shape of each word; shapes tell them apart in grey."""


@dataclass(frozen=True)
class EffectRow:
    """The difference of a posture in one metric: over points, where there are several."""

    metric: Metric
    posture: str
    smallest: float
    middle: float
    low: float
    high: float
    word: str
    said: str
    counts: Mapping[str, int] = field(default_factory=dict)
    n_points: int = 1


def _lacks(folder: FinishedFolder) -> str | None:
    if folder.results is None:
        return "it needs the runs of run or sweep"
    if len(folder.labels) == 1:
        return "there is one posture, and nothing to compare it with"
    return None


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    folder.check_window(choice.window)
    reference, *postures = folder.compared_postures(choice.postures)
    most = min(_MOST_METRICS, max(3, _MOST_ROWS // len(postures)))
    metrics = folder.metrics(choice.metrics, most)
    rows = list(effect_rows(folder.runs.contrasts, metrics, postures, choice.window))
    n_points = folder.points.n_points
    figure = _draw(rows, reference, n_points)
    explain(figure, _caption(folder, choice.window, rows), _handles(rows, n_points))
    answer = _counts_answer if n_points > 1 else _answer
    return answered(figure, answer(rows, reference))


DIFFERENCES_KIND: Final = Kind(
    "differences", "Which differences between postures matter?", _lacks, _picture
)


def effect_rows(
    contrasts: pd.DataFrame, metrics: Sequence[str], postures: Sequence[str], window: str
) -> Iterator[EffectRow]:
    """Sum up the table of contrasts by metric and posture.

    At one point with the 95 % interval; over many with the median and nine tenths of the points,
    and the word that more than half of them have.
    """
    for name in metrics:
        whole = contrasts[(contrasts["metric"] == name) & (contrasts["window"] == window)]
        ends = whole[["difference", "ci_low", "ci_high"]].itertuples(index=False, name=None)
        decimals = interval_decimals(ends)
        for posture in postures:
            of = whole[whole["posture"] == posture]
            values = of["difference"].to_numpy(np.float64)
            if not np.isfinite(values).any():
                continue
            metric, smallest = Metric[name], float(of["smallest_effect"].iloc[0])
            if len(of) == 1:
                low, high = float(of["ci_low"].iloc[0]), float(of["ci_high"].iloc[0])
                word = str(of["verdict"].iloc[0])
                unit = unit_words(metric, change=True)
                said = f"{figure_text(signed(values[0], decimals))} {unit}".rstrip()
                yield EffectRow(metric, posture, smallest, values[0], low, high, word, said)
                continue
            low, middle, high = np.nanquantile(values, (0.05, 0.5, 0.95)).tolist()
            words = of["verdict"].tolist()
            counts = {word: words.count(word) for word in (_RAISES, _LOWERS)}
            most = max(words, key=words.count)
            word = most if 2 * words.count(most) > len(words) else _NO_WORD
            said = f"raises at {counts[_RAISES]}, lowers at {counts[_LOWERS]} of {len(words)}"
            yield EffectRow(
                metric, posture, smallest, middle, low, high, word, said, counts, len(words)
            )


def _draw(rows: Sequence[EffectRow], reference: str, n_points: int) -> Figure:
    """Draw a row for each metric and posture, under the title of the metric."""
    heads = len({row.metric for row in rows})
    height = _ROW_INCHES * (len(rows) + heads) + 1.9
    title = f"What does each posture change against {in_words(reference)}?"
    figure = new_figure(_WIDTH_INCHES, height, title)
    axes = figure.subplots()
    places, labels, place, before = [], [], 0, None
    for row in rows:
        if row.metric is not before:
            axes.text(
                -0.005,
                place,
                row.metric.title,
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize="small",
                fontweight="bold",
            )
            before, place = row.metric, place + 1
        _draw_row(axes, place, row, n_points)
        places.append(place)
        labels.append(short_label(row.posture))
        place += 1
    axes.axvspan(-1.0, 1.0, color="0.92", linewidth=0, zorder=0)
    axes.axvline(0.0, color="0.35", linewidth=1.0, zorder=1)
    compressed_effects(axes)
    axes.set_yticks(places, labels, fontsize="small")
    axes.set_ylim(place - 0.3, -0.7)
    axes.set_xlabel("change in smallest effects of interest", fontsize="small")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize="small")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", color="0.93", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure


def _draw_row(axes: Axes, place: int, row: EffectRow, n_points: int) -> None:
    mark = _MARKS[row.word]
    many = n_points > 1
    ends = row.low / row.smallest, row.high / row.smallest
    width = 5.0 if many else 1.8
    colour = "0.72" if many else mark["color"]
    axes.plot(ends, (place, place), color=colour, linewidth=width, solid_capstyle="butt")
    axes.plot(row.middle / row.smallest, place, linestyle="none", markersize=6.5, **mark)
    word = f"{row.word}, {row.said}" if row.word and not many else row.said
    axes.text(
        1.01,
        place,
        word,
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize="small",
        color=mark["color"] if row.word in {_RAISES, _LOWERS} else "0.3",
    )


def _handles(rows: Sequence[EffectRow], n_points: int) -> list[Line2D | Patch]:
    """Say what marks, lines and bands are."""
    used = {row.word for row in rows}
    without = "no word at most points" if n_points > 1 else "no smallest effect"
    handles: list[Line2D | Patch] = [
        Line2D([], [], linestyle="none", markersize=6.5, label=word or without, **mark)
        for word, mark in _MARKS.items()
        if word in used
    ]
    handles.append(Patch(color="0.92", label="within the smallest effect"))
    if n_points > 1:
        handles.append(Line2D([], [], color="0.72", linewidth=5.0, label="nine tenths of points"))
    return handles


def _caption(folder: FinishedFolder, window: str, rows: Sequence[EffectRow]) -> str:
    points, title = folder.points, sentence(folder.title)
    if points.n_points > 1:
        said = (
            "Marks: median of the points, in the shape and colour of the word that more than half"
            " of them have. At the right: at how many points the whole interval lies beyond the"
            " smallest effect of interest."
        )
    elif all(math.isnan(row.low) for row in rows):
        return f"{title} Marks: differences ({ONE_PAIR}). Window {window}.".strip()
    else:
        said = (
            "Marks: mean of paired differences. Lines: 95 % interval. A posture raises or lowers a"
            " metric where the whole interval lies beyond the smallest effect of interest."
        )
    runs = f"{replicates_text(points.experiment, folder.runs)}, window {window}."
    return f"{title} {said} {runs}".strip()


def _counts_answer(rows: Sequence[EffectRow], reference: str) -> str:
    """Say at how many points each posture raises and lowers what it does anywhere."""
    said = []
    for posture in dict.fromkeys(row.posture for row in rows):
        parts = []
        for row in rows:
            does = [f"{word} {{}} at {n}" for word, n in row.counts.items() if n]
            if row.posture == posture and does:
                names = (title_in_sentence(row.metric), "it")
                joined = " and ".join(does).format(*names)
                parts.append(f"{joined} of {row.n_points} points")
        if parts:
            said.append(f"{in_words(posture)} {', '.join(parts)}")
    if not said:
        return f"No difference to {in_words(reference)} is clear at any point."
    return f"Against {in_words(reference)}, {'; '.join(said)}."


def _answer(rows: Sequence[EffectRow], reference: str) -> str:
    """Say what each posture raises and lowers."""
    said = []
    for posture in dict.fromkeys(row.posture for row in rows):
        parts = []
        for word in (_RAISES, _LOWERS):
            mine = [row for row in rows if row.posture == posture and row.word == word]
            if mine:
                parts.append(f"{word} {', '.join(title_in_sentence(row.metric) for row in mine)}")
        if parts:
            said.append(f"{in_words(posture)} {' and '.join(parts)}")
    if not said:
        return f"No difference to {in_words(reference)} is clearly beyond the smallest effect."
    return f"Against {in_words(reference)}, {'; '.join(said)}."
