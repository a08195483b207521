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
from regional_sim.numerics.elementary import exp
from regional_sim.numerics.run_loops import add_product, any_above, copy, fill

_FRONTS = 3.0

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
def measure_three_fronts(world: World) -> None:
    """Set the mean chance that challenges to sender and ally fail."""
    challenger = world.role[Role.challenger]
    sender = world.role[Role.sender]
    ally = world.role[Role.ally]
    rival = world.role[Role.rival]
    if challenger < 0 or ally < 0 or rival < 0:
        return
    success = world.directed[DirectedVar.success_believed]
    mean = world.metric[Metric.trilateral_deterrence]
    for run in range(mean.shape[0]):
        likely = (
            success[challenger, sender, run]
            + success[challenger, ally, run]
            + success[rival, ally, run]
        )
        mean[run] = 1.0 - likely / _FRONTS


@inlined
def measure_probing(world: World) -> None:
    """Set contact with probing over that at the start, where one side can probe the other."""
    activity = world.metric[Metric.grey_zone_activity]
    at_start = world.scratch[_PATH]
    fill(activity, 0.0)
    fill(at_start, 0.0)
    probes = world.directed[DirectedVar.probes]
    for i in range(world.state.shape[1]):
        for j in range(i + 1, world.state.shape[1]):
            if any_above(probes[i, j], 0.0) or any_above(probes[j, i], 0.0):
                _add_probing(
                    activity,
                    at_start,
                    world.pair[PairVar.contact, world.pair_of[i, j]],
                    world.directed,
                    i,
                    j,
                )
    for run in range(activity.shape[0]):
        met = at_start[run] > 0.0
        activity[run] = activity[run] / at_start[run] if met else 1.0


@noalias_loop
def _add_probing(
    activity: Floats, at_start: Floats, contact: Floats, directed: Floats, i: int, j: int
) -> None:
    for run in range(activity.shape[0]):
        either = directed[DirectedVar.probes, i, j, run] + directed[DirectedVar.probes, j, i, run]
        met = contact[run] if either > 0.0 else 0.0
        probing = (
            directed[DirectedVar.probing, i, j, run] + directed[DirectedVar.probing, j, i, run]
        )
        activity[run] += met * exp(probing)
        at_start[run] += met


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
    path = world.scratch[_PATH]
    drawn = world.scratch[_DRAWN]
    fill(total, 0.0)
    fill(hedgers, 0.0)
    for i in range(world.state.shape[1]):
        for j in range(i + 1, world.state.shape[1]):
            _set_path(path, world.pair, world.directed, i, j, world.pair_of[i, j])
            fill(drawn, 0.0)
            _add_drawn(world, drawn, i, j, 1.0)
            add_product(hedgers, path, drawn)
            _add_drawn(world, drawn, i, j, 0.0)
            add_product(total, path, drawn)


@noalias_loop
def _set_path(path: Floats, pairs: Floats, directed: Floats, i: int, j: int, pair: int) -> None:
    """Set the chance to climb from the rung at which the month began to rung 3."""
    for run in range(path.shape[0]):
        began = pairs[PairVar.rung, pair, run] - pairs[PairVar.rung_change, pair, run]
        trigger = pairs[PairVar.trigger, pair, run]
        to_1 = trigger * escalation.either(
            directed[DirectedVar.step_1, i, j, run], directed[DirectedVar.step_1, j, i, run]
        )
        to_2 = trigger * escalation.either(
            directed[DirectedVar.step_2, i, j, run], directed[DirectedVar.step_2, j, i, run]
        )
        to_3 = trigger * escalation.either(
            directed[DirectedVar.step_3, i, j, run], directed[DirectedVar.step_3, j, i, run]
        )
        chance = to_1 if began <= ladder.NORMAL else 1.0
        chance = chance * (to_2 if began <= ladder.CONFRONTATION else 1.0)
        path[run] = chance * (to_3 if began <= ladder.COERCION else 1.0)


@inlined
def _add_drawn(world: World, drawn: Floats, i: int, j: int, hedgers: float) -> None:
    """Add the expected number of third states that fight for i or for j.

    Either the hedgers among them (1), or those that are none (0).
    """
    abstain = world.belief[BeliefVar.abstain_probability, Observer.third]
    for k in range(world.state.shape[1]):
        if k not in (i, j) and world.group[Group.hedgers, k] == hedgers:
            _draw_in(drawn, abstain[k, i], abstain[k, j])


@noalias_loop
def _draw_in(drawn: Floats, abstain_first: Floats, abstain_second: Floats) -> None:
    for run in range(drawn.shape[0]):
        drawn[run] += 1.0 - abstain_first[run] * abstain_second[run]
