"""Which metrics a world defines."""

from __future__ import annotations

from regional_sim.scenario import Scenario
from regional_sim.world.layout import Role
from regional_sim.world.metrics.catalogue import Metric


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
