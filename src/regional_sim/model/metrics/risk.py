"""Tension, the risk of miscalculation, and what happened."""

from regional_sim.model.mechanisms import escalation, ladder
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, Role, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop
from regional_sim.numerics.elementary import larger, smaller
from regional_sim.numerics.run_loops import add, add_product, copy, fill

# Scratch rows.
_HIGHEST = 0
_HAZARD = 1


@inlined
def measure_tension(world: World) -> None:
    """Set the three metrics of tension."""
    total = world.metric[Metric.tension]
    fill(total, 0.0)
    for pair in range(world.pair.shape[1]):
        add_product(total, world.pair[PairVar.weight, pair], world.pair[PairVar.tension, pair])
    challenger = world.role[Role.challenger]
    ally = world.role[Role.ally]
    if challenger >= 0 and ally >= 0:
        row = world.pair[PairVar.tension, world.pair_of[challenger, ally]]
        copy(world.metric[Metric.ally_challenger_tension], row)
    if challenger >= 0:
        _set_third_tension(world, challenger)


@inlined
def _set_third_tension(world: World, challenger: int) -> None:
    total = world.metric[Metric.third_challenger_tension]
    fill(total, 0.0)
    n_third = 0
    for i in range(world.state.shape[1]):
        if i not in (challenger, world.role[Role.sender], world.role[Role.partner]):
            n_third += 1
            add(total, world.pair[PairVar.tension, world.pair_of[i, challenger]])
    for run in range(total.shape[0]):
        total[run] = total[run] / larger(float(n_third), 1.0)


@inlined
def measure_miscalculation(world: World) -> None:
    """Set the risk of inadvertent escalation (also by rung and without the riskiest pair).

    Rows hold the chance that nothing of the kind happens until all pairs have been seen.
    """
    clear = world.metric[Metric.miscalculation_risk]
    without_top = world.metric[Metric.miscalculation_risk_without_top]
    highest = world.scratch[_HIGHEST]
    hazard = world.scratch[_HAZARD]
    fill(clear, 1.0)
    fill(without_top, 1.0)
    fill(highest, 0.0)
    for rung in range(ladder.WAR):
        fill(world.metric[Metric.miscalculation_risk_rung_0 + rung], 1.0)
    for i in range(world.state.shape[1]):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            _set_hazard(world, hazard, DirectedVar.chance, DirectedVar.chance_true, i, j)
            _clear_of(clear, hazard)
            _leave_out_top(without_top, highest, hazard)
            _clear_by_rung(
                world.metric[Metric.miscalculation_risk_rung_0],
                world.metric[Metric.miscalculation_risk_rung_1],
                world.metric[Metric.miscalculation_risk_rung_2],
                world.metric[Metric.miscalculation_risk_rung_3],
                hazard,
                world.pair,
                pair,
            )
    _turn_round(clear)
    _turn_round(without_top)
    for rung in range(ladder.WAR):
        _turn_round(world.metric[Metric.miscalculation_risk_rung_0 + rung])


@inlined
def _set_hazard(world: World, hazard: Floats, decided: int, otherwise: int, i: int, j: int) -> None:
    """Set the chance that i or j decides one way by mistake, where the truth says otherwise."""
    _join_mistakes(
        hazard,
        world.pair[PairVar.trigger, world.pair_of[i, j]],
        world.directed[decided, i, j],
        world.directed[otherwise, i, j],
        world.directed[decided, j, i],
        world.directed[otherwise, j, i],
    )


@noalias_loop
def _join_mistakes(
    hazard: Floats,
    trigger: Floats,
    first: Floats,
    first_other: Floats,
    second: Floats,
    second_other: Floats,
) -> None:
    for run in range(hazard.shape[0]):
        hazard[run] = trigger[run] * escalation.either(
            escalation.mistaken(first[run], first_other[run]),
            escalation.mistaken(second[run], second_other[run]),
        )


@noalias_loop
def _clear_of(clear: Floats, hazard: Floats) -> None:
    for run in range(clear.shape[0]):
        clear[run] = clear[run] * (1.0 - hazard[run])


@noalias_loop
def _leave_out_top(without_top: Floats, highest: Floats, hazard: Floats) -> None:
    for run in range(without_top.shape[0]):
        without_top[run] *= 1.0 - smaller(highest[run], hazard[run])
        highest[run] = larger(highest[run], hazard[run])


@noalias_loop
def _clear_by_rung(
    clear_0: Floats,
    clear_1: Floats,
    clear_2: Floats,
    clear_3: Floats,
    hazard: Floats,
    pairs: Floats,
    pair: int,
) -> None:
    """Do as :func:`_clear_of` for the rung at which the month began: to it belong the chances."""
    for run in range(hazard.shape[0]):
        began = pairs[PairVar.rung, pair, run] - pairs[PairVar.rung_change, pair, run]
        clear = 1.0 - hazard[run]
        clear_0[run] *= clear if began == ladder.NORMAL else 1.0
        clear_1[run] *= clear if began == ladder.CONFRONTATION else 1.0
        clear_2[run] *= clear if began == ladder.COERCION else 1.0
        clear_3[run] *= clear if began == ladder.USE_OF_FORCE else 1.0


@noalias_loop
def _turn_round(chance: Floats) -> None:
    """Turn the chance that nothing happens into the chance that something does."""
    for run in range(chance.shape[0]):
        chance[run] = 1.0 - chance[run]


@inlined
def measure_restraint(world: World) -> None:
    """Set the chance of inadvertent restraint."""
    clear = world.metric[Metric.mistaken_restraint]
    hazard = world.scratch[_HAZARD]
    fill(clear, 1.0)
    for i in range(world.state.shape[1]):
        for j in range(i + 1, world.state.shape[1]):
            _set_hazard(world, hazard, DirectedVar.chance_true, DirectedVar.chance, i, j)
            _clear_of(clear, hazard)
    _turn_round(clear)


@inlined
def count_events(world: World) -> None:
    """Set the counts of incidents, escalations, mistakes, changes and months at rungs."""
    for metric in range(Metric.incidents, Metric.months_before_crisis + 1):
        fill(world.metric[metric], 0.0)
    for pair in range(world.pair.shape[1]):
        add(world.metric[Metric.incidents], world.pair[PairVar.incidents, pair])
        _add_both(
            world.metric[Metric.escalations],
            world.pair[PairVar.escalated_first, pair],
            world.pair[PairVar.escalated_second, pair],
        )
        _add_both(
            world.metric[Metric.mistaken_escalations],
            world.pair[PairVar.mistaken_first, pair],
            world.pair[PairVar.mistaken_second, pair],
        )
        _count_rungs(
            world.metric[Metric.rung_changes],
            world.metric[Metric.crisis_months],
            world.metric[Metric.force_months],
            world.metric[Metric.war_months],
            world.pair[PairVar.rung, pair],
            world.pair[PairVar.rung_change, pair],
        )


@noalias_loop
def _add_both(total: Floats, first: Floats, second: Floats) -> None:
    for run in range(total.shape[0]):
        total[run] += first[run] + second[run]


@noalias_loop
def _count_rungs(
    changes: Floats, crises: Floats, force: Floats, war: Floats, rung: Floats, change: Floats
) -> None:
    for run in range(changes.shape[0]):
        changes[run] += 0.0 if change[run] == 0.0 else 1.0
        crises[run] += 1.0 if rung[run] >= ladder.COERCION else 0.0
        force[run] += 1.0 if rung[run] >= ladder.USE_OF_FORCE else 0.0
        war[run] += 1.0 if rung[run] >= ladder.WAR else 0.0


@inlined
def watch_for_crisis(world: World, month: int) -> None:
    """Note whether a crisis has been reached since the onset (the start of window 0)."""
    seen = world.region[RegionVar.crisis_seen]
    crisis = world.metric[Metric.crisis_months]
    if month < world.window[0, 0]:
        return
    for run in range(seen.shape[0]):
        seen[run] = 1.0 if crisis[run] > 0.0 else seen[run]
        world.metric[Metric.months_before_crisis, run] = 1.0 - seen[run]
