"""Mechanism 14. Tension: a level on the logit scale that returns to its norm.

Incidents, rungs, divergent stances, mutual threat and pressure by the challenger push it, each by
what it has above its start.  The speed is compared with the persistence of press-based indices of
risk (Caldara & Iacoviello 2022); the sizes are stipulated.
"""

from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import logistic
from regional_sim.numerics.run_loops import add_product


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
def next_norm(
    norm: float, start: float, rate: float, weight: float, level: float, option: int
) -> float:
    """Return the norm, or where it is slow n + r (n0 + w (y - n0) - n).

    Parameters
    ----------
    norm, start : float
        Norm now, n, and at the start, n0, logits.
    rate : float
        Speed r, per month.
    weight : float
        Weight w of the latent tension, in [0, 1): the rest draws the norm back to its start.
    level : float
        Latent tension y, logits.
    option : int
        0 fixed, 1 slow.

    Returns
    -------
    float
        Norm of the next month, logits.

    Examples
    --------
    >>> next_norm(0.0, 0.0, 0.5, 0.5, 1.0, 0), next_norm(0.0, 0.0, 0.5, 0.5, 1.0, 1)
    (0.0, 0.25)
    """
    return norm + rate * (start + weight * (level - start) - norm) if option == 1 else norm


# Scratch row.
_DRIVERS = 0


@compiled
def update_tension(world: World, month: int, lo: int, hi: int) -> None:
    """Update the tension of every pair whose earlier state is in [lo, hi)."""
    drivers = world.scratch[_DRIVERS]
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            set_tension_inputs(world, i, j)
            _drive_by_events(drivers, world.pair, world.param, pair)
            _drive_by_quarrel(drivers, world.pair, world.param, pair)
            if challenger in (i, j):
                other = j if i == challenger else i
                gain = world.param[Param.tension_pressure]
                add_product(drivers, gain, world.state[StateVar.pressure, other])
            _move_level(
                world.pair[PairVar.level, pair],
                world.pair[PairVar.norm, pair],
                world.pair[PairVar.norm_start, pair],
                world.pair[PairVar.tension, pair],
                drivers,
                world.param,
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


@noalias_loop
def _drive_by_events(drivers: Floats, pairs: Floats, param: Floats, pair: int) -> None:
    for run in range(drivers.shape[0]):
        incidents = pairs[PairVar.incidents, pair, run] - pairs[PairVar.incidents_start, pair, run]
        rungs = pairs[PairVar.rung, pair, run] - pairs[PairVar.rung_start, pair, run]
        drivers[run] = (
            param[Param.tension_incident, run] * incidents + param[Param.tension_rung, run] * rungs
        )


@noalias_loop
def _drive_by_quarrel(drivers: Floats, pairs: Floats, param: Floats, pair: int) -> None:
    for run in range(drivers.shape[0]):
        divergence = (
            pairs[PairVar.divergence, pair, run] - pairs[PairVar.divergence_start, pair, run]
        )
        threat = pairs[PairVar.threat_both, pair, run] - pairs[PairVar.threat_both_start, pair, run]
        drivers[run] += (
            param[Param.tension_divergence, run] * divergence
            + param[Param.tension_threat, run] * threat
        )


@noalias_loop
def _move_level(
    level: Floats,
    norm: Floats,
    norm_start: Floats,
    tension: Floats,
    drivers: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(level.shape[0]):
        level[run] = next_latent_tension(
            level[run], param[Param.tension_rate, run], norm[run], drivers[run]
        )
        norm[run] = next_norm(
            norm[run],
            norm_start[run],
            param[Param.norm_rate, run],
            param[Param.norm_weight, run],
            level[run],
            option,
        )
        tension[run] = logistic(level[run])
