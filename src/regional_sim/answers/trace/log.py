"""The log of a run: who did what to whom, what weighed most, and what followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.answers.trace.frames import records
from regional_sim.answers.trace.reasons import Reason, is_mistaken, weighed_most
from regional_sim.answers.trace.traced_run import TracedRun
from regional_sim.answers.trace.weighing import TERMS
from regional_sim.engine.motives import TERM_COLUMNS
from regional_sim.engine.responses import RESPONSE_KINDS
from regional_sim.model.mechanisms.ladder import NORMAL, USE_OF_FORCE
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

LOG_COLUMNS: Final = (
    "month",
    "months_after_switch",
    "kind",
    "state",
    "toward",
    "rung_before",
    "rung_after",
    "incidents",
    "chance",
    "chance_true",
    "mistaken",
    "reason",
    "weight",
    "followed",
    "payoff",
    *TERMS,
    "shock",
    "payoff_true",
    "level",
    "motive",
    "notable",
)
"""Columns of the log: a settlement has no payoff and no motive, a switch no rungs and no payoff."""

ESCALATION, RESTRAINT, SETTLEMENT = "escalation", "restraint", "settlement"
RAISE, CUT, EASE = "raise", "cut", "ease"

_MARKED: Final = 0.5
"""Share of its span from which a response is one that states would notice."""
_FADED: Final = 0.25
"""Share below which it has ended."""

Row = dict[str, Any]


def log_frame(run: TracedRun, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Make the log of a run from its tables of decisions, dyads and responses."""
    import pandas as pd

    rungs = _rungs(tables["dyads"])
    rows = [
        *_decisions(tables["decisions"], tables["dyads"], rungs),
        *_settlements(tables["dyads"], rungs),
        *_switches(run, tables),
    ]
    frame = pd.DataFrame(rows, columns=list(LOG_COLUMNS))
    frame["months_after_switch"] = frame["month"] - run.scenario.months_before
    whole = ["month", "months_after_switch", "mistaken", "notable"]
    frame = frame.astype(dict.fromkeys(whole, np.int64))
    order = {name: n for n, name in enumerate((ESCALATION, RESTRAINT, SETTLEMENT))}
    frame["_order"] = frame["kind"].map(order).fillna(len(order))
    frame = frame.sort_values(["month", "_order", "state", "toward", "kind"], kind="stable")
    return frame.drop(columns="_order").reset_index(drop=True)


# ------------------------------------------------------------------------------- decisions


def _rungs(dyads: pd.DataFrame) -> dict[tuple[str, str], Floats]:
    """Return the rungs of each pair by month, after the month."""
    groups = dyads.groupby(["state_a", "state_b"], sort=False)["rung"]
    return {(str(a), str(b)): of.to_numpy() for (a, b), of in groups}


def _decisions(
    decisions: pd.DataFrame, dyads: pd.DataFrame, rungs: Mapping[tuple[str, str], Floats]
) -> Iterator[Row]:
    """Log what was on the table: a row of each state that acts, else one of the pair."""
    counts = dyads.set_index(["month", "state_a", "state_b"])["incidents"]
    pending: dict[tuple[int, str, str], list[Row]] = {}
    for decision in records(decisions[decisions["on_the_table"] == 1]):
        first, second = sorted((decision["state"], decision["toward"]))
        pending.setdefault((decision["month"], first, second), []).append(decision)
    for (month, first, second), sides in pending.items():
        for decision in _told(sides):
            found = weighed_most(decision)
            acts = decision["escalates"] == 1
            wrong = is_mistaken(decision)
            after = int(rungs[first, second][month - 1])
            yield {
                "month": month,
                "kind": ESCALATION if acts else RESTRAINT,
                "state": decision["state"],
                "toward": decision["toward"],
                "rung_before": decision["rung"],
                "rung_after": after,
                "incidents": int(counts[month, first, second]),
                "chance": decision["chance"],
                "chance_true": decision["chance_true"],
                "mistaken": wrong,
                "reason": found.name,
                "weight": found.weight,
                "followed": what_followed(rungs[first, second], month) if acts else "",
                **{name: decision[name] for name in ("payoff", *TERMS, "shock", "payoff_true")},
                "notable": wrong or (acts and after >= USE_OF_FORCE),
            }


def _told(sides: list[Row]) -> list[Row]:
    """Return the decisions of a pair to tell: acts and mistakes, or else the closest one."""
    told = [one for one in sides if one["escalates"] == 1 or is_mistaken(one)]
    return told or [max(sides, key=lambda one: (one["chance"], one["state"]))]


def what_followed(rungs: Floats, month: int) -> str:
    """Say how a dispute went on after a month, from the rungs of the pair by month.

    >>> what_followed(np.array([1.0, 1.0, 2.0, 0.0]), 1)
    'to rung 2 in month 3'
    >>> what_followed(np.array([1.0, 2.0, 0.0]), 2)
    'settled in month 3'
    >>> what_followed(np.array([1.0, 1.0]), 1)
    'open at the end'
    """
    now = rungs[month - 1]
    for later in range(month, len(rungs)):
        if rungs[later] == NORMAL:
            return f"settled in month {later + 1}"
        if rungs[later] != now:
            return f"to rung {int(rungs[later])} in month {later + 1}"
    return "open at the end"


def _settlements(dyads: pd.DataFrame, rungs: Mapping[tuple[str, str], Floats]) -> Iterator[Row]:
    """Log every step down, with how long the dispute had been open."""
    for row in records(dyads[dyads["rung_change"] < 0]):
        before = rungs[row["state_a"], row["state_b"]][: row["month"] - 1]
        quiet = np.flatnonzero(before == NORMAL)
        months = len(before) - (int(quiet[-1]) + 1 if len(quiet) else 0)
        yield {
            "month": row["month"],
            "kind": SETTLEMENT,
            "state": row["state_a"],
            "toward": row["state_b"],
            "rung_before": int(row["rung"] - row["rung_change"]),
            "rung_after": int(row["rung"]),
            "incidents": int(row["incidents"]),
            "mistaken": False,
            "reason": "",
            "followed": f"after {months} month{'' if months == 1 else 's'}",
            "notable": False,
        }


# -------------------------------------------------------------------------------- responses


def _switches(run: TracedRun, tables: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """Log where a response becomes marked, and where it fades again."""
    responses, parameters = tables["responses"], run.scenario.parameter_values()
    for kind in RESPONSE_KINDS:
        span = 1.0 if kind.span is None else float(parameters[kind.span])
        of_kind = responses[responses["response"] == kind.name]
        for (state, toward), rows in of_kind.groupby(["state", "toward"], sort=True):
            levels = rows["level"].to_numpy() / span
            for month, what in marked_changes(levels):
                row = rows.iloc[month - 1]
                found = _strongest(row, -1.0 if what == CUT else 1.0)
                other = run.scenario.role(kind.other) if kind.other else toward
                yield {
                    "month": month,
                    "kind": f"{kind.name}: {what}",
                    "state": state,
                    "toward": other,
                    "mistaken": False,
                    "reason": "" if what == EASE else found.name,
                    "weight": None if what == EASE else found.weight,
                    "followed": "",
                    "level": row["level"],
                    "motive": row["motive"],
                    "notable": True,
                }


def marked_changes(levels: Floats) -> Iterator[tuple[int, str]]:
    """List months, from 1, in which a level, as a share of its span, becomes marked or fades.

    Between the two limits nothing changes, so that a level that wavers is told once.

    >>> list(marked_changes(np.array([0.1, 0.6, 0.4, 0.55, 0.2, -0.7])))
    [(2, 'raise'), (5, 'ease'), (6, 'cut')]
    """
    held = 0
    for month, level in enumerate(levels.tolist(), start=1):
        now = held
        if abs(level) >= _MARKED:
            now = 1 if level > 0.0 else -1
        elif level * held < _FADED:
            now = 0
        if now != held:
            yield month, {1: RAISE, -1: CUT, 0: EASE}[now]
        held = now


def _strongest(row: pd.Series[Any], sign: float) -> Reason:
    """Return the term of a motive that speaks most for a change."""
    terms = {name: float(row[name]) for name in TERM_COLUMNS if not np.isnan(row[name])}
    name = max(terms, key=lambda one: sign * terms[one])
    return Reason(name, terms[name])
