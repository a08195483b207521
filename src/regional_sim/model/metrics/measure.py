"""The phases that measure: the metrics of the month by theme, and their sums by window.

One phase for all themes would take as long to compile as the rest of the package.
"""

from regional_sim.model.metrics import alignment, deterrence, economy, risk
from regional_sim.model.variables import World
from regional_sim.numerics.compiler import compiled


@compiled
def measure_risk(world: World, month: int, lo: int, hi: int) -> None:
    """Set tension, the risk of miscalculation and the counts of events."""
    risk.measure_tension(world)
    risk.measure_miscalculation(world)
    risk.measure_restraint(world)
    risk.count_events(world)
    risk.watch_for_crisis(world, month)


@compiled
def measure_deterrence(world: World, month: int, lo: int, hi: int) -> None:
    """Set deterrence, entanglement, the challenger, probing and detection."""
    deterrence.measure_challenge(world)
    deterrence.measure_three_fronts(world)
    deterrence.measure_challenger(world)
    deterrence.measure_probing(world)
    deterrence.measure_detection(world)
    deterrence.measure_entanglement(world)


@compiled
def measure_alignment(world: World, month: int, lo: int, hi: int) -> None:
    """Set alliances, ambiguity, hedgers, votes and democracies."""
    alignment.measure_alliance(world)
    alignment.measure_ambiguity(world)
    alignment.measure_hedgers(world)
    alignment.measure_votes(world)
    alignment.measure_democracies(world)
    alignment.measure_slopes(world)


@compiled
def measure_economy(world: World, month: int, lo: int, hi: int) -> None:
    """Set the blockade, dependence, trade and cost."""
    economy.measure_blockade(world)
    economy.measure_dependence(world)
    economy.measure_hedger_trade(world)
    economy.measure_cost(world)


@compiled
def add_to_windows(world: World, month: int, lo: int, hi: int) -> None:
    """Add the metrics of the month to the windows that hold it."""
    for window in range(world.window.shape[0]):
        if world.window[window, 0] <= month <= world.window[window, 1]:
            for metric in range(world.metric.shape[0]):
                value = world.metric[metric]
                total = world.summary[window, metric]
                for run in range(value.shape[0]):
                    total[run] += value[run]
