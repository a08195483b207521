"""What two tables of runs have in common and where they differ, as a page of text."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from regional_sim.errors import ABSENT, shown
from regional_sim.report.findings import MOST_LISTED
from regional_sim.report.text import (
    COUNT_HEADS,
    MARK,
    MISSING,
    ContrastRow,
    TableRow,
    count_cells,
    excludes_zero,
    level,
    number,
    table_text,
    unit_text,
    with_interval,
)

if TYPE_CHECKING:
    from regional_sim.analysis.compare.comparison import Comparison
    from regional_sim.analysis.compare.outcomes import Outcome
    from regional_sim.analysis.compare.tolerance import Verdict
    from regional_sim.experiment.differences import Change

HALF_MARK: Final = "~"
"""Stands at a difference where only one of the two intervals excludes zero."""

MOST_SENTENCES: Final = 8
"""Changes of configs, and things without a partner, that are printed."""


def comparison_text(comparison: Comparison, shown_outcomes: Sequence[Outcome], width: int) -> Text:
    """Write a comparison.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    shown_outcomes : sequence of Outcome
        What of it to show; it must have been compared.
    width : int
        Columns of the terminal, for sentences; numbers are never cut.

    Returns
    -------
    Text
        Ends with a line break.
    """
    text = Text(_wrapped(_introduction(comparison, shown_outcomes), width))
    text.append("\n")
    rows: list[TableRow] = []
    many = len(comparison.statistics) > MOST_LISTED
    rows.append(COUNT_HEADS if many else _heads(comparison))
    for outcome in shown_outcomes:
        lines = list(_lines(comparison, outcome))
        unit = f" ({unit_text(outcome.unit)})" if outcome.unit else ""
        rows.append(f"{outcome.metric}{unit}")
        rows += count_cells([_counted(line) for line in lines]) if many else _listed(lines)
    text.append_text(table_text(rows))
    for sentences in (_leftovers(comparison), _configs(comparison), _verdict(comparison.verdict)):
        said = _wrapped(sentences, width, "  ")
        if said:
            text.append(f"\n{said}")
    return text


def _introduction(comparison: Comparison, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say what the numbers are."""
    yield f"A: {comparison.a}"
    yield f"B: {comparison.b}"
    windows = dict.fromkeys(outcome.window for outcome in outcomes if outcome.window)
    span = f"Window {', '.join(windows)}. " if windows else ""
    keys = comparison.alignment.keys
    if comparison.paired:
        how = f"in pairs of equal {' and '.join(keys.repeats)}: {_sizes(comparison)}"
    else:
        how = f"without pairs: {_sizes(comparison)} ({comparison.alignment.reason})"
    yield f"{span}Differences are B - A, {how}."
    yield from comparison.notes
    if len(comparison.statistics) > MOST_LISTED:
        yield (
            f"In how many of {len(comparison.statistics)} groups does the 95 % interval of the"
            " difference lie above 0 (higher), below 0 (lower), or hold it (neither)?"
        )
    else:
        yield (
            f"{MARK} marks a difference whose 95 % intervals, by t and by bootstrap, both exclude"
            f" 0, {HALF_MARK} one where only one of them does. {_effect(comparison)}"
        )


def _sizes(comparison: Comparison) -> str:
    """Count pairs or runs, over all groups."""
    groups = comparison.alignment.groups
    where = f" in {len(groups)} groups" if len(groups) > 1 else ""
    n_a, n_b = sum(len(one.rows_a) for one in groups), sum(len(one.rows_b) for one in groups)
    if comparison.paired:
        return f"{n_a} pair{'s' if n_a > 1 else ''}{where}"
    return f"{n_a} runs of A and {n_b} of B{where}"


def _effect(comparison: Comparison) -> str:
    """Say what the last two columns are."""
    if comparison.paired:
        return (
            "d_z is the difference over the standard deviation of the paired differences, B > A"
            " the share of pairs in which B has more."
        )
    return (
        "d is the difference over the pooled standard deviation, B > A the chance that a run of B"
        " has more than one of A."
    )


def _heads(comparison: Comparison) -> TableRow:
    effect = "d_z" if comparison.paired else "d"
    return ("", "A", "B", "B - A", "95 % interval", effect, "B > A")


def _lines(comparison: Comparison, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Pick an outcome's statistics, group by group, with a label."""
    place = comparison.outcomes.index(outcome)
    pairs = zip(comparison.alignment.groups, comparison.statistics, strict=True)
    for group, statistics in pairs:
        line: dict[str, Any] = {name: float(of[place]) for name, of in statistics.items()}
        line["posture"] = str(group.levels.get("posture", "all groups"))
        line["paired"] = comparison.paired
        line["label"] = _label(group.levels)
        whole = len(group.rows_a) == line["n_a"] and len(group.rows_b) == line["n_b"]
        line["size"] = "" if whole else _size(line)
        yield line


def _label(levels: Mapping[str, object]) -> str:
    """Name a group by its levels; a posture needs no name of its column."""
    return ", ".join(
        str(value) if name == "posture" else f"{name.removeprefix('parameters_')} = {level(value)}"
        for name, value in levels.items()
    )


def _size(line: Mapping[str, Any]) -> str:
    """Say how many pairs or runs are left where some have no value."""
    return f"n = {line['n_a']:.0f}" + ("" if line["paired"] else f", {line['n_b']:.0f}")


def _listed(lines: Sequence[Mapping[str, Any]]) -> Iterator[TableRow]:
    """Write group below group, each below its label."""
    for line in lines:
        if line["label"]:
            yield f"  {line['label']}"
        yield _cells(line)


def _cells(line: Mapping[str, Any]) -> TableRow:
    low, high = line["ci_low"], line["ci_high"]
    difference, interval = with_interval(line["difference"], low, high)
    sure = [
        excludes_zero(low, high),
        excludes_zero(line["bootstrap_low"], line["bootstrap_high"]),
    ]
    mark = f" {MARK}" if all(sure) else f" {HALF_MARK}" if any(sure) else ""
    return (
        line["size"],
        number(line["mean_a"]),
        number(line["mean_b"]),
        difference + mark,
        interval,
        _pure(line["cohens_dz" if line["paired"] else "cohens_d"], "+.3g"),
        _pure(line["probability_of_superiority"], ".2f"),
    )


def _pure(value: float, form: str) -> str:
    return MISSING if math.isnan(value) else f"{value:{form}}"


def _counted(line: Mapping[str, Any]) -> ContrastRow:
    return ContrastRow(
        line["posture"],
        line["mean_b"],
        line["ci_low"],
        line["ci_high"],
        line["difference"],
        line["ci_low"],
        line["ci_high"],
        line["percent"],
    )


def _leftovers(comparison: Comparison) -> Iterator[str]:
    """List what has no partner."""
    sentences = list(comparison.leftovers.sentences("A", "B"))
    if sentences:
        yield "Not compared:"
        yield from _some(sentences)


def _configs(comparison: Comparison) -> Iterator[str]:
    """List where the plans differ."""
    changes = comparison.differences_of_config
    if changes:
        yield "The plans differ, A -> B:"
        yield from _some([_change(change) for change in changes])


def _change(change: Change) -> str:
    if change.a is ABSENT:
        return f"{change.path}: only B has it, {shown(change.b)}"
    if change.b is ABSENT:
        return f"{change.path}: only A has it, {shown(change.a)}"
    return f"{change.path}: {shown(change.a)} -> {shown(change.b)}"


def _some(sentences: Sequence[str]) -> Iterator[str]:
    """List the first sentences, and count the others."""
    yield from (f"  {sentence}" for sentence in sentences[:MOST_SENTENCES])
    if len(sentences) > MOST_SENTENCES:
        yield f"  and {len(sentences) - MOST_SENTENCES} more"


def _verdict(verdict: Verdict | None) -> Iterator[str]:
    """Say whether the runs agree within the tolerance."""
    if verdict is None:
        return
    allowed = verdict.tolerance
    within = f"a relative difference of {allowed.relative:g}"
    if allowed.absolute:
        within += f" or an absolute one of {allowed.absolute:g}"
    if verdict.equal:
        yield f"Equal within {within}: {verdict.cells} cells."
        return
    yield (
        f"Not equal within {within}: {verdict.differing} of {verdict.cells} cells differ"
        f"{', and something is missing' if verdict.missing else ''}."
    )
    worst = verdict.worst
    if worst is not None:
        from regional_sim.analysis.compare.alignment import key_text

        yield (
            f"  Worst: {worst.column} at {key_text(worst.key)}: {worst.a!r} and {worst.b!r},"
            f" difference {worst.b - worst.a:.6g}, relative {worst.relative:.3g}"
        )
    yield from _some(verdict.missing)


def _wrapped(sentences: Iterator[str], width: int, indent: str = "") -> str:
    """Break sentences between words; what is continued stands further in."""
    return "".join(
        textwrap.fill(
            sentence,
            width,
            subsequent_indent=indent + " " * (len(sentence) - len(sentence.lstrip())),
            break_long_words=False,
            break_on_hyphens=False,
        )
        + "\n"
        for sentence in sentences
    )
