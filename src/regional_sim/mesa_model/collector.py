"""What Mesa's data collector keeps of a run, under the names of the package's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import mesa

from regional_sim.engine.outcomes import defined_metrics, window_bounds
from regional_sim.errors import InputError, suggestion
from regional_sim.scenario import Scenario

COLLECTED_TABLES: Final = ("runs", "timeseries", "states")
"""What can be collected: metrics by window, metrics by month, states by month."""

_DEFAULT_TABLES: Final = ("timeseries", "states")
_AGENT_COLUMNS: Final = ("code", "readiness", "stance", "threat", "pressure", "trade")


def tables_of(collect: bool | str) -> tuple[str, ...]:
    """Return the tables to collect: from names with commas, True (the default ones) or False.

    >>> tables_of("runs,timeseries")
    ('runs', 'timeseries')
    """
    if isinstance(collect, bool):
        return _DEFAULT_TABLES if collect else ()
    names = tuple(name.strip() for name in str(collect).split(","))
    for name in names:
        if name not in COLLECTED_TABLES:
            raise InputError(
                "cannot be collected",
                key="collect",
                value=name,
                allowed=f"{', '.join(COLLECTED_TABLES)}, true or false",
                hint=suggestion(name, COLLECTED_TABLES),
            )
    return names


def collector_of(region: Scenario, tables: tuple[str, ...]) -> mesa.DataCollector | None:
    """Return the data collector for some tables; None if there are none."""
    if not tables:
        return None
    reporters: dict[str, str | Callable[[Any], float]] = {"month": "month"}
    for metric in defined_metrics(region):
        if "timeseries" in tables:
            reporters[metric.name] = _monthly(metric.name)
        if "runs" in tables:
            for window in window_bounds(region):
                reporters[f"{metric.name}_{window}"] = _outcome(metric.name, window)
    states = {name: name for name in _AGENT_COLUMNS} if "states" in tables else None
    return mesa.DataCollector(model_reporters=reporters, agent_reporters=states)


def _monthly(metric: str) -> Callable[[Any], float]:
    return lambda model: model.metric(metric)


def _outcome(metric: str, window: str) -> Callable[[Any], float]:
    return lambda model: model.outcome(metric, window)
