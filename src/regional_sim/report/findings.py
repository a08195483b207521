"""What is printed of a plan before it runs, and of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rich.text import Text

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.experiment import MEAN, Experiment, Stopping
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.effects import (
    WORDS_EXPLAINED,
    answers,
    metric_heading,
    metric_unit,
    smallest_of,
    title_of,
)
from regional_sim.report.plans import until_text
from regional_sim.report.text import (
    CONTRAST_HEADS,
    COUNT_HEADS,
    MEAN_HEADS,
    RANGE_HEADS,
    ContrastRow,
    TableRow,
    contrast_cells,
    contrast_rows,
    count_cells,
    interval_decimals,
    level,
    mean_cells,
    range_cells,
    table_text,
    wrapped_lines,
)

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.experiment.plan import Plan
    from regional_sim.experiment.points import Point
    from regional_sim.results.load import Results


_MetricLines: TypeAlias = tuple[str, Mapping[tuple[int, str], ContrastRow]]
"""A metric, and a row of each point and posture."""


HEADLINE: Final[tuple[str, ...]] = (
    "tension",
    "miscalculation_risk",
    "escalation_hazard",
    "shared_deterrence",
    "blockade_vulnerability",
    "trilateral_alignment",
    "hedger_lean",
    "threat_detection",
    "economic_cost",
)
"""The metrics that are shown when none are named, the most important first."""

MOST_LISTED: Final = 12
"""Points, times postures, that are listed one by one; more are counted."""

MOST_DRAWN: Final = 2
"""Panels of a figure when no metrics are named."""

HELD_ROWS: Final = 500_000
"""Rows of a table that are held at a time; those of a single metric may be more."""

_SHOWN_COLUMNS: Final = ("point", "posture", "ci_low", "ci_high")

_READ_BYTES: Final = 2**22
"""Bytes of a table that are read at a time."""

MOST_METRICS_OF_A_SWEEP: Final = 3
"""Metrics shown of several points when none are named."""


@dataclass(frozen=True)
class ShownMetrics:
    """Which metrics of a result to show, in order, of which window, and which of them to draw."""

    metrics: tuple[str, ...]
    window: str = WHOLE_WINDOW
    drawn: tuple[str, ...] = ()


def shown_metrics(
    plan: Plan,
    wanted: Sequence[str] = (),
    window: str = WHOLE_WINDOW,
    *,
    everything: bool = False,
) -> ShownMetrics:
    """Choose what to show of a plan: what is wanted, else what it names, else what matters most.

    With `everything`, all other metrics follow.  Raises InputError where a metric or the window
    does not exist, or no world of the plan defines the metric.
    """
    measured = [metric.name for metric in plan.metrics]
    for name in wanted:
        if name not in Metric.__members__:
            raise UnknownNameError("metric", name, Metric.__members__)
        if name not in measured:
            needs = " and ".join(Metric[name].requires)
            raise InputError(
                f"this world does not define this metric, which needs {needs}", key=name
            )
    if window not in plan.windows:
        raise UnknownNameError("window", window, plan.windows)
    headline = HEADLINE if plan.n_points == 1 else HEADLINE[:MOST_METRICS_OF_A_SWEEP]
    named = dict.fromkeys(wanted or plan.experiment.outcomes or headline)
    shown = [name for name in named if name in measured]
    rest = [name for name in measured if everything and name not in shown]
    drawn = shown if wanted else shown[:MOST_DRAWN]
    return ShownMetrics((*shown, *rest), window, tuple(drawn))


def findings(plan: Plan, results: Results, shown: ShownMetrics, width: int) -> Text:
    """Write what was found when a plan was run; sentences are as wide as the terminal."""
    text = Text(wrapped_lines(findings_introduction(plan, results, shown), width) + "\n")
    of_metric = rows_by_metric(plan, results, shown)
    if plan.n_points == 1 and shown.metrics:
        of_metric = iter(held := list(of_metric))
        said = answers(plan.experiment.labels, window_in_words(plan, shown), held, width)
        text.append("".join(f"{line}\n" for line in said))
    text.append_text(table_text(findings_rows(plan, of_metric), width))
    closing = wrapped_lines(closing_sentences(plan, results), width)
    return text.append(f"\n{closing}") if closing else text


def window_in_words(plan: Plan, shown: ShownMetrics) -> str:
    """Name the months of the window, where they are the same at all points."""
    months = plan.windows[shown.window]
    return "" if months is None else f", months {months[0]} to {months[1]} after the onset"


def findings_rows(plan: Plan, of_metric: Iterable[_MetricLines]) -> list[TableRow]:
    """Make the rows of the page's table."""
    points = plan.experiment.points
    if len(plan.experiment.postures) == 1:
        return _of_one_posture(of_metric, points)
    many = _is_counted(plan)
    rows: list[TableRow] = [COUNT_HEADS if many else CONTRAST_HEADS]
    for metric, lines in of_metric:
        smallest = smallest_of(lines.values())
        rows.append(metric_heading(metric, Metric[metric].unit, smallest))
        rows += count_cells(list(lines.values())) if many else _listed(lines, points)
    return rows


def rows_by_metric(plan: Plan, results: Results, shown: ShownMetrics) -> Iterator[_MetricLines]:
    """Gather one metric after the other, with as many read at once as may be held."""
    n_rows = plan.n_points * len(plan.experiment.postures)
    size = max(1, HELD_ROWS // n_rows)
    for first in range(0, len(shown.metrics), size):
        some = shown.metrics[first : first + size]
        wanted = {"metric": some, "window": [shown.window]}
        summary = chosen_rows(results, "summary", wanted, ("mean", *_SHOWN_COLUMNS))
        contrasts = summary[:0]
        if len(plan.experiment.postures) > 1:
            columns = ("difference", "percent", "smallest_effect", "verdict", *_SHOWN_COLUMNS)
            contrasts = chosen_rows(results, "contrasts", wanted, columns)
        for metric in some:
            yield metric, contrast_rows(metric, shown.window, summary, contrasts)


def chosen_rows(
    results: Results, name: str, wanted: Mapping[str, Sequence[str]], columns: Sequence[str]
) -> pd.DataFrame:
    """Read some columns of the rows whose texts are among those wanted, without holding others."""
    if getattr(results, "folder", None) is None:
        frame: pd.DataFrame = getattr(results, name)
        return frame[frame[list(wanted)].isin(wanted).all(axis="columns")]
    import pyarrow as pa
    import pyarrow.compute as pc

    from regional_sim.results.table_file import read_batches

    names = [*columns, *wanted]
    parts = []
    for batch in read_batches(results.path(name), results.kinds(name), names, _READ_BYTES):
        for column, texts in wanted.items():
            batch = batch.filter(pc.is_in(batch[column], pa.array(texts)))  # noqa: PLW2901
        parts.append(batch)
    # Texts of few different values take little memory so.
    found: pd.DataFrame = pa.Table.from_batches(parts).to_pandas(strings_to_categorical=True)
    return found


def _of_one_posture(of_metric: Iterable[_MetricLines], points: Sequence[Point]) -> list[TableRow]:
    """Show the means of a posture that is compared with none; of many points their range."""
    if len(points) > MOST_LISTED:
        return [
            RANGE_HEADS,
            *(range_cells(title_of(metric), list(of.values())) for metric, of in of_metric),
        ]
    rows: list[TableRow] = [MEAN_HEADS]
    for metric, lines in of_metric:
        unit = metric_unit(metric, Metric[metric].unit)
        if len(points) > 1:
            rows.append(f"{title_of(metric)} ({unit})")
        decimals = interval_decimals((line.mean, line.low, line.high) for line in lines.values())
        for (at, _), line in lines.items():
            rows.append(
                mean_cells(point_in_words(points[at]) or title_of(metric), unit, line, decimals)
            )
    return rows


def _listed(
    lines: Mapping[tuple[int, str], ContrastRow], points: Sequence[Point]
) -> list[TableRow]:
    """Show one metric, point by point."""
    if len(points) == 1:
        return contrast_cells(list(lines.values()))
    rows: list[TableRow] = []
    block = list(lines.values())
    for place, point in enumerate(points):
        rows.append(f"  {point_in_words(point)}")
        here = [line for (at, _), line in lines.items() if at == place]
        rows += contrast_cells(here, "  ", block)
    return rows


def findings_introduction(plan: Plan, results: Results, shown: ShownMetrics) -> Iterator[str]:
    """Say what the numbers are."""
    experiment = plan.experiment
    points = f"{plan.n_points} points, " if plan.n_points > 1 else ""
    yield (
        f"{experiment.title or 'Results'}: {points}{replicates_text(experiment, results)} of each"
        f" posture, seed {experiment.seed}; window {shown.window}{window_in_words(plan, shown)}."
    )
    if experiment.clamp:
        yield f"Held on their traditional path: {', '.join(experiment.clamp)}."
    n_failed = results.manifest["failures"]
    if n_failed:
        yield (
            f"{n_failed} of {results.manifest['runs']} runs failed: means leave them out, and"
            " differences the pairs that they belong to. Runs that do not fail may be a selection."
        )
    if len(experiment.postures) == 1:
        return
    yield "Differences are paired: every posture has the same random numbers."
    yield f"A posture {WORDS_EXPLAINED}."
    if _is_counted(plan):
        yield f"Counted are the points with each effect, against {experiment.labels[0]}."


def _is_counted(plan: Plan) -> bool:
    """Tell whether there is too much to list."""
    return plan.n_points > 1 and plan.n_points * len(plan.experiment.postures) > MOST_LISTED


def point_in_words(point: Point) -> str:
    """Name a point by its factors, each by the last part of its path where that is enough."""
    short = [_last_name(path) for path in point.factors]
    names = short if len(set(short)) == len(short) else list(point.factors)
    levels = map(level, point.factors.values())
    return ", ".join(f"{name} = {text}" for name, text in zip(names, levels, strict=True))


def _last_name(path: str) -> str:
    """Return the last part of a path; of a month, with the figure that has a point in it."""
    _, _, last = path.rpartition(".")
    return path.partition(".")[2] if last.isdecimal() else last


def replicates_text(experiment: Experiment, results: Results) -> str:
    """Say how many replicates there are of each posture at a point: a number, or a range."""
    if experiment.stopping is None and not results.manifest["partial"]:
        return _replicates(experiment.replicates)
    # Of a point, the metric that most runs have: those that failed have none.
    whole = chosen_rows(results, "summary", {"window": [WHOLE_WINDOW]}, ("point", "n"))
    of_points = whole.groupby("point")["n"].max().tolist()
    least, most = min(of_points), max(of_points)
    return _replicates(most) if least == most else f"{least} to {most} replicates"


def _replicates(number: int) -> str:
    return f"{number} replicate" if number == 1 else f"{number} replicates"


def closing_sentences(plan: Plan, results: Results) -> Iterator[str]:
    """Say whether a rule of stopping was met, how many more replicates it needs, and what lacks."""
    rule = plan.experiment.stopping
    if rule is not None:
        yield _reached(rule, plan.experiment.replicates, results)
    if results.manifest["partial"]:
        yield (
            f"Runs of this sweep are missing: the tables hold {results.manifest['runs']} of"
            f" {plan.experiment.n_runs}."
        )


def _reached(rule: Stopping, at_most: int, results: Results) -> str:
    """Say at which points the interval is as narrow as a rule asks for."""
    watched = {"metric": [rule.metric], "window": [rule.window]}
    name, mean = ("summary", "mean") if rule.of == MEAN else ("contrasts", "reference_mean")
    table = chosen_rows(results, name, watched, (*_SHOWN_COLUMNS, "n", "more_needed", mean))
    found = table[table["n"] > 0]
    numbers: dict[str, Any] = {str(name): found[name].to_numpy() for name in found}
    wide = ~((numbers["ci_high"] - numbers["ci_low"]) / 2.0 <= rule.wanted(numbers))
    short = found[wide].to_dict("records")
    n_points, n_short = found["point"].nunique(), found[wide]["point"].nunique()
    said = f"Replicates until {until_text(rule)}:"
    if not short:
        return f"{said} reached{' at all points' if n_points > 1 else ''}."
    most = f"with at most {at_most}"
    reached = f"reached at {n_points - n_short} of {n_points} points {most}"
    told = [row for row in short if row["more_needed"] > 0]
    worst = max(told, key=lambda row: float(row["more_needed"])) if told else short[0]
    more = f"about {int(worst['more_needed'])} more needed" if told else "more needed"
    at = f"at point {worst['point']}, {worst['posture']}" if n_points > 1 else worst["posture"]
    return f"{said} {reached if n_points > 1 else f'not reached {most}'}; {more} ({at})."
