"""Mechanism 7. Readiness spiral: arming against the threat of others.

References
----------
Richardson, L. F. (1960). *Arms and Insecurity*. Boxwood.
Collier, P. & Hoeffler, A. (2002). Military expenditure: threats, aid and arms races.
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import StateVar, World
from regional_sim.numerics.compiler import compiled, inlined


@inlined
def felt_threat(tension: float, attack: float, defence: float) -> float:
    """Return the threat of one state on another, T * A / (A + C exp(z)), in [0, 1).

    Parameters
    ----------
    tension : float
        Tension of the pair, in (0, 1).
    attack : float
        Force that the other and its supporters can bring, billion USD.
    defence : float
        Force of the threatened state at home, C exp(z), billion USD.

    Returns
    -------
    float
        Threat.

    Examples
    --------
    >>> float(threat(0.5, 2.0, 2.0))
    0.25
    """
    return tension * attack / (attack + defence)


@inlined
def next_readiness(
    readiness: float, fatigue: float, ratio: float, deterrence: float, threat_excess: float
) -> float:
    """Return z + a (r delta (threat - threat0) - z), with fixed point r delta (threat - threat0).

    Parameters
    ----------
    readiness : float
        Log-readiness z.
    fatigue : float
        Speed a, per month, in (0, 1).
    ratio : float
        Long-run reaction r = k/a.
    deterrence : float
        The state's deterrence parameter delta, at least 0.
    threat_excess : float
        Threat above its start.

    Returns
    -------
    float
        Log-readiness of the next month.
    """
    return readiness + fatigue * (ratio * deterrence * threat_excess - readiness)


@compiled
def update_readiness(world: World, month: int, lo: int, hi: int) -> None:
    """Update the log-readiness of the states in [lo, hi)."""
    for i in range(lo, hi):
        level = world.state[StateVar.readiness, i]
        threat = world.state[StateVar.threat, i]
        threat_start = world.state[StateVar.threat_start, i]
        deterrence = world.state[StateVar.deterrence, i]
        fatigue = world.param[Param.fatigue]
        ratio = world.param[Param.reaction_ratio]
        for run in range(level.shape[0]):
            level[run] = next_readiness(
                level[run],
                fatigue[run],
                ratio[run],
                deterrence[run],
                threat[run] - threat_start[run],
            )
