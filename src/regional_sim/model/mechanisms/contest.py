"""Mechanism 3. Success chance: a contest between attack and defence, supporters included.

References
----------
Tullock, G. (1980). Efficient rent seeking. Hirshleifer, J. (1989). Conflict and rent-seeking
success functions. *Public Choice* 63(2).
"""

from regional_sim.model.mechanisms import readiness
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import BeliefVar, DirectedVar, Observer, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.run_loops import fill, sum_products


@inlined
def timely_share(interoperability: float, warning: float) -> float:
    """Return the share of a supporter's force that counts in time.

    Interoperable force counts at once; the rest only as far as warning allows.

    Parameters
    ----------
    interoperability : float
        Share that counts at once, in [0, 1].
    warning : float
        Detection of the defended state as area under the ROC curve, in [0.5, 1].

    Returns
    -------
    float
        Share in [0, 1].

    Examples
    --------
    >>> timely_share(0.25, 0.5), timely_share(0.25, 1.0)
    (0.25, 1.0)
    """
    return interoperability + (1.0 - interoperability) * (2.0 * warning - 1.0)


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
    >>> attack(2.0, 0.5, 3.0)
    3.5
    """
    return own + support * supporters


@inlined
def success_chance(attacking_force: float, defence: float, exponent: int) -> float:
    """Return p = A^m / (A^m + D^m), the chance that the attacker prevails.

    Parameters
    ----------
    attack, defence : float
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
    ratio = defence / attacking_force
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
def contest_success(world: World, view: int, lo: int, hi: int) -> None:
    """Update the chances of success of the states in [lo, hi) that have a view, or the true ones.

    The forces are those that ``project_force`` set for this observer.
    """
    for i in range(lo, hi):
        if view == _TRUTH:
            _weigh_all(world, view, i, _TRUE)
        elif view == world.observer_of[i]:
            _weigh_all(world, view, i, _BELIEVED)
            _see_attacks(world, view, i)


@inlined
def _weigh_all(world: World, view: int, i: int, success: int) -> None:
    directed = world.directed
    defence = world.scratch[_DEFENCE]
    for j in range(world.state.shape[1]):
        if j != i:
            attack = directed[DirectedVar.attack, i, j]
            if success == _TRUE:
                attack = world.scratch[_ATTACK]
            sum_products(attack, directed[DirectedVar.strike], j, directed[DirectedVar.lend], i)
            sum_products(
                defence,
                directed[DirectedVar.help],
                j,
                world.belief[BeliefVar.abstain_probability, view],
                i,
            )
            _set_success(
                directed[success, i, j],
                attack,
                directed[DirectedVar.force, i, j],
                world.param[Param.attack_support],
                defence,
                world.state[StateVar.mobilised, j],
                world.option[Option.contest_exponent],
            )


@noalias_loop
def _set_success(
    success: Floats,
    attack: Floats,
    own: Floats,
    support: Floats,
    defence: Floats,
    mobilised: Floats,
    exponent: int,
) -> None:
    """Set the chance to prevail, and add to the supporters' forces those of the two states."""
    for run in range(success.shape[0]):
        attack[run] = attacking_force(own[run], support[run], attack[run])
        defending = mobilised[run] + defence[run]
        success[run] = success_chance(attack[run], defending, exponent)


@inlined
def _see_attacks(world: World, view: int, i: int) -> None:
    """Set the attacks that i expects of others with another view, who see their own otherwise."""
    directed = world.directed
    for j in range(world.state.shape[1]):
        if j != i and world.observer_of[j] != view:
            attack = directed[DirectedVar.attack_seen, i, j]
            sum_products(attack, directed[DirectedVar.strike], i, directed[DirectedVar.lend], j)
            _join(attack, directed[DirectedVar.force, j, i], world.param[Param.attack_support])


@noalias_loop
def _join(attack: Floats, own: Floats, support: Floats) -> None:
    for run in range(attack.shape[0]):
        attack[run] = attacking_force(own[run], support[run], attack[run])


@compiled
def update_threat(world: World, month: int, lo: int, hi: int) -> None:
    """Update the threats that the states in [lo, hi) feel."""
    for i in range(lo, hi):
        fill(world.state[StateVar.threat, i], 0.0)
        for j in range(world.state.shape[1]):
            if j != i:
                attack = world.directed[DirectedVar.attack, j, i]  # its own, in one view with i
                if world.observer_of[i] != world.observer_of[j]:
                    attack = world.directed[DirectedVar.attack_seen, i, j]
                _add_threat(
                    world.state[StateVar.threat, i],
                    world.directed[DirectedVar.threat, i, j],
                    world.pair[PairVar.tension, world.pair_of[i, j]],
                    attack,
                    world.state[StateVar.mobilised, i],
                )


@noalias_loop
def _add_threat(
    total: Floats, threat: Floats, tension: Floats, attack: Floats, mobilised: Floats
) -> None:
    for run in range(threat.shape[0]):
        threat[run] = readiness.felt_threat(tension[run], attack[run], mobilised[run])
        total[run] += threat[run]
