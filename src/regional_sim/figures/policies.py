"""A search for a policy: what can be had together, and by which levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D

from regional_sim.answers.policies.candidates import ANSWER, FROM_MONTH
from regional_sim.answers.policies.search_folder import FRONT_FILE, SEARCH_FILE
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.line_labels import spread_apart
from regional_sim.figures.style import (
    COLOURS,
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
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCHES: Final = (12.0, 5.6)
_DARK: Final = 0.75
_FOUND, _NAMED, _BEST = COLOURS[1], COLOURS[0], COLOURS[2]
_MOST: Final = "most"
_LABEL_GAP: Final = 0.047
"""Share of the height that a label takes."""


@dataclass(frozen=True)
class SearchedGoal:
    """A goal of a search: a metric that should be least, or most."""

    metric: Metric
    wants: str

    @property
    def words(self) -> str:
        """The goal in words."""
        return f"{self.wants} {title_in_sentence(self.metric)}"

    @property
    def better(self) -> str:
        """Which way is better."""
        return "higher" if self.wants == _MOST else "lower"


def _lacks(folder: FinishedFolder) -> str | None:
    return folder.lacks_files((FRONT_FILE, SEARCH_FILE), "optimise")


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    record = folder.record(SEARCH_FILE, {"goals": list, "instruments": list, "experiment": dict})
    where = str(folder.path / SEARCH_FILE)
    goals, reference = _goals(record, where), _reference(record, where)
    for name in record["instruments"]:
        if name not in Instrument.__members__:
            raise UnknownNameError("instrument", name, Instrument.__members__, where=where)
    numbers = [f"{goal.metric.name}_difference" for goal in goals]
    numbers += ["recommended", *record["instruments"], *(["largest_regret"] * (len(goals) == 1))]
    front = folder.table(FRONT_FILE, ("posture",), numbers)
    wanted = " and ".join(goal.words for goal in goals)
    figure = new_figure(*_INCHES, f"Which policy has {wanted}?")
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
    found = front[list(record["instruments"])].notna().all(axis=1).to_numpy()
    _draw_goals(left, front, found, goals, reference)
    _draw_levels(right, front[found], record)
    explain(figure, _caption(record, reference), _handles())
    return answered(figure, _answer(front, goals, reference))


POLICIES_KIND: Final = Kind("policies", "Which policy reaches the goals?", _lacks, _picture)


def _goals(record: dict[str, Any], where: str) -> list[SearchedGoal]:
    """Read the goals that a search wrote down, such as ``least tension``."""
    goals = []
    for words in record.get("goals", ()):
        wants, _, name = str(words).partition(" ")
        if name not in Metric.__members__:
            raise InputError("this is no goal", where=where, key="goals", value=words)
        goals.append(SearchedGoal(Metric[name], wants))
    return goals


def _reference(record: dict[str, Any], where: str) -> str:
    """Read the label of the posture that policies are compared with: the first one."""
    try:
        return str(record["experiment"]["postures"][0]["label"])
    except (LookupError, TypeError):
        what = "this file names no posture to compare with"
        raise InputError(what, where=where, key="experiment.postures") from None


def _name(label: str) -> str:
    """Name a policy: those that were found by number."""
    number = label.removeprefix("found_")
    return number if number != label else short_label(label)


def _draw_goals(
    axes: Axes,
    front: pd.DataFrame,
    found: Any,
    goals: Sequence[SearchedGoal],
    reference: str,
) -> None:
    """Draw every posture by the first goal and the second, or its regret where there is one."""
    x = front[f"{goals[0].metric.name}_difference"].to_numpy(np.float64)
    axes.set_xlabel(_axis(goals[0], reference))
    if len(goals) > 1:
        y = front[f"{goals[1].metric.name}_difference"].to_numpy(np.float64)
        axes.set_ylabel(_axis(goals[1], reference))
    else:
        y = front["largest_regret"].to_numpy(np.float64)
        axes.set_ylabel("Largest regret\n(smallest effects of interest; lower is better)")
    best = front["recommended"].to_numpy(bool)
    axes.axvline(0.0, color="0.8", linewidth=1, zorder=0)
    axes.axhline(0.0, color="0.8", linewidth=1, zorder=0)
    axes.scatter(x[~found], y[~found], marker="s", s=34, color=_NAMED)
    axes.scatter(x[found & ~best], y[found & ~best], marker="o", s=34, color=_FOUND)
    axes.scatter(x[best], y[best], marker="*", s=250, color=_BEST, edgecolor="white", zorder=3)
    axes.margins(0.12)
    axes.locator_params(nbins=6)
    axes.spines[["top", "right"]].set_visible(False)
    colours = np.where(best, _BEST, np.where(found, _FOUND, _NAMED)).tolist()
    _label_places(axes, x, y, [_name(one) for one in front["posture"]], colours)
    together = "What can be had together" if len(goals) > 1 else "What can be had, and regret"
    axes.set_title(together, loc="left", fontsize="medium")


def _label_places(
    axes: Axes, x: Floats, y: Floats, names: Sequence[str], colours: Sequence[str]
) -> None:
    """Write each name in a column at the right, with a thin line to its mark."""
    low, high = axes.get_ylim()
    first, last = axes.get_xlim()
    at = (y - low) / (high - low)
    for place, own in enumerate(spread_apart(at.tolist(), _LABEL_GAP).tolist()):
        axes.annotate(
            names[place],
            (float((x[place] - first) / (last - first)), float(at[place])),
            (1.03, own),
            xycoords="axes fraction",
            textcoords="axes fraction",
            fontsize="small",
            color=colours[place],
            fontweight="bold" if colours[place] == _BEST else "normal",
            va="center",
            arrowprops={
                "arrowstyle": "-",
                "color": colours[place],
                "linewidth": 0.5,
                "alpha": 0.6,
                "shrinkB": 4.0,
            },
            annotation_clip=False,
        )


def _axis(goal: SearchedGoal, reference: str) -> str:
    unit = unit_words(goal.metric, change=True)
    said = f"{unit}; {goal.better} is better" if unit else f"{goal.better} is better"
    return f"{goal.metric.title} against {in_words(reference)}\n({said})"


def _draw_levels(axes: Axes, found: pd.DataFrame, record: dict[str, Any]) -> None:
    """Draw the levels of the policies found as a table of shaded cells."""
    instruments = list(record["instruments"])
    extra = [name for name in (FROM_MONTH, ANSWER) if name in found]
    usual = [TRADITIONAL_LEVELS[Instrument[name]] for name in instruments]
    levels = np.vstack([usual, found[instruments].to_numpy(np.float64)])
    axes.imshow(levels, cmap="Greys", vmin=0.0, vmax=1.3, aspect="auto")
    for (row, column), value in np.ndenumerate(levels):
        colour = "white" if value > _DARK else "black"
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "color": colour}
        axes.text(column, row, f"{value:.2f}", **style)
    for place, name in enumerate(extra, start=len(instruments)):
        for row, value in enumerate(found[name], start=1):
            written = figure_text(f"{value:+.2f}" if name == ANSWER else f"{value:.0f}")
            axes.text(place, row, written, ha="center", va="center", fontsize=8)
    heads = [in_words(name).replace(" ", "\n") for name in (*instruments, *extra)]
    heads = [{"answer": "answer to\ntension"}.get(head, head) for head in heads]
    axes.set_xticks(range(len(heads)), heads, fontsize="x-small")
    rows = ["traditional", *(_name(label) for label in found["posture"])]
    best = [False, *found["recommended"].astype(bool)]
    rows = [
        f"recommended  {row}" if is_best else row for row, is_best in zip(rows, best, strict=True)
    ]
    axes.set_yticks(range(len(levels)), rows, fontsize="small")
    for label, is_best in zip(axes.get_yticklabels(), best, strict=True):
        if is_best:
            label.set(color=_BEST, fontweight="bold")
    axes.set_xlim(-0.5, len(heads) - 0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("Levels of the policies found", loc="left", fontsize="medium")


def _handles() -> list[Line2D]:
    none: dict[str, Any] = {"linestyle": "none"}
    return [
        Line2D([], [], marker="*", markersize=14, color=_BEST, label="recommended", **none),
        Line2D([], [], marker="o", color=_FOUND, label="found by the search", **none),
        Line2D([], [], marker="s", color=_NAMED, label="posture of the experiment", **none),
    ]


def _caption(record: dict[str, Any], reference: str) -> str:
    required = ", ".join(str(one) for one in record.get("requirements", ()))
    meets = f" that meets what is required ({required})" if required else ""
    return (
        f"{sentence(str(record['experiment'].get('title') or ''))} Differences to"
        f" {in_words(reference)} on fresh random numbers, mean over the points. Recommended: the"
        f" policy{meets} whose largest regret is least. Regret: how far a policy falls behind the"
        " best one at the point that is worst for it."
    )


def _answer(front: pd.DataFrame, goals: Sequence[SearchedGoal], reference: str) -> str:
    """Say which policy is recommended, and what it changes."""
    best = front[front["recommended"].astype(bool)]
    if best.empty:
        return "No policy meets what is required on average."
    row = best.iloc[0]
    changes = []
    for goal in goals:
        change = float(row[f"{goal.metric.name}_difference"])
        changes.append(f"{title_in_sentence(goal.metric)} {figure_text(f'{change:+.3g}')}")
    name = _name(str(row["posture"]))
    whose = f"policy {name} of the search" if name.isdigit() else name
    return f"Recommended is {whose}: {', '.join(changes)} against {in_words(reference)}."
