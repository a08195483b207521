"""Merging finished blocks into tables, in run order and a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.experiment.blocks import BlockStore
from regional_sim.experiment.columns import columns_of
from regional_sim.experiment.csv_table import table_writer, text_needs_quotes
from regional_sim.experiment.events import events_rows
from regional_sim.experiment.folder import table_path
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.rows import (
    Lane,
    Piece,
    dyads_rows,
    runs_rows,
    states_rows,
    timeseries_rows,
)
from regional_sim.experiment.tasks import Task
from regional_sim.world.layout import Floats

ROWS_AT_ONCE: Final = 1024
"""Most rows of the table of runs that are written at a time, unless a block has more."""

_SOURCES: Final[Mapping[str, tuple[str, Callable[[Lane, Floats], Iterator[Piece]]]]] = {
    "runs": ("windows", runs_rows),
    "timeseries": ("timeseries", timeseries_rows),
    "states": ("states", states_rows),
    "dyads": ("dyads", dyads_rows),
    "events": ("dyads", events_rows),
}
"""For each table: the recorded array it is made of, and what makes its rows."""


def merge(plan: Plan, tasks: Iterable[Task], store: BlockStore, folder: Path) -> dict[str, int]:
    """Write the tables of single runs.

    Parameters
    ----------
    plan : Plan
        What was run.
    tasks : iterable of Task
        All its blocks, in order.
    store : BlockStore
        Where they are.
    folder : Path
        The result folder.

    Returns
    -------
    dict of int
        Rows of each table.
    """
    blocks = list(tasks)
    rows: dict[str, int] = {}
    for table in plan.tables:
        kind, make = _SOURCES[table]
        path = table_path(folder, table)
        # Only values by window are small enough for several blocks to be held.
        most = ROWS_AT_ONCE if table == "runs" else 1
        with table_writer(path, columns_of(table, plan), quoted=quoted(plan)) as writer:
            for lane, parts in _lanes(plan, blocks, most):
                for piece, n_rows in make(lane, _values(store, lane, parts, kind)):
                    writer.write(piece, n_rows)
        rows[table] = writer.n_rows
    return rows


def _values(store: BlockStore, lane: Lane, parts: Sequence[Task], kind: str) -> Floats:
    """Read an array of neighbouring blocks; runs lie along the last axis."""
    arrays = [store.read(task, lane.number, lane.posture, kind) for task in parts]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


def quoted(plan: Plan) -> bool:
    """Tell whether text in the plan's tables has to be quoted."""
    return any(text_needs_quotes(factor.levels) for factor in plan.factors)


def _lanes(plan: Plan, tasks: Iterable[Task], most: int) -> Iterator[tuple[Lane, Sequence[Task]]]:
    """List lanes in run order, by point, posture, replicate, each with the blocks it is made of."""
    for _, of_points in groupby(tasks, key=lambda task: task.points):
        lanes = [(_joined(parts), parts) for parts in _neighbours(of_points, most)]
        for point in lanes[0][0].points:
            for posture in range(len(plan.experiment.postures)):
                for whole, parts in lanes:
                    yield Lane(plan, whole, point, posture), parts


def _neighbours(tasks: Iterable[Task], most: int) -> Iterator[list[Task]]:
    """Take blocks of the same points together, as many as have no more replicates than `most`."""
    parts: list[Task] = []
    n_replicates = 0
    for task in tasks:
        n_replicates += task.n_replicates
        if parts and n_replicates > most:
            yield parts
            parts, n_replicates = [], task.n_replicates
        parts.append(task)
    yield parts


def _joined(parts: Sequence[Task]) -> Task:
    """Return the block that neighbouring blocks would be."""
    return replace(parts[0], n_replicates=sum(task.n_replicates for task in parts))
