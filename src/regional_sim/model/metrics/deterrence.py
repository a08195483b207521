"""Deterrence, entanglement, the challenger, and detection."""

from regional_sim.model.mechanisms import escalation, ladder
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Group,
    Observer,
    PairVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop
from regional_sim.numerics.run_loops import add_product, copy, fill

# Scratch rows.
_PATH = 0
_DRAWN = 1


@inlined
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


@inlined
def measure_challenger(world: World) -> None:
    """Set the readiness of the challenger and its mean pressure on others."""
    challenger = world.role[Role.challenger]
    if challenger < 0:
        return
    copy(world.metric[Metric.challenger_readiness], world.state[StateVar.readiness, challenger])
    mean = world.metric[Metric.challenger_pressure]
    n_states = world.state.shape[1]
    fill(mean, 0.0)
    for i in range(n_states):
        pressure = world.state[StateVar.pressure, i]
        for run in range(mean.shape[0]):
            mean[run] += pressure[run] / (n_states - 1)


@inlined
def measure_detection(world: World) -> None:
    """Set the partner's detection."""
    partner = world.role[Role.partner]
    if partner >= 0:
        copy(world.metric[Metric.threat_detection], world.state[StateVar.detection, partner])


@inlined
def measure_entanglement(world: World) -> None:
    """Set the expected number of third states, and of hedgers, drawn into a use of force."""
    total = world.metric[Metric.entanglement]
    hedgers = world.metric[Metric.entanglement_hedgers]
    fill(total, 0.0)
    fill(hedgers, 0.0)
    n_states = world.state.shape[1]
    path = world.scratch[_PATH]
    drawn = world.scratch[_DRAWN]
    for i in range(n_states):
        for j in range(i + 1, n_states):
            _set_path(world, i, j)
            fill(drawn, 0.0)
            _add_drawn(world, i, j, 1.0)
            add_product(hedgers, path, drawn)
            _add_drawn(world, i, j, 0.0)
            add_product(total, path, drawn)


@inlined
def _set_path(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the chance to climb from the present rung to rung 3."""
    pair = world.pair_of[i, j]
    directed = world.directed
    _climb_to_force(
        world.scratch[_PATH],
        world.pair[PairVar.rung, pair],
        world.pair[PairVar.rung_change, pair],
        world.pair[PairVar.trigger, pair],
        *(directed[DirectedVar.step_1, i, j], directed[DirectedVar.step_1, j, i]),
        *(directed[DirectedVar.step_2, i, j], directed[DirectedVar.step_2, j, i]),
        *(directed[DirectedVar.step_3, i, j], directed[DirectedVar.step_3, j, i]),
    )


@noalias_loop
def _climb_to_force(
    path: Floats,
    rung: Floats,
    change: Floats,
    trigger: Floats,
    first_1: Floats,
    second_1: Floats,
    first_2: Floats,
    second_2: Floats,
    first_3: Floats,
    second_3: Floats,
) -> None:
    for run in range(path.shape[0]):
        began = rung[run] - change[run]  # the chances belong to this rung
        to_1 = trigger[run] * escalation.either(first_1[run], second_1[run])
        to_2 = trigger[run] * escalation.either(first_2[run], second_2[run])
        to_3 = trigger[run] * escalation.either(first_3[run], second_3[run])
        chance = to_1 if began <= ladder.NORMAL else 1.0
        chance = chance * (to_2 if began <= ladder.CONFRONTATION else 1.0)
        path[run] = chance * (to_3 if began <= ladder.COERCION else 1.0)


@inlined
def _add_drawn(world: World, i: int, j: int, hedgers: float) -> None:
    """Add to a scratch row the expected number of third states that fight for i or for j.

    Either the hedgers among them (1), or those that are none (0).
    """
    drawn = world.scratch[_DRAWN]
    for k in range(world.state.shape[1]):
        if k not in (i, j) and world.group[Group.hedgers, k] == hedgers:
            _draw_in(
                drawn,
                world.belief[BeliefVar.abstain_probability, Observer.third, k, i],
                world.belief[BeliefVar.abstain_probability, Observer.third, k, j],
            )


@noalias_loop
def _draw_in(drawn: Floats, apart_from_first: Floats, apart_from_second: Floats) -> None:
    for run in range(drawn.shape[0]):
        drawn[run] += 1.0 - apart_from_first[run] * apart_from_second[run]
