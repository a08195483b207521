"""The ladder of one run: the rungs of pairs over the months, who escalated, and what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.answers.trace.log import ESCALATION
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.period_means import cannot_run_again, require_same
from regional_sim.figures.style import (
    COLOURS,
    answered,
    explain,
    in_words,
    new_figure,
    sentence,
    short_label,
    tidy,
)
from regional_sim.model.mechanisms.ladder import RUNG_NAMES
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from regional_sim.answers.trace.trace import RunCheck, Trace

_MOST_PAIRS: Final = 14
_RUNG_COLOURS: Final = ("#ffffff", "#fde3a0", "#f3a64a", "#c2521c", "#4a1208")
"""Light to dark, so that rungs keep their order in grey."""
_BAR: Final = 0.72
_MISTAKE: Final = "#0072b2"
_ROW_INCHES: Final = 0.36
_SIDE_HEIGHT: Final = 0.27
"""How far from the middle of a row the marks of its two states stand."""


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    from regional_sim.answers.trace.trace import traced

    labels = folder.postures(choice.postures)
    label = labels[-1] if choice.postures else labels[min(1, len(labels) - 1)]
    found = traced(folder.runs, posture=label)
    for name, (there, here) in (found.check.differing if found.check else {}).items():
        require_same(name, np.array([there]), np.array([here]), folder.runs)
    return ladder_figure(found)


LADDER_KIND: Final = Kind(
    "ladder",
    "Which disputes climbed, and who escalated, in one run?",
    cannot_run_again,
    _picture,
    True,
)


def ladder_figure(found: Trace) -> Figure:
    """Draw the rungs of the pairs of a traced run that ever left the lowest.

    Those with the most months in dispute are shown, or those asked about.
    """
    rungs = _rungs(found)
    shown = sorted(rungs, key=lambda pair: (-float((rungs[pair] > 0).sum()), pair))[:_MOST_PAIRS]
    scope = found.scope
    label = in_words(found.run.label)
    figure = new_figure(
        8.2,
        _ROW_INCHES * max(len(shown), 3) + 2.2,
        f"Which disputes climbed, and who escalated, under {label}?",
    )
    axes = figure.subplots()
    for row, pair in enumerate(shown):
        _draw_pair(axes, row, rungs[pair], scope.first)
        _draw_marks(axes, row, found, pair)
    names = dict(zip(found.run.scenario.codes, found.run.scenario.names, strict=True))
    labels = [f"{short_label(names[a])} – {short_label(names[b])}" for a, b in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize="small")
    axes.set_ylim(max(len(shown), 3) - 0.4, -0.6)
    axes.set_xlim(scope.first - 0.5, scope.last + 0.5)
    axes.set_xlabel("month of the run")
    tidy(axes, "x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    if not shown:
        axes.text(0.5, 0.5, "No pair left the lowest rung.", transform=axes.transAxes, ha="center")
    _mark_posture(axes, found)
    explain(figure, _caption(found, len(rungs) - len(shown)), _handles(), columns=4)
    return answered(figure, _in_a_sentence(found))


def _rungs(found: Trace) -> dict[tuple[str, str], Floats]:
    """Return the rungs by month of the pairs that ever left the lowest, within what is asked."""
    dyads = found.scope.of(found.table("dyads"), "state_a", "state_b")
    groups = dyads.groupby(["state_a", "state_b"], sort=True)["rung"]
    rungs = {(str(a), str(b)): of.to_numpy(dtype=np.float64) for (a, b), of in groups}
    return {pair: of for pair, of in rungs.items() if (of > 0.0).any()}


def _draw_pair(axes: Axes, row: int, rungs: Floats, first: int) -> None:
    """Draw a bar for each stretch of months on one rung."""
    axes.axhline(row, color="0.85", linewidth=0.8, zorder=0)
    edges = np.flatnonzero(np.diff(rungs)) + 1
    for months in np.split(np.arange(len(rungs)), edges):
        rung = int(rungs[months[0]])
        if rung:
            axes.barh(
                row,
                len(months),
                _BAR,
                first + months[0] - 0.5,
                color=_RUNG_COLOURS[rung],
                edgecolor="0.35",
                linewidth=0.4,
            )


def _draw_marks(axes: Axes, row: int, found: Trace, pair: tuple[str, str]) -> None:
    """Mark who escalated: the state named first above the middle, the other one below."""
    log = found.log
    acts = log[log["kind"] == ESCALATION]
    for code, marker, side in ((pair[0], "^", -1.0), (pair[1], "v", 1.0)):
        of = acts[(acts["state"] == code) & acts["toward"].isin(pair)]
        for mistaken, colour, edge in ((0, COLOURS[0], "white"), (1, "white", _MISTAKE)):
            months = of[of["mistaken"] == mistaken]["month"].to_numpy()
            axes.plot(
                months,
                np.full(len(months), row + side * _SIDE_HEIGHT),
                linestyle="none",
                marker=marker,
                markersize=4.6,
                markerfacecolor=colour,
                markeredgecolor=edge,
                markeredgewidth=1.2 if mistaken else 0.4,
                zorder=3,
            )


def _mark_posture(axes: Axes, found: Trace) -> None:
    onset = found.run.scenario.months_before
    if not found.scope.first <= onset < found.scope.last:
        return
    axes.axvline(onset + 0.5, color="0.35", linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
    axes.annotate(
        "onset",
        (onset + 0.5, 1.0),
        (3.0, 2.0),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize="x-small",
        color="0.35",
        va="bottom",
    )


def _handles() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rungs = [
        Patch(facecolor=colour, edgecolor="0.35", linewidth=0.4, label=name)
        for name, colour in zip(RUNG_NAMES[1:], _RUNG_COLOURS[1:], strict=True)
    ]
    marks = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=marker,
            markersize=6,
            markerfacecolor=colour,
            markeredgecolor=edge,
            label=label,
        )
        for marker, colour, edge, label in (
            ("^", COLOURS[0], "white", "the first escalates"),
            ("v", COLOURS[0], "white", "the second does"),
            ("^", "white", _MISTAKE, "by mistake"),
        )
    ]
    return [*rungs, *marks]


def _caption(found: Trace, left_out: int) -> str:
    run = found.run
    said = [
        sentence(run.scenario.title),
        f"One run: replicate {run.replicate}"
        + (f" of point {run.point}" if run.plan.n_points > 1 else "")
        + f", seed {run.plan.experiment.seed}"
        + (f", {_again(found.check)}." if found.check is not None else "."),
        "A mistake is one that the truth would have reversed.",
    ]
    if left_out:
        said.append(f"{left_out} more pairs had shorter disputes.")
    return " ".join(said)


def _again(check: RunCheck) -> str:
    """Say whether a run of a folder came out as it was."""
    if check.same:
        return "made again from its plan"
    return (
        f"made again from its plan, but {len(check.differing)} of its outcomes came out different"
    )


def _in_a_sentence(found: Trace) -> str:
    log = found.log
    acts = log[log["kind"] == ESCALATION]
    wrong = int(acts["mistaken"].sum())
    highest = int(acts["rung_after"].max()) if len(acts) else 0
    return (
        f"In replicate {found.run.replicate} under {in_words(found.run.label)} states escalate"
        f" {len(acts)} times, {wrong} of them by mistake; the highest rung is"
        f" {RUNG_NAMES[highest]}."
    )
