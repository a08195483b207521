"""The metrics of a month in plain Python, theme by theme as in the package."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.peers.plain_start import Row
from regional_sim.model.mechanisms import escalation, ladder, stance, trade
from regional_sim.model.variables import Observer
from regional_sim.numerics.elementary import larger, logistic, smaller

if TYPE_CHECKING:
    from benchmarks.peers.plain_region import PlainRegion
    from benchmarks.peers.plain_state import Pair

Values = dict[str, float]

_CRISIS = 2
_RUNGS_WITH_RISK = 4


def measure(region: PlainRegion) -> Values:
    """Return all metrics of the month.

    Parameters
    ----------
    region : PlainRegion
        At the end of the month's acts.

    Returns
    -------
    dict of str to float
        Values by the names of the metrics.
    """
    return {
        **_tension(region),
        **_mistakes(region),
        **_events(region),
        **_challenge(region),
        **_entanglement(region),
        **_alliance(region),
        **_hedgers(region),
        **_votes(region),
        **_democracies(region),
        **_slopes(region),
        **_blockade_and_dependence(region),
        **_hedger_trade(region),
        **_cost(region),
    }


# Risk


def _tension(region: PlainRegion) -> Values:
    with_challenger = region.pair_between[region.challenger]
    beside = [with_challenger[k].tension for k in _third_states(region)]
    return {
        "tension": sum([pair.weight * pair.tension for pair in region.pairs]),
        "ally_challenger_tension": with_challenger[region.start.role.ally].tension,
        "third_challenger_tension": sum(beside) / larger(float(len(beside)), 1.0),
    }


def _third_states(region: PlainRegion) -> list[int]:
    """Return the states without a role in the dispute."""
    disputing = (region.sender, region.partner, region.challenger)
    return [k for k in range(region.n_states) if k not in disputing]


def _mistakes(region: PlainRegion) -> Values:
    clear = 1.0
    without_top = 1.0
    restrained = 1.0
    highest = 0.0
    by_rung = [1.0] * (_RUNGS_WITH_RISK + 1)
    for pair in region.pairs:
        hazard, held = _chances_of_mistake(pair)
        clear *= 1.0 - hazard
        restrained *= 1.0 - held
        without_top *= 1.0 - smaller(highest, hazard)
        highest = larger(highest, hazard)
        # The chances belong to the rung at which the month began.
        by_rung[pair.rung - pair.rung_change] *= 1.0 - hazard
    return {
        "miscalculation_risk": 1.0 - clear,
        "miscalculation_risk_rung_0": 1.0 - by_rung[0],
        "miscalculation_risk_rung_1": 1.0 - by_rung[1],
        "miscalculation_risk_rung_2": 1.0 - by_rung[2],
        "miscalculation_risk_rung_3": 1.0 - by_rung[3],
        "miscalculation_risk_without_top": 1.0 - without_top,
        "mistaken_restraint": 1.0 - restrained,
    }


def _chances_of_mistake(pair: Pair) -> tuple[float, float]:
    """Return the chances that one of the pair escalates, or holds back, by mistake."""
    there, back = pair.first.toward, pair.second.toward
    i, j = pair.first.index, pair.second.index
    chance, true = there.chance[j], there.chance_true[j]
    other_chance, other_true = back.chance[i], back.chance_true[i]
    escalates = escalation.either(
        escalation.mistaken(chance, true), escalation.mistaken(other_chance, other_true)
    )
    holds_back = escalation.either(
        escalation.mistaken(true, chance), escalation.mistaken(other_true, other_chance)
    )
    return pair.trigger * escalates, pair.trigger * holds_back


def _events(region: PlainRegion) -> Values:
    incidents = escalations = mistakes = 0.0
    changes = crises = forces = wars = 0
    for pair in region.pairs:
        rung = pair.rung
        incidents += pair.incidents
        escalations += pair.escalated_first + pair.escalated_second
        mistakes += pair.mistaken_first + pair.mistaken_second
        changes += pair.rung_change != 0
        crises += rung >= _CRISIS
        forces += rung >= ladder.USE_OF_FORCE
        wars += rung >= ladder.WAR
    watching = region.month >= region.start.windows[0][0]
    if watching and crises:
        region.crisis_seen = True
    return {
        "incidents": incidents,
        "escalations": escalations,
        "mistaken_escalations": mistakes,
        "rung_changes": float(changes),
        "crisis_months": float(crises),
        "force_months": float(forces),
        "war_months": float(wars),
        "months_before_crisis": 1.0 if watching and not region.crisis_seen else 0.0,
    }


# Deterrence


def _challenge(region: PlainRegion) -> Values:
    challenger = region.states[region.challenger]
    toward = challenger.toward
    partner = region.partner
    pair = region.pair_between[region.challenger][partner]
    pressures = [state.pressure for state in region.states]
    return {
        "escalation_hazard": pair.trigger * toward.chance[partner],
        "shared_deterrence": 1.0 - toward.success_believed[partner],
        "challenger_readiness": challenger.readiness,
        "challenger_pressure": sum(pressures) / (region.n_states - 1),
        "threat_detection": region.states[partner].detection,
    }


def _entanglement(region: PlainRegion) -> Values:
    aside = region.beliefs[Observer.third].aside
    total = 0.0
    hedgers = 0.0
    for pair in region.pairs:
        from_first = aside[pair.first.index]
        from_second = aside[pair.second.index]
        path = _path_to_force(pair)
        drawn = 0.0
        for k in pair.hedgers_beside:
            drawn += 1.0 - from_first[k] * from_second[k]
        hedgers += path * drawn
        for k in pair.others_beside:
            drawn += 1.0 - from_first[k] * from_second[k]
        total += path * drawn
    return {"entanglement": total, "entanglement_hedgers": hedgers}


def _path_to_force(pair: Pair) -> float:
    """Return the chance to climb from the rung at which the month began to the use of force."""
    i, j = pair.first.index, pair.second.index
    there, back = pair.first.toward.steps, pair.second.toward.steps
    path = 1.0
    for step in range(pair.rung - pair.rung_change, ladder.USE_OF_FORCE):
        path *= pair.trigger * escalation.either(there[step][j], back[step][i])
    return path


# Alignment


def _alliance(region: PlainRegion) -> Values:
    states = region.states
    role = region.start.role
    sender, patron, ally = states[role.sender], states[role.patron], states[role.ally]
    alignment = 0.0
    strength = 0.0
    allied = ((sender, patron), (sender, ally), (patron, ally))
    for one, other in allied:
        there = logistic(one.toward.commitment[other.index])
        back = logistic(other.toward.commitment[one.index])
        commitment = 0.5 * (there + back)
        close = 0.5 * commitment + 0.5 * (1.0 - 0.5 * abs(one.stance - other.stance))
        alignment += close / len(allied)
        strength += commitment / len(allied)
    partner = region.partner
    widths = [state.toward.half_width[partner] for state in states if state.index != partner]
    return {
        "trilateral_alignment": alignment,
        "alliance_strength": strength,
        "ambiguity_width": sum(widths) / len(widths),
    }


def _hedgers(region: PlainRegion) -> Values:
    stances = [region.states[i].stance for i in region.start.members["hedgers"]]
    mean = sum(stances) / len(stances)
    squares = sum([now * now for now in stances]) / len(stances)
    return {
        "hedger_balance": abs(mean),
        "hedger_spread": math.sqrt(larger(squares - mean * mean, 0.0)),
    }


def _votes(region: PlainRegion) -> Values:
    states = region.states
    middle = [states[i] for i in region.start.members["middle_powers"]]
    clear = sum([stance.clarity(one.vote_support, one.vote_oppose) for one in middle])
    decided = sum([one.vote_support + one.vote_oppose for one in middle])
    votes = [one.vote_support for one in states if one.index != region.partner]
    return {
        "stance_clarity": clear / len(middle),
        "not_abstaining": decided / len(middle),
        "un_support": sum(votes) / len(votes),
    }


def _democracies(region: PlainRegion) -> Values:
    weights = mean = squares = 0.0
    for state in region.states:
        polyarchy, now = state.polyarchy, state.stance
        weights += polyarchy
        mean += polyarchy * now
        squares += polyarchy * now * now
    mean /= weights
    return {"democratic_spread": math.sqrt(larger(squares / weights - mean * mean, 0.0))}


def _slopes(region: PlainRegion) -> Values:
    third = [region.states[i] for i in _third_states(region)]
    changes = [state.stance - state.stance_start for state in third]
    with_challenger = region.pair_between[region.challenger]
    dependences = [with_challenger[state.index].trade_start / state.gdp for state in third]
    return {
        "stance_slope_dependence": _slope(dependences, changes),
        "stance_slope_polyarchy": _slope([state.polyarchy for state in third], changes),
    }


def _slope(xs: Row, ys: Row) -> float:
    """Return an ordinary least squares slope."""
    n = len(xs)
    mean = sum(xs) / n
    spread = sum([x * x for x in xs]) / n - mean * mean
    joint = sum([x * y for x, y in zip(xs, ys, strict=True)]) / n - mean * (sum(ys) / n)
    return joint / spread if spread > 1e-12 else 0.0


# Economy


def _blockade_and_dependence(region: PlainRegion) -> Values:
    challenger = region.challenger
    with_challenger = region.pair_between[challenger]
    sender = region.states[region.sender]
    partner = region.states[region.partner]
    vulnerability = trade.blockade_vulnerability(
        partner.seaborne_share,
        partner.substitutability,
        partner.stock_months,
        region.param.stock_scale_months,
        region.states[challenger].toward.success_true[region.partner],
    )
    trades = [pair.trade for _, _, pair in partner.others]
    democratic = [pair.trade * other.polyarchy for _, other, pair in partner.others]
    own_trades = [pair.trade for _, _, pair in sender.others]
    return {
        "blockade_vulnerability": vulnerability,
        "trade_concentration": 0.5 * _concentration(own_trades) + 0.5 * _concentration(trades),
        "sender_dependence": with_challenger[sender.index].trade / sender.gdp,
        "partner_dependence": with_challenger[partner.index].trade / partner.gdp,
        "partner_democratic_trade": sum(democratic) / larger(sum(trades), 1e-12),
    }


def _concentration(trades: Row) -> float:
    """Return the Herfindahl index."""
    whole = larger(sum(trades), 1e-12)
    return sum([now * now for now in trades]) / (whole * whole)


def _hedger_trade(region: PlainRegion) -> Values:
    return {
        "hedger_trade_challenger": _trade_of_hedgers(region, region.challenger),
        "hedger_trade_sender": _trade_of_hedgers(region, region.sender),
    }


def _trade_of_hedgers(region: PlainRegion, other: int) -> float:
    between = region.pair_between[other]
    pairs = [between[i] for i in region.start.members["hedgers"] if i != other]
    at_start = sum([pair.trade_start for pair in pairs])
    return sum([pair.trade for pair in pairs]) / larger(at_start, 1e-12)


def _cost(region: PlainRegion) -> Values:
    gdp = 0.0
    lost = 0.0
    for state in region.states:
        gdp += state.gdp
        lost += state.rest_trade_start - state.rest_trade
    for pair in region.pairs:
        lost += pair.trade_start - pair.trade
    return {"economic_cost": lost / gdp}
