"""A month of a traced run as text: all that weighed in the decisions of a state or a pair."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.trace.frames import records
from regional_sim.answers.trace.reasons import is_mistaken, weighed_most
from regional_sim.engine.motives import TERM_COLUMNS
from regional_sim.model.mechanisms.ladder import RUNG_NAMES, WAR
from regional_sim.report.text import padded, wrapped

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.answers.trace.trace import Trace

SHORT_RUNGS: Final = tuple(name.partition(" or ")[0] for name in RUNG_NAMES)
"""Names of the rungs where there is little room: "coercion", not "coercion or quarantine"."""

REASONS: Final = {
    "gain": "gain",
    "loss": "losses",
    "trade": "trade",
    "third_states": "third states",
    "restraint": "restraint",
    "bias": "bias",
    "error": "error",
    "shock": "shock",
    "odds": "wrong odds",
}
"""Reasons of decisions in words."""

_NOTHING: Final = "0.00"
_MOST_MOTIVES: Final = 3
_MOST_IDLE: Final = 5


def month_lines(found: Trace, width: int) -> Iterator[str]:
    """Write the decisions of a month, those of the state asked about in full."""
    scope, scenario = found.scope, found.run.scenario
    since = scope.first - scenario.months_before
    when = f"{since} of the posture" if since > 0 else f"{1 - since} before the posture"
    yield f"Month {scope.first} ({when})"
    decisions = found.decisions
    on_table = decisions[decisions["on_the_table"] == 1]
    names = dict(zip(scenario.codes, scenario.names, strict=True))
    own = on_table if len(scope.states) > 1 else on_table[on_table["state"] == scope.states[0]]
    own = own.assign(wrong=own["escalates"] != own["would_escalate"])
    own = own.sort_values(["escalates", "wrong", "rung", "chance"], ascending=False, kind="stable")
    log = found.log
    if own.empty:
        yield ""
        yield from _idle(found, names, width)
    for place, decision in enumerate(records(own)):
        if place < 2:  # noqa: PLR2004 (sentences stand together)
            yield ""
        entry = log[(log["state"] == decision["state"]) & (log["toward"] == decision["toward"])]
        if place:
            yield wrapped(_brief(decision, names), width, "", "  ")
        else:
            yield from _sheet(found, decision, entry, names, width)
    yield from _others(on_table, own, names, width)
    yield from _chosen(found, width)


def _brief(decision: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say in a sentence how a decision came out."""
    did = "escalates" if decision["escalates"] == 1 else "holds back"
    wrong = ", by mistake" if is_mistaken(decision) else ""
    found = weighed_most(decision)
    seen, true = chance_text(decision["chance"]), chance_text(decision["chance_true"])
    return (
        f"{names[decision['state']]} toward {names[decision['toward']]}: {did}{wrong}; saw {seen},"
        f" true {true}; {reason_text(found.name, found.weight)}."
    )


def _sheet(
    found: Trace,
    decision: Mapping[str, Any],
    entry: pd.DataFrame,
    names: Mapping[str, str],
    width: int,
) -> Iterator[str]:
    """Write all that weighed in a decision, and what followed."""
    state, toward = names[decision["state"]], names[decision["toward"]]
    did = "escalates" if decision["escalates"] == 1 else "holds back"
    wrong = ", by mistake" if is_mistaken(decision) else ""
    rung = int(decision["rung"])
    if rung >= WAR:
        yield f"{state} and {toward} are at war, above which there is no rung."
        return
    step = f"from {SHORT_RUNGS[rung]} to {SHORT_RUNGS[rung + 1]}"
    yield wrapped(f"{state} against {toward}, {step}: {did}{wrong}.", width, "", "  ")
    yield wrapped(_table_said(found, decision), width, "  ")
    yield wrapped(_spoke_most(decision), width, "  ")
    written = [row for row in _weighing(decision, toward) if row[1:] != (_NOTHING, _NOTHING)]
    rows = [(name, f"{seen:>12}", f"{true:>10}") for name, seen, true in written]
    yield from (f"  {line}" for line in padded(rows))
    yield wrapped(_afterwards(found, decision, entry), width, "  ")


def _spoke_most(decision: Mapping[str, Any]) -> str:
    """Say what a decision turned on."""
    found = weighed_most(decision)
    said = reason_text(found.name, found.weight)
    if is_mistaken(decision):
        return f"What misled it most: {said}."
    return f"What spoke most {'for' if decision['escalates'] == 1 else 'against'} it: {said}."


def _table_said(found: Trace, decision: Mapping[str, Any]) -> str:
    """Say what put the next rung on the table."""
    pair = _pair_row(found, decision)
    count = int(pair["incidents"])
    incidents = f"{count} incident{'' if count == 1 else 's'} ({pair['intensity']:.1f} expected)"
    if count == 0:
        incidents = "No incident, but the open dispute"
    chance = chance_text(decision["trigger_chance"])
    return f"{incidents} put the next rung on the table (chance {chance})."


def _pair_row(found: Trace, decision: Mapping[str, Any]) -> pd.Series[Any]:
    first, second = sorted((decision["state"], decision["toward"]))
    dyads = found.table("dyads")
    rows = dyads[
        (dyads["month"] == decision["month"])
        & (dyads["state_a"] == first)
        & (dyads["state_b"] == second)
    ]
    row: pd.Series[Any] = rows.iloc[0]
    return row


def _weighing(decision: Mapping[str, Any], toward: str) -> Iterator[tuple[str, str, str]]:
    """Write the terms of a payoff as the state saw them, and in truth."""

    def signed(value: float) -> str:
        return f"{value:+.2f}" if abs(value) >= 0.005 else _NOTHING  # noqa: PLR2004

    d, chance = decision, chance_text
    shock = d["shock"]
    yield "in units of utility", "as it saw it", "in truth"
    yield "chance to prevail", chance(d["success_believed"]), chance(d["success_true"])
    yield "gain, times that chance", signed(d["gain"]), signed(d["gain_true"])
    yield "cost of failing, times the rest", signed(d["loss"]), signed(d["loss_true"])
    yield "trade with the other", signed(d["trade"]), signed(d["trade"])
    yield "third states against it", signed(d["third_states"]), signed(d["third_states"])
    yield "restraint of the pair", signed(d["restraint"]), signed(d["restraint"])
    yield "bias: others look hostile", signed(d["bias"]), signed(0.0)
    yield f"error about {toward} this month", signed(d["error"]), signed(0.0)
    yield "payoff", signed(d["payoff"]), signed(d["payoff_true"])
    yield "chance to escalate", chance(d["chance"]), chance(d["chance_true"])
    yield "shock that was drawn", signed(shock), signed(shock)
    yield "payoff and shock", signed(d["payoff"] + shock), signed(d["payoff_true"] + shock)
    did, would = ("escalates" if d[one] else "holds" for one in ("escalates", "would_escalate"))
    yield "above 0 it escalates", did, would


def _afterwards(found: Trace, decision: Mapping[str, Any], entry: pd.DataFrame) -> str:
    """Say what followed for the pair."""
    pair = _pair_row(found, decision)
    moved = f"Tension {decision['tension']:.2f} to {pair['tension']:.2f}"
    followed = "" if entry.empty else str(entry.iloc[0]["followed"])
    if decision["escalates"] == 0 or not followed:
        return f"{moved}."
    if followed.startswith("to rung"):
        rung = int(followed.split()[2])
        followed = f"went on to {SHORT_RUNGS[rung]}{followed[len(f'to rung {rung}') :]}"
    elif followed.startswith("settled"):
        followed = f"was {followed}"
    else:
        followed = "was still open at the end"
    return f"{moved}; the dispute {followed}."


def _others(
    on_table: pd.DataFrame, own: pd.DataFrame, names: Mapping[str, str], width: int
) -> Iterator[str]:
    """Write the decisions of others about the state, each in a sentence."""
    rest = on_table[~on_table.index.isin(own.index)]
    if len(own) < 2 and not rest.empty:  # noqa: PLR2004 (those of the state itself go on)
        yield ""
    for decision in records(rest):
        yield wrapped(_brief(decision, names), width, "", "  ")


def _idle(found: Trace, names: Mapping[str, str], width: int) -> Iterator[str]:
    """Say of a month without a decision how near one was."""
    states = found.scope.states
    decisions = found.decisions[found.decisions["chance"].notna()]
    own = decisions[decisions["state"].isin(states if len(states) > 1 else states[:1])]
    near = (own["chance"] * own["trigger_chance"]).sort_values(ascending=False, kind="stable")
    before = " and ".join(names[code] for code in states)
    yield wrapped(f"Nothing put {before} before the choice to escalate. Nearest to it:", width)
    heads = ("", "rung", "on the table", "then escalates", "in truth")
    rows: list[tuple[str, ...]] = [heads]
    for place in near.index[:_MOST_IDLE]:
        one = own.loc[place]
        chances = (chance_text(one[name]) for name in ("trigger_chance", "chance", "chance_true"))
        who = f"{names[one['state']]} toward {names[one['toward']]}"
        rows.append((who, SHORT_RUNGS[int(one["rung"])], *chances))
    yield from (f"  {line}" for line in padded(rows))


def _chosen(found: Trace, width: int) -> Iterator[str]:
    """Write the strongest motives of the state's responses this month, and what it chose."""
    responses = found.responses
    responses = responses[responses["state"].isin(found.scope.states)]
    if responses.empty:
        return
    strongest = responses["motive"].abs().sort_values(ascending=False, kind="stable")
    rows: list[tuple[str, ...]] = []
    for place in strongest.index[:_MOST_MOTIVES]:
        row = responses.loc[place]
        terms = sorted(
            ((abs(row[name]), name) for name in TERM_COLUMNS if not math.isnan(row[name])),
            reverse=True,
        )
        why = ", ".join(f"{name.replace('_', ' ')} {row[name]:+.2f}" for _, name in terms[:2])
        towards = f"{row['state']} {row['response']} {row['toward']}".rstrip()
        rows.append((towards, row["choice"], f"{row['motive']:+.2f}", why))
    yield ""
    yield "Its responses with the strongest motives:"
    yield from cut_lines([f"  {line}" for line in padded(rows)], width)


# ------------------------------------------------------------------------ words and numbers


def chance_text(chance: float) -> str:
    """Write a chance in per cent.

    >>> chance_text(0.339), chance_text(0.0004), chance_text(0.0), chance_text(0.9999)
    ('34 %', '<1 %', '0 %', '>99 %')
    """
    if 0.0 < chance < 0.005:  # noqa: PLR2004 (what rounds to 0 %)
        return "<1 %"
    if 0.995 < chance < 1.0:  # noqa: PLR2004 (what rounds to 100 %)
        return ">99 %"
    return f"{100.0 * chance:.0f} %"


def reason_text(name: str, weight: float) -> str:
    """Write a reason and its weight; terms of motives stand as they are, without underscores."""
    if not name:
        return ""
    return f"{REASONS.get(name, name.replace('_', ' '))} {weight:+.2f}"


def cut_lines(lines: Sequence[str], width: int) -> Iterator[str]:
    """Shorten lines that do not fit; their last column is the least."""
    for line in lines:
        yield line if len(line) <= width else f"{line[: width - 1]}…"
