"""Mechanism 12. Escalation and mistakes.

A state escalates when the payoff it perceives plus a private shock is positive.  The same shock
decides what it would have done knowing the truth; where the two differ, the act was a mistake.

References
----------
Signorino, C. (1999). Strategic interaction and the statistical analysis of international
conflict. *American Political Science Review* 93(2).
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.incidents import MOST_INCIDENTS
from regional_sim.rules.numeric import exp, larger, logistic, normal_cdf

_LOGISTIC_SCALE = 1.8137993642342178  # pi / sqrt(3): the logistic then has standard deviation 1


@inlined
def chance_under_normal_shock(payoff: float, certainty: float) -> float:
    """Return the chance that payoff plus a normal private shock is positive.

    Parameters
    ----------
    payoff : float
        Payoff of the next rung, utility.
    certainty : float
        1 / standard deviation of the shock.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> round(float(chance_under_normal_shock(0.0, 1.0)), 12)
    0.5
    """
    return normal_cdf(payoff * certainty)


@inlined
def chance_under_logistic_shock(payoff: float, certainty: float) -> float:
    """Return the same chance for a logistic shock with the same standard deviation.

    Parameters
    ----------
    payoff : float
        Payoff of the next rung, utility.
    certainty : float
        1 / standard deviation of the shock.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> float(chance_under_logistic_shock(0.0, 1.0))
    0.5
    """
    return logistic(_LOGISTIC_SCALE * payoff * certainty)


@inlined
def triggered(count: float, trigger: float, standing: float) -> float:
    """Return P = 1 - (1 - c)(1 - pi)^N, the chance that the next rung is on the table.

    Parameters
    ----------
    count : float
        Incidents N of the month.
    trigger : float
        Chance pi that one incident puts the next rung on the table.
    standing : float
        Chance c that an open dispute does so by itself; 0 where there is none.

    Returns
    -------
    float
        Chance in [0, 1).

    Examples
    --------
    >>> triggered(2.0, 0.5, 0.0)
    0.75
    """
    missed = 1.0 - standing
    for k in range(MOST_INCIDENTS):
        missed = missed * (1.0 - trigger) if k < count else missed
    return 1.0 - missed


@inlined
def expected_trigger(intensity: float, trigger: float, standing: float) -> float:
    """Return the mean of :func:`triggered` over a Poisson count, 1 - (1 - c) exp(-mean * pi)."""
    return 1.0 - (1.0 - standing) * exp(-intensity * trigger)


@inlined
def mistaken(chance: float, other_chance: float) -> float:
    """Return the chance of a decision that the truth would have reversed, max(0, a - b).

    As both decisions share the shock, the events are nested and their chances subtract.

    Parameters
    ----------
    chance : float
        Chance of the decision under the beliefs held.
    other_chance : float
        Chance of the same decision under the truth.

    Returns
    -------
    float
        Chance in [0, 1].
    """
    return larger(chance - other_chance, 0.0)


@inlined
def either(chance: float, other_chance: float) -> float:
    """Return the chance that at least one of two independent events happens.

    Examples
    --------
    >>> either(0.5, 0.5)
    0.75
    """
    return 1.0 - (1.0 - chance) * (1.0 - other_chance)
