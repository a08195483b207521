"""The changing parts of the page as HTML: each is a function of the runs and of the month."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from regional_sim.answers.trace.log import SETTLEMENT
from regional_sim.dashboard.watched_runs import ResponseNow, RungChange, WatchedRuns, pairs_of
from regional_sim.engine.job import DYAD_COLUMNS
from regional_sim.figures.live_svg import (
    MonthAxis,
    NetworkLine,
    ladder_chart,
    line_chart,
    region_network,
)
from regional_sim.figures.style import in_words
from regional_sim.model.mechanisms.ladder import NORMAL, RUNG_NAMES
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import PairVar, Role
from regional_sim.report.effects import metric_unit
from regional_sim.report.text import number, signed
from regional_sim.report.trace_month import SHORT_RUNGS

MOST_PAIRS: Final = 8
"""Pairs that the ladder shows."""

MOST_EVENTS: Final = 60
"""Lines of the log; older ones are counted."""

_MOST_LINES: Final = 24
_LEAST_TENSION: Final = 0.05
_LEAST_ALIGNMENT: Final = 0.05
_FULL_ALIGNMENT: Final = 2.0
_MOST_RESPONSES: Final = 8
_MOST_TERMS: Final = 3
_LEAST_TERM: Final = 0.005
_LEAST_SHARE: Final = 0.1
_LEAST_CHANGE: Final = 0.00005


def month_text(runs: WatchedRuns, month: int) -> str:
    """Say which month it is, counted as the tables count it."""
    after = month - runs.onset
    last = runs.n_months - runs.onset
    if after <= 0:
        place = "The month before" if after == 0 else f"{1 - after} months before"
        return f"{place} the onset; {last} follow it"
    return f"Month {after} of {last} after the onset"


def end_text(runs: WatchedRuns, month: int) -> str:
    """Say that the run is over, where it is."""
    if month < runs.n_months:
        return ""
    return "The run ends here. Reset goes back to the month before the onset."


def axis_of(runs: WatchedRuns, month: int) -> MonthAxis:
    """Return the months of the pictures."""
    return MonthAxis(runs.n_months, runs.onset, month)


# ------------------------------------------------------------------------------------- metrics


def metrics_html(runs: WatchedRuns, month: int, metrics: Sequence[Metric]) -> str:
    """Write a card with a chart and the present values for each metric."""
    if not metrics:
        return '<p class="empty">No metric is chosen.</p>'
    return "".join(_metric_card(runs, month, metric) for metric in metrics)


def _metric_card(runs: WatchedRuns, month: int, metric: Metric) -> str:
    lines = [side.metric(metric) for side in runs.sides]
    now = [float(line[month - 1]) for line in lines]
    values = "".join(
        f'<span class="value side-{place}"><b data-value="{metric.name}-{place}">'
        f"{number(value)}</b> {escape(in_words(side.label))}</span>"
        for place, (side, value) in enumerate(zip(runs.sides, now, strict=True), 1)
    )
    difference = signed(now[1] - now[0])
    name = f"{metric.title} by month: {_sentence(runs, now)}"
    chart = line_chart(name, axis_of(runs, month), lines, metric.low, metric.high)
    return (
        f'<article class="card"><h3>{escape(metric.title)}'
        f" <small>{escape(metric_unit(metric.name, metric.unit))}</small></h3>"
        f'<p class="values">{values}<span class="value">difference {difference}</span></p>'
        f"{chart}</article>"
    )


def _sentence(runs: WatchedRuns, now: Sequence[float]) -> str:
    return ", ".join(
        f"{in_words(side.label)} {number(value)}"
        for side, value in zip(runs.sides, now, strict=True)
    )


# ----------------------------------------------------------------------------- region and ladder


def region_html(runs: WatchedRuns, month: int, state: str) -> str:
    """Draw the region under each posture: tension and alignment of pairs."""
    return "".join(
        f'<figure><figcaption><span class="key side-{place}"></span>'
        f"{escape(in_words(side.label))}</figcaption>"
        f"{_network(runs, place - 1, month, state)}</figure>"
        for place, side in enumerate(runs.sides, 1)
    )


def _network(runs: WatchedRuns, place: int, month: int, state: str) -> str:
    side, world = runs.sides[place], runs.sides[place].world
    pairs, codes = pairs_of(world), list(world.codes)
    tension = side.of_pairs(PairVar.tension)[month - 1]
    assert side.result.dyads is not None
    columns = [column.name for column in DYAD_COLUMNS]
    rows = [columns.index("alignment_first"), columns.index("alignment_second")]
    alignment = side.result.dyads[month - 1, rows, :, 0].mean(axis=0)
    lines = []
    for kind, values, least, full in (
        ("alignment", alignment, _LEAST_ALIGNMENT, _FULL_ALIGNMENT),
        ("tension", tension, _LEAST_TENSION, 1.0),
    ):
        strongest = np.argsort(-values, kind="stable")[:_MOST_LINES]
        for pair in strongest[values[strongest] >= least]:
            one, other = pairs[pair]
            said = f"{one} and {other}: {kind} {number(float(values[pair]))}"
            strength = min(1.0, float(values[pair]) / full)
            lines.append(NetworkLine(codes.index(one), codes.index(other), kind, strength, said))
    worst = int(np.argmax(tension))
    name = (
        f"Network of states under {in_words(side.label)}: most tension between"
        f" {' and '.join(pairs[worst])}, {number(float(tension[worst]))}"
    )
    meanings = [state_name(runs, code) for code in codes]
    return region_network(name, codes, meanings, lines, codes.index(state))


def state_name(runs: WatchedRuns, code: str) -> str:
    """Name a state in words, with its role."""
    world = runs.controls.world
    full = world.names[world.codes.index(code)]
    roles = [role.name for role in Role if world.role(role.name) == code]
    return f"{full} ({', '.join(roles)})" if roles else full


def ladder_html(runs: WatchedRuns, month: int) -> str:
    """Draw the pairs with the most months in dispute so far, in both runs together."""
    rungs = [side.of_pairs(PairVar.rung) for side in runs.sides]
    months = sum((values[:month] > NORMAL).sum(axis=0) for values in rungs)
    order = [pair for pair in np.argsort(-months, kind="stable") if months[pair] > 0]
    if not order:
        return '<p class="empty">No pair has left the normal rung so far.</p>'
    pairs = pairs_of(runs.controls.world)
    rows = {
        "–".join(pairs[pair]): [values[:, pair] for values in rungs] for pair in order[:MOST_PAIRS]
    }
    left_out = len(order) - len(rows)
    name = f"Ladder of pairs by month, those most in dispute first: {', '.join(rows)}"
    others = "1 more pair was" if left_out == 1 else f"{left_out} more pairs were"
    more = f'<p class="note">{others} in a dispute.</p>' if left_out > 0 else ""
    return ladder_chart(name, axis_of(runs, month), rows, RUNG_NAMES) + more


# ------------------------------------------------------------------------------------- responses


def state_html(runs: WatchedRuns, month: int, code: str) -> str:
    """Write what a state chose in a month under each posture, and what weighed."""
    if not runs.has_motives:
        return '<p class="empty">This world is too large to keep what weighed in each response.</p>'
    return "".join(
        f'<section><h3><span class="key side-{place}"></span>{escape(in_words(side.label))}</h3>'
        f"{_responses(side.responses(code, month))}</section>"
        for place, side in enumerate(runs.sides, 1)
    )


def _responses(found: Sequence[ResponseNow]) -> str:
    if not found:
        return '<p class="empty">This state has no response in this world.</p>'
    rows = "".join(f"<li>{_response_line(one)}</li>" for one in found[:_MOST_RESPONSES])
    more = len(found) - _MOST_RESPONSES
    others = (
        "1 response with a weaker motive is"
        if more == 1
        else (f"{more} responses with weaker motives are")
    )
    left_out = f"{others} left out."
    return f"<ul>{rows}</ul>" + (f'<p class="note">{left_out}</p>' if more > 0 else "")


def _response_line(one: ResponseNow) -> str:
    words, moved = one.kind.raising, f"{one.change:+.4f} to {one.level:.3f}"
    if one.change <= -_LEAST_CHANGE:
        words = one.kind.cutting
    elif one.change < _LEAST_CHANGE:
        words, moved = (
            f"neither {one.kind.raising} nor {one.kind.cutting}",
            f"stays at {one.level:.3f}",
        )
    least = max(_LEAST_TERM, _LEAST_SHARE * max(abs(value) for _, value in one.terms))
    terms = [term for term in one.terms[:_MOST_TERMS] if abs(term[1]) >= least]
    # What stands behind a semicolon explains the other sign.
    weighed = ", ".join(
        f"{escape(meaning.partition(';')[0])} <b>{value:+.2f}</b>" for meaning, value in terms
    )
    return (
        f"<b>{escape(f'{words} {one.toward}')}</b> {moved}"
        f" <small>motive {one.motive:+.2f}: {weighed or 'nothing weighed'}</small>"
    )


# ------------------------------------------------------------------------------------------ log


def log_html(runs: WatchedRuns, month: int) -> str:
    """Write what happened on the ladder so far, the newest first, and in which run."""
    both = [set(side.rung_changes) for side in runs.sides]
    so_far = [one for one in both[0] | both[1] if one.month <= month]
    so_far.sort(key=lambda one: (-one.month, one.pair))
    if not so_far:
        return '<p class="empty">Nothing has happened on the ladder so far.</p>'
    lines = []
    for one in so_far[:MOST_EVENTS]:
        where = [place for place in (0, 1) if one in both[place]]
        kind = "both" if len(where) > 1 else f"side-{where[0] + 1}"
        label = "both" if len(where) > 1 else in_words(runs.sides[where[0]].label)
        lines.append(
            f'<li><span class="when">{_when(one.month - runs.onset)}</span>'
            f' <span class="tag {kind}">{escape(label)}</span> {escape(event_words(one))}</li>'
        )
    older = len(so_far) - len(lines)
    events = "1 earlier event is" if older == 1 else f"{older} earlier events are"
    note = f'<p class="note">{events} left out.</p>' if older else ""
    return f"<ol>{''.join(lines)}</ol>{note}"


def _when(after: int) -> str:
    return f"Month {after}" if after > 0 else f"{1 - after} before onset"


def event_words(one: RungChange) -> str:
    """Tell a step on the ladder in a sentence, with the words of the log of a traced run.

    >>> event_words(RungChange(3, ("CHN", "TWN"), 0, 1, ("CHN",), ("CHN",)))
    'CHN escalated against TWN by mistake: from normal to confrontation.'
    >>> event_words(RungChange(3, ("CHN", "TWN"), 0, 1, ("CHN", "TWN"), ("TWN",)))
    'CHN and TWN (by mistake) both escalated: from normal to confrontation.'
    >>> event_words(RungChange(4, ("CHN", "TWN"), 2, 0))
    'CHN and TWN settled: from coercion to normal.'
    """
    first, second = one.pair
    step = f"from {SHORT_RUNGS[one.before]} to {SHORT_RUNGS[one.after]}."
    if one.kind == SETTLEMENT:
        return (
            f"{first} and {second} {'settled' if one.after == NORMAL else 'stepped down'}: {step}"
        )
    if set(one.by) == set(one.mistaken) and len(one.by) > 1:
        return f"{first} and {second} both escalated by mistake: {step}"
    if len(one.by) > 1:
        who = (f"{code} (by mistake)" if code in one.mistaken else code for code in one.by)
        return f"{' and '.join(who)} both escalated: {step}"
    other = second if one.by[0] == first else first
    return f"{one.by[0]} escalated against {other}{' by mistake' if one.mistaken else ''}: {step}"
