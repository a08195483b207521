"""Tables of points: each posture by itself, and each one against the reference.

Both are computed from the finished table of runs, column by column in run order, so that whoever
reads that table finds the same numbers.  The table is read once.  It holds the runs of a point one
after the other, and statistics ask for one outcome of all of them: what would take much memory is
put by outcome in a file without a name, and read back outcome by outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import numpy as np
import pyarrow as pa

from regional_sim.experiment.columns import columns_of, outcome_columns, runs_columns
from regional_sim.experiment.csv_table import (
    Coded,
    TableWriter,
    numbers_of,
    read_batches,
    table_writer,
)
from regional_sim.experiment.experiment import Point
from regional_sim.experiment.folder import table_path
from regional_sim.experiment.merge import quoted
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.statistics import Statistics, contrast, summarise
from regional_sim.experiment.tasks import FLOAT_BYTES
from regional_sim.world.layout import Floats

READ_BYTES: Final = 128 * 2**10
"""Bytes of the table of runs that are read at a time; the reader holds many times as much."""

HELD_BYTES: Final = 4 * 2**20
"""Outcomes of a point that are held in memory; those of a larger point wait in a file."""

GROUP_BYTES: Final = 2**20
"""Outcomes of a posture that statistics are made of at a time; a single outcome may take more."""


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
        outcomes_of_points = points_of(plan, table_path(folder, "runs"))
        for point, outcomes in zip(plan.experiment.points, outcomes_of_points, strict=True):
            for table, write in _WRITE.items():
                write(writers[table], plan, point, outcomes)
    return {table: writer.n_rows for table, writer in writers.items()}


class Outcomes:
    """The outcomes of a point, by posture and outcome; all replicates of one lie together.

    Parameters
    ----------
    n_postures, n_outcomes, n_replicates : int
        How many there are of each.
    file : binary file
        Where they are kept.
    """

    def __init__(
        self, n_postures: int, n_outcomes: int, n_replicates: int, file: IO[bytes]
    ) -> None:
        self.shape = (n_postures, n_outcomes, n_replicates)
        self._file = file
        self._n_runs = 0

    @property
    def complete(self) -> bool:
        """Whether the outcomes of all runs are there."""
        n_postures, _, n_replicates = self.shape
        return self._n_runs == n_postures * n_replicates

    def add(self, values: Floats) -> Floats:
        """Take the next runs, in run order, and none beyond the end of a posture.

        Parameters
        ----------
        values : ndarray, shape (outcome, run)
            NaN where there is none.

        Returns
        -------
        ndarray, shape (outcome, run)
            The runs that were not taken.
        """
        _, n_outcomes, n_replicates = self.shape
        posture, replicate = divmod(self._n_runs, n_replicates)
        n_taken = min(values.shape[1], n_replicates - replicate)
        for outcome in range(n_outcomes):
            self._seek(posture, outcome, replicate)
            self._file.write(np.ascontiguousarray(values[outcome, :n_taken]).data)
        self._n_runs += n_taken
        return values[:, n_taken:]

    def clear(self) -> None:
        """Make room for the next point."""
        self._n_runs = 0

    def statistics(self, make: Callable[..., Statistics], *postures: int) -> Statistics:
        """Make statistics of one or more postures, a group of outcomes at a time.

        Parameters
        ----------
        make : callable
            Takes an array (outcome, replicate) of each posture.
        *postures : int
            Numbers of the postures.

        Returns
        -------
        dict of ndarray, shape (outcome,)
            As of all outcomes at once.
        """
        _, n_outcomes, n_replicates = self.shape
        size = max(1, GROUP_BYTES // (FLOAT_BYTES * n_replicates))
        found = [
            make(*(self._read(posture, first, size) for posture in postures))
            for first in range(0, n_outcomes, size)
        ]
        return {name: np.concatenate([group[name] for group in found]) for name in found[0]}

    def _read(self, posture: int, first: int, size: int) -> Floats:
        """Read some neighbouring outcomes of a posture."""
        _, n_outcomes, n_replicates = self.shape
        n_read = min(size, n_outcomes - first)
        self._seek(posture, first, 0)
        read = self._file.read(FLOAT_BYTES * n_read * n_replicates)
        return np.frombuffer(read).reshape(n_read, n_replicates)

    def _seek(self, posture: int, outcome: int, replicate: int) -> None:
        _, n_outcomes, n_replicates = self.shape
        cell = (posture * n_outcomes + outcome) * n_replicates + replicate
        self._file.seek(FLOAT_BYTES * cell)


def points_of(plan: Plan, runs: Path) -> Iterator[Outcomes]:
    """Read the outcomes of the table of runs, point by point.

    Parameters
    ----------
    plan : Plan
        What was run.
    runs : Path
        The table of runs.

    Yields
    ------
    Outcomes
        NaN where a cell is empty; good until the next one is asked for.
    """
    names = [column.name for column in outcome_columns(plan)]
    kinds = {column.name: column.kind for column in runs_columns(plan)}
    shape = (len(plan.experiment.postures), len(names), plan.experiment.replicates)
    with _room(FLOAT_BYTES * math.prod(shape), runs.parent) as file:
        outcomes = Outcomes(*shape, file)
        for values in _gathered(read_batches(runs, kinds, names, READ_BYTES)):
            left = values
            while left.size:
                left = outcomes.add(left)
                if outcomes.complete:
                    yield outcomes
                    outcomes.clear()


def _room(n_bytes: int, folder: Path) -> IO[bytes]:
    """Return a file in memory, or a nameless one in the folder where that would be too large."""
    return BytesIO() if n_bytes <= HELD_BYTES else TemporaryFile(dir=folder)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[Floats]:
    """Put small batches together and turn them, by outcome and run."""
    waiting: list[pa.RecordBatch] = []
    n_bytes = 0
    for batch in batches:
        waiting.append(batch)
        n_bytes += FLOAT_BYTES * batch.num_rows * batch.num_columns
        if n_bytes >= GROUP_BYTES:
            yield _turned(waiting)
            waiting, n_bytes = [], 0
    if waiting:
        yield _turned(waiting)


def _turned(batches: Sequence[pa.RecordBatch]) -> Floats:
    return np.stack([numbers_of(column) for column in pa.Table.from_batches(batches).columns])


def _summarise(writer: TableWriter, plan: Plan, point: Point, outcomes: Outcomes) -> None:
    """Write a point's rows of the summary."""
    for posture, label in enumerate(plan.experiment.labels):
        found = outcomes.statistics(summarise, posture)
        _write(writer, plan, point, {"posture": label}, found)


def _contrast(writer: TableWriter, plan: Plan, point: Point, outcomes: Outcomes) -> None:
    """Write a point's rows of the contrasts with the first posture."""
    reference, *others = plan.experiment.labels
    for posture, label in enumerate(others, start=1):
        names = {"posture": label, "reference": reference}
        _write(writer, plan, point, names, outcomes.statistics(contrast, posture, 0))


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


_WRITE: Final[dict[str, Callable[[TableWriter, Plan, Point, Outcomes], None]]] = {
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
