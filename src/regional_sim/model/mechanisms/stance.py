"""Mechanism 8. Stance: influence of others, security, pressure, and the votes that follow.

A state's stance on the partner returns to its own position.  Others within a bound of confidence
pull it, a threatening challenger pushes it toward the partner, and the challenger's pressure away
from it, the more the more it depends on trade.  Votes are an ordered probit of the stance.  The
forms follow the sources; sizes and speed are stipulated.

References
----------
Friedkin, N. & Johnsen, E. (1990). Social influence and opinions. *J. Math. Sociology* 15(3-4).
Hegselmann, R. & Krause, U. (2002). Opinion dynamics and bounded confidence. *JASSS* 5(3).
Walt, S. (1987). *The Origins of Alliances*. Cornell.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.signals import read_as_hostility
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    DirectedVar,
    InstrumentRow,
    PairVar,
    RegionVar,
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
        The state's own position (for the sender moved by its declared backing).
    pulls : float
        Social influence, security pull and pressure, in units of stance.

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
def next_pressure(
    pressure: float,
    lag_months: float,
    gain_support: float,
    stance_excess: float,
    gain_hostility: float,
    hostility: float,
) -> float:
    """Return P + (g max(0, x - x0) + g' max(0, H) - P) / lag, the challenger's pressure.

    Parameters
    ----------
    pressure : float
        Pressure P of the month before, at least 0.
    lag_months : float
        First-order lag, months, at least 1.
    gain_support, gain_hostility : float
        Pressure g per unit of stance above its start, and g' per unit of hostility.
    stance_excess, hostility : float
        Stance above its start x - x0, and hostility H that the challenger reads.

    Returns
    -------
    float
        Pressure of this month, at least 0.

    Examples
    --------
    >>> next_pressure(0.5, 2.0, 1.0, -0.25, 1.0, 0.25)
    0.375
    """
    target = gain_support * larger(stance_excess, 0.0) + gain_hostility * larger(hostility, 0.0)
    return pressure + (target - pressure) / lag_months


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


# Scratch row.
_PULLS = 0


@compiled
def update_stance(world: World, month: int, lo: int, hi: int) -> None:
    """Set the next stance of the states in [lo, hi) and the pressure on them."""
    pulls = world.scratch[_PULLS]
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        fill(pulls, 0.0)
        for k in range(world.state.shape[1]):
            if k != i:
                _add_pull(pulls, world.state, world.directed, world.param, i, k)
        _damp_by_neutrality(pulls, world.state, world.param, i)
        if challenger >= 0 and i != challenger:
            _update_pressure(world, i)
            _add_challenger(
                pulls,
                world.state,
                world.pair,
                world.directed,
                world.param,
                i,
                challenger,
                world.pair_of[i, challenger],
            )
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
def _update_pressure(world: World, i: int) -> None:
    """Move the challenger's pressure on a state; sender and partner also feel its hostility."""
    targeted = 1.0 if i in (world.role[Role.sender], world.role[Role.partner]) else 0.0
    pressure = world.state[StateVar.pressure, i]
    stance = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    signal = world.region[RegionVar.signal]
    param = world.param
    for run in range(pressure.shape[0]):
        hostility = targeted * read_as_hostility(
            signal[run], param[Param.signal_gain, run], param[Param.theta_challenger, run]
        )
        pressure[run] = next_pressure(
            pressure[run],
            param[Param.pressure_lag_months, run],
            param[Param.pressure_support, run],
            stance[run] - start[run],
            param[Param.pressure_hostility, run],
            hostility,
        )


@noalias_loop
def _add_challenger(
    pulls: Floats,
    states: Floats,
    pairs: Floats,
    directed: Floats,
    param: Floats,
    i: int,
    challenger: int,
    pair: int,
) -> None:
    """Add the security pull and the pressure of the challenger."""
    for run in range(pulls.shape[0]):
        threat = (
            directed[DirectedVar.threat, i, challenger, run]
            - directed[DirectedVar.threat_start, i, challenger, run]
        )
        dependence = pairs[PairVar.trade, pair, run] / states[StateVar.gdp, i, run]
        pulls[run] += (
            param[Param.security_pull, run] * threat
            - param[Param.pressure_cost, run] * dependence * states[StateVar.pressure, i, run]
        )


@inlined
def _set_next(world: World, pulls: Floats, i: int) -> None:
    backed = 1.0 if i == world.role[Role.sender] else 0.0
    stance = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    following = world.state[StateVar.stance_next, i]
    level = world.instrument[InstrumentRow.level, Instrument.political_backing]
    level_start = world.instrument[InstrumentRow.start, Instrument.political_backing]
    rate = world.param[Param.stance_rate]
    backing = world.param[Param.backing_stance]
    for run in range(following.shape[0]):
        anchor = start[run] + backed * backing[run] * (level[run] - level_start[run])
        following[run] = next_stance(stance[run], rate[run], anchor, pulls[run])


@compiled
def cast_votes(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) take their next stance, and set how they would vote."""
    param = world.param
    for i in range(lo, hi):
        stance = world.state[StateVar.stance, i]
        support = world.state[StateVar.vote_support, i]
        oppose = world.state[StateVar.vote_oppose, i]
        copy(stance, world.state[StateVar.stance_next, i])
        for run in range(stance.shape[0]):
            support[run] = vote_chance(
                stance[run] - param[Param.vote_support_cut, run], param[Param.vote_noise, run]
            )
            oppose[run] = vote_chance(
                param[Param.vote_oppose_cut, run] - stance[run], param[Param.vote_noise, run]
            )
