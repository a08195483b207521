"""Mechanism 13. The ladder of a dispute and the ways down from it."""

from regional_sim.rules.compiled import inlined
from regional_sim.rules.numeric import logistic, smaller

RUNG_NAMES = (
    "normal",
    "confrontation",
    "coercion or quarantine",
    "use of force or blockade",
    "war",
)
NORMAL = 0
CONFRONTATION = 1
COERCION = 2
USE_OF_FORCE = 3
WAR = 4

_LONGEST_COUNTED = 24.0


@inlined
def de_escalation_chance(
    base: float,
    duration_gain: float,
    months: float,
    cost_gain: float,
    pair_bond: float,
    stake_gain: float,
    stake: float,
    channel_gain: float,
    channel: float,
) -> float:
    """Return the chance that a dispute is settled, or a war ends, this month.

    Parameters
    ----------
    base : float
        Logit of the rung.
    duration_gain, months : float
        Rise per month in dispute, and months so far; counted up to 24.
    cost_gain, pair_bond : float
        Rise per share of GDP that is at risk, and that share.
    stake_gain, stake : float
        Fall per unit of stake, and the mean stake of the pair.
    channel_gain, channel : float
        Rise with a working channel, and its working in [0, 1].

    Returns
    -------
    float
        Chance in (0, 1).
    """
    return logistic(
        base
        + duration_gain * smaller(months, _LONGEST_COUNTED)
        + cost_gain * pair_bond
        + channel_gain * channel
        - stake_gain * stake
    )


@inlined
def rung_after_exit(rung: float) -> float:
    """Return the rung that an exit leads to.

    A dispute below war is settled at once, as most are within weeks; a war ends in a
    confrontation.

    Examples
    --------
    >>> rung_after_exit(3.0), rung_after_exit(4.0)
    (0.0, 1.0)
    """
    return 1.0 if rung == WAR else 0.0


@inlined
def expected_rung(
    up_1: float, up_2: float, up_3: float, down_1: float, down_2: float, down_3: float
) -> float:
    """Return the mean rung of the stationary chain over rungs 0 to 3.

    It is the rung that a dyad at its starting tension is expected to hold, and so the part of
    the ladder's push on tension that is no excess.  War is left out: it is too rare to count.

    Parameters
    ----------
    up_1, up_2, up_3 : float
        Chance per month to reach rungs 1, 2, 3 from below.
    down_1, down_2, down_3 : float
        Chance per month to settle from there, above 0, where no rung is climbed.

    Returns
    -------
    float
        Mean rung, in [0, 3].

    Examples
    --------
    >>> expected_rung(0.0, 0.5, 0.5, 0.5, 0.5, 0.5)
    0.0
    """
    first = up_1 / (up_2 + (1.0 - up_2) * down_1)
    second = first * up_2 / (up_3 + (1.0 - up_3) * down_2)
    third = second * up_3 / down_3
    return (first + 2.0 * second + 3.0 * third) / (1.0 + first + second + third)
