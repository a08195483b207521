"""Mechanism 21. De-risk: states cut their dependence on a challenger that presses them.

Pressure and a worse tension with the challenger make it urgent to trade elsewhere; how fast trade
can move is a matter of the mechanism of trade.  Stipulated.
"""

from regional_sim.model.mechanisms.choice import chosen, next_response, term_row
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import ChoiceDraw, MotiveTerm, PairVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger


@inlined
def pressure_urges(gain: float, pressure: float) -> float:
    """Return g max(0, P), what pressure by the challenger adds to the motive to trade elsewhere.

    Parameters
    ----------
    gain : float
        Weight g.
    pressure : float
        Pressure P; inducement, below 0, does not count.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> pressure_urges(2.0, 0.5), pressure_urges(2.0, -0.5)
    (1.0, 0.0)
    """
    return gain * larger(pressure, 0.0)


@inlined
def tension_urges(gain: float, tension: float) -> float:
    """Return g dT / 0.1, what tension with the challenger adds.

    Parameters
    ----------
    gain : float
        Weight g of threats.
    tension : float
        Tension above its start dT.

    Returns
    -------
    float
        Motive; below 0 one to trade more with it.

    Examples
    --------
    >>> tension_urges(2.0, 0.05)
    1.0
    """
    return gain * tension / 0.1


@compiled
def update_derisking(world: World, month: int, lo: int, hi: int) -> None:
    """Set how urgently the states in [lo, hi) cut their dependence on the challenger."""
    challenger = world.role[Role.challenger]
    if challenger < 0:
        return
    uniforms = world.choice_draw[month % world.choice_draw.shape[0], ChoiceDraw.derisk]
    for i in range(lo, hi):
        if i != challenger:
            pair = world.pair_of[i, challenger]
            _derisk(
                world.state[StateVar.derisking, i],
                world.state[StateVar.derisking_motive, i],
                term_row(world, MotiveTerm.derisk_pressure, i, i),
                term_row(world, MotiveTerm.derisk_tension, i, i),
                world.state[StateVar.pressure, i],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.tension_start, pair],
                uniforms[i],
                world.param,
                world.option[Option.choice],
            )


@noalias_loop
def _derisk(
    derisking: Floats,
    motive: Floats,
    urged: Floats,
    alarmed: Floats,
    pressure: Floats,
    tension: Floats,
    tension_start: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(derisking.shape[0]):
        urged[run] = pressure_urges(param[Param.derisking_pressure, run], pressure[run])
        alarmed[run] = tension_urges(
            param[Param.threat_gain, run], tension[run] - tension_start[run]
        )
        motive[run] = urged[run] + alarmed[run]
        choice = chosen(
            motive[run],
            param[Param.choice_inertia, run],
            param[Param.choice_temperature, run],
            uniform[run],
            option,
        )
        derisking[run] = next_response(
            derisking[run], param[Param.derisking_rate, run], 1.0, choice
        )
