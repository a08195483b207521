"""The columns of every table: name, kind, unit, range and meaning, each said once.

Tables are written by them, and the data dictionary is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from regional_sim.experiment.experiment import Factor
from regional_sim.experiment.stopping import DIFFERENCE, MEAN
from regional_sim.numerics.statistics import HALF_WIDTH, QUANTILES
from regional_sim.model.parameters import Param
from regional_sim.scenario.figures import DYAD_FIGURE, STATE_FIGURE
from regional_sim.engine.job import PAIR_COLUMNS, STATE_COLUMNS
from regional_sim.model.metrics.catalogue import Metric

if TYPE_CHECKING:
    from regional_sim.experiment.plan import Plan


INTEGER: Final = "integer"
NUMBER: Final = "number"
TEXT: Final = "text"

FAILURES: Final = "failures"
"""Name of the table of runs that failed."""


@dataclass(frozen=True)
class TableColumn:
    """A column of a table.

    Attributes
    ----------
    name : str
        As in the header.
    kind : str
        ``integer``, ``number`` or ``text``.  A number that does not exist is an empty cell.
    meaning : str
        In words.
    unit : str
        ``1`` for pure numbers, empty for text.
    low, high : float
        Range of the values; infinite where there is no bound.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf


def columns_of(table: str, plan: Plan) -> tuple[TableColumn, ...]:
    """List the columns of a table.

    Parameters
    ----------
    table : str
        Name of the table.
    plan : Plan
        What is run.

    Returns
    -------
    tuple of Column
        In order.
    """
    return tuple(_TABLES[table](plan))


def _count(name: str, meaning: str, low: float = 0.0) -> TableColumn:
    return TableColumn(name, INTEGER, meaning, "1", low)


def _factors(plan: Plan) -> Iterator[TableColumn]:
    for factor in plan.factors:
        unit, low, high, meaning = _about(factor)
        yield TableColumn(
            factor.column, factor.kind, f"factor {factor.path}{meaning}", unit, low, high
        )


def _about(factor: Factor) -> tuple[str, float, float, str]:
    """Say what is known of a factor: unit, range, meaning."""
    section, _, rest = factor.path.partition(".")
    last = rest.rpartition(".")[2]
    if section == "parameters" and rest in Param.__members__:
        param = Param[rest]
        return param.unit, param.low, param.high, f": {param.meaning}"
    if section == "states" and last in STATE_FIGURE:
        figure = STATE_FIGURE[last]
        return figure.unit, figure.range.low, figure.range.high, f": {figure.meaning}"
    if section == "dyads" and rest.partition(".")[0] in DYAD_FIGURE:
        dyad = DYAD_FIGURE[rest.partition(".")[0]]
        return dyad.unit, dyad.range.low, dyad.range.high, f": {dyad.meaning}"
    return "", -math.inf, math.inf, ""


def _key(plan: Plan) -> Iterator[TableColumn]:
    last = plan.experiment.n_runs - 1
    yield TableColumn(
        "run", INTEGER, "number of the run: by point, posture, replicate", "1", 0, last
    )
    yield _count("point", "number of the point in the design")
    yield _count("replicate", "number of the replicate; the same luck at every point and posture")
    yield TableColumn("posture", TEXT, "label of the posture")


def _run(plan: Plan) -> Iterator[TableColumn]:
    """List the columns that say all of what a run was asked for."""
    run, point, replicate, posture = _key(plan)
    yield from (run, point, replicate, _count("seed", "master seed"), posture)
    yield from _factors(plan)


def runs_columns(plan: Plan) -> Iterator[TableColumn]:
    """List the columns of the table of runs: its key, the factors, and the outcomes."""
    yield from _run(plan)
    yield from outcome_columns(plan)


def outcome_columns(plan: Plan) -> Iterator[TableColumn]:
    """List the columns of metrics by window."""
    for metric in plan.metrics:
        for window in plan.windows:
            yield _outcome(metric, window, plan)


def _outcome(metric: Metric, window: str, plan: Plan) -> TableColumn:
    months = plan.windows[window]
    span = "the window" if months is None else f"months {months[0]} to {months[1]}"
    high = metric.high
    if metric.combine == "sum" and math.isfinite(high):
        high = math.inf if months is None else high * (months[1] - months[0] + 1)
    meaning = f"{metric.meaning}; {metric.combine} over {span} after the switch"
    return TableColumn(f"{metric.name}_{window}", NUMBER, meaning, metric.unit, metric.low, high)


def _month(plan: Plan) -> Iterator[TableColumn]:
    yield from _key(plan)
    yield TableColumn("month", INTEGER, "month of the run", "months", 1)
    meaning = "months since the switch of posture: 1 in its first month, 0 or less before"
    yield TableColumn("months_after_switch", INTEGER, meaning, "months")


def _timeseries(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    for metric in plan.metrics:
        yield TableColumn(metric.name, NUMBER, metric.meaning, metric.unit, metric.low, metric.high)


def _states(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    yield TableColumn("state", TEXT, "code of the state")
    for variable in STATE_COLUMNS:
        yield TableColumn(variable.name, NUMBER, variable.meaning, variable.unit)


def _pair(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    yield TableColumn("state_a", TEXT, "code of the pair's earlier state in the alphabet")
    yield TableColumn("state_b", TEXT, "code of the other state")


def _dyads(plan: Plan) -> Iterator[TableColumn]:
    yield from _pair(plan)
    for variable in PAIR_COLUMNS:
        yield TableColumn(variable.name, NUMBER, variable.meaning, variable.unit)


def _events(plan: Plan) -> Iterator[TableColumn]:
    yield from _pair(plan)
    yield TableColumn("kind", TEXT, "escalation or de_escalation")
    yield TableColumn("initiator", TEXT, "who escalated; both codes joined by +; empty when down")
    meaning = "1 if the truth would have held an initiator back, else 0"
    yield TableColumn("mistaken", INTEGER, meaning, "flag", 0, 1)
    yield TableColumn("rung_before", INTEGER, "rung before the change", "rung", 0, 4)
    yield TableColumn("rung_after", INTEGER, "rung after the change", "rung", 0, 4)


def _of_point(plan: Plan) -> Iterator[TableColumn]:
    yield _count("point", "number of the point in the design")
    yield from _factors(plan)
    yield TableColumn("posture", TEXT, "label of the posture")


def _summary(plan: Plan) -> Iterator[TableColumn]:
    unit = "as the metric"
    yield from _of_point(plan)
    yield TableColumn("metric", TEXT, "name of the metric")
    yield TableColumn("window", TEXT, "name of the window of months")
    yield _count("n", "replicates that have the metric")
    yield TableColumn("mean", NUMBER, "mean over replicates", unit)
    yield TableColumn("sd", NUMBER, "standard deviation over replicates, n - 1", unit, 0)
    for share in QUANTILES:
        name = QUANTILES[share]
        yield TableColumn(name, NUMBER, f"quantile {share:g} over replicates, interpolated", unit)
    yield TableColumn("ci_low", NUMBER, "lower end of the 95 % t interval of the mean", unit)
    yield TableColumn("ci_high", NUMBER, "upper end of the 95 % t interval of the mean", unit)
    yield from _needed(plan, MEAN, "the absolute mean")


def _needed(plan: Plan, of: str, whole: str) -> Iterator[TableColumn]:
    stopping = plan.experiment.stopping
    other = ""
    if stopping is not None and stopping.of == of:
        share = f" of {whole}" if stopping.relative else ""
        other = f" ({stopping.half_width:g}{share} for {stopping.outcome})"
    meaning = (
        f"fewest replicates whose 95 % t interval has a half-width of {100 * HALF_WIDTH:g} % of"
        f" {whole}{other}, at this standard deviation; empty where that is 0 or there is one"
        " replicate"
    )
    yield TableColumn("replicates_needed", NUMBER, meaning, "1", 2)
    yield TableColumn("more_needed", NUMBER, "about so many more than n", "1", 0)


def _contrasts(plan: Plan) -> Iterator[TableColumn]:
    unit = "as the metric"
    yield from _of_point(plan)
    yield TableColumn("reference", TEXT, "label of the posture that is compared with")
    yield TableColumn("metric", TEXT, "name of the metric")
    yield TableColumn("window", TEXT, "name of the window of months")
    yield _count("n", "pairs of replicates")
    yield TableColumn("reference_mean", NUMBER, "mean under the reference", unit)
    yield TableColumn("mean", NUMBER, "mean under the posture", unit)
    yield TableColumn("difference", NUMBER, "mean of the paired differences", unit)
    yield TableColumn("sd", NUMBER, "standard deviation of the paired differences, n - 1", unit, 0)
    yield TableColumn("ci_low", NUMBER, "lower end of the 95 % t interval of the difference", unit)
    yield TableColumn("ci_high", NUMBER, "upper end of the 95 % t interval of the difference", unit)
    meaning = "difference over the standard deviation of the paired differences"
    yield TableColumn("effect_size", NUMBER, meaning, "1")
    meaning = "share of replicates in which the posture has more, ties counted half"
    yield TableColumn("probability_of_superiority", NUMBER, meaning, "share", 0, 1)
    meaning = (
        "variance of the paired differences over the sum of both variances: 1 without pairing,"
        " 0 where luck cancels"
    )
    yield TableColumn("variance_ratio", NUMBER, meaning, "1", 0, 2)
    meaning = "difference over the absolute mean under the reference"
    yield TableColumn("percent", NUMBER, meaning, "per cent")
    yield from _needed(plan, DIFFERENCE, "the absolute mean under the reference")


def _failures(plan: Plan) -> Iterator[TableColumn]:
    yield from _run(plan)
    yield TableColumn("error", TEXT, "kind of the error")
    yield TableColumn("message", TEXT, "what it said")
    yield TableColumn("where", TEXT, "file, line and function that raised it")


def _dictionary(plan: Plan) -> Iterator[TableColumn]:  # noqa: ARG001 (one form for all)
    yield TableColumn("table", TEXT, "name of the table")
    yield TableColumn("column", TEXT, "name of the column")
    yield TableColumn("type", TEXT, "integer, number or text")
    yield TableColumn("unit", TEXT, "unit; 1 for pure numbers, empty for text")
    yield TableColumn("low", NUMBER, "least value; empty where there is no bound")
    yield TableColumn("high", NUMBER, "greatest value; empty where there is no bound")
    yield TableColumn("meaning", TEXT, "what the column holds")


_TABLES: Final[dict[str, Callable[[Plan], Iterator[TableColumn]]]] = {
    "runs": runs_columns,
    "timeseries": _timeseries,
    "states": _states,
    "dyads": _dyads,
    "events": _events,
    FAILURES: _failures,
    "summary": _summary,
    "contrasts": _contrasts,
    "data_dictionary": _dictionary,
}
