"""Sections of answers: claims, who responds, what decides, and where a condition holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from regional_sim.answers.hypotheses.judged import JudgedHypotheses, JudgedHypothesis
from regional_sim.answers.hypotheses.verdicts import VERDICTS
from regional_sim.html_report.page_parts import (
    PageList,
    PagePart,
    PageSection,
    PageTable,
    PageText,
    one_line,
)
from regional_sim.html_report.report_source import ReportSource
from regional_sim.html_report.responses import responses_of
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.discovery import (
    BOX_HEADS,
    SCORE_HEADS,
    box_cells,
    boxes_heading,
    introduction,
    score_cells,
    sentences_of_boxes,
    sentences_of_scores,
)
from regional_sim.report.hypotheses import (
    EXPECTED_IN_WORDS,
    deciding_in_words,
    hypotheses_introduction,
    in_smallest,
    percent_of,
    through_in_words,
)
from regional_sim.report.sensitivity import (
    sensitivity_explanations,
    sensitivity_introduction,
    sensitivity_parts,
)

_CLAIMS: Final = "claims"


def claims_section(source: ReportSource) -> PageSection | None:
    """Claims with their verdicts; where nobody judged them, as they are stated."""
    stated = source.plan.experiment.hypotheses
    if source.claims is not None:
        return PageSection(_CLAIMS, "Claims", tuple(_judged(source.claims)))
    if not stated:
        return None
    rows = [
        (one.id, one_line(one.claim), Metric[one.metric].title, EXPECTED_IN_WORDS[one.expects])
        for one in stated
    ]
    said = f"The experiment states {len(rows)} claims; this folder holds no verdicts on them."
    table = PageTable("Claims", ("id", "claim", "metric", "expected"), rows)
    return PageSection(_CLAIMS, "Claims", (PageText(said), table))


def _judged(found: JudgedHypotheses) -> Iterator[PagePart]:
    """Write verdicts, what they mean, and how to read the numbers."""
    heads = ["id", "verdict", "claim", "metric, expected", "effect", "95 % interval"]
    if found.points:
        heads += ["prior", "beyond"]
    if found.on_record is not None:
        heads.append("record")
    if found.points:
        heads.append("what goes with it")
    caption = "Claims, with effects in smallest effects of interest"
    yield PageTable(caption, heads, [_claim_cells(found, row) for row in found.rows])
    used = {row.verdict for row in found.rows}
    yield PageList(tuple(f"{word}: {what}." for word, what in VERDICTS.items() if word in used))
    for one in hypotheses_introduction(found):
        # The mark that it explains stands in tables of a terminal only.
        yield PageText(one_line(one.removeprefix("* ")))


def _claim_cells(found: JudgedHypotheses, row: JudgedHypothesis) -> tuple[str, ...]:
    one = row.hypothesis
    through = f", by the response of {', '.join(one.clamp)}" if one.clamp else ""
    expected = f"{Metric[one.metric].title}: {EXPECTED_IN_WORDS[one.expects]}{through}"
    interval = f"{in_smallest(row, row.ci_low)} to {in_smallest(row, row.ci_high)}"
    cells = [one.id, row.verdict, one_line(one.claim), one_line(expected)]
    cells += [in_smallest(row, row.effect), interval]
    if found.points:
        cells += [percent_of(row.holds), percent_of(row.holds_beyond)]
    if found.on_record is not None:
        cells.append(percent_of(row.holds_on_record))
    if found.points:
        cells.append(deciding_in_words(row))
    return tuple(cells)


def responses_section(source: ReportSource) -> PageSection | None:
    """Through whose responses effects run, and what each state does otherwise."""
    parts: list[PagePart] = []
    told = [] if source.claims is None else [row for row in source.claims.rows if row.through]
    if told:
        rows = [(row.hypothesis.id, through_in_words(row)) for row in told]
        caption = "Whole effect, and what of it is gone when states are held on their path"
        parts.append(PageTable(caption, ("claim", "in smallest effects of interest"), rows))
    parts += responses_of(source)
    return PageSection("responses", "Who responds", parts) if parts else None


def sensitivity_section(source: ReportSource) -> PageSection | None:
    """Which factors decide the outcomes."""
    found = source.sensitivity
    if found is None:
        return None
    parts: list[PagePart] = [PageText(one_line(one)) for one in sensitivity_introduction(found)]
    for part in sensitivity_parts(found, everything=False):
        parts += [PageText(one_line(one)) for one in part.sentences]
        parts += _table(part.heading, part.rows)
        parts += [PageText(part.closing)] if part.closing else []
    parts += [PageText(one_line(one)) for one in sensitivity_explanations(found)]
    return PageSection("sensitivity", "What decides the outcome", parts)


def discovery_section(source: ReportSource) -> PageSection | None:
    """Where in the space of the factors the second posture raises the first metric."""
    found = source.discovery
    if found is None:
        return None
    parts: list[PagePart] = [PageText(one_line(one)) for one in introduction(found)]
    if found.boxes is not None and found.scores is not None:
        boxes = [(one.in_words, *box_cells(one)) for one in found.boxes.boxes]
        parts += _table(boxes_heading(found), [("where", *BOX_HEADS), *boxes] if boxes else ())
        parts += [PageText(one) for one in sentences_of_boxes(found)]
        parts += _table("Factors that matter most", [SCORE_HEADS, *score_cells(found.scores)])
        parts += [PageText(one) for one in sentences_of_scores(found)]
    return PageSection("discovery", "Where it raises the metric", parts)


def _table(caption: str, rows: Sequence[Sequence[str]]) -> list[PagePart]:
    return [PageTable(one_line(caption), rows[0], rows[1:])] if len(rows) > 1 else []
