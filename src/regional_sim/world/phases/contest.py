"""Contest: how each state weighs its chances against every other, and the threat it feels."""

from regional_sim.rules import contest, readiness
from regional_sim.rules.compiled import compiled
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import BeliefVar, DirectedVar, PairVar, StateVar, View, World

_ATTACK = 0
_DEFENCE = 1


@compiled
def weigh(world: World, month: int, lo: int, hi: int) -> None:
    """Update success chances and threats of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        view = world.view_of[i]
        for j in range(n_states):
            if j != i:
                sum_attack(world, view, i, j)
                _sum_defence(world, view, i, j)
                _set_success(world, DirectedVar.success_believed, i, j)
                sum_attack(world, View.truth, i, j)
                _sum_defence(world, View.truth, i, j)
                _set_success(world, DirectedVar.success_true, i, j)
                sum_attack(world, view, j, i)
                _set_threat(world, i, j)
        _sum_threats(world, i)


@compiled
def sum_attack(world: World, view: int, i: int, j: int) -> None:
    """Leave in a scratch row the force that i and its supporters can bring against j."""
    attack = world.scratch[_ATTACK]
    own = world.belief[BeliefVar.force, view, i, j]
    support = world.param[Param.attack_support]
    n_runs = attack.shape[0]
    for run in range(n_runs):
        attack[run] = 0.0
    for k in range(world.state.shape[1]):
        if k not in (i, j):
            strike = world.belief[BeliefVar.strike, view, k, j]
            lend = world.belief[BeliefVar.lend, view, k, i]
            for run in range(n_runs):
                attack[run] += strike[run] * lend[run]
    for run in range(n_runs):
        attack[run] = own[run] + support[run] * attack[run]


@compiled
def _sum_defence(world: World, view: int, i: int, j: int) -> None:
    """Leave in a scratch row the force that j and its supporters can set against i."""
    defence = world.scratch[_DEFENCE]
    own = world.state[StateVar.mobilised, j]
    n_runs = defence.shape[0]
    for run in range(n_runs):
        defence[run] = own[run]
    for k in range(world.state.shape[1]):
        if k not in (i, j):
            helping = world.belief[BeliefVar.help, view, k, j]
            bound_to_attacker = world.belief[BeliefVar.commitment, view, k, i]
            for run in range(n_runs):
                defence[run] += helping[run] * (1.0 - bound_to_attacker[run])


@compiled
def _set_success(world: World, variable: int, i: int, j: int) -> None:
    attack = world.scratch[_ATTACK]
    defence = world.scratch[_DEFENCE]
    success = world.directed[variable, i, j]
    exponent = world.option[Option.contest_exponent]
    for run in range(success.shape[0]):
        success[run] = contest.success_chance(attack[run], defence[run], exponent)


@compiled
def _set_threat(world: World, i: int, j: int) -> None:
    attack = world.scratch[_ATTACK]
    threat = world.directed[DirectedVar.threat, i, j]
    tension = world.pair[PairVar.tension, world.pair_of[i, j]]
    mobilised = world.state[StateVar.mobilised, i]
    for run in range(threat.shape[0]):
        threat[run] = readiness.threat(tension[run], attack[run], mobilised[run])


@compiled
def _sum_threats(world: World, i: int) -> None:
    total = world.state[StateVar.threat, i]
    for run in range(total.shape[0]):
        total[run] = 0.0
    for j in range(world.state.shape[1]):
        threat = world.directed[DirectedVar.threat, i, j]
        for run in range(total.shape[0]):
            total[run] += threat[run]
