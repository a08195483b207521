"""Mechanism 14. Tension: a mean-reverting level on the logit scale."""

from regional_sim.model.mechanisms import signals
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import logistic
from regional_sim.numerics.run_loops import fill


@inlined
def stance_divergence(stance: float, other_stance: float, relevance: float) -> float:
    """Return the distance of two stances times the issue's relevance for the pair.

    Examples
    --------
    >>> divergence(0.5, -0.5, 0.5)
    0.5
    """
    gap = stance - other_stance
    return relevance * (gap if gap > 0.0 else -gap)


@inlined
def hostile_reading(hostility: float, relevance: float, stance: float) -> float:
    """Return the hostility that counts in a pair: only for states that oppose the partner.

    Parameters
    ----------
    hostility : float
        Hostility read by the observer from the sender's signal.
    relevance : float
        How far the pair's quarrel is this issue, in [0, 1].
    stance : float
        The observer's stance; its opposition is -stance where that is positive.

    Returns
    -------
    float
        Hostility, in the units of the signal.
    """
    return hostility * relevance * (-stance if stance < 0.0 else 0.0)


@inlined
def next_latent_tension(level: float, rate: float, norm: float, drivers: float) -> float:
    """Return y + r (norm + drivers - y), the next latent tension.

    Parameters
    ----------
    level, norm : float
        Latent tension and the level to which it returns, logits.
    rate : float
        Speed r, per month.
    drivers : float
        Sum of all pushes above their starting values, logits.

    Returns
    -------
    float
        Latent tension of the next month.

    Examples
    --------
    >>> next_level(1.0, 0.5, 0.0, 0.0)
    0.5
    """
    return level + rate * (norm + drivers - level)


@inlined
def next_norm(norm: float, rate: float, level: float, option: int) -> float:
    """Return the norm, which follows tension slowly where the option is ``slow`` (1).

    Examples
    --------
    >>> next_norm(0.0, 0.5, 1.0, 0), next_norm(0.0, 0.5, 1.0, 1)
    (0.0, 0.5)
    """
    return norm + rate * (level - norm) if option == 1 else norm


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
        divergence[run] = stance_divergence(stance[run], other_stance[run], relevance[run])
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
        hostility[run] += hostile_reading(read, relevance[run], stance_start[run])


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
        level[run] = next_latent_tension(level[run], rate[run], norm[run], drivers[run])
        norm[run] = next_norm(norm[run], norm_rate[run], level[run], option)
        now[run] = logistic(level[run])
