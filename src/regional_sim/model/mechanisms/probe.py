"""Mechanism 19. Probe: grey-zone activity, which brings forces into contact.

A state with a stake in a quarrel probes more where it is more likely to prevail; the challenger
also where the sender's signals provoke it more than they deter it.  Observed as flights into the
partner's air defence zone and as patrols near disputed islands; sizes are stipulated.
"""

from regional_sim.model.mechanisms.choice import chosen, next_response
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    DirectedVar,
    RegionVar,
    Role,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import any_above


@inlined
def motive_to_probe(gain: float, success: float, provocation: float) -> float:
    """Return g (dp / 0.05 + h), a state's motive to probe another.

    Parameters
    ----------
    gain : float
        Weight g of both.
    success : float
        Believed chance to prevail above its start dp.
    provocation : float
        Hostility less resolve read in the sender's signal h, logits; 0 for others.

    Returns
    -------
    float
        Motive; below 0 one to keep away.

    Examples
    --------
    >>> motive_to_probe(2.0, 0.05, -0.5)
    1.0
    """
    return gain * (success / 0.05 + provocation)


@compiled
def update_probing(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) probe those with whom they have a quarrel."""
    uniforms = world.choice_draw[month % world.choice_draw.shape[0], ChoiceDraw.probe]
    for i in range(lo, hi):
        for j in range(world.state.shape[1]):
            if j != i and any_above(world.directed[DirectedVar.probes, i, j], 0.0):
                signalled = i == world.role[Role.challenger] and j in (
                    world.role[Role.sender],
                    world.role[Role.partner],
                )
                _probe(
                    world.directed[DirectedVar.probing, i, j],
                    world.directed[DirectedVar.probing_motive, i, j],
                    world.directed[DirectedVar.probes, i, j],
                    world.directed[DirectedVar.success_believed, i, j],
                    world.directed[DirectedVar.success_start, i, j],
                    world.region,
                    uniforms[i],
                    world.param,
                    1.0 if signalled else 0.0,
                    world.option[Option.choice],
                )


@noalias_loop
def _probe(
    probing: Floats,
    motive: Floats,
    probes: Floats,
    success: Floats,
    success_start: Floats,
    region: Floats,
    uniform: Floats,
    param: Floats,
    signalled: float,
    option: int,
) -> None:
    for run in range(probing.shape[0]):
        read = region[RegionVar.hostility, run] - region[RegionVar.resolve, run]
        motive[run] = motive_to_probe(
            param[Param.probing_gain, run], success[run] - success_start[run], signalled * read
        )
        choice = chosen(
            motive[run],
            param[Param.choice_inertia, run],
            param[Param.choice_temperature, run],
            uniform[run],
            option,
        )
        probing[run] = next_response(
            probing[run],
            param[Param.probing_rate, run],
            probes[run] * param[Param.probing_span, run],
            choice,
        )
