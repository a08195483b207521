"""Tables of points: each posture by itself, and each one against the reference.

Both are computed from finished blocks, outcome by outcome over replicates in their order, so that
whoever reads the table of runs finds the same numbers.  Points with equally many replicates are
taken together while they are small; what would take much memory waits in a file without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final
import numpy as np
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Finished
from regional_sim.experiment.tasks import FLOAT_BYTES
from regional_sim.experiment.stopping import DIFFERENCE, MEAN
from regional_sim.results.blocks import BlockStore
from regional_sim.results.columns import columns_of, outcome_columns
from regional_sim.results.run_tables import factor_column, quoted
from regional_sim.numerics.statistics import (
    HALF_WIDTH,
    Statistics,
    contrast,
    summarise,
    with_needed,
)
from regional_sim.results.table_file import Coded, TableWriter, table_writer
from regional_sim.numerics.arrays import Floats
from regional_sim.results.run_tables import merge


HELD_OUTCOME_BYTES: Final = 4 * 2**20
"""Outcomes of some points that are held in memory; those of a larger point wait in a file."""

GROUP_BYTES: Final = 2**20
"""Outcomes of a posture that statistics are made of at a time; a single outcome may take more."""


def write_summaries(
    plan: Plan, finished: Finished, store: BlockStore, folder: Path
) -> dict[str, int]:
    """Write ``summary`` and ``contrasts``.

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
    with ExitStack() as open_tables:
        writers = {
            table: open_tables.enter_context(
                table_writer(
                    folder / plan.file_of(table), columns_of(table, plan), quoted=quoted(plan)
                )
            )
            for table in _WRITE
        }
        for group in _groups(plan, finished):
            with _gathered(group, finished, store, folder) as outcomes:
                for table, write in _WRITE.items():
                    write(writers[table], group, outcomes)
    return {table: writer.n_rows for table, writer in writers.items()}


@dataclass(frozen=True)
class _Group:
    """Points with equally many replicates, whose statistics are made together."""

    plan: Plan
    points: Sequence[int]
    n_replicates: int

    @property
    def n_outcomes(self) -> int:
        return len(self.plan.metrics) * len(self.plan.windows)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Postures, rows (point and outcome), replicates."""
        n_rows = len(self.points) * self.n_outcomes
        return len(self.plan.experiment.postures), n_rows, self.n_replicates


def _groups(plan: Plan, finished: Finished) -> Iterator[_Group]:
    """Take neighbouring points together, as many as can be held in memory, and at least one."""
    n_columns = len(list(outcome_columns(plan))) * len(plan.experiment.postures)
    points: list[int] = []
    n_replicates = 0
    for point in finished.points:
        n_here = finished.replicates_at(point)
        most = HELD_OUTCOME_BYTES // (FLOAT_BYTES * n_columns * n_here)
        if points and (n_here != n_replicates or len(points) >= most):
            yield _Group(plan, points, n_replicates)
            points = []
        points.append(point)
        n_replicates = n_here
    if points:
        yield _Group(plan, points, n_replicates)


class Outcomes:
    """Outcomes by posture and row; all replicates of a row lie together.

    Parameters
    ----------
    shape : tuple of int
        Number of postures, of rows and of replicates.
    folder : Path
        Where a file without a name may be put.
    """

    def __init__(self, shape: tuple[int, int, int], folder: Path) -> None:
        self.shape = shape
        n_bytes = FLOAT_BYTES * shape[0] * shape[1] * shape[2]
        self._file = _room(n_bytes, folder)

    def __enter__(self) -> Outcomes:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the memory, or the file, back."""
        self._file.close()

    def put(self, posture: int, first_row: int, replicate: int, values: Floats) -> None:
        """Take some replicates of neighbouring rows.

        Parameters
        ----------
        posture, first_row, replicate : int
            Where they begin.
        values : ndarray, shape (row, replicate)
            NaN where there is none.
        """
        for row, of_row in enumerate(values, start=first_row):
            self._seek(posture, row, replicate)
            self._file.write(np.ascontiguousarray(of_row).data)

    def statistics(self, make: Callable[..., Statistics], *postures: int) -> Statistics:
        """Make statistics of one or more postures, a group of rows at a time.

        Parameters
        ----------
        make : callable
            Takes an array (row, replicate) of each posture.
        *postures : int
            Numbers of the postures.

        Returns
        -------
        dict of ndarray, shape (row,)
            As of all rows at once.
        """
        _, n_rows, n_replicates = self.shape
        size = max(1, GROUP_BYTES // (FLOAT_BYTES * n_replicates))
        found = [
            make(*(self._read(posture, first, size) for posture in postures))
            for first in range(0, n_rows, size)
        ]
        return {name: np.concatenate([group[name] for group in found]) for name in found[0]}

    def _read(self, posture: int, first: int, size: int) -> Floats:
        """Read some neighbouring rows of a posture."""
        _, n_rows, n_replicates = self.shape
        n_read = min(size, n_rows - first)
        self._seek(posture, first, 0)
        read = self._file.read(FLOAT_BYTES * n_read * n_replicates)
        return np.frombuffer(read).reshape(n_read, n_replicates)

    def _seek(self, posture: int, row: int, replicate: int) -> None:
        _, n_rows, n_replicates = self.shape
        self._file.seek(FLOAT_BYTES * ((posture * n_rows + row) * n_replicates + replicate))


def _room(n_bytes: int, folder: Path) -> IO[bytes]:
    """Return a file in memory, or a nameless one in the folder where that would be too large."""
    return BytesIO() if n_bytes <= HELD_OUTCOME_BYTES else TemporaryFile(dir=folder)


def _gathered(group: _Group, finished: Finished, store: BlockStore, folder: Path) -> Outcomes:
    """Read the outcomes of some points from their blocks."""
    outcomes = Outcomes(group.shape, folder)
    for posture in range(group.shape[0]):
        for place, point in enumerate(group.points):
            for task in finished.tasks_at(point):
                values = store.outcomes(task, posture)[task.points.index(point)]
                first_row = place * group.n_outcomes
                outcomes.put(posture, first_row, task.first_replicate, values)
    return outcomes


def _summarise(writer: TableWriter, group: _Group, outcomes: Outcomes) -> None:
    """Write the rows of some points in the summary."""
    found = [
        _needed(group, outcomes.statistics(summarise, posture), "mean", MEAN)
        for posture in range(group.shape[0])
    ]
    _write(writer, group, found, group.plan.experiment.labels)


def _contrast(writer: TableWriter, group: _Group, outcomes: Outcomes) -> None:
    """Write the rows of some points in the contrasts with the first posture."""
    reference, *others = group.plan.experiment.labels
    found = [
        _needed(group, outcomes.statistics(contrast, posture, 0), "reference_mean", DIFFERENCE)
        for posture in range(1, group.shape[0])
    ]
    if found:
        _write(writer, group, found, others, reference=reference)


def _needed(group: _Group, found: Statistics, mean: str, of: str) -> Statistics:
    """Add the replicates needed: for the stated half-width, or else for the usual share."""
    half_width = HALF_WIDTH * np.abs(found[mean])
    stopping = group.plan.experiment.stopping
    if stopping is not None and stopping.of == of:
        names = [column.name for column in outcome_columns(group.plan)]
        rows = slice(names.index(stopping.outcome), None, len(names))
        half_width[rows] = stopping.wanted(found)[rows]
    return with_needed(found, half_width)


def _write(
    writer: TableWriter,
    group: _Group,
    found: Sequence[Statistics],
    labels: Sequence[str],
    **names: object,
) -> None:
    """Write statistics, by point, then posture, metric and window."""
    plan, n_points = group.plan, len(group.points)
    n_metrics, n_windows, n_postures = len(plan.metrics), len(plan.windows), len(labels)
    of_posture, of_point = group.n_outcomes, group.n_outcomes * n_postures
    point = np.repeat(np.array(group.points, dtype=np.int64), of_point)
    posture = np.tile(np.repeat(np.arange(n_postures), of_posture), n_points)
    metric = np.tile(np.repeat(np.arange(n_metrics), n_windows), n_points * n_postures)
    window = np.tile(np.arange(n_windows), n_points * n_postures * n_metrics)
    # Statistics come by posture, each with its points.
    values = {
        name: np.stack([one[name].reshape(n_points, of_posture) for one in found], axis=1).ravel()
        for name in found[0]
    }
    rows: dict[str, object] = {
        "point": point,
        **{one.column: factor_column(one, point) for one in plan.factors},
        "posture": Coded(labels, posture),
        **names,
        "metric": Coded([metric.name for metric in plan.metrics], metric),
        "window": Coded(list(plan.windows), window),
        **values,
        "n": values["n"].astype(np.int64),
    }
    writer.write(rows, n_points * of_point)


_WRITE: Final[dict[str, Callable[[TableWriter, _Group, Outcomes], None]]] = {
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
    path = folder / plan.file_of("data_dictionary")
    columns = columns_of("data_dictionary", plan)
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(rows))
    return writer.n_rows


def _bound(value: float) -> float:
    """Leave out a bound that there is not."""
    return value if np.isfinite(value) else np.nan


def write_tables(plan: Plan, finished: Finished, store: BlockStore, folder: Path) -> dict[str, int]:
    """Write every table, and the dictionary that describes them.

    Parameters
    ----------
    plan : Plan
        What was run.
    finished : Finished
        The tasks that go into the tables.
    store : BlockStore
        Where their blocks are.
    folder : Path
        The result folder.

    Returns
    -------
    dict of int
        Rows of each table, in the order in which they were written.
    """
    rows = merge(plan, finished, store, folder) | write_summaries(plan, finished, store, folder)
    described = [*rows, "data_dictionary"]
    return rows | {"data_dictionary": write_dictionary(plan, described, folder)}
