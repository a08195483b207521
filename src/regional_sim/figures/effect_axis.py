"""An axis of effects in smallest effects of interest, compressed where they are large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STRAIGHT: Final = 2.0
"""Up to here to either side the axis is not compressed."""
_TICKS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def compressed_effects(axes: Axes) -> None:
    """Compress a horizontal axis beyond 2 to either side, and label it with round numbers."""
    reach = max(_STRAIGHT * 1.15, *map(abs, axes.get_xlim()))
    axes.set_xscale("symlog", linthresh=_STRAIGHT, linscale=1.2)
    shown = [tick for tick in _TICKS if tick <= reach]
    axes.set_xticks([*(-tick for tick in reversed(shown)), 0, *shown], minor=False)
    axes.set_xticklabels([*(f"−{tick}" for tick in reversed(shown)), "0", *map(str, shown)])
    axes.minorticks_off()
    low, high = axes.get_xlim()
    axes.set_xlim(min(1.1 * low, -_STRAIGHT * 1.15), max(1.1 * high, _STRAIGHT * 1.15))
