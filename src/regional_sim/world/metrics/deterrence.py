"""Deterrence, entanglement, the challenger, and detection."""

from regional_sim.rules import escalation
from regional_sim.rules.compiled import compiled
from regional_sim.world.layout import (
    BeliefVar,
    DirectedVar,
    Group,
    PairVar,
    Role,
    StateVar,
    View,
    World,
)
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.rows import copy, fill

# Scratch rows.
_PATH = 0
_DRAWN = 1

_RUNGS_TO_FORCE = 3


@compiled
def measure_challenge(world: World) -> None:
    """Set the challenger's hazard against the partner and what deters it."""
    challenger = world.role[Role.challenger]
    partner = world.role[Role.partner]
    if challenger < 0 or partner < 0:
        return
    trigger = world.pair[PairVar.trigger, world.pair_of[challenger, partner]]
    chance = world.directed[DirectedVar.chance, challenger, partner]
    success = world.directed[DirectedVar.success_believed, challenger, partner]
    for run in range(trigger.shape[0]):
        world.metric[Metric.escalation_hazard, run] = trigger[run] * chance[run]
        world.metric[Metric.shared_deterrence, run] = 1.0 - success[run]


@compiled
def measure_challenger(world: World) -> None:
    """Set the readiness of the challenger and its mean pressure on others."""
    challenger = world.role[Role.challenger]
    if challenger < 0:
        return
    copy(world.state[StateVar.readiness, challenger], world.metric[Metric.challenger_readiness])
    mean = world.metric[Metric.challenger_pressure]
    n_states = world.state.shape[1]
    fill(mean, 0.0)
    for i in range(n_states):
        pressure = world.state[StateVar.pressure, i]
        for run in range(mean.shape[0]):
            mean[run] += pressure[run] / (n_states - 1)


@compiled
def measure_detection(world: World) -> None:
    """Set the partner's detection."""
    partner = world.role[Role.partner]
    if partner >= 0:
        copy(world.state[StateVar.detection, partner], world.metric[Metric.threat_detection])


@compiled
def measure_entanglement(world: World) -> None:
    """Set the expected number of third states, and of hedgers, drawn into a use of force."""
    total = world.metric[Metric.entanglement]
    hedgers = world.metric[Metric.entanglement_hedgers]
    fill(total, 0.0)
    fill(hedgers, 0.0)
    n_states = world.state.shape[1]
    path = world.scratch[_PATH]
    for i in range(n_states):
        for j in range(i + 1, n_states):
            _set_path(world, i, j)
            _sum_drawn(world, i, j, False)
            drawn = world.scratch[_DRAWN]
            for run in range(total.shape[0]):
                total[run] += path[run] * drawn[run]
            _sum_drawn(world, i, j, True)
            for run in range(total.shape[0]):
                hedgers[run] += path[run] * drawn[run]


@compiled
def _set_path(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the chance to climb from the present rung to rung 3."""
    pair = world.pair_of[i, j]
    path = world.scratch[_PATH]
    rung = world.pair[PairVar.rung, pair]
    change = world.pair[PairVar.rung_change, pair]
    trigger = world.pair[PairVar.trigger, pair]
    fill(path, 1.0)
    for step in range(_RUNGS_TO_FORCE):
        first = world.directed[DirectedVar.step_1 + step, i, j]
        second = world.directed[DirectedVar.step_1 + step, j, i]
        for run in range(path.shape[0]):
            climb = trigger[run] * escalation.either(first[run], second[run])
            began = rung[run] - change[run]  # the chances belong to this rung
            path[run] = path[run] * (climb if began <= step else 1.0)


@compiled
def _sum_drawn(world: World, i: int, j: int, hedgers_only: bool) -> None:
    """Leave in a scratch row the expected number of third states that fight for i or for j."""
    drawn = world.scratch[_DRAWN]
    fill(drawn, 0.0)
    for k in range(world.state.shape[1]):
        if k in (i, j) or (hedgers_only and world.group[Group.hedgers, k] == 0.0):
            continue
        for_first = world.belief[BeliefVar.commitment, View.third, k, i]
        for_second = world.belief[BeliefVar.commitment, View.third, k, j]
        for run in range(drawn.shape[0]):
            drawn[run] += escalation.either(for_first[run], for_second[run])
