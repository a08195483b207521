"""Alliances, ambiguity, hedgers, votes and democracies."""

import math

from regional_sim.model.mechanisms import stance
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Group, PairVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop
from regional_sim.numerics.elementary import larger, logistic
from regional_sim.numerics.run_loops import fill

# Scratch rows.
_MEAN = 0
_SQUARES = 1
_WEIGHTS = 2
_CROSS = 3

_PAIRS_OF_THREE = 3.0


@inlined
def measure_alliance(world: World) -> None:
    """Set alignment and alliance strength among sender, patron and ally."""
    sender = world.role[Role.sender]
    patron = world.role[Role.patron]
    ally = world.role[Role.ally]
    if sender < 0 or patron < 0 or ally < 0:
        return
    fill(world.metric[Metric.trilateral_alignment], 0.0)
    fill(world.metric[Metric.alliance_strength], 0.0)
    for i, j in ((sender, patron), (sender, ally), (patron, ally)):
        _add_alliance(
            world.metric[Metric.trilateral_alignment],
            world.metric[Metric.alliance_strength],
            world.directed,
            world.param[Param.alignment_span],
            i,
            j,
        )


@noalias_loop
def _add_alliance(
    close: Floats, strength: Floats, directed: Floats, span: Floats, i: int, j: int
) -> None:
    for run in range(close.shape[0]):
        commitment = 0.5 * (
            logistic(directed[DirectedVar.commitment, i, j, run])
            + logistic(directed[DirectedVar.commitment, j, i, run])
        )
        alignment = 0.5 * (
            directed[DirectedVar.alignment, i, j, run] + directed[DirectedVar.alignment, j, i, run]
        )
        aligned = 0.5 + 0.5 * alignment / span[run]
        close[run] += (0.5 * commitment + 0.5 * aligned) / _PAIRS_OF_THREE
        strength[run] += commitment / _PAIRS_OF_THREE


@inlined
def measure_ambiguity(world: World) -> None:
    """Set the mean width of the intervals around commitments to the partner."""
    partner = world.role[Role.partner]
    if partner < 0:
        return
    mean = world.metric[Metric.ambiguity_width]
    n_states = world.state.shape[1]
    fill(mean, 0.0)
    for k in range(n_states):
        if k != partner:
            half_width = world.directed[DirectedVar.half_width, k, partner]
            for run in range(mean.shape[0]):
                mean[run] += half_width[run] / (n_states - 1)


@inlined
def measure_hedgers(world: World) -> None:
    """Set how far the hedgers' stances are from their start, and how far from each other."""
    mean = world.scratch[_MEAN]
    squares = world.scratch[_SQUARES]
    lean = world.metric[Metric.hedger_lean]
    distance = world.metric[Metric.hedger_distance]
    for row in (mean, squares, lean, distance):
        fill(row, 0.0)
    size = _group_size(world, Group.hedgers)
    for i in range(world.state.shape[1]):
        share = world.group[Group.hedgers, i] / size
        now = world.state[StateVar.stance, i]
        start = world.state[StateVar.stance_start, i]
        for run in range(mean.shape[0]):
            moved = now[run] - start[run]
            lean[run] += share * moved
            distance[run] += share * (moved if moved > 0.0 else -moved)
            mean[run] += share * now[run]
            squares[run] += share * now[run] * now[run]
    for run in range(mean.shape[0]):
        variance = larger(squares[run] - mean[run] * mean[run], 0.0)
        world.metric[Metric.hedger_spread, run] = math.sqrt(variance)


@inlined
def _group_size(world: World, group: int) -> float:
    size = 0.0
    for i in range(world.state.shape[1]):
        size += world.group[group, i]
    return larger(size, 1.0)


@inlined
def measure_votes(world: World) -> None:
    """Set clarity and decisiveness of middle powers, and support among all but the two sides."""
    clarity = world.metric[Metric.stance_clarity]
    decided = world.metric[Metric.not_abstaining]
    support = world.metric[Metric.un_support]
    fill(clarity, 0.0)
    fill(decided, 0.0)
    fill(support, 0.0)
    size = _group_size(world, Group.middle_powers)
    sides = (world.role[Role.sender], world.role[Role.partner])
    n_others = larger(world.state.shape[1] - 2.0, 1.0)
    for i in range(world.state.shape[1]):
        share = world.group[Group.middle_powers, i] / size
        voice = 0.0 if i in sides else 1.0 / n_others
        yes = world.state[StateVar.vote_support, i]
        no = world.state[StateVar.vote_oppose, i]
        for run in range(clarity.shape[0]):
            support[run] += voice * yes[run]
            decided[run] += share * (yes[run] + no[run])
        if share > 0.0:
            for run in range(clarity.shape[0]):
                clarity[run] += share * stance.clarity(yes[run], no[run])


@inlined
def measure_democracies(world: World) -> None:
    """Set the spread of stances weighted by polyarchy."""
    mean = world.scratch[_MEAN]
    squares = world.scratch[_SQUARES]
    weights = world.scratch[_WEIGHTS]
    fill(mean, 0.0)
    fill(squares, 0.0)
    fill(weights, 0.0)
    for i in range(world.state.shape[1]):
        polyarchy = world.state[StateVar.polyarchy, i]
        now = world.state[StateVar.stance, i]
        for run in range(mean.shape[0]):
            weights[run] += polyarchy[run]
            mean[run] += polyarchy[run] * now[run]
            squares[run] += polyarchy[run] * now[run] * now[run]
    for run in range(mean.shape[0]):
        weight = larger(weights[run], 1e-12)
        middle = mean[run] / weight
        variance = larger(squares[run] / weight - middle * middle, 0.0)
        world.metric[Metric.democratic_spread, run] = math.sqrt(variance)


@inlined
def measure_slopes(world: World) -> None:
    """Set the slopes of third states' change of stance on dependence and on polyarchy."""
    if world.role[Role.challenger] >= 0:
        _set_slope(world, Metric.stance_slope_dependence)
        _set_slope(world, Metric.stance_slope_polyarchy)


@inlined
def _set_slope(world: World, metric: int) -> None:
    """Set an ordinary least squares slope over the states without a role in the dispute."""
    challenger = world.role[Role.challenger]
    sums = world.scratch[:4]
    for row in range(sums.shape[0]):
        fill(sums[row], 0.0)
    n_third = 0.0
    for i in range(world.state.shape[1]):
        if i in (challenger, world.role[Role.sender], world.role[Role.partner]):
            continue
        n_third += 1.0
        change = world.state[StateVar.stance, i]
        start = world.state[StateVar.stance_start, i]
        trade = world.pair[PairVar.trade_start, world.pair_of[i, challenger]]
        gdp = world.state[StateVar.gdp, i]
        polyarchy = world.state[StateVar.polyarchy, i]
        for run in range(sums.shape[1]):
            by_dependence = metric == Metric.stance_slope_dependence
            x = trade[run] / gdp[run] if by_dependence else polyarchy[run]
            y = change[run] - start[run]
            sums[_MEAN, run] += x
            sums[_WEIGHTS, run] += y
            sums[_SQUARES, run] += x * x
            sums[_CROSS, run] += x * y
    for run in range(sums.shape[1]):
        n = larger(n_third, 1.0)
        mean = sums[_MEAN, run] / n
        spread = sums[_SQUARES, run] / n - mean * mean
        joint = sums[_CROSS, run] / n - mean * (sums[_WEIGHTS, run] / n)
        world.metric[metric, run] = joint / spread if spread > 1e-12 else 0.0  # noqa: PLR2004
