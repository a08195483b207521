"""Mechanism 6. Signals: firmness, its novelty, and how observers read it.

References
----------
Jervis, R. (1976). *Perception and Misperception in International Politics*, ch. 3. Princeton.
"""

from regional_sim.numerics.compiler import inlined


@inlined
def firmness(
    patrols: float,
    backing: float,
    dialogue: float,
    weight_patrols: float,
    weight_backing: float,
    weight_dialogue: float,
    weight_joint: float,
) -> float:
    """Return firmness f, a weighted sum of levels and of patrols times backing.

    Parameters
    ----------
    patrols, backing, dialogue : float
        Levels of the instruments, in [0, 1].
    weight_patrols, weight_backing, weight_dialogue, weight_joint : float
        Weights, at least 0.

    Returns
    -------
    float
        Firmness.
    """
    return (
        weight_patrols * patrols
        + weight_backing * backing
        + weight_dialogue * dialogue
        + weight_joint * (patrols * backing)
    )


@inlined
def next_novelty(novelty: float, memory: float, change: float) -> float:
    """Return novelty n = memory * n + change of firmness; it is signed.

    Examples
    --------
    >>> next_novelty(0.5, 0.5, 0.25)
    0.5
    """
    return memory * novelty + change


@inlined
def signal(level_excess: float, novelty: float, level_weight: float) -> float:
    """Return the signal s = w * (f - f0) + (1 - w) * n, 0 at the start.

    Parameters
    ----------
    level_excess : float
        Firmness above its start.
    novelty : float
        From :func:`next_novelty`.
    level_weight : float
        Weight w of the level, in [0, 1].

    Returns
    -------
    float
        Signal.
    """
    return level_weight * level_excess + (1.0 - level_weight) * novelty


@inlined
def read_as_resolve(value: float, gain: float, theta: float) -> float:
    """Return the resolve that an observer reads, Gamma (1 - theta) s, in logits."""
    return gain * (1.0 - theta) * value


@inlined
def read_as_hostility(value: float, gain: float, theta: float) -> float:
    """Return the hostility that an observer reads, Gamma theta s."""
    return gain * theta * value
