"""Contest: how each state weighs its chances against every other, and the threat it feels."""

from regional_sim.rules import contest, readiness
from regional_sim.rules.compiled import compiled, inlined, rowwise
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import (
    BeliefVar,
    DirectedVar,
    Floats,
    PairVar,
    StateVar,
    View,
    World,
)
from regional_sim.world.rows import add_products, copy, fill

# Scratch rows.
_ATTACK = 0
_DEFENCE = 1

# Plain integers: the compiler would make a version of a function for each kind of number.
_TRUTH = int(View.truth)
_BELIEVED = int(DirectedVar.success_believed)
_TRUE = int(DirectedVar.success_true)


@compiled
def weigh(world: World, view: int, lo: int, hi: int) -> None:
    """Update the chances of success of the states in [lo, hi) that have a view, or the true ones.

    The forces are those that :func:`regional_sim.world.phases.force.project` set for this view.
    """
    for i in range(lo, hi):
        if view == _TRUTH:
            _weigh_all(world, view, i, _TRUE)
        elif view == world.view_of[i]:
            _weigh_all(world, view, i, _BELIEVED)
            _see_attacks(world, view, i)


@inlined
def _weigh_all(world: World, view: int, i: int, success: int) -> None:
    for j in range(world.state.shape[1]):
        if j != i:
            attack = world.directed[DirectedVar.attack, i, j]
            if success == _TRUE:
                attack = world.scratch[_ATTACK]
            _sum_attack(world, i, j, attack)
            _sum_defence(world, view, i, j)
            _set_success(
                world.directed[success, i, j],
                attack,
                world.scratch[_DEFENCE],
                world.option[Option.contest_exponent],
            )


@inlined
def _see_attacks(world: World, view: int, i: int) -> None:
    """Set the attacks that i expects of others with another view, who see their own otherwise."""
    for j in range(world.state.shape[1]):
        if j != i and world.view_of[j] != view:
            _sum_attack(world, j, i, world.directed[DirectedVar.attack_seen, i, j])


@inlined
def _sum_attack(world: World, i: int, j: int, attack: Floats) -> None:
    """Set the force that i and its supporters can bring against j."""
    fill(attack, 0.0)
    add_products(attack, world.directed[DirectedVar.strike], j, world.directed[DirectedVar.lend], i)
    _join(attack, world.directed[DirectedVar.force, i, j], world.param[Param.attack_support])


@rowwise
def _join(attack: Floats, own: Floats, support: Floats) -> None:
    """Add to the supporters' force, as far as it counts, the state's own."""
    for run in range(attack.shape[0]):
        attack[run] = own[run] + support[run] * attack[run]


@inlined
def _sum_defence(world: World, view: int, i: int, j: int) -> None:
    """Leave in scratch the force that j and its supporters can set against i."""
    defence = world.scratch[_DEFENCE]
    copy(world.state[StateVar.mobilised, j], defence)
    add_products(
        defence, world.directed[DirectedVar.help], j, world.belief[BeliefVar.aside, view], i
    )


@rowwise
def _set_success(success: Floats, attack: Floats, defence: Floats, exponent: int) -> None:
    for run in range(success.shape[0]):
        success[run] = contest.success_chance(attack[run], defence[run], exponent)


@compiled
def feel_threat(world: World, month: int, lo: int, hi: int) -> None:
    """Update the threats that the states in [lo, hi) feel."""
    for i in range(lo, hi):
        fill(world.state[StateVar.threat, i], 0.0)
        for j in range(world.state.shape[1]):
            if j != i:
                attack = world.directed[DirectedVar.attack, j, i]  # its own, in one view with i
                if world.view_of[i] != world.view_of[j]:
                    attack = world.directed[DirectedVar.attack_seen, i, j]
                _add_threat(
                    world.state[StateVar.threat, i],
                    world.directed[DirectedVar.threat, i, j],
                    world.pair[PairVar.tension, world.pair_of[i, j]],
                    attack,
                    world.state[StateVar.mobilised, i],
                )


@rowwise
def _add_threat(
    total: Floats, threat: Floats, tension: Floats, attack: Floats, mobilised: Floats
) -> None:
    for run in range(threat.shape[0]):
        threat[run] = readiness.threat(tension[run], attack[run], mobilised[run])
        total[run] += threat[run]
