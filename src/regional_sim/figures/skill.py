"""Forecast skill: skill by months ahead, and forecasts beside what came."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from regional_sim.answers.skill.forecast_scores import ALL_SERIES, BETTER, MODEL, WORSE
from regional_sim.answers.skill.forecasts import SIMPLE_FORECASTS
from regional_sim.answers.skill.observables import Observable, chosen_observables
from regional_sim.answers.skill.skill_tables import (
    COMPARISONS_TABLE,
    FITS_TABLE,
    FORECASTS_TABLE,
)
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import COLOURS, answered, explain, figure_text, new_figure, tidy

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOWEST_DRAWN: Final = -1.0
"""Skill below is drawn at the edge, with its number."""

SOURCE_COLUMN: Final = "source"
"""Column of the table of fits that says where the series came from."""

_COMMAND: Final = "skill"
_MARKERS: Final = ("o", "s", "^", "D")
_ACROSS: Final = 2
_PANEL_INCHES: Final = (5.2, 2.5)
_TITLE_WIDTH: Final = 52
_ENDS: Final = ("q05", "q25", "q75", "q95")
_OTHER: Final = "AR(1)"
"""Simple forecast that is drawn beside the model's."""


def _lacks(folder: FinishedFolder) -> str | None:
    return folder.lacks_files((COMPARISONS_TABLE, FORECASTS_TABLE, FITS_TABLE), _COMMAND)


def _titles(names: Sequence[str]) -> dict[str, str]:
    """Return the titles of series by name, all series together last."""
    known: dict[str, Observable] = {one.name: one for one in chosen_observables(())}
    titles = {
        name: known[name].title if name in known else name for name in names if name != ALL_SERIES
    }
    return titles | ({ALL_SERIES: "all series together"} if ALL_SERIES in names else {})


def _note(folder: FinishedFolder) -> str:
    """Say where series come from, if they are not observed."""
    fits = folder.table(FITS_TABLE, ("series",))
    drawn = dict.fromkeys(fits[SOURCE_COLUMN]) if SOURCE_COLUMN in fits else ()
    return " ".join(f"Series: {one}." for one in drawn if one != "observed")


# ----------------------------------------------------------------------------------- skill


def _skill(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    """Draw the skill against each simple forecast with its interval, a panel for each series."""
    texts, numbers = ("series", "against", "verdict"), ("months_ahead", "skill", "low", "high")
    comparisons = folder.table(COMPARISONS_TABLE, texts, numbers)
    titles = _titles(comparisons["series"].unique().tolist())
    figure, grid = _panels(len(titles), SKILL_KIND.question)
    for axes, (name, title) in zip(grid.flat, titles.items(), strict=False):
        table = comparisons[comparisons["series"] == name]
        for place, other in enumerate(SIMPLE_FORECASTS):
            _draw_against(axes, table[table["against"] == other], place)
        axes.axhline(0.0, color="0.2", linewidth=1.0)
        axes.set_ylim(LOWEST_DRAWN - 0.12, 1.0)
        horizons = table["months_ahead"].drop_duplicates().tolist()
        axes.set_xticks(range(len(horizons)), [str(one) for one in horizons])
        _finish(axes, title)
        axes.set_xlabel("months ahead")
        axes.set_ylabel("skill")
    handles = [
        Line2D([], [], marker=_MARKERS[place], color=COLOURS[place], label=f"against {other}")
        for place, other in enumerate(SIMPLE_FORECASTS)
    ]
    caption = (
        f"{_note(folder)} Skill: 1 − CRPS of the model / CRPS of the simple forecast. Above 0 the"
        " model is better, below 0 the simple forecast is. Bars: 95 % interval. Below"
        f" {figure_text(f'{LOWEST_DRAWN:g}')} the number stands at the edge."
    )
    explain(figure, caption.strip(), handles)
    verdicts = comparisons[comparisons["series"] != ALL_SERIES]["verdict"]
    counts = [(verdicts == word).sum() for word in (BETTER, WORSE)]
    return answered(
        figure,
        f"Of {len(verdicts)} comparisons with simple forecasts the model is better in {counts[0]}"
        f" and worse in {counts[1]}.",
    )


SKILL_KIND: Final = Kind(
    "skill", "Does the model forecast better than simple rules?", _lacks, _skill
)


def _draw_against(axes: Axes, table: pd.DataFrame, place: int) -> None:
    x = np.arange(len(table)) + 0.17 * (place - 1.5)
    skill = table["skill"].to_numpy(np.float64)
    shown = np.maximum(skill, LOWEST_DRAWN)
    low = np.clip(shown - np.maximum(table["low"].to_numpy(np.float64), LOWEST_DRAWN), 0.0, None)
    high = np.clip(np.maximum(table["high"].to_numpy(np.float64), LOWEST_DRAWN) - shown, 0.0, None)
    axes.errorbar(
        x,
        shown,
        yerr=np.stack([low, high]),
        fmt=_MARKERS[place],
        color=COLOURS[place],
        markersize=4.5,
        linewidth=1.2,
    )
    for at, value in zip(x, skill, strict=True):
        if value < LOWEST_DRAWN:
            axes.annotate(
                figure_text(f"{value:.1f}"),
                (at, LOWEST_DRAWN),
                (0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=6.5,
                color=COLOURS[place],
            )


# ------------------------------------------------------------------------------- forecasts


def _forecasts(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    """Draw what was observed, and forecasts of it from a few months before."""
    texts = ("series", "target", "forecast", "origin")
    table = folder.table(FORECASTS_TABLE, texts, ("months_ahead", "observed", "inside_90", *_ENDS))
    horizons = sorted(table["months_ahead"].unique().tolist())
    ahead = horizons[(len(horizons) - 1) // 2]
    titles = _titles(table["series"].unique().tolist())
    months = f"{ahead} month{'s' if ahead > 1 else ''}"
    figure, grid = _panels(len(titles), f"What was forecast {months} before, and what came?")
    units = {one.name: one.unit for one in chosen_observables(())}
    for axes, (name, title) in zip(grid.flat, titles.items(), strict=False):
        of_series = table[table["series"] == name]
        _draw_forecasts(axes, of_series[of_series["months_ahead"] == ahead])
        _draw_observed(axes, of_series)
        axes.set_ylabel(units.get(name, ""))
        axes.set_ylim(bottom=0.0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _finish(axes, title)
    handles = [
        Line2D([], [], color=COLOURS[0], linewidth=1.1, label="observed"),
        Patch(color=COLOURS[1], alpha=0.5, label="model, 50 %"),
        Patch(color=COLOURS[1], alpha=0.18, label="model, 90 %"),
        Line2D([], [], color=COLOURS[2], linewidth=1.1, linestyle="--", label=f"{_OTHER}, 90 %"),
    ]
    explain(figure, _note(folder), handles)
    model = table[(table["forecast"] == MODEL) & (table["months_ahead"] == ahead)]
    inside = float(model["inside_90"].mean())
    return answered(
        figure,
        f"{inside:.0%} of the months came inside the model's 90 % interval from {months} before.",
    )


FORECASTS_KIND: Final = Kind("forecasts", "What was forecast, and what came?", _lacks, _forecasts)


def _draw_forecasts(axes: Axes, table: pd.DataFrame) -> None:
    model = table[table["forecast"] == MODEL]
    other = table[table["forecast"] == _OTHER]
    x = _years(model["target"])
    for low, high, alpha in (("q05", "q95", 0.18), ("q25", "q75", 0.35)):
        axes.fill_between(x, model[low], model[high], color=COLOURS[1], alpha=alpha, linewidth=0)
    for column in ("q05", "q95"):
        axes.plot(_years(other["target"]), other[column], color=COLOURS[2], lw=1.1, ls="--")


def _draw_observed(axes: Axes, table: pd.DataFrame) -> None:
    known = table[table["observed"].notna()].drop_duplicates("target").sort_values("target")
    axes.plot(_years(known["target"]), known["observed"], color=COLOURS[0], linewidth=1.1)


def _years(months: Any) -> Any:
    """Return months as years with a fraction."""
    return np.array([int(one[:4]) + (int(one[5:]) - 1) / 12.0 for one in months])


# -------------------------------------------------------------------------- what is shared


def _panels(n_panels: int, title: str) -> tuple[Figure, Any]:
    across = min(_ACROSS, n_panels)
    down = -(-n_panels // across)
    width, height = _PANEL_INCHES
    figure = new_figure(max(width * across, 7.0), height * down + 1.5, title)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat[n_panels:]:
        axes.set_visible(False)
    return figure, grid


def _finish(axes: Axes, title: str) -> None:
    lines = textwrap.fill(title[:1].upper() + title[1:], _TITLE_WIDTH)
    axes.set_title(lines, loc="left", fontsize="medium")
    tidy(axes)
