"""Mechanism 3. Success chance: a contest between attack and defence, supporters included.

References
----------
Tullock, G. (1980). Efficient rent seeking. Hirshleifer, J. (1989). Conflict and rent-seeking
success functions. *Public Choice* 63(2).
"""

from regional_sim.rules.compiled import inlined


@inlined
def timely_share(interoperability: float, warning: float) -> float:
    """Return the share of a supporter's force that counts in time.

    Interoperable force counts at once; the rest only as far as warning allows.

    Parameters
    ----------
    interoperability : float
        Share that counts at once, in [0, 1].
    warning : float
        Detection of the defended state as area under the ROC curve, in [0.5, 1].

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
def attacking_force(own: float, support: float, supporters: float) -> float:
    """Return A = F + phi S, the force that an attacker can bring.

    Parameters
    ----------
    own : float
        The attacker's own projected force F, billion USD.
    support : float
        Share phi of its supporters' forces that counts, in [0, 1].
    supporters : float
        Their forces S, weighted by what they are believed to do, billion USD.

    Returns
    -------
    float
        Force, billion USD.

    Examples
    --------
    >>> attack(2.0, 0.5, 3.0)
    3.5
    """
    return own + support * supporters


@inlined
def success_chance(attacking_force: float, defence: float, exponent: int) -> float:
    """Return p = A^m / (A^m + D^m), the chance that the attacker prevails.

    Parameters
    ----------
    attack, defence : float
        Forces A (above 0) and D (at least 0), billion USD.
    exponent : int
        Decisiveness m, one of 1, 2, 4.

    Returns
    -------
    float
        Chance in [0, 1].

    Examples
    --------
    >>> success_chance(2.0, 2.0, 4), success_chance(3.0, 1.0, 1)
    (0.5, 0.75)
    """
    ratio = defence / attacking_force
    squared = ratio * ratio
    power = ratio if exponent == 1 else (squared if exponent == 2 else squared * squared)
    return 1.0 / (1.0 + power)
