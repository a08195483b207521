"""Which columns are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regional_sim.analysis.compare.keys import Keys, bookkeeping
from regional_sim.analysis.compare.side import Side
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.results.columns import TEXT


@dataclass(frozen=True)
class Outcome:
    """A column of numbers.

    Attributes
    ----------
    column : str
        Its name.
    metric : str
        The metric that it holds; the column itself where it is none of ours.
    window : str
        The window of months; empty where it is none of ours.
    """

    column: str
    metric: str
    window: str = ""

    @property
    def unit(self) -> str:
        """Unit of the metric; empty where it is not known."""
        return Metric[self.metric].unit if self.metric in Metric.__members__ else ""

    @classmethod
    def of(cls, column: str, metrics: Iterable[str]) -> Outcome:
        """Split the name of a column.

        Examples
        --------
        >>> Outcome.of("miscalculation_risk_rung_0_early", Metric.__members__)
        Outcome(column='miscalculation_risk_rung_0_early', metric='miscalculation_risk_rung_0',
                window='early')
        >>> Outcome.of("gdp", Metric.__members__)
        Outcome(column='gdp', metric='gdp', window='')
        """
        fitting = [metric for metric in metrics if column.startswith(f"{metric}_")]
        if not fitting:
            return cls(column, column)
        metric = max(fitting, key=len)
        return cls(column, metric, column[len(metric) + 1 :])


def outcomes_of(side: Side, keys: Keys) -> tuple[Outcome, ...]:
    """List the outcomes of a side.

    Parameters
    ----------
    side : Side
        One of the two.
    keys : Keys
        Key columns, which are none.

    Returns
    -------
    tuple of Outcome
        Columns of numbers in their order, without those that number or describe runs.
    """
    own = bookkeeping(side, keys)
    plan: Mapping[str, Any] = side.source.plan or {}
    metrics = plan.get("metrics", Metric.__members__)
    return tuple(
        Outcome.of(column, metrics) if side.source.is_runs else Outcome(column, column)
        for column, kind in side.source.kinds.items()
        if kind != TEXT and column not in own
    )


def chosen(
    outcomes: Sequence[Outcome], metrics: Sequence[str] = (), windows: Sequence[str] = ()
) -> tuple[Outcome, ...]:
    """Choose outcomes by name.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What there is.
    metrics : sequence of str
        Metrics, or whole columns, in the order wanted; none: all.
    windows : sequence of str
        Windows of metrics; none: all.

    Returns
    -------
    tuple of Outcome
        At least one.

    Raises
    ------
    InputError
        When there is no such metric, column or window.
    """
    known = {name for outcome in outcomes for name in (outcome.metric, outcome.column)}
    for name in metrics:
        if name not in known:
            raise UnknownNameError("metric or column", name, known)
    spans = {outcome.window for outcome in outcomes if outcome.window}
    if windows and not spans:
        raise InputError("these tables have no windows of months", value=windows[0])
    for name in windows:
        if name not in spans:
            raise UnknownNameError("window", name, spans)
    named = [
        outcome
        for name in metrics
        for outcome in outcomes
        if name in {outcome.column, outcome.metric}
    ]
    left = [
        outcome
        for outcome in dict.fromkeys(named if metrics else outcomes)
        if not windows or outcome.window in windows or outcome.column in metrics
    ]
    if not left:
        raise InputError("no column is left to compare", allowed="metrics in the window asked for")
    return tuple(left)
