"""Mechanism 5. Perception: errors of belief, pooled precision, detection.

References
----------
Jervis, R. (1988). War and misperception. *Journal of Interdisciplinary History* 18(4).
Green, D. M. & Swets, J. A. (1966). *Signal Detection Theory and Psychophysics*. Wiley.
"""

import math

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import normal_cdf

_SQRT_HALF = 0.7071067811865476


@inlined
def pooled_gain(share: float, other_precision: float, correlation: float) -> float:
    """Return the precision gained from another state's sensors, share * pi * (1 - rho).

    Parameters
    ----------
    share : float
        Share of the other's precision that is handed over, in [0, 1].
    other_precision : float
        The other's own precision, relative to the partner's at the start.
    correlation : float
        Share lost because errors are correlated, in [0, 1).

    Returns
    -------
    float
        Gain of precision.
    """
    return share * other_precision * (1.0 - correlation)


@inlined
def belief_error_sd(scale: float, precision: float, channel: float, channel_cut: float) -> float:
    """Return the standard deviation of belief errors, scale / sqrt(pi) * (1 - cut * channel).

    Parameters
    ----------
    scale : float
        Standard deviation at precision 1, utility.
    precision : float
        Precision pi of the observer, above 0.
    channel : float
        Working of the crisis channel with the observed, in [0, 1].
    channel_cut : float
        Cut by a fully working channel, in [0, 0.4].

    Returns
    -------
    float
        Standard deviation, utility.
    """
    return scale / math.sqrt(precision) * (1.0 - channel_cut * channel)


@inlined
def next_error(error: float, memory: float, sd: float, innovation: float) -> float:
    """Return the next belief error of an AR(1) process with stationary deviation ``sd``.

    Parameters
    ----------
    error : float
        Error of the month before, utility.
    memory : float
        Autocorrelation, in [0.5, 0.9].
    sd : float
        Stationary standard deviation, utility.
    innovation : float
        Standard normal draw.

    Returns
    -------
    float
        Error of this month, utility.
    """
    return memory * error + math.sqrt(1.0 - memory * memory) * sd * innovation


@inlined
def detection_area(precision: float, scale: float) -> float:
    """Return the area under the ROC curve, Phi(d'/sqrt 2) with d' = scale * sqrt(pi).

    Parameters
    ----------
    precision : float
        Pooled precision pi, at least 0.
    scale : float
        d' at precision 1.

    Returns
    -------
    float
        Area in [0.5, 1]: the chance to tell a threat from none.

    Examples
    --------
    >>> round(float(detection(0.0, 1.0)), 12)
    0.5
    """
    return normal_cdf(scale * math.sqrt(precision) * _SQRT_HALF)
