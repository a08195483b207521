"""Trade, dependence and the blockade."""

from regional_sim.model.mechanisms.blockade import blockade_vulnerability
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Group, PairVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop
from regional_sim.numerics.elementary import larger
from regional_sim.numerics.run_loops import add, add_product, fill

# Scratch rows.
_TOTAL = 0
_PART = 1


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
        vulnerability[run] = blockade_vulnerability(
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
        fill(world.metric[Metric.trade_concentration], 0.0)
        _add_concentration(world, sender)
        _add_concentration(world, partner)
    if partner >= 0:
        _set_democratic_share(world, partner)


@inlined
def _set_dependence(world: World, metric: int, i: int, challenger: int) -> None:
    now = world.pair[PairVar.trade, world.pair_of[i, challenger]]
    _set_ratio(world.metric[metric], now, world.state[StateVar.gdp, i], 0.0)


@noalias_loop
def _set_ratio(ratio: Floats, part: Floats, whole: Floats, least: float) -> None:
    for run in range(ratio.shape[0]):
        ratio[run] = part[run] / larger(whole[run], least)


@inlined
def _add_concentration(world: World, i: int) -> None:
    """Add half of the Herfindahl index of a state's regional trade."""
    total = world.scratch[_TOTAL]
    squares = world.scratch[_PART]
    fill(total, 0.0)
    fill(squares, 0.0)
    for k in range(world.state.shape[1]):
        if k != i:
            now = world.pair[PairVar.trade, world.pair_of[i, k]]
            add(total, now)
            add_product(squares, now, now)
    for run in range(total.shape[0]):
        whole = larger(total[run], 1e-12)
        world.metric[Metric.trade_concentration, run] += 0.5 * squares[run] / (whole * whole)


@inlined
def _set_democratic_share(world: World, partner: int) -> None:
    total = world.scratch[_TOTAL]
    weighted = world.scratch[_PART]
    fill(total, 0.0)
    fill(weighted, 0.0)
    for k in range(world.state.shape[1]):
        if k != partner:
            now = world.pair[PairVar.trade, world.pair_of[partner, k]]
            add(total, now)
            add_product(weighted, now, world.state[StateVar.polyarchy, k])
    _set_ratio(world.metric[Metric.partner_democratic_trade], weighted, total, 1e-12)


@inlined
def measure_hedger_trade(world: World) -> None:
    """Set the hedgers' trade with challenger and sender over its start."""
    if world.role[Role.challenger] >= 0:
        _set_group_trade(world, Metric.hedger_trade_challenger, world.role[Role.challenger])
    if world.role[Role.sender] >= 0:
        _set_group_trade(world, Metric.hedger_trade_sender, world.role[Role.sender])


@inlined
def _set_group_trade(world: World, metric: int, other: int) -> None:
    total = world.scratch[_TOTAL]
    at_start = world.scratch[_PART]
    fill(total, 0.0)
    fill(at_start, 0.0)
    for i in range(world.state.shape[1]):
        if i != other and world.group[Group.hedgers, i] > 0.0:
            pair = world.pair_of[i, other]
            add(total, world.pair[PairVar.trade, pair])
            add(at_start, world.pair[PairVar.trade_start, pair])
    _set_ratio(world.metric[metric], total, at_start, 1e-12)


@inlined
def measure_cost(world: World) -> None:
    """Set all trade lost since the start, over the GDP of all states."""
    lost = world.metric[Metric.economic_cost]
    gdp = world.scratch[_TOTAL]
    fill(lost, 0.0)
    fill(gdp, 0.0)
    for i in range(world.state.shape[1]):
        add(gdp, world.state[StateVar.gdp, i])
        _add_loss(
            lost, world.state[StateVar.rest_trade_start, i], world.state[StateVar.rest_trade, i]
        )
    for pair in range(world.pair.shape[1]):
        _add_loss(lost, world.pair[PairVar.trade_start, pair], world.pair[PairVar.trade, pair])
    for run in range(lost.shape[0]):
        lost[run] = lost[run] / gdp[run]


@noalias_loop
def _add_loss(lost: Floats, start: Floats, now: Floats) -> None:
    for run in range(lost.shape[0]):
        lost[run] += start[run] - now[run]
