"""Trade, dependence and the blockade."""

from regional_sim.model.mechanisms import trade
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Group, PairVar, Role, StateVar, World
from regional_sim.numerics.compiler import inlined
from regional_sim.numerics.elementary import larger
from regional_sim.numerics.run_loops import fill

# Scratch rows.
_SUM = 0
_SQUARES = 1


@inlined
def measure_blockade(world: World) -> None:
    """Set the partner's vulnerability to a blockade."""
    partner = world.role[Role.partner]
    challenger = world.role[Role.challenger]
    if partner < 0 or challenger < 0:
        return
    vulnerability = world.metric[Metric.blockade_vulnerability]
    seaborne = world.state[StateVar.seaborne_share, partner]
    substitutability = world.state[StateVar.substitutability, partner]
    stock = world.state[StateVar.stock_months, partner]
    hold = world.directed[DirectedVar.success_true, challenger, partner]
    scale = world.param[Param.stock_scale_months]
    for run in range(vulnerability.shape[0]):
        vulnerability[run] = trade.blockade_vulnerability(
            seaborne[run], substitutability[run], stock[run], scale[run], hold[run]
        )


@inlined
def measure_dependence(world: World) -> None:
    """Set dependence on the challenger, concentration, and trade with democracies."""
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    challenger = world.role[Role.challenger]
    if sender >= 0 and challenger >= 0:
        _set_dependence(world, Metric.sender_dependence, sender, challenger)
    if partner >= 0 and challenger >= 0:
        _set_dependence(world, Metric.partner_dependence, partner, challenger)
    if sender >= 0 and partner >= 0:
        concentration = world.metric[Metric.trade_concentration]
        fill(concentration, 0.0)
        _add_concentration(world, sender)
        _add_concentration(world, partner)
    if partner >= 0:
        _set_democratic_share(world, partner)


@inlined
def _set_dependence(world: World, metric: int, i: int, challenger: int) -> None:
    now = world.pair[PairVar.trade, world.pair_of[i, challenger]]
    gdp = world.state[StateVar.gdp, i]
    for run in range(now.shape[0]):
        world.metric[metric, run] = now[run] / gdp[run]


@inlined
def _add_concentration(world: World, i: int) -> None:
    total = world.scratch[_SUM]
    squares = world.scratch[_SQUARES]
    fill(total, 0.0)
    fill(squares, 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            now = world.pair[PairVar.trade, world.pair_of[i, k]]
            for run in range(total.shape[0]):
                total[run] += now[run]
                squares[run] += now[run] * now[run]
    for run in range(total.shape[0]):
        whole = larger(total[run], 1e-12)
        world.metric[Metric.trade_concentration, run] += 0.5 * squares[run] / (whole * whole)


@inlined
def _set_democratic_share(world: World, partner: int) -> None:
    total = world.scratch[_SUM]
    weighted = world.scratch[_SQUARES]
    fill(total, 0.0)
    fill(weighted, 0.0)
    for k in range(world.state.shape[1]):
        if k != partner:
            now = world.pair[PairVar.trade, world.pair_of[partner, k]]
            polyarchy = world.state[StateVar.polyarchy, k]
            for run in range(total.shape[0]):
                total[run] += now[run]
                weighted[run] += now[run] * polyarchy[run]
    for run in range(total.shape[0]):
        share = weighted[run] / larger(total[run], 1e-12)
        world.metric[Metric.partner_democratic_trade, run] = share


@inlined
def measure_hedger_trade(world: World) -> None:
    """Set the hedgers' trade with challenger and sender over its start."""
    if world.role[Role.challenger] >= 0:
        _set_group_trade(world, Metric.hedger_trade_challenger, world.role[Role.challenger])
    if world.role[Role.sender] >= 0:
        _set_group_trade(world, Metric.hedger_trade_sender, world.role[Role.sender])


@inlined
def _set_group_trade(world: World, metric: int, other: int) -> None:
    total = world.scratch[_SUM]
    at_start = world.scratch[_SQUARES]
    fill(total, 0.0)
    fill(at_start, 0.0)
    for i in range(world.state.shape[1]):
        if i != other and world.group[Group.hedgers, i] > 0.0:
            now = world.pair[PairVar.trade, world.pair_of[i, other]]
            start = world.pair[PairVar.trade_start, world.pair_of[i, other]]
            for run in range(total.shape[0]):
                total[run] += now[run]
                at_start[run] += start[run]
    for run in range(total.shape[0]):
        world.metric[metric, run] = total[run] / larger(at_start[run], 1e-12)


@inlined
def measure_cost(world: World) -> None:
    """Set all trade lost since the start, over the GDP of all states."""
    lost = world.metric[Metric.economic_cost]
    gdp = world.scratch[_SUM]
    fill(lost, 0.0)
    fill(gdp, 0.0)
    for i in range(world.state.shape[1]):
        for run in range(lost.shape[0]):
            gdp[run] += world.state[StateVar.gdp, i, run]
            lost[run] += (
                world.state[StateVar.rest_trade_start, i, run]
                - world.state[StateVar.rest_trade, i, run]
            )
    for pair in range(world.pair.shape[1]):
        start = world.pair[PairVar.trade_start, pair]
        now = world.pair[PairVar.trade, pair]
        for run in range(lost.shape[0]):
            lost[run] += start[run] - now[run]
    for run in range(lost.shape[0]):
        lost[run] = lost[run] / gdp[run]
