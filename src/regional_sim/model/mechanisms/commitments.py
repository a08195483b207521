"""Mechanism 9. Commitments: what states would truly fight for follows treaty and alignment.

No published source for the speed: stipulated.
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import any_above


@inlined
def next_commitment(value: float, rate: float, anchor: float, alignment: float) -> float:
    """Return c + r (c0 + a - c).

    Parameters
    ----------
    value, anchor : float
        Logit of the true commitment now, c, and by treaty, c0.
    rate : float
        Speed r, per month.
    alignment : float
        Alignment a, logits.

    Returns
    -------
    float
        Logit of the next month's commitment.

    Examples
    --------
    >>> next_commitment(1.0, 0.5, 0.5, 0.25)
    0.875
    """
    return value + rate * (anchor + alignment - value)


@compiled
def update_commitments(world: World, month: int, lo: int, hi: int) -> None:
    """Update the true commitments of the states in [lo, hi) to those they can align with."""
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k and any_above(world.directed[DirectedVar.aligns, k, j], 0.0):
                _move(
                    world.directed[DirectedVar.commitment, k, j],
                    world.directed[DirectedVar.anchor, k, j],
                    world.directed[DirectedVar.alignment, k, j],
                    world.param[Param.commitment_rate],
                )


@noalias_loop
def _move(commitment: Floats, anchor: Floats, alignment: Floats, rate: Floats) -> None:
    for run in range(commitment.shape[0]):
        commitment[run] = next_commitment(commitment[run], rate[run], anchor[run], alignment[run])
