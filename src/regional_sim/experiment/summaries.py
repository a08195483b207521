"""Tables of points: each posture by itself, and each one against the reference.

Both are computed from the finished table of runs, column by column in run order, so that whoever
reads that table finds the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.experiment.columns import columns_of, outcome_columns, runs_columns
from regional_sim.experiment.csv_table import Coded, TableWriter, read_batches, table_writer
from regional_sim.experiment.experiment import Point
from regional_sim.experiment.folder import table_path
from regional_sim.experiment.merge import quoted
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.statistics import Statistics, contrast, summarise
from regional_sim.world.layout import Floats

READ_BYTES: Final = 4 * 2**20
"""Bytes of the table of runs that are read at a time."""


def write_summaries(plan: Plan, folder: Path) -> dict[str, int]:
    """Write ``summary`` and ``contrasts``.

    Parameters
    ----------
    plan : Plan
        What was run.
    folder : Path
        The result folder, with its table of runs.

    Returns
    -------
    dict of int
        Rows of each table.
    """
    with ExitStack() as open_tables:
        writers = {
            table: open_tables.enter_context(
                table_writer(
                    table_path(folder, table), columns_of(table, plan), quoted=quoted(plan)
                )
            )
            for table in _WRITE
        }
        values_of_points = points_of(plan, table_path(folder, "runs"))
        for point, values in zip(plan.experiment.points, values_of_points, strict=True):
            for table, write in _WRITE.items():
                write(writers[table], plan, point, values)
    return {table: writer.n_rows for table, writer in writers.items()}


def points_of(plan: Plan, runs: Path) -> Iterator[Floats]:
    """Read the outcomes of the table of runs, point by point.

    Parameters
    ----------
    plan : Plan
        What was run.
    runs : Path
        The table of runs.

    Yields
    ------
    ndarray, shape (posture, outcome, replicate)
        NaN where a cell is empty.
    """
    outcomes = [column.name for column in outcome_columns(plan)]
    kinds = {column.name: column.kind for column in runs_columns(plan)}
    n_postures, n_replicates = len(plan.experiment.postures), plan.experiment.replicates
    chunks = (
        np.column_stack([batch.column(name).to_numpy(zero_copy_only=False) for name in outcomes])
        for batch in read_batches(runs, kinds, outcomes, READ_BYTES)
    )
    for rows in _in_parts(chunks, n_postures * n_replicates):
        by_posture = rows.reshape(n_postures, n_replicates, len(outcomes))
        yield np.ascontiguousarray(np.moveaxis(by_posture, 2, 1))


def _in_parts(chunks: Iterator[Floats], size: int) -> Iterator[Floats]:
    """Cut rows that come in any chunks into parts of equal size."""
    waiting: list[Floats] = []
    n_waiting = 0
    for chunk in chunks:
        waiting.append(chunk)
        n_waiting += len(chunk)
        if n_waiting < size:
            continue
        rows = np.concatenate(waiting)
        whole = len(rows) - len(rows) % size
        for start in range(0, whole, size):
            yield rows[start : start + size]
        waiting, n_waiting = [rows[whole:]], len(rows) - whole


def _summarise(writer: TableWriter, plan: Plan, point: Point, values: Floats) -> None:
    """Write a point's rows of the summary."""
    for label, of_posture in zip(plan.experiment.labels, values, strict=True):
        _write(writer, plan, point, {"posture": label}, summarise(of_posture))


def _contrast(writer: TableWriter, plan: Plan, point: Point, values: Floats) -> None:
    """Write a point's rows of the contrasts with the first posture."""
    reference, *others = plan.experiment.labels
    for label, of_posture in zip(others, values[1:], strict=True):
        names = {"posture": label, "reference": reference}
        _write(writer, plan, point, names, contrast(of_posture, values[0]))


def _write(
    writer: TableWriter, plan: Plan, point: Point, names: Mapping[str, object], found: Statistics
) -> None:
    """Write the statistics of all outcomes of a posture at a point."""
    n_metrics, n_windows = len(plan.metrics), len(plan.windows)
    metric = np.repeat(np.arange(n_metrics), n_windows)
    window = np.tile(np.arange(n_windows), n_metrics)
    rows: dict[str, object] = {
        "point": point.number,
        **{factor.column: point.factors[factor.path] for factor in plan.factors},
        **names,
        "metric": Coded([metric.name for metric in plan.metrics], metric),
        "window": Coded(list(plan.windows), window),
        **found,
        "n": found["n"].astype(np.int64),
    }
    writer.write(rows, n_metrics * n_windows)


_WRITE: Final[dict[str, Callable[[TableWriter, Plan, Point, Floats], None]]] = {
    "summary": _summarise,
    "contrasts": _contrast,
}


def write_dictionary(plan: Plan, tables: Sequence[str], folder: Path) -> int:
    """Write what every column of every table holds.

    Parameters
    ----------
    plan : Plan
        What was run.
    tables : sequence of str
        The tables of the folder, in order.
    folder : Path
        The result folder.

    Returns
    -------
    int
        Rows.
    """
    rows = [(table, column) for table in tables for column in columns_of(table, plan)]
    values: dict[str, object] = {
        "table": [table for table, _ in rows],
        "column": [column.name for _, column in rows],
        "type": [column.kind for _, column in rows],
        "unit": [column.unit for _, column in rows],
        "low": [_bound(column.low) for _, column in rows],
        "high": [_bound(column.high) for _, column in rows],
        "meaning": [column.meaning for _, column in rows],
    }
    path = table_path(folder, "data_dictionary")
    columns = columns_of("data_dictionary", plan)
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(rows))
    return writer.n_rows


def _bound(value: float) -> float:
    """Leave out a bound that there is not."""
    return value if np.isfinite(value) else np.nan
