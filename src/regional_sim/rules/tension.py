"""Mechanism 14. Tension: a mean-reverting level on the logit scale."""

from regional_sim.rules.compiled import inlined


@inlined
def stance_divergence(stance: float, other_stance: float, relevance: float) -> float:
    """Return the distance of two stances times the issue's relevance for the pair.

    Examples
    --------
    >>> divergence(0.5, -0.5, 0.5)
    0.5
    """
    gap = stance - other_stance
    return relevance * (gap if gap > 0.0 else -gap)


@inlined
def hostile_reading(hostility: float, relevance: float, stance: float) -> float:
    """Return the hostility that counts in a pair: only for states that oppose the partner.

    Parameters
    ----------
    hostility : float
        Hostility read by the observer from the sender's signal.
    relevance : float
        How far the pair's quarrel is this issue, in [0, 1].
    stance : float
        The observer's stance; its opposition is -stance where that is positive.

    Returns
    -------
    float
        Hostility, in the units of the signal.
    """
    return hostility * relevance * (-stance if stance < 0.0 else 0.0)


@inlined
def next_latent_tension(level: float, rate: float, norm: float, drivers: float) -> float:
    """Return y + r (norm + drivers - y), the next latent tension.

    Parameters
    ----------
    level, norm : float
        Latent tension and the level to which it returns, logits.
    rate : float
        Speed r, per month.
    drivers : float
        Sum of all pushes above their starting values, logits.

    Returns
    -------
    float
        Latent tension of the next month.

    Examples
    --------
    >>> next_level(1.0, 0.5, 0.0, 0.0)
    0.5
    """
    return level + rate * (norm + drivers - level)


@inlined
def next_norm(norm: float, rate: float, level: float, option: int) -> float:
    """Return the norm, which follows tension slowly where the option is ``slow`` (1).

    Examples
    --------
    >>> next_norm(0.0, 0.5, 1.0, 0), next_norm(0.0, 0.5, 1.0, 1)
    (0.0, 0.5)
    """
    return norm + rate * (level - norm) if option == 1 else norm
