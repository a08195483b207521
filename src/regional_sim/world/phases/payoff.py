"""Payoffs: how likely each state takes the next rung against every other, and would if it knew."""

import math

from regional_sim.rules import escalation, ladder, payoff
from regional_sim.rules.compiled import compiled
from regional_sim.rules.numeric import larger
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import SCHEDULE_RUNGS, Param
from regional_sim.world.layout import DirectedVar, PairVar, StateVar, World

# Scratch rows.
_GAIN = 0
_LOSS = 1
_RESTRAINT = 2
_RELUCTANCE = 3
_WAR_RELUCTANCE = 7
_PAYOFF = 4
_SHIFT = 5
_SPREAD = 6


@compiled
def consider(world: World, month: int, lo: int, hi: int) -> None:
    """Update the chances of escalation of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(n_states):
            if j != i:
                set_restraint(world, i, j)
                _set_beliefs(world, i, j)
                set_steps(world, i, j)
                _take_present_step(world, i, j)
                _set_truth(world, i, j)


@compiled
def set_restraint(world: World, i: int, j: int) -> None:
    """Leave in scratch the restraint by bonds and opposition, and the pair's reluctance."""
    pair = world.pair_of[i, j]
    restraint = world.scratch[_RESTRAINT]
    reluctance = world.scratch[_RELUCTANCE]
    war_reluctance = world.scratch[_WAR_RELUCTANCE]
    _sum_opposition(world, i, j)
    opposed = world.scratch[_GAIN]
    size = world.scratch[_LOSS]
    bond = world.pair[PairVar.bond, pair]
    trade = world.pair[PairVar.trade, pair]
    all_trade = world.state[StateVar.all_trade, i]
    relevance = world.pair[PairVar.relevance, pair]
    pair_restraint = world.pair[PairVar.restraint, pair]
    param = world.param
    for run in range(restraint.shape[0]):
        economic = payoff.restraining_bond(
            bond[run], trade[run] / all_trade[run], param[Param.openness_discount, run]
        )
        diplomatic = relevance[run] * payoff.opposition(opposed[run], size[run])
        restraint[run] = (
            param[Param.economic_restraint, run] * economic
            + param[Param.diplomatic_restraint, run] * diplomatic
        )
    for run in range(restraint.shape[0]):
        general = param[Param.ladder_restraint, run]
        reluctance[run] = general * pair_restraint[run]
        war_reluctance[run] = payoff.war_reluctance(general, pair_restraint[run])


@compiled
def _sum_opposition(world: World, i: int, j: int) -> None:
    """Leave in scratch the GDP of third states, weighted by their vote against i, and plain."""
    opposed = world.scratch[_GAIN]
    size = world.scratch[_LOSS]
    stance = world.state[StateVar.stance, i]
    for run in range(opposed.shape[0]):
        opposed[run] = 0.0
        size[run] = 0.0
    for k in range(world.state.shape[1]):
        if k not in (i, j):
            gdp = world.state[StateVar.gdp, k]
            support = world.state[StateVar.vote_support, k]
            oppose = world.state[StateVar.vote_oppose, k]
            for run in range(opposed.shape[0]):
                against = oppose[run] if stance[run] > 0.0 else support[run]
                opposed[run] += gdp[run] * against
                size[run] += gdp[run]


@compiled
def _set_terms(world: World, success_variable: int, i: int, j: int) -> None:
    gain = world.scratch[_GAIN]
    loss = world.scratch[_LOSS]
    success = world.directed[success_variable, i, j]
    stake = world.directed[DirectedVar.stake, i, j]
    tension = world.pair[PairVar.tension, world.pair_of[i, j]]
    resolve = world.state[StateVar.resolve, i]
    weight = world.param[Param.loss_weight]
    for run in range(gain.shape[0]):
        gain[run] = success[run] * stake[run] * (0.5 + tension[run])
        loss[run] = (1.0 - success[run]) * weight[run] / resolve[run]


@compiled
def _set_beliefs(world: World, i: int, j: int) -> None:
    _set_terms(world, DirectedVar.success_believed, i, j)
    shift = world.scratch[_SHIFT]
    spread = world.scratch[_SPREAD]
    error = world.directed[DirectedVar.error, i, j]
    for run in range(shift.shape[0]):
        shift[run] = world.param[Param.hostility_bias, run] + error[run]
        spread[run] = world.param[Param.shock_sd, run]


@compiled
def set_expectations(world: World, i: int, j: int) -> None:
    """Set the terms with belief errors averaged out: as further spread of the shock."""
    _set_terms(world, DirectedVar.success_believed, i, j)
    shift = world.scratch[_SHIFT]
    spread = world.scratch[_SPREAD]
    error_sd = world.directed[DirectedVar.error_sd, i, j]
    for run in range(shift.shape[0]):
        shock_sd = world.param[Param.shock_sd, run]
        shift[run] = world.param[Param.hostility_bias, run]
        spread[run] = math.sqrt(shock_sd * shock_sd + error_sd[run] * error_sd[run])


@compiled
def _set_payoff(world: World, rung: int) -> None:
    """Leave in scratch the payoff of going from ``rung`` to the next, without errors."""
    reluctance = world.scratch[_WAR_RELUCTANCE if rung + 1 == ladder.WAR else _RELUCTANCE]
    for run in range(world.scratch.shape[1]):
        world.scratch[_PAYOFF, run] = payoff.next_rung(
            world.scratch[_GAIN, run],
            world.scratch[_LOSS, run],
            world.scratch[_RESTRAINT, run],
            reluctance[run],
            world.param[Param.gain_rung_1 + rung, run],
            world.param[Param.loss_rung_1 + rung, run],
            world.param[Param.cost_rung_1 + rung, run],
            world.param[Param.restraint_rung_1 + rung, run],
        )


@compiled
def set_steps(world: World, i: int, j: int) -> None:
    """Set i's chance to take each rung against j when that rung is on the table."""
    perceived = world.scratch[_PAYOFF]
    shift = world.scratch[_SHIFT]
    spread = world.scratch[_SPREAD]
    shock = world.option[Option.shock]
    for rung in range(SCHEDULE_RUNGS):
        _set_payoff(world, rung)
        chance = world.directed[DirectedVar.step_1 + rung, i, j]
        for run in range(chance.shape[0]):
            chance[run] = escalation.decision_chance(
                perceived[run] + shift[run], spread[run], shock
            )


@compiled
def _take_present_step(world: World, i: int, j: int) -> None:
    """Select the chance of the rung that is next now; at war there is none."""
    chance = world.directed[DirectedVar.chance, i, j]
    rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
    for run in range(chance.shape[0]):
        chance[run] = 0.0
    for rung in range(SCHEDULE_RUNGS):
        step = world.directed[DirectedVar.step_1 + rung, i, j]
        for run in range(chance.shape[0]):
            chance[run] = step[run] if rung_now[run] == rung else chance[run]


@compiled
def _set_truth(world: World, i: int, j: int) -> None:
    """Set the chance of the next rung if i knew what is true, and its chances of mistakes."""
    _set_terms(world, DirectedVar.success_true, i, j)
    chance_true = world.directed[DirectedVar.chance_true, i, j]
    rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
    present = world.scratch[_SHIFT]
    payoff_row = world.scratch[_PAYOFF]
    for rung in range(SCHEDULE_RUNGS):
        _set_payoff(world, rung)
        for run in range(present.shape[0]):
            present[run] = payoff_row[run] if rung_now[run] == rung else present[run]
    shock = world.option[Option.shock]
    for run in range(present.shape[0]):
        chance = escalation.decision_chance(present[run], world.param[Param.shock_sd, run], shock)
        chance_true[run] = chance if rung_now[run] < SCHEDULE_RUNGS else 0.0


@compiled
def set_bond(world: World, i: int, j: int) -> None:
    """Set the economic bond of the pair (i, j) from its trade."""
    pair = world.pair_of[i, j]
    bond = world.pair[PairVar.bond, pair]
    trade = world.pair[PairVar.trade, pair]
    gdp = world.state[StateVar.gdp]
    link = world.option[Option.dependence]
    for run in range(bond.shape[0]):
        bond[run] = payoff.bond(
            larger(trade[run], 0.0) / gdp[i, run], larger(trade[run], 0.0) / gdp[j, run], link
        )
