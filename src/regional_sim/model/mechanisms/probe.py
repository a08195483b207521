"""Mechanism 19. Probe: grey-zone activity, which brings forces into contact.

A state with a stake in a quarrel probes more where it is more likely to prevail, and where it reads
more hostility than resolve: in the other's alignment with sender and patron and, if it is the
challenger, in the sender's signals to it and to the partner.  Observed as flights into the
partner's air defence zone and as patrols near disputed islands; sizes are stipulated.

References
----------
Jervis, R. (1976). *Perception and Misperception in International Politics*, ch. 3. Princeton.
"""

from regional_sim.model.mechanisms.align import mean_over_span, set_leaning
from regional_sim.model.mechanisms.choice import chosen, next_response, term_row
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    DirectedVar,
    MotiveTerm,
    RegionVar,
    Role,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import any_above


@inlined
def success_invites(success: float) -> float:
    """Return dp / 0.05, what a better chance to prevail counts.

    Parameters
    ----------
    success : float
        Believed chance to prevail above its start dp.

    Returns
    -------
    float
        Reason to probe.

    Examples
    --------
    >>> success_invites(-0.05)
    -1.0
    """
    return success / 0.05


@inlined
def alignment_read(alignment: float, theta: float) -> float:
    """Return (2 theta - 1) a, what the other's alignment counts.

    Parameters
    ----------
    alignment : float
        Alignment a of the other with sender and patron over its span, weighted.
    theta : float
        Share theta of it that is read as hostility, in [0, 1]; the rest is read as resolve.

    Returns
    -------
    float
        Reason to probe.

    Examples
    --------
    >>> alignment_read(0.5, 0.75)
    0.25
    """
    return (2.0 * theta - 1.0) * alignment


@inlined
def motive_to_probe(gain: float, success: float, signal: float, alignment: float) -> float:
    """Return g (p + h + a), a state's motive to probe another.

    Parameters
    ----------
    gain : float
        Weight g of all.
    success, alignment : float
        Reasons p and a, from :func:`success_invites` and :func:`alignment_read`.
    signal : float
        Hostility less resolve read in the sender's signal h, logits; 0 for others.

    Returns
    -------
    float
        Motive; below 0 one to keep away.

    Examples
    --------
    >>> motive_to_probe(2.0, 1.0, -0.5, 0.25)
    1.5
    """
    return gain * (success + signal + alignment)


# Scratch row.
_LEANING = 0


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
                theta = world.param[Param.theta_third]
                if i == world.role[Role.challenger]:
                    theta = world.region[RegionVar.theta]
                set_leaning(world, world.scratch[_LEANING], j)
                success = term_row(world, MotiveTerm.probe_success, i, j)
                signal = term_row(world, MotiveTerm.probe_signal, i, j)
                alignment = term_row(world, MotiveTerm.probe_alignment, i, j)
                _set_reasons(
                    success,
                    signal,
                    alignment,
                    world.directed[DirectedVar.success_believed, i, j],
                    world.directed[DirectedVar.success_start, i, j],
                    world.scratch[_LEANING],
                    theta,
                    world.region,
                    world.param,
                    1.0 if signalled else 0.0,
                )
                _probe(
                    world.directed[DirectedVar.probing, i, j],
                    world.directed[DirectedVar.probing_motive, i, j],
                    success,
                    signal,
                    alignment,
                    world.directed[DirectedVar.probes, i, j],
                    uniforms[i],
                    world.param,
                    world.option[Option.choice],
                )


@noalias_loop
def _set_reasons(
    success: Floats,
    signal: Floats,
    alignment: Floats,
    believed: Floats,
    believed_start: Floats,
    leaning: Floats,
    theta: Floats,
    region: Floats,
    param: Floats,
    signalled: float,
) -> None:
    for run in range(success.shape[0]):
        success[run] = success_invites(believed[run] - believed_start[run])
        read = region[RegionVar.hostility, run] - region[RegionVar.resolve, run]
        signal[run] = signalled * read
        alignment[run] = alignment_read(
            param[Param.probing_alignment, run]
            * mean_over_span(leaning[run], param[Param.alignment_span, run]),
            theta[run],
        )


@noalias_loop
def _probe(
    probing: Floats,
    motive: Floats,
    success: Floats,
    signal: Floats,
    alignment: Floats,
    probes: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    """Weigh the reasons, which become the terms of the motive, and choose."""
    for run in range(probing.shape[0]):
        gain = param[Param.probing_gain, run]
        weighed = motive_to_probe(gain, success[run], signal[run], alignment[run])
        success[run] *= gain
        signal[run] *= gain
        alignment[run] *= gain
        # In some runs of a batch these two may be friends.
        motive[run] = weighed if probes[run] > 0.0 else 0.0
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
