"""Incidents: where forces meet, counts excite themselves and may put the next rung on the table."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import escalation, incidents
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.numeric import larger
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import Draw, Lever, PairVar, StateVar, World
from regional_sim.world.phases.channels import sender_to_challenger

# Scratch rows.
_BASE = 0
_PLACE = 1


@compiled
def meet(world: World, month: int, lo: int, hi: int) -> None:
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
    patrolled = sender_to_challenger(world, i, j)
    base = world.scratch[_BASE]
    contact = world.pair[PairVar.contact, pair]
    rung = world.pair[PairVar.rung, pair]
    tension = world.pair[PairVar.tension, pair]
    channel = world.pair[PairVar.channel, pair]
    readiness = world.state[StateVar.readiness]
    level = world.lever[Lever.level, Instrument.joint_patrols]
    level_start = world.lever[Lever.start, Instrument.joint_patrols]
    param = world.param
    for run in range(base.shape[0]):
        patrols = patrolled * param[Param.patrols_presence, run] * (level[run] - level_start[run])
        met = (
            contact[run]
            * larger(1.0 + patrols, 0.0)
            * (1.0 + param[Param.rung_presence, run] * rung[run])
        )
        base[run] = incidents.presence(met, readiness[i, run], readiness[j, run])
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
    base = world.scratch[_BASE]
    intensity = world.pair[PairVar.intensity, pair]
    excitation = world.pair[PairVar.excitation, pair]
    trigger = world.pair[PairVar.trigger, pair]
    rung = world.pair[PairVar.rung, pair]
    param = world.param
    for run in range(base.shape[0]):
        intensity[run] = incidents.total_intensity(base[run], excitation[run])
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        trigger[run] = escalation.expected_trigger(
            intensity[run], param[Param.trigger_probability, run], standing
        )


@inlined
def _draw_incidents(world: World, month: int, pair: int) -> None:
    uniform = world.draw[month % world.draw.shape[0], Draw.incident, pair]
    intensity = world.pair[PairVar.intensity, pair]
    excitation = world.pair[PairVar.excitation, pair]
    counted = world.pair[PairVar.incidents, pair]
    triggered = world.pair[PairVar.triggered, pair]
    rung = world.pair[PairVar.rung, pair]
    param = world.param
    place = world.scratch[_PLACE]
    for run in range(counted.shape[0]):
        counted[run], place[run] = incidents.poisson_count(intensity[run], uniform[run])
    for run in range(counted.shape[0]):
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        chance = escalation.triggered(counted[run], param[Param.trigger_probability, run], standing)
        triggered[run] = 1.0 if place[run] < chance else 0.0
    for run in range(counted.shape[0]):
        excitation[run] = incidents.next_excitation(
            excitation[run],
            param[Param.incident_decay, run],
            param[Param.incident_branching, run],
            counted[run],
        )
