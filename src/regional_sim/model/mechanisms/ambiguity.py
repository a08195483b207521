"""Mechanism 2. Ambiguity: what observers believe that a state would fight for.

The true commitment lies in the middle of an interval.  An observer weighs one of its ends, and
reads resolve from the sender's signals; a declared stance and dialogue narrow the interval.  The
form of the interval, its width and its narrowing are stipulated after the sources.

References
----------
Benson, B. V. (2012). *Constructing International Security*. Cambridge University Press.
Leeds, B. A. (2003). Alliance reliability in times of war. *International Organization* 57(4).
Porcellacchia, M. & Stanca, L. (2023). *Strategic ambiguity or commitment*. Working paper.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.signals import read_as_resolve
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    InstrumentRow,
    Observer,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp, larger
from regional_sim.numerics.run_loops import fill


@inlined
def interval_half_width(
    start: float, narrowing: float, stance_excess: float, dialogue_narrowing: float
) -> float:
    """Return h = h0 exp(-c max(0, x - x0) - d), the half-width of the interval.

    Parameters
    ----------
    start : float
        Half-width at the start h0, logits, at least 0.
    narrowing : float
        Speed c of narrowing per unit of declared stance.
    stance_excess : float
        Declared stance above its start x - x0; below 0 it does not widen the interval.
    dialogue_narrowing : float
        Further narrowing d by dialogue above its start.

    Returns
    -------
    float
        Half-width, logits.

    Examples
    --------
    >>> float(interval_half_width(1.25, 2.0, -0.5, 0.0))
    1.25
    """
    return start * exp(-(narrowing * larger(stance_excess, 0.0)) - dialogue_narrowing)


@inlined
def odds_against(commitment: float) -> float:
    """Return (1 - q*) / q*, the true odds that a commitment is not kept.

    Parameters
    ----------
    commitment : float
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
    return exp(-commitment)


@inlined
def odds_factor(half_width: float, alpha: float, resolve_read: float) -> float:
    """Return exp(-h (2 alpha - 1) - r), the factor by which an observer changes those odds.

    Parameters
    ----------
    half_width : float
        Half-width h of the interval, logits.
    alpha : float
        End of the interval that the observer weighs: 0 the lower, 1 the upper.
    resolve_read : float
        Resolve r read from signals, logits.

    Returns
    -------
    float
        Factor, above 0; 1 for one who knows the truth.

    Examples
    --------
    >>> float(odds_factor(1.5, 0.5, 0.0))
    1.0
    """
    return exp(-(half_width * (2.0 * alpha - 1.0)) - resolve_read)


@inlined
def believed_commitment(odds: float, factor: float) -> float:
    """Return q = 1 / (1 + odds factor), which is logistic(logit q* + h (2 alpha - 1) + r).

    Parameters
    ----------
    odds : float
        From :func:`odds_against`.
    factor : float
        From :func:`odds_factor`.

    Returns
    -------
    float
        Believed chance that the commitment is kept, in (0, 1).

    Examples
    --------
    >>> believed_commitment(1.0, 3.0)
    0.25
    """
    return 1.0 / (1.0 + odds * factor)


# Scratch row.
_ODDS = 0

# By observer.
_CHALLENGER = int(Observer.challenger)
_ALPHAS = (int(Param.alpha_third), int(Param.alpha_challenger), int(Param.alpha_partner))


@compiled
def update_believed_commitments(world: World, month: int, lo: int, hi: int) -> None:
    """Update the beliefs about the commitments of the states in [lo, hi).

    After the start, month -1, only ambiguity toward the partner, and of the partner toward the
    sender, ever changes.
    """
    partner = world.role[Role.partner]
    sender = world.role[Role.sender]
    for k in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != k:
                if month < 0 or j == partner or (k == partner and j == sender):
                    _set_half_width(world, k, j)
                    for observer in range(Observer.truth):
                        _set_multiplier(world, observer, k, j)
                    fill(world.belief[BeliefVar.odds_multiplier, Observer.truth, k, j], 1.0)
                _set_abstain_probabilities(world, k, j)


@inlined
def _set_half_width(world: World, k: int, j: int) -> None:
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    toward_partner = 1.0 if j == partner else 0.0
    in_dialogue = 1.0 if (k == sender and j == partner) or (k == partner and j == sender) else 0.0
    half_width = world.directed[DirectedVar.half_width, k, j]
    start = world.directed[DirectedVar.ambiguity_start, k, j]
    stance = world.state[StateVar.stance, k]
    stance_start = world.state[StateVar.stance_start, k]
    level = world.instrument[InstrumentRow.level, Instrument.partner_dialogue]
    level_start = world.instrument[InstrumentRow.start, Instrument.partner_dialogue]
    narrowing = world.param[Param.narrowing_stance]
    by_dialogue = world.param[Param.narrowing_dialogue]
    for run in range(half_width.shape[0]):
        half_width[run] = interval_half_width(
            start[run],
            narrowing[run],
            toward_partner * (stance[run] - stance_start[run]),
            in_dialogue * by_dialogue[run] * (level[run] - level_start[run]),
        )


@inlined
def _set_multiplier(world: World, observer: int, k: int, j: int) -> None:
    """Set the factor of an observer, who reads signals only in the sender toward the partner."""
    signalled = 1.0 if k == world.role[Role.sender] and j == world.role[Role.partner] else 0.0
    multiplier = world.belief[BeliefVar.odds_multiplier, observer, k, j]
    half_width = world.directed[DirectedVar.half_width, k, j]
    signal = world.region[RegionVar.signal]
    gain = world.param[Param.signal_gain]
    alpha = world.param[_ALPHAS[observer]]
    theta = world.param[Param.theta_third]
    if observer == _CHALLENGER:
        theta = world.region[RegionVar.theta]
    for run in range(multiplier.shape[0]):
        resolve = signalled * read_as_resolve(signal[run], gain[run], theta[run])
        multiplier[run] = odds_factor(half_width[run], alpha[run], resolve)


@inlined
def _set_abstain_probabilities(world: World, k: int, j: int) -> None:
    """Set the chance that k stays out of j's fights, as each observer sees it."""
    odds = world.scratch[_ODDS]
    _set_odds(odds, world.directed[DirectedVar.commitment, k, j])
    for observer in range(Observer.truth + 1):
        _set_abstain_probability(
            world.belief[BeliefVar.abstain_probability, observer, k, j],
            odds,
            world.belief[BeliefVar.odds_multiplier, observer, k, j],
        )


@noalias_loop
def _set_odds(odds: Floats, commitment: Floats) -> None:
    for run in range(odds.shape[0]):
        odds[run] = odds_against(commitment[run])


@noalias_loop
def _set_abstain_probability(abstain: Floats, odds: Floats, multiplier: Floats) -> None:
    for run in range(abstain.shape[0]):
        abstain[run] = 1.0 - believed_commitment(odds[run], multiplier[run])
