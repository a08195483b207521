"""Alliances, ambiguity, hedgers, votes and democracies."""

import math

from regional_sim.model.mechanisms import stance
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, Group, PairVar, Role, StateVar, World
from regional_sim.numerics.compiler import inlined
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
    _add_alliance(world, sender, patron)
    _add_alliance(world, sender, ally)
    _add_alliance(world, patron, ally)


@inlined
def _add_alliance(world: World, i: int, j: int) -> None:
    alignment = world.metric[Metric.trilateral_alignment]
    strength = world.metric[Metric.alliance_strength]
    there = world.directed[DirectedVar.commitment, i, j]
    back = world.directed[DirectedVar.commitment, j, i]
    now = world.state[StateVar.stance]
    for run in range(alignment.shape[0]):
        commitment = 0.5 * (logistic(there[run]) + logistic(back[run]))
        gap = now[i, run] - now[j, run]
        distance = gap if gap > 0.0 else -gap
        close = 0.5 * commitment + 0.5 * (1.0 - 0.5 * distance)
        alignment[run] += close / _PAIRS_OF_THREE
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
    """Set distance from the midpoint and spread of the hedgers' stances."""
    mean = world.scratch[_MEAN]
    squares = world.scratch[_SQUARES]
    fill(mean, 0.0)
    fill(squares, 0.0)
    size = _group_size(world, Group.hedgers)
    for i in range(world.state.shape[1]):
        share = world.group[Group.hedgers, i] / size
        now = world.state[StateVar.stance, i]
        for run in range(mean.shape[0]):
            mean[run] += share * now[run]
            squares[run] += share * now[run] * now[run]
    for run in range(mean.shape[0]):
        middle = mean[run]
        world.metric[Metric.hedger_balance, run] = middle if middle > 0.0 else -middle
        variance = larger(squares[run] - middle * middle, 0.0)
        world.metric[Metric.hedger_spread, run] = math.sqrt(variance)


@inlined
def _group_size(world: World, group: int) -> float:
    size = 0.0
    for i in range(world.state.shape[1]):
        size += world.group[group, i]
    return larger(size, 1.0)


@inlined
def measure_votes(world: World) -> None:
    """Set clarity and decisiveness of middle powers, and support among all."""
    clarity = world.metric[Metric.stance_clarity]
    decided = world.metric[Metric.not_abstaining]
    support = world.metric[Metric.un_support]
    fill(clarity, 0.0)
    fill(decided, 0.0)
    fill(support, 0.0)
    size = _group_size(world, Group.middle_powers)
    n_states = world.state.shape[1]
    for i in range(n_states):
        share = world.group[Group.middle_powers, i] / size
        voice = 0.0 if i == world.role[Role.partner] else 1.0 / (n_states - 1)
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
