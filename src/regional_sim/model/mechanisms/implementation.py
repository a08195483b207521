"""Implementation of a posture: instruments follow their targets with a lag."""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms import signals, trade
from regional_sim.model.parameters import Param
from regional_sim.model.variables import InstrumentRow, PairVar, RegionVar, Role, StateVar, World
from regional_sim.numerics.compiler import compiled, inlined
from regional_sim.numerics.elementary import larger, smaller


@inlined
def next_instrument_level(level: float, target: float, lag_months: float) -> float:
    """Return u + (target - u) / lag, the level of an instrument next month.

    Parameters
    ----------
    level, target : float
        Level now and the policy's target, in [0, 1].
    lag_months : float
        First-order lag, at least 1.

    Returns
    -------
    float
        Level in [0, 1].

    Examples
    --------
    >>> next_level(0.0, 1.0, 4.0)
    0.25
    """
    return level + (target - level) / lag_months


@inlined
def channel_availability(level: float, tension: float) -> float:
    """Return the working of a channel: its level, held to [0, 1], times (1 - tension).

    Examples
    --------
    >>> channel_availability(0.5, 0.5), channel_availability(-0.1, 0.5)
    (0.25, 0.0)
    """
    return larger(smaller(level, 1.0), 0.0) * (1.0 - tension)


_LAGS = tuple(int(instrument.lag) for instrument in Instrument)


@compiled
def implement_posture(world: World, month: int, lo: int, hi: int) -> None:
    """Move instruments, firmness, novelty, signal and urgency, if the sender is in [lo, hi)."""
    sender = world.role[Role.sender]
    if sender < lo or sender >= hi:
        return
    _move_instruments(world)
    send_signal(world)
    if world.role[Role.challenger] >= 0:
        _move_urgency(world)
    if world.role[Role.partner] >= 0:
        _stock_partner(world)


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


@inlined
def send_signal(world: World) -> None:
    """Set firmness, novelty and signal from the levels of the instruments."""
    patrols = world.instrument[InstrumentRow.level, Instrument.joint_patrols]
    backing = world.instrument[InstrumentRow.level, Instrument.political_backing]
    dialogue = world.instrument[InstrumentRow.level, Instrument.partner_dialogue]
    firmness = world.region[RegionVar.firmness]
    start = world.region[RegionVar.firmness_start]
    novelty = world.region[RegionVar.novelty]
    sent = world.region[RegionVar.signal]
    param = world.param
    for run in range(firmness.shape[0]):
        now = signals.firmness(
            patrols[run],
            backing[run],
            dialogue[run],
            param[Param.firmness_patrols, run],
            param[Param.firmness_backing, run],
            param[Param.firmness_dialogue, run],
            param[Param.firmness_joint, run],
        )
        novelty[run] = signals.next_novelty(
            novelty[run], param[Param.novelty_memory, run], now - firmness[run]
        )
        firmness[run] = now
        sent[run] = signals.signal(now - start[run], novelty[run], param[Param.level_weight, run])


@inlined
def _move_urgency(world: World) -> None:
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
        urgency[run] = trade.next_urgency(
            urgency[run], param[Param.urgency_memory, run], level[run] - start[run], need
        )


@inlined
def _stock_partner(world: World) -> None:
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
        stock[run] = trade.stocks(stock_start[run], param[Param.stock_gain_months, run], excess)
        substitutes[run] = trade.raised_substitutability(
            substitutes_start[run], param[Param.substitutability_gain, run], excess
        )


@compiled
def open_channels(world: World, month: int, lo: int, hi: int) -> None:
    """Set the working of the channel of every pair whose earlier state is in [lo, hi).

    Between sender and challenger the instrument adds to the scenario's channel.
    """
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
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
