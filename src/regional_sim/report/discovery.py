"""Where a condition holds, as text for a terminal and as files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from regional_sim.answers.discovery.boxes import Box, Boxes
from regional_sim.answers.discovery.discovery import FEWEST_OF_A_KIND, PRIM, Discovery
from regional_sim.answers.discovery.factor_scores import Accuracy, FactorScores
from regional_sim.answers.outcomes import UNCLEAR
from regional_sim.report.answer_files import markdown_table, write_answer
from regional_sim.report.effects import metric_heading
from regional_sim.report.text import padded, share_text, wrapped

MOST_SCORED: Final = 8
"""Factors that are listed with their scores."""

BOX_HEADS: Final = ("points", "it holds at", "density", "coverage")
SCORE_HEADS: Final = ("factor", "verdict", "loss", "95 % interval")


def discovery_text(found: Discovery, width: int) -> Text:
    """Write where the condition holds; sentences and boxes fit the width."""
    text = Text("".join(f"{wrapped(one, width)}\n" for one in introduction(found)))
    if found.boxes is None or found.scores is None:
        return text
    text.append(f"\n{boxes_heading(found)}\n", style="bold")
    if found.boxes.boxes:
        numbers = padded([BOX_HEADS, *(box_cells(one) for one in found.boxes.boxes)])
        text.append(f"  {numbers[0]}\n", style="dim")
        room = max(map(len, numbers)) + 4
        for line, box in zip(numbers[1:], found.boxes.boxes, strict=True):
            first = f"  {line}".ljust(room)
            text.append(wrapped(box.in_words, width, first, " " * room) + "\n")
    text.append("".join(f"{wrapped(one, width, '  ')}\n" for one in sentences_of_boxes(found)))
    text.append("\nFactors that matter most\n", style="bold")
    for place, line in enumerate(padded([SCORE_HEADS, *score_cells(found.scores)])):
        text.append(f"  {line}\n", style="" if place else "dim")
    return text.append(
        "".join(f"{wrapped(one, width, '  ')}\n" for one in sentences_of_scores(found))
    )


def write_discovery(found: Discovery, path: Path, *, force: bool = False) -> None:
    """Write a file of everything; the ending .csv, .json or .md says how."""
    write_answer(path, _rows(found), _everything(found), list(_markdown(found)), force=force)


def introduction(found: Discovery) -> Iterator[str]:
    """Say what was asked, at how many points it holds, and where above all."""
    of = found.conditions[0].outcome
    whose = of.posture if of.reference is None else f"{of.posture} less {of.reference}"
    metrics = dict.fromkeys(one.outcome.metric for one in found.conditions)
    named = " and ".join(metric_heading(one.name, one.unit) for one in metrics)
    yield (
        f"{found.title or 'Result'}: where {found.asked}. This is {named}, {whose}, window"
        f" {of.window}."
    )
    n_points = len(found.points)
    yield (
        f"It holds at {found.n_holding} of {n_points} points"
        f" ({share_text(found.n_holding / n_points)}). At {found.n_undecided} points this is"
        f" {UNCLEAR}: the 95 % interval over replicates reaches to both sides of the limit. They"
        " count by their mean."
    )
    yield from left_out(found.unstable, found.missing)
    if found.boxes is None:
        yield _too_few(found)
    elif not _is_found(found):
        yield "No region is found in which it holds more often than by chance."
    else:
        yield from (f"It holds above all where {_sentence(one)}." for one in _best(found.boxes))


def left_out(unstable: int, missing: int) -> Iterator[str]:
    """Say how many points are left out, and why."""
    for count, why in ((unstable, "an unstable start"), (missing, "no value")):
        if count:
            yield f"Left out: {count} {'point' if count == 1 else 'points'} with {why}."


def _best(boxes: Boxes) -> list[Box]:
    """Pick the box that holds most of the points at which the condition holds."""
    holding = [one for one in boxes.boxes if one.mostly_holds]
    return sorted(holding, key=lambda one: -one.holding)[:1]


def _sentence(box: Box) -> str:
    return (
        f"{box.in_words}: at {box.holding} of the {box.points} points there (density"
        f" {share_text(box.density)}), which are {share_text(box.coverage)} of all at which it"
        " holds (coverage)"
    )


def _is_found(found: Discovery) -> bool:
    """Tell whether there is a box, and something is told better than by guessing."""
    boxes, scores = found.boxes, found.scores
    if boxes is None or scores is None or not _best(boxes):
        return False
    return boxes.beats_guessing if boxes.skill is not None else scores.skill.low > 0.5  # noqa: PLR2004


def _too_few(found: Discovery) -> str:
    if found.n_holding == 0:
        return "It holds nowhere, so there is no region to look for."
    if found.n_holding == len(found.points):
        return "It holds everywhere, so there is no region to look for."
    return (
        f"That is too few of one kind to tell where: a region takes {FEWEST_OF_A_KIND} points at"
        f" which it holds, and {FEWEST_OF_A_KIND} at which it does not. About"
        f" {found.points_that_would_do} such points would do."
    )


def boxes_heading(found: Discovery) -> str:
    """Say what the boxes are."""
    if found.method == PRIM:
        return "Boxes found by PRIM, each among the points outside those before it"
    depth = found.boxes.depth if found.boxes else 0
    return f"Boxes: the leaves of a tree that asks {depth} question{'s'[: depth > 1]} in turn"


def box_cells(box: Box) -> tuple[str, str, str, str]:
    """Write the numbers of a box, under :data:`BOX_HEADS`."""
    return str(box.points), str(box.holding), share_text(box.density), share_text(box.coverage)


def sentences_of_boxes(found: Discovery) -> Iterator[str]:
    """Say what boxes are worth on points that were left out."""
    boxes = found.boxes
    if boxes is None:
        return
    if not boxes.boxes:
        yield "None: PRIM finds no part of the space in which the condition holds more often."
        return
    if boxes.skill is None:
        yield (
            "These shares are of the points that the boxes were made of; on others they are lower."
            " The method tree says how much lower."
        )
        return
    yield f"On points that were left out, the tree is right in {_skill(boxes.skill)}."
    if not math.isnan(boxes.unseen_density):
        yield (
            "Where it says there that the condition holds, it does at"
            f" {share_text(boxes.unseen_density)} of the points (density), and it finds"
            f" {share_text(boxes.unseen_coverage)} of those where it does (coverage)."
        )


def _skill(skill: Accuracy) -> str:
    beats = "better than" if skill.low > 0.5 else "no better than"  # noqa: PLR2004
    return (
        f"{share_text(skill.mean)} of cases (95 % interval {100.0 * skill.low:.0f} to"
        f" {share_text(skill.high)}), with both kinds counted equally: {beats} guessing, which is"
        " right in 50 %"
    )


def score_cells(scores: FactorScores) -> list[tuple[str, str, str, str]]:
    """Write the factors that matter most, under :data:`SCORE_HEADS`."""
    listed = scores.of_factors[:MOST_SCORED]
    shown = [one for one in listed if one.matters] or list(listed[:2])
    return [
        (
            one.factor.path.rpartition(".")[2],
            "matters" if one.matters else UNCLEAR,
            f"{100.0 * one.loss.mean:+.1f} %",
            f"{100.0 * one.loss.low:+.1f} to {100.0 * one.loss.high:+.1f} %",
        )
        for one in shown
    ]


def sentences_of_scores(found: Discovery) -> Iterator[str]:
    """Say what the scores are."""
    scores = found.scores
    if scores is None:
        return
    yield (
        f"A forest of trees on all factors is right in {_skill(scores.skill)}. The loss is what of"
        " this goes when the levels of a factor are shuffled."
    )
    rest = sum(not one.matters for one in scores.of_factors)
    yield (
        f"For {rest} of {len(scores.of_factors)} factors it is {UNCLEAR} whether they matter: of so"
        " many, some lose as much by chance."
    )
    if doubtful := _in_boxes_only(found):
        yield (
            f"The boxes have limits of {', '.join(doubtful)}, which the forest does not find to"
            " matter. The two methods disagree, as they do by chance where points or replicates"
            f" are few: do not rely on {'these limits' if doubtful[1:] else 'this limit'}."
        )


def _in_boxes_only(found: Discovery) -> list[str]:
    """Name the factors that limit boxes, though their scores do not tell them from chance."""
    if found.boxes is None or found.scores is None:
        return []
    limits = {one.factor.path for box in found.boxes.boxes for one in box.intervals}
    unclear = [one.factor.path for one in found.scores.of_factors if not one.matters]
    return [path.rpartition(".")[2] for path in unclear if path in limits]


def _rows(found: Discovery) -> list[dict[str, object]]:
    """Make the rows of the CSV file: boxes, then factors."""
    rows: list[dict[str, object]] = []
    if found.boxes is None or found.scores is None:
        return [{"condition": found.asked, "points": len(found.points), "holding": found.n_holding}]
    for place, box in enumerate(found.boxes.boxes):
        of_box = _of_box(box)
        rows.append({"condition": found.asked, "what": "box", "number": place, **of_box})
    for place, one in enumerate(found.scores.of_factors):
        loss = {"loss": one.loss.mean, "loss_low": one.loss.low, "loss_high": one.loss.high}
        what = {"what": "factor", "number": place, "where": one.factor.path}
        rows.append({"condition": found.asked, **what, **loss})
    return rows


def _of_box(box: Box) -> dict[str, object]:
    return {
        "where": box.in_words,
        "points": box.points,
        "holding": box.holding,
        "undecided": box.undecided,
        "density": box.density,
        "coverage": box.coverage,
    }


def _everything(found: Discovery) -> dict[str, Any]:
    boxes, scores = found.boxes, found.scores
    of = found.conditions[0].outcome
    mapping: dict[str, Any] = {
        "title": found.title,
        "source": found.source,
        "conditions": [str(one) for one in found.conditions],
        "window": of.window,
        "posture": of.posture,
        "reference": of.reference,
        "points": len(found.points),
        "holding": found.n_holding,
        "undecided": found.n_undecided,
        "unstable": found.unstable,
        "missing": found.missing,
        "method": found.method,
    }
    if boxes is None or scores is None:
        return mapping
    mapping["boxes"] = [
        _of_box(one)
        | {
            "limits": [
                {"factor": limit.factor.path, "low": limit.low, "high": limit.high}
                for limit in one.intervals
            ]
        }
        for one in boxes.boxes
    ]
    if boxes.skill is not None:
        mapping["tree"] = {
            "depth": boxes.depth,
            "balanced_accuracy": _interval_of(boxes.skill),
            "density_left_out": boxes.unseen_density,
            "coverage_left_out": boxes.unseen_coverage,
        }
    mapping["trajectory"] = boxes.trajectory
    mapping["forest"] = {"balanced_accuracy": _interval_of(scores.skill)}
    mapping["factors"] = [
        {"factor": one.factor.path, "loss": _interval_of(one.loss)} for one in scores.of_factors
    ]
    return mapping


def _interval_of(skill: Accuracy) -> dict[str, float]:
    return {"mean": skill.mean, "low": skill.low, "high": skill.high}


def _markdown(found: Discovery) -> Iterator[str]:
    yield f"# Where {found.asked}"
    for one in introduction(found):
        yield from ("", one)
    if found.boxes is None or found.scores is None:
        return
    yield from ("", f"## {boxes_heading(found)}")
    if found.boxes.boxes:
        rows = [(*box_cells(one), one.in_words) for one in found.boxes.boxes]
        yield from ("", *markdown_table([(*BOX_HEADS, "where"), *rows]))
    yield from ("", *sentences_of_boxes(found), "", "## Factors that matter most", "")
    yield from markdown_table([SCORE_HEADS, *score_cells(found.scores)])
    yield from ("", *sentences_of_scores(found))
