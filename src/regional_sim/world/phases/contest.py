"""Contest: how each state weighs its chances against every other, and the threat it feels."""

from regional_sim.rules import contest, readiness
from regional_sim.rules.compiled import compiled, inlined
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
            _set_success(world, success, i, j, attack)


@inlined
def _see_attacks(world: World, view: int, i: int) -> None:
    """Set the attacks that i expects of others with another view, who see their own otherwise."""
    for j in range(world.state.shape[1]):
        if j != i and world.view_of[j] != view:
            _sum_attack(world, j, i, world.directed[DirectedVar.attack_seen, i, j])


@inlined
def _sum_attack(world: World, i: int, j: int, attack: Floats) -> None:
    """Set the force that i and its supporters can bring against j."""
    own = world.directed[DirectedVar.force, i, j]
    support = world.param[Param.attack_support]
    fill(attack, 0.0)
    add_products(attack, world.directed[DirectedVar.strike], j, world.directed[DirectedVar.lend], i)
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


@inlined
def _set_success(world: World, variable: int, i: int, j: int, attack: Floats) -> None:
    defence = world.scratch[_DEFENCE]
    success = world.directed[variable, i, j]
    exponent = world.option[Option.contest_exponent]
    for run in range(success.shape[0]):
        success[run] = contest.success_chance(attack[run], defence[run], exponent)


@compiled
def feel_threat(world: World, month: int, lo: int, hi: int) -> None:
    """Update the threats that the states in [lo, hi) feel."""
    for i in range(lo, hi):
        total = world.state[StateVar.threat, i]
        fill(total, 0.0)
        for j in range(world.state.shape[1]):
            if j != i:
                _set_threat(world, i, j)


@inlined
def _set_threat(world: World, i: int, j: int) -> None:
    attack = world.directed[DirectedVar.attack, j, i]  # j's own sum, where both have one view
    if world.view_of[i] != world.view_of[j]:
        attack = world.directed[DirectedVar.attack_seen, i, j]
    total = world.state[StateVar.threat, i]
    threat = world.directed[DirectedVar.threat, i, j]
    tension = world.pair[PairVar.tension, world.pair_of[i, j]]
    mobilised = world.state[StateVar.mobilised, i]
    for run in range(threat.shape[0]):
        threat[run] = readiness.threat(tension[run], attack[run], mobilised[run])
        total[run] += threat[run]
