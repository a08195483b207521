"""A traced run as text: the log of notable months, and all that weighed in a month."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.trace.frames import records
from regional_sim.answers.trace.log import ESCALATION, RESTRAINT, SETTLEMENT
from regional_sim.report.text import level, padded, wrapped, wrapped_lines
from regional_sim.report.trace_month import (
    SHORT_RUNGS,
    chance_text,
    cut_lines,
    month_lines,
    reason_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from regional_sim.answers.trace.trace import Trace

HEADS: Final = ("month", "who>whom", "what", "  saw", " true", "weighed most", "then")

_SWITCHES: Final = {
    "align: raise": "draws near",
    "align: cut": "draws away",
    "press: raise": "presses",
    "press: cut": "courts",
    "probe: raise": "probes more",
    "probe: cut": "probes less",
    "hedge: raise": "leans toward",
    "hedge: cut": "leans away",
    "derisk: raise": "cuts reliance",
    "derisk: cut": "relies more",
}
"""Marked changes of responses; where one fades, it eases."""
_MISTAKE: Final = "!"
_MARKDOWN_WIDTH: Final = 80


def trace_text(found: Trace, width: int, *, everything: bool = False) -> str:
    """Write a run as a log; one month of a state or a pair, with all that weighed in it."""
    if found.scope.is_one_month and found.scope.states:
        return "\n".join([*_head(found, width), *month_lines(found, width)]) + "\n"
    return "\n".join([*_head(found, width), *_log(found, width, everything=everything)]) + "\n"


# ------------------------------------------------------------------------------ which run it is


def run_title(found: Trace) -> str:
    """Name the run: world or folder, posture, replicate, seed."""
    run = found.run
    world = run.scenario.title or "a scenario"
    where = world if run.folder is None else str(run.folder)
    point = ""
    if run.plan.n_points > 1:
        levels = ", ".join(
            f"{path.rpartition('.')[2]} {level(value)}" for path, value in run.levels.items()
        )
        point = f", point {run.point} of {run.plan.n_points} ({levels})"
    seed = run.plan.experiment.seed
    return f"{where}: {run.label}, replicate {run.replicate}{point}, seed {seed}"


def check_text(found: Trace) -> str | None:
    """Say whether the run came out as its row has it; None for a run of no folder."""
    check = found.check
    if check is None:
        return None
    if check.same:
        return f"Run again: all {check.outcomes} outcomes are those of its row in runs.csv."
    name, (there, here) = next(iter(check.differing.items()))
    return (
        f"Run again, and NOT the same as its row in runs.csv: {len(check.differing)} of"
        f" {check.outcomes} outcomes differ, first {name}, {there:.6g} there and {here:.6g} here."
    )


def _head(found: Trace, width: int) -> Iterator[str]:
    yield wrapped(run_title(found), width, "", "  ")
    if said := check_text(found):
        yield wrapped(said, width, "", "  ")


# ---------------------------------------------------------------------------------- the log


def _log(found: Trace, width: int, *, everything: bool) -> Iterator[str]:
    """Write the log within its scope: notable rows, or all of them where the scope is narrow."""
    log, shown = found.log, shown_entries(found, everything=everything)
    months = found.run.scenario.months_before
    yield wrapped(_legend(found), width, "", "  ")
    yield ""
    said = remark(log, shown)
    if shown.empty:
        yield from wrapped_lines([said], width).splitlines()
        return
    lines = padded([HEADS, *(log_cells(row) for row in records(shown))])
    yield from cut_lines(lines[:1], width)
    begun = found.scope.first > months
    for line, month in zip(lines[1:], shown["month"], strict=True):
        if not begun and month > months:
            begun = True
            yield f"-- month {months + 1}: {found.run.label} begins --"
        yield from cut_lines([line], width)
    if said:
        yield ""
        yield from wrapped_lines([said], width).splitlines()


def shown_entries(found: Trace, *, everything: bool = False) -> pd.DataFrame:
    """Return the entries to show: the notable ones, or all where a part was asked about."""
    log = found.log
    return log if everything or found.scope.is_narrow else log[log["notable"] == 1]


def _legend(found: Trace) -> str:
    scenario, scope = found.run.scenario, found.scope
    onset = scenario.months_before + 1
    return (
        f"Months {scope.first} to {scope.last} of {scenario.n_months}; the posture begins in month"
        f" {onset}. saw, true: the chance to act as the state saw it, and knowing the truth. !:"
        " a mistake."
    )


def remark(log: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Say what is left out, or that there is nothing; empty where all is shown."""
    if log.empty:
        return "Nothing happened here: nothing came to a decision, and no response changed."
    return _left_out(log, shown) if len(shown) < len(log) else ""


def _left_out(log: pd.DataFrame, shown: pd.DataFrame) -> str:
    rest = log[log["notable"] == 0]["kind"].value_counts()
    other = "other " if len(shown) else ""
    counts = (
        (ESCALATION, f"{other}escalation", f"{other}escalations"),
        (RESTRAINT, "time when all held back", "times when all held back"),
        (SETTLEMENT, "settlement", "settlements"),
    )
    told = [
        f"{rest[kind]} {one if rest[kind] == 1 else many}"
        for kind, one, many in counts
        if kind in rest
    ]
    kinds = "mistakes, uses of force, marked changes of a response"
    said = f"Nothing notable happened: no {kinds.replace(', ', ', no ')}."
    if len(shown):
        one = f"Shown is 1 entry; notable are {kinds}."
        said = one if len(shown) == 1 else f"Shown are {len(shown)} entries: {kinds}."
    them = "it" if rest.sum() == 1 else "them"
    return (
        f"{said} Not shown: {', '.join(told)}. --all shows {them}; --month M --state CODE explains"
        " one."
    )


def log_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Write an entry of the log under :data:`HEADS`."""
    return (
        f"{row['month']:>4}{_MISTAKE if row['mistaken'] else ''}",
        f"{row['state']}{'-' if row['kind'] == SETTLEMENT else '>'}{row['toward'] or ''}",
        _what(row),
        _chance(row["chance"]),
        _chance(row["chance_true"]),
        reason_text(row["reason"], row["weight"]),
        _briefly(str(row["followed"])),
    )


def _briefly(followed: str) -> str:
    """Shorten what followed: to rung 2 in month 9, as the column has it."""
    return followed.removeprefix("to ").replace(" month ", " ")


def _what(row: Mapping[str, Any]) -> str:
    if row["kind"] == ESCALATION:
        return SHORT_RUNGS[int(row["rung_after"])]
    if row["kind"] == RESTRAINT:
        return "holds back"
    if row["kind"] == SETTLEMENT:
        return "settled" if row["rung_after"] == 0 else SHORT_RUNGS[int(row["rung_after"])]
    kind = str(row["kind"])
    return _SWITCHES.get(kind, kind.replace(": ease", " eases"))


def _chance(value: float) -> str:
    return "" if math.isnan(value) else f"{chance_text(value):>5}"


# -------------------------------------------------------------------------------------- files


def trace_mapping(found: Trace) -> dict[str, Any]:
    """Return what the JSON file holds; decisions and responses where the scope is narrow."""
    run, check = found.run, found.check
    whole: dict[str, Any] = {
        "run": {
            "folder": None if run.folder is None else str(run.folder),
            "title": run.scenario.title,
            "posture": run.label,
            "point": run.point,
            "factors": dict(run.levels),
            "replicate": run.replicate,
            "seed": run.plan.experiment.seed,
            "months": [found.scope.first, found.scope.last],
            "states": list(found.scope.states),
        },
        "same_as_recorded": None if check is None else check.same,
        "outcomes": found.outcomes,
        "log": records(found.log),
    }
    if found.scope.is_narrow:
        whole["decisions"] = records(found.decisions)
        whole["responses"] = records(found.responses)
    return whole


def trace_markdown(found: Trace, *, everything: bool = False) -> list[str]:
    """Write the log as Markdown, and one month of a state or a pair as it is printed."""
    from regional_sim.report.answer_files import markdown_table

    lines = [f"# {run_title(found)}", ""]
    if said := check_text(found):
        lines += [said, ""]
    if found.scope.is_one_month and found.scope.states:
        lines += ["```text", *month_lines(found, _MARKDOWN_WIDTH), "```", ""]
    shown = shown_entries(found, everything=everything)
    rows, left_out = records(shown), remark(found.log, shown)
    cells = [[cell.strip() for cell in one] for one in (HEADS, *map(log_cells, rows))]
    lines += [_legend(found), ""]
    if rows:
        lines += [*markdown_table(cells), ""]
    return [*lines, left_out] if left_out else lines[:-1]


def write_trace(found: Trace, path: Path, *, everything: bool = False, force: bool = False) -> None:
    """Write the log as CSV, all that was asked about as JSON, or what is printed as Markdown."""
    from regional_sim.report.answer_files import write_answer

    rows = records(found.log)
    markdown = trace_markdown(found, everything=everything)
    write_answer(path, rows, trace_mapping(found), markdown, force=force)
