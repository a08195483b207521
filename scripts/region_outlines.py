"""Cut the outlines of the region's countries out of the npm package ``world-atlas``.

``make outlines`` gets the package, calls this and replaces the file that is shipped; nothing is
fetched when a figure is drawn.  Borders are simplified arc by arc, so that neighbours still meet.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Point = tuple[float, float]

BOX = (66.0, -46.0, 156.0, 55.0)
"""West, south, east and north ends of the region, degrees."""
TOLERANCE = 0.15
"""Largest distance from a border to its simplified line, degrees."""
SMALLEST = 0.35
"""Polygons smaller than this are left out, square degrees; of every country the largest stays."""
DIGITS = 1

CODES = {
    "004": "AFG", "036": "AUS", "050": "BGD", "064": "BTN", "096": "BRN", "104": "MMR",
    "116": "KHM", "144": "LKA", "156": "CHN", "158": "TWN", "356": "IND", "360": "IDN",
    "392": "JPN", "398": "KAZ", "408": "PRK", "410": "KOR", "417": "KGZ", "418": "LAO",
    "458": "MYS", "496": "MNG", "524": "NPL", "586": "PAK", "598": "PNG", "608": "PHL",
    "626": "TLS", "643": "RUS", "702": "SGP", "704": "VNM", "762": "TJK", "764": "THA",
    "860": "UZB", "795": "TKM",
}  # fmt: skip
"""Numeric and alphabetic codes of ISO 3166-1."""

PLACES = {
    "IDN": (108.5, -7.2),
    "MYS": (113.5, 2.9),
    "PHL": (121.9, 12.9),
    "RUS": (135.0, 52.0),
    "SGP": (103.8, 1.35),
    "VNM": (107.8, 13.4),
}
"""Where a country's mark stands, if not at the centre of its largest polygon."""


def outlines(atlas: dict[str, Any]) -> dict[str, list[list[list[float]]]]:
    """Return the polygons of each country, each a list of points [longitude, latitude]."""
    arcs = [simplified(arc) for arc in decoded(atlas)]
    found: dict[str, list[list[list[float]]]] = {}
    for country in atlas["objects"]["countries"]["geometries"]:
        code = CODES.get(country.get("id"))
        if code is None:
            continue
        many = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        # Only the outer ring: no country of the region has a hole that would be seen.
        rings = [clipped(joined(polygon[0], arcs)) for polygon in many]
        rings = sorted((ring for ring in rings if len(ring) > 2), key=area, reverse=True)
        kept = [ring for n, ring in enumerate(rings) if area(ring) >= (SMALLEST if n else 0.01)]
        if kept:
            found[code] = [[[round(x, DIGITS), round(y, DIGITS)] for x, y in ring] for ring in kept]
    return dict(sorted(found.items()))


def decoded(atlas: dict[str, Any]) -> Iterator[list[Point]]:
    """Turn the differences of whole numbers, as TopoJSON has them, into degrees."""
    (scale_x, scale_y), (start_x, start_y) = (atlas["transform"][k] for k in ("scale", "translate"))
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + start_x, y * scale_y + start_y))
        yield points


def simplified(points: Sequence[Point]) -> list[Point]:
    """Leave out points that lie near the line between others (Douglas & Peucker 1973)."""
    if points[0] == points[-1] and len(points) > 3:
        # A closed line has no ends: cut it at the point that is farthest away.
        far = max(range(len(points)), key=lambda n: math.dist(points[0], points[n]))
        return simplified(points[: far + 1]) + simplified(points[far:])[1:]
    if len(points) < 3:
        return list(points)
    off = [_distance(point, points[0], points[-1]) for point in points[1:-1]]
    worst = max(range(len(off)), key=off.__getitem__)
    if off[worst] <= TOLERANCE:
        return [points[0], points[-1]]
    middle = worst + 1
    return simplified(points[: middle + 1]) + simplified(points[middle:])[1:]


def _distance(point: Point, start: Point, end: Point) -> float:
    (x, y), (x0, y0), (x1, y1) = point, start, end
    length = math.dist(start, end)
    if length == 0.0:
        return math.dist(point, start)
    return abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length


def joined(ring: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Put arcs behind each other; ~n stands for arc n, backwards."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def clipped(ring: list[Point]) -> list[Point]:
    """Cut a polygon at the ends of the region (Sutherland & Hodgman 1974)."""
    west, south, east, north = BOX
    for axis, end, sign in ((0, west, 1), (1, south, 1), (0, east, -1), (1, north, -1)):
        kept: list[Point] = []
        for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True):
            inside = [sign * (p[axis] - end) >= 0 for p in (a, b)]
            if inside[0]:
                kept.append(a)
            if inside[0] != inside[1]:
                share = (end - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
        ring = kept
    return ring


def area(ring: Sequence[Point]) -> float:
    """Return the area of a polygon in square degrees."""
    return abs(_twice_area(ring)) / 2.0


def _twice_area(ring: Sequence[Point]) -> float:
    pairs = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)


def centre(ring: Sequence[Point]) -> list[float]:
    """Return the centre of a polygon's area."""
    total, x, y = _twice_area(ring), 0.0, 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        cross = x0 * y1 - x1 * y0
        x, y = x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return [round(x / (3.0 * total), 2), round(y / (3.0 * total), 2)]


def main() -> None:
    """Read the atlas and write the outlines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("atlas", type=Path, help="countries-50m.json of world-atlas")
    parser.add_argument("out", type=Path, help="file to write")
    given = parser.parse_args()
    found = outlines(json.loads(given.atlas.read_text(encoding="utf-8")))
    places = {code: centre([tuple(p) for p in rings[0]]) for code, rings in found.items()}
    places |= {code: list(place) for code, place in PLACES.items()}
    whole = {
        "source": "Natural Earth (public domain), by way of world-atlas 2.0.2 (ISC licence,"
        " copyright 2013-2019 Michael Bostock), cut and simplified by scripts/region_outlines.py",
        "box": BOX,
        "places": dict(sorted(places.items())),
        "outlines": found,
    }
    text = json.dumps(whole, separators=(",", ":"))
    given.out.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
