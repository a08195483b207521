"""Merging finished blocks into tables, in run order and a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

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
        with table_writer(path, columns_of(table, plan), quoted=quoted(plan)) as writer:
            for lane in _lanes(plan, blocks):
                for piece, n_rows in make(lane, store.read(lane.task, lane.posture, kind)):
                    writer.write(piece, n_rows)
        rows[table] = writer.n_rows
    return rows


def quoted(plan: Plan) -> bool:
    """Tell whether text in the plan's tables has to be quoted."""
    return any(text_needs_quotes(factor.levels) for factor in plan.factors)


def _lanes(plan: Plan, tasks: Iterable[Task]) -> Iterator[Lane]:
    """List blocks and postures in run order: by point, posture, replicate."""
    for _, of_point in groupby(tasks, key=lambda task: task.point):
        blocks = list(of_point)
        for posture in range(len(plan.experiment.postures)):
            for task in blocks:
                yield Lane(plan, task, posture)
