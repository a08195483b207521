"""Posture. Instruments follow their targets with a lag, and open the crisis channel.

A policy sets targets; what the sender does moves toward them month by month.  A crisis channel
works as well as its level and calm allow.  All lags are stipulated.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.blockade import stock_partner
from regional_sim.model.mechanisms.signals import send_signal
from regional_sim.model.mechanisms.trade import update_urgency
from regional_sim.model.variables import InstrumentRow, PairVar, Role, World
from regional_sim.numerics.compiler import compiled, inlined
from regional_sim.numerics.elementary import larger, smaller


@inlined
def next_instrument_level(level: float, target: float, lag_months: float) -> float:
    """Return u + (target - u) / lag, the level of an instrument next month.

    Parameters
    ----------
    level, target : float
        Level u now and the policy's target, in [0, 1].
    lag_months : float
        First-order lag, months, at least 1.

    Returns
    -------
    float
        Level in [0, 1].

    Examples
    --------
    >>> next_instrument_level(0.0, 1.0, 4.0)
    0.25
    """
    return level + (target - level) / lag_months


@inlined
def channel_availability(level: float, tension: float) -> float:
    """Return u (1 - T), the working of a channel, with its level u held to [0, 1].

    Parameters
    ----------
    level : float
        Level of the channel.
    tension : float
        Tension T of the pair, in (0, 1).

    Returns
    -------
    float
        Working in [0, 1).

    Examples
    --------
    >>> channel_availability(0.5, 0.5), channel_availability(-0.1, 0.5)
    (0.25, 0.0)
    """
    return larger(smaller(level, 1.0), 0.0) * (1.0 - tension)


_LAGS = tuple(int(instrument.lag) for instrument in Instrument)


@compiled
def implement_posture(world: World, month: int, lo: int, hi: int) -> None:
    """Move instruments and what follows from them at once, if the sender is in [lo, hi)."""
    sender = world.role[Role.sender]
    if sender < lo or sender >= hi:
        return
    _move_instruments(world)
    send_signal(world)
    if world.role[Role.challenger] >= 0:
        update_urgency(world)
    if world.role[Role.partner] >= 0:
        stock_partner(world)


@inlined
def _move_instruments(world: World) -> None:
    level = world.instrument[InstrumentRow.level]
    target = world.instrument[InstrumentRow.target]
    for instrument in range(level.shape[0]):
        lag = world.param[_LAGS[instrument]]
        for run in range(level.shape[1]):
            level[instrument, run] = next_instrument_level(
                level[instrument, run], target[instrument, run], lag[run]
            )


@compiled
def open_channels(world: World, month: int, lo: int, hi: int) -> None:
    """Set the working of the channel of every pair whose earlier state is in [lo, hi).

    Between sender and challenger the instrument adds to the scenario's channel.
    """
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            _open(world, world.pair_of[i, j], sender_to_challenger(world, i, j))


@inlined
def sender_to_challenger(world: World, i: int, j: int) -> float:
    """Return 1 if the pair is that of sender and challenger, else 0."""
    sender = world.role[Role.sender]
    challenger = world.role[Role.challenger]
    joined = (i == sender and j == challenger) or (i == challenger and j == sender)
    return 1.0 if joined else 0.0


@inlined
def _open(world: World, pair: int, instrument_share: float) -> None:
    channel = world.pair[PairVar.channel, pair]
    start = world.pair[PairVar.channel_start, pair]
    tension = world.pair[PairVar.tension, pair]
    level = world.instrument[InstrumentRow.level, Instrument.crisis_channel]
    level_start = world.instrument[InstrumentRow.start, Instrument.crisis_channel]
    for run in range(channel.shape[0]):
        present = start[run] + instrument_share * (level[run] - level_start[run])
        channel[run] = channel_availability(present, tension[run])
