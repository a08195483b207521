"""Mechanism 4. Payoff of the next rung: gains, losses, bonds and opposition.

References
----------
Russett, B. & Oneal, J. (2001). *Triangulating Peace*. Norton.
Martin, P., Mayer, T. & Thoenig, M. (2008). Make trade not war? *Review of Economic Studies* 75(3).
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import larger, smaller


@inlined
def economic_bond(dependence: float, other_dependence: float, link: int) -> float:
    """Return the economic bond of a pair: the weaker dependence, or the mean (``link`` 1).

    Parameters
    ----------
    dependence, other_dependence : float
        Trade of the pair over the GDP of each side, at least 0.
    link : int
        0 weak link, 1 mean.

    Returns
    -------
    float
        Share of GDP.

    Examples
    --------
    >>> bond(0.1, 0.3, 0), bond(0.1, 0.3, 1)
    (0.1, 0.2)
    """
    weak = smaller(dependence, other_dependence)
    mean = 0.5 * (dependence + other_dependence)
    return mean if link == 1 else weak


@inlined
def restraining_bond(pair_bond: float, share_of_trade: float, discount: float) -> float:
    """Return E, the bond weakened by trade with others: bond * (1 - rho (1 - share)).

    Parameters
    ----------
    pair_bond : float
        From :func:`economic_bond`, share of GDP.
    share_of_trade : float
        The pair's share of all trade of the deciding state, in [0, 1].
    discount : float
        Discount rho, in [0, 0.5]; so E is never negative.

    Returns
    -------
    float
        Share of GDP.
    """
    return pair_bond * (1.0 - discount * (1.0 - share_of_trade))


@inlined
def war_reluctance(general: float, pair_restraint: float) -> float:
    """Return the restraint against war, which no easy quarrel lowers: K max(restraint, 1).

    Examples
    --------
    >>> war_reluctance(2.0, 0.5), war_reluctance(2.0, 1.5)
    (2.0, 3.0)
    """
    return general * larger(pair_restraint, 1.0)


@inlined
def opposition(others_opposed: float, others_size: float) -> float:
    """Return X, the size-weighted share of third states that clearly oppose, in [0, 1].

    Parameters
    ----------
    others_opposed : float
        GDP of third states times their chance to vote against the position.
    others_size : float
        GDP of third states; 0 where there are none.

    Returns
    -------
    float
        The share; 0 without third states.
    """
    return larger(others_opposed, 0.0) / larger(others_size, 1e-12)


@inlined
def next_rung(
    gain: float,
    loss: float,
    restraint: float,
    reluctance: float,
    gain_schedule: float,
    loss_schedule: float,
    cost_schedule: float,
    restraint_schedule: float,
) -> float:
    """Return the payoff of the next rung, dU = g s - l L - R c - K k, in units of utility.

    Parameters
    ----------
    gain : float
        p * stake * (1/2 + tension).
    loss : float
        (1 - p) * weight of loss / resolve.
    restraint : float
        Economic and diplomatic restraint.
    reluctance : float
        General restraint of the dyad.
    gain_schedule, loss_schedule, cost_schedule, restraint_schedule : float
        Schedules of the rung.

    Returns
    -------
    float
        Payoff; escalation is attractive above 0.
    """
    return (gain * gain_schedule - loss * loss_schedule) - (
        restraint * cost_schedule + reluctance * restraint_schedule
    )
