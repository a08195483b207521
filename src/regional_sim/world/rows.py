"""Whole rows at once, written as loops: assignments to slices take seconds to compile."""

from regional_sim.rules.compiled import compiled
from regional_sim.world.layout import Floats


@compiled
def fill(row: Floats, value: float) -> None:
    """Set every run of a row to a value."""
    for run in range(row.shape[0]):
        row[run] = value


@compiled
def copy(source: Floats, target: Floats) -> None:
    """Copy every run of a row."""
    for run in range(target.shape[0]):
        target[run] = source[run]
