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

from regional_sim.experiment.experiment import DIFFERENCE, MEAN
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import FLOAT_BYTES, Finished
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import (
    EFFECT_WORDS,
    HALF_WIDTH,
    Statistics,
    contrast,
    effect_codes,
    summarise,
    with_needed,
)
from regional_sim.results.blocks import BlockStore
from regional_sim.results.columns import DICTIONARY, outcome_columns, table_columns
from regional_sim.results.run_tables import factor_columns, quoted, write_run_tables
from regional_sim.results.table_file import Coded, TableWriter, table_writer

HELD_OUTCOME_BYTES: Final = 4 * 2**20
"""Outcomes of some points that are held in memory; those of a larger point wait in a file."""

GROUP_ROWS: Final = 32_768
"""Rows of a table that are made at a time; those of a single point may be more."""

GROUP_BYTES: Final = 2**20
"""Outcomes of a posture that statistics are made of at a time; a single outcome may take more."""


def write_tables(plan: Plan, finished: Finished, store: BlockStore, folder: Path) -> dict[str, int]:
    """Write every table, and the dictionary of their columns; return the rows of each, in order."""
    n_rows = write_run_tables(plan, finished, store, folder)
    n_rows |= write_point_tables(plan, finished, store, folder)
    return n_rows | {DICTIONARY: _write_dictionary(plan, [*n_rows, DICTIONARY], folder)}


def write_point_tables(
    plan: Plan, finished: Finished, store: BlockStore, folder: Path
) -> dict[str, int]:
    """Write ``summary`` and ``contrasts``, and return the rows of each."""
    with ExitStack() as open_files:
        writers = {}
        for table in _WRITE:
            path, columns = folder / plan.file_of(table), table_columns(table, plan)
            opened = table_writer(path, columns, quoted=quoted(plan))
            writers[table] = open_files.enter_context(opened)
        for group in _groups(plan, finished):
            with _outcomes_of(group, finished, store, folder) as outcomes:
                for table, write in _WRITE.items():
                    write(writers[table], group, outcomes)
    return {table: writer.n_rows for table, writer in writers.items()}


def _write_dictionary(plan: Plan, tables: Sequence[str], folder: Path) -> int:
    """Write what every column of every table holds."""
    rows = [(table, column) for table in tables for column in table_columns(table, plan)]
    bounds = np.array([(column.low, column.high) for _, column in rows])
    low, high = np.where(np.isfinite(bounds), bounds, np.nan).T
    values: dict[str, object] = {
        "table": [table for table, _ in rows],
        "column": [column.name for _, column in rows],
        "type": [column.kind for _, column in rows],
        "unit": [column.unit for _, column in rows],
        "low": low,
        "high": high,
        "meaning": [column.meaning for _, column in rows],
    }
    path, columns = folder / plan.file_of(DICTIONARY), table_columns(DICTIONARY, plan)
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(rows))
    return writer.n_rows


# --------------------------------------------------------------------- outcomes of some points


@dataclass(frozen=True)
class _PointGroup:
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


def _groups(plan: Plan, finished: Finished) -> Iterator[_PointGroup]:
    """Take neighbouring points together, as many as can be held in memory, and at least one."""
    n_columns = len(list(outcome_columns(plan))) * len(plan.experiment.postures)
    points: list[int] = []
    n_replicates = 0
    for point in finished.points:
        n_here = finished.replicates_at(point)
        held = HELD_OUTCOME_BYTES // (FLOAT_BYTES * n_columns * n_here)
        most = min(held, GROUP_ROWS // n_columns)
        if points and (n_here != n_replicates or len(points) >= most):
            yield _PointGroup(plan, points, n_replicates)
            points = []
        points.append(point)
        n_replicates = n_here
    if points:
        yield _PointGroup(plan, points, n_replicates)


class _OutcomeFile:
    """Outcomes of shape (posture, row, replicate), in memory or in a file of the folder."""

    def __init__(self, shape: tuple[int, int, int], folder: Path) -> None:
        self.shape = shape
        self._file = _open(FLOAT_BYTES * shape[0] * shape[1] * shape[2], folder)

    def __enter__(self) -> _OutcomeFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, posture: int, first_row: int, replicate: int, values: Floats) -> None:
        """Write some replicates, from a first one on, of neighbouring rows: (row, replicate)."""
        for row, of_row in enumerate(values, start=first_row):
            self._seek(posture, row, replicate)
            self._file.write(np.ascontiguousarray(of_row).data)

    def statistics(self, make: Callable[..., Statistics], *postures: int) -> Statistics:
        """Make statistics of some postures together, so many rows at a time as may be held.

        `make` takes an array (row, replicate) of each posture.
        """
        _, n_rows, n_replicates = self.shape
        size = max(1, GROUP_BYTES // (FLOAT_BYTES * n_replicates))
        found = [
            make(*(self._read(posture, first, size) for posture in postures))
            for first in range(0, n_rows, size)
        ]
        return {name: np.concatenate([some[name] for some in found]) for name in found[0]}

    def _read(self, posture: int, first: int, size: int) -> Floats:
        _, n_rows, n_replicates = self.shape
        n_read = min(size, n_rows - first)
        self._seek(posture, first, 0)
        read = self._file.read(FLOAT_BYTES * n_read * n_replicates)
        return np.frombuffer(read).reshape(n_read, n_replicates)

    def _seek(self, posture: int, row: int, replicate: int) -> None:
        _, n_rows, n_replicates = self.shape
        self._file.seek(FLOAT_BYTES * ((posture * n_rows + row) * n_replicates + replicate))


def _open(n_bytes: int, folder: Path) -> IO[bytes]:
    return BytesIO() if n_bytes <= HELD_OUTCOME_BYTES else TemporaryFile(dir=folder)


def _outcomes_of(
    group: _PointGroup, finished: Finished, store: BlockStore, folder: Path
) -> _OutcomeFile:
    """Read the outcomes of some points from their blocks."""
    outcomes = _OutcomeFile(group.shape, folder)
    for posture in range(group.shape[0]):
        for place, point in enumerate(group.points):
            for task in finished.tasks_at(point):
                values = store.outcomes(task, posture)[task.points.index(point)]
                first_row = place * group.n_outcomes
                outcomes.put(posture, first_row, task.first_replicate, values)
    return outcomes


# -------------------------------------------------------------------------------- statistics


def _summarise(writer: TableWriter, group: _PointGroup, outcomes: _OutcomeFile) -> None:
    found = [
        _needed(group, outcomes.statistics(summarise, posture), "mean", MEAN)
        for posture in range(group.shape[0])
    ]
    _write(writer, group, found, group.plan.experiment.labels)


def _contrast(writer: TableWriter, group: _PointGroup, outcomes: _OutcomeFile) -> None:
    """Write contrasts with the first posture."""
    reference, *others = group.plan.experiment.labels
    plan = group.plan
    smallest = np.array(
        [one.smallest_in(of) for one in plan.metrics for of in plan.windows.values()]
    )
    found = [
        {"smallest_effect": np.tile(smallest, len(group.points))}
        | _needed(group, outcomes.statistics(contrast, posture, 0), "reference_mean", DIFFERENCE)
        for posture in range(1, group.shape[0])
    ]
    if found:
        _write(writer, group, found, others, reference=reference)


_WRITE: Final[dict[str, Callable[[TableWriter, _PointGroup, _OutcomeFile], None]]] = {
    "summary": _summarise,
    "contrasts": _contrast,
}


def _needed(group: _PointGroup, found: Statistics, mean: str, of: str) -> Statistics:
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
    group: _PointGroup,
    found: Sequence[Statistics],
    labels: Sequence[str],
    **same: object,
) -> None:
    """Write statistics, given by posture, in the order of point, posture, metric and window."""
    plan = group.plan
    shape = (len(group.points), len(labels), len(plan.metrics), len(plan.windows))
    place, posture, metric, window = np.indices(shape).reshape(len(shape), -1)
    point = np.array(group.points, dtype=np.int64)[place]
    values = {
        name: np.stack([one[name].reshape(len(group.points), -1) for one in found], axis=1).ravel()
        for name in found[0]
    }
    rows: dict[str, object] = {
        "point": point,
        **factor_columns(plan, point),
        "posture": Coded(labels, posture),
        **same,
        "metric": Coded([metric.name for metric in plan.metrics], metric),
        "window": Coded(list(plan.windows), window),
        **values,
        "n": values["n"].astype(np.int64),
    }
    if "smallest_effect" in values:
        interval = values["ci_low"], values["ci_high"]
        rows["verdict"] = Coded(EFFECT_WORDS, effect_codes(*interval, values["smallest_effect"]))
    writer.write(rows, len(point))
