"""A picture of hypotheses: each effect beside the smallest one of interest, and its verdict."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regional_sim.answers.hypotheses.judged_file import JUDGED_FILE
from regional_sim.answers.hypotheses.verdicts import (
    CONTRADICTED,
    NEGLIGIBLE,
    STRUCTURAL,
    SUPPORTED,
    UNDECIDED,
)
from regional_sim.errors import UnknownNameError, visible
from regional_sim.figures.effect_axis import compressed_effects
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import answered, explain, new_figure, sentence
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.hypotheses import EXPECTED_IN_WORDS, percent_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS: Final[dict[str, dict[str, Any]]] = {
    SUPPORTED: {"marker": "o", "color": "#0072b2", "markerfacecolor": "#0072b2"},
    CONTRADICTED: {"marker": "X", "color": "#d55e00", "markerfacecolor": "#d55e00"},
    NEGLIGIBLE: {"marker": "s", "color": "0.35", "markerfacecolor": "0.35"},
    UNDECIDED: {"marker": "o", "color": "0.35", "markerfacecolor": "white"},
    STRUCTURAL: {"marker": "D", "color": "#009e73", "markerfacecolor": "white"},
}
"""Colour (Okabe & Ito 2008) and shape of each verdict; shapes tell them apart in grey."""

_WORDS: Final[Mapping[str, Collection[str]]] = {
    "metric": Metric.__members__,
    "expects": EXPECTED_IN_WORDS,
    "verdict": _MARKS,
}
"""Columns of the table that hold one of some words, and these."""
_NUMBERS: Final = (
    *("smallest", "effect", "ci_low", "ci_high"),
    *("points", "prior_low", "prior_high", "holds", "holds_beyond"),
)

_DOWNWARD: Final = frozenset({"fall", "no_rise"})
_ROW_INCHES: Final = 0.3
_WIDTH_INCHES: Final = 11.0
_LABEL_CHARACTERS: Final = 58

_CAPTION: Final = (
    "Effects in the world as it is with 95 % intervals, to the right in the direction of the claim"
    " (of claims of no change: up to the right)."
)


def _lacks(folder: FinishedFolder) -> str | None:
    if (folder.path / JUDGED_FILE).exists():
        return None
    return f"no claims were judged into it (regional-sim hypotheses DIR --out DIR/{JUDGED_FILE})"


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    found = folder.table(JUDGED_FILE, ("id", *_WORDS, "clamp"), _NUMBERS)
    for column, allowed in _WORDS.items():
        for word in found[column].unique():
            if word not in allowed:
                where = str(folder.path / JUDGED_FILE)
                raise UnknownNameError(column, word, allowed, where=where, key=column)
    if choice.metrics:
        known = sorted(set(found["metric"]))
        for name in choice.metrics:
            if name not in known:
                raise UnknownNameError("metric", name, known, where=str(folder.path))
        found = found[found["metric"].isin(choice.metrics)]
    return claims_figure(found, folder.title)


CLAIMS_KIND: Final = Kind("claims", "Which claims hold?", _lacks, _picture)


def claims_figure(found: pd.DataFrame, title: str) -> Figure:
    """Draw a line for each claim of the table that ``hypotheses`` writes.

    Effects stand to the left, and to the right in how much of the prior claims hold.
    """
    height = _ROW_INCHES * len(found) + 2.2
    figure = new_figure(_WIDTH_INCHES, height, "Which claims hold?")
    has_prior = bool((found["points"] > 0).any())
    if has_prior:
        effects, shares = figure.subplots(1, 2, sharey=True, width_ratios=(3.4, 1.0))
        _draw_shares(shares, found)
    else:
        effects = figure.subplots()
    _draw_effects(effects, found, verdicts=not has_prior)
    explain(figure, f"{sentence(title)} {_CAPTION}", _handles(found, has_prior=has_prior))
    return answered(figure, _answer(found))


def _answer(found: pd.DataFrame) -> str:
    """Count the claims by verdict, and name them."""
    said = [
        f"{verdict} {', '.join(found.loc[found['verdict'] == verdict, 'id'])}"
        for verdict in _MARKS
        if (found["verdict"] == verdict).any()
    ]
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _draw_effects(axes: Axes, found: pd.DataFrame, *, verdicts: bool) -> None:
    """Draw each effect, to the right where it goes the way of the claim."""
    axes.axvspan(-1.0, 1.0, color="0.92", linewidth=0, zorder=0)
    axes.axvline(0.0, color="0.35", linewidth=1.0, zorder=1)
    for place, row in enumerate(found.itertuples(index=False)):
        _draw_row(axes, place, row)
        if verdicts:
            across = axes.get_yaxis_transform()
            axes.text(
                1.01, place, str(row.verdict), transform=across, va="center", fontsize="small"
            )
    compressed_effects(axes)
    labels = [_label(row) for row in found.itertuples(index=False)]
    axes.set_yticks(range(len(found)), labels)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlabel("effect in smallest effects of interest", fontsize="small")
    axes.tick_params(axis="y", length=0, labelsize="small")
    axes.tick_params(axis="x", labelsize="small")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color="0.93", linewidth=0.8)
    axes.set_axisbelow(True)


def _draw_row(axes: Axes, place: int, row: Any) -> None:
    """Draw the spread over the prior, the interval, and the effect."""
    unit = (-1.0 if row.expects in _DOWNWARD else 1.0) / row.smallest
    if not math.isnan(row.prior_low):
        ends = (row.prior_low * unit, row.prior_high * unit)
        axes.plot(ends, (place, place), color="0.72", linewidth=5.0, solid_capstyle="butt")
    mark = _MARKS[row.verdict]
    interval = (row.ci_low * unit, row.ci_high * unit)
    axes.plot(interval, (place, place), color=mark["color"], linewidth=1.8)
    axes.plot(row.effect * unit, place, linestyle="none", markersize=6.5, **mark)


def _draw_shares(axes: Axes, found: pd.DataFrame) -> None:
    """Draw at which share of the prior a claim holds, and name the verdict."""
    for place, row in enumerate(found.itertuples(index=False)):
        colour = _MARKS[str(row.verdict)]["color"]
        holds, beyond = float(row.holds), float(row.holds_beyond)  # type: ignore[arg-type]
        if math.isnan(holds):
            continue
        axes.barh(place, 100.0 * holds, height=0.62, color=colour, alpha=0.2)
        axes.barh(place, 100.0 * beyond, height=0.62, color=colour, alpha=0.3)
        said = f"{row.verdict}, {percent_of(holds)}"
        axes.text(2.0, place, said, va="center", fontsize="small")
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel("verdict, and share of the\nprior in which it holds (%)", fontsize="small")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize="small")
    axes.spines[["top", "right", "left"]].set_visible(False)


def _label(row: Any) -> str:
    """Name a claim: its metric, what is expected of it, and its id."""
    via = f", via {row.clamp}" if row.clamp else ""
    said = f"{Metric[row.metric].title}: {EXPECTED_IN_WORDS[row.expects]}{via}"
    return f"{textwrap.shorten(visible(said), _LABEL_CHARACTERS, placeholder='…')}   {row.id}"


def _handles(found: pd.DataFrame, *, has_prior: bool) -> list[Line2D | Patch]:
    """Say what marks, lines and bands are."""
    used = set(found["verdict"])
    handles: list[Line2D | Patch] = [
        Line2D([], [], linewidth=1.8, markersize=6.5, label=verdict, **mark)
        for verdict, mark in _MARKS.items()
        if verdict in used
    ]
    handles.append(Patch(color="0.92", label="within the smallest effect"))
    if has_prior:
        handles += [
            Line2D([], [], color="0.72", linewidth=5.0, label="nine tenths of the prior's points"),
            Patch(color="0.35", alpha=0.2, label="holds in the prior"),
            Patch(color="0.35", alpha=0.44, label="holds beyond the smallest effect"),
        ]
    return handles
