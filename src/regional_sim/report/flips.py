"""Where effects flip over two factors, as text for a terminal and as files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from regional_sim.answers.discovery.flips import Flip, FlipMap, FlipRow, PostureFlips
from regional_sim.answers.outcomes import UNCLEAR
from regional_sim.experiment.points import Factor
from regional_sim.report.answer_files import markdown_table, write_answer
from regional_sim.report.discovery import left_out
from regional_sim.report.effects import metric_heading
from regional_sim.report.text import level, number, padded, share_text, wrapped

UPWARD: Final = "lower below, higher above"
DOWNWARD: Final = "higher below, lower above"

_SURE: Final = 0.05
_OTHERS_NAMED: Final = 3


def flips_text(found: FlipMap, width: int) -> Text:
    """Write where each posture's effect flips; sentences fit the width."""
    text = Text("".join(f"{wrapped(one, width)}\n" for one in map_introduction(found)))
    for one in found.postures:
        text.append(f"\n{map_heading(one)}\n", style="bold")
        text.append("".join(f"{wrapped(said, width, '  ')}\n" for said in _of_posture(found, one)))
        for place, line in enumerate(padded(_table(found, one))):
            text.append(f"  {line}\n", style="" if place else "dim")
    return text


def write_flips(found: FlipMap, path: Path, *, force: bool = False) -> None:
    """Write a file of everything; the ending .csv, .json or .md says how."""
    write_answer(path, list(_rows(found)), _everything(found), list(_markdown(found)), force=force)


def short_name(factor: Factor) -> str:
    """Name a factor by the last part of its path."""
    return factor.path.rpartition(".")[2]


def map_heading(one: PostureFlips) -> str:
    """Name the postures that are compared."""
    return f"{one.outcome.posture} less {one.outcome.reference}"


def map_introduction(found: FlipMap) -> Iterator[str]:
    """Say what is mapped, and how."""
    of = found.postures[0].outcome
    yield (
        f"{found.title or 'Result'}: where the effect on"
        f" {metric_heading(of.metric.name, of.metric.unit)}, window {of.window}, changes its sign"
        f" along {short_name(found.x)}, for levels of {short_name(found.y)}. The tables have the"
        f" levels of {short_name(found.x)} at which it does."
    )
    if found.scores is not None:
        x, y = short_name(found.x), short_name(found.y)
        yield f"The map is over {x} and {y}: what was not named is what matters most."
    many, points = len(found.others), found.n_points
    named = ", ".join(short_name(one) for one in found.others[:_OTHERS_NAMED])
    more = f" and {many - _OTHERS_NAMED} more" if many > _OTHERS_NAMED else ""
    if found.is_measured:
        over = f", averaged over the levels of {named}{more}" if many else ""
        yield (
            f"Measured at the crossings of a grid ({points} points, {found.replicates}"
            f" replicates{over}); between them the effect is taken to change in straight lines."
            " Intervals are 95 % bootstrap intervals over replicates, those of cells t intervals."
        )
    else:
        yield (
            f"A surface is fitted to {points} points (a Gaussian process over the two factors). It"
            f" is the average over the other {many} factors ({named}{more}), as they vary in the"
            " sample; intervals are 95 % intervals of this average."
        )
    yield from left_out(found.unstable, found.missing)


def _of_posture(found: FlipMap, one: PostureFlips) -> Iterator[str]:
    """Sum up a map in a sentence or two."""
    raises, lowers, negligible, unclear = one.effect_counts()
    n_crossings = raises + lowers + negligible + unclear
    smallest = f"smallest effect {one.outcome.smallest:.3g}"

    def part(count: int) -> str:
        return str(count) if found.is_measured else share_text(count / n_crossings)

    of = f"Of {n_crossings} cells" if found.is_measured else "Of the area of the map"
    yield (
        f"{of}, the posture raises the metric in {part(raises)} and lowers it in {part(lowers)};"
        f" its effect is negligible in {part(negligible)} and unclear in {part(unclear)}"
        f" ({smallest})."
    )
    if not found.is_measured:
        told = one.surface.explained
        yield (
            f"The two factors tell {share_text(max(told, 0.0))} of the variance between points"
            " that were left out; at one place of the map, points still differ by"
            f" {number(one.surface.spread)} (standard deviation), so single points may have the"
            " other sign."
            + ("" if told > _SURE else " That is next to nothing: do not rely on this map.")
        )
    elif found.replicates == 1:
        yield "A single replicate does not tell what is noise: there are no intervals."


def _table(found: FlipMap, one: PostureFlips) -> list[tuple[str, ...]]:
    """Make the table of flips: a line of each level of y and flip."""
    x, y = short_name(found.x), short_name(found.y)
    rows: list[tuple[str, ...]] = [(y, "effect", x, "95 % interval")]
    for row in one.rows:
        name = level(round(row.y, 12))
        rows += [(name, *_flip_cells(found, flip)) for flip in row.flips]
        if not row.flips:
            rows.append((name, _kept(row), "no flip", ""))
    return rows


def _kept(row: FlipRow) -> str:
    """Say which sign the effect keeps, and whether that is sure."""
    said = {1: "higher everywhere", -1: "lower everywhere", 0: "the same"}[row.sign]
    return said if not row.unsure > _SURE else f"{said} ({UNCLEAR})"


def _flip_cells(found: FlipMap, flip: Flip) -> tuple[str, str, str]:
    least, most = float(found.points_x.min()), float(found.points_x.max())
    decimals = max(0, 2 - round(math.log10(most - least)))

    def end(value: float) -> str:
        if math.isinf(value):
            return f"> {most:.{decimals}f}" if value > 0.0 else f"< {least:.{decimals}f}"
        return f"{value:.{decimals}f}"

    words = UPWARD if flip.upward else DOWNWARD
    if found.replicates == 1 and found.is_measured:
        return words, end(flip.at), ""
    return words, end(flip.at), f"{end(flip.low)} to {end(flip.high)}"


def _rows(found: FlipMap) -> Iterator[dict[str, object]]:
    """Make the rows of the CSV file: one of each posture, level of y and flip."""
    for one in found.postures:
        of = one.outcome
        first = {"metric": of.metric.name, "window": of.window, "posture": of.posture}
        for row in one.rows:
            at = first | {"reference": of.reference, found.y.path: row.y}
            for flip in row.flips or (None,):
                words = UPWARD if flip is not None and flip.upward else DOWNWARD
                yield {
                    **at,
                    f"{found.x.path} at the flip": None if flip is None else flip.at,
                    "low": None if flip is None else flip.low,
                    "high": None if flip is None else flip.high,
                    "effect": _kept(row) if flip is None else words,
                }


def _everything(found: FlipMap) -> dict[str, Any]:
    return {
        "title": found.title,
        "source": found.source,
        "x": found.x.path,
        "y": found.y.path,
        "measured": found.is_measured,
        "points": found.n_points,
        "unstable": found.unstable,
        "missing": found.missing,
        "replicates": found.replicates,
        "postures": [_of_map(one) for one in found.postures],
    }


def _of_map(one: PostureFlips) -> dict[str, Any]:
    of, surface = one.outcome, one.surface
    return {
        "metric": of.metric.name,
        "window": of.window,
        "posture": of.posture,
        "reference": of.reference,
        "smallest_effect": of.smallest,
        "explained": surface.explained,
        "spread": surface.spread,
        "surface": {name: getattr(surface, name) for name in ("x", "y", "mean", "low", "high")},
        "flips": [
            {
                "y": row.y,
                "at": [vars(flip) for flip in row.flips],
                "effect": None if row.flips else _kept(row),
            }
            for row in one.rows
        ],
    }


def _markdown(found: FlipMap) -> Iterator[str]:
    yield "# Where the effect flips"
    for said in map_introduction(found):
        yield from ("", said)
    for one in found.postures:
        yield from ("", f"## {map_heading(one)}", "")
        yield from (" ".join(_of_posture(found, one)), "", *markdown_table(_table(found, one)))
