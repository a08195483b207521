"""What two tables of runs have in common and where they differ, as a page of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rich.text import Text

from regional_sim.analysis.agreement import Verdict
from regional_sim.analysis.compare import choose_outcomes
from regional_sim.analysis.pairing import key_text
from regional_sim.analysis.result_comparison import OutcomeColumn, ResultComparison
from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import ABSENT, shown
from regional_sim.experiment.differences import Change
from regional_sim.numerics.statistics import effect_word
from regional_sim.report.effects import WORDS_EXPLAINED, metric_heading
from regional_sim.report.findings import HEADLINE, MOST_LISTED, MOST_METRICS_OF_A_SWEEP
from regional_sim.report.text import (
    COUNT_HEADS,
    MISSING,
    ContrastRow,
    TableRow,
    count_cells,
    decimals_of,
    interval_decimals,
    level,
    number,
    table_text,
    with_interval,
    wrapped_lines,
)

DOUBT_MARK: Final = "~"
"""Stands at a word that the bootstrap interval does not give."""

MOST_SENTENCES: Final = 8
"""Differences of plans, and unmatched things, that are printed."""

MOST_COLUMNS: Final = 9
"""Columns of a table that is not ours that are printed when none are named."""


class _Words(NamedTuple):
    """What one thing that is compared is called, and what is said of it."""

    noun: str
    with_article: str
    explained: str
    head: str


_OF_RUNS: Final = _Words("run", "a run", WORDS_EXPLAINED, "effect")
_OF_EFFECTS: Final = _Words(
    "effect",
    "an effect",
    "raises or lowers an effect where the whole 95 % interval of the difference lies beyond the"
    " smallest effect of interest (an effect below 0 that is lowered becomes stronger); the change"
    " is negligible where the interval lies within, and else unclear",
    "change",
)


def outcomes_to_print(
    outcomes: Sequence[OutcomeColumn],
    metrics: Sequence[str] = (),
    window: str | None = None,
    *,
    n_groups: int = 1,
    everything: bool = False,
) -> tuple[OutcomeColumn, ...]:
    """Choose what to print: the metrics named, or those that matter most, or everything.

    Where no window is named it is the whole, if there is one.
    """
    windows = [outcome.window for outcome in outcomes if outcome.window]
    of_window = window or (WHOLE_WINDOW if WHOLE_WINDOW in windows else next(iter(windows), None))
    spans = () if of_window is None else (of_window,)
    asked = choose_outcomes(outcomes, metrics, spans)
    if metrics and not everything:
        return asked
    there = choose_outcomes(outcomes, (), spans)
    headline = HEADLINE if n_groups == 1 else HEADLINE[:MOST_METRICS_OF_A_SWEEP]
    named = {outcome.metric: outcome for outcome in there}
    first = asked if metrics else [named[metric] for metric in headline if metric in named]
    if everything:
        return tuple(dict.fromkeys([*first, *there]))
    return tuple(first) or there[:MOST_COLUMNS]


def comparison_text(found: ResultComparison, outcomes: Sequence[OutcomeColumn], width: int) -> Text:
    """Write some outcomes of a comparison; sentences fit the width, numbers are never cut."""
    text = Text(wrapped_lines(_introduction(found, outcomes), width))
    text.append("\n")
    many = len(found.alignment.groups) > MOST_LISTED
    words = _words(found)
    rows: list[TableRow] = [
        COUNT_HEADS if many else ("", words.head, "A", "B", "B - A", "95 % interval", "B > A")
    ]
    for outcome in outcomes:
        contrasts = list(_contrasts(found, outcome))
        rows.append(metric_heading(outcome.metric, outcome.unit, outcome.smallest))
        rows += count_cells([_counted(one) for one in contrasts]) if many else _listed(contrasts)
    text.append_text(table_text(rows, width))
    for sentences in (_unmatched(found), _plans(found), _verdict(found.verdict)):
        said = wrapped_lines(sentences, width, "  ")
        if said:
            text.append(f"\n{said}")
    return text


def _words(found: ResultComparison) -> _Words:
    return _OF_RUNS if found.effect is None else _OF_EFFECTS


def _introduction(found: ResultComparison, outcomes: Sequence[OutcomeColumn]) -> Iterator[str]:
    """Say what the numbers are."""
    yield f"A: {found.a}"
    yield f"B: {found.b}"
    windows = dict.fromkeys(outcome.window for outcome in outcomes if outcome.window)
    span = f"Window {', '.join(windows)}. " if windows else ""
    groups = found.alignment.groups
    n_a, n_b = sum(len(one.rows_a) for one in groups), sum(len(one.rows_b) for one in groups)
    of = f" in {len(groups)} groups" if len(groups) > 1 else ""
    words = _words(found)
    if found.paired:
        equal = " and ".join(found.alignment.keys.repeats)
        how = f"in pairs of equal {equal}: {n_a} pair{'s' if n_a > 1 else ''}{of}"
    else:
        how = (
            f"without pairs: {n_a} {words.noun}s of A and {n_b} of B{of} ({found.alignment.reason})"
        )
    if found.effect is not None:
        posture, reference = found.effect
        yield (
            f"The numbers of A and B are effects: those of a run under {posture} less those of the"
            f" run under {reference} with the same random numbers."
        )
    yield f"{span}Differences are B - A, {how}."
    yield from found.notes
    if len(groups) > MOST_LISTED:
        counted = f"Counted are the groups with each {words.head}, {len(groups)} in all."
        yield f"B {words.explained}. {counted}"
        return
    more = "pairs in which" if found.paired else f"pairings in which {words.with_article} of"
    yield (
        f"B {words.explained}. {DOUBT_MARK} marks a word of the t interval where the bootstrap"
        f" interval gives another one. B > A is the share of {more} B has more."
    )


def _contrasts(found: ResultComparison, outcome: OutcomeColumn) -> Iterator[dict[str, Any]]:
    """Pick an outcome's statistics, group by group, and add a label and what is missing."""
    place = found.outcomes.index(outcome)
    for row, group in enumerate(found.alignment.groups):
        one: dict[str, Any] = {name: float(of[row, place]) for name, of in found.statistics.items()}
        one["smallest"] = outcome.smallest
        one["verdict"] = effect_word(one["ci_low"], one["ci_high"], outcome.smallest)
        one["posture"] = str(group.levels.get("posture", "all groups"))
        # The first lines say whose effect it is.
        one["label"] = _label(
            {name: of for name, of in group.levels.items() if not found.effect or name != "posture"}
        )
        whole = len(group.rows_a) == one["n_a"] and len(group.rows_b) == one["n_b"]
        n_b = "" if found.paired else f", {one['n_b']:.0f}"
        one["size"] = "" if whole else f"n = {one['n_a']:.0f}{n_b}"
        yield one


def _label(levels: Mapping[str, object]) -> str:
    """Name a group by its levels; a posture needs no name of its column."""
    return ", ".join(
        str(value) if name == "posture" else f"{name.removeprefix('parameters_')} = {level(value)}"
        for name, value in levels.items()
    )


def _listed(contrasts: Sequence[Mapping[str, Any]]) -> Iterator[TableRow]:
    """Write group below group, each below its label, with the decimals that they share."""
    of_means = decimals_of(mean for one in contrasts for mean in (one["mean_a"], one["mean_b"]))
    decimals = interval_decimals(
        (one["difference"], one["ci_low"], one["ci_high"]) for one in contrasts
    )
    for one in contrasts:
        if one["label"]:
            yield f"  {one['label']}"
        ends = one["ci_low"], one["ci_high"]
        more = one["probability_of_superiority"]
        other = effect_word(one["bootstrap_low"], one["bootstrap_high"], one["smallest"])
        mark = "" if other == one["verdict"] else f" {DOUBT_MARK}"
        yield (
            one["size"],
            one["verdict"] + mark,
            number(one["mean_a"], of_means),
            number(one["mean_b"], of_means),
            *with_interval(one["difference"], *ends, decimals),
            MISSING if math.isnan(more) else f"{more:.2f}",
        )


def _counted(one: Mapping[str, Any]) -> ContrastRow:
    interval = one["ci_low"], one["ci_high"]
    judged = one["smallest"], one["verdict"]
    numbers = one["mean_b"], *interval, one["difference"], *interval, one["percent"]
    return ContrastRow(one["posture"], *numbers, *judged)


def _unmatched(found: ResultComparison) -> Iterator[str]:
    sentences = list(found.alignment.unmatched.sentences("A", "B"))
    if sentences:
        yield "Not compared:"
        yield from _first(sentences)


def _plans(found: ResultComparison) -> Iterator[str]:
    """List where the plans differ."""
    if found.differences_of_config:
        yield "The plans differ, A -> B:"
        yield from _first([_change(change) for change in found.differences_of_config])


def _change(change: Change) -> str:
    if change.a is ABSENT:
        return f"{change.path}: only B has it, {shown(change.b)}"
    if change.b is ABSENT:
        return f"{change.path}: only A has it, {shown(change.a)}"
    return f"{change.path}: {shown(change.a)} -> {shown(change.b)}"


def _first(sentences: Sequence[str]) -> Iterator[str]:
    """List the first sentences, and count the others."""
    yield from (f"  {sentence}" for sentence in sentences[:MOST_SENTENCES])
    if len(sentences) > MOST_SENTENCES:
        yield f"  and {len(sentences) - MOST_SENTENCES} more"


def _verdict(verdict: Verdict | None) -> Iterator[str]:
    """Say whether the runs agree within the tolerance."""
    if verdict is None:
        return
    within = f"a relative difference of {verdict.tolerance.relative:g}"
    if verdict.tolerance.absolute:
        within += f" or an absolute one of {verdict.tolerance.absolute:g}"
    if verdict.equal:
        yield f"Equal within {within}: {verdict.cells} cells."
        return
    yield (
        f"Not equal within {within}: {verdict.differing} of {verdict.cells} cells differ"
        f"{', and something is missing' if verdict.missing else ''}."
    )
    worst = verdict.worst
    if worst is not None:
        cells = f"{worst.column} at {key_text(worst.key)}: {worst.a!r} and {worst.b!r}"
        by = "" if math.isinf(worst.relative) else f", relative {worst.relative:.3g}"
        if isinstance(worst.a, float) and isinstance(worst.b, float):
            by = f", difference {worst.b - worst.a:.6g}, relative {worst.relative:.3g}"
        yield f"  Worst: {cells}{by}"
    yield from _first(verdict.missing)
