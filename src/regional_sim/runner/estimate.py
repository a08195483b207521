"""The plan of a sweep, and what it will take: time, memory, disk."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from regional_sim.engine.motives import MOTIVES, TERM_COLUMNS, Motive
from regional_sim.experiment.designs import Grid
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import (
    FLOAT_BYTES,
    Task,
    job_of,
    kept_bytes,
    refuse_many_tasks,
    task_replicates,
    tasks_of,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.random_streams import are_kept, draw_bytes
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    InstrumentRow,
    MotiveTerm,
    Observer,
    PairVar,
    RegionVar,
    StateVar,
    n_pairs,
)
from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.postures import Instrument
from regional_sim.results.columns import (
    NUMBER,
    outcome_columns,
    refuse_repeated_columns,
    table_columns,
)
from regional_sim.runner.workers import attempt

PROGRAM_BYTES: Final = 350 * 2**20
"""Memory of the program without what depends on the question: the most that was seen under any of
the Pythons, with some room."""

WORKER_BYTES: Final = 280 * 2**20
"""The same of a process that only runs tasks."""

COPIES: Final = 10
"""Copies of an outcome that are held while its statistics are made."""

CELL_BYTES: Final = {"integer": 5, "number": 17, "text": 12}
"""Bytes of a cell in a table, with its comma, as measured on the shipped worlds."""

PARQUET_SHARE: Final = 0.45
"""Size of a long table in Parquet beside CSV, the most that was seen on the shipped baseline."""

COUNT_BYTES: Final = 2
"""Bytes of a cell that holds a small count, with its comma."""

COUNT_UNITS: Final = ("flag", "rung", "rungs")

OF_DEVIATION: Final = frozenset(
    {"sd", "ci_low", "ci_high", "effect_size", "variance_ratio", "replicates_needed", "more_needed"}
)
"""Columns of tables of points that are empty where there is a single replicate."""

LEVEL_BYTES: Final = 35
"""Bytes of a level in the plan, of which each stands on a line."""

LEVEL_MEMORY: Final = 150
"""Memory of a level while the plan is written, as text and as what that is made of."""

POINT_BYTES: Final = 2000
"""Memory that a point takes: its levels, its tasks, and what of it is printed."""

WRITTEN_BYTES_A_SECOND: Final = 100e6
"""Speed of writing blocks and tables, as measured on one machine; a rough guide."""

PILOT_REPLICATES: Final = 64
"""Most replicates of the pilot."""

EVENTS_OF_PAIR_MONTH: Final = 0.02
"""Changes of rung of a pair in a month, as measured on the shipped baseline; a rough guide."""


@dataclass(frozen=True)
class Estimate:
    """About what a sweep takes with some workers; without a pilot, its time is not known."""

    workers: int
    seconds: float | None
    memory_bytes: int
    disk_bytes: int


def planned(
    experiment: Experiment,
    engine: str = "ensemble",
    tables: Iterable[str] | None = None,
    long_format: str = "csv",
) -> Plan:
    """Make the plan of an experiment, whose columns all have names of their own.

    Raises InputError where names of factors, or of windows, would give two columns one name.
    """
    plan = Plan.of(experiment, engine, tables, long_format)
    refuse_many_tasks(plan)
    refuse_repeated_columns(plan)
    return plan


def estimated(plan: Plan, workers: int = 1, *, pilot: bool = False) -> Estimate:
    """Estimate what a plan takes; a pilot runs some replicates of the first points to time them."""
    disk = _disk(plan)
    seconds = _seconds(plan, workers) + disk / WRITTEN_BYTES_A_SECOND if pilot else None
    return Estimate(workers, seconds, _memory(plan, workers), disk)


def description(plan: Plan, takes: Estimate) -> dict[str, Any]:
    """Write a plan and its estimate out, as :func:`regional_sim.describe_plan` returns them."""
    experiment = plan.experiment
    before, after = next(iter(plan.horizons))
    stopping = experiment.stopping
    design, priors = design_in_words(experiment)
    return {
        "title": experiment.title,
        "scenario": experiment.scenario.title,
        "states": list(experiment.scenario.codes),
        "months_before": before,
        "months_after": after,
        "points": plan.n_points,
        "factors": {factor.path: list(factor.levels.distinct) for factor in plan.factors},
        "design": design,
        "priors": priors,
        "postures": list(experiment.labels),
        "replicates": experiment.replicates,
        "stopping": None if stopping is None else stopping.plain(experiment.replicates),
        "runs": experiment.n_runs,
        "seed": experiment.seed,
        "engine": plan.engine,
        "workers": takes.workers,
        "tables": list(plan.tables),
        "metrics": [metric.name for metric in plan.metrics],
        "windows": dict(plan.windows),
        "task_replicates": task_replicates(plan),
        "estimated_seconds": takes.seconds,
        "estimated_memory_bytes": takes.memory_bytes,
        "estimated_disk_bytes": takes.disk_bytes,
    }


def design_in_words(experiment: Experiment) -> tuple[str, dict[str, str]]:
    """Say what made the points, and from which priors; nothing where a list of levels says it."""
    design = experiment.made_by()
    if design is None or isinstance(design, Grid):
        return "", {}
    return str(design), dict(design.about())


def _seconds(plan: Plan, workers: int) -> float:
    """Time some runs of the first task, after a run that lets the compiler finish."""
    task = _first_task(plan)
    pilot = replace(task, n_replicates=min(task.n_replicates, PILOT_REPLICATES))
    # Runs that fail take time, too.
    attempt(plan.engine, job_of(plan, Task((0,), 0, 1)))
    start = time.perf_counter()
    attempt(plan.engine, job_of(plan, pilot))
    of_month = (time.perf_counter() - start) / (pilot.n_cells * _months(plan))
    cells = plan.n_points * plan.experiment.replicates
    return of_month * _months(plan) * cells / workers


def _first_task(plan: Plan) -> Task:
    return tasks_of(plan)[0][0]


def _months(plan: Plan) -> float:
    """Count the months that are run for a replicate under all postures: the mean over points."""
    branches = _branches(plan.experiment)
    spin_ups = 1 if engine_of(plan.engine).shares_spin_up else branches
    months = (
        many * (spin_ups * before + branches * after)
        for (before, after), many in plan.horizons.items()
    )
    return sum(months) / plan.n_points


def _branches(experiment: Experiment) -> int:
    """Count the postures, and the traditional twin that clamped states follow."""
    return len(experiment.postures) + (1 if experiment.clamp else 0)


def _memory(plan: Plan, workers: int) -> int:
    """Add to the program the larger of what running tasks and making tables of them needs."""
    of_statistics = FLOAT_BYTES * COPIES * plan.experiment.replicates
    of_points = POINT_BYTES * plan.n_points + LEVEL_MEMORY * _n_levels(plan)
    running, waiting = _task_bytes(plan)
    if workers == 1:
        return PROGRAM_BYTES + of_points + max(running, of_statistics)
    if engine_of(plan.engine).in_processes:
        together = waiting + of_statistics + workers * (WORKER_BYTES + running)
        return PROGRAM_BYTES + of_points + together
    return PROGRAM_BYTES + of_points + max(workers * running + waiting, of_statistics)


def _n_levels(plan: Plan) -> int:
    return sum(len(factor.levels.values) for factor in plan.factors)


def _task_bytes(plan: Plan) -> tuple[int, int]:
    """Count the arrays of a task that runs, and the long tables of one that waits for the disk."""
    experiment = plan.experiment
    scenario, n_months = experiment.scenario, max(map(sum, plan.horizons))
    task = _first_task(plan)
    n_runs = task.n_cells
    together = min(engine_of(plan.engine).at_once, n_runs)
    worlds = together * _world_bytes(plan) * (_branches(experiment) + 1)
    draws = together * draw_bytes(scenario.n_states, 1)
    alike = min(task.n_replicates, together)
    kept_for_next_points = len(task.points) > 1 and n_runs > together
    drawn = scenario.run_in + n_months
    if kept_for_next_points and are_kept(scenario.n_states, drawn, alike):
        draws += alike * draw_bytes(scenario.n_states, drawn)
    of_run = kept_bytes(scenario.n_states, n_months, plan.series)
    kept = n_runs * of_run * len(experiment.postures)
    # Months are kept one by one, and put together at the end.
    return worlds + draws + 2 * kept, kept


def _world_bytes(plan: Plan) -> int:
    """Return the bytes of the arrays of one run."""
    n = plan.experiment.scenario.n_states
    cells = len(StateVar) * n + len(PairVar) * n_pairs(n)
    cells += (len(DirectedVar) + len(BeliefVar) * len(Observer)) * n * n
    cells += len(MotiveTerm) * (n * n if "motives" in plan.series else 1)
    cells += len(RegionVar) + len(InstrumentRow) * len(Instrument) + len(Param)
    cells += len(Metric) * (1 + len(plan.windows))
    return FLOAT_BYTES * cells


def _disk(plan: Plan) -> int:
    """Add up tables, and what stands beside them until they are finished."""
    experiment, scenario = plan.experiment, plan.experiment.scenario
    months = sum(many * sum(one) for one, many in plan.horizons.items()) / plan.n_points
    pairs = n_pairs(scenario.n_states)
    rows_of_run = {
        "runs": 1.0,
        "timeseries": months,
        "states": months * scenario.n_states,
        "dyads": months * pairs,
        "events": EVENTS_OF_PAIR_MONTH * months * pairs,
        "motives": months * sum(_motive_rows(plan).values()),
    }
    shares = {"csv": 1.0, "parquet": PARQUET_SHARE}
    tables = sum(
        rows_of_run[table] * _row_bytes(plan, table) * shares[plan.format_of(table)]
        for table in plan.tables
    )
    windows = FLOAT_BYTES * len(Metric) * (1 + len(scenario.windows))
    blocks = windows + kept_bytes(scenario.n_states, scenario.n_months, plan.series)
    # Outcomes are put aside for the statistics of a point.
    outcomes = FLOAT_BYTES * len(list(outcome_columns(plan)))
    runs_of_point = len(experiment.postures) * experiment.replicates
    of_runs = experiment.n_runs * (tables + blocks) + runs_of_point * outcomes
    return int(of_runs + plan.n_points * _point_bytes(plan))


def _motive_rows(plan: Plan) -> dict[Motive, int]:
    """Count the rows of a month in the table of motives, by motive."""
    scenario = plan.experiment.scenario
    return {motive: len(motive.rows(scenario).state) for motive in MOTIVES}


def _filled_terms(plan: Plan) -> float:
    """Return the share of the cells of terms in the table of motives that hold a number."""
    n_rows = _motive_rows(plan)
    filled = sum(many * len(motive.terms) for motive, many in n_rows.items())
    return filled / (sum(n_rows.values()) * len(TERM_COLUMNS))


def _point_bytes(plan: Plan) -> float:
    """Return the bytes of a point in the tables of points, and in the plan."""
    n_outcomes, n_postures = len(list(outcome_columns(plan))), len(plan.experiment.postures)
    rows = n_postures * _row_bytes(plan, "summary") + (n_postures - 1) * _row_bytes(
        plan, "contrasts"
    )
    return n_outcomes * rows + LEVEL_BYTES * _n_levels(plan) / plan.n_points


def _row_bytes(plan: Plan, table: str) -> float:
    """Return the bytes of a row: of text, those of the mean of the names that it may hold."""
    names = {
        "posture": plan.experiment.labels,
        "reference": plan.experiment.labels[:1],
        "metric": [metric.name for metric in plan.metrics],
        "window": list(plan.windows),
        "verdict": EFFECT_WORDS,
    }
    # A single replicate has no deviation, and so nothing that is made of it.
    alone = plan.experiment.replicates == 1
    filled = _filled_terms(plan) if table == "motives" else 1.0
    total = 0.0
    for column in table_columns(table, plan):
        if column.name in names:
            texts = names[column.name]
            total += 1 + sum(map(len, texts)) / len(texts)
        elif column.unit in COUNT_UNITS or (alone and column.name in OF_DEVIATION):
            total += COUNT_BYTES
        elif table == "motives" and column.name in TERM_COLUMNS:
            total += 1 + (CELL_BYTES[NUMBER] - 1) * filled
        else:
            total += CELL_BYTES[column.kind]
    return total
