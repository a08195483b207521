"""Mechanism 8. Stance, neutrality, hedging; pressure; votes.

References
----------
Friedkin, N. & Johnsen, E. (1990). Social influence and opinions. *J. Math. Sociology* 15(3-4).
Hegselmann, R. & Krause, U. (2002). Opinion dynamics and bounded confidence. *JASSS* 5(3).
Walt, S. (1987). *The Origins of Alliances*. Cornell.
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import larger, log, normal_cdf

_INVERSE_LOG_3 = 0.9102392266268373


@inlined
def influence(
    weight: float, stance: float, start: float, other: float, other_start: float, bound: float
) -> float:
    """Return one other's pull, a ((x_k - x_i) - (x0_k - x0_i)); 0 beyond the confidence bound.

    Parameters
    ----------
    weight : float
        Weight a of the other, in [0, 1].
    stance, start : float
        Own stance and its start, in [-1, 1].
    other, other_start : float
        The other's stance and its start.
    bound : float
        Distance of stances beyond which the other is not heeded.

    Returns
    -------
    float
        Pull, in units of stance.
    """
    gap = other - stance
    pull = weight * (gap - (other_start - start))
    return pull if (gap if gap > 0.0 else -gap) <= bound else 0.0


@inlined
def next_stance(stance: float, rate: float, anchor: float, pulls: float) -> float:
    """Return x + r (anchor - x + pulls), the next stance.

    Parameters
    ----------
    stance : float
        Stance x.
    rate : float
        Speed r, per month.
    anchor : float
        The state's own position (for the sender moved by its declared backing).
    pulls : float
        Social influence, security pull and pressure.

    Returns
    -------
    float
        Next stance.  Bounds are not imposed: all terms are excesses over the start.
    """
    return stance + rate * (anchor - stance + pulls)


@inlined
def next_pressure(
    pressure: float,
    lag_months: float,
    gain_support: float,
    stance_excess: float,
    gain_hostility: float,
    hostility: float,
) -> float:
    """Return the challenger's pressure, which follows stance and hostility with a lag.

    Parameters
    ----------
    pressure : float
        Pressure of the month before.
    lag_months : float
        First-order lag, at least 1.
    gain_support, gain_hostility : float
        Pressure per unit of stance above its start, and of hostility.
    stance_excess, hostility : float
        What the challenger answers; negative values count as 0.

    Returns
    -------
    float
        Pressure, at least 0.
    """
    target = gain_support * larger(stance_excess, 0.0) + gain_hostility * larger(hostility, 0.0)
    return pressure + (target - pressure) / lag_months


@inlined
def vote_chance(distance: float, noise: float) -> float:
    """Return the chance of an ordered probit that a stance beyond a cut gives that vote.

    Parameters
    ----------
    distance : float
        Stance minus the cut (support), or cut minus the stance (opposition).
    noise : float
        Standard deviation of the shock, above 0.

    Returns
    -------
    float
        Chance, in (0, 1).
    """
    return normal_cdf(distance / noise)


@inlined
def clarity(support: float, oppose: float) -> float:
    """Return 1 - normalised entropy of the vote: 0 when all three are equal, 1 when one is sure.

    Examples
    --------
    >>> abs(float(clarity(1 / 3, 1 / 3))) < 1e-12
    True
    """
    abstain = larger(1.0 - support - oppose, 0.0)
    entropy = support * log(support) + oppose * log(oppose) + abstain * log(abstain)
    return 1.0 + entropy * _INVERSE_LOG_3
