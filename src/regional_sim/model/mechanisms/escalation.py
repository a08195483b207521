"""Mechanism 12. Escalation and mistakes.

A state escalates when the payoff it perceives plus a private shock is positive.  The same shock
decides what it would have done knowing the truth; where the two differ, the act was a mistake.

References
----------
Signorino, C. (1999). Strategic interaction and the statistical analysis of international
conflict. *American Political Science Review* 93(2).
"""

import math

from regional_sim.model.mechanisms import ladder
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.variables import DirectedVar, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger, logistic, normal_cdf
from regional_sim.numerics.run_loops import any_above, copy, fill

_LOGISTIC_SCALE = 1.8137993642342178  # pi / sqrt(3): the logistic then has standard deviation 1


@inlined
def chance_under_normal_shock(payoff: float, certainty: float) -> float:
    """Return the chance that payoff plus a normal private shock is positive.

    Parameters
    ----------
    payoff : float
        Payoff of the next rung, utility.
    certainty : float
        1 / standard deviation of the shock.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> round(float(chance_under_normal_shock(0.0, 1.0)), 12)
    0.5
    """
    return normal_cdf(payoff * certainty)


@inlined
def chance_under_logistic_shock(payoff: float, certainty: float) -> float:
    """Return the same chance for a logistic shock with the same standard deviation.

    Parameters
    ----------
    payoff : float
        Payoff of the next rung, utility.
    certainty : float
        1 / standard deviation of the shock.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> float(chance_under_logistic_shock(0.0, 1.0))
    0.5
    """
    return logistic(_LOGISTIC_SCALE * payoff * certainty)


@inlined
def mistaken(chance: float, other_chance: float) -> float:
    """Return the chance of a decision that the truth would have reversed, max(0, a - b).

    As both decisions share the shock, the events are nested and their chances subtract.

    Parameters
    ----------
    chance : float
        Chance of the decision under the beliefs held.
    other_chance : float
        Chance of the same decision under the truth.

    Returns
    -------
    float
        Chance in [0, 1].
    """
    return larger(chance - other_chance, 0.0)


@inlined
def either(chance: float, other_chance: float) -> float:
    """Return the chance that at least one of two independent events happens.

    Examples
    --------
    >>> either(0.5, 0.5)
    0.75
    """
    return 1.0 - (1.0 - chance) * (1.0 - other_chance)


@inlined
def restraining_bond(pair_bond: float, share_of_trade: float, discount: float) -> float:
    """Return E, the bond weakened by trade with others: bond * (1 - rho (1 - share)).

    Parameters
    ----------
    pair_bond : float
        From :func:`economic_bond`, share of GDP.
    share_of_trade : float
        The pair's share of all trade of the deciding state, in [0, 1].
    discount : float
        Discount rho, in [0, 0.5]; so E is never negative.

    Returns
    -------
    float
        Share of GDP.
    """
    return pair_bond * (1.0 - discount * (1.0 - share_of_trade))


@inlined
def war_reluctance(general: float, pair_restraint: float) -> float:
    """Return the restraint against war, which no easy quarrel lowers: K max(restraint, 1).

    Examples
    --------
    >>> war_reluctance(2.0, 0.5), war_reluctance(2.0, 1.5)
    (2.0, 3.0)
    """
    return general * larger(pair_restraint, 1.0)


@inlined
def opposition(others_opposed: float, others_size: float) -> float:
    """Return X, the size-weighted share of third states that clearly oppose, in [0, 1].

    Parameters
    ----------
    others_opposed : float
        GDP of third states times their chance to vote against the position.
    others_size : float
        GDP of third states; 0 where there are none.

    Returns
    -------
    float
        The share; 0 without third states.
    """
    return larger(others_opposed, 0.0) / larger(others_size, 1e-12)


@inlined
def next_rung(
    gain: float,
    loss: float,
    restraint: float,
    reluctance: float,
    gain_schedule: float,
    loss_schedule: float,
    cost_schedule: float,
    restraint_schedule: float,
) -> float:
    """Return the payoff of the next rung, dU = g s - l L - R c - K k, in units of utility.

    Parameters
    ----------
    gain : float
        p * stake * (1/2 + tension).
    loss : float
        (1 - p) * weight of loss / resolve.
    restraint : float
        Economic and diplomatic restraint.
    reluctance : float
        General restraint of the dyad.
    gain_schedule, loss_schedule, cost_schedule, restraint_schedule : float
        Schedules of the rung.

    Returns
    -------
    float
        Payoff; escalation is attractive above 0.
    """
    return (gain * gain_schedule - loss * loss_schedule) - (
        restraint * cost_schedule + reluctance * restraint_schedule
    )


# Scratch rows: the first of a state, from _RESTRAINT on of a pair; at the start certainty, too.
_OPPOSED = 0
_SIZE = 1
_LOSS_WEIGHT = 2
_CERTAINTY = 3
_NOTHING = 4
_RESTRAINT = 5
_GAIN = 6
_LOSS = 7
_SHIFT = 8
_PAYOFF = 9

_ABOVE_NORMAL = 0.5
_BELOW_FORCE = ladder.USE_OF_FORCE - 0.5


@compiled
def update_escalation_probabilities(world: World, month: int, lo: int, hi: int) -> None:
    """Update the chances of escalation of the states in [lo, hi)."""
    for i in range(lo, hi):
        set_outlook(world, i)
        fill(world.scratch[_NOTHING], 0.0)
        _set_certainty(world.scratch[_CERTAINTY], world.param[Param.shock_sd])
        for j in range(world.state.shape[1]):
            if j != i:
                rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
                in_dispute = any_above(rung_now, _ABOVE_NORMAL)
                set_restraint(world, i, j)
                _set_beliefs(world, i, j)
                # War is weighed only where a run of the block stands before it, which is rare.
                before_war = in_dispute and any_above(rung_now, _BELOW_FORCE)
                set_steps(world, i, j, SCHEDULE_RUNGS if before_war else SCHEDULE_RUNGS - 1)
                _set_truth(world, i, j, in_dispute)


@inlined
def set_outlook(world: World, i: int) -> None:
    """Leave in scratch what a loss means to i, and who votes against it.

    That is the GDP of all others, weighted by their vote against i, and plain.
    """
    fill(world.scratch[_OPPOSED], 0.0)
    fill(world.scratch[_SIZE], 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            _add_opposition(
                world.scratch[_OPPOSED],
                world.scratch[_SIZE],
                world.state[StateVar.stance, i],
                world.state[StateVar.gdp, k],
                world.state[StateVar.vote_support, k],
                world.state[StateVar.vote_oppose, k],
            )
    _set_loss_weight(
        world.scratch[_LOSS_WEIGHT],
        world.param[Param.loss_weight],
        world.state[StateVar.resolve, i],
    )


@noalias_loop
def _add_opposition(
    opposed: Floats, size: Floats, stance: Floats, gdp: Floats, support: Floats, oppose: Floats
) -> None:
    for run in range(size.shape[0]):
        opposed[run] += _opposition(stance[run], gdp[run], support[run], oppose[run])
        size[run] += gdp[run]


@inlined
def _opposition(stance: float, gdp: float, support: float, oppose: float) -> float:
    """Return the GDP of a state times its chance to vote against one that has a stance."""
    return gdp * (oppose if stance > 0.0 else support)


@noalias_loop
def _set_loss_weight(loss_weight: Floats, weight: Floats, resolve: Floats) -> None:
    for run in range(loss_weight.shape[0]):
        loss_weight[run] = weight[run] / resolve[run]


@noalias_loop
def _set_certainty(certainty: Floats, shock_sd: Floats) -> None:
    for run in range(certainty.shape[0]):
        certainty[run] = 1.0 / shock_sd[run]


@inlined
def set_restraint(world: World, i: int, j: int) -> None:
    """Leave in scratch the restraint by bonds and by the opposition of third states."""
    pair = world.pair_of[i, j]
    _restrain(
        world.scratch[_RESTRAINT],
        world.scratch[_OPPOSED],
        world.scratch[_SIZE],
        world.state[StateVar.stance, i],
        world.state[StateVar.gdp, j],
        world.state[StateVar.vote_support, j],
        world.state[StateVar.vote_oppose, j],
        world.pair[PairVar.bond, pair],
        world.pair[PairVar.trade, pair],
        world.state[StateVar.all_trade, i],
        world.pair[PairVar.relevance, pair],
        world.param,
    )


@noalias_loop
def _restrain(
    restraint: Floats,
    opposed: Floats,
    size: Floats,
    stance: Floats,
    gdp: Floats,
    support: Floats,
    oppose: Floats,
    bond: Floats,
    trade: Floats,
    all_trade: Floats,
    relevance: Floats,
    param: Floats,
) -> None:
    for run in range(restraint.shape[0]):
        economic = restraining_bond(
            bond[run], trade[run] / all_trade[run], param[Param.openness_discount, run]
        )
        against = _opposition(stance[run], gdp[run], support[run], oppose[run])
        third = opposition(opposed[run] - against, size[run] - gdp[run])
        restraint[run] = param[Param.economic_restraint, run] * economic + param[
            Param.diplomatic_restraint, run
        ] * (relevance[run] * third)


@inlined
def _set_terms(world: World, success_variable: int, i: int, j: int) -> None:
    """Leave in scratch what i gains and loses by a challenge to j."""
    _weigh_terms(
        world.scratch[_GAIN],
        world.scratch[_LOSS],
        world.directed[success_variable, i, j],
        world.directed[DirectedVar.stake, i, j],
        world.pair[PairVar.tension, world.pair_of[i, j]],
        world.scratch[_LOSS_WEIGHT],
    )


@noalias_loop
def _weigh_terms(
    gain: Floats,
    loss: Floats,
    success: Floats,
    stake: Floats,
    tension: Floats,
    loss_weight: Floats,
) -> None:
    for run in range(gain.shape[0]):
        gain[run] = success[run] * stake[run] * (0.5 + tension[run])
        loss[run] = (1.0 - success[run]) * loss_weight[run]


@inlined
def _set_beliefs(world: World, i: int, j: int) -> None:
    """Leave in scratch the terms as i sees them, and its error."""
    _set_terms(world, DirectedVar.success_believed, i, j)
    _shift_by_error(
        world.scratch[_SHIFT],
        world.param[Param.hostility_bias],
        world.directed[DirectedVar.error, i, j],
    )


@noalias_loop
def _shift_by_error(shift: Floats, bias: Floats, error: Floats) -> None:
    for run in range(shift.shape[0]):
        shift[run] = bias[run] + error[run]


@inlined
def set_expectations(world: World, i: int, j: int) -> None:
    """Set the terms with belief errors averaged out: as further spread of the shock."""
    _set_terms(world, DirectedVar.success_believed, i, j)
    copy(world.scratch[_SHIFT], world.param[Param.hostility_bias])
    _spread_by_error(
        world.scratch[_CERTAINTY],
        world.param[Param.shock_sd],
        world.directed[DirectedVar.error_sd, i, j],
    )


@noalias_loop
def _spread_by_error(certainty: Floats, shock_sd: Floats, error_sd: Floats) -> None:
    for run in range(certainty.shape[0]):
        spread = math.sqrt(shock_sd[run] * shock_sd[run] + error_sd[run] * error_sd[run])
        certainty[run] = 1.0 / spread


@inlined
def set_steps(world: World, i: int, j: int, n_rungs: int) -> None:
    """Set i's chance to take each of the first rungs against j when that rung is on the table."""
    for rung in range(n_rungs):
        _set_payoffs(world, i, j, rung, world.scratch[_SHIFT])
        _set_chances(world, world.directed[DirectedVar.step_1 + rung, i, j])


@inlined
def _set_payoffs(world: World, i: int, j: int, rung: int, shift: Floats) -> None:
    """Leave in scratch the payoff of going from ``rung`` to the next, shifted by errors."""
    _weigh_rung(
        world.scratch[_PAYOFF],
        world.scratch[_GAIN],
        world.scratch[_LOSS],
        world.scratch[_RESTRAINT],
        world.pair[PairVar.restraint, world.pair_of[i, j]],
        shift,
        world.param,
        rung,
    )


@noalias_loop
def _weigh_rung(
    payoffs: Floats,
    gain: Floats,
    loss: Floats,
    restraint: Floats,
    restraint_of_pair: Floats,
    shift: Floats,
    param: Floats,
    rung: int,
) -> None:
    for run in range(payoffs.shape[0]):
        without_errors = _payoff(
            gain[run], loss[run], restraint[run], restraint_of_pair[run], param, rung, run
        )
        payoffs[run] = without_errors + shift[run]


@inlined
def _payoff(
    gain: float,
    loss: float,
    restraint: float,
    restraint_of_pair: float,
    param: Floats,
    rung: int,
    run: int,
) -> float:
    general = param[Param.ladder_restraint, run]
    if rung + 1 == ladder.WAR:
        reluctance = war_reluctance(general, restraint_of_pair)
    else:
        reluctance = general * restraint_of_pair
    return next_rung(
        gain,
        loss,
        restraint,
        reluctance,
        param[Param.gain_rung_1 + rung, run],
        param[Param.loss_rung_1 + rung, run],
        param[Param.cost_rung_1 + rung, run],
        param[Param.restraint_rung_1 + rung, run],
    )


@inlined
def _set_chances(world: World, chance: Floats) -> None:
    """Turn the payoffs in scratch into chances; one loop for each distribution of the shock."""
    payoffs = world.scratch[_PAYOFF]
    certainty = world.scratch[_CERTAINTY]
    if world.option[Option.shock] == LOGISTIC_SHOCK:
        _set_under_logistic_shock(chance, payoffs, certainty)
    else:
        _set_under_normal_shock(chance, payoffs, certainty)


@noalias_loop
def _set_under_logistic_shock(chance: Floats, payoffs: Floats, certainty: Floats) -> None:
    for run in range(chance.shape[0]):
        chance[run] = chance_under_logistic_shock(payoffs[run], certainty[run])


@noalias_loop
def _set_under_normal_shock(chance: Floats, payoffs: Floats, certainty: Floats) -> None:
    for run in range(chance.shape[0]):
        chance[run] = chance_under_normal_shock(payoffs[run], certainty[run])


@inlined
def _set_truth(world: World, i: int, j: int, in_dispute: bool) -> None:
    """Set the chance of the rung that is next now: as i sees it, and if i knew what is true.

    At war no rung is next.
    """
    _set_terms(world, DirectedVar.success_true, i, j)
    directed = world.directed
    rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
    chance = directed[DirectedVar.chance, i, j]
    chance_true = directed[DirectedVar.chance_true, i, j]
    if not in_dispute:
        copy(chance, directed[DirectedVar.step_1, i, j])
        _set_payoffs(world, i, j, ladder.NORMAL, world.scratch[_NOTHING])
        _set_chances(world, chance_true)
    else:
        _pick_chance(
            chance,
            rung_now,
            directed[DirectedVar.step_1, i, j],
            directed[DirectedVar.step_2, i, j],
            directed[DirectedVar.step_3, i, j],
            directed[DirectedVar.step_4, i, j],
        )
        _pick_payoff(
            world.scratch[_PAYOFF],
            rung_now,
            world.scratch[_GAIN],
            world.scratch[_LOSS],
            world.scratch[_RESTRAINT],
            world.pair[PairVar.restraint, world.pair_of[i, j]],
            world.param,
        )
        _set_chances(world, chance_true)
        _end_at_war(chance_true, rung_now)


@noalias_loop
def _pick_chance(
    chance: Floats,
    rung_now: Floats,
    step_1: Floats,
    step_2: Floats,
    step_3: Floats,
    step_4: Floats,
) -> None:
    for run in range(chance.shape[0]):
        now = rung_now[run]
        taken = step_1[run] if now == ladder.NORMAL else 0.0
        taken = step_2[run] if now == ladder.CONFRONTATION else taken
        taken = step_3[run] if now == ladder.COERCION else taken
        chance[run] = step_4[run] if now == ladder.USE_OF_FORCE else taken


@noalias_loop
def _pick_payoff(
    payoffs: Floats,
    rung_now: Floats,
    gain: Floats,
    loss: Floats,
    restraint: Floats,
    restraint_of_pair: Floats,
    param: Floats,
) -> None:
    for run in range(payoffs.shape[0]):
        here = 0.0
        for rung in range(SCHEDULE_RUNGS):
            found = _payoff(
                gain[run], loss[run], restraint[run], restraint_of_pair[run], param, rung, run
            )
            here = found if rung_now[run] == rung else here
        payoffs[run] = here


@noalias_loop
def _end_at_war(chance: Floats, rung_now: Floats) -> None:
    for run in range(chance.shape[0]):
        chance[run] = chance[run] if rung_now[run] < SCHEDULE_RUNGS else 0.0
