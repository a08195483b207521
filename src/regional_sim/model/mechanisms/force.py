"""Mechanism 1. Force: what a state can bring to bear at a distance.

References
----------
Boulding, K. E. (1962). *Conflict and Defense*. Harper. (Loss-of-strength gradient.)
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms import contest
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    InstrumentRow,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp, larger, smaller


@inlined
def decay(distance_km: float, decay_km: float) -> float:
    """Return the share of force that survives a distance, exp(-d/d0), in (0, 1].

    Parameters
    ----------
    distance_km : float
        Distance from the nearest presence, km, at least 0.
    decay_km : float
        Distance over which force falls to 1/e, km.

    Returns
    -------
    float
        The share.

    Examples
    --------
    >>> float(decay(0.0, 3000.0))
    1.0
    """
    return exp(-distance_km / decay_km)


@inlined
def mobilised_force(capability: float, readiness: float) -> float:
    """Return C exp(z), the force of a state at home, in billion USD.

    Parameters
    ----------
    capability : float
        Capability C, billion USD.
    readiness : float
        Log-readiness z, 0 at the start.

    Returns
    -------
    float
        Force.

    Examples
    --------
    >>> float(mobilised(2.0, 0.0))
    2.0
    """
    return capability * exp(readiness)


@inlined
def projected(force: float, near_share: float, home_share: float, access: float) -> float:
    """Return the force that reaches a place, F * (access * near + (1 - access) * home).

    A force that loses its host's base is not lost: it comes from home, with the longer way.

    Parameters
    ----------
    force : float
        From :func:`mobilised_force`, billion USD.
    near_share, home_share : float
        Surviving shares from the forward base and from home, in (0, 1].
    access : float
        Believed chance that the host lets its base be used, in [0, 1].

    Returns
    -------
    float
        Projected force, billion USD.
    """
    return force * (access * near_share + (1.0 - access) * home_share)


@inlined
def defence_access(host_for_guest: float, host_for_target: float) -> float:
    """Return the chance that a host opens its base for a defence.

    The host opens it when it stands with the guest or with the state that is defended.

    Parameters
    ----------
    host_for_guest, host_for_target : float
        Believed chances that the host fights for each, in [0, 1].

    Returns
    -------
    float
        Chance in [0, 1].

    Examples
    --------
    >>> defence_access(0.5, 0.5)
    0.75
    """
    return 1.0 - (1.0 - host_for_guest) * (1.0 - host_for_target)


# Scratch rows.
_TIMELY = 0
_STRIKING = 1
_DEFENDING = 2


@compiled
def mobilise_force(world: World, month: int, lo: int, hi: int) -> None:
    """Update the force at home of the states in [lo, hi)."""
    for k in range(lo, hi):
        mobilised = world.state[StateVar.mobilised, k]
        capability = world.state[StateVar.capability, k]
        readiness = world.state[StateVar.readiness, k]
        for run in range(mobilised.shape[0]):
            mobilised[run] = mobilised_force(capability[run], readiness[run])


@compiled
def project_force(world: World, view: int, lo: int, hi: int) -> None:
    """Update the forces of the states in [lo, hi) as a view sees them."""
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                _set_timely(world, k, j)
                if world.host[k, j] < 0:
                    _reach_from_home(
                        world.scratch[_STRIKING],
                        world.scratch[_DEFENDING],
                        world.state[StateVar.mobilised, k],
                        world.directed[DirectedVar.near_share, k, j],
                    )
                else:
                    _reach_from_base(world, view, k, j, world.host[k, j])
                _offer(world, view, k, j)


@inlined
def _set_timely(world: World, k: int, j: int) -> None:
    """Leave in scratch the share of k's force that counts in time for j."""
    timely = world.scratch[_TIMELY]
    at_once = world.directed[DirectedVar.interoperability, k, j]
    warning = world.state[StateVar.detection, j]
    if k == world.role[Role.sender] and j == world.role[Role.partner]:
        _count_drilled(
            timely,
            at_once,
            warning,
            world.param[Param.interoperability_gain],
            world.instrument[InstrumentRow.level, Instrument.joint_patrols],
            world.instrument[InstrumentRow.start, Instrument.joint_patrols],
        )
    else:
        _count_timely(timely, at_once, warning)


@noalias_loop
def _count_timely(timely: Floats, at_once: Floats, warning: Floats) -> None:
    for run in range(timely.shape[0]):
        share = larger(smaller(at_once[run], 1.0), 0.0)
        timely[run] = contest.timely_share(share, warning[run])


@noalias_loop
def _count_drilled(
    timely: Floats,
    at_once: Floats,
    warning: Floats,
    gain: Floats,
    level: Floats,
    level_start: Floats,
) -> None:
    """Do the same for a supporter that drills with the state it supports."""
    for run in range(timely.shape[0]):
        share = at_once[run] + gain[run] * (level[run] - level_start[run])
        timely[run] = contest.timely_share(larger(smaller(share, 1.0), 0.0), warning[run])


@noalias_loop
def _reach_from_home(striking: Floats, defending: Floats, mobilised: Floats, near: Floats) -> None:
    """Set the force that reaches a place where no host has a say: the same to all."""
    for run in range(striking.shape[0]):
        reached = mobilised[run] * near[run]
        striking[run] = reached
        defending[run] = reached


@inlined
def _reach_from_base(world: World, view: int, k: int, j: int, host: int) -> None:
    """Leave in scratch the force that reaches j from a host's base, to strike and to defend.

    On the diagonal of beliefs nothing is set: a host of its own defence always opens the base.
    """
    _reach_with_consent(
        world.scratch[_STRIKING],
        world.scratch[_DEFENDING],
        world.state[StateVar.mobilised, k],
        world.directed[DirectedVar.near_share, k, j],
        world.directed[DirectedVar.home_share, k, j],
        world.belief[BeliefVar.abstain_probability, view, host, k],
        world.belief[BeliefVar.abstain_probability, view, host, j],
    )


@noalias_loop
def _reach_with_consent(
    striking: Floats,
    defending: Floats,
    mobilised: Floats,
    near: Floats,
    home: Floats,
    apart_from_guest: Floats,
    apart_from_target: Floats,
) -> None:
    for run in range(striking.shape[0]):
        for_guest = 1.0 - apart_from_guest[run]
        for_target = 1.0 - apart_from_target[run]
        access = defence_access(for_guest, for_target)
        striking[run] = projected(mobilised[run], near[run], home[run], for_guest)
        defending[run] = projected(mobilised[run], near[run], home[run], access)


@inlined
def _offer(world: World, view: int, k: int, j: int) -> None:
    """Set what k brings against j, for j, and to an attack by j."""
    _divide(
        world.directed[DirectedVar.force, k, j],
        world.directed[DirectedVar.strike, k, j],
        world.directed[DirectedVar.lend, k, j],
        world.directed[DirectedVar.help, k, j],
        world.scratch[_TIMELY],
        world.scratch[_STRIKING],
        world.scratch[_DEFENDING],
        world.belief[BeliefVar.abstain_probability, view, k, j],
    )


@noalias_loop
def _divide(
    reach: Floats,
    strike: Floats,
    lend: Floats,
    helping: Floats,
    timely: Floats,
    striking: Floats,
    defending: Floats,
    aside: Floats,
) -> None:
    for run in range(aside.shape[0]):
        shared = timely[run] * (1.0 - aside[run])
        reach[run] = striking[run]
        strike[run] = striking[run] * aside[run]
        lend[run] = shared
        helping[run] = defending[run] * shared
