"""Mechanism 6. Signals: firmness, its novelty, and how observers read it.

What the sender does and says adds up to firmness.  Its level and its novelty make a signal, which
an observer reads partly as resolve and partly as hostility; by how much is the question of the
spiral and the deterrence model.  The weights are stipulated.

References
----------
Jervis, R. (1976). *Perception and Misperception in International Politics*, ch. 3. Princeton.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.parameters import Param
from regional_sim.model.variables import InstrumentRow, PairVar, RegionVar, Role, World
from regional_sim.numerics.compiler import inlined
from regional_sim.numerics.elementary import exp


@inlined
def weighted_firmness(
    patrols: float,
    backing: float,
    dialogue: float,
    weight_patrols: float,
    weight_backing: float,
    weight_dialogue: float,
    weight_joint: float,
) -> float:
    """Return f, the weighted sum of the levels and of patrols times backing.

    Parameters
    ----------
    patrols, backing, dialogue : float
        Levels of the instruments, in [0, 1].
    weight_patrols, weight_backing, weight_dialogue, weight_joint : float
        Weights, at least 0.

    Returns
    -------
    float
        Firmness, at least 0.

    Examples
    --------
    >>> weighted_firmness(0.5, 0.5, 1.0, 0.5, 0.25, 0.25, 0.5)
    0.75
    """
    return (
        weight_patrols * patrols
        + weight_backing * backing
        + weight_dialogue * dialogue
        + weight_joint * (patrols * backing)
    )


@inlined
def next_novelty(novelty: float, memory: float, change: float) -> float:
    """Return m n + (f - f'), the novelty of firmness, which is signed.

    Parameters
    ----------
    novelty : float
        Novelty n of the month before.
    memory : float
        Share m that remains after a month, in [0, 1).
    change : float
        Change of firmness f - f' since the month before.

    Returns
    -------
    float
        Novelty of this month.

    Examples
    --------
    >>> next_novelty(0.5, 0.5, 0.25)
    0.5
    """
    return memory * novelty + change


@inlined
def signal_of(level_excess: float, novelty: float, level_weight: float) -> float:
    """Return s = w (f - f0) + (1 - w) n, which is 0 at the start.

    Parameters
    ----------
    level_excess : float
        Firmness above its start f - f0.
    novelty : float
        Novelty n, from :func:`next_novelty`.
    level_weight : float
        Weight w of the level, in [0, 1].

    Returns
    -------
    float
        Signal, in units of firmness.

    Examples
    --------
    >>> signal_of(0.5, 0.25, 0.5)
    0.375
    """
    return level_weight * level_excess + (1.0 - level_weight) * novelty


@inlined
def read_as_resolve(value: float, gain: float, theta: float) -> float:
    """Return Gamma (1 - theta) s, the resolve that an observer reads.

    Parameters
    ----------
    value : float
        Signal s.
    gain : float
        Strength Gamma with which it is read, logits per unit, at least 0.
    theta : float
        Share theta read as hostility, in [0, 1].

    Returns
    -------
    float
        Resolve, logits.

    Examples
    --------
    >>> read_as_resolve(0.5, 2.0, 0.25)
    0.75
    """
    return gain * (1.0 - theta) * value


@inlined
def read_as_hostility(value: float, gain: float, theta: float) -> float:
    """Return Gamma theta s, the hostility that an observer reads.

    Parameters
    ----------
    value, gain, theta : float
        As for :func:`read_as_resolve`.

    Returns
    -------
    float
        Hostility, in the same units.

    Examples
    --------
    >>> read_as_hostility(0.5, 2.0, 0.25)
    0.25
    """
    return gain * theta * value


@inlined
def restraint_by_resolve(restraint: float, effect: float, resolve: float) -> float:
    """Return R exp(g r), the restraint between sender and challenger.

    Parameters
    ----------
    restraint : float
        Restraint R at the start, at least 0.
    effect : float
        Rise g with resolve, per logit.
    resolve : float
        Resolve r that the challenger reads, logits.

    Returns
    -------
    float
        Restraint, at least 0.

    Examples
    --------
    >>> float(restraint_by_resolve(2.0, 0.1, 0.0))
    2.0
    """
    return restraint * exp(effect * resolve)


@inlined
def send_signal(world: World) -> None:
    """Set firmness, novelty and signal of the sender from the levels of its instruments."""
    patrols = world.instrument[InstrumentRow.level, Instrument.joint_patrols]
    backing = world.instrument[InstrumentRow.level, Instrument.political_backing]
    dialogue = world.instrument[InstrumentRow.level, Instrument.partner_dialogue]
    firmness = world.region[RegionVar.firmness]
    start = world.region[RegionVar.firmness_start]
    novelty = world.region[RegionVar.novelty]
    signal = world.region[RegionVar.signal]
    param = world.param
    for run in range(firmness.shape[0]):
        now = weighted_firmness(
            patrols[run],
            backing[run],
            dialogue[run],
            param[Param.firmness_patrols, run],
            param[Param.firmness_backing, run],
            param[Param.firmness_dialogue, run],
            param[Param.firmness_joint, run],
        )
        change = now - firmness[run]
        novelty[run] = next_novelty(novelty[run], param[Param.novelty_memory, run], change)
        firmness[run] = now
        signal[run] = signal_of(now - start[run], novelty[run], param[Param.level_weight, run])
    read_signal(world)


@inlined
def read_signal(world: World) -> None:
    """Set what the challenger reads in the signal, and how far the resolve in it restrains."""
    theta = world.region[RegionVar.theta]
    signal = world.region[RegionVar.signal]
    hostility = world.region[RegionVar.hostility]
    resolve = world.region[RegionVar.resolve]
    gain = world.param[Param.signal_gain]
    for run in range(signal.shape[0]):
        hostility[run] = read_as_hostility(signal[run], gain[run], theta[run])
        resolve[run] = read_as_resolve(signal[run], gain[run], theta[run])
    challenger = world.role[Role.challenger]
    if challenger >= 0:
        pair = world.pair_of[world.role[Role.sender], challenger]
        restraint = world.pair[PairVar.restraint, pair]
        start = world.pair[PairVar.restraint_start, pair]
        effect = world.param[Param.resolve_restraint]
        for run in range(signal.shape[0]):
            restraint[run] = restraint_by_resolve(start[run], effect[run], resolve[run])
