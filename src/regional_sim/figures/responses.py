"""Who reacts to what: a table of states and responses, coloured by how much a posture changes."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from regional_sim.engine.responses import RESPONSE_KINDS
from regional_sim.errors import InputError
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.period_means import (
    PeriodMeans,
    cannot_run_again,
    period_means,
    shown_postures,
    window_words,
)
from regional_sim.figures.style import (
    ONE_PAIR,
    answered,
    explain,
    figure_text,
    in_words,
    new_figure,
    short_label,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags, contrast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_POSTURES: Final = 3
_SIDES: Final = ("first", "second")
_HEAD_CHARACTERS: Final = 14
_HEADS: Final = (
    *(textwrap.fill(kind.in_short, _HEAD_CHARACTERS) for kind in RESPONSE_KINDS),
    "arms\n(readiness)",
)
"""Heads of the columns: the responses, and at the end what all states do."""

_ROW_INCHES: Final = 0.27
_SMALL: Final = 0.1
_TEXT_ON_DARK: Final = 0.75
"""Share of the scale from which the numbers of a cell are white."""


class ResponseChange(NamedTuple):
    """Changes of the responses under a posture, shape (state, response); NaN where there is none.

    Without a reference they are levels.
    """

    label: str
    values: Floats
    sure: Flags


def _picture(folder: FinishedFolder, choice: FigureChoice) -> Figure:
    labels = shown_postures(folder, choice.postures, _MOST_POSTURES)
    means = period_means(folder, labels, _state_columns(), _pair_columns(), choice.window)
    changes = response_changes(means)
    if not any(np.isfinite(change.values).any() for change in changes):
        raise InputError("no run has numbers to draw", where=str(folder.path))
    codes, names = means.scenario.codes, means.scenario.names
    rows = [
        f"{name} ({code})" if name != code else code
        for code, name in zip(codes, names, strict=True)
    ]
    height = _ROW_INCHES * len(codes) + 2.0
    figure = new_figure(7.6, height * len(changes) + 0.7, _title(means))
    panels = figure.subplots(len(changes), 1, squeeze=False)[:, 0]
    for axes, change in zip(panels, changes, strict=True):
        _draw_table(axes, change, rows)
        if len(changes) > 1:
            axes.set_title(in_words(change.label), loc="left", fontsize="medium", pad=30)
    explain(figure, _caption(means, choice.window))
    return answered(figure, " ".join(_strongest(means, change) for change in changes))


RESPONSES_KIND: Final = Kind(
    "responses", "Which states react, and with which responses?", cannot_run_again, _picture, True
)


def _state_columns() -> list[str]:
    return ["pressure", "hedging", "derisking", "readiness"]


def _pair_columns() -> list[str]:
    return [f"{name}_{side}" for name in ("alignment", "probing") for side in _SIDES]


# --------------------------------------------------------------------------------- the numbers


def response_changes(means: PeriodMeans) -> list[ResponseChange]:
    """Return how each posture changes the responses; of a single posture, how far they go.

    A level is a share of its span: 1 is a state that surely responds.  What a state does toward
    several others is averaged over them; readiness is in logarithms.
    """
    levels = _levels(means)
    if len(means.labels) == 1:
        return [
            ResponseChange(
                means.labels[0],
                levels[0].mean(axis=-1),
                np.ones(levels[0].shape[:2], dtype=np.bool_),
            )
        ]
    found = []
    for label, values in zip(means.labels[1:], levels[1:], strict=True):
        shape = values.shape
        flat = (values.reshape(-1, shape[-1]), levels[0].reshape(-1, shape[-1]))
        change = contrast(*flat)
        sure = np.asarray((change["ci_low"] > 0.0) | (change["ci_high"] < 0.0))
        both = change["difference"].reshape(shape[:2]), sure.reshape(shape[:2])
        found.append(ResponseChange(label, *both))
    return found


def _levels(means: PeriodMeans) -> Floats:
    """Return the levels of all responses: shape (posture, state, response, replicate)."""
    scenario, parameters = means.scenario, means.scenario.parameter_values()
    n_states = scenario.n_states
    columns = []
    for kind in RESPONSE_KINDS:
        span = 1.0 if kind.span is None else float(parameters[kind.span])
        rows = kind.motive.rows(scenario)
        has = np.zeros((n_states, n_states))
        has[rows.state, rows.toward] = 1.0
        if kind.motive.flag is None:
            # The pressure on a state stands with that state.
            values = means.states[kind.level.name] / span
            there: Flags = np.asarray(has.any(axis=0))
        else:
            values = _over_others(means, kind.level.name, has) / span
            there = np.asarray(has.any(axis=1))
        columns.append(np.where(there[None, :, None], values, np.nan))
    columns.append(means.states["readiness"])
    return np.stack(columns, axis=2)


def _over_others(means: PeriodMeans, name: str, has: Floats) -> Floats:
    """Average what states do toward those that they can do it to: (posture, state, replicate)."""
    n_states = len(has)
    first, second = np.triu_indices(n_states, 1)
    of_first, of_second = (means.pairs[f"{name}_{side}"] for side in _SIDES)
    total = np.zeros((of_first.shape[0], n_states, of_first.shape[-1]))
    for pair, (i, j) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        total[:, i] += has[i, j] * of_first[:, pair]
        total[:, j] += has[j, i] * of_second[:, pair]
    counts = np.maximum(has.sum(axis=1), 1.0)
    mean: Floats = total / counts[None, :, None]
    return mean


# ---------------------------------------------------------------------------------- the picture


def _draw_table(axes: Axes, change: ResponseChange, rows: list[str]) -> None:
    """Draw a cell for each state and response, with its number; each column has its own scale."""
    values = change.values
    finite = np.where(np.isfinite(values), np.abs(values), 0.0)
    scales = np.maximum(finite.max(axis=0), 1e-9)
    shares = values / scales
    axes.imshow(
        np.where(np.isfinite(shares), shares, 0.0),
        cmap="RdBu_r",
        vmin=-1.35,
        vmax=1.35,
        aspect="auto",
    )
    for (row, column), share in np.ndenumerate(shares):
        if not np.isfinite(share):
            axes.text(column, row, "·", ha="center", va="center", color="0.6")
            continue
        sure = bool(change.sure[row, column])
        dark = abs(share) > _TEXT_ON_DARK
        axes.text(
            column,
            row,
            _written(float(values[row, column]), float(scales[column])),
            ha="center",
            va="center",
            fontsize="small",
            fontweight="bold" if sure else "normal",
            color="white" if dark else ("black" if sure else "0.25"),
        )
    axes.set_xticks(range(len(_HEADS)), _HEADS, fontsize="small")
    axes.set_yticks(range(len(rows)), [short_label(row) for row in rows], fontsize="small")
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.set_xticks(np.arange(0.5, len(_HEADS) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(rows) - 1), minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)


def _written(value: float, scale: float) -> str:
    """Write a change with two decimals, or three in a column of small ones.

    >>> _written(0.12, 0.4), _written(0.004, 0.02), _written(0.0001, 0.4)
    ('+0.12', '+0.004', '0')
    """
    decimals = 2 if scale >= _SMALL else 3
    text = f"{value:+.{decimals}f}"
    return "0" if not text.strip("+-0.") else text


def _title(means: PeriodMeans) -> str:
    if len(means.labels) == 1:
        return f"Which states respond, and how, under {in_words(means.labels[0])}?"
    if len(means.labels) > 2:  # noqa: PLR2004 (the reference and one other)
        return f"Which states react to postures, and how, against {in_words(means.labels[0])}?"
    return f"Which states react to {in_words(means.labels[1])}, and how?"


def _caption(means: PeriodMeans, window: str) -> str:
    what = "Levels"
    sure = ""
    if len(means.labels) > 1:
        what = f"Changes against {in_words(means.labels[0])}"
        sure = (
            " Bold: the 95 % interval of the paired change excludes 0."
            if means.n_replicates > 1
            else f" Nothing is bold: {ONE_PAIR}."
        )
    months = window_words(means.scenario, window)
    return (
        f"{what}, mean over {months} and {means.replicates_text}. 1 is a state that surely"
        " responds; readiness is in logarithms (0.10 is about 10 % more). Colour: red up, blue"
        f" down, the largest of each column the darkest.{sure} A dot: the response is not open to"
        f" the state. {means.origin}"
    )


def _strongest(means: PeriodMeans, change: ResponseChange) -> str:
    """Say in a sentence which response stands out; readiness has another scale, and is left out."""
    values = change.values[:, : len(RESPONSE_KINDS)]
    sizes = np.where(np.isfinite(values) & change.sure[:, : len(RESPONSE_KINDS)], abs(values), -1.0)
    under = in_words(change.label)
    compares = len(means.labels) > 1
    row, column = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
    if sizes[row, column] < 0.0:
        why = f" ({ONE_PAIR})" if means.n_replicates < 2 else ""  # noqa: PLR2004 (a spread)
        return (
            f"No response clearly changes under {under}{why}."
            if compares
            else (f"No response is open to any state under {under}.")
        )
    value = float(values[row, column])
    does = f"{means.scenario.names[int(row)]} {_HEADS[int(column)]}".replace("\n", " ")
    if not compares:
        return f"Largest level under {under}: {does}, {value:.2f}."
    how = "more" if value > 0.0 else "less"
    written = figure_text(_written(value, abs(value)))
    return f"Largest sure change under {under}: {does} {how} ({written})."
