"""What Mesa's data collector keeps of a run, under the names of our tables and columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import mesa

from regional_sim.engine.outcomes import defined_metrics, window_bounds
from regional_sim.errors import InputError, suggestion
from regional_sim.scenario import Scenario

COLLECTED_TABLES: Final = ("runs", "timeseries", "states")
"""What can be collected: metrics by window, metrics by month, states by month."""

USUAL: Final = ("timeseries", "states")
"""What is collected where nothing is said."""

AGENT_COLUMNS: Final = ("code", "readiness", "stance", "threat", "pressure", "trade")
"""What is kept of every state."""


def tables_of(collect: bool | str) -> tuple[str, ...]:
    """Read what is to be collected.

    Parameters
    ----------
    collect : bool or str
        True for :data:`USUAL`, False for nothing, or names of :data:`COLLECTED_TABLES` with commas.

    Returns
    -------
    tuple of str
        Names of tables.

    Raises
    ------
    InputError
        If there is no such table.

    Examples
    --------
    >>> tables_of("runs,timeseries")
    ('runs', 'timeseries')
    """
    if isinstance(collect, bool):
        return USUAL if collect else ()
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
    """Make the data collector of a model.

    Parameters
    ----------
    region : Scenario
        The world.
    tables : tuple of str
        Of :data:`COLLECTED_TABLES`.

    Returns
    -------
    mesa.DataCollector or None
        None where nothing is to be collected.
    """
    if not tables:
        return None
    reporters: dict[str, str | Callable[[Any], float]] = {"month": "month"}
    for metric in defined_metrics(region):
        if "timeseries" in tables:
            reporters[metric.name] = _monthly(metric.name)
        if "runs" in tables:
            for window in window_bounds(region):
                reporters[f"{metric.name}_{window}"] = _outcome(metric.name, window)
    states = {name: name for name in AGENT_COLUMNS} if "states" in tables else None
    return mesa.DataCollector(model_reporters=reporters, agent_reporters=states)


def _monthly(metric: str) -> Callable[[Any], float]:
    return lambda model: model.metric(metric)


def _outcome(metric: str, window: str) -> Callable[[Any], float]:
    return lambda model: model.outcome(metric, window)
