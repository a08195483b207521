"""Mechanism 8. Stance: own position, influence of others, and the votes that follow.

A state's stance on the partner returns to its own position, which hedging moves.  Others within a
bound of confidence pull it.  Votes are an ordered probit of the stance, less what pressure or
inducement by the challenger makes a dependent state hold back.  The forms follow the sources; sizes
and speed are stipulated.

References
----------
Friedkin, N. & Johnsen, E. (1990). Social influence and opinions. *J. Math. Sociology* 15(3-4).
Hegselmann, R. & Krause, U. (2002). Opinion dynamics and bounded confidence. *JASSS* 5(3).
Flores-Macías, G. & Kreps, S. (2013). The foreign policy consequences of trade. *Journal of
Politics* 75(2).
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    DirectedVar,
    InstrumentRow,
    PairVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger, log, normal_cdf
from regional_sim.numerics.run_loops import copy, fill

_INVERSE_LOG_3 = 0.9102392266268373


@inlined
def social_pull(
    weight: float, stance: float, start: float, other: float, other_start: float, bound: float
) -> float:
    """Return a ((x' - x) - (x'0 - x0)), the pull of another; 0 beyond the bound of confidence.

    Parameters
    ----------
    weight : float
        Weight a of the other, in [0, 1].
    stance, start : float
        Own stance x and its start x0, in [-1, 1].
    other, other_start : float
        The other's stance x' and its start x'0.
    bound : float
        Distance of stances beyond which the other is not heeded.

    Returns
    -------
    float
        Pull, in units of stance.

    Examples
    --------
    >>> social_pull(0.5, 0.0, 0.0, 0.5, 0.25, 1.0), social_pull(0.5, 0.0, 0.0, 0.5, 0.25, 0.4)
    (0.125, 0.0)
    """
    gap = other - stance
    pull = weight * (gap - (other_start - start))
    return pull if (gap if gap > 0.0 else -gap) <= bound else 0.0


@inlined
def next_stance(stance: float, rate: float, anchor: float, pulls: float) -> float:
    """Return x + r (anchor - x + pulls), the next stance.

    Parameters
    ----------
    stance : float
        Stance x.
    rate : float
        Speed r, per month.
    anchor : float
        The state's own position, moved by hedging, and for the sender by its declared backing.
    pulls : float
        Influence of others, in units of stance.

    Returns
    -------
    float
        Next stance.  Bounds are not imposed: all terms are excesses over the start.

    Examples
    --------
    >>> next_stance(0.5, 0.5, 0.25, 0.25)
    0.5
    """
    return stance + rate * (anchor - stance + pulls)


@inlined
def vote_chance(distance: float, noise: float) -> float:
    """Return Phi(d / s), the chance of an ordered probit that a stance gives a vote.

    Parameters
    ----------
    distance : float
        Stance minus the cut (support), or cut minus the stance (opposition), d.
    noise : float
        Standard deviation s of the shock, above 0.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> round(float(vote_chance(0.0, 0.25)), 12)
    0.5
    """
    return normal_cdf(distance / noise)


@inlined
def shown_stance(stance: float, gain: float, dependence: float, pressure: float) -> float:
    """Return x - g w |P|, the stance that a vote shows.

    Pressure makes a dependent state hold back, and inducement buys its silence.

    Parameters
    ----------
    stance : float
        Stance x.
    gain : float
        Weight g, at least 0.
    dependence : float
        Trade with the challenger w, share of GDP.
    pressure : float
        Pressure P; below 0, inducement.

    Returns
    -------
    float
        Stance, at most x.

    Examples
    --------
    >>> shown_stance(0.5, 1.0, 0.25, 1.0), shown_stance(0.5, 1.0, 0.25, -1.0)
    (0.25, 0.25)
    """
    return stance - gain * dependence * larger(pressure, -pressure)


@inlined
def clarity(support: float, oppose: float) -> float:
    """Return 1 minus the normalised entropy of a vote.

    Parameters
    ----------
    support, oppose : float
        Chances of two of the three votes, in [0, 1]; the third is to abstain.

    Returns
    -------
    float
        0 when all three are equal, 1 when one is sure.

    Examples
    --------
    >>> abs(float(clarity(1 / 3, 1 / 3))) < 1e-12
    True
    """
    abstain = larger(1.0 - support - oppose, 0.0)
    entropy = support * log(support) + oppose * log(oppose) + abstain * log(abstain)
    return 1.0 + entropy * _INVERSE_LOG_3


# Scratch rows.
_PULLS = 0
_SHOWN = 1


@compiled
def update_stance(world: World, month: int, lo: int, hi: int) -> None:
    """Set the next stance of the states in [lo, hi)."""
    pulls = world.scratch[_PULLS]
    for i in range(lo, hi):
        fill(pulls, 0.0)
        for k in range(world.state.shape[1]):
            if k != i:
                _add_pull(pulls, world.state, world.directed, world.param, i, k)
        _damp_by_neutrality(pulls, world.state, world.param, i)
        _set_next(world, pulls, i)


@noalias_loop
def _add_pull(
    pulls: Floats, states: Floats, directed: Floats, param: Floats, i: int, k: int
) -> None:
    for run in range(pulls.shape[0]):
        pulls[run] += social_pull(
            directed[DirectedVar.influence, i, k, run],
            states[StateVar.stance, i, run],
            states[StateVar.stance_start, i, run],
            states[StateVar.stance, k, run],
            states[StateVar.stance_start, k, run],
            param[Param.confidence_bound, run],
        )


@noalias_loop
def _damp_by_neutrality(pulls: Floats, states: Floats, param: Floats, i: int) -> None:
    for run in range(pulls.shape[0]):
        aligned = 1.0 - states[StateVar.neutrality, i, run]
        pulls[run] = aligned * param[Param.social_influence, run] * pulls[run]


@inlined
def _set_next(world: World, pulls: Floats, i: int) -> None:
    backed = 1.0 if i == world.role[Role.sender] else 0.0
    stance = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    hedging = world.state[StateVar.hedging, i]
    following = world.state[StateVar.stance_next, i]
    level = world.instrument[InstrumentRow.level, Instrument.political_backing]
    level_start = world.instrument[InstrumentRow.start, Instrument.political_backing]
    rate = world.param[Param.stance_rate]
    backing = world.param[Param.backing_stance]
    for run in range(following.shape[0]):
        declared = backed * backing[run] * (level[run] - level_start[run])
        anchor = start[run] + declared + hedging[run]
        following[run] = next_stance(stance[run], rate[run], anchor, pulls[run])


@compiled
def cast_votes(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) take their next stance, and set how they would vote."""
    shown = world.scratch[_SHOWN]
    param = world.param
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        support = world.state[StateVar.vote_support, i]
        oppose = world.state[StateVar.vote_oppose, i]
        copy(world.state[StateVar.stance, i], world.state[StateVar.stance_next, i])
        copy(shown, world.state[StateVar.stance, i])
        # Sender and partner vote as they think, whatever it costs.
        if challenger >= 0 and i not in (
            challenger,
            world.role[Role.sender],
            world.role[Role.partner],
        ):
            _yield_to_pressure(
                shown,
                param[Param.vote_pressure],
                world.pair[PairVar.trade, world.pair_of[i, challenger]],
                world.state[StateVar.gdp, i],
                world.state[StateVar.pressure, i],
            )
        for run in range(support.shape[0]):
            support[run] = vote_chance(
                shown[run] - param[Param.vote_support_cut, run], param[Param.vote_noise, run]
            )
            oppose[run] = vote_chance(
                param[Param.vote_oppose_cut, run] - shown[run], param[Param.vote_noise, run]
            )


@noalias_loop
def _yield_to_pressure(
    shown: Floats, gain: Floats, trade: Floats, gdp: Floats, pressure: Floats
) -> None:
    for run in range(shown.shape[0]):
        shown[run] = shown_stance(shown[run], gain[run], trade[run] / gdp[run], pressure[run])
