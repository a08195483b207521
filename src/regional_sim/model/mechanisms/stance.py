"""Mechanism 8. Stance, neutrality, hedging; pressure; votes.

References
----------
Friedkin, N. & Johnsen, E. (1990). Social influence and opinions. *J. Math. Sociology* 15(3-4).
Hegselmann, R. & Krause, U. (2002). Opinion dynamics and bounded confidence. *JASSS* 5(3).
Walt, S. (1987). *The Origins of Alliances*. Cornell.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms import signals
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
from regional_sim.numerics.run_loops import fill

_INVERSE_LOG_3 = 0.9102392266268373


@inlined
def influence(
    weight: float, stance: float, start: float, other: float, other_start: float, bound: float
) -> float:
    """Return one other's pull, a ((x_k - x_i) - (x0_k - x0_i)); 0 beyond the confidence bound.

    Parameters
    ----------
    weight : float
        Weight a of the other, in [0, 1].
    stance, start : float
        Own stance and its start, in [-1, 1].
    other, other_start : float
        The other's stance and its start.
    bound : float
        Distance of stances beyond which the other is not heeded.

    Returns
    -------
    float
        Pull, in units of stance.
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
        Social influence, security pull and pressure.

    Returns
    -------
    float
        Next stance.  Bounds are not imposed: all terms are excesses over the start.
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
    """Return the challenger's pressure, which follows stance and hostility with a lag.

    Parameters
    ----------
    pressure : float
        Pressure of the month before.
    lag_months : float
        First-order lag, at least 1.
    gain_support, gain_hostility : float
        Pressure per unit of stance above its start, and of hostility.
    stance_excess, hostility : float
        What the challenger answers; negative values count as 0.

    Returns
    -------
    float
        Pressure, at least 0.
    """
    target = gain_support * larger(stance_excess, 0.0) + gain_hostility * larger(hostility, 0.0)
    return pressure + (target - pressure) / lag_months


@inlined
def vote_chance(distance: float, noise: float) -> float:
    """Return the chance of an ordered probit that a stance beyond a cut gives that vote.

    Parameters
    ----------
    distance : float
        Stance minus the cut (support), or cut minus the stance (opposition).
    noise : float
        Standard deviation of the shock, above 0.

    Returns
    -------
    float
        Chance, in (0, 1).
    """
    return normal_cdf(distance / noise)


@inlined
def clarity(support: float, oppose: float) -> float:
    """Return 1 - normalised entropy of the vote: 0 when all three are equal, 1 when one is sure.

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
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        fill(world.scratch[_PULLS], 0.0)
        for k in range(world.state.shape[1]):
            if k != i:
                _add_influence(
                    world.scratch[_PULLS],
                    world.directed[DirectedVar.influence, i, k],
                    world.state[StateVar.stance, i],
                    world.state[StateVar.stance_start, i],
                    world.state[StateVar.stance, k],
                    world.state[StateVar.stance_start, k],
                    world.param[Param.confidence_bound],
                )
        _damp_by_neutrality(world, i)
        if challenger >= 0 and i != challenger:
            _feel_challenger(world, i, challenger)
        _set_next(world, i)


@noalias_loop
def _add_influence(
    pulls: Floats,
    weight: Floats,
    now: Floats,
    start: Floats,
    other_now: Floats,
    other_start: Floats,
    bound: Floats,
) -> None:
    for run in range(pulls.shape[0]):
        pulls[run] += influence(
            weight[run], now[run], start[run], other_now[run], other_start[run], bound[run]
        )


@inlined
def _damp_by_neutrality(world: World, i: int) -> None:
    pulls = world.scratch[_PULLS]
    neutrality = world.state[StateVar.neutrality, i]
    social = world.param[Param.social_influence]
    for run in range(pulls.shape[0]):
        pulls[run] = (1.0 - neutrality[run]) * social[run] * pulls[run]


@inlined
def _feel_challenger(world: World, i: int, challenger: int) -> None:
    """Add the security pull and the pressure of the challenger; move the pressure on."""
    pair = world.pair_of[i, challenger]
    targeted = 1.0 if i in (world.role[Role.sender], world.role[Role.partner]) else 0.0
    pulls = world.scratch[_PULLS]
    pressure = world.state[StateVar.pressure, i]
    now = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    threat = world.directed[DirectedVar.threat, i, challenger]
    threat_start = world.directed[DirectedVar.threat_start, i, challenger]
    signal = world.region[RegionVar.signal]
    trade = world.pair[PairVar.trade, pair]
    gdp = world.state[StateVar.gdp, i]
    param = world.param
    for run in range(pulls.shape[0]):
        hostility = targeted * signals.read_as_hostility(
            signal[run], param[Param.signal_gain, run], param[Param.theta_challenger, run]
        )
        pressure[run] = next_pressure(
            pressure[run],
            param[Param.pressure_lag_months, run],
            param[Param.pressure_support, run],
            now[run] - start[run],
            param[Param.pressure_hostility, run],
            hostility,
        )
    for run in range(pulls.shape[0]):
        dependence = trade[run] / gdp[run]
        pulls[run] += (
            param[Param.security_pull, run] * (threat[run] - threat_start[run])
            - param[Param.pressure_cost, run] * dependence * pressure[run]
        )


@inlined
def _set_next(world: World, i: int) -> None:
    backed = 1.0 if i == world.role[Role.sender] else 0.0
    pulls = world.scratch[_PULLS]
    now = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    following = world.state[StateVar.stance_next, i]
    level = world.instrument[InstrumentRow.level, Instrument.political_backing]
    level_start = world.instrument[InstrumentRow.start, Instrument.political_backing]
    rate = world.param[Param.stance_rate]
    backing = world.param[Param.backing_stance]
    for run in range(following.shape[0]):
        anchor = start[run] + backed * backing[run] * (level[run] - level_start[run])
        following[run] = next_stance(now[run], rate[run], anchor, pulls[run])


@compiled
def cast_votes(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) take their next stance, and set how they would vote."""
    for i in range(lo, hi):
        now = world.state[StateVar.stance, i]
        following = world.state[StateVar.stance_next, i]
        for run in range(now.shape[0]):
            now[run] = following[run]
        set_votes(world, i)


@inlined
def set_votes(world: World, i: int) -> None:
    """Set the chances of state i to vote in support and against."""
    now = world.state[StateVar.stance, i]
    support = world.state[StateVar.vote_support, i]
    oppose = world.state[StateVar.vote_oppose, i]
    param = world.param
    for run in range(now.shape[0]):
        support[run] = vote_chance(
            now[run] - param[Param.vote_support_cut, run], param[Param.vote_noise, run]
        )
        oppose[run] = vote_chance(
            param[Param.vote_oppose_cut, run] - now[run], param[Param.vote_noise, run]
        )
