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
from regional_sim.numerics.arrays import Floats, Integers
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
    pair, directed, param = world.pair[:, :, 0], world.directed[:, :, :, 0], world.param[:, 0]
    own, rung = world.state[:, :, 0][:, :, None], pair[PairVar.rung][world.pair_of]
    # A schedule has no entry for what comes after war; it is blanked below.
    step = np.minimum(rung, USE_OF_FORCE).astype(np.int64)
    gain_at, loss_at, cost_at, restraint_at = (
        param[int(first) + step]
        for first in (
            Param.gain_rung_1,
            Param.loss_rung_1,
            Param.cost_rung_1,
            Param.restraint_rung_1,
        )
    )

    def of_pair(variable: PairVar) -> Floats:
        values: Floats = pair[variable][world.pair_of]
        return values

    bond = _bond(
        of_pair(PairVar.bond),
        of_pair(PairVar.trade) / own[StateVar.all_trade],
        param[Param.openness_discount],
    )
    trade = param[Param.economic_restraint] * bond
    third = param[Param.diplomatic_restraint] * (of_pair(PairVar.relevance) * _third(world))
    reluctance = _reluctance(param, of_pair(PairVar.restraint), step)
    stake = directed[DirectedVar.stake] * 1.0
    loss_weight = param[Param.loss_weight] / own[StateVar.resolve]

    def terms(success: Floats) -> tuple[Floats, Floats]:
        return success * stake * (0.5 + of_pair(PairVar.tension)), (1.0 - success) * loss_weight

    def total(gain: Floats, loss: Floats) -> Floats:
        restraint = trade + third
        found: Floats = _payoff(
            gain, loss, restraint, reluctance, gain_at, loss_at, cost_at, restraint_at
        )
        return found

    believed = terms(directed[DirectedVar.success_believed])
    true = terms(directed[DirectedVar.success_true])
    bias = np.full_like(stake, param[Param.hostility_bias])
    error = directed[DirectedVar.error]
    values = {
        "gain": believed[0] * gain_at,
        "loss": -believed[1] * loss_at,
        "trade": -trade * cost_at,
        "third_states": -third * cost_at,
        "restraint": -reluctance * restraint_at,
        "bias": bias,
        "error": error,
        "payoff": total(*believed) + (bias + error),
        "gain_true": true[0] * gain_at,
        "loss_true": -true[1] * loss_at,
        "payoff_true": total(*true),
        "chance": directed[DirectedVar.chance],
        "chance_true": directed[DirectedVar.chance_true],
        "success_believed": directed[DirectedVar.success_believed],
        "success_true": directed[DirectedVar.success_true],
        "tension": of_pair(PairVar.tension),
    }
    nowhere = (rung >= WAR) | np.eye(len(rung), dtype=np.bool_)
    blanked = {name: np.where(nowhere, np.nan, one) for name, one in values.items()}
    return {**blanked, "rung": rung.copy()}


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


def _reluctance(param: Floats, pair_restraint: Floats, step: Integers) -> Floats:
    general = param[Param.ladder_restraint]
    found: Floats = np.where(
        step + 1 == WAR,
        _war_reluctance(general, pair_restraint),
        general * pair_restraint,
    )
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
