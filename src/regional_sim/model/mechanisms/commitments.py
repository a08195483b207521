"""Mechanism 9. Commitments: what states would truly fight for moves slowly from its treaty.

A threat common to both states binds, trade with those that threaten the other loosens, and
neutral states take on less.  Signs follow the sources; sizes and speed are stipulated.

References
----------
Walt, S. (1987). *The Origins of Alliances*. Cornell.
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger
from regional_sim.numerics.run_loops import sum_products


@inlined
def next_commitment(
    value: float,
    rate: float,
    anchor: float,
    threat_gain: float,
    threat_excess: float,
    openness: float,
    exposure_gain: float,
    exposure_excess: float,
) -> float:
    """Return c + r (c0 + g o (threat - threat0) - g' (exposure - exposure0) - c).

    Parameters
    ----------
    value, anchor : float
        Logit of the true commitment now, c, and by treaty, c0.
    rate : float
        Speed r, per month.
    threat_gain, exposure_gain : float
        Logits g and g' per unit of common threat and of exposure.
    threat_excess, exposure_excess : float
        Common threat and exposure above their start.
    openness : float
        (1 - neutrality) of both states multiplied o, in [0, 1].

    Returns
    -------
    float
        Logit of the next month's commitment.

    Examples
    --------
    >>> next_commitment(1.0, 0.5, 0.5, 4.0, 0.25, 0.5, 2.0, 0.25)
    0.75
    """
    pull = threat_gain * openness * threat_excess - exposure_gain * exposure_excess
    return value + rate * (anchor - value + pull)


@compiled
def update_commitments(world: World, month: int, lo: int, hi: int) -> None:
    """Update the true commitments of the states in [lo, hi) to all others."""
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                set_commitment_inputs(world, k, j)
                _move(
                    world.directed[DirectedVar.commitment, k, j],
                    world.directed[DirectedVar.anchor, k, j],
                    world.directed[DirectedVar.common_threat, k, j],
                    world.directed[DirectedVar.common_threat_start, k, j],
                    world.directed[DirectedVar.exposure, k, j],
                    world.directed[DirectedVar.exposure_start, k, j],
                    world.state[StateVar.neutrality, k],
                    world.state[StateVar.neutrality, j],
                    world.param,
                )


@inlined
def set_commitment_inputs(world: World, k: int, j: int) -> None:
    """Set the threat common to k and j, and k's trade exposed to those that threaten j."""
    common = world.directed[DirectedVar.common_threat, k, j]
    exposure = world.directed[DirectedVar.exposure, k, j]
    threats = world.directed[DirectedVar.threat]
    sum_products(common, threats, k, threats, j, False)
    sum_products(exposure, threats, j, world.directed[DirectedVar.trade], k, False)
    _average(exposure, world.state[StateVar.threat, j], threats[j, k], world.state[StateVar.gdp, k])


@noalias_loop
def _average(exposure: Floats, threat: Floats, threat_by_other: Floats, gdp: Floats) -> None:
    """Turn a sum of trade weighted by threat into a mean over GDP."""
    for run in range(exposure.shape[0]):
        by_others = larger(threat[run] - threat_by_other[run], 1e-12)
        exposure[run] = exposure[run] / (by_others * gdp[run])


@noalias_loop
def _move(
    commitment: Floats,
    anchor: Floats,
    common: Floats,
    common_start: Floats,
    exposure: Floats,
    exposure_start: Floats,
    neutrality: Floats,
    other_neutrality: Floats,
    param: Floats,
) -> None:
    for run in range(commitment.shape[0]):
        commitment[run] = next_commitment(
            commitment[run],
            param[Param.commitment_rate, run],
            anchor[run],
            param[Param.commitment_threat, run],
            common[run] - common_start[run],
            (1.0 - neutrality[run]) * (1.0 - other_neutrality[run]),
            param[Param.commitment_exposure, run],
            exposure[run] - exposure_start[run],
        )
