"""Payoffs: how likely each state takes the next rung against every other, and would if it knew."""

import math

from regional_sim.rules import escalation, ladder, payoff
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.numeric import larger
from regional_sim.rules.options import LOGISTIC_SHOCK, Option
from regional_sim.rules.parameters import SCHEDULE_RUNGS, Param
from regional_sim.world.layout import DirectedVar, Floats, PairVar, StateVar, World
from regional_sim.world.rows import any_above

# Scratch rows: three of a state, the others of a pair.
_OPPOSED = 0
_SIZE = 1
_LOSS_WEIGHT = 2
_RESTRAINT = 3
_GAIN = 4
_LOSS = 5
_SHIFT = 6
_CERTAINTY = 7
_PAYOFF = 8

_BELOW_FORCE = ladder.USE_OF_FORCE - 0.5


@compiled
def consider(world: World, month: int, lo: int, hi: int) -> None:
    """Update the chances of escalation of the states in [lo, hi)."""
    for i in range(lo, hi):
        set_outlook(world, i)
        for j in range(world.state.shape[1]):
            if j != i:
                set_restraint(world, i, j)
                _set_beliefs(world, i, j)
                set_steps(world, i, j)
                _set_truth(world, i, j)


@inlined
def set_outlook(world: World, i: int) -> None:
    """Leave in scratch what a loss means to i, and who votes against it.

    That is the GDP of all others, weighted by their vote against i, and plain.
    """
    opposed = world.scratch[_OPPOSED]
    size = world.scratch[_SIZE]
    loss_weight = world.scratch[_LOSS_WEIGHT]
    resolve = world.state[StateVar.resolve, i]
    weight = world.param[Param.loss_weight]
    for run in range(size.shape[0]):
        opposed[run] = 0.0
        size[run] = 0.0
        loss_weight[run] = weight[run] / resolve[run]
    for k in range(world.state.shape[1]):
        if k != i:
            gdp = world.state[StateVar.gdp, k]
            for run in range(size.shape[0]):
                opposed[run] += _opposition(world, i, k, run)
                size[run] += gdp[run]


@inlined
def _opposition(world: World, i: int, k: int, run: int) -> float:
    """Return the GDP of k times its chance to vote against the position of i."""
    support = world.state[StateVar.vote_support, k, run]
    oppose = world.state[StateVar.vote_oppose, k, run]
    against = oppose if world.state[StateVar.stance, i, run] > 0.0 else support
    weighted: float = world.state[StateVar.gdp, k, run] * against
    return weighted


@inlined
def set_restraint(world: World, i: int, j: int) -> None:
    """Leave in scratch the restraint by bonds and by the opposition of third states."""
    pair = world.pair_of[i, j]
    restraint = world.scratch[_RESTRAINT]
    opposed = world.scratch[_OPPOSED]
    size = world.scratch[_SIZE]
    gdp = world.state[StateVar.gdp, j]
    bond = world.pair[PairVar.bond, pair]
    trade = world.pair[PairVar.trade, pair]
    all_trade = world.state[StateVar.all_trade, i]
    relevance = world.pair[PairVar.relevance, pair]
    param = world.param
    for run in range(restraint.shape[0]):
        economic = payoff.restraining_bond(
            bond[run], trade[run] / all_trade[run], param[Param.openness_discount, run]
        )
        third = payoff.opposition(
            opposed[run] - _opposition(world, i, j, run), size[run] - gdp[run]
        )
        restraint[run] = param[Param.economic_restraint, run] * economic + param[
            Param.diplomatic_restraint, run
        ] * (relevance[run] * third)


@inlined
def _set_terms(world: World, success_variable: int, i: int, j: int) -> None:
    """Leave in scratch what i gains and loses by a challenge to j."""
    gain = world.scratch[_GAIN]
    loss = world.scratch[_LOSS]
    success = world.directed[success_variable, i, j]
    stake = world.directed[DirectedVar.stake, i, j]
    tension = world.pair[PairVar.tension, world.pair_of[i, j]]
    loss_weight = world.scratch[_LOSS_WEIGHT]
    for run in range(gain.shape[0]):
        gain[run] = success[run] * stake[run] * (0.5 + tension[run])
        loss[run] = (1.0 - success[run]) * loss_weight[run]


@inlined
def _set_beliefs(world: World, i: int, j: int) -> None:
    """Leave in scratch the terms as i sees them, its error, and how certain its shock is."""
    _set_terms(world, DirectedVar.success_believed, i, j)
    shift = world.scratch[_SHIFT]
    certainty = world.scratch[_CERTAINTY]
    error = world.directed[DirectedVar.error, i, j]
    for run in range(shift.shape[0]):
        shift[run] = world.param[Param.hostility_bias, run] + error[run]
        certainty[run] = 1.0 / world.param[Param.shock_sd, run]


@inlined
def set_expectations(world: World, i: int, j: int) -> None:
    """Set the terms with belief errors averaged out: as further spread of the shock."""
    _set_terms(world, DirectedVar.success_believed, i, j)
    shift = world.scratch[_SHIFT]
    certainty = world.scratch[_CERTAINTY]
    error_sd = world.directed[DirectedVar.error_sd, i, j]
    for run in range(shift.shape[0]):
        shock_sd = world.param[Param.shock_sd, run]
        shift[run] = world.param[Param.hostility_bias, run]
        spread = math.sqrt(shock_sd * shock_sd + error_sd[run] * error_sd[run])
        certainty[run] = 1.0 / spread


@inlined
def set_steps(world: World, i: int, j: int) -> None:
    """Set i's chance to take each rung against j when that rung is on the table.

    War is weighed only where a run of the block stands before it, which is rare.
    """
    perceived = world.scratch[_PAYOFF]
    shift = world.scratch[_SHIFT]
    pair = world.pair_of[i, j]
    before_war = any_above(world.pair[PairVar.rung, pair], _BELOW_FORCE)
    for rung in range(SCHEDULE_RUNGS if before_war else SCHEDULE_RUNGS - 1):
        for run in range(perceived.shape[0]):
            perceived[run] = _payoff(world, pair, rung, run) + shift[run]
        _set_chances(world, world.directed[DirectedVar.step_1 + rung, i, j])


@inlined
def _payoff(world: World, pair: int, rung: int, run: int) -> float:
    """Return the payoff of going from ``rung`` to the next, without errors."""
    restraint_of_pair = world.pair[PairVar.restraint, pair, run]
    general = world.param[Param.ladder_restraint, run]
    if rung + 1 == ladder.WAR:
        reluctance = payoff.war_reluctance(general, restraint_of_pair)
    else:
        reluctance = general * restraint_of_pair
    return payoff.next_rung(
        world.scratch[_GAIN, run],
        world.scratch[_LOSS, run],
        world.scratch[_RESTRAINT, run],
        reluctance,
        world.param[Param.gain_rung_1 + rung, run],
        world.param[Param.loss_rung_1 + rung, run],
        world.param[Param.cost_rung_1 + rung, run],
        world.param[Param.restraint_rung_1 + rung, run],
    )


@inlined
def _set_chances(world: World, chance: Floats) -> None:
    """Turn the payoffs in scratch into chances; one loop for each distribution of the shock."""
    payoffs = world.scratch[_PAYOFF]
    certainty = world.scratch[_CERTAINTY]
    if world.option[Option.shock] == LOGISTIC_SHOCK:
        for run in range(chance.shape[0]):
            chance[run] = escalation.chance_under_logistic_shock(payoffs[run], certainty[run])
    else:
        for run in range(chance.shape[0]):
            chance[run] = escalation.chance_under_normal_shock(payoffs[run], certainty[run])


@inlined
def _set_truth(world: World, i: int, j: int) -> None:
    """Set the chance of the rung that is next now: as i sees it, and if i knew what is true.

    At war no rung is next.
    """
    _set_terms(world, DirectedVar.success_true, i, j)
    pair = world.pair_of[i, j]
    directed = world.directed
    chance = world.directed[DirectedVar.chance, i, j]
    chance_true = world.directed[DirectedVar.chance_true, i, j]
    rung_now = world.pair[PairVar.rung, pair]
    true = world.scratch[_PAYOFF]
    for run in range(true.shape[0]):
        chance_here = 0.0
        payoff_here = 0.0
        for rung in range(SCHEDULE_RUNGS):
            here = rung_now[run] == rung
            step = directed[DirectedVar.step_1 + rung, i, j, run]
            chance_here = step if here else chance_here
            payoff_here = _payoff(world, pair, rung, run) if here else payoff_here
        chance[run] = chance_here
        true[run] = payoff_here
    _set_chances(world, chance_true)
    for run in range(true.shape[0]):
        chance_true[run] = chance_true[run] if rung_now[run] < SCHEDULE_RUNGS else 0.0


@inlined
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
