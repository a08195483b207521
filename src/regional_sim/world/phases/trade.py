"""Trade: diverted from tense pairs, redirected by each state, settled pair by pair."""

from regional_sim.rules import trade
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import DirectedVar, Floats, PairVar, RegionVar, Role, StateVar, World
from regional_sim.world.phases.payoff import set_bond
from regional_sim.world.rows import add, copy, fill

# Scratch row.
_ATTRACTION = 0


@compiled
def divert_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set the trade that leaves every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    challenger = world.role[Role.challenger]
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            other = j if i == challenger else (i if j == challenger else -1)
            concentrated = 1.0 if other >= 0 and other in (sender, partner) else 0.0
            pair = world.pair_of[i, j]
            _divert_pair(
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.tension_start, pair],
                world.region[RegionVar.urgency],
                concentrated,
                world.param,
            )


@noalias_loop
def _divert_pair(
    outflow: Floats,
    now: Floats,
    start: Floats,
    tension: Floats,
    tension_start: Floats,
    urgency: Floats,
    concentrated: float,
    param: Floats,
) -> None:
    for run in range(outflow.shape[0]):
        outflow[run] = trade.diverted(
            now[run],
            start[run],
            param[Param.diversion_speed, run],
            param[Param.tension_diversion, run] * (tension[run] - tension_start[run]),
            concentrated * param[Param.diversification_gain, run] * urgency[run],
            param[Param.trade_floor, run],
        )


@compiled
def reallocate_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) seek new partners for their half of what they lost."""
    for i in range(lo, hi):
        _sum_attraction(world, i)
        _spread_losses(world, i)
        _settle_rest(world, i)


@inlined
def _sum_attraction(world: World, i: int) -> None:
    copy(world.scratch[_ATTRACTION], world.state[StateVar.rest_trade, i])
    for k in range(world.state.shape[1]):
        if k != i:
            pair = world.pair_of[i, k]
            _add_attraction(
                world.scratch[_ATTRACTION],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.tension, pair],
            )


@noalias_loop
def _add_attraction(total: Floats, now: Floats, tension: Floats) -> None:
    for run in range(total.shape[0]):
        total[run] += trade.attraction_of_partner(now[run], tension[run])


@inlined
def _spread_losses(world: World, i: int) -> None:
    fill(world.state[StateVar.redirected, i], 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            pair = world.pair_of[i, k]
            _spread_loss(
                world.state[StateVar.redirected, i],
                world.directed[DirectedVar.redirected, i, k],
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.tension, pair],
                world.pair[PairVar.outflow, pair],
                world.scratch[_ATTRACTION],
                world.param[Param.trade_friction],
            )


@noalias_loop
def _spread_loss(
    redirected: Floats,
    share: Floats,
    now: Floats,
    tension: Floats,
    outflow: Floats,
    attraction: Floats,
    friction: Floats,
) -> None:
    for run in range(redirected.shape[0]):
        elsewhere = attraction[run] - trade.attraction_of_partner(now[run], tension[run])
        share[run] = 0.5 * outflow[run] * (1.0 - friction[run]) / elsewhere
        redirected[run] += share[run]


@inlined
def _settle_rest(world: World, i: int) -> None:
    rest = world.state[StateVar.rest_trade, i]
    start = world.state[StateVar.rest_trade_start, i]
    redirected = world.state[StateVar.redirected, i]
    rate = world.param[Param.trade_return]
    for run in range(rest.shape[0]):
        rest[run] = trade.next_trade(
            rest[run], start[run], rate[run], 0.0, rest[run] * redirected[run]
        )


@compiled
def clear_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Settle the trade and the bond of every pair whose earlier state is in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        for j in range(i + 1, n_states):
            pair = world.pair_of[i, j]
            _settle_pair(
                world.pair[PairVar.trade, pair],
                world.pair[PairVar.trade_start, pair],
                world.pair[PairVar.outflow, pair],
                world.pair[PairVar.tension, pair],
                world.state[StateVar.redirected, i],
                world.directed[DirectedVar.redirected, i, j],
                world.state[StateVar.redirected, j],
                world.directed[DirectedVar.redirected, j, i],
                world.param[Param.trade_return],
            )
            set_bond(world, i, j)


@noalias_loop
def _settle_pair(
    now: Floats,
    start: Floats,
    outflow: Floats,
    tension: Floats,
    redirected: Floats,
    share: Floats,
    other_redirected: Floats,
    other_share: Floats,
    rate: Floats,
) -> None:
    for run in range(now.shape[0]):
        offers = (redirected[run] - share[run]) + (other_redirected[run] - other_share[run])
        inflow = trade.attraction_of_partner(now[run], tension[run]) * offers
        now[run] = trade.next_trade(now[run], start[run], rate[run], outflow[run], inflow)


@compiled
def sum_trade(world: World, month: int, lo: int, hi: int) -> None:
    """Set all trade of the states in [lo, hi), with each other and with the rest of the world."""
    for i in range(lo, hi):
        total = world.state[StateVar.all_trade, i]
        copy(total, world.state[StateVar.rest_trade, i])
        for k in range(world.state.shape[1]):
            if k != i:
                now = world.pair[PairVar.trade, world.pair_of[i, k]]
                copy(world.directed[DirectedVar.trade, i, k], now)
                add(total, now)
