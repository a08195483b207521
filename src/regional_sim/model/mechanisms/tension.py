"""Mechanism 14. Tension: a level on the logit scale that returns to its norm.

Incidents, rungs, divergent stances, mutual threat and signals read as hostile push it, each by
what it has above its start.  The speed is compared with the persistence of press-based indices of
risk (Caldara & Iacoviello 2022); the sizes are stipulated.
"""

from regional_sim.model.mechanisms.signals import read_as_hostility
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import logistic
from regional_sim.numerics.run_loops import fill


@inlined
def stance_divergence(stance: float, other_stance: float, relevance: float) -> float:
    """Return e |x - x'|, the distance of two stances times the relevance of the issue.

    Parameters
    ----------
    stance, other_stance : float
        Stances x and x', in [-1, 1].
    relevance : float
        How far the pair's quarrel is this issue, e, in [0, 1].

    Returns
    -------
    float
        Divergence, in units of stance.

    Examples
    --------
    >>> stance_divergence(0.5, -0.5, 0.5)
    0.5
    """
    gap = stance - other_stance
    return relevance * (gap if gap > 0.0 else -gap)


@inlined
def hostile_reading(hostility: float, relevance: float, stance: float) -> float:
    """Return H e max(0, -x): hostility counts only for states that oppose the partner.

    Parameters
    ----------
    hostility : float
        Hostility H read by the observer from the sender's signal.
    relevance : float
        How far the pair's quarrel is this issue, e, in [0, 1].
    stance : float
        The observer's stance x, in [-1, 1].

    Returns
    -------
    float
        Hostility, in the same units.

    Examples
    --------
    >>> hostile_reading(0.5, 0.5, -1.0)
    0.25
    """
    return hostility * relevance * (-stance if stance < 0.0 else 0.0)


@inlined
def next_latent_tension(level: float, rate: float, norm: float, drivers: float) -> float:
    """Return y + r (norm + drivers - y), the next latent tension.

    Parameters
    ----------
    level, norm : float
        Latent tension y and the level to which it returns, logits.
    rate : float
        Speed r, per month.
    drivers : float
        Sum of all pushes above their starting values, logits.

    Returns
    -------
    float
        Latent tension of the next month, logits.

    Examples
    --------
    >>> next_latent_tension(1.0, 0.5, 0.0, 0.0)
    0.5
    """
    return level + rate * (norm + drivers - level)


@inlined
def next_norm(norm: float, rate: float, level: float, option: int) -> float:
    """Return the norm, or where it follows tension slowly norm + r (y - norm).

    Parameters
    ----------
    norm, level : float
        Norm and latent tension y, logits.
    rate : float
        Speed r, per month.
    option : int
        0 fixed, 1 slow.

    Returns
    -------
    float
        Norm of the next month, logits.

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
    drivers = world.scratch[_DRIVERS]
    hostility = world.scratch[_HOSTILITY]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            set_tension_inputs(world, i, j)
            _set_hostility(world, hostility, i, j)
            _drive_by_events(drivers, world.pair, world.param, pair)
            _drive_by_quarrel(drivers, hostility, world.pair, world.param, pair)
            _move_level(
                world.pair[PairVar.level, pair],
                world.pair[PairVar.norm, pair],
                world.pair[PairVar.tension, pair],
                drivers,
                world.param[Param.tension_rate],
                world.param[Param.norm_rate],
                world.option[Option.tension_norm],
            )


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
def _set_hostility(world: World, hostility: Floats, i: int, j: int) -> None:
    """Set the hostility that the pair of sender or partner reads from the sender's signal."""
    fill(hostility, 0.0)
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    if i in (sender, partner):
        _add_reading(world, hostility, world.pair_of[i, j], j)
    if j in (sender, partner):
        _add_reading(world, hostility, world.pair_of[i, j], i)


@inlined
def _add_reading(world: World, hostility: Floats, pair: int, observer: int) -> None:
    relevance = world.pair[PairVar.relevance, pair]
    signal = world.region[RegionVar.signal]
    stance_start = world.state[StateVar.stance_start, observer]
    gain = world.param[Param.signal_gain]
    is_challenger = observer == world.role[Role.challenger]
    theta = world.param[Param.theta_challenger if is_challenger else Param.theta_third]
    for run in range(hostility.shape[0]):
        read = read_as_hostility(signal[run], gain[run], theta[run])
        hostility[run] += hostile_reading(read, relevance[run], stance_start[run])


@noalias_loop
def _drive_by_events(drivers: Floats, pairs: Floats, param: Floats, pair: int) -> None:
    for run in range(drivers.shape[0]):
        incidents = pairs[PairVar.incidents, pair, run] - pairs[PairVar.incidents_start, pair, run]
        rungs = pairs[PairVar.rung, pair, run] - pairs[PairVar.rung_start, pair, run]
        drivers[run] = (
            param[Param.tension_incident, run] * incidents + param[Param.tension_rung, run] * rungs
        )


@noalias_loop
def _drive_by_quarrel(
    drivers: Floats, hostility: Floats, pairs: Floats, param: Floats, pair: int
) -> None:
    for run in range(drivers.shape[0]):
        divergence = (
            pairs[PairVar.divergence, pair, run] - pairs[PairVar.divergence_start, pair, run]
        )
        threat = pairs[PairVar.threat_both, pair, run] - pairs[PairVar.threat_both_start, pair, run]
        drivers[run] += (
            param[Param.tension_divergence, run] * divergence
            + param[Param.tension_threat, run] * threat
            + param[Param.tension_hostility, run] * hostility[run]
        )


@noalias_loop
def _move_level(
    level: Floats,
    norm: Floats,
    tension: Floats,
    drivers: Floats,
    rate: Floats,
    norm_rate: Floats,
    option: int,
) -> None:
    for run in range(level.shape[0]):
        level[run] = next_latent_tension(level[run], rate[run], norm[run], drivers[run])
        norm[run] = next_norm(norm[run], norm_rate[run], level[run], option)
        tension[run] = logistic(level[run])
