"""From an effect and its error to a verdict on what was expected of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags

SUPPORTED: Final = "supported"
CONTRADICTED: Final = "contradicted"
NEGLIGIBLE: Final = "negligible"
UNDECIDED: Final = "undecided"
STRUCTURAL: Final = "structural"

VERDICTS: Final = {
    SUPPORTED: "the whole 95 % interval lies where the claim expects the effect, beyond the"
    " smallest effect of interest where it is to rise or fall",
    CONTRADICTED: "the whole interval lies beyond the smallest effect on the other side",
    NEGLIGIBLE: "the whole interval lies within the smallest effect on both sides of 0",
    UNDECIDED: "the interval reaches into more than one of these, or Holm's correction takes the"
    " verdict back",
    STRUCTURAL: "it would be supported, but no point of the prior flips it: a property of the"
    " equations, no finding, and never counted as support",
}
"""What each verdict says; the order is that of reports."""

LEVEL: Final = 0.05
"""Chance of some wrong verdict among all hypotheses, at most."""

FEWEST_FOR_STRUCTURAL: Final = 59
"""Points of the prior, none of which flips a claim, from which it is called structural.

If one point in twenty flipped it, so many would miss all of those with a chance below 5 %.
"""

_DOWNWARD: Final = frozenset({"fall", "no_rise"})
_EQUIVALENCE: Final = "unchanged"


def first_verdict(
    effect: float, error: float, freedom: float, expects: str, smallest: float
) -> tuple[str, float]:
    """Return the verdict that an effect is nearest to, and its p value.

    The smallest effect of interest divides all effects into regions, each with a verdict.  The p
    value is twice the chance of an estimate as far inside the region, were the true effect at its
    border; below 0.05 the 95 % t interval lies wholly within the region, and else the effect is
    undecided.

    Parameters
    ----------
    effect, error : float
        Mean of the paired differences, and its standard error.
    freedom : float
        Degrees of freedom of the error: pairs less 1.
    expects : str
        ``rise``, ``fall``, ``unchanged``, ``no_rise`` or ``no_fall``.
    smallest : float
        Smallest effect of interest, above 0.

    Examples
    --------
    >>> (
    ...     first_verdict(0.05, 0.01, 99, "rise", 0.01)[0],
    ...     first_verdict(0.05, 0.01, 99, "fall", 0.01)[0],
    ... )
    ('supported', 'contradicted')
    >>> first_verdict(0.0, 0.001, 99, "rise", 0.01)[0], first_verdict(0.0, 0.1, 9, "rise", 0.01)[1]
    ('negligible', 0.92...)
    """
    regions = _regions(expects, smallest)
    toward = -effect if expects in _DOWNWARD else effect
    found = [(_p_outside(toward, error, freedom, low, high), word) for word, low, high in regions]
    p, word = min(found)
    return word, min(1.0, 2.0 * p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for being several (Holm 1979): the chance of one false verdict among all.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return [float(value) for value in adjusted]


def agrees(effects: Floats, expects: str, smallest: float) -> Flags:
    """Tell where effects are as expected: on the right side of 0, or within the smallest effect.

    An effect that is to rise or fall may be small; one that is to stay, or not to rise or fall,
    may be off by the smallest effect.  NaN agrees with nothing.
    """
    toward = -effects if expects in _DOWNWARD else effects
    if expects == _EQUIVALENCE:
        return np.asarray(np.abs(effects) <= smallest)
    if expects in {"rise", "fall"}:
        return np.asarray(toward > 0.0)
    return np.asarray(toward >= -smallest)


def agrees_beyond(effects: Floats, expects: str, smallest: float) -> Flags:
    """Tell where effects are as expected, and beyond the smallest effect if they are to move."""
    if expects in {"rise", "fall"}:
        toward = -effects if expects in _DOWNWARD else effects
        return np.asarray(toward > smallest)
    return agrees(effects, expects, smallest)


def final_verdict(first: str, p_adjusted: float, agreeing: Flags) -> str:
    """Return the verdict after Holm's correction, and with what the points of the prior say.

    Parameters
    ----------
    first : str
        What :func:`first_verdict` found.
    p_adjusted : float
        Its p value, adjusted.
    agreeing : ndarray of bool
        Whether the claim holds, at each point of the prior; may be empty.

    Examples
    --------
    >>> final_verdict("supported", 0.01, np.ones(128, dtype=bool))
    'structural'
    >>> final_verdict("supported", 0.06, np.ones(128, dtype=bool))
    'undecided'
    """
    if not p_adjusted < LEVEL:
        return UNDECIDED
    never_flips = len(agreeing) >= FEWEST_FOR_STRUCTURAL and bool(agreeing.all())
    return STRUCTURAL if first == SUPPORTED and never_flips else first


def _regions(expects: str, smallest: float) -> list[tuple[str, float, float]]:
    """Divide effects, upward in the expected direction, into regions: verdict, low and high end."""
    if expects == _EQUIVALENCE:
        return [
            (SUPPORTED, -smallest, smallest),
            (CONTRADICTED, smallest, math.inf),
            (CONTRADICTED, -math.inf, -smallest),
        ]
    if expects in {"rise", "fall"}:
        return [
            (SUPPORTED, smallest, math.inf),
            (NEGLIGIBLE, -smallest, smallest),
            (CONTRADICTED, -math.inf, -smallest),
        ]
    return [(SUPPORTED, -smallest, math.inf), (CONTRADICTED, -math.inf, -smallest)]


def _p_outside(effect: float, error: float, freedom: float, low: float, high: float) -> float:
    """Chance of an estimate as far within a region, were the true effect at the nearer end."""
    from scipy.special import stdtr

    inside = min(effect - low, high - effect)
    if error == 0.0:
        return 0.0 if inside > 0.0 else 1.0
    return float(stdtr(freedom, -inside / error))
