"""Incidents: where forces meet, counts excite themselves and may put the next rung on the table."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import escalation, incidents
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.numeric import larger
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import Draw, Floats, InstrumentRow, PairVar, StateVar, World
from regional_sim.world.phases.channels import sender_to_challenger

# Scratch rows.
_BASE = 0
_PLACE = 1


@compiled
def draw_incidents(world: World, month: int, lo: int, hi: int) -> None:
    """Draw the incidents of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            set_base_intensity(world, i, j)
            _set_intensity(world, world.pair_of[i, j])
            _draw_incidents(world, month, world.pair_of[i, j])


@inlined
def set_base_intensity(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the pair's intensity without excitation."""
    pair = world.pair_of[i, j]
    base = world.scratch[_BASE]
    _bring_together(
        base,
        world.pair[PairVar.contact, pair],
        world.pair[PairVar.rung, pair],
        world.state[StateVar.readiness, i],
        world.state[StateVar.readiness, j],
        world.instrument[InstrumentRow.level, Instrument.joint_patrols],
        world.instrument[InstrumentRow.start, Instrument.joint_patrols],
        sender_to_challenger(world, i, j),
        world.param,
    )
    _thin(
        base,
        world.pair[PairVar.tension, pair],
        world.pair[PairVar.channel, pair],
        world.param,
    )


@noalias_loop
def _bring_together(
    presence: Floats,
    contact: Floats,
    rung: Floats,
    readiness: Floats,
    other_readiness: Floats,
    level: Floats,
    level_start: Floats,
    patrolled: float,
    param: Floats,
) -> None:
    for run in range(presence.shape[0]):
        patrols = patrolled * param[Param.patrols_presence, run] * (level[run] - level_start[run])
        met = (
            contact[run]
            * larger(1.0 + patrols, 0.0)
            * (1.0 + param[Param.rung_presence, run] * rung[run])
        )
        presence[run] = incidents.presence_multiplier(met, readiness[run], other_readiness[run])


@noalias_loop
def _thin(base: Floats, tension: Floats, channel: Floats, param: Floats) -> None:
    """Turn presence into intensity."""
    for run in range(base.shape[0]):
        base[run] = incidents.base_intensity(
            base[run],
            tension[run],
            param[Param.incident_floor, run],
            param[Param.incident_scale, run],
            param[Param.channel_thinning, run] * channel[run],
        )


@inlined
def _set_intensity(world: World, pair: int) -> None:
    _excite(
        world.pair[PairVar.intensity, pair],
        world.pair[PairVar.trigger, pair],
        world.scratch[_BASE],
        world.pair[PairVar.excitation, pair],
        world.pair[PairVar.rung, pair],
        world.param,
    )


@noalias_loop
def _excite(
    intensity: Floats,
    trigger: Floats,
    base: Floats,
    excitation: Floats,
    rung: Floats,
    param: Floats,
) -> None:
    for run in range(base.shape[0]):
        intensity[run] = incidents.total_intensity(base[run], excitation[run])
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        trigger[run] = escalation.expected_trigger(
            intensity[run], param[Param.trigger_probability, run], standing
        )


@inlined
def _draw_incidents(world: World, month: int, pair: int) -> None:
    counted = world.pair[PairVar.incidents, pair]
    place = world.scratch[_PLACE]
    _count(
        counted,
        place,
        world.pair[PairVar.intensity, pair],
        world.draw[month % world.draw.shape[0], Draw.incident, pair],
    )
    _trigger(
        world.pair[PairVar.triggered, pair],
        counted,
        place,
        world.pair[PairVar.rung, pair],
        world.param,
    )
    _remember(world.pair[PairVar.excitation, pair], counted, world.param)


@noalias_loop
def _count(counted: Floats, place: Floats, intensity: Floats, uniform: Floats) -> None:
    for run in range(counted.shape[0]):
        counted[run], place[run] = incidents.poisson_count(intensity[run], uniform[run])


@noalias_loop
def _trigger(
    triggered: Floats, counted: Floats, place: Floats, rung: Floats, param: Floats
) -> None:
    for run in range(counted.shape[0]):
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        chance = escalation.triggered(counted[run], param[Param.trigger_probability, run], standing)
        triggered[run] = 1.0 if place[run] < chance else 0.0


@noalias_loop
def _remember(excitation: Floats, counted: Floats, param: Floats) -> None:
    for run in range(counted.shape[0]):
        excitation[run] = incidents.next_excitation(
            excitation[run],
            param[Param.incident_decay, run],
            param[Param.incident_branching, run],
            counted[run],
        )
