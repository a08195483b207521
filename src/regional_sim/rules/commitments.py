"""Mechanism 9. Commitments move: toward their treaties, with common threat, against exposure.

References
----------
Walt, S. (1987). *The Origins of Alliances*. Cornell.
"""

from regional_sim.rules.compiled import inlined


@inlined
def next_commitment(
    value: float,
    rate: float,
    anchor: float,
    threat_gain: float,
    threat_excess: float,
    openness: float,
    exposure_gain: float,
    exposure_excess: float,
) -> float:
    """Return the next logit of the true commitment q*.

    Parameters
    ----------
    value, anchor : float
        Logit of the commitment now and by treaty.
    rate : float
        Speed, per month.
    threat_gain, exposure_gain : float
        Logits per unit of common threat and of exposure.
    threat_excess, exposure_excess : float
        Common threat and exposure above their start.
    openness : float
        (1 - neutrality) of both states multiplied: a neutral state takes on less.

    Returns
    -------
    float
        Logit of the next month.
    """
    pull = threat_gain * openness * threat_excess - exposure_gain * exposure_excess
    return value + rate * (anchor - value + pull)
