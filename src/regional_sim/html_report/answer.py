"""The answer in two sentences: verdict word first, then size, interval and what it counts for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from regional_sim.answers.hypotheses.verdicts import VERDICTS
from regional_sim.html_report.report_source import ReportSource
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.report.findings import window_in_words
from regional_sim.report.text import (
    ContrastRow,
    count_cells,
    mean_cells,
    percent,
    range_cells,
    with_interval,
)

_METRICS_ANSWERED: Final = 2
"""One sentence each."""

_SAID: Final = {
    "raises": "{posture} raises it{size}",
    "lowers": "{posture} lowers it{size}",
    "negligible": "the effect of {posture} is negligible{size}",
    "unclear": "the effect of {posture} is unclear{size}",
    "": "{posture} changes it{size}",
}
_OF_PAIR: Final = {
    "raises": "{posture} raises {title} by",
    "lowers": "{posture} lowers {title} by",
    "negligible": "The effect of {posture} on {title} is negligible:",
    "unclear": "The effect of {posture} on {title} is unclear:",
    "": "{posture} changes {title} by",
}
_MOST_SIZES: Final = 4
"""Postures of a sentence whose sizes are told; of more, only of those with a clear effect."""


def answer_sentences(source: ReportSource) -> list[str]:
    """Say what was found, in two sentences."""
    claims = [] if source.claims is None else [_of_claims(source)]
    left = _METRICS_ANSWERED - len(claims)
    found = list(source.by_metric.items())[:left]
    return [*claims, *(_of_metric(source, metric, rows) for metric, rows in found)]


def _of_claims(source: ReportSource) -> str:
    """Count the verdicts, and name the claims that have each."""
    assert source.claims is not None
    rows = source.claims.rows
    counts = Counter(row.verdict for row in rows)
    parts = [
        f"{counts[verdict]} {'is' if counts[verdict] == 1 else 'are'} {verdict}"
        f" ({', '.join(row.hypothesis.id for row in rows if row.verdict == verdict)})"
        for verdict in VERDICTS
        if counts[verdict]
    ]
    claims = "claim" if len(rows) == 1 else "claims"
    return f"Of {len(rows)} {claims}, {_joined(parts)}."


def _of_metric(
    source: ReportSource, metric: str, rows: Mapping[tuple[int, str], ContrastRow]
) -> str:
    title = Metric[metric].title
    if len(source.labels) == 1:
        return _level(source, title, list(rows.values()))
    if source.plan.n_points > 1:
        return _over_points(source, title, list(rows.values()))
    others = [row for row in rows.values() if row.difference is not None]
    if len(others) == 1:
        return _of_pair(source, title, others[0])
    said = [_said(row, sized=len(others) <= _MOST_SIZES) for row in _by_word(others)]
    smallest = f"smallest effect of interest {others[0].smallest:.3g}"
    months = window_in_words(source.plan, source.shown)
    return f"{title} against {source.labels[0]}{months}: {'; '.join(said)} ({smallest})."


def _of_pair(source: ReportSource, title: str, row: ContrastRow) -> str:
    """Say what the only other posture does."""
    assert row.difference is not None
    difference, interval = with_interval(row.difference, row.difference_low, row.difference_high)
    smallest = f", smallest effect of interest {row.smallest:.3g}" if row.smallest > 0.0 else ""
    relative = f", {percent(row.percent)}" if math.isfinite(row.percent) else ""
    said = _OF_PAIR[row.verdict].format(posture=row.posture, title=title)
    return (
        f"{said} {difference}{relative} (95 % interval {interval}{smallest}), against"
        f" {source.labels[0]}{window_in_words(source.plan, source.shown)}."
    )


def _by_word(rows: Sequence[ContrastRow]) -> Iterator[ContrastRow]:
    """Put clear effects first."""
    for word in EFFECT_WORDS:
        yield from (row for row in rows if row.verdict == word)


def _said(row: ContrastRow, *, sized: bool) -> str:
    assert row.difference is not None
    size = ""
    if sized or row.verdict in {"raises", "lowers"}:
        ends = row.difference_low, row.difference_high
        difference, interval = with_interval(row.difference, *ends)
        by = " by " if row.verdict in {"raises", "lowers", ""} else ", "
        size = f"{by}{difference} (95 % interval {interval})"
    return _SAID[row.verdict].format(posture=row.posture, size=size)


def _over_points(source: ReportSource, title: str, rows: Sequence[ContrastRow]) -> str:
    """Count at how many points each posture has which effect."""
    n_points = source.plan.n_points
    said = []
    others = source.labels[1:]
    for posture in others[:_MOST_SIZES]:
        of = [row for row in rows if row.posture == posture]
        words = Counter(row.verdict for row in of)
        counts = ", ".join(
            f"{_COUNTED[word]} at {words[word]}" for word in EFFECT_WORDS if words[word]
        )
        *_, low, middle, high = next(iter(count_cells(of)))
        spread = f"median difference {middle}"
        if len(others) == 1:
            spread += f", from {low} to {high}"
        said.append(f"{posture} {counts} ({spread})")
    if len(others) > _MOST_SIZES:
        said.append(f"{len(others) - _MOST_SIZES} more postures stand in the table")
    return f"{title} against {source.labels[0]} at {n_points} points: {'; '.join(said)}."


_COUNTED: Final = {
    "raises": "raises it",
    "lowers": "lowers it",
    "negligible": "hardly changes it",
    "unclear": "is unclear",
    "": "is without a word",
}


def _level(source: ReportSource, title: str, rows: Sequence[ContrastRow]) -> str:
    """Say how high a metric is under the only posture."""
    under = f"Under {source.labels[0]}{window_in_words(source.plan, source.shown)}"
    if len(rows) > 1:
        _, low, middle, high = range_cells("", rows)
        return (
            f"{under}: {title} lies from {low} to {high} over {len(rows)} points, median {middle}."
        )
    _, mean, interval, _ = mean_cells("", "", rows[0])
    return f"{under}: {title} is {mean} (95 % interval {interval})."


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
