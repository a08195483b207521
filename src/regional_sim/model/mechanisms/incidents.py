"""Mechanism 11. Incidents: self-exciting counts where forces meet.

References
----------
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes.
*Biometrika* 58(1).
"""

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.implementation import sender_to_challenger
from regional_sim.model.parameters import Param
from regional_sim.model.variables import Draw, InstrumentRow, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop, source_inlined
from regional_sim.numerics.elementary import exp, larger, smaller

MOST_INCIDENTS = 12
"""Counts are cut here; at the usual 3 a month a longer count has a chance of 2e-5."""

_HIGHEST_INTENSITY = 8.0
# A division by the loop's counter would keep the loop over runs from packed instructions.
_INVERSES = tuple(1.0 / k for k in range(1, MOST_INCIDENTS + 1))


@inlined
def presence_multiplier(contact: float, readiness: float, other_readiness: float) -> float:
    """Return presence, contact times both readiness levels (geometric mean)."""
    return contact * exp(0.5 * (readiness + other_readiness))


@inlined
def base_intensity(
    met_presence: float, tension: float, floor: float, scale: float, thinning: float
) -> float:
    """Return the incidents a month without excitation, presence * (c0 + T) * (1 - thinning).

    Parameters
    ----------
    met_presence : float
        Contact of the two forces, incidents a month.
    tension : float
        Tension of the pair, in (0, 1).
    floor : float
        Share c0 without tension.
    scale : float
        Multiplier of all intensities.
    thinning : float
        Share prevented by channels, in [0, 0.4].

    Returns
    -------
    float
        Intensity, incidents a month.
    """
    return scale * met_presence * (floor + tension) * (1.0 - thinning)


@inlined
def total_intensity(base: float, excitation: float) -> float:
    """Return base intensity plus excitation, held to 8 incidents a month."""
    return smaller(base + excitation, _HIGHEST_INTENSITY)


@inlined
def next_excitation(excitation: float, decay: float, branching: float, count: float) -> float:
    """Return the next excitation; its mean is branching times the mean count.

    Parameters
    ----------
    excitation : float
        Excitation now, incidents a month.
    decay : float
        Share that remains after a month.
    branching : float
        Further incidents caused by one incident, in [0.2, 0.4].
    count : float
        Incidents of this month.

    Returns
    -------
    float
        Excitation of the next month.
    """
    return decay * excitation + (1.0 - decay) * branching * count


@inlined
def expected_count(base: float, branching: float) -> float:
    """Return the stationary mean of the counts, base / (1 - branching).

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


# Scratch rows.
_BASE = 0
_PLACE = 1


@compiled
def draw_incidents(world: World, month: int, lo: int, hi: int) -> None:
    """Draw the incidents of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            set_base_intensity(world, i, j)
            _set_intensity(world, world.pair_of[i, j])
            _draw_incidents(world, month, world.pair_of[i, j])


@inlined
def set_base_intensity(world: World, i: int, j: int) -> None:
    """Leave in a scratch row the pair's intensity without excitation."""
    pair = world.pair_of[i, j]
    base = world.scratch[_BASE]
    _bring_together(
        base,
        world.pair[PairVar.contact, pair],
        world.pair[PairVar.rung, pair],
        world.state[StateVar.readiness, i],
        world.state[StateVar.readiness, j],
        world.instrument[InstrumentRow.level, Instrument.joint_patrols],
        world.instrument[InstrumentRow.start, Instrument.joint_patrols],
        sender_to_challenger(world, i, j),
        world.param,
    )
    _thin(
        base,
        world.pair[PairVar.tension, pair],
        world.pair[PairVar.channel, pair],
        world.param,
    )


@noalias_loop
def _bring_together(
    presence: Floats,
    contact: Floats,
    rung: Floats,
    readiness: Floats,
    other_readiness: Floats,
    level: Floats,
    level_start: Floats,
    patrolled: float,
    param: Floats,
) -> None:
    for run in range(presence.shape[0]):
        patrols = patrolled * param[Param.patrols_presence, run] * (level[run] - level_start[run])
        met = (
            contact[run]
            * larger(1.0 + patrols, 0.0)
            * (1.0 + param[Param.rung_presence, run] * rung[run])
        )
        presence[run] = presence_multiplier(met, readiness[run], other_readiness[run])


@noalias_loop
def _thin(base: Floats, tension: Floats, channel: Floats, param: Floats) -> None:
    """Turn presence into intensity."""
    for run in range(base.shape[0]):
        base[run] = base_intensity(
            base[run],
            tension[run],
            param[Param.incident_floor, run],
            param[Param.incident_scale, run],
            param[Param.channel_thinning, run] * channel[run],
        )


@inlined
def _set_intensity(world: World, pair: int) -> None:
    _excite(
        world.pair[PairVar.intensity, pair],
        world.pair[PairVar.trigger, pair],
        world.scratch[_BASE],
        world.pair[PairVar.excitation, pair],
        world.pair[PairVar.rung, pair],
        world.param,
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


@inlined
def _draw_incidents(world: World, month: int, pair: int) -> None:
    counted = world.pair[PairVar.incidents, pair]
    place = world.scratch[_PLACE]
    _count(
        counted,
        place,
        world.pair[PairVar.intensity, pair],
        world.draw[month % world.draw.shape[0], Draw.incident, pair],
    )
    _trigger(
        world.pair[PairVar.triggered, pair],
        counted,
        place,
        world.pair[PairVar.rung, pair],
        world.param,
    )
    _remember(world.pair[PairVar.excitation, pair], counted, world.param)


@noalias_loop
def _count(counted: Floats, place: Floats, intensity: Floats, uniform: Floats) -> None:
    for run in range(counted.shape[0]):
        counted[run], place[run] = poisson_count(intensity[run], uniform[run])


@noalias_loop
def _trigger(
    triggered: Floats, counted: Floats, place: Floats, rung: Floats, param: Floats
) -> None:
    for run in range(counted.shape[0]):
        standing = param[Param.crisis_trigger, run] if rung[run] > 0.0 else 0.0
        chance = trigger_chance(counted[run], param[Param.trigger_probability, run], standing)
        triggered[run] = 1.0 if place[run] < chance else 0.0


@noalias_loop
def _remember(excitation: Floats, counted: Floats, param: Floats) -> None:
    for run in range(counted.shape[0]):
        excitation[run] = next_excitation(
            excitation[run],
            param[Param.incident_decay, run],
            param[Param.incident_branching, run],
            counted[run],
        )


@inlined
def trigger_chance(count: float, trigger: float, standing: float) -> float:
    """Return P = 1 - (1 - c)(1 - pi)^N, the chance that the next rung is on the table.

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
    """Return the mean of :func:`triggered` over a Poisson count, 1 - (1 - c) exp(-mean * pi)."""
    return 1.0 - (1.0 - standing) * exp(-intensity * trigger)
