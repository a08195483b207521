"""Mechanism 3. Contest: the chance that an attack prevails, supporters included.

The forces of attack and defence are those of the two states and of every supporter, each
weighted by what the observer believes that it will do.  The decisiveness of the contest is an
option; the share of offensive support is stipulated.

References
----------
Tullock, G. (1980). Efficient rent seeking. In *Toward a Theory of the Rent-Seeking Society*.
Hirshleifer, J. (1989). Conflict and rent-seeking success functions. *Public Choice* 63(2).
"""

from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import BeliefVar, DirectedVar, Observer, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import sum_products


@inlined
def attacking_force(own: float, support: float, supporters: float) -> float:
    """Return A = F + phi S, the force that an attacker can bring.

    Parameters
    ----------
    own : float
        The attacker's own projected force F, billion USD.
    support : float
        Share phi of its supporters' forces that counts, in [0, 1].
    supporters : float
        Their forces S, weighted by what they are believed to do, billion USD.

    Returns
    -------
    float
        Force, billion USD.

    Examples
    --------
    >>> attacking_force(2.0, 0.5, 3.0)
    3.5
    """
    return own + support * supporters


@inlined
def success_chance(attacking: float, defending: float, exponent: int) -> float:
    """Return p = A^m / (A^m + D^m), the chance that the attacker prevails.

    Parameters
    ----------
    attacking, defending : float
        Forces A (above 0) and D (at least 0), billion USD.
    exponent : int
        Decisiveness m, one of 1, 2, 4.

    Returns
    -------
    float
        Chance in [0, 1].

    Examples
    --------
    >>> success_chance(2.0, 2.0, 4), success_chance(3.0, 1.0, 1)
    (0.5, 0.75)
    """
    ratio = defending / attacking
    squared = ratio * ratio
    power = ratio if exponent == 1 else (squared if exponent == 2 else squared * squared)
    return 1.0 / (1.0 + power)


# Scratch rows.
_ATTACK = 0
_DEFENCE = 1

# Plain integers: the compiler would make a version of a function for each kind of number.
_TRUTH = int(Observer.truth)
_BELIEVED = int(DirectedVar.success_believed)
_TRUE = int(DirectedVar.success_true)


@compiled
def contest_success(world: World, observer: int, lo: int, hi: int) -> None:
    """Update the chances of success of the states in [lo, hi) that see so, or the true ones.

    The forces are those that ``project_force`` set for this observer.
    """
    for i in range(lo, hi):
        if observer == _TRUTH:
            _set_all_success(world, observer, i, _TRUE)
        elif observer == world.observer_of[i]:
            _set_all_success(world, observer, i, _BELIEVED)
            _expect_attacks(world, observer, i)


@inlined
def _set_all_success(world: World, observer: int, i: int, success: int) -> None:
    """Set the chance that i prevails over each other; the attack lasts where it is a belief."""
    directed = world.directed
    abstain = world.belief[BeliefVar.abstain_probability, observer]
    defence = world.scratch[_DEFENCE]
    for j in range(world.state.shape[1]):
        if j != i:
            attack = directed[DirectedVar.attack, i, j]
            if success == _TRUE:
                attack = world.scratch[_ATTACK]
            _sum_supporters(world, attack, i, j)
            sum_products(defence, directed[DirectedVar.help], j, abstain, i, True)
            _set_success(
                directed[success, i, j],
                attack,
                defence,
                directed[DirectedVar.force, i, j],
                world.state[StateVar.mobilised, j],
                world.param[Param.attack_support],
                world.option[Option.contest_exponent],
            )


@inlined
def _sum_supporters(world: World, attack: Floats, i: int, j: int) -> None:
    """Set the forces of those who would join an attack by i on j."""
    directed = world.directed
    sum_products(attack, directed[DirectedVar.strike], j, directed[DirectedVar.lend], i, True)


@noalias_loop
def _set_success(
    success: Floats,
    attack: Floats,
    defence: Floats,
    own: Floats,
    mobilised: Floats,
    support: Floats,
    exponent: int,
) -> None:
    """Set the chance to prevail; the attacker's own force is added to those of supporters."""
    for run in range(success.shape[0]):
        attack[run] = attacking_force(own[run], support[run], attack[run])
        success[run] = success_chance(attack[run], mobilised[run] + defence[run], exponent)


@inlined
def _expect_attacks(world: World, observer: int, i: int) -> None:
    """Set the attacks that i expects of states that see their own attacks otherwise."""
    for j in range(world.state.shape[1]):
        if j != i and world.observer_of[j] != observer:
            attack = world.directed[DirectedVar.attack_seen, i, j]
            _sum_supporters(world, attack, j, i)
            _add_own_force(
                attack,
                world.directed[DirectedVar.force, j, i],
                world.param[Param.attack_support],
            )


@noalias_loop
def _add_own_force(attack: Floats, own: Floats, support: Floats) -> None:
    for run in range(attack.shape[0]):
        attack[run] = attacking_force(own[run], support[run], attack[run])
