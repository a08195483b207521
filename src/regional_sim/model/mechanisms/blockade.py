"""Blockade, with mechanism 10: what the partner would lose, and how supplies shield it.

A blockade threatens seaborne trade, less what other ways can carry, for as long as stocks do not
last.  The instrument supply_chain raises both.  No published source: stipulated.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.parameters import Param
from regional_sim.model.variables import InstrumentRow, Role, StateVar, World
from regional_sim.numerics.compiler import inlined
from regional_sim.numerics.elementary import exp, larger, smaller


@inlined
def stocks(start_months: float, gain: float, instrument_excess: float) -> float:
    """Return max(0, m0 + g u), the stocks that supply_chain leaves the partner with.

    Parameters
    ----------
    start_months : float
        Stocks m0 at the start, months.
    gain : float
        Months g per level of the instrument.
    instrument_excess : float
        Level of supply_chain above its start u.

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
    """Return s0 + g u held to [0, 1], the share of seaborne trade that other ways can carry.

    Parameters
    ----------
    start_share : float
        Share s0 at the start.
    gain : float
        Share g per level of the instrument.
    instrument_excess : float
        Level of supply_chain above its start u.

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> raised_substitutability(0.5, 0.5, 0.5), raised_substitutability(0.9, 0.5, 0.9)
    (0.75, 1.0)
    """
    return smaller(larger(start_share + gain * instrument_excess, 0.0), 1.0)


@inlined
def blockade_vulnerability(
    seaborne_share: float,
    substitutable_share: float,
    stock_months: float,
    stock_scale: float,
    hold_chance: float,
) -> float:
    """Return e (1 - s) exp(-m / m') p, the loss that a blockade threatens.

    Parameters
    ----------
    seaborne_share : float
        Seaborne trade e, share of GDP.
    substitutable_share : float
        Share s that other ways can carry, in [0, 1].
    stock_months, stock_scale : float
        Stocks m and their time constant m', months.
    hold_chance : float
        Chance p that the blockade holds, in [0, 1].

    Returns
    -------
    float
        Share of GDP.

    Examples
    --------
    >>> float(blockade_vulnerability(0.5, 0.5, 0.0, 3.0, 0.5))
    0.125
    """
    return (
        seaborne_share
        * (1.0 - substitutable_share)
        * exp(-stock_months / stock_scale)
        * hold_chance
    )


@inlined
def stock_partner(world: World) -> None:
    """Let supply_chain fill the partner's stocks and open it other ways to be supplied."""
    partner = world.role[Role.partner]
    stock = world.state[StateVar.stock_months, partner]
    stock_start = world.state[StateVar.stock_months_start, partner]
    substitutes = world.state[StateVar.substitutability, partner]
    substitutes_start = world.state[StateVar.substitutability_start, partner]
    level = world.instrument[InstrumentRow.level, Instrument.supply_chain]
    start = world.instrument[InstrumentRow.start, Instrument.supply_chain]
    param = world.param
    for run in range(stock.shape[0]):
        excess = level[run] - start[run]
        stock[run] = stocks(stock_start[run], param[Param.stock_gain_months, run], excess)
        substitutes[run] = raised_substitutability(
            substitutes_start[run], param[Param.substitutability_gain, run], excess
        )
