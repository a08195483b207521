"""Mechanism 10. Trade: diverted by tension and by policy, moved elsewhere, slowly coming back.

The books are kept: what leaves a pair goes to other pairs of its two states or to the rest of
the world, less a stated friction; see :func:`diverted` and :func:`next_trade`.

References
----------
Glick, R. & Taylor, A. (2010). Collateral damage: trade disruption and the economic impact of
war. *Review of Economics and Statistics* 92(1).
"""

from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp, larger, smaller
from regional_sim.numerics.run_loops import add, copy, fill


@inlined
def next_urgency(urgency: float, memory: float, instrument_excess: float, need: float) -> float:
    """Return the urgency of diversification, an AR(1) that follows instrument times need.

    Parameters
    ----------
    urgency : float
        Urgency of the month before.
    memory : float
        Share that remains after a month.
    instrument_excess : float
        Level of supply_chain above its start; below it, diversion by tension is held back.
    need : float
        Base plus excess tension with the challenger, at least 0.

    Returns
    -------
    float
        Urgency; its long-run value is instrument_excess * need.
    """
    return memory * urgency + (1.0 - memory) * (instrument_excess * need)


@inlined
def diverted(
    trade: float,
    start: float,
    speed: float,
    tension_push: float,
    policy_push: float,
    floor: float,
) -> float:
    """Return the trade that leaves a pair in a month, billion USD.

    Parameters
    ----------
    trade, start : float
        Trade of the pair now and at the start, billion USD a year.
    speed : float
        Speed per month at a push of 1.
    tension_push, policy_push : float
        Pushes by tension and by diversification above the start; their sum counts above 0.
    floor : float
        Share of the starting trade that cannot be diverted.

    Returns
    -------
    float
        Diverted trade, at least 0 and at most what lies above the floor.
    """
    movable = larger(trade - floor * start, 0.0)
    push = larger(tension_push + policy_push, 0.0)
    return movable * (1.0 - exp(-speed * push))


@inlined
def attraction_of_partner(trade: float, tension: float) -> float:
    """Return the pull of a pair on diverted trade, t (1 - T)."""
    return trade * (1.0 - tension)


@inlined
def next_trade(trade: float, start: float, rate: float, outflow: float, inflow: float) -> float:
    """Return next month's trade: back toward its start, less what left, plus what came.

    Parameters
    ----------
    trade, start : float
        Trade now and at the start, billion USD a year.
    rate : float
        Speed of return, per month.
    outflow, inflow : float
        Diverted from and to this account, billion USD.

    Returns
    -------
    float
        Trade of the next month.
    """
    return trade + rate * (start - trade) - outflow + inflow


@inlined
def stocks(start_months: float, gain: float, instrument_excess: float) -> float:
    """Return the stocks that supply_chain leaves the partner with, in months, at least 0.

    Parameters
    ----------
    start_months : float
        Stocks at the start.
    gain : float
        Months per level of the instrument.
    instrument_excess : float
        Level of supply_chain above its start.

    Returns
    -------
    float
        Stocks, months.

    Examples
    --------
    >>> stocks(2.0, 2.0, 0.5), stocks(0.5, 2.0, -0.5)
    (3.0, 0.0)
    """
    return larger(start_months + gain * instrument_excess, 0.0)


@inlined
def raised_substitutability(start_share: float, gain: float, instrument_excess: float) -> float:
    """Return the share of seaborne trade that other ways can carry, in [0, 1].

    Parameters
    ----------
    start_share : float
        Share at the start.
    gain : float
        Share per level of the instrument.
    instrument_excess : float
        Level of supply_chain above its start.

    Returns
    -------
    float
        Share.

    Examples
    --------
    >>> substitutability(0.5, 0.5, 0.5), substitutability(0.9, 0.5, 0.9)
    (0.75, 1.0)
    """
    return smaller(larger(start_share + gain * instrument_excess, 0.0), 1.0)


@inlined
def blockade_vulnerability(
    seaborne_share: float,
    raised_substitutability: float,
    stock_months: float,
    stock_scale: float,
    hold_chance: float,
) -> float:
    """Return e (1 - substitutability) exp(-stock/M0) p_hold, the loss that a blockade threatens.

    Parameters
    ----------
    seaborne_share : float
        All seaborne trade over GDP.
    substitutability : float
        Share that other ways can carry, in [0, 1].
    stock_months, stock_scale : float
        Stocks and their time constant M0, months.
    hold_chance : float
        Chance that the blockade holds, in [0, 1].

    Returns
    -------
    float
        Share of GDP.
    """
    return (
        seaborne_share
        * (1.0 - raised_substitutability)
        * exp(-stock_months / stock_scale)
        * hold_chance
    )


# Scratch row.
_ATTRACTION = 0


@compiled
def divert_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set the trade that leaves every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    challenger = world.role[Role.challenger]
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            other = j if i == challenger else (i if j == challenger else -1)
            concentrated = 1.0 if other >= 0 and other in (sender, partner) else 0.0
            pair = world.pair_of[i, j]
            _divert_pair(
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.tension_start, pair],
                world.region[RegionVar.urgency],
                concentrated,
                world.param,
            )


@noalias_loop
def _divert_pair(
    outflow: Floats,
    now: Floats,
    start: Floats,
    tension: Floats,
    tension_start: Floats,
    urgency: Floats,
    concentrated: float,
    param: Floats,
) -> None:
    for run in range(outflow.shape[0]):
        outflow[run] = diverted(
            now[run],
            start[run],
            param[Param.diversion_speed, run],
            param[Param.tension_diversion, run] * (tension[run] - tension_start[run]),
            concentrated * param[Param.diversification_gain, run] * urgency[run],
            param[Param.trade_floor, run],
        )


@compiled
def reallocate_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) seek new partners for their half of what they lost."""
    for i in range(lo, hi):
        _sum_attraction(world, i)
        _spread_losses(world, i)
        _settle_rest(world, i)


@inlined
def _sum_attraction(world: World, i: int) -> None:
    copy(world.scratch[_ATTRACTION], world.state[StateVar.rest_trade, i])
    for k in range(world.state.shape[1]):
        if k != i:
            pair = world.pair_of[i, k]
            _add_attraction(
                world.scratch[_ATTRACTION],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.tension, pair],
            )


@noalias_loop
def _add_attraction(total: Floats, now: Floats, tension: Floats) -> None:
    for run in range(total.shape[0]):
        total[run] += attraction_of_partner(now[run], tension[run])


@inlined
def _spread_losses(world: World, i: int) -> None:
    fill(world.state[StateVar.redirected, i], 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            pair = world.pair_of[i, k]
            _spread_loss(
                world.state[StateVar.redirected, i],
                world.directed[DirectedVar.redirected, i, k],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.outflow, pair],
                world.scratch[_ATTRACTION],
                world.param[Param.trade_friction],
            )


@noalias_loop
def _spread_loss(
    redirected: Floats,
    share: Floats,
    now: Floats,
    tension: Floats,
    outflow: Floats,
    attraction: Floats,
    friction: Floats,
) -> None:
    for run in range(redirected.shape[0]):
        elsewhere = attraction[run] - attraction_of_partner(now[run], tension[run])
        share[run] = 0.5 * outflow[run] * (1.0 - friction[run]) / elsewhere
        redirected[run] += share[run]


@inlined
def _settle_rest(world: World, i: int) -> None:
    rest = world.state[StateVar.rest_trade, i]
    start = world.state[StateVar.rest_trade_start, i]
    redirected = world.state[StateVar.redirected, i]
    rate = world.param[Param.trade_return]
    for run in range(rest.shape[0]):
        rest[run] = next_trade(rest[run], start[run], rate[run], 0.0, rest[run] * redirected[run])


@compiled
def clear_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Settle the trade and the bond of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            pair = world.pair_of[i, j]
            _settle_pair(
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.tension, pair],
                world.state[StateVar.redirected, i],
                world.directed[DirectedVar.redirected, i, j],
                world.state[StateVar.redirected, j],
                world.directed[DirectedVar.redirected, j, i],
                world.param[Param.trade_return],
            )
            set_bond(world, i, j)


@noalias_loop
def _settle_pair(
    now: Floats,
    start: Floats,
    outflow: Floats,
    tension: Floats,
    redirected: Floats,
    share: Floats,
    other_redirected: Floats,
    other_share: Floats,
    rate: Floats,
) -> None:
    for run in range(now.shape[0]):
        offers = (redirected[run] - share[run]) + (other_redirected[run] - other_share[run])
        inflow = attraction_of_partner(now[run], tension[run]) * offers
        now[run] = next_trade(now[run], start[run], rate[run], outflow[run], inflow)


@compiled
def sum_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set all trade of the states in [lo, hi), with each other and with the rest of the world."""
    for i in range(lo, hi):
        total = world.state[StateVar.all_trade, i]
        copy(total, world.state[StateVar.rest_trade, i])
        for k in range(world.state.shape[1]):
            if k != i:
                now = world.pair[PairVar.trade, world.pair_of[i, k]]
                copy(world.directed[DirectedVar.trade, i, k], now)
                add(total, now)


@inlined
def economic_bond(dependence: float, other_dependence: float, link: int) -> float:
    """Return the economic bond of a pair: the weaker dependence, or the mean (``link`` 1).

    Parameters
    ----------
    dependence, other_dependence : float
        Trade of the pair over the GDP of each side, at least 0.
    link : int
        0 weak link, 1 mean.

    Returns
    -------
    float
        Share of GDP.

    Examples
    --------
    >>> bond(0.1, 0.3, 0), bond(0.1, 0.3, 1)
    (0.1, 0.2)
    """
    weak = smaller(dependence, other_dependence)
    mean = 0.5 * (dependence + other_dependence)
    return mean if link == 1 else weak


@inlined
def set_bond(world: World, i: int, j: int) -> None:
    """Set the economic bond of the pair (i, j) from its trade."""
    pair = world.pair_of[i, j]
    _tie(
        world.pair[PairVar.bond, pair],
        world.pair[PairVar.trade, pair],
        world.state[StateVar.gdp, i],
        world.state[StateVar.gdp, j],
        world.option[Option.dependence],
    )


@noalias_loop
def _tie(bond: Floats, trade: Floats, gdp: Floats, other_gdp: Floats, link: int) -> None:
    for run in range(bond.shape[0]):
        traded = larger(trade[run], 0.0)
        bond[run] = economic_bond(traded / gdp[run], traded / other_gdp[run], link)
