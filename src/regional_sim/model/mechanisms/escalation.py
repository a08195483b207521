"""Mechanism 12. Escalation and mistakes.

A state takes the next rung when the payoff it perceives plus a private shock is positive.  The
same shock decides what it would have done knowing the truth: where the two differ, the act, or
the restraint, was a mistake.  The payoff is shifted by a bias of hostility (Jervis) and by the
state's belief error.  The chances of this month are acted upon in :mod:`ladder`.

References
----------
Signorino, C. (1999). Strategic interaction and the statistical analysis of international
conflict. *American Political Science Review* 93(2).
"""

import math

from regional_sim.model.mechanisms import ladder, payoff
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.variables import DirectedVar, PairVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import larger, logistic, normal_cdf
from regional_sim.numerics.run_loops import any_above, copy, fill

_LOGISTIC_SCALE = 1.8137993642342178  # pi / sqrt(3): the logistic then has standard deviation 1


@inlined
def escalation_chance(perceived_payoff: float, certainty: float, shock: int) -> float:
    """Return the chance that a payoff plus a private shock is positive.

    Parameters
    ----------
    perceived_payoff : float
        Payoff of the next rung, utility.
    certainty : float
        1 / standard deviation of the shock, 1 / utility.
    shock : int
        Distribution of the shock: 0 normal, 1 logistic with the same standard deviation.

    Returns
    -------
    float
        Chance in (0, 1).

    Examples
    --------
    >>> [float(escalation_chance(0.0, 1.0, shock)) for shock in (0, 1)]
    [0.5, 0.5]
    """
    if shock == LOGISTIC_SHOCK:
        return logistic(_LOGISTIC_SCALE * perceived_payoff * certainty)
    return normal_cdf(perceived_payoff * certainty)


@inlined
def mistaken(chance: float, other_chance: float) -> float:
    """Return max(0, a - b), the chance of a decision that the truth would have reversed.

    As both decisions share the shock, the events are nested and their chances subtract.

    Parameters
    ----------
    chance : float
        Chance a of the decision under the beliefs held, in [0, 1].
    other_chance : float
        Chance b of the same decision under the truth, in [0, 1].

    Returns
    -------
    float
        Chance in [0, 1].

    Examples
    --------
    >>> mistaken(0.75, 0.5), mistaken(0.5, 0.75)
    (0.25, 0.0)
    """
    return larger(chance - other_chance, 0.0)


@inlined
def either(chance: float, other_chance: float) -> float:
    """Return 1 - (1 - a)(1 - b), the chance that one or both of two independent events happen.

    Parameters
    ----------
    chance, other_chance : float
        Chances a and b, in [0, 1].

    Returns
    -------
    float
        Chance in [0, 1].

    Examples
    --------
    >>> either(0.5, 0.5)
    0.75
    """
    return 1.0 - (1.0 - chance) * (1.0 - other_chance)


# Scratch rows after those of the payoff.
_CERTAINTY = payoff.FIRST_FREE
_NOTHING = payoff.FIRST_FREE + 1
_SHIFT = payoff.FIRST_FREE + 2

_ABOVE_NORMAL = 0.5
_BELOW_FORCE = ladder.USE_OF_FORCE - 0.5


@compiled
def update_escalation_probabilities(world: World, month: int, lo: int, hi: int) -> None:
    """Update the chances that the states in [lo, hi) take the next rung against all others."""
    for i in range(lo, hi):
        payoff.set_outlook(world, i)
        fill(world.scratch[_NOTHING], 0.0)
        _set_certainty(world.scratch[_CERTAINTY], world.param[Param.shock_sd])
        for j in range(world.state.shape[1]):
            if j != i:
                rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
                in_dispute = any_above(rung_now, _ABOVE_NORMAL)
                payoff.set_restraint(world, i, j)
                payoff.set_terms(world, DirectedVar.success_believed, i, j)
                _set_shift(
                    world.scratch[_SHIFT],
                    world.param[Param.hostility_bias],
                    world.directed[DirectedVar.error, i, j],
                )
                # War is considered only where a run of the batch stands before it, which is rare.
                before_war = in_dispute and any_above(rung_now, _BELOW_FORCE)
                set_steps(world, i, j, SCHEDULE_RUNGS if before_war else SCHEDULE_RUNGS - 1)
                payoff.set_terms(world, DirectedVar.success_true, i, j)
                if in_dispute:
                    _set_chances_in_dispute(world, i, j)
                else:
                    _set_chances_at_normal(world, i, j)


@noalias_loop
def _set_certainty(certainty: Floats, shock_sd: Floats) -> None:
    for run in range(certainty.shape[0]):
        certainty[run] = 1.0 / shock_sd[run]


@noalias_loop
def _set_shift(shift: Floats, bias: Floats, error: Floats) -> None:
    for run in range(shift.shape[0]):
        shift[run] = bias[run] + error[run]


@inlined
def set_expectations(world: World, i: int, j: int) -> None:
    """Prepare :func:`set_steps` for a month whose belief errors are not known.

    Errors are averaged out: their spread adds to that of the shock.
    """
    payoff.set_terms(world, DirectedVar.success_believed, i, j)
    copy(world.scratch[_SHIFT], world.param[Param.hostility_bias])
    _spread_by_error(
        world.scratch[_CERTAINTY],
        world.param[Param.shock_sd],
        world.directed[DirectedVar.error_sd, i, j],
    )


@noalias_loop
def _spread_by_error(certainty: Floats, shock_sd: Floats, error_sd: Floats) -> None:
    for run in range(certainty.shape[0]):
        spread = math.sqrt(shock_sd[run] * shock_sd[run] + error_sd[run] * error_sd[run])
        certainty[run] = 1.0 / spread


@inlined
def set_steps(world: World, i: int, j: int, n_rungs: int) -> None:
    """Set i's chance to take each of the first rungs against j when that rung is on the table."""
    for rung in range(n_rungs):
        payoff.set_payoff(world, i, j, rung, world.scratch[_SHIFT])
        _set_chance(world, world.directed[DirectedVar.step_1 + rung, i, j])


@inlined
def _set_chance(world: World, chance: Floats) -> None:
    _chance_of_payoff(
        chance,
        world.scratch[payoff.PAYOFF],
        world.scratch[_CERTAINTY],
        world.option[Option.shock],
    )


@noalias_loop
def _chance_of_payoff(chance: Floats, payoffs: Floats, certainty: Floats, shock: int) -> None:
    for run in range(chance.shape[0]):
        chance[run] = escalation_chance(payoffs[run], certainty[run], shock)


@inlined
def _set_chances_at_normal(world: World, i: int, j: int) -> None:
    """Set i's chance to take the first rung, as it sees it and knowing the truth."""
    copy(world.directed[DirectedVar.chance, i, j], world.directed[DirectedVar.step_1, i, j])
    payoff.set_payoff(world, i, j, ladder.NORMAL, world.scratch[_NOTHING])
    _set_chance(world, world.directed[DirectedVar.chance_true, i, j])


@inlined
def _set_chances_in_dispute(world: World, i: int, j: int) -> None:
    """Set i's chance to take the rung that is next in each run; at war there is none."""
    directed = world.directed
    rung_now = world.pair[PairVar.rung, world.pair_of[i, j]]
    chance_true = directed[DirectedVar.chance_true, i, j]
    _pick_chance(
        directed[DirectedVar.chance, i, j],
        rung_now,
        directed[DirectedVar.step_1, i, j],
        directed[DirectedVar.step_2, i, j],
        directed[DirectedVar.step_3, i, j],
        directed[DirectedVar.step_4, i, j],
    )
    payoff.set_present_payoff(world, i, j)
    _set_chance(world, chance_true)
    _end_at_war(chance_true, rung_now)


@noalias_loop
def _pick_chance(
    chance: Floats, rung: Floats, step_1: Floats, step_2: Floats, step_3: Floats, step_4: Floats
) -> None:
    for run in range(chance.shape[0]):
        now = rung[run]
        taken = step_1[run] if now == ladder.NORMAL else 0.0
        taken = step_2[run] if now == ladder.CONFRONTATION else taken
        taken = step_3[run] if now == ladder.COERCION else taken
        chance[run] = step_4[run] if now == ladder.USE_OF_FORCE else taken


@noalias_loop
def _end_at_war(chance: Floats, rung: Floats) -> None:
    for run in range(chance.shape[0]):
        chance[run] = chance[run] if rung[run] < ladder.WAR else 0.0
