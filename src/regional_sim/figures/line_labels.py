"""Labels at the ends of lines, in place of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.figures.style import short_label
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_POINTS: Final = 10.5
"""Height of a line of small text."""
_ASIDE: Final = 1.015
_TEXT_ASIDE: Final = 1.05


def spread(places: Sequence[float], gap: float, low: float = 0.0, high: float = 1.0) -> Floats:
    """Move places apart until neighbours are `gap` from each other, as little as can be.

    Where there is no room for all between `low` and `high`, they stand beyond both ends.

    >>> spread([0.5, 0.5], 0.2).round(3).tolist(), spread([0.1, 0.9], 0.2).tolist()
    ([0.4, 0.6], [0.1, 0.9])
    """
    order = np.argsort(places, kind="stable")
    # Without the gaps, the places have to be in order: the closest such ones (isotonic regression).
    steps = gap * np.arange(len(order))
    blocks: list[list[float]] = []
    for value in np.asarray(places, dtype=np.float64)[order] - steps:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value_of, weight = blocks.pop()
            before, weight_before = blocks.pop()
            total = weight + weight_before
            blocks.append([(value_of * weight + before * weight_before) / total, total])
    flat = np.concatenate([np.full(int(weight), value) for value, weight in blocks])
    room = (high - low) - gap * (len(order) - 1)
    flat = np.clip(flat, low, low + room) if room >= 0.0 else np.full(len(order), low + room / 2.0)
    placed = np.empty(len(order))
    placed[order] = flat + steps
    return placed


def label_ends(axes: Axes, ends: Sequence[tuple[str, float, str]], height_inches: float) -> None:
    """Write labels to the right of an axis, beside the ends of lines.

    Parameters
    ----------
    axes : Axes
        With its final limits.
    ends : sequence of (label, value, colour)
        What to write, beside which value, in which colour.
    height_inches : float
        Of the axes, about.
    """
    low, high = axes.get_ylim()
    at = [float(np.clip((value - low) / (high - low), 0.0, 1.0)) for _, value, _ in ends]
    gap = _LABEL_POINTS / (72.0 * height_inches)
    across: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    for (label, _, colour), place, own in zip(ends, spread(at, gap), at, strict=True):
        axes.plot([_ASIDE - 0.01, _TEXT_ASIDE - 0.01], [own, place], color=colour, lw=0.7, **across)
        axes.text(
            _TEXT_ASIDE,
            place,
            short_label(label),
            color=colour,
            fontsize="small",
            va="center",
            ha="left",
            **across,
        )
