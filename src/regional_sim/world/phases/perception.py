"""Perception: each state pools precision, and its beliefs about every other state err."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import perception
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import DirectedVar, Draw, Lever, PairVar, StateVar, World


@compiled
def perceive(world: World, month: int, lo: int, hi: int) -> None:
    """Update precision, detection and belief errors of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        pool_precision(world, i)
        for j in range(n_states):
            if j != i:
                set_error_sd(world, i, j)
                _move_error(world, month, i, j)


@inlined
def pool_precision(world: World, i: int) -> None:
    """Set the pooled precision and the detection of state i."""
    own = world.state[StateVar.own_precision]
    precision = world.state[StateVar.precision, i]
    detection = world.state[StateVar.detection, i]
    level = world.lever[Lever.level, Instrument.early_warning]
    pooling_share = world.param[Param.pooling_share]
    correlation = world.param[Param.error_correlation]
    scale = world.param[Param.detection_scale]
    n_runs = precision.shape[0]
    for run in range(n_runs):
        precision[run] = own[i, run]
    for k in range(own.shape[0]):
        pooling = world.directed[DirectedVar.pooling, i, k]
        for run in range(n_runs):
            share = pooling_share[run] * pooling[run] * level[run]
            precision[run] += perception.pooled_gain(share, own[k, run], correlation[run])
    for run in range(n_runs):
        detection[run] = perception.detection(precision[run], scale[run])


@inlined
def set_error_sd(world: World, i: int, j: int) -> None:
    """Set the spread of i's errors about j from its precision and the channel of the pair."""
    precision = world.state[StateVar.precision, i]
    channel = world.pair[PairVar.channel, world.pair_of[i, j]]
    error_sd = world.directed[DirectedVar.error_sd, i, j]
    scale = world.param[Param.belief_noise]
    cut = world.param[Param.channel_noise_cut]
    for run in range(error_sd.shape[0]):
        error_sd[run] = perception.error_sd(scale[run], precision[run], channel[run], cut[run])


@inlined
def _move_error(world: World, month: int, i: int, j: int) -> None:
    kind = Draw.innovation_first if i < j else Draw.innovation_second
    innovation = world.draw[month % world.draw.shape[0], kind, world.pair_of[i, j]]
    error = world.directed[DirectedVar.error, i, j]
    error_sd = world.directed[DirectedVar.error_sd, i, j]
    memory = world.param[Param.belief_memory]
    for run in range(error.shape[0]):
        error[run] = perception.next_error(error[run], memory[run], error_sd[run], innovation[run])
