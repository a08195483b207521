"""Outcomes by name: what a bridge hands to another tool from what the engine gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from regional_sim.engine.job import BatchResult
from regional_sim.engine.outcomes import defined_metrics, window_bounds
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import summarise
from regional_sim.scenario import Scenario

BY_REPLICATE: Final = "_by_replicate"
"""Ending of the names of outcomes that keep replicates apart."""


@dataclass(frozen=True)
class Outcome:
    """A metric over a window or by month, as a mean over replicates or with them apart.

    Attributes
    ----------
    metric : Metric
        The metric.
    window : int or None
        Row of the window; None: by month.
    apart : bool
        Whether replicates are kept apart.
    """

    metric: Metric
    window: int | None
    apart: bool

    @property
    def by_month(self) -> bool:
        """Whether the engine has to keep the months."""
        return self.window is None

    def value(self, result: BatchResult) -> float | Floats:
        """Read the outcome.

        Parameters
        ----------
        result : BatchResult
            Of all replicates; with its ``timeseries`` where the outcome is by month.

        Returns
        -------
        float or ndarray
            By window: the mean, or replicates of shape (replicate,).  By month: means of shape
            (month,), or replicates of shape (replicate, month).  Means leave out replicates that
            do not have the metric, as the table of summaries does.
        """
        if self.window is None:
            if result.timeseries is None:
                raise ValueError("an outcome by month needs the series 'timeseries'")
            months: Floats = result.timeseries[:, self.metric]
            return months.T.copy() if self.apart else summarise(months)["mean"]
        replicates: Floats = result.windows[self.window, self.metric]
        return replicates.copy() if self.apart else float(summarise(replicates[None])["mean"][0])


def outcomes_of(scenario: Scenario) -> dict[str, Outcome]:
    """Name the outcomes of a world.

    Parameters
    ----------
    scenario : Scenario
        The validated world.

    Returns
    -------
    dict of Outcome
        ``tension_whole`` and the like, as columns of the table of runs are called; ``tension`` and
        the like by month; each also with :data:`BY_REPLICATE` after it.

    Examples
    --------
    >>> from regional_sim.scenario import load_scenario
    >>> sorted(name for name in outcomes_of(load_scenario("two_states")) if "war" in name)[:2]
    ['war_months', 'war_months_by_replicate']
    """
    windows = list(enumerate(window_bounds(scenario)))
    named: dict[str, tuple[Metric, int | None]] = {}
    for metric in defined_metrics(scenario):
        named |= {f"{metric.name}_{window}": (metric, row) for row, window in windows}
        named.setdefault(metric.name, (metric, None))
    return {
        name + ending: Outcome(metric, row, apart=bool(ending))
        for name, (metric, row) in named.items()
        for ending in ("", BY_REPLICATE)
    }
