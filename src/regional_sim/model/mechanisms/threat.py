"""Mechanism 16. Threat: what a state has to fear of states that are hostile to it.

A threat is the force that another can bring against a state over its own, weighed by how hostile
the two were at the start of the run: friends do not threaten, and tension of today is not counted
twice.  The form is stipulated.
"""

from regional_sim.model.variables import DirectedVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import log
from regional_sim.numerics.run_loops import any_above, fill


@inlined
def felt_threat(hostility: float, attack: float, mobilised: float) -> float:
    """Return w (1/2 + 1/4 ln(A / M)), the threat of a hostile state.

    Parameters
    ----------
    hostility : float
        Square root w of the tension of the pair at the start, in (0, 1); 0 for states that are not
        hostile.
    attack : float
        Force A that the other and its supporters can bring, billion USD, above 0.
    mobilised : float
        Force M of the threatened state at home, billion USD, above 0.

    Returns
    -------
    float
        Threat; rises without bound, but slowly.

    Examples
    --------
    >>> float(felt_threat(0.5, 2.0, 2.0))
    0.25
    """
    return hostility * (0.5 + 0.25 * log(attack / mobilised))


@compiled
def update_threat(world: World, month: int, lo: int, hi: int) -> None:
    """Update the threats that the states in [lo, hi) feel."""
    for i in range(lo, hi):
        fill(world.state[StateVar.threat, i], 0.0)
        for j in range(world.state.shape[1]):
            if j != i and any_above(world.directed[DirectedVar.hostile, i, j], 0.0):
                # Where both see alike, i expects the attack that j itself counts on.
                attack = world.directed[DirectedVar.attack, j, i]
                if world.observer_of[i] != world.observer_of[j]:
                    attack = world.directed[DirectedVar.attack_seen, i, j]
                _add_threat(
                    world.state[StateVar.threat, i],
                    world.directed[DirectedVar.threat, i, j],
                    attack,
                    world.state[StateVar.mobilised, i],
                    world.directed[DirectedVar.hostile, i, j],
                )


@noalias_loop
def _add_threat(
    total: Floats, threat: Floats, attack: Floats, mobilised: Floats, hostility: Floats
) -> None:
    for run in range(threat.shape[0]):
        threat[run] = felt_threat(hostility[run], attack[run], mobilised[run])
        total[run] += threat[run]
