"""Tension, the risk of miscalculation, and what happened."""

from regional_sim.rules import escalation, ladder
from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import larger, smaller
from regional_sim.world.layout import DirectedVar, PairVar, RegionVar, Role, World
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.rows import copy, fill

# Scratch rows.
_CLEAR = 0
_HIGHEST = 1
_PAIR = 2

_CRISIS = 2


@inlined
def measure_tension(world: World) -> None:
    """Set the three metrics of tension."""
    total = world.metric[Metric.tension]
    for run in range(total.shape[0]):
        total[run] = 0.0
    for pair in range(world.pair.shape[1]):
        weight = world.pair[PairVar.weight, pair]
        tension = world.pair[PairVar.tension, pair]
        for run in range(total.shape[0]):
            total[run] += weight[run] * tension[run]
    challenger = world.role[Role.challenger]
    ally = world.role[Role.ally]
    if challenger >= 0 and ally >= 0:
        row = world.pair[PairVar.tension, world.pair_of[challenger, ally]]
        copy(row, world.metric[Metric.ally_challenger_tension])
    if challenger >= 0:
        _mean_tension_with(world, challenger)


@inlined
def _mean_tension_with(world: World, challenger: int) -> None:
    total = world.metric[Metric.third_challenger_tension]
    for run in range(total.shape[0]):
        total[run] = 0.0
    n_third = 0
    for i in range(world.state.shape[1]):
        if i not in (challenger, world.role[Role.sender], world.role[Role.partner]):
            n_third += 1
            tension = world.pair[PairVar.tension, world.pair_of[i, challenger]]
            for run in range(total.shape[0]):
                total[run] += tension[run]
    for run in range(total.shape[0]):
        total[run] = total[run] / larger(float(n_third), 1.0)


@inlined
def measure_miscalculation(world: World) -> None:
    """Set the risk of mistaken escalation (also by rung and without the top pair)."""
    clear = world.scratch[_CLEAR]
    highest = world.scratch[_HIGHEST]
    hazard = world.scratch[_PAIR]
    n_runs = clear.shape[0]
    n_states = world.state.shape[1]
    by_rung = world.metric[Metric.miscalculation_risk_rung_0 :]
    without_top = world.metric[Metric.miscalculation_risk_without_top]
    for run in range(n_runs):
        clear[run] = 1.0
        highest[run] = 0.0
        without_top[run] = 1.0
        for rung in range(4):
            by_rung[rung, run] = 1.0
    for i in range(n_states):
        for j in range(i + 1, n_states):
            _set_pair_hazard(world, i, j)
            rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
            change = world.pair[PairVar.rung_change, world.pair_of[i, j]]
            for run in range(n_runs):
                clear[run] = clear[run] * (1.0 - hazard[run])
            for run in range(n_runs):
                without_top[run] *= 1.0 - smaller(highest[run], hazard[run])
                highest[run] = larger(highest[run], hazard[run])
            for rung in range(4):
                for run in range(n_runs):
                    # The chances belong to the rung at which the month began.
                    here = hazard[run] if rung_now[run] - change[run] == rung else 0.0
                    by_rung[rung, run] = by_rung[rung, run] * (1.0 - here)
    for run in range(n_runs):
        world.metric[Metric.miscalculation_risk, run] = 1.0 - clear[run]
        without_top[run] = 1.0 - without_top[run]
        for rung in range(4):
            by_rung[rung, run] = 1.0 - by_rung[rung, run]


@inlined
def _set_pair_hazard(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the chance that i or j escalates against the other by mistake."""
    hazard = world.scratch[_PAIR]
    trigger = world.pair[PairVar.trigger, world.pair_of[i, j]]
    chance = world.directed[DirectedVar.chance]
    true = world.directed[DirectedVar.chance_true]
    for run in range(hazard.shape[0]):
        first = escalation.mistaken(chance[i, j, run], true[i, j, run])
        second = escalation.mistaken(chance[j, i, run], true[j, i, run])
        hazard[run] = trigger[run] * escalation.either(first, second)


@inlined
def measure_restraint(world: World) -> None:
    """Set the chance of mistaken restraint."""
    clear = world.metric[Metric.mistaken_restraint]
    n_states = world.state.shape[1]
    for run in range(clear.shape[0]):
        clear[run] = 1.0
    chance = world.directed[DirectedVar.chance]
    true = world.directed[DirectedVar.chance_true]
    for i in range(n_states):
        for j in range(i + 1, n_states):
            trigger = world.pair[PairVar.trigger, world.pair_of[i, j]]
            for run in range(clear.shape[0]):
                first = escalation.mistaken(true[i, j, run], chance[i, j, run])
                second = escalation.mistaken(true[j, i, run], chance[j, i, run])
                held = trigger[run] * escalation.either(first, second)
                clear[run] = clear[run] * (1.0 - held)
    for run in range(clear.shape[0]):
        clear[run] = 1.0 - clear[run]


@inlined
def count_events(world: World) -> None:
    """Set the counts of incidents, escalations, mistakes, changes and months at rungs."""
    for metric in range(Metric.incidents, Metric.months_before_crisis + 1):
        fill(world.metric[metric], 0.0)
    for pair in range(world.pair.shape[1]):
        _count_decisions(world, pair)
        _count_months(world, pair)


@inlined
def _count_decisions(world: World, pair: int) -> None:
    incidents = world.metric[Metric.incidents]
    escalations = world.metric[Metric.escalations]
    mistakes = world.metric[Metric.mistaken_escalations]
    met = world.pair[PairVar.incidents, pair]
    first = world.pair[PairVar.escalated_first, pair]
    second = world.pair[PairVar.escalated_second, pair]
    mistaken_first = world.pair[PairVar.mistaken_first, pair]
    mistaken_second = world.pair[PairVar.mistaken_second, pair]
    for run in range(incidents.shape[0]):
        incidents[run] += met[run]
        escalations[run] += first[run] + second[run]
        mistakes[run] += mistaken_first[run] + mistaken_second[run]


@inlined
def _count_months(world: World, pair: int) -> None:
    changes = world.metric[Metric.rung_changes]
    crises = world.metric[Metric.crisis_months]
    force = world.metric[Metric.force_months]
    war = world.metric[Metric.war_months]
    rung = world.pair[PairVar.rung, pair]
    change = world.pair[PairVar.rung_change, pair]
    for run in range(changes.shape[0]):
        changes[run] += 0.0 if change[run] == 0.0 else 1.0
        crises[run] += 1.0 if rung[run] >= _CRISIS else 0.0
        force[run] += 1.0 if rung[run] >= ladder.USE_OF_FORCE else 0.0
        war[run] += 1.0 if rung[run] >= ladder.WAR else 0.0


@inlined
def watch_for_crisis(world: World, month: int) -> None:
    """Note whether a crisis has been reached since the switch (the start of window 0)."""
    seen = world.region[RegionVar.crisis_seen]
    crisis = world.metric[Metric.crisis_months]
    if month < world.window[0, 0]:
        return
    for run in range(seen.shape[0]):
        seen[run] = 1.0 if crisis[run] > 0.0 else seen[run]
        world.metric[Metric.months_before_crisis, run] = 1.0 - seen[run]
