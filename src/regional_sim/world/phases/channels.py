"""Crisis channels: how well each pair's hotline works this month."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import posture
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.world.layout import InstrumentRow, PairVar, Role, World


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
        channel[run] = posture.channel_availability(present, tension[run])
