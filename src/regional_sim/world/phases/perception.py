"""Perception: each state pools precision, and its beliefs about every other state err."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import perception
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import (
    DirectedVar,
    Draw,
    Floats,
    InstrumentRow,
    PairVar,
    StateVar,
    World,
)
from regional_sim.world.rows import copy


@compiled
def update_belief_errors(world: World, month: int, lo: int, hi: int) -> None:
    """Update precision, detection and belief errors of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        pool_precision(world, i)
        for j in range(n_states):
            if j != i:
                _set_error_sd(
                    world.directed[DirectedVar.error_sd, i, j],
                    world.state[StateVar.precision, i],
                    world.pair[PairVar.channel, world.pair_of[i, j]],
                    world.param[Param.belief_noise],
                    world.param[Param.channel_noise_cut],
                )
                kind = Draw.innovation_first if i < j else Draw.innovation_second
                _move_error(
                    world.directed[DirectedVar.error, i, j],
                    world.param[Param.belief_memory],
                    world.directed[DirectedVar.error_sd, i, j],
                    world.draw[month % world.draw.shape[0], kind, world.pair_of[i, j]],
                )


@inlined
def pool_precision(world: World, i: int) -> None:
    """Set the pooled precision and the detection of state i."""
    own = world.state[StateVar.own_precision]
    precision = world.state[StateVar.precision, i]
    detection = world.state[StateVar.detection, i]
    level = world.instrument[InstrumentRow.level, Instrument.early_warning]
    pooling_share = world.param[Param.pooling_share]
    correlation = world.param[Param.error_correlation]
    scale = world.param[Param.detection_scale]
    copy(precision, own[i])
    for k in range(own.shape[0]):
        pooling = world.directed[DirectedVar.pooling, i, k]
        _pool(precision, own[k], pooling_share, pooling, level, correlation)
    for run in range(precision.shape[0]):
        detection[run] = perception.detection_area(precision[run], scale[run])


@noalias_loop
def _pool(
    precision: Floats,
    other: Floats,
    pooling_share: Floats,
    pooling: Floats,
    level: Floats,
    correlation: Floats,
) -> None:
    for run in range(precision.shape[0]):
        share = pooling_share[run] * pooling[run] * level[run]
        precision[run] += perception.pooled_gain(share, other[run], correlation[run])


@noalias_loop
def _set_error_sd(
    error_sd: Floats, precision: Floats, channel: Floats, scale: Floats, cut: Floats
) -> None:
    """Set the spread of errors from the precision of a state and the channel of the pair."""
    for run in range(error_sd.shape[0]):
        error_sd[run] = perception.belief_error_sd(
            scale[run], precision[run], channel[run], cut[run]
        )


@noalias_loop
def _move_error(error: Floats, memory: Floats, error_sd: Floats, innovation: Floats) -> None:
    for run in range(error.shape[0]):
        error[run] = perception.next_error(error[run], memory[run], error_sd[run], innovation[run])
