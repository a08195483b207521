"""Mechanism 10. Trade: diverted by tension and by policy, moved elsewhere, slowly coming back.

The books are kept, but for what pressure cuts or inducement adds at once: what leaves a pair goes
to other pairs of its two states or to the rest of the world, less a stated friction.  Trade makes
the economic bond that restrains a pair.  Signs follow the source; speeds and pushes are stipulated.

Longer than others because trade that leaves a pair is followed to where it goes.

References
----------
Glick, R. & Taylor, A. (2010). Collateral damage: trade disruption and the economic impact of
war. *Review of Economics and Statistics* 92(1).
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    DirectedVar,
    InstrumentRow,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp, larger, smaller
from regional_sim.numerics.run_loops import add, copy, fill


@inlined
def next_urgency(urgency: float, memory: float, instrument_excess: float, need: float) -> float:
    """Return m g + (1 - m) u need, the urgency of diversification, which rests at u need.

    Parameters
    ----------
    urgency : float
        Urgency g of the month before.
    memory : float
        Share m that remains after a month, in [0, 1).
    instrument_excess : float
        Level of supply_chain above its start u; below 0, diversion by tension is held back.
    need : float
        Base plus excess tension with the challenger, at least 0.

    Returns
    -------
    float
        Urgency of this month.

    Examples
    --------
    >>> next_urgency(1.0, 0.5, 0.5, 2.0)
    1.0
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
    """Return max(0, t - f t0) (1 - exp(-v max(0, push))), the trade that leaves a pair in a month.

    Parameters
    ----------
    trade, start : float
        Trade of the pair now, t, and at the start, t0, billion USD a year.
    speed : float
        Speed v per month at a push of 1.
    tension_push, policy_push : float
        Pushes by tension and by diversification above the start; their sum counts above 0.
    floor : float
        Share f of the starting trade that cannot be diverted, in [0, 1].

    Returns
    -------
    float
        Diverted trade, billion USD a year, at most what lies above the floor.

    Examples
    --------
    >>> float(diverted(100.0, 100.0, 0.5, 1.0, -1.0, 0.25))
    0.0
    """
    movable = larger(trade - floor * start, 0.0)
    push = larger(tension_push + policy_push, 0.0)
    return movable * (1.0 - exp(-speed * push))


@inlined
def attraction_of_partner(trade: float, tension: float) -> float:
    """Return t (1 - T), the pull of a pair on diverted trade.

    Parameters
    ----------
    trade : float
        Trade t of the pair, billion USD a year.
    tension : float
        Tension T of the pair, in (0, 1).

    Returns
    -------
    float
        Pull, billion USD a year.

    Examples
    --------
    >>> attraction_of_partner(80.0, 0.25)
    60.0
    """
    return trade * (1.0 - tension)


@inlined
def pressed_target(start: float, sensitivity: float, pressure: float) -> float:
    """Return t0 exp(-l P), the trade with the challenger to which a pair returns.

    Parameters
    ----------
    start : float
        Trade at the start t0, billion USD a year.
    sensitivity : float
        Fall l under full pressure.
    pressure : float
        Pressure P; below 0, inducement.

    Returns
    -------
    float
        Trade, billion USD a year.

    Examples
    --------
    >>> float(pressed_target(50.0, 0.2, 0.0))
    50.0
    """
    return start * exp(-sensitivity * pressure)


@inlined
def trade_under_pressure(trade: float, sensitivity: float, change: float) -> float:
    """Return t (1 - l dP), the trade that a change of pressure leaves.

    Parameters
    ----------
    trade : float
        Trade of the pair t, billion USD a year.
    sensitivity : float
        Share l lost under full pressure.
    change : float
        Change of pressure dP in the month.

    Returns
    -------
    float
        Trade, billion USD a year.

    Examples
    --------
    >>> trade_under_pressure(80.0, 0.25, 0.5)
    70.0
    """
    return trade * (1.0 - sensitivity * change)


@inlined
def next_trade(trade: float, target: float, rate: float, outflow: float, inflow: float) -> float:
    """Return t + r (t0 - t) - outflow + inflow, next month's trade.

    Parameters
    ----------
    trade, target : float
        Trade now, t, and that to which it returns, t0, billion USD a year.
    rate : float
        Speed of return r, per month.
    outflow, inflow : float
        Diverted from and to this account, billion USD a year.

    Returns
    -------
    float
        Trade of the next month, billion USD a year.

    Examples
    --------
    >>> next_trade(80.0, 100.0, 0.5, 4.0, 2.0)
    88.0
    """
    return trade + rate * (target - trade) - outflow + inflow


@inlined
def economic_bond(dependence: float, other_dependence: float, link: int) -> float:
    """Return the economic bond of a pair: the weaker dependence, or the mean of both.

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
    >>> economic_bond(0.25, 0.75, 0), economic_bond(0.25, 0.75, 1)
    (0.25, 0.5)
    """
    weak = smaller(dependence, other_dependence)
    mean = 0.5 * (dependence + other_dependence)
    return mean if link == 1 else weak


@inlined
def update_urgency(world: World) -> None:
    """Move the urgency with which sender and partner diversify away from the challenger."""
    pair = world.pair_of[world.role[Role.sender], world.role[Role.challenger]]
    tension = world.pair[PairVar.tension, pair]
    tension_start = world.pair[PairVar.tension_start, pair]
    level = world.instrument[InstrumentRow.level, Instrument.supply_chain]
    start = world.instrument[InstrumentRow.start, Instrument.supply_chain]
    urgency = world.region[RegionVar.urgency]
    param = world.param
    for run in range(urgency.shape[0]):
        excess = larger(tension[run] - tension_start[run], 0.0)
        need = param[Param.urgency_base, run] + param[Param.urgency_tension, run] * excess
        urgency[run] = next_urgency(
            urgency[run], param[Param.urgency_memory, run], level[run] - start[run], need
        )


# Scratch row.
_URGENCY = 0


@compiled
def divert_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set the trade that leaves every pair whose earlier state is in [lo, hi)."""
    challenger = world.role[Role.challenger]
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            other = j if i == challenger else (i if j == challenger else -1)
            urgency = world.scratch[_URGENCY]
            fill(urgency, 0.0)
            if other >= 0:
                copy(urgency, world.state[StateVar.derisking, other])
            if other >= 0 and other in (sender, partner):
                add(urgency, world.region[RegionVar.urgency])
            pair = world.pair_of[i, j]
            _divert(
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.tension_start, pair],
                urgency,
                world.param,
            )


@noalias_loop
def _divert(
    outflow: Floats,
    trade: Floats,
    start: Floats,
    tension: Floats,
    tension_start: Floats,
    urgency: Floats,
    param: Floats,
) -> None:
    for run in range(outflow.shape[0]):
        outflow[run] = diverted(
            trade[run],
            start[run],
            param[Param.diversion_speed, run],
            param[Param.tension_diversion, run] * (tension[run] - tension_start[run]),
            param[Param.diversification_gain, run] * urgency[run],
            param[Param.trade_floor, run],
        )


# Scratch rows.
_ATTRACTION = 0
_TARGET = 1


@compiled
def reallocate_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) seek new partners for their half of what they lost."""
    attraction = world.scratch[_ATTRACTION]
    for i in range(lo, hi):
        redirected = world.state[StateVar.redirected, i]
        copy(attraction, world.state[StateVar.rest_trade, i])
        for k in range(world.state.shape[1]):
            if k != i:
                _add_attraction(attraction, world.pair, world.pair_of[i, k])
        fill(redirected, 0.0)
        for k in range(world.state.shape[1]):
            if k != i:
                share = world.directed[DirectedVar.redirected, i, k]
                _offer(share, attraction, world.pair, world.param, world.pair_of[i, k])
                add(redirected, share)
        _settle_rest(world, i)


@noalias_loop
def _add_attraction(attraction: Floats, pairs: Floats, pair: int) -> None:
    for run in range(attraction.shape[0]):
        attraction[run] += attraction_of_partner(
            pairs[PairVar.trade, pair, run], pairs[PairVar.tension, pair, run]
        )


@noalias_loop
def _offer(share: Floats, attraction: Floats, pairs: Floats, param: Floats, pair: int) -> None:
    """Set one side's half of what left a pair, less friction, over the attraction elsewhere."""
    for run in range(share.shape[0]):
        elsewhere = attraction[run] - attraction_of_partner(
            pairs[PairVar.trade, pair, run], pairs[PairVar.tension, pair, run]
        )
        lost = 0.5 * pairs[PairVar.outflow, pair, run]
        share[run] = lost * (1.0 - param[Param.trade_friction, run]) / elsewhere


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
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            target = world.scratch[_TARGET]
            copy(target, world.pair[PairVar.trade_start, pair])
            if challenger in (i, j):
                pressed = j if i == challenger else i
                _follow_pressure(
                    world.pair[PairVar.trade, pair],
                    target,
                    world.state[StateVar.pressure_felt, pressed],
                    world.state[StateVar.pressure, pressed],
                    world.param[Param.trade_pressure],
                )
            _settle(
                world.pair[PairVar.trade, pair],
                target,
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.tension, pair],
                world.state,
                world.directed,
                world.param[Param.trade_return],
                i,
                j,
            )
            set_bond(world, i, j)


@noalias_loop
def _follow_pressure(
    trade: Floats, target: Floats, felt: Floats, pressure: Floats, sensitivity: Floats
) -> None:
    """Let trade with the challenger, and the level to which it returns, follow its pressure."""
    for run in range(trade.shape[0]):
        change = pressure[run] - felt[run]
        trade[run] = trade_under_pressure(trade[run], sensitivity[run], change)
        target[run] = pressed_target(target[run], sensitivity[run], pressure[run])
        felt[run] = pressure[run]


@noalias_loop
def _settle(
    trade: Floats,
    target: Floats,
    outflow: Floats,
    tension: Floats,
    states: Floats,
    directed: Floats,
    rate: Floats,
    i: int,
    j: int,
) -> None:
    for run in range(trade.shape[0]):
        offers = (
            states[StateVar.redirected, i, run] - directed[DirectedVar.redirected, i, j, run]
        ) + (states[StateVar.redirected, j, run] - directed[DirectedVar.redirected, j, i, run])
        inflow = attraction_of_partner(trade[run], tension[run]) * offers
        trade[run] = next_trade(trade[run], target[run], rate[run], outflow[run], inflow)


@inlined
def set_bond(world: World, i: int, j: int) -> None:
    """Set the economic bond of the pair (i, j) from its trade."""
    pair = world.pair_of[i, j]
    _set_bond(
        world.pair[PairVar.bond, pair],
        world.pair[PairVar.trade, pair],
        world.state[StateVar.gdp, i],
        world.state[StateVar.gdp, j],
        world.option[Option.dependence],
    )


@noalias_loop
def _set_bond(bond: Floats, trade: Floats, gdp: Floats, other_gdp: Floats, link: int) -> None:
    for run in range(bond.shape[0]):
        traded = larger(trade[run], 0.0)
        bond[run] = economic_bond(traded / gdp[run], traded / other_gdp[run], link)


@compiled
def sum_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set all trade of the states in [lo, hi), with each other and with the rest of the world."""
    for i in range(lo, hi):
        total = world.state[StateVar.all_trade, i]
        copy(total, world.state[StateVar.rest_trade, i])
        for k in range(world.state.shape[1]):
            if k != i:
                add(total, world.pair[PairVar.trade, world.pair_of[i, k]])
