"""Mechanism 18. Press: the challenger coerces states, or courts them.

It presses a state whose stance or whose alignment with sender and patron moves against it, and
sender and partner where it reads hostility; it courts neutral states when the sender provokes.
What it would itself lose restrains it.  Signs follow the sources; sizes
are stipulated, the speed is that of recent sanctions.

References
----------
Zhang, K. (2019). Cautious bully: reputation, resolve, and Beijing's use of coercion in the South
China Sea. *International Security* 44(1).
Crawford, T. (2011). Preventing enemy coalitions: how wedge strategies shape power politics.
*International Security* 35(4).
"""

from regional_sim.model.mechanisms.align import mean_over_span, set_leaning
from regional_sim.model.mechanisms.choice import chosen, next_response, term_row
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    MotiveTerm,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop

_HALF_EXPOSED = 0.1
"""Dependence, share of GDP, at which exposure is one half."""


@inlined
def exposed(dependence: float) -> float:
    """Return w / (w + 0.1), how exposed a state is to the challenger.

    Parameters
    ----------
    dependence : float
        Trade with the challenger w, share of GDP, at least 0.

    Returns
    -------
    float
        Exposure in [0, 1).

    Examples
    --------
    >>> exposed(0.1), exposed(0.0)
    (0.5, 0.0)
    """
    return dependence / (dependence + _HALF_EXPOSED)


@inlined
def weight_of_exposed(exposure: float) -> float:
    """Return 1/2 + e, the weight of all reasons to press a state.

    Parameters
    ----------
    exposure : float
        Exposure e of the state, in [0, 1): the exposed are pressed first.

    Returns
    -------
    float
        Weight in [1/2, 3/2).

    Examples
    --------
    >>> weight_of_exposed(0.25)
    0.75
    """
    return 0.5 + exposure


@inlined
def motive_to_press(weight: float, stance: float, alignment: float, hostility: float) -> float:
    """Return w (x + a + h), the challenger's motive to press a state.

    Parameters
    ----------
    weight : float
        Weight w, from :func:`weight_of_exposed`.
    stance, alignment : float
        Its stance x and its alignment a with sender and patron, above the start, each over its
        span and weighted.
    hostility : float
        Hostility h read in the sender's signal, weighted; below 0 where it is a reason to court.

    Returns
    -------
    float
        Motive; below 0 one to court.

    Examples
    --------
    >>> motive_to_press(1.0, 0.5, 0.25, -0.25)
    0.5
    """
    return weight * (stance + alignment + hostility)


# Scratch rows.
_LEANING = 0

SIDES = 0.3
"""Mean alignment with sender and patron, over the span, that weighs as much as a full stance."""


@compiled
def press_others(world: World, month: int, lo: int, hi: int) -> None:
    """Let the challenger press or court all others, if it is in [lo, hi)."""
    challenger = world.role[Role.challenger]
    if challenger < lo or challenger >= hi:
        return
    uniforms = world.choice_draw[month % world.choice_draw.shape[0], ChoiceDraw.press]
    for j in range(world.state.shape[1]):
        if j != challenger:
            provoked = 1.0 if j in (world.role[Role.sender], world.role[Role.partner]) else 0.0
            set_leaning(world, world.scratch[_LEANING], j)
            stance = term_row(world, MotiveTerm.press_stance, j, j)
            alignment = term_row(world, MotiveTerm.press_alignment, j, j)
            hostility = term_row(world, MotiveTerm.press_hostility, j, j)
            _set_reasons(
                stance,
                alignment,
                hostility,
                world.scratch[_LEANING],
                world.state,
                world.region[RegionVar.hostility],
                world.param,
                j,
                provoked,
            )
            _set_motive(
                world.state[StateVar.pressure_motive, j],
                stance,
                alignment,
                hostility,
                world.state[StateVar.gdp, j],
                world.pair[PairVar.trade, world.pair_of[j, challenger]],
            )
            _press(
                world.state[StateVar.pressure, j],
                world.pair[PairVar.trade, world.pair_of[j, challenger]],
                world.state[StateVar.pressure_motive, j],
                world.state[StateVar.gdp, challenger],
                uniforms[challenger],
                world.param,
                world.option[Option.choice],
            )


@noalias_loop
def _set_reasons(
    stance: Floats,
    alignment: Floats,
    hostility: Floats,
    leaning: Floats,
    states: Floats,
    read: Floats,
    param: Floats,
    j: int,
    provoked: float,
) -> None:
    for run in range(stance.shape[0]):
        moved = states[StateVar.stance, j, run] - states[StateVar.stance_start, j, run]
        stance[run] = param[Param.pressure_stance, run] * moved / param[Param.hedging_span, run]
        alignment[run] = (
            param[Param.pressure_alignment, run]
            * mean_over_span(leaning[run], param[Param.alignment_span, run])
            / SIDES
        )
        wedge = param[Param.pressure_wedge, run] * states[StateVar.neutrality, j, run]
        provocation = provoked * param[Param.pressure_hostility, run] - (1.0 - provoked) * wedge
        hostility[run] = provocation * read[run]


@noalias_loop
def _set_motive(
    motive: Floats,
    stance: Floats,
    alignment: Floats,
    hostility: Floats,
    gdp: Floats,
    trade: Floats,
) -> None:
    """Weigh the reasons, which become the terms of the motive."""
    for run in range(motive.shape[0]):
        weight = weight_of_exposed(exposed(trade[run] / gdp[run]))
        motive[run] = motive_to_press(weight, stance[run], alignment[run], hostility[run])
        stance[run] *= weight
        alignment[run] *= weight
        hostility[run] *= weight


@noalias_loop
def _press(
    pressure: Floats,
    trade: Floats,
    motive: Floats,
    gdp: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(pressure.shape[0]):
        own_loss = param[Param.pressure_own_loss, run] * (trade[run] / gdp[run])
        choice = chosen(
            motive[run],
            param[Param.choice_inertia, run] + own_loss,
            param[Param.choice_temperature, run],
            uniform[run],
            option,
        )
        pressure[run] = next_response(pressure[run], param[Param.pressure_rate, run], 1.0, choice)
