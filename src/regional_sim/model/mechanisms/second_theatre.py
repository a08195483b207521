"""Mechanism 23. Second theatre: tension elsewhere binds forces of the patron.

What the patron keeps ready for its ally against the rival is missing for the partner; an ally that
aligns with the patron carries part of it.  No published source: stipulated.
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, Role, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop


@inlined
def free_share(bound: float, relief: float, tension: float, tension_start: float) -> float:
    """Return 1 - b ((1 - r) T - T0), the patron's force for the partner over that at the start.

    Parameters
    ----------
    bound : float
        Share b of the force that full tension binds, in [0, 0.5].
    relief : float
        Alignment of the ally toward the patron over its span r, in [-1, 1].
    tension, tension_start : float
        Tension of ally and rival now, T, and at the start, T0.

    Returns
    -------
    float
        1 at the start; at least 1 - 2 b.

    Examples
    --------
    >>> free_share(0.5, 0.0, 0.75, 0.25), free_share(0.5, 1.0, 0.75, 0.5)
    (0.75, 1.25)
    """
    return 1.0 - bound * ((1.0 - relief) * tension - tension_start)


@compiled
def divide_force(world: World, month: int, lo: int, hi: int) -> None:
    """Set what the patron has free for the partner, if the patron is in [lo, hi)."""
    patron = world.role[Role.patron]
    ally = world.role[Role.ally]
    rival = world.role[Role.rival]
    if patron < lo or patron >= hi or ally < 0 or rival < 0:
        return
    pair = world.pair_of[ally, rival]
    _set_free_share(
        world.region[RegionVar.patron_share],
        world.directed[DirectedVar.alignment, ally, patron],
        world.pair[PairVar.tension, pair],
        world.pair[PairVar.tension_start, pair],
        world.param,
    )


@noalias_loop
def _set_free_share(
    share: Floats, alignment: Floats, tension: Floats, tension_start: Floats, param: Floats
) -> None:
    for run in range(share.shape[0]):
        share[run] = free_share(
            param[Param.second_theatre, run],
            alignment[run] / param[Param.alignment_span, run],
            tension[run],
            tension_start[run],
        )
