"""Mechanism 2. Commitments and ambiguity: what observers believe that a state would fight for.

References
----------
Benson, B. V. (2012). *Constructing International Security*. Cambridge University Press.
Leeds, B. A. (2003). Alliance reliability in times of war. *International Organization* 57(4).
"""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import exp, larger


@inlined
def interval_half_width(
    start: float, narrowing: float, stance_excess: float, dialogue_narrowing: float
) -> float:
    """Return h = h0 exp(-c max(0, x - x0) - d), the half-width of the interval, in logits.

    Parameters
    ----------
    start : float
        Half-width at the start h0, logits, at least 0.
    narrowing : float
        Speed c of narrowing per unit of declared stance.
    stance_excess : float
        Declared stance above its start x - x0; negative values do not widen the interval.
    dialogue_narrowing : float
        Further narrowing d by dialogue above its start.

    Returns
    -------
    float
        Half-width, logits.
    """
    return start * exp(-(narrowing * larger(stance_excess, 0.0)) - dialogue_narrowing)


@inlined
def odds_against(commitment_logit: float) -> float:
    """Return the true odds that a commitment is not kept, (1 - q*) / q*.

    Parameters
    ----------
    commitment_logit : float
        Logit of the true chance q*.

    Returns
    -------
    float
        Odds, above 0.

    Examples
    --------
    >>> float(odds_against(0.0))
    1.0
    """
    return exp(-commitment_logit)


@inlined
def odds_multiplier(half_width: float, alpha: float, resolve_read: float) -> float:
    """Return the factor by which an observer changes those odds, exp(-h (2 alpha - 1) - r).

    Parameters
    ----------
    half_width : float
        Ambiguity h, logits.
    alpha : float
        End of the interval that the observer weighs: 0 the lower, 1 the upper.
    resolve_read : float
        Resolve read from signals r, logits.

    Returns
    -------
    float
        Factor, above 0; 1 for one who knows.
    """
    return exp(-(half_width * (2.0 * alpha - 1.0)) - resolve_read)


@inlined
def believed_commitment(odds: float, factor: float) -> float:
    """Return what an observer believes, q = logistic(logit q* + h (2 alpha - 1) + r).

    Parameters
    ----------
    odds : float
        From :func:`odds_against`.
    factor : float
        From :func:`odds_multiplier`.

    Returns
    -------
    float
        Believed chance, in (0, 1).

    Examples
    --------
    >>> believed_commitment(1.0, 3.0)
    0.25
    """
    return 1.0 / (1.0 + odds * factor)
