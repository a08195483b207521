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

from regional_sim.model.mechanisms.choice import chosen, next_response
from regional_sim.model.mechanisms.press import exposed
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    DirectedVar,
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
def motive_to_lean(
    threat: float, answer: float, winner: float, polarisation: float, market: float
) -> float:
    """Return d + a + w - p - m, a third state's motive to lean toward the partner.

    Parameters
    ----------
    threat : float
        Threat by the challenger above its start d, weighted.
    answer : float
        Answer to its pressure a, from :func:`answer_to_pressure`.
    winner : float
        Chance that the challenger fails, above its start w, weighted.
    polarisation : float
        Tension of the challenger with sender, partner and patron p, weighted.
    market : float
        Growth of the challenger's market m, weighted.

    Returns
    -------
    float
        Motive; below 0 one to lean toward the challenger.

    Examples
    --------
    >>> motive_to_lean(1.0, -0.5, 0.25, 0.25, 0.5)
    0.0
    """
    return threat + answer + winner - polarisation - market


# Scratch rows.
_POLARISED = 0
_GAINED = 1
_GROWTH = 2


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
            _set_polarised(world, challenger)
            _set_growth(
                world.scratch[_GROWTH],
                world.state[StateVar.gdp, challenger],
                world.region[RegionVar.market_start],
            )
            _set_gained(world, i, challenger)
            _set_motive(
                world.state[StateVar.hedging_motive, i],
                world.scratch[_POLARISED],
                world.state[StateVar.gdp, i],
                world.state[StateVar.neutrality, i],
                world.state[StateVar.pressure, i],
                world.scratch[_GROWTH],
                world.pair[PairVar.trade, world.pair_of[i, challenger]],
                world.directed,
                world.param,
                i,
                challenger,
                partner,
            )
            _hedge(
                world.state[StateVar.hedging, i],
                world.state[StateVar.hedging_motive, i],
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
def _set_growth(growth: Floats, market: Floats, market_start: Floats) -> None:
    for run in range(growth.shape[0]):
        growth[run] = log(market[run] / market_start[run])


@noalias_loop
def _set_motive(
    motive: Floats,
    polarised: Floats,
    gdp: Floats,
    neutrality: Floats,
    pressure: Floats,
    growth: Floats,
    trade: Floats,
    directed: Floats,
    param: Floats,
    i: int,
    challenger: int,
    partner: int,
) -> None:
    for run in range(motive.shape[0]):
        dependence = trade[run] / gdp[run]
        threat = (
            directed[DirectedVar.threat, i, challenger, run]
            - directed[DirectedVar.threat_start, i, challenger, run]
        )
        fails = (
            directed[DirectedVar.success_start, challenger, partner, run]
            - directed[DirectedVar.success_believed, challenger, partner, run]
        )
        aloof = param[Param.hedging_polarisation, run] * neutrality[run]
        motive[run] = motive_to_lean(
            param[Param.threat_gain, run] * threat / 0.05,
            answer_to_pressure(
                param[Param.hedging_pressure, run],
                exposed(dependence),
                pressure[run],
                param[Param.hedging_backlash, run],
            ),
            param[Param.hedging_winner, run] * fails / 0.05,
            aloof * polarised[run] / 0.05,
            param[Param.hedging_market, run] * (dependence / 0.1) * growth[run],
        )


@noalias_loop
def _hedge(
    hedging: Floats,
    motive: Floats,
    gained: Floats,
    neutrality: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(hedging.shape[0]):
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
