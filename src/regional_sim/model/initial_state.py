"""The initial state: every starting value, computed by the phases themselves.

It is a rest point: without noise and incidents, and with instruments held, nothing moves.
"""

from __future__ import annotations

from regional_sim.model.mechanisms import escalation, incidents, ladder
from regional_sim.model.mechanisms.align import set_common_threat
from regional_sim.model.mechanisms.ambiguity import update_believed_commitments
from regional_sim.model.mechanisms.contest import contest_success
from regional_sim.model.mechanisms.force import mobilise_force, project_force
from regional_sim.model.mechanisms.implementation import implement_posture, open_channels
from regional_sim.model.mechanisms.payoff import set_outlook, set_restraint
from regional_sim.model.mechanisms.perception import update_belief_errors
from regional_sim.model.mechanisms.readiness import set_partner_help
from regional_sim.model.mechanisms.stance import cast_votes
from regional_sim.model.mechanisms.tension import set_tension_inputs
from regional_sim.model.mechanisms.threat import update_threat
from regional_sim.model.mechanisms.trade import set_bond, sum_trade
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    DirectedVar,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import logistic, smaller

START = -1
"""The month before the first, in which the phases set the starting values."""

_RUNGS_EXPECTED = 3
_SIGNALS = (RegionVar.novelty, RegionVar.signal, RegionVar.hostility, RegionVar.resolve)


def settle_start(world: World) -> None:
    """Set all starting values of a batch whose inputs are filled."""
    n_states = world.state.shape[1]
    settle_tension(world)
    world.state[StateVar.stance_next] = world.state[StateVar.stance]
    world.region[RegionVar.theta] = world.param[Param.theta_challenger]
    world.region[RegionVar.patron_share] = 1.0
    for phase in (implement_posture, open_channels, cast_votes, update_belief_errors):
        phase(world, START, 0, n_states)
    world.region[RegionVar.firmness_start] = world.region[RegionVar.firmness]
    for variable in _SIGNALS:
        world.region[variable] = 0.0
    world.pair[PairVar.restraint] = world.pair[PairVar.restraint_start]
    world.state[StateVar.detection_start] = world.state[StateVar.detection]
    world.directed[DirectedVar.error] = 0.0
    for phase in (sum_trade, update_believed_commitments, mobilise_force):
        phase(world, START, 0, n_states)
    for observer in Observer:
        project_force(world, int(observer), 0, n_states)
        contest_success(world, int(observer), 0, n_states)
    update_threat(world, START, 0, n_states)
    settle_inputs(world)
    _copy_inputs_to_starts(world)
    expect_incidents_and_rungs(world)


@compiled
def settle_tension(world: World) -> None:
    """Set tension and its start from the latent levels, and the bonds of all pairs."""
    n_states = world.state.shape[1]
    for pair in range(world.pair.shape[1]):
        for run in range(world.pair.shape[2]):
            tension = logistic(world.pair[PairVar.level, pair, run])
            world.pair[PairVar.tension, pair, run] = tension
            world.pair[PairVar.tension_start, pair, run] = tension
    for i in range(n_states):
        for j in range(i + 1, n_states):
            set_bond(world, i, j)


@compiled
def settle_inputs(world: World) -> None:
    """Set what drives alignment, readiness and tension."""
    n_states = world.state.shape[1]
    set_partner_help(world)
    for i in range(n_states):
        for j in range(n_states):
            if j != i:
                set_common_threat(world, i, j)
        for j in range(i + 1, n_states):
            set_tension_inputs(world, i, j)


def _copy_inputs_to_starts(world: World) -> None:
    world.state[StateVar.threat_start] = world.state[StateVar.threat]
    world.pair[PairVar.divergence_start] = world.pair[PairVar.divergence]
    world.pair[PairVar.threat_both_start] = world.pair[PairVar.threat_both]
    world.region[RegionVar.partner_help_start] = world.region[RegionVar.partner_help]
    for name in ("threat", "common_threat"):
        now, start = DirectedVar[name], DirectedVar[f"{name}_start"]
        world.directed[start] = world.directed[now]
    world.directed[DirectedVar.success_start] = world.directed[DirectedVar.success_believed]
    challenger = world.role[Role.challenger]
    if challenger >= 0:
        world.region[RegionVar.market_start] = world.state[StateVar.gdp, challenger]
        pair = world.pair_of[world.role[Role.sender], challenger]
        world.region[RegionVar.channel_start] = world.pair[PairVar.channel, pair]


@compiled
def expect_incidents_and_rungs(world: World) -> None:
    """Set the incidents, the excitation and the rung that a pair is expected to have."""
    n_states = world.state.shape[1]
    for i in range(n_states):
        set_outlook(world, i)
        for j in range(n_states):
            if j != i:
                set_restraint(world, i, j)
                escalation.set_expectations(world, i, j)
                escalation.set_steps(world, i, j, _RUNGS_EXPECTED)
    # Scratch rows 1 to 6 are free now: the chances to climb to each rung and to leave it again.
    up = world.scratch[1:4]
    down = world.scratch[4:7]
    for i in range(n_states):
        for j in range(i + 1, n_states):
            incidents.set_base_intensity(world, i, j)
            _expect_incidents(world, world.pair_of[i, j])
            for step in range(_RUNGS_EXPECTED):
                ladder.set_exit_chance(world, i, j, step + 1)
                _expect_step(world, up[step], down[step], i, j, step)
            _expect_rung(world.pair[PairVar.rung_start, world.pair_of[i, j]], up, down)
            _expect_crises(world, world.pair_of[i, j])


@inlined
def _expect_incidents(world: World, pair: int) -> None:
    base = world.scratch[incidents.BASE]
    for run in range(base.shape[0]):
        branching = world.param[Param.incident_branching, run]
        mean = incidents.expected_count(base[run], branching)
        expected = incidents.total_intensity(mean, 0.0)
        world.pair[PairVar.incidents_start, pair, run] = expected
        world.pair[PairVar.excitation, pair, run] = branching * expected


@inlined
def _expect_crises(world: World, pair: int) -> None:
    """Add the incidents of the forces that gather in disputes to the expected ones."""
    for run in range(world.pair.shape[2]):
        rung = world.pair[PairVar.rung_start, pair, run]
        gathered = 1.0 + world.param[Param.rung_presence, run] * rung
        expected = incidents.total_intensity(
            world.pair[PairVar.incidents_start, pair, run] * gathered, 0.0
        )
        branching = world.param[Param.incident_branching, run]
        world.pair[PairVar.incidents_start, pair, run] = expected
        world.pair[PairVar.excitation, pair, run] = branching * expected


@inlined
def _expect_step(world: World, up: Floats, down: Floats, i: int, j: int, step: int) -> None:
    """Set the chances per month to climb to the rung after ``step`` and to leave it again."""
    pair = world.pair_of[i, j]
    for run in range(up.shape[0]):
        down[run] = world.scratch[ladder.EXIT, run]
        gathered = 1.0 + world.param[Param.rung_presence, run] * step
        intensity = incidents.total_intensity(
            world.pair[PairVar.incidents_start, pair, run] * gathered, 0.0
        )
        standing = world.param[Param.crisis_trigger, run] if step > 0 else 0.0
        trigger = incidents.expected_trigger(
            intensity, world.param[Param.trigger_probability, run], standing
        )
        either = escalation.either(
            world.directed[DirectedVar.step_1 + step, i, j, run],
            world.directed[DirectedVar.step_1 + step, j, i, run],
        )
        up[run] = smaller(trigger * either, 0.99)


@noalias_loop
def _expect_rung(rung: Floats, up: Floats, down: Floats) -> None:
    for run in range(rung.shape[0]):
        rung[run] = ladder.expected_rung(
            up[0, run], up[1, run], up[2, run], down[0, run], down[1, run], down[2, run]
        )
