"""The columns of every table: name, kind, unit, range and meaning, each said once.

Tables are written by them, and the data dictionary is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from regional_sim.engine.job import DYAD_COLUMNS, SERIES, STATE_COLUMNS
from regional_sim.engine.motives import MOTIVES, TERM_COLUMNS
from regional_sim.errors import InputError
from regional_sim.experiment.experiment import DIFFERENCE, MEAN
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Factor
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.numerics.statistics import HALF_WIDTH, QUANTILES
from regional_sim.scenario.figures import DYAD_FIGURE, STATE_FIGURE

INTEGER: Final = "integer"
NUMBER: Final = "number"
TEXT: Final = "text"

FAILURES: Final = "failures"
"""Name of the table of runs that failed."""

DICTIONARY: Final = "data_dictionary"
"""Name of the table that describes all columns."""

VERDICT_MEANING: Final = (
    "raises or lowers where the whole 95 % t interval of the difference lies beyond the smallest"
    " effect, negligible where it lies within, else unclear; empty where none is known"
)

_METRIC_UNIT: Final = "as the metric"


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


def table_columns(table: str, plan: Plan) -> tuple[TableColumn, ...]:
    """List the columns of a table, in order."""
    return tuple(_TABLES[table](plan))


def refuse_repeated_columns(plan: Plan) -> None:
    """Refuse names of factors, or of windows, that would give two columns one name."""
    for table in plan.tables:
        seen: set[str] = set()
        for column in table_columns(table, plan):
            if column.name in seen:
                what = f"two columns of table {table} would be called {column.name}"
                raise InputError(what, hint="rename a window, or drop a factor")
            seen.add(column.name)


def outcome_columns(plan: Plan) -> Iterator[TableColumn]:
    """List the columns of metrics by window."""
    for metric in plan.metrics:
        for window in plan.windows:
            yield _outcome(metric, window, plan)


# ------------------------------------------------------------------- columns of several tables


def _count(name: str, meaning: str) -> TableColumn:
    return TableColumn(name, INTEGER, meaning, "1", 0.0)


def _text(name: str, meaning: str) -> TableColumn:
    return TableColumn(name, TEXT, meaning)


_POINT: Final = _count("point", "number of the point in the design")
_POSTURE: Final = _text("posture", "label of the posture")


def _factors(plan: Plan) -> Iterator[TableColumn]:
    for factor in plan.factors:
        unit, low, high, meaning = _about(factor)
        meaning = f"factor {factor.path}{meaning}"
        yield TableColumn(factor.column, factor.kind, meaning, unit, low, high)


def _about(factor: Factor) -> tuple[str, float, float, str]:
    """Return what is known of a factor: unit, range, meaning."""
    section, _, rest = factor.path.partition(".")
    name = rest.partition(".")[0]
    last = rest.rpartition(".")[2]
    if section == "parameters" and rest in Param.__members__:
        param = Param[rest]
        return param.unit, param.low, param.high, f": {param.meaning}"
    if section == "paths":
        # A point: the state or pair, the figure, the month.
        last = name = rest.rpartition(".")[0].rpartition(".")[2]
    if section in {"states", "paths"} and last in STATE_FIGURE:
        figure = STATE_FIGURE[last]
        return figure.unit, figure.range.low, figure.range.high, f": {figure.meaning}"
    if section in {"dyads", "paths"} and name in DYAD_FIGURE:
        dyad = DYAD_FIGURE[name]
        return dyad.unit, dyad.range.low, dyad.range.high, f": {dyad.meaning}"
    return "", -math.inf, math.inf, ""


def _key(plan: Plan) -> Iterator[TableColumn]:
    meaning = "number of the run: by point, posture, replicate"
    yield TableColumn("run", INTEGER, meaning, "1", 0, plan.experiment.n_runs - 1)
    yield _POINT
    meaning = "number of the replicate; the same random numbers at every point and posture"
    yield _count("replicate", meaning)
    yield _POSTURE


def _identity(plan: Plan) -> Iterator[TableColumn]:
    """List the columns that say all of what a run was asked for."""
    *key, posture = _key(plan)
    yield from (*key, _count("seed", "master seed"), posture)
    yield from _factors(plan)


def _outcome(metric: Metric, window: str, plan: Plan) -> TableColumn:
    months = plan.windows[window]
    span = "the window" if months is None else f"months {months[0]} to {months[1]}"
    low, high = metric.bounds(1 if months is None else months[1] - months[0] + 1)
    if months is None and metric.combine == "sum":
        high = math.inf
    meaning = f"{metric.meaning}; {metric.combine} over {span} after the onset of the posture"
    return TableColumn(f"{metric.name}_{window}", NUMBER, meaning, metric.unit, low, high)


def _month(plan: Plan) -> Iterator[TableColumn]:
    yield from _key(plan)
    yield TableColumn("month", INTEGER, "month of the run", "months", 1)
    meaning = "months since the onset of the posture: 1 in its first month, 0 or less before"
    yield TableColumn("months_after_switch", INTEGER, meaning, "months")


def _pair(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    yield _text("state_a", "code of the pair's earlier state in the alphabet")
    yield _text("state_b", "code of the other state")


def _at_point(plan: Plan) -> Iterator[TableColumn]:
    yield _POINT
    yield from _factors(plan)
    yield _POSTURE


def _of_metric(name: str, meaning: str, low: float = -math.inf) -> TableColumn:
    return TableColumn(name, NUMBER, meaning, _METRIC_UNIT, low)


def _metric_and_window() -> Iterator[TableColumn]:
    yield _text("metric", "name of the metric")
    yield _text("window", "name of the window of months")


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


# ---------------------------------------------------------------------------------- the tables


def _runs(plan: Plan) -> Iterator[TableColumn]:
    yield from _identity(plan)
    yield from outcome_columns(plan)


def _timeseries(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    for metric in plan.metrics:
        yield TableColumn(metric.name, NUMBER, metric.meaning, metric.unit, metric.low, metric.high)


def _states(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    yield _text("state", "code of the state")
    yield from (TableColumn(one.name, NUMBER, one.meaning, one.unit) for one in STATE_COLUMNS)


def _dyads(plan: Plan) -> Iterator[TableColumn]:
    yield from _pair(plan)
    yield from (TableColumn(one.name, NUMBER, one.meaning, one.unit) for one in DYAD_COLUMNS)


def _events(plan: Plan) -> Iterator[TableColumn]:
    yield from _pair(plan)
    yield _text("kind", "escalation or de_escalation")
    yield _text("initiator", "who escalated; both codes joined by +; empty when down")
    meaning = "1 if the truth would have held an initiator back, else 0"
    yield TableColumn("mistaken", INTEGER, meaning, "flag", 0, 1)
    yield TableColumn("rung_before", INTEGER, "rung before the change", "rung", 0, 4)
    yield TableColumn("rung_after", INTEGER, "rung after the change", "rung", 0, 4)


def _motives(plan: Plan) -> Iterator[TableColumn]:
    yield from _month(plan)
    yield _text("state", "code of the state that responds")
    yield _text("toward", "code of the state it responds to; empty for hedge and derisk")
    yield _text("response", f"one of {', '.join(motive.response.name for motive in MOTIVES)}")
    meaning = "motive of the response: its terms summed, but for rounding; below 0 one to cut it"
    yield TableColumn("motive", NUMBER, meaning, "1")
    for name in TERM_COLUMNS:
        found = {motive.response.name: motive.terms.get(name) for motive in MOTIVES}
        said = (
            f"of {response}: {term.meaning}" for response, term in found.items() if term is not None
        )
        yield TableColumn(name, NUMBER, "; ".join(said), "1")


def _failures(plan: Plan) -> Iterator[TableColumn]:
    yield from _identity(plan)
    yield _text("error", "kind of the error")
    yield _text("message", "what it said")
    yield _text("where", "file, line and function that raised it, or window of the value")


def _summary(plan: Plan) -> Iterator[TableColumn]:
    yield from _at_point(plan)
    yield from _metric_and_window()
    yield _count("n", "replicates that have the metric")
    yield _of_metric("mean", "mean over replicates")
    yield _of_metric("sd", "standard deviation over replicates, n - 1", 0)
    for share, name in QUANTILES.items():
        yield _of_metric(name, f"quantile {share:g} over replicates, interpolated")
    yield _of_metric("ci_low", "lower end of the 95 % t interval of the mean")
    yield _of_metric("ci_high", "upper end of the 95 % t interval of the mean")
    yield from _needed(plan, MEAN, "the absolute mean")


def _contrasts(plan: Plan) -> Iterator[TableColumn]:
    yield from _at_point(plan)
    yield _text("reference", "label of the posture that is compared with")
    yield from _metric_and_window()
    yield _count("n", "pairs of replicates")
    yield _of_metric("reference_mean", "mean under the reference")
    yield _of_metric("mean", "mean under the posture")
    yield _of_metric("difference", "mean of the paired differences")
    yield _of_metric("sd", "standard deviation of the paired differences, n - 1", 0)
    yield _of_metric("ci_low", "lower end of the 95 % t interval of the difference")
    yield _of_metric("ci_high", "upper end of the 95 % t interval of the difference")
    meaning = (
        "smallest effect of interest in the window; empty for a sum over a window whose length"
        " differs between points"
    )
    yield _of_metric("smallest_effect", meaning, 0)
    yield _text("verdict", VERDICT_MEANING)
    meaning = "difference over the standard deviation of the paired differences"
    yield TableColumn("effect_size", NUMBER, meaning, "1")
    meaning = "share of replicates in which the posture has more, ties counted half"
    yield TableColumn("probability_of_superiority", NUMBER, meaning, "share", 0, 1)
    meaning = (
        "variance of the paired differences over the sum of both variances: 1 without pairing,"
        " 0 where common random numbers cancel all chance"
    )
    yield TableColumn("variance_ratio", NUMBER, meaning, "1", 0, 2)
    meaning = "difference over the absolute mean under the reference"
    yield TableColumn("percent", NUMBER, meaning, "per cent")
    yield from _needed(plan, DIFFERENCE, "the absolute mean under the reference")


DICTIONARY_COLUMNS: Final = (
    _text("table", "name of the table"),
    _text("column", "name of the column"),
    _text("type", "integer, number or text"),
    _text("unit", "unit; 1 for pure numbers, empty for text"),
    TableColumn("low", NUMBER, "least value; empty where there is no bound"),
    TableColumn("high", NUMBER, "greatest value; empty where there is no bound"),
    _text("meaning", "what the column holds"),
)

_TABLES: Final[dict[str, Callable[[Plan], Iterator[TableColumn]]]] = {
    "runs": _runs,
    "timeseries": _timeseries,
    "states": _states,
    "dyads": _dyads,
    "events": _events,
    "motives": _motives,
    FAILURES: _failures,
    "summary": _summary,
    "contrasts": _contrasts,
    DICTIONARY: lambda _: iter(DICTIONARY_COLUMNS),
}

TABLE_FILES: Final = frozenset(
    [*(f"{table}.csv" for table in _TABLES), *(f"{table}.parquet" for table in SERIES)]
)
"""Files that tables are written to."""
