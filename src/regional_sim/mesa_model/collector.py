"""What a model keeps every step, in Mesa's data collector."""

from __future__ import annotations

import math
from typing import Any, Final

import mesa

from regional_sim.engine.job import defined_metrics, window_bounds, window_values
from regional_sim.errors import InputError, suggestion
from regional_sim.model.metrics.catalogue import Metric
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


class Collector(mesa.DataCollector):
    """Mesa's data collector, which takes all metrics at once: one by one they cost half a run."""

    def __init__(self, region: Scenario, tables: tuple[str, ...]) -> None:
        states = {name: name for name in _AGENT_COLUMNS} if "states" in tables else None
        super().__init__(model_reporters={"month": "month"}, agent_reporters=states)
        self._windows = window_bounds(region) if "runs" in tables else {}
        self._over: dict[str, list[float]] = {}
        self._columns: list[tuple[str, Metric, str | None]] = []
        for metric in defined_metrics(region):
            if "timeseries" in tables:
                self._columns.append((metric.name, metric, None))
            for window in self._windows:
                self._columns.append((f"{metric.name}_{window}", metric, window))
        self.model_vars.update({name: [] for name, _, _ in self._columns})

    def collect(self, model: Any) -> None:  # a RegionModel
        """Keep the month that has just ended; metrics are NaN until their window is over."""
        super().collect(model)
        now: list[float] = model.world.metric[:, 0].tolist()
        for row, (name, (_, last)) in enumerate(self._windows.items()):
            if name not in self._over and model.month > last:
                self._over[name] = window_values(model.world)[row, :, 0].tolist()
        for name, metric, window in self._columns:
            values = now if window is None else self._over.get(window)
            self.model_vars[name].append(math.nan if values is None else values[metric])
