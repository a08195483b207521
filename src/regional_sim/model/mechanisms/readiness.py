"""Mechanism 7. Readiness spiral: states arm against the threat of others.

A threat is the force that another can bring against a state, in proportion to tension.
Readiness follows the threat above its start and tires.  The long-run reaction is estimated from
military spending, the speed is stipulated.

References
----------
Richardson, L. F. (1960). *Arms and Insecurity*. Boxwood.
Collier, P. & Hoeffler, A. (2002). Military expenditure: threats, aid and arms races. World Bank.
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import fill


@inlined
def felt_threat(tension: float, attack: float, mobilised: float) -> float:
    """Return T A / (A + M), the threat of one state to another.

    Parameters
    ----------
    tension : float
        Tension T of the pair, in (0, 1).
    attack : float
        Force A that the other and its supporters can bring, billion USD.
    mobilised : float
        Force M of the threatened state at home, billion USD.

    Returns
    -------
    float
        Threat in [0, 1).

    Examples
    --------
    >>> felt_threat(0.5, 2.0, 2.0)
    0.25
    """
    return tension * attack / (attack + mobilised)


@inlined
def next_readiness(
    readiness: float, fatigue: float, ratio: float, deterrence: float, threat_excess: float
) -> float:
    """Return z + a (r delta (threat - threat0) - z), which rests at r delta (threat - threat0).

    Parameters
    ----------
    readiness : float
        Log-readiness z.
    fatigue : float
        Speed a, per month, in (0, 1).
    ratio : float
        Long-run reaction r = k/a.
    deterrence : float
        The state's own reaction delta, at least 0.
    threat_excess : float
        Sum of threats above its start.

    Returns
    -------
    float
        Log-readiness of the next month.

    Examples
    --------
    >>> next_readiness(0.5, 0.5, 1.0, 1.0, 0.25)
    0.375
    """
    return readiness + fatigue * (ratio * deterrence * threat_excess - readiness)


@compiled
def update_threat(world: World, month: int, lo: int, hi: int) -> None:
    """Update the threats that the states in [lo, hi) feel."""
    for i in range(lo, hi):
        fill(world.state[StateVar.threat, i], 0.0)
        for j in range(world.state.shape[1]):
            if j != i:
                # Where both see alike, i expects the attack that j itself counts on.
                attack = world.directed[DirectedVar.attack, j, i]
                if world.observer_of[i] != world.observer_of[j]:
                    attack = world.directed[DirectedVar.attack_seen, i, j]
                _add_threat(
                    world.state[StateVar.threat, i],
                    world.directed[DirectedVar.threat, i, j],
                    attack,
                    world.state[StateVar.mobilised, i],
                    world.pair[PairVar.tension, world.pair_of[i, j]],
                )


@noalias_loop
def _add_threat(
    total: Floats, threat: Floats, attack: Floats, mobilised: Floats, tension: Floats
) -> None:
    for run in range(threat.shape[0]):
        threat[run] = felt_threat(tension[run], attack[run], mobilised[run])
        total[run] += threat[run]


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
