"""The answer in two sentences: verdict word first, then size, interval and what it counts for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from regional_sim.answers.hypotheses.verdicts import VERDICTS
from regional_sim.figures.style import in_words
from regional_sim.html_report.report_source import ReportSource
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.report.findings import window_in_words
from regional_sim.report.text import (
    MISSING,
    ContrastRow,
    count_cells,
    mean_cells,
    mean_with_interval,
    percent,
    range_cells,
    with_interval,
)

_METRICS_ANSWERED: Final = 2
"""One sentence each."""

_SAID: Final = {
    "raises": "{posture} raises it by {size}",
    "lowers": "{posture} lowers it by {size}",
    "negligible": "the effect of {posture} is negligible, {size}",
    "unclear": "the effect of {posture} is unclear, {size}",
    "": "{posture} changes it by {size}",
}
_OF_PAIR: Final = {
    "raises": "{posture} raises {title} by {size}",
    "lowers": "{posture} lowers {title} by {size}",
    "negligible": "the effect of {posture} on {title} is negligible: {size}",
    "unclear": "the effect of {posture} on {title} is unclear: {size}",
    "": "{posture} changes {title} by {size}",
}
_NO_PAIR: Final = "no pair of runs tells what {posture} does to {title}"
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
    return f"{title} against {_reference(source)}{months}: {'; '.join(said)} ({smallest})."


def _of_pair(source: ReportSource, title: str, row: ContrastRow) -> str:
    """Say what the only other posture does."""
    names = {"posture": in_words(row.posture), "title": in_sentence(title)}
    if row.difference is None or math.isnan(row.difference):
        said = _NO_PAIR.format(**names)
    else:
        smallest = f"smallest effect of interest {row.smallest:.3g}" if row.smallest > 0.0 else ""
        said = _OF_PAIR[row.verdict].format(**names, size=_size(row, smallest, relative=True))
    against = f", against {_reference(source)}{window_in_words(source.plan, source.shown)}."
    return f"{said[:1].upper()}{said[1:]}{against}"


def _reference(source: ReportSource) -> str:
    return in_words(source.labels[0])


def _size(row: ContrastRow, more: str = "", *, relative: bool = False) -> str:
    """Write how large an effect is, with its interval: without a sign where a word tells it."""
    assert row.difference is not None
    ends = row.difference_low, row.difference_high
    change = percent(row.percent)
    if row.verdict == "raises":
        size, interval = mean_with_interval(row.difference, *ends)
        change = change.removeprefix("+")
    elif row.verdict == "lowers":
        size, interval = mean_with_interval(-row.difference, -ends[1], -ends[0])
        change = change.removeprefix("-")
    else:
        size, interval = with_interval(row.difference, *ends)
    told = [interval_in_words(interval, "one pair of runs"), *filter(None, [more])]
    if relative and change != MISSING:
        size += f", {change}"
    return f"{size} ({', '.join(told)})"


def interval_in_words(written: str, of_one: str) -> str:
    """Name an interval, or say why there is none."""
    return f"{of_one}, so no interval" if written == MISSING else f"95 % interval {written}"


def in_sentence(title: str) -> str:
    """Write the title of a metric as it stands within a sentence: no title begins with a name.

    >>> in_sentence("Support in the United Nations"), in_sentence("Regional tension")
    ('support in the United Nations', 'regional tension')
    """
    return f"{title[:1].lower()}{title[1:]}"


def _by_word(rows: Sequence[ContrastRow]) -> Iterator[ContrastRow]:
    """Put clear effects first."""
    for word in EFFECT_WORDS:
        yield from (row for row in rows if row.verdict == word)


def _said(row: ContrastRow, *, sized: bool) -> str:
    """Say what one of several postures does."""
    assert row.difference is not None
    posture = in_words(row.posture)
    if math.isnan(row.difference):
        return _NO_PAIR.format(posture=posture, title="it")
    if sized or row.verdict in {"raises", "lowers"}:
        return _SAID[row.verdict].format(posture=posture, size=_size(row))
    return f"the effect of {posture} is {row.verdict}"


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
        said.append(f"{in_words(posture)} {counts} ({spread})")
    if len(others) > _MOST_SIZES:
        said.append(f"{len(others) - _MOST_SIZES} more postures stand in the table")
    return f"{title} against {_reference(source)} at {n_points} points: {'; '.join(said)}."


_COUNTED: Final = {
    "raises": "raises it",
    "lowers": "lowers it",
    "negligible": "hardly changes it",
    "unclear": "is unclear",
    "": "is without a word",
}


def _level(source: ReportSource, title: str, rows: Sequence[ContrastRow]) -> str:
    """Say how high a metric is under the only posture."""
    under = f"Under {_reference(source)}{window_in_words(source.plan, source.shown)}"
    if len(rows) > 1:
        _, low, middle, high = range_cells("", rows)
        return (
            f"{under}: {in_sentence(title)} lies from {low} to {high} over {len(rows)} points,"
            f" median {middle}."
        )
    _, mean, interval, _ = mean_cells("", "", rows[0])
    return f"{under}: {in_sentence(title)} is {mean} ({interval_in_words(interval, 'one run')})."


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
