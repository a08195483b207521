"""Mechanism 17. Align: a state draws nearer to a friend, or away from it.

Common threats and the friend's own efforts bind, and a patron brings its allies together.  Fear of
being drawn into the friend's quarrels, pressure by the challenger and friction between the two
loosen; a patron holds back a friend whose signals provoke.  Alignment moves commitments, and how
well forces and sensors work together.  Signs follow the sources; sizes are stipulated.

Longer than others because this motive has more terms than any other.

References
----------
Walt, S. (1987). *The Origins of Alliances*. Cornell.
Snyder, G. (1984). The security dilemma in alliance politics. *World Politics* 36(4).
Olson, M. & Zeckhauser, R. (1966). An economic theory of alliances. *Review of Economics and
Statistics* 48(3).
Christensen, T. & Snyder, J. (1990). Chain gangs and passed bucks. *International Organization*
44(2).
Cha, V. (1999). *Alignment Despite Antagonism*. Stanford.
Blankenship, B. (2023). *The Burden-Sharing Dilemma*. Cornell.
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.choice import chosen, next_response, term_row
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    ChoiceDraw,
    DirectedVar,
    Group,
    InstrumentRow,
    MotiveTerm,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger, logistic, smaller
from regional_sim.numerics.run_loops import add, any_above, copy, fill, sum_products


@inlined
def common_threat_binds(common_threat: float, gain: float, openness: float) -> float:
    """Return g o dc / 0.05, what common threats add.

    Parameters
    ----------
    common_threat : float
        Common threat above its start dc, in units of threat squared.
    gain : float
        Weight g of threats.
    openness : float
        (1 - neutrality) of both states multiplied o, in [0, 1].

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> common_threat_binds(0.05, 1.0, 0.5)
    0.5
    """
    return gain * openness * common_threat / 0.05


@inlined
def effort_binds(effort: float, burden: float) -> float:
    """Return b e / 0.1, what the friend's effort adds.

    Parameters
    ----------
    effort : float
        Effort e of the friend above the start.
    burden : float
        Weight b: above 0 effort is rewarded, below 0 the burden is left to the friend.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> effort_binds(0.1, -0.25)
    -0.25
    """
    return burden * effort / 0.1


@inlined
def brokered(gain: float, patron_alignment: float, other_alignment: float, span: float) -> float:
    """Return g (a + a') / 2 s, what the patron's alignment with both adds.

    Parameters
    ----------
    gain : float
        Weight g.
    patron_alignment, other_alignment : float
        Alignment a and a' of the patron toward the two, logits.
    span : float
        Span s of alignment, logits.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> brokered(1.0, 0.5, 0.25, 0.75)
    0.5
    """
    return gain * (0.5 * (patron_alignment + other_alignment)) / span


@inlined
def entrapment_loosens(fear: float, tension: float) -> float:
    """Return -e dT / 0.1, what fear of the friend's quarrels adds.

    Parameters
    ----------
    fear : float
        Fear of entrapment e.
    tension : float
        Tension of the friend with the challenger above its start dT.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> entrapment_loosens(0.5, 0.1)
    -0.5
    """
    return -(fear * tension / 0.1)


@inlined
def pressure_loosens(exposure: float, pressure: float) -> float:
    """Return -x P, what pressure by the challenger adds.

    Parameters
    ----------
    exposure : float
        Own dependence on the challenger times the aversion to its pressure x.
    pressure : float
        Pressure P on the state itself.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> pressure_loosens(0.5, 0.5)
    -0.25
    """
    return -(exposure * pressure)


@inlined
def patrols_loosen(friction: float, patrols: float) -> float:
    """Return -f u, what patrols add where there is friction.

    Parameters
    ----------
    friction : float
        Friction with the friend f, weighted.
    patrols : float
        Joint patrols u above their start.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> patrols_loosen(0.5, 0.5)
    -0.25
    """
    return -(friction * patrols)


@inlined
def provocation_loosens(gain: float, hostility: float) -> float:
    """Return -g h, what a friend's provocation adds to the motive of the patron.

    Parameters
    ----------
    gain : float
        Weight g.
    hostility : float
        Hostility h read in the sender's signal, logits.

    Returns
    -------
    float
        Motive.

    Examples
    --------
    >>> provocation_loosens(0.25, 2.0)
    -0.5
    """
    return -(gain * hostility)


@inlined
def shared_more(share: float, sharing: float, alignment: float) -> float:
    """Return w + s a held to [0, 1]: what works together does so better among the aligned.

    Parameters
    ----------
    share : float
        Share w at the start.
    sharing : float
        Rise s per logit of alignment.
    alignment : float
        Alignment a, logits.

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> shared_more(0.5, 0.25, 1.0), shared_more(0.5, 0.25, -4.0)
    (0.75, 0.0)
    """
    return larger(smaller(share + sharing * alignment, 1.0), 0.0)


@inlined
def mean_over_span(leaning: float, span: float) -> float:
    """Return l / 2 s, the mean alignment with sender and patron over the span.

    Parameters
    ----------
    leaning : float
        Sum of both alignments l, logits.
    span : float
        Span s of alignment, logits.

    Returns
    -------
    float
        In [-1, 1].

    Examples
    --------
    >>> mean_over_span(0.5, 1.0)
    0.25
    """
    return 0.5 * leaning / span


@inlined
def set_leaning(world: World, leaning: Floats, j: int) -> None:
    """Set the sum of the alignments of j with sender and patron."""
    fill(leaning, 0.0)
    for k in (world.role[Role.sender], world.role[Role.patron]):
        if k >= 0 and k != j:
            add(leaning, world.directed[DirectedVar.alignment, j, k])


OTHERS_FEAR = 0.5
"""Fear of entrapment of allies other than the patron, over that of the patron."""


@compiled
def weigh_effort(world: World, month: int, lo: int, hi: int) -> None:
    """Set the effort of the states in [lo, hi): arms, word to the partner, and firmness."""
    partner = world.role[Role.partner]
    for k in range(lo, hi):
        effort = world.state[StateVar.effort, k]
        copy(effort, world.state[StateVar.readiness, k])
        if partner >= 0 and k != partner:
            _add_commitment(
                effort,
                world.directed[DirectedVar.commitment, k, partner],
                world.directed[DirectedVar.commitment_start, k, partner],
            )
        if k == world.role[Role.sender]:
            _add_firmness(effort, world.region, world.param[Param.firmness_effort])


@noalias_loop
def _add_commitment(effort: Floats, commitment: Floats, start: Floats) -> None:
    for run in range(effort.shape[0]):
        effort[run] += logistic(commitment[run]) - start[run]


@noalias_loop
def _add_firmness(effort: Floats, region: Floats, weight: Floats) -> None:
    for run in range(effort.shape[0]):
        firmness = region[RegionVar.firmness, run] - region[RegionVar.firmness_start, run]
        effort[run] += weight[run] * firmness


@compiled
def weigh_alignment(world: World, month: int, lo: int, hi: int) -> None:
    """Set the motives of the states in [lo, hi) to align toward all others."""
    for i in range(lo, hi):
        for k in range(world.state.shape[1]):
            if k != i and any_above(world.directed[DirectedVar.aligns, i, k], 0.0):
                _set_binding(world, i, k)
                _set_brokerage(world, i, k)
                _set_loosening(world, i, k)
                _set_motive(
                    world.directed[DirectedVar.alignment_motive, i, k],
                    world.directed[DirectedVar.aligns, i, k],
                    term_row(world, MotiveTerm.align_common_threat, i, k),
                    term_row(world, MotiveTerm.align_effort, i, k),
                    term_row(world, MotiveTerm.align_brokerage, i, k),
                    term_row(world, MotiveTerm.align_entrapment, i, k),
                    term_row(world, MotiveTerm.align_exposure, i, k),
                    term_row(world, MotiveTerm.align_friction, i, k),
                    term_row(world, MotiveTerm.align_restraint, i, k),
                )


@inlined
def set_common_threat(world: World, i: int, k: int) -> None:
    """Set the threat common to i and k."""
    threats = world.directed[DirectedVar.threat]
    sum_products(world.directed[DirectedVar.common_threat, i, k], threats, i, threats, k, False)


@inlined
def _set_binding(world: World, i: int, k: int) -> None:
    """Set what binds i to k: common threats, and the effort of k."""
    set_common_threat(world, i, k)
    _bind_by_threat(
        term_row(world, MotiveTerm.align_common_threat, i, k),
        world.directed[DirectedVar.common_threat, i, k],
        world.directed[DirectedVar.common_threat_start, i, k],
        world.state[StateVar.neutrality, i],
        world.state[StateVar.neutrality, k],
        world.param,
    )
    burden = Param.burden_patron if i == world.role[Role.patron] else Param.burden_others
    _bind_by_effort(
        term_row(world, MotiveTerm.align_effort, i, k),
        world.state[StateVar.effort, k],
        world.param[burden],
    )


@noalias_loop
def _bind_by_threat(
    term: Floats, common: Floats, start: Floats, own: Floats, other: Floats, param: Floats
) -> None:
    for run in range(term.shape[0]):
        openness = (1.0 - own[run]) * (1.0 - other[run])
        term[run] = common_threat_binds(
            common[run] - start[run], param[Param.threat_gain, run], openness
        )


@noalias_loop
def _bind_by_effort(term: Floats, effort: Floats, burden: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = effort_binds(effort[run], burden[run])


@inlined
def _set_brokerage(world: World, i: int, k: int) -> None:
    """Set what the patron's alignment with both adds for all states but the patron itself."""
    term = term_row(world, MotiveTerm.align_brokerage, i, k)
    patron = world.role[Role.patron]
    if patron >= 0 and i != patron:
        _broker(
            term,
            world.directed[DirectedVar.alignment, patron, i],
            world.directed[DirectedVar.alignment, patron, k],
            world.param,
        )
    else:
        fill(term, 0.0)


@noalias_loop
def _broker(term: Floats, own: Floats, other: Floats, param: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = brokered(
            param[Param.brokerage, run], own[run], other[run], param[Param.alignment_span, run]
        )


@inlined
def _set_loosening(world: World, i: int, k: int) -> None:
    """Set what holds i away from k: fear, the challenger's pressure, friction, restraint."""
    challenger = world.role[Role.challenger]
    sender = world.role[Role.sender]
    patron = world.role[Role.patron]
    restraint = term_row(world, MotiveTerm.align_restraint, i, k)
    fill(restraint, 0.0)
    if challenger < 0:
        fill(term_row(world, MotiveTerm.align_entrapment, i, k), 0.0)
        fill(term_row(world, MotiveTerm.align_exposure, i, k), 0.0)
        fill(term_row(world, MotiveTerm.align_friction, i, k), 0.0)
        return
    friend_to_challenger = world.pair_of[k, challenger]
    _entrap(
        term_row(world, MotiveTerm.align_entrapment, i, k),
        world.pair[PairVar.tension, friend_to_challenger],
        world.pair[PairVar.tension_start, friend_to_challenger],
        world.param[Param.entrapment],
        1.0 if i == patron else OTHERS_FEAR * world.group[Group.allies, i],
    )
    _frighten(
        term_row(world, MotiveTerm.align_exposure, i, k),
        world.pair[PairVar.trade, world.pair_of[i, challenger]],
        world.state[StateVar.gdp, i],
        world.state[StateVar.pressure, i],
        world.param[Param.alignment_exposure],
    )
    _rub(
        term_row(world, MotiveTerm.align_friction, i, k),
        world.pair[PairVar.friction, world.pair_of[i, k]],
        world.instrument,
        world.param[Param.friction_patrols],
        1.0 if sender in (i, k) else 0.0,
    )
    if i == patron and k in (sender, world.role[Role.partner]):
        _restrain(restraint, world.region[RegionVar.hostility], world.param[Param.patron_restraint])


@noalias_loop
def _entrap(term: Floats, tension: Floats, start: Floats, entrapment: Floats, fear: float) -> None:
    for run in range(term.shape[0]):
        term[run] = entrapment_loosens(fear * entrapment[run], tension[run] - start[run])


@noalias_loop
def _frighten(term: Floats, trade: Floats, gdp: Floats, pressure: Floats, aversion: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = pressure_loosens(aversion[run] * (trade[run] / gdp[run]), pressure[run])


@noalias_loop
def _rub(
    term: Floats, friction: Floats, instrument: Floats, gain: Floats, patrolled: float
) -> None:
    for run in range(term.shape[0]):
        patrols = (
            instrument[InstrumentRow.level, Instrument.joint_patrols, run]
            - instrument[InstrumentRow.start, Instrument.joint_patrols, run]
        )
        term[run] = patrols_loosen(gain[run] * (patrolled * friction[run]), patrols)


@noalias_loop
def _restrain(term: Floats, hostility: Floats, gain: Floats) -> None:
    for run in range(term.shape[0]):
        term[run] = provocation_loosens(gain[run], hostility[run])


@noalias_loop
def _set_motive(
    motive: Floats,
    aligns: Floats,
    common_threat: Floats,
    effort: Floats,
    brokerage: Floats,
    entrapment: Floats,
    exposure: Floats,
    friction: Floats,
    restraint: Floats,
) -> None:
    for run in range(motive.shape[0]):
        loosened = entrapment[run] + exposure[run] + friction[run] + restraint[run]
        weighed = common_threat[run] + effort[run] + brokerage[run] + loosened
        # In some runs of a batch these two may not align.
        motive[run] = weighed if aligns[run] > 0.0 else 0.0


@compiled
def update_alignment(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) draw nearer to others, or away from them."""
    uniforms = world.choice_draw[month % world.choice_draw.shape[0], ChoiceDraw.align]
    for i in range(lo, hi):
        for k in range(world.state.shape[1]):
            if k != i and any_above(world.directed[DirectedVar.aligns, i, k], 0.0):
                _align(
                    world.directed[DirectedVar.alignment, i, k],
                    world.directed[DirectedVar.alignment_motive, i, k],
                    world.directed[DirectedVar.aligns, i, k],
                    uniforms[i],
                    world.param,
                    world.option[Option.choice],
                )


@noalias_loop
def _align(
    alignment: Floats,
    motive: Floats,
    aligns: Floats,
    uniform: Floats,
    param: Floats,
    option: int,
) -> None:
    for run in range(alignment.shape[0]):
        choice = chosen(
            motive[run],
            param[Param.choice_inertia, run],
            param[Param.choice_temperature, run],
            uniform[run],
            option,
        )
        alignment[run] = next_response(
            alignment[run],
            param[Param.alignment_rate, run],
            aligns[run] * param[Param.alignment_span, run],
            choice,
        )
