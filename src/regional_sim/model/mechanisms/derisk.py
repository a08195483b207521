"""Mechanism 21. De-risk: states cut their dependence on a challenger that presses them.

Pressure and a worse tension with the challenger make it urgent to trade elsewhere; how fast trade
can move is a matter of the mechanism of trade.  Stipulated.
"""

from regional_sim.model.mechanisms.choice import chosen, next_response
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import ChoiceDraw, PairVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger


@inlined
def motive_to_derisk(
    pressure_gain: float, pressure: float, threat_gain: float, tension: float
) -> float:
    """Return g max(0, P) + g' dT / 0.1, the motive to cut dependence on the challenger.

    Parameters
    ----------
    pressure_gain, threat_gain : float
        Weights g and g'.
    pressure : float
        Pressure P by the challenger; inducement, below 0, does not count.
    tension : float
        Tension with it above its start dT.

    Returns
    -------
    float
        Motive; below 0 one to trade more with it.

    Examples
    --------
    >>> motive_to_derisk(1.0, 0.5, 2.0, 0.1), motive_to_derisk(1.0, -0.5, 2.0, 0.0)
    (2.5, 0.0)
    """
    return pressure_gain * larger(pressure, 0.0) + threat_gain * tension / 0.1


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
    pressure: Floats,
    tension: Floats,
    tension_start: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(derisking.shape[0]):
        motive[run] = motive_to_derisk(
            param[Param.derisking_pressure, run],
            pressure[run],
            param[Param.threat_gain, run],
            tension[run] - tension_start[run],
        )
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
