"""Tension: every pair's latent tension follows incidents, rungs, stances, threats and signals."""

from regional_sim.rules import signals, tension
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.numeric import logistic
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import DirectedVar, PairVar, RegionVar, Role, StateVar, World

# Scratch rows.
_HOSTILITY = 0
_DRIVERS = 1


@compiled
def strain(world: World, month: int, lo: int, hi: int) -> None:
    """Update the tension of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            set_inputs(world, i, j)
            _set_hostility(world, i, j)
            _sum_drivers(world, world.pair_of[i, j])
            _move(world, world.pair_of[i, j])


@inlined
def set_inputs(world: World, i: int, j: int) -> None:
    """Set the divergence of stances and the mutual threat of the pair (i, j)."""
    pair = world.pair_of[i, j]
    divergence = world.pair[PairVar.divergence, pair]
    threat_both = world.pair[PairVar.threat_both, pair]
    relevance = world.pair[PairVar.relevance, pair]
    stance = world.state[StateVar.stance]
    threat = world.directed[DirectedVar.threat]
    for run in range(divergence.shape[0]):
        divergence[run] = tension.divergence(stance[i, run], stance[j, run], relevance[run])
        threat_both[run] = threat[i, j, run] + threat[j, i, run]


@inlined
def _set_hostility(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the hostility that one of the pair reads from the other's signal."""
    pair = world.pair_of[i, j]
    hostility = world.scratch[_HOSTILITY]
    for run in range(hostility.shape[0]):
        hostility[run] = 0.0
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    if i in (sender, partner):
        _add_reading(world, pair, j)
    if j in (sender, partner):
        _add_reading(world, pair, i)


@inlined
def _add_reading(world: World, pair: int, observer: int) -> None:
    hostility = world.scratch[_HOSTILITY]
    relevance = world.pair[PairVar.relevance, pair]
    signal = world.region[RegionVar.signal]
    stance_start = world.state[StateVar.stance_start, observer]
    gain = world.param[Param.signal_gain]
    is_challenger = observer == world.role[Role.challenger]
    theta = world.param[Param.theta_challenger if is_challenger else Param.theta_third]
    for run in range(hostility.shape[0]):
        read = signals.read_as_hostility(signal[run], gain[run], theta[run])
        hostility[run] += tension.hostile_reading(read, relevance[run], stance_start[run])


@inlined
def _sum_drivers(world: World, pair: int) -> None:
    drivers = world.scratch[_DRIVERS]
    hostility = world.scratch[_HOSTILITY]
    incidents = world.pair[PairVar.incidents, pair]
    incidents_start = world.pair[PairVar.incidents_start, pair]
    rung = world.pair[PairVar.rung, pair]
    rung_start = world.pair[PairVar.rung_start, pair]
    divergence = world.pair[PairVar.divergence, pair]
    divergence_start = world.pair[PairVar.divergence_start, pair]
    threat_both = world.pair[PairVar.threat_both, pair]
    threat_both_start = world.pair[PairVar.threat_both_start, pair]
    param = world.param
    for run in range(drivers.shape[0]):
        drivers[run] = param[Param.tension_incident, run] * (
            incidents[run] - incidents_start[run]
        ) + param[Param.tension_rung, run] * (rung[run] - rung_start[run])
    for run in range(drivers.shape[0]):
        drivers[run] += (
            param[Param.tension_divergence, run] * (divergence[run] - divergence_start[run])
            + param[Param.tension_threat, run] * (threat_both[run] - threat_both_start[run])
            + param[Param.tension_hostility, run] * hostility[run]
        )


@inlined
def _move(world: World, pair: int) -> None:
    drivers = world.scratch[_DRIVERS]
    level = world.pair[PairVar.level, pair]
    norm = world.pair[PairVar.norm, pair]
    now = world.pair[PairVar.tension, pair]
    rate = world.param[Param.tension_rate]
    norm_rate = world.param[Param.norm_rate]
    option = world.option[Option.tension_norm]
    for run in range(level.shape[0]):
        level[run] = tension.next_level(level[run], rate[run], norm[run], drivers[run])
        norm[run] = tension.next_norm(norm[run], norm_rate[run], level[run], option)
        now[run] = logistic(level[run])
