"""Mechanism 20. Hedge: a third state moves its own position on the partner.

Threat by the challenger drives it toward the partner.  Pressure makes it yield or turns it away,
as backlash or interest prevails; inducement lowers its stance.  It may join or balance the likely
winner, steps back when the great powers polarise, and leans to a growing market.  Neutrality is
inertia, and trade that rivals divert to it pays for staying out.  Signs follow the sources; sizes
are stipulated.

References
----------
Kuik, C.-C. (2008). The essence of hedging. *Contemporary Southeast Asia* 30(2).
Schweller, R. (1994). Bandwagoning for profit. *International Security* 19(1).
"""

from regional_sim.model.mechanisms.choice import chosen, next_response, term_row
from regional_sim.model.mechanisms.press import exposed
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    DirectedVar,
    MotiveTerm,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger, log, smaller
from regional_sim.numerics.run_loops import fill


@inlined
def answer_to_pressure(weight: float, exposure: float, pressure: float, backlash: float) -> float:
    """Return g e/3 (-(1 - 2 z) P+ + P-), what pressure or inducement does to a stance.

    Parameters
    ----------
    weight : float
        Weight g.
    exposure : float
        Exposure e to the challenger, in [0, 1).
    pressure : float
        Pressure P, P+ where above 0 and P- where below.
    backlash : float
        Part z that is answered by backlash, in [0, 1]; at 1/2 pressure moves nothing.

    Returns
    -------
    float
        Motive toward the partner.

    Examples
    --------
    >>> answer_to_pressure(6.0, 0.5, 1.0, 0.25), answer_to_pressure(6.0, 0.5, -1.0, 0.25)
    (-0.5, -1.0)
    """
    yielding = -(1.0 - 2.0 * backlash) * larger(pressure, 0.0) + smaller(pressure, 0.0)
    return weight * exposure / 3.0 * yielding


@inlined
def threat_drives(gain: float, threat: float) -> float:
    """Return g d / 0.05, what threat by the challenger adds to the motive to lean to the partner.

    Parameters
    ----------
    gain : float
        Weight g of threats.
    threat : float
        Threat by the challenger above its start d.

    Returns
    -------
    float
        Motive toward the partner.

    Examples
    --------
    >>> threat_drives(2.0, 0.025)
    1.0
    """
    return gain * threat / 0.05


@inlined
def winner_attracts(gain: float, fails: float) -> float:
    """Return g df / 0.05, what a likely winner adds.

    Parameters
    ----------
    gain : float
        Weight g: above 0 the winner is joined, below 0 it is balanced.
    fails : float
        Chance that the challenger fails above its start df.

    Returns
    -------
    float
        Motive toward the partner.

    Examples
    --------
    >>> winner_attracts(-1.0, 0.05)
    -1.0
    """
    return gain * fails / 0.05


@inlined
def polarisation_repels(gain: float, neutrality: float, polarisation: float) -> float:
    """Return -g nu dT / 0.05, what polarisation of the core adds.

    Parameters
    ----------
    gain : float
        Weight g.
    neutrality : float
        Own neutrality nu, in [0, 1].
    polarisation : float
        Mean tension of the challenger with sender, partner and patron above its start dT.

    Returns
    -------
    float
        Motive toward the partner.

    Examples
    --------
    >>> polarisation_repels(1.0, 0.5, 0.05)
    -0.5
    """
    return -(gain * neutrality * polarisation / 0.05)


@inlined
def market_pulls(gain: float, dependence: float, growth: float) -> float:
    """Return -g (w / 0.1) y, what the growth of the challenger's market adds.

    Parameters
    ----------
    gain : float
        Weight g.
    dependence : float
        Trade with the challenger w, share of GDP.
    growth : float
        Growth y of its GDP, log.

    Returns
    -------
    float
        Motive toward the partner.

    Examples
    --------
    >>> market_pulls(0.5, 0.2, 0.25)
    -0.25
    """
    return -(gain * (dependence / 0.1) * growth)


# Scratch rows.
_POLARISED = 0
_GAINED = 1


@compiled
def update_hedging(world: World, month: int, lo: int, hi: int) -> None:
    """Let the third states in [lo, hi) move their own position on the partner."""
    challenger = world.role[Role.challenger]
    partner = world.role[Role.partner]
    if challenger < 0 or partner < 0:
        return
    uniforms = world.choice_draw[month % world.choice_draw.shape[0], ChoiceDraw.hedge]
    for i in range(lo, hi):
        if _is_third(world, i):
            _set_terms(world, i, challenger, partner)
            _set_gained(world, i, challenger)
            _hedge(
                world.state[StateVar.hedging, i],
                world.state[StateVar.hedging_motive, i],
                term_row(world, MotiveTerm.hedge_threat, i, i),
                term_row(world, MotiveTerm.hedge_pressure, i, i),
                term_row(world, MotiveTerm.hedge_winner, i, i),
                term_row(world, MotiveTerm.hedge_polarisation, i, i),
                term_row(world, MotiveTerm.hedge_market, i, i),
                world.scratch[_GAINED],
                world.state[StateVar.neutrality, i],
                uniforms[i],
                world.param,
                world.option[Option.choice],
            )


@inlined
def _is_third(world: World, i: int) -> bool:
    """Whether a state is none of those whose position is given: two sides and the patron."""
    return i not in (
        world.role[Role.challenger],
        world.role[Role.sender],
        world.role[Role.partner],
        world.role[Role.patron],
    )


@inlined
def _set_terms(world: World, i: int, challenger: int, partner: int) -> None:
    """Set the terms of the motive of i."""
    trade = world.pair[PairVar.trade, world.pair_of[i, challenger]]
    gdp = world.state[StateVar.gdp, i]
    _answer_threat(
        term_row(world, MotiveTerm.hedge_threat, i, i),
        world.directed[DirectedVar.threat, i, challenger],
        world.directed[DirectedVar.threat_start, i, challenger],
        world.param[Param.threat_gain],
    )
    _answer_pressure(
        term_row(world, MotiveTerm.hedge_pressure, i, i),
        trade,
        gdp,
        world.state[StateVar.pressure, i],
        world.param,
    )
    _answer_winner(
        term_row(world, MotiveTerm.hedge_winner, i, i),
        world.directed[DirectedVar.success_start, challenger, partner],
        world.directed[DirectedVar.success_believed, challenger, partner],
        world.param[Param.hedging_winner],
    )
    _set_polarised(world, challenger)
    _step_back(
        term_row(world, MotiveTerm.hedge_polarisation, i, i),
        world.scratch[_POLARISED],
        world.state[StateVar.neutrality, i],
        world.param[Param.hedging_polarisation],
    )
    _follow_market(
        term_row(world, MotiveTerm.hedge_market, i, i),
        trade,
        gdp,
        world.state[StateVar.gdp, challenger],
        world.region[RegionVar.market_start],
        world.param[Param.hedging_market],
    )


@noalias_loop
def _answer_threat(term: Floats, threat: Floats, start: Floats, gain: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = threat_drives(gain[run], threat[run] - start[run])


@noalias_loop
def _answer_pressure(
    term: Floats, trade: Floats, gdp: Floats, pressure: Floats, param: Floats
) -> None:
    for run in range(term.shape[0]):
        term[run] = answer_to_pressure(
            param[Param.hedging_pressure, run],
            exposed(trade[run] / gdp[run]),
            pressure[run],
            param[Param.hedging_backlash, run],
        )


@noalias_loop
def _answer_winner(term: Floats, start: Floats, success: Floats, gain: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = winner_attracts(gain[run], start[run] - success[run])


@inlined
def _set_polarised(world: World, challenger: int) -> None:
    """Set the mean tension of the challenger with sender, partner and patron, above its start."""
    polarised = world.scratch[_POLARISED]
    fill(polarised, 0.0)
    n_core = 0.0
    for k in (world.role[Role.sender], world.role[Role.partner], world.role[Role.patron]):
        if k >= 0:
            n_core += 1.0
    for k in (world.role[Role.sender], world.role[Role.partner], world.role[Role.patron]):
        if k >= 0:
            pair = world.pair_of[k, challenger]
            _add_excess(
                polarised,
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.tension_start, pair],
                n_core,
            )


@noalias_loop
def _add_excess(total: Floats, value: Floats, start: Floats, parts: float) -> None:
    for run in range(total.shape[0]):
        total[run] += (value[run] - start[run]) / parts


@noalias_loop
def _step_back(term: Floats, polarised: Floats, neutrality: Floats, gain: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = polarisation_repels(gain[run], neutrality[run], polarised[run])


@noalias_loop
def _follow_market(
    term: Floats, trade: Floats, gdp: Floats, market: Floats, start: Floats, gain: Floats
) -> None:
    for run in range(term.shape[0]):
        growth = log(market[run] / start[run])
        term[run] = market_pulls(gain[run], trade[run] / gdp[run], growth)


@inlined
def _set_gained(world: World, i: int, challenger: int) -> None:
    """Set the trade that i gained with all but the challenger, in per cent of its GDP."""
    gained = world.scratch[_GAINED]
    fill(gained, 0.0)
    for k in range(world.state.shape[1]):
        if k not in (i, challenger):
            pair = world.pair_of[i, k]
            _add_gain(
                gained,
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.state[StateVar.gdp, i],
            )


@noalias_loop
def _add_gain(gained: Floats, trade: Floats, start: Floats, gdp: Floats) -> None:
    for run in range(gained.shape[0]):
        gained[run] += 100.0 * (trade[run] - start[run]) / gdp[run]


@noalias_loop
def _hedge(
    hedging: Floats,
    motive: Floats,
    threat: Floats,
    answer: Floats,
    winner: Floats,
    polarisation: Floats,
    market: Floats,
    gained: Floats,
    neutrality: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(hedging.shape[0]):
        motive[run] = threat[run] + answer[run] + winner[run] + polarisation[run] + market[run]
        inertia = (
            param[Param.choice_inertia, run]
            + param[Param.hedging_neutrality, run] * neutrality[run]
            + param[Param.hedging_gain, run] * larger(gained[run], 0.0)
        )
        choice = chosen(
            motive[run], inertia, param[Param.choice_temperature, run], uniform[run], option
        )
        hedging[run] = next_response(
            hedging[run], param[Param.hedging_rate, run], param[Param.hedging_span, run], choice
        )
