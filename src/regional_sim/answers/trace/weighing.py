"""What a state weighs when the next rung of a dispute is on the table, and what it then does.

The terms are those of :mod:`regional_sim.model.mechanisms.payoff`, taken apart, from the arrays of
a month in which all states have weighed and nobody has acted.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from regional_sim.model.mechanisms import payoff
from regional_sim.model.mechanisms.ladder import USE_OF_FORCE, WAR
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Draw, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.elementary import logit, normal_quantile

TERMS: Final = {
    "gain": "what there is to win, times the chance it sees to prevail",
    "loss": "what a failure would cost, times the chance it sees to fail",
    "trade": "what the trade of the two is worth",
    "third_states": "third states that vote against its position",
    "restraint": "general restraint of the pair",
    "bias": "how much more hostile than it is the other looks",
    "error": "its error about the other this month",
}
"""Terms of the payoff of the next rung as the state sees it, in units of utility."""

DECISION_COLUMNS: Final = {
    "rung": ("rung", "rung of the pair before the decision"),
    "on_the_table": ("flag", "whether incidents or the dispute put the next rung on the table"),
    "trigger_chance": ("probability", "chance that they would, before they were drawn"),
    "escalates": ("flag", "whether the state takes the next rung"),
    "would_escalate": ("flag", "whether it would, knowing the truth"),
    "chance": ("probability", "chance that it takes the next rung, once that is on the table"),
    "chance_true": ("probability", "the same if it knew the truth"),
    "payoff": ("utility", "payoff of the next rung as the state sees it: the sum of the terms"),
    **{name: ("utility", meaning) for name, meaning in TERMS.items()},
    "shock": ("utility", "private shock of the decision; above minus the payoff the state acts"),
    "payoff_true": ("utility", "the payoff in truth"),
    "gain_true": ("utility", "the gain in truth"),
    "loss_true": ("utility", "the loss in truth"),
    "success_believed": ("probability", "chance that the state sees to prevail"),
    "success_true": ("probability", "chance that it has"),
    "tension": ("share", "tension of the pair before the decision"),
}
"""Columns of the table of decisions: unit and meaning."""

_LOGISTIC_SD: Final = math.pi / math.sqrt(3.0)

_opposition = np.vectorize(payoff.opposition, otypes=[np.float64])
_war_reluctance = np.vectorize(payoff.war_reluctance, otypes=[np.float64])
_normal_quantile = np.vectorize(normal_quantile, otypes=[np.float64])
_logit = np.vectorize(logit, otypes=[np.float64])
# They are sums and products, and take arrays as well as numbers.
_bond: Any = payoff.restraining_bond
_payoff: Any = payoff.next_rung_payoff


def weighed(world: World) -> dict[str, Floats]:
    """Return payoffs, their terms and the chances of a month, shape (state, state), of one run.

    At war there is no next rung, and on the diagonal no other state: there all are NaN.
    """
    directed = world.directed[:, :, :, 0]
    rung = _of_pair(world, PairVar.rung)
    held_back = _held_back(world)
    weights = _schedules(world, rung)
    believed = _at_stake(world, directed[DirectedVar.success_believed])
    true = _at_stake(world, directed[DirectedVar.success_true])
    error = directed[DirectedVar.error]
    bias = np.full_like(error, world.param[Param.hostility_bias, 0])
    values = {
        "gain": believed[0] * weights[0],
        "loss": -believed[1] * weights[1],
        "trade": -held_back[0] * weights[2],
        "third_states": -held_back[1] * weights[2],
        "restraint": -held_back[2] * weights[3],
        "bias": bias,
        "error": error,
        "payoff": _total(believed, held_back, weights) + (bias + error),
        "gain_true": true[0] * weights[0],
        "loss_true": -true[1] * weights[1],
        "payoff_true": _total(true, held_back, weights),
        "chance": directed[DirectedVar.chance],
        "chance_true": directed[DirectedVar.chance_true],
        "success_believed": directed[DirectedVar.success_believed],
        "success_true": directed[DirectedVar.success_true],
        "tension": _of_pair(world, PairVar.tension),
    }
    nowhere = (rung >= WAR) | np.eye(len(rung), dtype=np.bool_)
    blanked = {name: np.where(nowhere, np.nan, one) for name, one in values.items()}
    return {**blanked, "rung": rung}


def _of_pair(world: World, variable: PairVar) -> Floats:
    """Return a variable of pairs where their two states meet, shape (state, state)."""
    values: Floats = world.pair[variable, :, 0][world.pair_of]
    return values


def _schedules(world: World, rung: Floats) -> tuple[Floats, ...]:
    """Return the weights of gain, loss, costs and restraint at the next rung.

    After war there is none: what stands there is blanked.
    """
    step = np.minimum(rung, USE_OF_FORCE).astype(np.int64)
    first = (Param.gain_rung_1, Param.loss_rung_1, Param.cost_rung_1, Param.restraint_rung_1)
    return tuple(world.param[int(param) + step, 0] for param in first)


def _at_stake(world: World, success: Floats) -> tuple[Floats, Floats]:
    """Return what a challenge wins and what it costs, each times the chance of that."""
    stake = world.directed[DirectedVar.stake, :, :, 0]
    loss_weight = world.param[Param.loss_weight, 0] / world.state[StateVar.resolve, :, 0]
    gain = success * stake * (0.5 + _of_pair(world, PairVar.tension))
    return gain, (1.0 - success) * loss_weight[:, None]


def _held_back(world: World) -> tuple[Floats, Floats, Floats]:
    """Return what holds the row back: trade, third states, and the restraint of the pair."""
    param = world.param[:, 0]
    bond = _bond(
        _of_pair(world, PairVar.bond),
        _of_pair(world, PairVar.trade) / world.state[StateVar.all_trade, :, 0][:, None],
        param[Param.openness_discount],
    )
    third = _of_pair(world, PairVar.relevance) * _third(world)
    general, pair_restraint = param[Param.ladder_restraint], _of_pair(world, PairVar.restraint)
    reluctance = np.where(
        _of_pair(world, PairVar.rung) + 1 >= WAR,
        _war_reluctance(general, pair_restraint),
        general * pair_restraint,
    )
    costs = param[Param.economic_restraint] * bond, param[Param.diplomatic_restraint] * third
    return *costs, reluctance


def _total(
    at_stake: tuple[Floats, Floats],
    held_back: tuple[Floats, Floats, Floats],
    weights: tuple[Floats, ...],
) -> Floats:
    trade, third, reluctance = held_back
    found: Floats = _payoff(*at_stake, trade + third, reluctance, *weights)
    return found


def _third(world: World) -> Floats:
    """Return which share of third states votes against the row's position toward the column."""
    state = world.state[:, :, 0]
    gdp = state[StateVar.gdp]
    positive = state[StateVar.stance] > 0.0
    opposed_gdp = np.where(
        positive[:, None],
        gdp * state[StateVar.vote_oppose],
        gdp * state[StateVar.vote_support],
    )
    n_states = len(gdp)
    opposed, total = np.zeros(n_states), np.zeros(n_states)
    for k in range(n_states):  # in the order in which the model adds
        others = np.arange(n_states) != k
        opposed[others] += opposed_gdp[others, k]
        total[others] += gdp[k]
    found: Floats = _opposition(opposed[:, None] - opposed_gdp, total[:, None] - gdp)
    return found


def drawn(world: World, draws: Floats) -> dict[str, Floats]:
    """Return what was on the table and what was done, shape (state, state), of one run.

    `draws` are those of the month, shape (Draw, pair).
    """
    n_states = world.state.shape[1]
    first, second = np.triu_indices(n_states, 1)
    pair = world.pair[:, :, 0]
    chance_true = world.directed[DirectedVar.chance_true, :, :, 0]
    shock_sd = float(world.param[Param.shock_sd, 0])
    logistic = world.option[Option.shock] == LOGISTIC_SHOCK

    def both(of_first: Floats, of_second: Floats) -> Floats:
        values = np.full((n_states, n_states), np.nan)
        values[first, second], values[second, first] = of_first, of_second
        return values

    uniform = both(draws[Draw.shock_first], draws[Draw.shock_second])
    triggered = both(pair[PairVar.triggered], pair[PairVar.triggered])
    off = ~np.eye(n_states, dtype=np.bool_)
    shock = np.full_like(uniform, np.nan)
    if logistic:
        shock[off] = -shock_sd * _logit(uniform[off]) / _LOGISTIC_SD
    else:
        shock[off] = -shock_sd * _normal_quantile(uniform[off])
    return {
        "on_the_table": triggered,
        "trigger_chance": both(pair[PairVar.trigger], pair[PairVar.trigger]),
        "escalates": both(pair[PairVar.escalated_first], pair[PairVar.escalated_second]),
        "would_escalate": np.where(off, triggered * (uniform < chance_true), np.nan),
        "shock": shock,
    }
