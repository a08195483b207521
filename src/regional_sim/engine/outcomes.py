"""Windows of months over which runs are summarised."""

from __future__ import annotations

from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import Role
from regional_sim.scenario import RESERVED_WINDOW, Scenario

WHOLE_WINDOW = RESERVED_WINDOW
"""Name of the window that holds every month after the switch; it always comes first."""


def window_bounds(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Return first and last month of each window, counted from 0 at the start of a run.

    Windows are cut at the horizon; one that lies wholly beyond it is left out.

    Parameters
    ----------
    scenario : Scenario
        The validated world; its windows count months after the switch, from 1.

    Returns
    -------
    dict of str to tuple of int
        Bounds, both inclusive, :data:`WHOLE_WINDOW` first.
    """
    before = scenario.months_before
    after = scenario.months_after
    bounds = {WHOLE_WINDOW: (before, before + after - 1)}
    for name, (first, last) in scenario.windows.items():
        if first <= after:
            bounds[name] = (before + first - 1, before + min(last, after) - 1)
    return bounds


def defined_metrics(scenario: Scenario) -> list[Metric]:
    """Return the metrics whose roles and groups the world fills, in order.

    Parameters
    ----------
    scenario : Scenario
        The validated world.

    Returns
    -------
    list of Metric
        Every metric that means something here.
    """
    roles = {role.name for role in Role if scenario.role(role.name) is not None}
    return [
        metric
        for metric in Metric
        if all(_filled(scenario, roles, name) for name in metric.requires)
    ]


def _filled(scenario: Scenario, roles: set[str], name: str) -> bool:
    if name in Role.__members__:
        return name in roles
    return bool(scenario.group(name))
