"""Commitments: true readiness to fight for another moves with common threat and exposure."""

from regional_sim.rules import commitments
from regional_sim.rules.compiled import compiled
from regional_sim.rules.numeric import larger
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import DirectedVar, PairVar, StateVar, World

# Scratch row.
_THREAT = 0


@compiled
def commit(world: World, month: int, lo: int, hi: int) -> None:
    """Update the true commitments of the states in [lo, hi) to all others."""
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                set_inputs(world, k, j)
                _move(world, k, j)


@compiled
def set_inputs(world: World, k: int, j: int) -> None:
    """Set the threat common to k and j, and k's trade exposed to those that threaten j."""
    common = world.directed[DirectedVar.common_threat, k, j]
    exposure = world.directed[DirectedVar.exposure, k, j]
    on_friend = world.scratch[_THREAT]
    gdp = world.state[StateVar.gdp, k]
    n_runs = common.shape[0]
    for run in range(n_runs):
        common[run] = 0.0
        exposure[run] = 0.0
        on_friend[run] = 0.0
    for attacker in range(world.state.shape[1]):
        if attacker not in (k, j):
            threat_k = world.directed[DirectedVar.threat, k, attacker]
            threat_j = world.directed[DirectedVar.threat, j, attacker]
            trade = world.pair[PairVar.trade, world.pair_of[k, attacker]]
            for run in range(n_runs):
                common[run] += commitments.common_threat(threat_k[run], threat_j[run])
                exposure[run] += threat_j[run] * trade[run]
                on_friend[run] += threat_j[run]
    for run in range(n_runs):
        exposure[run] = exposure[run] / (larger(on_friend[run], 1e-12) * gdp[run])


@compiled
def _move(world: World, k: int, j: int) -> None:
    value = world.directed[DirectedVar.commitment, k, j]
    anchor = world.directed[DirectedVar.anchor, k, j]
    common = world.directed[DirectedVar.common_threat, k, j]
    common_start = world.directed[DirectedVar.common_threat_start, k, j]
    exposure = world.directed[DirectedVar.exposure, k, j]
    exposure_start = world.directed[DirectedVar.exposure_start, k, j]
    neutrality = world.state[StateVar.neutrality]
    param = world.param
    for run in range(value.shape[0]):
        value[run] = commitments.next_commitment(
            value[run],
            param[Param.commitment_rate, run],
            anchor[run],
            param[Param.commitment_threat, run],
            common[run] - common_start[run],
            (1.0 - neutrality[k, run]) * (1.0 - neutrality[j, run]),
            param[Param.commitment_exposure, run],
            exposure[run] - exposure_start[run],
        )
