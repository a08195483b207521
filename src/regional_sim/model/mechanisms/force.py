"""Mechanism 1. Force: what a state can bring to bear at a distance, and what others count on.

Capability times readiness is the force at home; it decays with distance, from the nearest
presence or, where a host refuses its base, from home.  Of what a supporter sends only the
interoperable part counts at once; the rest as far as it is warned in time: of the warning that
the defended state has gained, a supporter gets what is shared with it.

References
----------
Boulding, K. E. (1962). *Conflict and Defense*. Harper. (Loss-of-strength gradient; its scale and
the share that counts in time are stipulated.)
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.align import shared_more
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    InstrumentRow,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp


@inlined
def decay(distance_km: float, decay_km: float) -> float:
    """Return exp(-d / d0), the share of force that survives a distance.

    Parameters
    ----------
    distance_km : float
        Distance d from the nearest presence, km, at least 0.
    decay_km : float
        Distance d0 over which force falls to 1/e, km.

    Returns
    -------
    float
        Share in (0, 1].

    Examples
    --------
    >>> float(decay(0.0, 3000.0))
    1.0
    """
    return exp(-distance_km / decay_km)


@inlined
def mobilised_force(capability: float, readiness: float) -> float:
    """Return M = C exp(z), the force of a state at home.

    Parameters
    ----------
    capability : float
        Capability C, billion USD.
    readiness : float
        Log-readiness z, 0 at the start.

    Returns
    -------
    float
        Force, billion USD.

    Examples
    --------
    >>> float(mobilised_force(2.0, 0.0))
    2.0
    """
    return capability * exp(readiness)


@inlined
def projected(mobilised: float, near_share: float, home_share: float, access: float) -> float:
    """Return M (a near + (1 - a) home), the force that reaches a place.

    A force that loses its host's base is not lost: it comes from home, by the longer way.

    Parameters
    ----------
    mobilised : float
        Force at home M, billion USD.
    near_share, home_share : float
        Shares that survive the way from the forward base and from home, in (0, 1].
    access : float
        Believed chance a that the host lets its base be used, in [0, 1].

    Returns
    -------
    float
        Projected force, billion USD.

    Examples
    --------
    >>> projected(8.0, 0.75, 0.25, 0.5)
    4.0
    """
    return mobilised * (access * near_share + (1.0 - access) * home_share)


@inlined
def defence_access(host_for_guest: float, host_for_target: float) -> float:
    """Return 1 - (1 - q)(1 - q'), the chance that a host opens its base for a defence.

    It does when it stands with its guest or with the state that is defended.

    Parameters
    ----------
    host_for_guest, host_for_target : float
        Believed chances q and q' that the host fights for each, in [0, 1].

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


@inlined
def timely_share(interoperability: float, warning: float) -> float:
    """Return w + (1 - w)(2 AUC - 1), the share of a supporter's force that counts in time.

    Parameters
    ----------
    interoperability : float
        Share w that counts at once, in [0, 1].
    warning : float
        Warning that the supporter gets, area under the ROC curve, in [0.5, 1].

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> timely_share(0.25, 0.5), timely_share(0.25, 1.0)
    (0.25, 1.0)
    """
    return interoperability + (1.0 - interoperability) * (2.0 * warning - 1.0)


@inlined
def warning_known(start: float, now: float, shared: float) -> float:
    """Return A0 + s (A - A0), the warning of the supported state that reaches a supporter.

    Parameters
    ----------
    start, now : float
        Its detection at the start A0 and now A, area under the ROC curve, in [0.5, 1].
    shared : float
        Share s of what was gained since that it hands over, in [0, 1].

    Returns
    -------
    float
        Area in [0.5, 1].

    Examples
    --------
    >>> warning_known(0.5, 1.0, 0.25)
    0.625
    """
    return start + shared * (now - start)


# Scratch rows.
_STRIKING = 0
_DEFENDING = 1


@compiled
def mobilise_force(world: World, month: int, lo: int, hi: int) -> None:
    """Update the force at home of the states in [lo, hi), and what of it counts in time."""
    for k in range(lo, hi):
        mobilised = world.state[StateVar.mobilised, k]
        capability = world.state[StateVar.capability, k]
        readiness = world.state[StateVar.readiness, k]
        for run in range(mobilised.shape[0]):
            mobilised[run] = mobilised_force(capability[run], readiness[run])
        for j in range(world.state.shape[1]):
            if j != k:
                _set_timely(world, k, j)


@compiled
def project_force(world: World, observer: int, lo: int, hi: int) -> None:
    """Update the forces of the states in [lo, hi) as an observer sees them."""
    striking = world.scratch[_STRIKING]
    defending = world.scratch[_DEFENDING]
    abstain = world.belief[BeliefVar.abstain_probability, observer]
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                host = world.host[k, j]
                if host < 0:
                    _reach_freely(striking, defending, world.state, world.directed, k, j)
                else:
                    _reach_from_base(
                        striking, defending, world.state, world.directed, abstain, k, j, host
                    )
                if k == world.role[Role.patron] and j == world.role[Role.partner]:
                    _scale(striking, defending, world.region[RegionVar.patron_share])
                _divide(
                    world.directed[DirectedVar.force, k, j],
                    world.directed[DirectedVar.strike, k, j],
                    world.directed[DirectedVar.lend, k, j],
                    world.directed[DirectedVar.help, k, j],
                    world.directed[DirectedVar.timely, k, j],
                    striking,
                    defending,
                    abstain[k, j],
                )


@inlined
def _set_timely(world: World, k: int, j: int) -> None:
    """Set the share of k's force that counts in time for j; sender and partner drill together."""
    drilled = k == world.role[Role.sender] and j == world.role[Role.partner]
    _count_timely(
        world.directed[DirectedVar.timely, k, j],
        world.directed[DirectedVar.interoperability, k, j],
        world.directed[DirectedVar.pooling, k, j],
        world.directed[DirectedVar.alignment, k, j],
        world.state[StateVar.detection, j],
        world.state[StateVar.detection_start, j],
        world.instrument[:, Instrument.joint_patrols],
        world.param,
        1.0 if drilled else 0.0,
    )


@noalias_loop
def _count_timely(
    timely: Floats,
    at_once: Floats,
    pooling: Floats,
    alignment: Floats,
    detection: Floats,
    detection_start: Floats,
    patrols: Floats,
    param: Floats,
    drilled: float,
) -> None:
    for run in range(timely.shape[0]):
        drills = patrols[InstrumentRow.level, run] - patrols[InstrumentRow.start, run]
        share = at_once[run] + drilled * param[Param.interoperability_gain, run] * drills
        sharing = param[Param.alignment_sharing, run]
        shared = shared_more(pooling[run], sharing, alignment[run])
        known = warning_known(detection_start[run], detection[run], shared)
        timely[run] = timely_share(shared_more(share, sharing, alignment[run]), known)


@noalias_loop
def _scale(reached: Floats, other: Floats, share: Floats) -> None:
    """Cut what reaches a place, to strike and to defend, to a share."""
    for run in range(reached.shape[0]):
        reached[run] = reached[run] * share[run]
        other[run] = other[run] * share[run]


@noalias_loop
def _reach_freely(
    striking: Floats, defending: Floats, states: Floats, directed: Floats, k: int, j: int
) -> None:
    """Set the force of k that reaches j where no host has a say."""
    for run in range(striking.shape[0]):
        reached = states[StateVar.mobilised, k, run] * directed[DirectedVar.near_share, k, j, run]
        striking[run] = reached
        defending[run] = reached


@noalias_loop
def _reach_from_base(
    striking: Floats,
    defending: Floats,
    states: Floats,
    directed: Floats,
    abstain: Floats,
    k: int,
    j: int,
    host: int,
) -> None:
    """Set the force of k that reaches j from a host's base, to strike and to defend.

    The diagonal of ``abstain`` is 0: a host of its own defence always opens the base.
    """
    for run in range(striking.shape[0]):
        mobilised = states[StateVar.mobilised, k, run]
        near = directed[DirectedVar.near_share, k, j, run]
        home = directed[DirectedVar.home_share, k, j, run]
        for_guest = 1.0 - abstain[host, k, run]
        access = defence_access(for_guest, 1.0 - abstain[host, j, run])
        striking[run] = projected(mobilised, near, home, for_guest)
        defending[run] = projected(mobilised, near, home, access)


@noalias_loop
def _divide(
    force: Floats,
    strike: Floats,
    lend: Floats,
    helping: Floats,
    timely: Floats,
    striking: Floats,
    defending: Floats,
    abstain: Floats,
) -> None:
    """Set what k brings against j, for j, and to an attack by j."""
    for run in range(abstain.shape[0]):
        shared = timely[run] * (1.0 - abstain[run])
        force[run] = striking[run]
        strike[run] = striking[run] * abstain[run]
        lend[run] = shared
        helping[run] = defending[run] * shared
