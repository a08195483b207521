"""Mechanism 22. Learn: the challenger's image of the sender changes with experience.

Working channels outside crises teach it to see less hostility, incidents above the expected more.
Images change slowly (Jervis 1976); sizes are stipulated.

References
----------
Jervis, R. (1976). *Perception and Misperception in International Politics*, ch. 6. Princeton.
"""

from regional_sim.model.mechanisms.ladder import COERCION
from regional_sim.model.parameters import Param
from regional_sim.model.variables import PairVar, RegionVar, Role, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import exp


@inlined
def next_shift(
    shift: float,
    memory: float,
    channel_gain: float,
    reassurance: float,
    incident_gain: float,
    incidents: float,
) -> float:
    """Return m l - g c + g' n, what the challenger has learned by the next month.

    Parameters
    ----------
    shift : float
        What it has learned l, logits; above 0 distrust.
    memory : float
        Share m that remains after a month, in [0, 1).
    channel_gain, incident_gain : float
        Weights g and g'.
    reassurance : float
        Working of the channel above its start c, 0 in a crisis.
    incidents : float
        Incidents above the expected n.

    Returns
    -------
    float
        Shift of the next month, logits.

    Examples
    --------
    >>> next_shift(1.0, 0.5, 0.5, 0.5, 0.25, 1.0)
    0.5
    """
    return memory * shift - channel_gain * reassurance + incident_gain * incidents


@inlined
def learned_share(share: float, shift: float) -> float:
    """Return the share of a signal read as hostility, its logit shifted.

    Parameters
    ----------
    share : float
        Share at the start, in [0, 1]; at its ends nothing is learned.
    shift : float
        Shift, logits.

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> [float(learned_share(*given)) for given in ((0.5, 0.0), (1.0, -3.0), (0.0, 3.0))]
    [0.5, 1.0, 0.0]
    """
    hostile = share * exp(shift)
    return hostile / (hostile + (1.0 - share))


@compiled
def learn_intentions(world: World, month: int, lo: int, hi: int) -> None:
    """Let the challenger learn from the month, if it is in [lo, hi)."""
    challenger = world.role[Role.challenger]
    if challenger < lo or challenger >= hi:
        return
    with_sender = world.pair_of[world.role[Role.sender], challenger]
    partner = world.role[Role.partner]
    with_partner = world.pair_of[partner, challenger] if partner >= 0 else with_sender
    _learn(
        world.region,
        world.pair,
        world.param,
        with_sender,
        with_partner,
        1.0 if partner >= 0 else 0.0,
    )


@noalias_loop
def _learn(
    region: Floats,
    pairs: Floats,
    param: Floats,
    with_sender: int,
    with_partner: int,
    partnered: float,
) -> None:
    for run in range(region.shape[1]):
        calm = (
            pairs[PairVar.rung, with_sender, run] < COERCION
            and pairs[PairVar.rung, with_partner, run] < COERCION
        )
        working = pairs[PairVar.channel, with_sender, run] - region[RegionVar.channel_start, run]
        incidents = (
            pairs[PairVar.incidents, with_sender, run]
            - pairs[PairVar.incidents_start, with_sender, run]
        ) + partnered * (
            pairs[PairVar.incidents, with_partner, run]
            - pairs[PairVar.incidents_start, with_partner, run]
        )
        shift = next_shift(
            region[RegionVar.theta_shift, run],
            param[Param.learning_memory, run],
            param[Param.learning_channel, run],
            working if calm else 0.0,
            param[Param.learning_incidents, run],
            incidents,
        )
        region[RegionVar.theta_shift, run] = shift
        region[RegionVar.theta, run] = learned_share(param[Param.theta_challenger, run], shift)
