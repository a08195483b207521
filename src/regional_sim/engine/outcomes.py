"""Outcomes of a run: which metrics and windows of months a scenario has, and their values."""

from __future__ import annotations

import numpy as np

from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import Role, World
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import RESERVED_WINDOW, Scenario

WHOLE_WINDOW = RESERVED_WINDOW
"""Name of the window of all months from the onset of the posture on; it always comes first."""


def window_bounds(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Return first and last month (inclusive) of each window, counted from 0 at the start of a run.

    Windows are cut at the horizon; one that lies wholly beyond it is left out.
    """
    before = scenario.months_before
    after = scenario.months_after
    bounds = {WHOLE_WINDOW: (before, before + after - 1)}
    for name, (first, last) in scenario.windows.items():
        if first <= after:
            bounds[name] = (before + first - 1, before + min(last, after) - 1)
    return bounds


def defined_metrics(scenario: Scenario) -> list[Metric]:
    """Return the metrics whose roles and groups are filled in a scenario, in order."""

    def is_filled(name: str) -> bool:
        if name in Role.__members__:
            return scenario.role(name) is not None
        return bool(scenario.group(name))

    return [metric for metric in Metric if all(map(is_filled, metric.requires))]


def window_values(world: World) -> Floats:
    """Return mean or sum of each metric over windows of a finished run: (window, Metric, run)."""
    months = (world.window[:, 1] - world.window[:, 0] + 1).astype(np.float64)
    values = world.summary.copy()
    for metric in Metric:
        if metric.combine == "mean":
            values[:, metric] /= months[:, None]
    return values
