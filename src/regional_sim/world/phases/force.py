"""Force: what each state can bring to every place, and for whom."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import contest, force
from regional_sim.rules.compiled import compiled
from regional_sim.rules.numeric import larger, smaller
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import BeliefVar, DirectedVar, Lever, Role, StateVar, View, World


@compiled
def project(world: World, month: int, lo: int, hi: int) -> None:
    """Update the forces of the states in [lo, hi) as every view sees them."""
    n_states = world.state.shape[1]
    for k in range(lo, hi):
        _mobilise(world, k)
        for j in range(n_states):
            if j != k:
                _set_timely(world, k, j)
                for view in range(View.truth + 1):
                    _reach(world, view, k, j)


@compiled
def _mobilise(world: World, k: int) -> None:
    mobilised = world.state[StateVar.mobilised, k]
    capability = world.state[StateVar.capability, k]
    readiness = world.state[StateVar.readiness, k]
    for run in range(mobilised.shape[0]):
        mobilised[run] = force.mobilised(capability[run], readiness[run])


@compiled
def _set_timely(world: World, k: int, j: int) -> None:
    """Leave in scratch row 0 the share of k's force that counts in time for j."""
    drilled = 1.0 if k == world.role[Role.sender] and j == world.role[Role.partner] else 0.0
    timely = world.scratch[0]
    interoperability = world.directed[DirectedVar.interoperability, k, j]
    warning = world.state[StateVar.detection, j]
    level = world.lever[Lever.level, Instrument.joint_patrols]
    level_start = world.lever[Lever.start, Instrument.joint_patrols]
    gain = world.param[Param.interoperability_gain]
    for run in range(timely.shape[0]):
        share = interoperability[run] + drilled * gain[run] * (level[run] - level_start[run])
        timely[run] = contest.timely_share(larger(smaller(share, 1.0), 0.0), warning[run])


@compiled
def _set_access(world: World, view: int, k: int, j: int) -> None:
    """Leave in scratch rows 1 and 2 the access to k's base for striking and for defending j."""
    host = world.host[k, j]
    striking = world.scratch[1]
    defending = world.scratch[2]
    if host < 0:
        for run in range(striking.shape[0]):
            striking[run] = 1.0
            defending[run] = 1.0
        return
    believed = world.belief[BeliefVar.commitment, view]
    for run in range(striking.shape[0]):
        for_guest = believed[host, k, run]
        for_target = 1.0 if host == j else believed[host, j, run]
        striking[run] = for_guest
        defending[run] = force.defence_access(for_guest, for_target)


@compiled
def _reach(world: World, view: int, k: int, j: int) -> None:
    _set_access(world, view, k, j)
    timely = world.scratch[0]
    striking = world.scratch[1]
    defending = world.scratch[2]
    mobilised = world.state[StateVar.mobilised, k]
    near = world.directed[DirectedVar.near_share, k, j]
    home = world.directed[DirectedVar.home_share, k, j]
    believed = world.belief[BeliefVar.commitment, view, k, j]
    strike_force = world.belief[BeliefVar.force, view, k, j]
    helping = world.belief[BeliefVar.help, view, k, j]
    strike = world.belief[BeliefVar.strike, view, k, j]
    lend = world.belief[BeliefVar.lend, view, k, j]
    for run in range(believed.shape[0]):
        reached = force.projected(mobilised[run], near[run], home[run], striking[run])
        strike_force[run] = reached
        strike[run] = reached * (1.0 - believed[run])
    for run in range(believed.shape[0]):
        reached = force.projected(mobilised[run], near[run], home[run], defending[run])
        lend[run] = timely[run] * believed[run]
        helping[run] = reached * lend[run]
