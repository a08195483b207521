"""Mechanism 11. Incidents: self-exciting counts where forces meet.

References
----------
Hawkes, A. G. (1971). Spectra of some self-exciting and mutually exciting point processes.
*Biometrika* 58(1).
"""

from regional_sim.rules.compiled import inlined, source_inlined
from regional_sim.rules.numeric import exp, larger, smaller

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
