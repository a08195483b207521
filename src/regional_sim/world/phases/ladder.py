"""Ladder: disputes go up when a state escalates, and down again."""

from regional_sim.rules import ladder
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.parameters import SCHEDULE_RUNGS, Param
from regional_sim.world.layout import DirectedVar, Draw, Floats, PairVar, World
from regional_sim.world.rows import any_above

# Scratch row.
EXIT = 0


@compiled
def update_rungs(world: World, month: int, lo: int, hi: int) -> None:
    """Decide escalation and de-escalation of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            pair = world.pair_of[i, j]
            _decide(world, month, i, j)
            if any_above(world.pair[PairVar.rung, pair], 0.0):
                set_exit_chance(world, i, j, 0)
            _move_rung(world, month, pair)


@inlined
def _decide(world: World, month: int, i: int, j: int) -> None:
    """Set who escalates and who does so by mistake.

    A shock above a threshold is the same as a uniform draw below its chance, so no inverse of
    the distribution is needed, and beliefs and truth share the draw.
    """
    pair = world.pair_of[i, j]
    draws = world.draw[month % world.draw.shape[0]]
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

    The starting state asks for given rungs; a step asks for the rung of each run.
    """
    pair = world.pair_of[i, j]
    _weigh_exit(
        world.scratch[EXIT],
        world.pair[PairVar.rung, pair],
        world.pair[PairVar.duration, pair],
        world.pair[PairVar.bond, pair],
        world.pair[PairVar.channel, pair],
        world.directed[DirectedVar.stake, i, j],
        world.directed[DirectedVar.stake, j, i],
        at_rung,
        world.param,
    )


@noalias_loop
def _weigh_exit(
    chance: Floats,
    rung: Floats,
    duration: Floats,
    bond: Floats,
    channel: Floats,
    stake: Floats,
    other_stake: Floats,
    at_rung: int,
    param: Floats,
) -> None:
    for run in range(chance.shape[0]):
        base = 0.0
        for step in range(SCHEDULE_RUNGS):
            here = at_rung == step + 1 or (at_rung == 0 and rung[run] == step + 1.0)
            base = param[Param.exit_rung_1 + step, run] if here else base
        chance[run] = ladder.de_escalation_chance(
            base,
            param[Param.exit_duration, run],
            duration[run],
            param[Param.exit_cost, run],
            bond[run],
            param[Param.exit_stake, run],
            0.5 * (stake[run] + other_stake[run]),
            param[Param.channel_exit, run],
            channel[run],
        )


@inlined
def _move_rung(world: World, month: int, pair: int) -> None:
    _change_rung(
        world.pair[PairVar.rung, pair],
        world.pair[PairVar.rung_change, pair],
        world.pair[PairVar.duration, pair],
        world.pair[PairVar.escalated_first, pair],
        world.pair[PairVar.escalated_second, pair],
        world.draw[month % world.draw.shape[0], Draw.exit, pair],
        world.scratch[EXIT],
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
        settled = ladder.rung_after_exit(rung[run]) - rung[run]
        change[run] = 1.0 if up else (settled if down else 0.0)
        rung[run] += change[run]
        duration[run] = duration[run] + 1.0 if rung[run] > 0.0 else 0.0
