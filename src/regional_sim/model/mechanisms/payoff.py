"""Mechanism 4. Payoff of the next rung: what a state gains, loses and is held back by.

A challenge is worth the stake times the chance to prevail, and costs what a lost one costs a
state of this resolve.  Trade with the other side and third states that vote against the position
restrain.  Schedules by rung weigh all terms; their values, the scale of losses and the restraint
of each pair are stipulated or calibrated.

References
----------
Russett, B. & Oneal, J. (2001). *Triangulating Peace*. Norton.
Martin, P., Mayer, T. & Thoenig, M. (2008). Make trade not war? *Review of Economic Studies* 75(3).
"""

from regional_sim.model.mechanisms.ladder import WAR
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.variables import DirectedVar, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop
from regional_sim.numerics.elementary import larger
from regional_sim.numerics.run_loops import fill


@inlined
def restraining_bond(bond: float, trade_share: float, discount: float) -> float:
    """Return E = b (1 - rho (1 - share)), the bond as weakened by trade with others.

    Parameters
    ----------
    bond : float
        Economic bond b of the pair, share of GDP, at least 0.
    trade_share : float
        The pair's share of all trade of the deciding state, in [0, 1].
    discount : float
        Discount rho, in [0, 0.5].

    Returns
    -------
    float
        Share of GDP, at least b / 2.

    Examples
    --------
    >>> restraining_bond(0.25, 0.5, 0.5)
    0.1875
    """
    return bond * (1.0 - discount * (1.0 - trade_share))


@inlined
def opposition(opposed_gdp: float, gdp: float) -> float:
    """Return X, the share of third states, weighted by GDP, that votes against a position.

    Parameters
    ----------
    opposed_gdp : float
        GDP of third states times their chances to vote against it, billion USD.
    gdp : float
        GDP of third states, billion USD; 0 where there are none.

    Returns
    -------
    float
        Share in [0, 1]; 0 without third states.

    Examples
    --------
    >>> opposition(50.0, 200.0), opposition(0.0, 0.0)
    (0.25, 0.0)
    """
    return larger(opposed_gdp, 0.0) / larger(gdp, 1e-12)


@inlined
def war_reluctance(general: float, pair_restraint: float) -> float:
    """Return K max(R, 1), the restraint against war, which no easy quarrel lowers.

    Parameters
    ----------
    general : float
        General restraint K, utility, at least 0.
    pair_restraint : float
        Multiplier R of the pair, at least 0.

    Returns
    -------
    float
        Utility.

    Examples
    --------
    >>> war_reluctance(2.0, 0.5), war_reluctance(2.0, 1.5)
    (2.0, 3.0)
    """
    return general * larger(pair_restraint, 1.0)


@inlined
def next_rung_payoff(
    gain: float,
    loss: float,
    restraint: float,
    reluctance: float,
    gain_schedule: float,
    loss_schedule: float,
    cost_schedule: float,
    restraint_schedule: float,
) -> float:
    """Return dU = g s - l L - R c - K k, the payoff of going to the next rung.

    Parameters
    ----------
    gain : float
        Chance to prevail times stake times (1/2 + tension), utility.
    loss : float
        Chance to fail times the weight of a loss over resolve, utility.
    restraint : float
        Economic and diplomatic restraint, utility.
    reluctance : float
        General restraint of the pair, utility.
    gain_schedule, loss_schedule, cost_schedule, restraint_schedule : float
        Weights of the four at this rung, at least 0.

    Returns
    -------
    float
        Utility; escalation is attractive above 0.

    Examples
    --------
    >>> next_rung_payoff(1.5, 0.5, 0.25, 0.125, 2.0, 4.0, 3.0, 6.0)
    -0.5
    """
    return (gain * gain_schedule - loss * loss_schedule) - (
        restraint * cost_schedule + reluctance * restraint_schedule
    )


# Scratch rows: the first three of a state, the others of a state toward another.
_OPPOSED = 0
_GDP = 1
_LOSS_WEIGHT = 2
_RESTRAINT = 3
_GAIN = 4
_LOSS = 5
PAYOFF = 6
FIRST_FREE = 7  # escalation goes on from here


@inlined
def set_outlook(world: World, i: int) -> None:
    """Leave in scratch what a loss costs i, and the GDP of others, opposed to it and in all."""
    opposed = world.scratch[_OPPOSED]
    gdp = world.scratch[_GDP]
    fill(opposed, 0.0)
    fill(gdp, 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            _add_opposed(opposed, gdp, world.state, i, k)
    _set_loss_weight(world.scratch[_LOSS_WEIGHT], world.state, world.param, i)


@noalias_loop
def _add_opposed(opposed: Floats, gdp: Floats, states: Floats, i: int, k: int) -> None:
    for run in range(gdp.shape[0]):
        opposed[run] += _opposed_gdp(states, i, k, run)
        gdp[run] += states[StateVar.gdp, k, run]


@inlined
def _opposed_gdp(states: Floats, i: int, k: int, run: int) -> float:
    """Return the GDP of k times its chance to vote against the position of i."""
    gdp: float = states[StateVar.gdp, k, run]
    oppose: float = states[StateVar.vote_oppose, k, run]
    support: float = states[StateVar.vote_support, k, run]
    return gdp * (oppose if states[StateVar.stance, i, run] > 0.0 else support)


@noalias_loop
def _set_loss_weight(loss_weight: Floats, states: Floats, param: Floats, i: int) -> None:
    for run in range(loss_weight.shape[0]):
        loss_weight[run] = param[Param.loss_weight, run] / states[StateVar.resolve, i, run]


@inlined
def set_restraint(world: World, i: int, j: int) -> None:
    """Leave in scratch what restrains i: its bond with j and the opposition of third states."""
    _set_restraint(
        world.scratch[_RESTRAINT],
        world.scratch[_OPPOSED],
        world.scratch[_GDP],
        world.state,
        world.pair,
        world.param,
        i,
        j,
        world.pair_of[i, j],
    )


@noalias_loop
def _set_restraint(
    restraint: Floats,
    opposed: Floats,
    gdp: Floats,
    states: Floats,
    pairs: Floats,
    param: Floats,
    i: int,
    j: int,
    pair: int,
) -> None:
    for run in range(restraint.shape[0]):
        bond = restraining_bond(
            pairs[PairVar.bond, pair, run],
            pairs[PairVar.trade, pair, run] / states[StateVar.all_trade, i, run],
            param[Param.openness_discount, run],
        )
        third = opposition(
            opposed[run] - _opposed_gdp(states, i, j, run),
            gdp[run] - states[StateVar.gdp, j, run],
        )
        restraint[run] = param[Param.economic_restraint, run] * bond + param[
            Param.diplomatic_restraint, run
        ] * (pairs[PairVar.relevance, pair, run] * third)


@inlined
def set_terms(world: World, success: int, i: int, j: int) -> None:
    """Leave in scratch what i gains and loses by a challenge to j, for a variable of success."""
    _set_terms(
        world.scratch[_GAIN],
        world.scratch[_LOSS],
        world.scratch[_LOSS_WEIGHT],
        world.directed[success, i, j],
        world.directed[DirectedVar.stake, i, j],
        world.pair[PairVar.tension, world.pair_of[i, j]],
    )


@noalias_loop
def _set_terms(
    gain: Floats, loss: Floats, loss_weight: Floats, success: Floats, stake: Floats, tension: Floats
) -> None:
    for run in range(gain.shape[0]):
        gain[run] = success[run] * stake[run] * (0.5 + tension[run])
        loss[run] = (1.0 - success[run]) * loss_weight[run]


@inlined
def set_payoff(world: World, i: int, j: int, rung: int, shift: Floats) -> None:
    """Leave in scratch the payoff of going from a rung to the next, shifted by errors."""
    _set_payoff(
        world.scratch[PAYOFF],
        world.scratch[_GAIN],
        world.scratch[_LOSS],
        world.scratch[_RESTRAINT],
        world.pair[PairVar.restraint, world.pair_of[i, j]],
        shift,
        world.param,
        rung,
    )


@noalias_loop
def _set_payoff(
    payoff: Floats,
    gain: Floats,
    loss: Floats,
    restraint: Floats,
    pair_restraint: Floats,
    shift: Floats,
    param: Floats,
    rung: int,
) -> None:
    for run in range(payoff.shape[0]):
        without_errors = _payoff(
            gain[run], loss[run], restraint[run], pair_restraint[run], param, rung, run
        )
        payoff[run] = without_errors + shift[run]


@inlined
def set_present_payoff(world: World, i: int, j: int) -> None:
    """Leave in scratch the payoff of the rung that is next in each run, without errors."""
    pair = world.pair_of[i, j]
    _set_present_payoff(
        world.scratch[PAYOFF],
        world.scratch[_GAIN],
        world.scratch[_LOSS],
        world.scratch[_RESTRAINT],
        world.pair[PairVar.restraint, pair],
        world.pair[PairVar.rung, pair],
        world.param,
    )


@noalias_loop
def _set_present_payoff(
    payoff: Floats,
    gain: Floats,
    loss: Floats,
    restraint: Floats,
    pair_restraint: Floats,
    rung_now: Floats,
    param: Floats,
) -> None:
    for run in range(payoff.shape[0]):
        here = 0.0
        for rung in range(SCHEDULE_RUNGS):
            found = _payoff(
                gain[run], loss[run], restraint[run], pair_restraint[run], param, rung, run
            )
            here = found if rung_now[run] == rung else here
        payoff[run] = here


@inlined
def _payoff(
    gain: float,
    loss: float,
    restraint: float,
    pair_restraint: float,
    param: Floats,
    rung: int,
    run: int,
) -> float:
    general = param[Param.ladder_restraint, run]
    if rung + 1 == WAR:
        reluctance = war_reluctance(general, pair_restraint)
    else:
        reluctance = general * pair_restraint
    return next_rung_payoff(
        gain,
        loss,
        restraint,
        reluctance,
        param[Param.gain_rung_1 + rung, run],
        param[Param.loss_rung_1 + rung, run],
        param[Param.cost_rung_1 + rung, run],
        param[Param.restraint_rung_1 + rung, run],
    )
