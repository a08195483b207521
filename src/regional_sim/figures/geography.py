"""Where states stand on a picture: on a map of the region, or on a circle where they are made up.

The outlines are a file of the package, made by ``make outlines``; nothing is fetched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FILE: Final = Path(__file__).with_name("region_outlines.json")
_FAR: Final = "USA"
"""Beyond the map: it stands at the right edge."""
_MIDDLE_LATITUDE: Final = 20.0
"""Degrees of longitude are drawn as long as they are here."""
_MARGIN: Final = 5.0
_LEAST_WIDTH: Final = 34.0
_TWO: Final = 2
_INSET: Final = 9.0
"""Width of the strip at the right edge, degrees."""

DISCLAIMER: Final = (
    "Outlines: Natural Earth, simplified. They show where states lie and say nothing on the status"
    " of any territory or border."
)
_AT_THE_EDGE: Final = "The United States stands at the edge of the map."

Place = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Places of states, in the units of the axes.

    Attributes
    ----------
    places : dict
        Code to place.
    is_map : bool
        Whether they lie on a map.
    limits : tuple of float
        West, east, south and north end of the axes.
    """

    places: Mapping[str, Place]
    is_map: bool
    limits: tuple[float, float, float, float]

    @property
    def height_over_width(self) -> float:
        """Shape of the axes."""
        west, east, south, north = self.limits
        return (north - south) / (east - west)

    @property
    def note(self) -> str:
        """What has to be said of the places, in sentences; nothing of a circle."""
        if not self.is_map:
            return ""
        return f"{DISCLAIMER} {_AT_THE_EDGE}" if _FAR in self.places else DISCLAIMER

    def draw_ground(self, axes: Axes) -> None:
        """Draw what lies below the states, and set the limits of the axes."""
        west, east, south, north = self.limits
        axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[], aspect="equal")
        axes.spines[:].set_visible(False)
        if not self.is_map:
            return
        axes.spines[:].set(visible=True, color="0.8")
        for ring in outlines():
            x, y = zip(*ring, strict=True)
            axes.fill(x, y, facecolor="0.94", edgecolor="0.78", linewidth=0.5, zorder=0)
        if _FAR in self.places:
            axes.axvspan(east - _INSET, east, facecolor="white", edgecolor="0.8", zorder=0.5)


@cache
def _atlas() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@cache
def outlines() -> tuple[tuple[Place, ...], ...]:
    """Return the outlines of the countries on the map, as closed rings of places."""
    rings = (ring for rings in _atlas()["outlines"].values() for ring in rings)
    return tuple(tuple(map_place(place) for place in ring) for ring in rings)


def map_place(place: Sequence[float]) -> Place:
    """Turn longitude and latitude into a place: equal lengths along the middle parallel."""
    return place[0] * math.cos(math.radians(_MIDDLE_LATITUDE)), float(place[1])


def layout_of(codes: Sequence[str]) -> Layout:
    """Place states on the map if it holds all of them, else on a circle.

    Examples
    --------
    >>> layout_of(["CHN", "JPN", "USA"]).is_map, layout_of(["AAA", "BBB"]).is_map
    (True, False)
    """
    known = _atlas()["places"]
    near = [code for code in codes if code != _FAR]
    if near and all(code in known for code in near):
        return _map(codes, {code: map_place(known[code]) for code in near})
    return _circle(codes)


def _map(codes: Sequence[str], near: dict[str, Place]) -> Layout:
    """Cut the map to the states that are on it."""
    xs, ys = zip(*near.values(), strict=True)
    west, east = min(xs) - _MARGIN, max(xs) + _MARGIN
    south, north = min(ys) - _MARGIN, max(ys) + _MARGIN
    short = max(_LEAST_WIDTH - (east - west), 0.0) / 2.0
    west, east = west - short, east + short
    flat = max(0.7 * (east - west) - (north - south), 0.0) / 2.0
    south, north = south - flat, north + flat
    places = dict(near)
    if _FAR in codes:
        middle = sum(ys) / len(ys)
        east += _INSET
        places[_FAR] = (east - _INSET / 2.0, middle)
    return Layout({code: places[code] for code in codes}, True, (west, east, south, north))


def _circle(codes: Sequence[str]) -> Layout:
    """Put states on a circle, the first on top, on along the clock; two lie side by side."""
    turn = 2.0 * math.pi / max(len(codes), 1)
    start = -turn / 2.0 if len(codes) == _TWO else 0.0
    places = {
        code: (math.sin(start + place * turn), math.cos(start + place * turn))
        for place, code in enumerate(codes)
    }
    ys = [y for _, y in places.values()]
    return Layout(places, False, (-1.25, 1.25, min(ys) - 0.15, max(ys) + 0.3))
