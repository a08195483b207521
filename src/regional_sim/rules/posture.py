"""Implementation of a posture: instruments follow their targets with a lag."""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import larger, smaller


@inlined
def next_instrument_level(level: float, target: float, lag_months: float) -> float:
    """Return u + (target - u) / lag, the level of an instrument next month.

    Parameters
    ----------
    level, target : float
        Level now and the policy's target, in [0, 1].
    lag_months : float
        First-order lag, at least 1.

    Returns
    -------
    float
        Level in [0, 1].

    Examples
    --------
    >>> next_level(0.0, 1.0, 4.0)
    0.25
    """
    return level + (target - level) / lag_months


@inlined
def channel_availability(level: float, tension: float) -> float:
    """Return the working of a channel: its level, held to [0, 1], times (1 - tension).

    Examples
    --------
    >>> channel_availability(0.5, 0.5), channel_availability(-0.1, 0.5)
    (0.25, 0.0)
    """
    return larger(smaller(level, 1.0), 0.0) * (1.0 - tension)
