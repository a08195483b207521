"""Force: what each state can bring to every place, and for whom."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import contest, force
from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.numeric import larger, smaller
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import BeliefVar, DirectedVar, Lever, Role, StateVar, World

# Scratch rows.
_TIMELY = 0
_STRIKING = 1
_DEFENDING = 2


@compiled
def mobilise(world: World, month: int, lo: int, hi: int) -> None:
    """Update the force at home of the states in [lo, hi)."""
    for k in range(lo, hi):
        mobilised = world.state[StateVar.mobilised, k]
        capability = world.state[StateVar.capability, k]
        readiness = world.state[StateVar.readiness, k]
        for run in range(mobilised.shape[0]):
            mobilised[run] = force.mobilised(capability[run], readiness[run])


@compiled
def project(world: World, view: int, lo: int, hi: int) -> None:
    """Update the forces of the states in [lo, hi) as a view sees them."""
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                _set_timely(world, k, j)
                if world.host[k, j] < 0:
                    _reach_from_home(world, k, j)
                else:
                    _reach_from_base(world, view, k, j, world.host[k, j])
                _offer(world, view, k, j)


@inlined
def _set_timely(world: World, k: int, j: int) -> None:
    """Leave in scratch the share of k's force that counts in time for j."""
    drilled = 1.0 if k == world.role[Role.sender] and j == world.role[Role.partner] else 0.0
    timely = world.scratch[_TIMELY]
    interoperability = world.directed[DirectedVar.interoperability, k, j]
    warning = world.state[StateVar.detection, j]
    level = world.lever[Lever.level, Instrument.joint_patrols]
    level_start = world.lever[Lever.start, Instrument.joint_patrols]
    gain = world.param[Param.interoperability_gain]
    for run in range(timely.shape[0]):
        share = interoperability[run] + drilled * gain[run] * (level[run] - level_start[run])
        timely[run] = contest.timely_share(larger(smaller(share, 1.0), 0.0), warning[run])


@inlined
def _reach_from_home(world: World, k: int, j: int) -> None:
    """Leave in scratch the force that reaches j where no host has a say: the same to all."""
    striking = world.scratch[_STRIKING]
    defending = world.scratch[_DEFENDING]
    mobilised = world.state[StateVar.mobilised, k]
    near = world.directed[DirectedVar.near_share, k, j]
    for run in range(striking.shape[0]):
        reached = mobilised[run] * near[run]
        striking[run] = reached
        defending[run] = reached


@inlined
def _reach_from_base(world: World, view: int, k: int, j: int, host: int) -> None:
    """Leave in scratch the force that reaches j from a host's base, to strike and to defend."""
    striking = world.scratch[_STRIKING]
    defending = world.scratch[_DEFENDING]
    mobilised = world.state[StateVar.mobilised, k]
    near = world.directed[DirectedVar.near_share, k, j]
    home = world.directed[DirectedVar.home_share, k, j]
    apart_from_guest = world.belief[BeliefVar.aside, view, host, k]
    apart_from_target = world.belief[BeliefVar.aside, view, host, j]
    for run in range(striking.shape[0]):
        for_guest = 1.0 - apart_from_guest[run]
        # On the diagonal nothing is set: a host of its own defence always opens the base.
        for_target = 1.0 - apart_from_target[run]
        access = force.defence_access(for_guest, for_target)
        striking[run] = force.projected(mobilised[run], near[run], home[run], for_guest)
        defending[run] = force.projected(mobilised[run], near[run], home[run], access)


@inlined
def _offer(world: World, view: int, k: int, j: int) -> None:
    """Set what k brings against j, for j, and to an attack by j."""
    timely = world.scratch[_TIMELY]
    striking = world.scratch[_STRIKING]
    defending = world.scratch[_DEFENDING]
    aside = world.belief[BeliefVar.aside, view, k, j]
    reach = world.directed[DirectedVar.force, k, j]
    helping = world.directed[DirectedVar.help, k, j]
    strike = world.directed[DirectedVar.strike, k, j]
    lend = world.directed[DirectedVar.lend, k, j]
    for run in range(aside.shape[0]):
        shared = timely[run] * (1.0 - aside[run])
        reach[run] = striking[run]
        strike[run] = striking[run] * aside[run]
        lend[run] = shared
        helping[run] = defending[run] * shared
