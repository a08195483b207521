"""Pictures of a run that is being watched, as SVG text that takes its colours from the page.

Matplotlib needs a tenth of a second and more for each; these are drawn anew with every month that
is played, and follow light and dark by classes that the page's style sheet colours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from regional_sim.figures.geography import Place, layout_of, outlines
from regional_sim.numerics.arrays import Floats

_WIDTH: Final = 360
_LEFT: Final = 46
_RIGHT: Final = 10
_LINE_HEIGHT: Final = 150
_TOP: Final = 10
_BOTTOM: Final = 34
_TICKS: Final = 4
_YEAR: Final = 12
_MOST_MONTH_TICKS: Final = 7
_ROW: Final = 26
_LADDER_LEFT: Final = 74
_LADDER_LABELS: Final = 28
_NODE_RADIUS: Final = 4.5
_WIDEST_LINE: Final = 9.0


@dataclass(frozen=True)
class MonthAxis:
    """The months of a run, from 1, of which the first so many come before the onset."""

    n_months: int
    onset: int
    now: int

    def x(self, month: float, left: int) -> float:
        """Return the place of the end of a month."""
        return left + (_WIDTH - left - _RIGHT) * month / self.n_months

    def ticks(self) -> list[int]:
        """Return months after the onset for the axis: whole years, few enough to be read."""
        years = math.ceil(self.n_months / _YEAR / _MOST_MONTH_TICKS)
        step = years * _YEAR if self.n_months > 2 * _YEAR else math.ceil(self.n_months / 6)
        first = -(self.onset // step) * step
        return list(range(first, self.n_months - self.onset + 1, step))

    def drawn(self, left: int, top: int, bottom: int) -> Iterator[str]:
        """Draw ticks with their numbers, the name of the axis and the onset."""
        for after in self.ticks():
            x = self.x(after + self.onset, left)
            yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 4}"/>'
            yield _label(x, bottom + 15, str(after))
        middle = (left + _WIDTH - _RIGHT) / 2
        yield _label(middle, bottom + 28, "months after the onset")
        if self.onset:
            x = self.x(self.onset, left)
            yield f'<line class="onset" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'


def line_chart(name: str, axis: MonthAxis, lines: Sequence[Floats], low: float, high: float) -> str:
    """Draw values by month, up to the present one, within limits that the metric cannot leave."""
    from matplotlib.ticker import MaxNLocator

    known = np.concatenate(lines)
    known = known[np.isfinite(known)]
    if not known.size:
        return '<p class="empty">This metric has no value in this run.</p>'
    margin = 0.05 * (known.max() - known.min()) or 0.05 * abs(known.max()) or 0.01
    start = max(low, float(known.min()) - margin)
    end = min(high, float(known.max()) + margin)
    bottom = _LINE_HEIGHT + _TOP

    def y(value: float) -> float:
        return bottom - _LINE_HEIGHT * (value - start) / (end - start)

    marks = []
    for tick in MaxNLocator(_TICKS).tick_values(start, end):
        if start <= tick <= end:
            at = y(tick)
            marks.append(
                _grid_line(_LEFT, at) + _label(_LEFT - 5, at + 4, f"{tick:.6g}", anchor="end")
            )
    marks += axis.drawn(_LEFT, _TOP, bottom)
    for number, values in enumerate(lines):
        path = _path([(axis.x(m + 1, _LEFT), y(v)) for m, v in enumerate(values[: axis.now])])
        marks.append(f'<path class="line side-{number + 1}" d="{path}"/>')
        last = values[axis.now - 1]
        if math.isfinite(last):
            place = f'cx="{axis.x(axis.now, _LEFT):.1f}" cy="{y(last):.1f}"'
            marks.append(f'<circle class="dot side-{number + 1}" {place} r="3.5"/>')
    return _svg(_WIDTH, bottom + _BOTTOM, name, marks)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Join points by lines; where there is no number the line is broken."""
    parts, pen = [], "M"
    for x, y in points:
        if math.isfinite(y):
            parts.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(parts)


def ladder_chart(
    name: str, axis: MonthAxis, rows: Mapping[str, Sequence[Floats]], rung_names: Sequence[str]
) -> str:
    """Draw for each pair, by name, a strip of rungs by month for each run, up to the present."""
    top, left = _LADDER_LABELS, _LADDER_LEFT
    bottom = top + _ROW * len(rows)
    marks = list(axis.drawn(left, top - 4, bottom))
    for place, (pair, strips) in enumerate(rows.items()):
        y = top + place * _ROW
        marks.append(_label(left - 6, y + 14, pair, anchor="end"))
        height = (_ROW - 6) / len(strips)
        for number, rungs in enumerate(strips):
            at = y + number * height
            marks.append(_grid_line(left, at + height / 2))
            for rung, first, last in _stretches(rungs[: axis.now]):
                if rung > 0:
                    start, end = axis.x(first, left), axis.x(last, left)
                    marks.append(
                        f'<rect class="rung-{rung}" x="{start:.1f}" y="{at:.1f}"'
                        f' width="{end - start:.1f}" height="{height - 1:.1f}">'
                        f"<title>{escape(rung_names[rung])}</title></rect>"
                    )
    return _svg(_WIDTH, bottom + _BOTTOM, name, marks)


def _stretches(rungs: Floats) -> Iterator[tuple[int, int, int]]:
    """Yield stretches of equal rungs: the rung, months before it, and its last month."""
    start = 0
    for month in range(1, len(rungs) + 1):
        if month == len(rungs) or rungs[month] != rungs[start]:
            yield int(rungs[start]), start, month
            start = month


@dataclass(frozen=True)
class NetworkLine:
    """A line between two states, by number, with its strength from 0 to 1 and what it says."""

    first: int
    second: int
    kind: str
    strength: float
    said: str


def region_network(
    name: str,
    codes: Sequence[str],
    meanings: Sequence[str],
    lines: Sequence[NetworkLine],
    chosen: int,
) -> str:
    """Draw states on the map, or on a circle if they are made up, and lines between them."""
    layout = layout_of(codes)
    west, east, south, north = layout.limits
    scale = _WIDTH / (east - west)
    height = round(scale * (north - south))

    def at(place: Place) -> Place:
        return scale * (place[0] - west), scale * (north - place[1])

    places = [at(layout.places[code]) for code in codes]
    marks = [_ground(at)] if layout.is_map else []
    for line in lines:
        (x1, y1), (x2, y2) = places[line.first], places[line.second]
        width = max(0.8, _WIDEST_LINE * line.strength)
        marks.append(
            f'<line class="tie {line.kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
            f' stroke-width="{width:.1f}"><title>{escape(line.said)}</title></line>'
        )
    for number, (x, y) in enumerate(places):
        kind = "node chosen" if number == chosen else "node"
        marks.append(
            f'<g class="{kind}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{_NODE_RADIUS}"/>'
            f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{escape(codes[number])}</text>'
            f"<title>{escape(meanings[number])}</title></g>"
        )
    return _svg(_WIDTH, height, name, marks)


def _ground(at: Callable[[Place], Place]) -> str:
    """Draw the outlines of all countries as one path."""
    rings = ("L".join("{:.1f} {:.1f}".format(*at(place)) for place in ring) for ring in outlines())
    return f'<path class="ground" d="{"".join(f"M{ring}Z" for ring in rings)}"/>'


def _label(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="label" {place}>{escape(text)}</text>'


def _grid_line(left: int, y: float) -> str:
    return f'<line class="grid" x1="{left}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _svg(width: int, height: int, name: str, marks: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(name)}">'
        f"{''.join(marks)}</svg>"
    )
