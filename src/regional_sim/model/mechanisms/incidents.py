"""Mechanism 11. Incidents: self-exciting counts where forces meet, and what they trigger.

Incidents grow with presence and tension and cause further incidents.  Each may put the next rung
of the ladder on the table; an open dispute may do so by itself.  The form is Hawkes'; presence,
thinning by channels and triggers are stipulated.

References
----------
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes.
*Biometrika* 58(1).
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.implementation import sender_to_challenger
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    DirectedVar,
    Draw,
    InstrumentRow,
    PairVar,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop, source_inlined
from regional_sim.numerics.elementary import exp, larger, smaller

MOST_INCIDENTS = 12
"""Counts are cut here; at the usual 3 a month a longer count has a chance of 2e-5."""

_HIGHEST_INTENSITY = 8.0
# A division by the loop's counter would keep the loop over runs from packed instructions.
_INVERSES = tuple(1.0 / k for k in range(1, MOST_INCIDENTS + 1))


@inlined
def presence_multiplier(
    contact: float, readiness: float, other_readiness: float, probing: float
) -> float:
    """Return c exp((z + z') / 2 + b), contact times mean readiness and probing.

    Parameters
    ----------
    contact : float
        Contact c of the forces, incidents a month.
    readiness, other_readiness : float
        Log-readiness z and z' of the two states.
    probing : float
        Grey-zone activity b of both against each other, log.

    Returns
    -------
    float
        Presence, incidents a month.

    Examples
    --------
    >>> float(presence_multiplier(3.0, 0.5, -0.5, 0.0))
    3.0
    """
    return contact * exp(0.5 * (readiness + other_readiness) + probing)


@inlined
def base_intensity(
    presence: float, tension: float, floor: float, scale: float, thinning: float
) -> float:
    """Return s presence (c0 + T) (1 - thinning), the incidents a month without excitation.

    Parameters
    ----------
    presence : float
        From :func:`presence_multiplier`, incidents a month.
    tension : float
        Tension T of the pair, in (0, 1).
    floor : float
        Share c0 without tension.
    scale : float
        Multiplier s of all intensities.
    thinning : float
        Share prevented by channels, in [0, 0.4].

    Returns
    -------
    float
        Intensity, incidents a month.

    Examples
    --------
    >>> base_intensity(2.0, 0.25, 0.25, 3.0, 0.5)
    1.5
    """
    return scale * presence * (floor + tension) * (1.0 - thinning)


@inlined
def total_intensity(base: float, excitation: float) -> float:
    """Return base intensity plus excitation, held to 8.

    Parameters
    ----------
    base, excitation : float
        Incidents a month, at least 0.

    Returns
    -------
    float
        Intensity, incidents a month.

    Examples
    --------
    >>> total_intensity(1.0, 0.5), total_intensity(7.0, 1.5)
    (1.5, 8.0)
    """
    return smaller(base + excitation, _HIGHEST_INTENSITY)


@inlined
def next_excitation(excitation: float, decay: float, branching: float, count: float) -> float:
    """Return d e + (1 - d) b N, whose mean is b times the mean count.

    Parameters
    ----------
    excitation : float
        Excitation e now, incidents a month.
    decay : float
        Share d that remains after a month.
    branching : float
        Further incidents b caused by one incident, in [0.2, 0.4].
    count : float
        Incidents N of this month.

    Returns
    -------
    float
        Excitation of the next month, incidents a month.

    Examples
    --------
    >>> next_excitation(1.0, 0.5, 0.25, 4.0)
    1.0
    """
    return decay * excitation + (1.0 - decay) * branching * count


@inlined
def expected_count(base: float, branching: float) -> float:
    """Return base / (1 - b), the stationary mean of the counts.

    Parameters
    ----------
    base : float
        Base intensity, incidents a month.
    branching : float
        Further incidents b caused by one incident, in [0.2, 0.4].

    Returns
    -------
    float
        Incidents a month.

    Examples
    --------
    >>> expected_count(0.75, 0.25)
    1.0
    """
    return base / (1.0 - branching)


@source_inlined
def poisson_count(intensity: float, uniform: float) -> tuple[float, float]:
    """Return a Poisson count and a fresh uniform, both from one uniform draw.

    The draw falls into one step of the distribution function: the step is the count, and the
    place within the step is uniform again and independent of the count.

    Parameters
    ----------
    intensity : float
        Mean, at least 0.
    uniform : float
        Draw in [0, 1).

    Returns
    -------
    tuple of float
        Count (0 to 12) and the place within its step, in [0, 1].

    Examples
    --------
    >>> [float(value) for value in poisson_count(0.0, 0.25)]
    [0.0, 0.25]
    """
    mass = exp(-intensity)
    below = 0.0
    count = 0.0
    lower = 0.0
    step = mass
    for k in range(MOST_INCIDENTS):
        below = below + mass
        mass = mass * intensity * _INVERSES[k]
        beyond = uniform >= below
        count = count + 1.0 if beyond else count
        lower = below if beyond else lower
        step = mass if beyond else step
    # The last step holds all longer counts as well.
    step = 1.0 - lower if count == MOST_INCIDENTS else step
    return count, smaller((uniform - lower) / larger(step, 1e-300), 1.0)


@inlined
def trigger_chance(count: float, trigger: float, standing: float) -> float:
    """Return 1 - (1 - c)(1 - pi)^N, the chance that the next rung is on the table.

    Parameters
    ----------
    count : float
        Incidents N of the month.
    trigger : float
        Chance pi that one incident puts the next rung on the table.
    standing : float
        Chance c that an open dispute does so by itself; 0 where there is none.

    Returns
    -------
    float
        Chance in [0, 1).

    Examples
    --------
    >>> trigger_chance(2.0, 0.5, 0.0)
    0.75
    """
    missed = 1.0 - standing
    for k in range(MOST_INCIDENTS):
        missed = missed * (1.0 - trigger) if k < count else missed
    return 1.0 - missed


@inlined
def expected_trigger(intensity: float, trigger: float, standing: float) -> float:
    """Return 1 - (1 - c) exp(-mean pi), that chance averaged over a Poisson count.

    Parameters
    ----------
    intensity : float
        Mean count, at least 0.
    trigger, standing : float
        As for :func:`trigger_chance`.

    Returns
    -------
    float
        Chance in [0, 1).

    Examples
    --------
    >>> float(expected_trigger(0.0, 0.5, 0.25))
    0.25
    """
    return 1.0 - (1.0 - standing) * exp(-intensity * trigger)


# Scratch rows.
BASE = 0
_PLACE = 1


@compiled
def draw_incidents(world: World, month: int, lo: int, hi: int) -> None:
    """Draw the incidents of every pair whose earlier state is in [lo, hi)."""
    place = world.scratch[_PLACE]
    uniforms = world.draw[month % world.draw.shape[0], Draw.incident]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            rung = world.pair[PairVar.rung, pair]
            intensity = world.pair[PairVar.intensity, pair]
            excitation = world.pair[PairVar.excitation, pair]
            count = world.pair[PairVar.incidents, pair]
            trigger = world.pair[PairVar.trigger, pair]
            set_base_intensity(world, i, j)
            _excite(intensity, trigger, world.scratch[BASE], excitation, rung, world.param)
            _count(count, place, intensity, uniforms[pair])
            _trigger(world.pair[PairVar.triggered, pair], count, place, rung, world.param)
            _remember(excitation, count, world.param)


@inlined
def set_base_intensity(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the pair's intensity without excitation."""
    pair = world.pair_of[i, j]
    _set_presence(
        world.scratch[BASE],
        world.state,
        world.pair,
        world.directed,
        world.instrument,
        world.param,
        i,
        j,
        pair,
        sender_to_challenger(world, i, j),
    )
    _set_intensity(world.scratch[BASE], world.pair, world.param, pair)


@noalias_loop
def _set_presence(
    presence: Floats,
    states: Floats,
    pairs: Floats,
    directed: Floats,
    instrument: Floats,
    param: Floats,
    i: int,
    j: int,
    pair: int,
    patrolled: float,
) -> None:
    for run in range(presence.shape[0]):
        level = instrument[InstrumentRow.level, Instrument.joint_patrols, run]
        start = instrument[InstrumentRow.start, Instrument.joint_patrols, run]
        patrols = patrolled * param[Param.patrols_contact, run] * (level - start)
        met = (
            pairs[PairVar.contact, pair, run]
            * larger(1.0 + patrols, 0.0)
            * (1.0 + param[Param.rung_presence, run] * pairs[PairVar.rung, pair, run])
        )
        presence[run] = presence_multiplier(
            met,
            states[StateVar.readiness, i, run],
            states[StateVar.readiness, j, run],
            directed[DirectedVar.probing, i, j, run] + directed[DirectedVar.probing, j, i, run],
        )


@noalias_loop
def _set_intensity(base: Floats, pairs: Floats, param: Floats, pair: int) -> None:
    """Turn presence into intensity."""
    for run in range(base.shape[0]):
        base[run] = base_intensity(
            base[run],
            pairs[PairVar.tension, pair, run],
            param[Param.incident_floor, run],
            param[Param.incident_scale, run],
            param[Param.channel_thinning, run] * pairs[PairVar.channel, pair, run],
        )


@noalias_loop
def _excite(
    intensity: Floats,
    trigger: Floats,
    base: Floats,
    excitation: Floats,
    rung: Floats,
    param: Floats,
) -> None:
    for run in range(base.shape[0]):
        intensity[run] = total_intensity(base[run], excitation[run])
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        trigger[run] = expected_trigger(
            intensity[run], param[Param.trigger_probability, run], standing
        )


@noalias_loop
def _count(count: Floats, place: Floats, intensity: Floats, uniform: Floats) -> None:
    for run in range(count.shape[0]):
        count[run], place[run] = poisson_count(intensity[run], uniform[run])


@noalias_loop
def _trigger(triggered: Floats, count: Floats, place: Floats, rung: Floats, param: Floats) -> None:
    for run in range(count.shape[0]):
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        chance = trigger_chance(count[run], param[Param.trigger_probability, run], standing)
        triggered[run] = 1.0 if place[run] < chance else 0.0


@noalias_loop
def _remember(excitation: Floats, count: Floats, param: Floats) -> None:
    for run in range(count.shape[0]):
        excitation[run] = next_excitation(
            excitation[run],
            param[Param.incident_decay, run],
            param[Param.incident_branching, run],
            count[run],
        )
