"""Mechanism 10. Trade: diverted by tension and by policy, moved elsewhere, slowly coming back.

The books are kept: what leaves a pair goes to other pairs of its two states or to the rest of
the world, less a stated friction; see :func:`diverted` and :func:`next_trade`.

References
----------
Glick, R. & Taylor, A. (2010). Collateral damage: trade disruption and the economic impact of
war. *Review of Economics and Statistics* 92(1).
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import exp, larger, smaller


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
