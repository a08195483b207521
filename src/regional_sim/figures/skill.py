"""Pictures of forecast skill: skill by months ahead, and forecasts beside what came."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from regional_sim.answers.skill.forecast_scores import ALL_SERIES, MODEL
from regional_sim.answers.skill.forecasts import SIMPLE_FORECASTS
from regional_sim.figures.style import COLOURS, DPI

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from regional_sim.answers.skill.observables import MonthlySeries
    from regional_sim.answers.skill.skill import Skill

LOWEST_DRAWN: Final = -1.0
"""Skill below is drawn at the edge, with its number."""

_MARKERS: Final = ("o", "s", "^", "D")
_ACROSS: Final = 2
_PANEL_INCHES: Final = (5.4, 2.5)
_TITLE_WIDTH: Final = 52
_OTHER: Final = "AR(1)"
"""Simple forecast that is drawn beside the model's."""


def draw_skill(found: Skill, path: Path, note: str = "") -> None:
    """Draw the skill against each simple forecast with its interval, a panel for each series.

    A `note` on the series stands in the title.
    """
    names = {one.observable.name: one.observable.title for one in found.series}
    if ALL_SERIES in set(found.comparisons["series"]):
        names[ALL_SERIES] = "all series together"
    figure, grid = _panels(len(names))
    horizons = found.plan.horizons
    for axes, (name, title) in zip(grid.flat, names.items(), strict=False):
        table = found.comparisons[found.comparisons["series"] == name]
        for place, other in enumerate(SIMPLE_FORECASTS):
            _draw_against(axes, table[table["against"] == other], place, other)
        axes.axhline(0.0, color="0.2", linewidth=1.0)
        axes.set_ylim(LOWEST_DRAWN - 0.12, 1.0)
        axes.set_xticks(range(len(horizons)), [str(one) for one in horizons])
        axes.set_title(_in_lines(title), loc="left", fontsize="medium", fontweight="bold")
        axes.set_xlabel("months ahead")
        axes.set_ylabel("skill")
    _finish(
        figure,
        grid,
        _noted("Does the model forecast better than simple rules?", note),
        "Skill: 1 - CRPS of the model / CRPS of the simple forecast. Above 0 the model is better,"
        " below 0 the simple forecast is.\nBars: 95 % interval. Below"
        f" {LOWEST_DRAWN:g} the number stands at the edge.",
    )
    _save(figure, path)


def _draw_against(axes: Axes, table: pd.DataFrame, place: int, label: str) -> None:
    x = np.arange(len(table)) + 0.17 * (place - 1.5)
    skill = table["skill"].to_numpy()
    shown = np.maximum(skill, LOWEST_DRAWN)
    low = np.clip(shown - np.maximum(table["low"].to_numpy(), LOWEST_DRAWN), 0.0, None)
    high = np.clip(np.maximum(table["high"].to_numpy(), LOWEST_DRAWN) - shown, 0.0, None)
    axes.errorbar(
        x,
        shown,
        yerr=np.stack([low, high]),
        fmt=_MARKERS[place],
        color=COLOURS[place],
        markersize=4.5,
        linewidth=1.2,
        label=label,
    )
    for at, value in zip(x, skill, strict=True):
        if value < LOWEST_DRAWN:
            axes.annotate(
                f"{value:.1f}",
                (at, LOWEST_DRAWN),
                (0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=6.5,
                color=COLOURS[place],
            )


def draw_forecasts(found: Skill, path: Path, note: str = "") -> None:
    """Draw what was observed, and forecasts of it from a few months before."""
    horizons = sorted(found.plan.horizons)
    ahead = horizons[(len(horizons) - 1) // 2]
    figure, grid = _panels(len(found.series))
    for axes, one in zip(grid.flat, found.series, strict=False):
        _draw_series(axes, found, one, ahead)
    months = f"{ahead} month{'s' if ahead > 1 else ''}"
    _finish(
        figure,
        grid,
        _noted(f"Forecasts from {months} before, and what came", note),
        f"The vertical line is the last month that was fitted to; the first forecast is {months}"
        " later.",
    )
    _save(figure, path)


def _draw_series(axes: Axes, found: Skill, one: MonthlySeries, ahead: int) -> None:
    name = one.observable.name
    of_series = found.forecasts[
        (found.forecasts["series"] == name) & (found.forecasts["months_ahead"] == ahead)
    ]
    start = max(one.place(found.plan.fit_from), 0)
    by_name = {key: of_series[of_series["forecast"] == key] for key in (MODEL, _OTHER)}
    model, other = by_name[MODEL], by_name[_OTHER]
    x, x_other = (_years(part["target"]) for part in (model, other))
    axes.fill_between(
        x,
        model["q05"],
        model["q95"],
        color=COLOURS[1],
        alpha=0.18,
        linewidth=0,
        label="model, 90 %",
    )
    axes.fill_between(
        x,
        model["q25"],
        model["q75"],
        color=COLOURS[1],
        alpha=0.35,
        linewidth=0,
        label="model, 50 %",
    )
    for place, column in enumerate(("q05", "q95")):
        label = f"{_OTHER}, 90 %" if place == 0 else None
        axes.plot(
            x_other, other[column], color=COLOURS[2], linewidth=1.1, linestyle="--", label=label
        )
    months = _years(one.months[start:])
    axes.plot(months, one.observed[start:], color=COLOURS[0], linewidth=1.1, label="observed")
    axes.axvline(_years([str(found.plan.fit_until)])[0], color="0.35", linewidth=1.0, linestyle=":")
    title = one.observable.title
    axes.set_title(_in_lines(title), loc="left", fontsize="medium", fontweight="bold")
    axes.set_ylabel(one.observable.unit)
    axes.set_ylim(bottom=0.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _years(months: Any) -> Any:
    """Return months as years with a fraction."""
    return np.array([int(one[:4]) + (int(one[5:]) - 1) / 12.0 for one in months])


def _panels(n_panels: int) -> tuple[Figure, Any]:
    across = min(_ACROSS, n_panels)
    down = -(-n_panels // across)
    width, height = _PANEL_INCHES
    # Without pyplot there is no global state, and no window.
    figure = Figure(figsize=(max(width * across, 7.0), height * down + 1.4), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat[n_panels:]:
        axes.set_visible(False)
    return figure, grid


def _in_lines(title: str) -> str:
    return textwrap.fill(title[:1].upper() + title[1:], _TITLE_WIDTH)


def _noted(title: str, note: str) -> str:
    return f"{title}\n(series {note})" if note else title


def _finish(figure: Figure, grid: Any, title: str, caption: str) -> None:
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="0.9", linewidth=0.8)
        axes.set_axisbelow(True)
    handles, names = grid.flat[0].get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=len(names),
        frameon=False,
        title=caption,
        title_fontsize="small",
    )
    figure.suptitle(title, fontweight="bold")


def _save(figure: Figure, path: Path) -> None:
    # Without the version of Matplotlib in it, equal figures are equal files.
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
