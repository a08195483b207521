"""Mechanism 13. Ladder: how a dispute climbs from rung to rung, and the ways down.

When the next rung is on the table, each side takes it with its chance of escalation; at most one
rung is climbed in a month.  Otherwise the dispute may end: sooner with time, trade and a channel,
later with great stakes.  No published source; stipulated in view of the durations of disputes in
Maoz et al. (2019).
"""

from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.variables import DirectedVar, Draw, PairVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import logistic, smaller
from regional_sim.numerics.run_loops import any_above

RUNG_NAMES = (
    "normal",
    "confrontation",
    "coercion or quarantine",
    "use of force or blockade",
    "war",
)
NORMAL = 0
CONFRONTATION = 1
COERCION = 2
USE_OF_FORCE = 3
WAR = 4

_LONGEST_COUNTED = 24.0


@inlined
def de_escalation_chance(
    base: float,
    duration_gain: float,
    months: float,
    cost_gain: float,
    bond: float,
    stake_gain: float,
    stake: float,
    channel_gain: float,
    channel: float,
) -> float:
    """Return logistic(e + g_d min(months, 24) + g_e b + g_c channel - g_s stake).

    Parameters
    ----------
    base : float
        Logit e of the rung.
    duration_gain, months : float
        Rise g_d per month in dispute, and months so far.
    cost_gain, bond : float
        Rise g_e per share of GDP, and the economic bond b, share of GDP.
    stake_gain, stake : float
        Fall g_s per unit of stake, and the mean stake of the pair.
    channel_gain, channel : float
        Rise g_c with a working channel, and its working in [0, 1].

    Returns
    -------
    float
        Chance in (0, 1) that a dispute is settled, or a war ends, this month.

    Examples
    --------
    >>> float(de_escalation_chance(0.5, 0.0, 9.0, 0.0, 0.0, 0.25, 2.0, 0.0, 0.0))
    0.5
    """
    return logistic(
        base
        + duration_gain * smaller(months, _LONGEST_COUNTED)
        + cost_gain * bond
        + channel_gain * channel
        - stake_gain * stake
    )


@inlined
def rung_after_exit(rung: float) -> float:
    """Return the rung that an exit leads to.

    A dispute below war is settled at once, as most are within weeks; a war ends in a
    confrontation.

    Parameters
    ----------
    rung : float
        Rung, 0 to 4.

    Returns
    -------
    float
        0 or 1.

    Examples
    --------
    >>> rung_after_exit(3.0), rung_after_exit(4.0)
    (0.0, 1.0)
    """
    return 1.0 if rung == WAR else 0.0


@inlined
def expected_rung(
    up_1: float, up_2: float, up_3: float, down_1: float, down_2: float, down_3: float
) -> float:
    """Return the mean rung of the stationary chain over rungs 0 to 3.

    It is the rung that a dyad at its starting tension is expected to hold, and so the part of
    the ladder's push on tension that is no excess.  War is left out: it is too rare to count.

    Parameters
    ----------
    up_1, up_2, up_3 : float
        Chance per month to reach rungs 1, 2, 3 from below.
    down_1, down_2, down_3 : float
        Chance per month to settle from there, above 0, where no rung is climbed.

    Returns
    -------
    float
        Mean rung, in [0, 3].

    Examples
    --------
    >>> expected_rung(0.0, 0.5, 0.5, 0.5, 0.5, 0.5)
    0.0
    """
    first = up_1 / (up_2 + (1.0 - up_2) * down_1)
    second = first * up_2 / (up_3 + (1.0 - up_3) * down_2)
    third = second * up_3 / down_3
    return (first + 2.0 * second + 3.0 * third) / (1.0 + first + second + third)


# Scratch row.
EXIT = 0


@compiled
def update_rungs(world: World, month: int, lo: int, hi: int) -> None:
    """Decide escalation and de-escalation of every pair whose earlier state is in [lo, hi)."""
    draws = world.draw[month % world.draw.shape[0]]
    for i in range(lo, hi):
        for j in range(i + 1, world.state.shape[1]):
            pair = world.pair_of[i, j]
            _decide(world, draws, i, j)
            if any_above(world.pair[PairVar.rung, pair], 0.0):
                set_exit_chance(world, i, j, 0)
            _change_rung(
                world.pair[PairVar.rung, pair],
                world.pair[PairVar.rung_change, pair],
                world.pair[PairVar.duration, pair],
                world.pair[PairVar.escalated_first, pair],
                world.pair[PairVar.escalated_second, pair],
                draws[Draw.exit, pair],
                world.scratch[EXIT],
            )


@inlined
def _decide(world: World, draws: Floats, i: int, j: int) -> None:
    """Set who escalates and who does so by mistake.

    A shock above a threshold is the same as a uniform draw below its chance, so no inverse of
    the distribution is needed, and beliefs and truth share the draw.
    """
    pair = world.pair_of[i, j]
    for side in range(2):
        first = i if side == 0 else j
        second = j if side == 0 else i
        _act(
            world.pair[PairVar.escalated_first + side, pair],
            world.pair[PairVar.mistaken_first + side, pair],
            world.pair[PairVar.triggered, pair],
            draws[Draw.shock_first + side, pair],
            world.directed[DirectedVar.chance, first, second],
            world.directed[DirectedVar.chance_true, first, second],
        )


@noalias_loop
def _act(
    escalated: Floats,
    mistaken: Floats,
    triggered: Floats,
    uniform: Floats,
    chance: Floats,
    chance_true: Floats,
) -> None:
    for run in range(escalated.shape[0]):
        acts = triggered[run] if uniform[run] < chance[run] else 0.0
        escalated[run] = acts
        mistaken[run] = acts if uniform[run] >= chance_true[run] else 0.0


@inlined
def set_exit_chance(world: World, i: int, j: int, at_rung: int) -> None:
    """Leave in a scratch row the chance of an exit from ``at_rung``, or where 0 from the present.

    The starting state asks for given rungs; a month asks for the rung of each run.
    """
    _set_exit_chance(
        world.scratch[EXIT],
        world.pair,
        world.directed,
        world.param,
        i,
        j,
        world.pair_of[i, j],
        at_rung,
    )


@noalias_loop
def _set_exit_chance(
    chance: Floats,
    pairs: Floats,
    directed: Floats,
    param: Floats,
    i: int,
    j: int,
    pair: int,
    at_rung: int,
) -> None:
    for run in range(chance.shape[0]):
        base = 0.0
        for step in range(SCHEDULE_RUNGS):
            here = at_rung == step + 1 or (
                at_rung == 0 and pairs[PairVar.rung, pair, run] == step + 1.0
            )
            base = param[Param.exit_rung_1 + step, run] if here else base
        stake = directed[DirectedVar.stake, i, j, run] + directed[DirectedVar.stake, j, i, run]
        chance[run] = de_escalation_chance(
            base,
            param[Param.exit_duration, run],
            pairs[PairVar.duration, pair, run],
            param[Param.exit_cost, run],
            pairs[PairVar.bond, pair, run],
            param[Param.exit_stake, run],
            0.5 * stake,
            param[Param.channel_exit, run],
            pairs[PairVar.channel, pair, run],
        )


@noalias_loop
def _change_rung(
    rung: Floats,
    change: Floats,
    duration: Floats,
    first: Floats,
    second: Floats,
    uniform: Floats,
    exit_chance: Floats,
) -> None:
    for run in range(rung.shape[0]):
        up = first[run] + second[run] > 0.0
        down = rung[run] > 0.0 and uniform[run] < exit_chance[run]
        settled = rung_after_exit(rung[run]) - rung[run]
        change[run] = 1.0 if up else (settled if down else 0.0)
        rung[run] += change[run]
        duration[run] = duration[run] + 1.0 if rung[run] > 0.0 else 0.0
