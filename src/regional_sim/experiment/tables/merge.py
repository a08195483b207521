"""Merging finished blocks into tables of single runs, in run order and a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.failures import Failure
from regional_sim.experiment.running.schedule import Finished
from regional_sim.experiment.store.blocks import BlockStore
from regional_sim.experiment.tables.columns import FAILURES, columns_of, outcome_columns
from regional_sim.experiment.tables.events import events_rows
from regional_sim.experiment.tables.rows import (
    Lane,
    Piece,
    dyads_rows,
    factor_column,
    quoted,
    run_numbers,
    states_rows,
    timeseries_rows,
)
from regional_sim.experiment.tables.table_file import Coded, table_writer
from regional_sim.world.layout import Floats, Integers

RUNS_AT_ONCE: Final = 1024
"""About as many rows of the table of runs are written at a time."""

_LONG: Final[Mapping[str, tuple[str, Callable[[Lane, Floats], Iterator[Piece]]]]] = {
    "timeseries": ("timeseries", timeseries_rows),
    "states": ("states", states_rows),
    "dyads": ("dyads", dyads_rows),
    "events": ("dyads", events_rows),
}
"""For each long table: the recorded array it is made of, and what makes its rows."""


def merge(plan: Plan, finished: Finished, store: BlockStore, folder: Path) -> dict[str, int]:
    """Write the tables of single runs.

    Parameters
    ----------
    plan : Plan
        What was run.
    finished : Finished
        The tasks that are merged.
    store : BlockStore
        Where their blocks are.
    folder : Path
        The result folder.

    Returns
    -------
    dict of int
        Rows of each table.
    """
    rows: dict[str, int] = {}
    for table in plan.tables:
        path = folder / plan.file_of(table)
        with table_writer(path, columns_of(table, plan), quoted=quoted(plan)) as writer:
            for piece, n_rows in _pieces(table, plan, finished, store):
                writer.write(piece, n_rows)
        rows[table] = writer.n_rows
    return rows | write_failures(plan, failures_in(finished, store), folder)


def _pieces(table: str, plan: Plan, finished: Finished, store: BlockStore) -> Iterator[Piece]:
    lanes = _lanes(plan, finished)
    if table == "runs":
        for together in _gathered(lanes):
            yield _runs_rows(plan, together, store)
        return
    kind, make = _LONG[table]
    for lane in lanes:
        yield from make(lane, store.series(lane.task, kind, lane.number, lane.posture))


def _lanes(plan: Plan, finished: Finished) -> Iterator[Lane]:
    """List lanes in run order: by point, posture, replicate."""
    for point in finished.points:
        for posture in range(len(plan.experiment.postures)):
            for task in finished.tasks_at(point):
                yield Lane(plan, task, point, posture)


def _gathered(lanes: Iterator[Lane]) -> Iterator[list[Lane]]:
    """Take lanes together until they have enough runs."""
    together: list[Lane] = []
    n_runs = 0
    for lane in lanes:
        together.append(lane)
        n_runs += lane.task.n_replicates
        if n_runs >= RUNS_AT_ONCE:
            yield together
            together, n_runs = [], 0
    if together:
        yield together


def _runs_rows(plan: Plan, lanes: Sequence[Lane], store: BlockStore) -> Piece:
    """Make the rows of some lanes in the table of runs."""
    experiment = plan.experiment
    sizes = [lane.task.n_replicates for lane in lanes]

    def of_runs(numbers: Sequence[int]) -> Integers:
        return np.repeat(np.array(numbers, dtype=np.int64), sizes)

    point, posture = of_runs([one.number for one in lanes]), of_runs([one.posture for one in lanes])
    replicate = np.concatenate([lane.replicates for lane in lanes])
    outcomes = np.concatenate([_outcomes(store, lane) for lane in lanes], axis=-1)
    names = [column.name for column in outcome_columns(plan)]
    rows: dict[str, object] = {
        "run": run_numbers(experiment, point, posture, replicate),
        "point": point,
        "replicate": replicate,
        "seed": experiment.seed,
        "posture": Coded(experiment.labels, posture),
        **{one.column: factor_column(one, point) for one in plan.factors},
        **dict(zip(names, outcomes, strict=True)),
    }
    return rows, sum(sizes)


def _outcomes(store: BlockStore, lane: Lane) -> Floats:
    of_points = store.outcomes(lane.task, lane.posture)
    values: Floats = of_points[lane.task.points.index(lane.number)]
    return values


def failures_in(finished: Finished, store: BlockStore) -> list[Failure]:
    """List the runs that failed."""
    tasks = {task.name: task for point in finished.points for task in finished.tasks_at(point)}
    return [failure for task in tasks.values() for failure in store.failures(task)]


def write_failures(plan: Plan, failures: Sequence[Failure], folder: Path) -> dict[str, int]:
    """Write the table of runs that failed; if there are none, there is no such table.

    Parameters
    ----------
    plan : Plan
        What is run.
    failures : sequence of Failure
        In any order.
    folder : Path
        The result folder.

    Returns
    -------
    dict of int
        Rows of the table; empty where there is none.
    """
    path = folder / plan.file_of(FAILURES)
    if not failures:
        # It may be there from before they were tried again.
        path.unlink(missing_ok=True)
        return {}
    experiment = plan.experiment
    failures = sorted(failures, key=lambda one: (one.point, one.posture, one.replicate))
    point, posture, replicate = (
        np.array([getattr(one, name) for one in failures], dtype=np.int64)
        for name in ("point", "posture", "replicate")
    )
    rows: dict[str, object] = {
        "run": run_numbers(experiment, point, posture, replicate),
        "point": point,
        "replicate": replicate,
        "seed": experiment.seed,
        "posture": Coded(experiment.labels, posture),
        **{one.column: factor_column(one, point) for one in plan.factors},
        **{
            name: [getattr(one, name) for one in failures] for name in ("error", "message", "where")
        },
    }
    with table_writer(path, columns_of(FAILURES, plan), quoted=True) as writer:
        writer.write(rows, len(failures))
    return {FAILURES: len(failures)}
