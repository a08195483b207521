"""Mechanism 1. Force: what a state can bring to bear at a distance.

References
----------
Boulding, K. E. (1962). *Conflict and Defense*. Harper. (Loss-of-strength gradient.)
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import exp


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
