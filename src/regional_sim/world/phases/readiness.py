"""Readiness: every state arms against the threat it feels."""

from regional_sim.rules import readiness
from regional_sim.rules.compiled import compiled
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import StateVar, World


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
            level[run] = readiness.next_readiness(
                level[run],
                fatigue[run],
                ratio[run],
                deterrence[run],
                threat[run] - threat_start[run],
            )
