"""Tension: every pair's latent tension follows incidents, rungs, stances, threats and signals."""

from regional_sim.rules import signals, tension
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.numeric import logistic
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import (
    DirectedVar,
    Floats,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.world.rows import fill

# Scratch rows.
_HOSTILITY = 0
_DRIVERS = 1


@compiled
def update_tension(world: World, month: int, lo: int, hi: int) -> None:
    """Update the tension of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            set_tension_inputs(world, i, j)
            _set_hostility(world, i, j)
            _sum_drivers(world, world.pair_of[i, j])
            _move_tension(world, world.pair_of[i, j])


@inlined
def set_tension_inputs(world: World, i: int, j: int) -> None:
    """Set the divergence of stances and the mutual threat of the pair (i, j)."""
    pair = world.pair_of[i, j]
    _set_tension_inputs(
        world.pair[PairVar.divergence, pair],
        world.pair[PairVar.threat_both, pair],
        world.pair[PairVar.relevance, pair],
        world.state[StateVar.stance, i],
        world.state[StateVar.stance, j],
        world.directed[DirectedVar.threat, i, j],
        world.directed[DirectedVar.threat, j, i],
    )


@noalias_loop
def _set_tension_inputs(
    divergence: Floats,
    threat_both: Floats,
    relevance: Floats,
    stance: Floats,
    other_stance: Floats,
    threat: Floats,
    threat_back: Floats,
) -> None:
    for run in range(divergence.shape[0]):
        divergence[run] = tension.stance_divergence(stance[run], other_stance[run], relevance[run])
        threat_both[run] = threat[run] + threat_back[run]


@inlined
def _set_hostility(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the hostility that one of the pair reads from the other's signal."""
    pair = world.pair_of[i, j]
    fill(world.scratch[_HOSTILITY], 0.0)
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
    _drive_by_events(
        drivers,
        world.pair[PairVar.incidents, pair],
        world.pair[PairVar.incidents_start, pair],
        world.pair[PairVar.rung, pair],
        world.pair[PairVar.rung_start, pair],
        world.param,
    )
    _drive_by_quarrel(
        drivers,
        world.pair[PairVar.divergence, pair],
        world.pair[PairVar.divergence_start, pair],
        world.pair[PairVar.threat_both, pair],
        world.pair[PairVar.threat_both_start, pair],
        world.scratch[_HOSTILITY],
        world.param,
    )


@noalias_loop
def _drive_by_events(
    drivers: Floats,
    incidents: Floats,
    incidents_start: Floats,
    rung: Floats,
    rung_start: Floats,
    param: Floats,
) -> None:
    for run in range(drivers.shape[0]):
        drivers[run] = param[Param.tension_incident, run] * (
            incidents[run] - incidents_start[run]
        ) + param[Param.tension_rung, run] * (rung[run] - rung_start[run])


@noalias_loop
def _drive_by_quarrel(
    drivers: Floats,
    divergence: Floats,
    divergence_start: Floats,
    threat_both: Floats,
    threat_both_start: Floats,
    hostility: Floats,
    param: Floats,
) -> None:
    for run in range(drivers.shape[0]):
        drivers[run] += (
            param[Param.tension_divergence, run] * (divergence[run] - divergence_start[run])
            + param[Param.tension_threat, run] * (threat_both[run] - threat_both_start[run])
            + param[Param.tension_hostility, run] * hostility[run]
        )


@inlined
def _move_tension(world: World, pair: int) -> None:
    _move_level(
        world.pair[PairVar.level, pair],
        world.pair[PairVar.norm, pair],
        world.pair[PairVar.tension, pair],
        world.scratch[_DRIVERS],
        world.param[Param.tension_rate],
        world.param[Param.norm_rate],
        world.option[Option.tension_norm],
    )


@noalias_loop
def _move_level(
    level: Floats,
    norm: Floats,
    now: Floats,
    drivers: Floats,
    rate: Floats,
    norm_rate: Floats,
    option: int,
) -> None:
    for run in range(level.shape[0]):
        level[run] = tension.next_latent_tension(level[run], rate[run], norm[run], drivers[run])
        norm[run] = tension.next_norm(norm[run], norm_rate[run], level[run], option)
        now[run] = logistic(level[run])
