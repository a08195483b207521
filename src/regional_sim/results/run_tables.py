"""Tables of single runs and of months, made of finished blocks and written a piece at a time.

Runs are ordered by point, then posture, then replicate; a run's number is its place in that order,
with as many replicates for each point as there may be at most.  Within a run, rows are ordered by
month, then by state, pair or motive.  A run that failed has rows without numbers, and no events.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from regional_sim.engine.job import (
    DYAD_COLUMNS,
    PAIR_COLUMNS,
    STATE_COLUMNS,
    BatchResult,
    SideColumn,
    defined_metrics,
)
from regional_sim.engine.motives import TERM_COLUMNS, Motive, MotiveRows, by_motive
from regional_sim.experiment.levels import Level, text_of
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Factor
from regional_sim.experiment.tasks import Failure, Finished, Task
from regional_sim.model.variables import PairVar, StateVar
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.blocks import BlockStore
from regional_sim.results.columns import FAILURES, outcome_columns, table_columns
from regional_sim.results.table_file import Coded, table_writer, text_needs_quotes
from regional_sim.scenario import Scenario

PIECE_ROWS: Final = 65_536
"""About as many rows of a long table are held at a time."""

PIECE_RUNS: Final = 1024
"""About as many rows of the table of runs are held at a time."""

EVENT_KINDS: Final = ("escalation", "de_escalation")

TableRows: TypeAlias = dict[str, object]
"""Values by column."""

Piece: TypeAlias = tuple[TableRows, int]
"""Rows of a table, and how many there are."""


def write_run_tables(
    plan: Plan, finished: Finished, store: BlockStore, folder: Path
) -> dict[str, int]:
    """Write the tables of single runs, and return the rows of each."""
    n_rows: dict[str, int] = {}
    for table in plan.tables:
        path = folder / plan.file_of(table)
        with table_writer(path, table_columns(table, plan), quoted=quoted(plan)) as writer:
            for piece in _pieces(table, plan, finished, store):
                writer.write(*piece)
        n_rows[table] = writer.n_rows
    return n_rows | write_failures(plan, failures_in(finished, store), folder)


def quoted(plan: Plan) -> bool:
    """Tell whether text in the plan's tables has to be quoted."""
    return any(text_needs_quotes(f.levels.values) for f in plan.factors if f.kind == "text")


def factor_columns(plan: Plan, points: Integers) -> TableRows:
    """Return the levels of all factors, with a point for each row."""
    return {factor.column: _levels(factor, points) for factor in plan.factors}


def _levels(factor: Factor, points: Integers) -> Coded | list[Level] | Floats | Integers:
    numbers, values = factor.levels.values_at(points), factor.levels.values
    if isinstance(values, array):
        packed: Floats | Integers = np.asarray(values)[numbers]
        return packed
    if factor.kind != "text":
        return [values[number] for number in numbers.tolist()]
    places, codes = np.unique(numbers, return_inverse=True)
    return Coded([text_of(values[number]) for number in places.tolist()], codes)


# ------------------------------------------------------------------------------- runs and branches


@dataclass(frozen=True)
class Branch:
    """The runs of a task at one point, under one posture, both told by number."""

    plan: Plan
    task: Task
    point: int
    posture: int

    @cached_property
    def scenario(self) -> Scenario:
        """The world of the point."""
        experiment = self.plan.experiment
        return experiment.scenario_at(experiment.points[self.point])

    @cached_property
    def replicates(self) -> Integers:
        """Numbers of the replicates."""
        first = self.task.first_replicate
        return np.arange(first, first + self.task.n_replicates, dtype=np.int64)

    def keys(self, replicates: Integers) -> TableRows:
        """Return the columns that say which run a row belongs to, with a replicate for each row."""
        return {
            "run": _run_numbers(self.plan, self.point, self.posture, replicates),
            "point": self.point,
            "replicate": replicates,
            "posture": self.plan.experiment.labels[self.posture],
        }

    def months(self, month: Integers) -> TableRows:
        """Return the columns that say which month it is, with a month, from 1, for each row."""
        return {"month": month, "months_after_switch": month - self.scenario.months_before}

    def pieces(self, n_cells: int = 1) -> Iterator[tuple[slice, TableRows, int]]:
        """Cut the runs into pieces that have a row of each month and cell (state or pair).

        Yields
        ------
        slice, dict, int
            Runs of the branch, the columns of their runs and months, and the number of rows.
        """
        n_months = self.scenario.n_months
        size = max(1, PIECE_ROWS // (n_months * n_cells))
        for start in range(0, self.task.n_replicates, size):
            runs = slice(start, min(start + size, self.task.n_replicates))
            replicates = np.repeat(self.replicates[runs], n_months * n_cells)
            month = np.repeat(np.arange(1, n_months + 1), n_cells)
            months = self.months(np.tile(month, runs.stop - start))
            yield runs, self.keys(replicates) | months, len(replicates)


def _branches(plan: Plan, finished: Finished) -> Iterator[Branch]:
    """List branches in run order: by point, posture, replicate."""
    for point, posture in product(finished.points, range(len(plan.experiment.postures))):
        for task in finished.tasks_at(point):
            yield Branch(plan, task, point, posture)


def _run_numbers(
    plan: Plan, point: Integers | int, posture: Integers | int, replicate: Integers
) -> Integers:
    branches = point * len(plan.experiment.postures) + posture
    return branches * plan.experiment.replicates + replicate


def _pieces(table: str, plan: Plan, finished: Finished, store: BlockStore) -> Iterator[Piece]:
    branches = _branches(plan, finished)
    if table == "runs":
        for some in _in_groups(branches):
            yield _runs(plan, some, store)
        return
    array, pieces = _LONG_TABLES[table]
    for branch in branches:
        recorded = store.series(branch.task, array, branch.point, branch.posture)
        yield from pieces(branch, recorded)


# ------------------------------------------------------------------------------- the table of runs


def _in_groups(branches: Iterator[Branch]) -> Iterator[list[Branch]]:
    """Take branches together until they have enough runs."""
    group: list[Branch] = []
    n_runs = 0
    for branch in branches:
        group.append(branch)
        n_runs += branch.task.n_replicates
        if n_runs >= PIECE_RUNS:
            yield group
            group, n_runs = [], 0
    if group:
        yield group


def _runs(plan: Plan, branches: Sequence[Branch], store: BlockStore) -> Piece:
    sizes = [branch.task.n_replicates for branch in branches]
    point = np.repeat(np.array([one.point for one in branches], dtype=np.int64), sizes)
    posture = np.repeat(np.array([one.posture for one in branches], dtype=np.int64), sizes)
    replicate = np.concatenate([branch.replicates for branch in branches])
    outcomes = np.concatenate([_outcomes(store, branch) for branch in branches], axis=-1)
    names = [column.name for column in outcome_columns(plan)]
    identity = _identity(plan, point, posture, replicate)
    return identity | dict(zip(names, outcomes, strict=True)), len(point)


def _outcomes(store: BlockStore, branch: Branch) -> Floats:
    """Return outcomes, shape (outcome, replicate)."""
    of_points = store.outcomes(branch.task, branch.posture)
    values: Floats = of_points[branch.task.points.index(branch.point)]
    return values


def _identity(plan: Plan, point: Integers, posture: Integers, replicate: Integers) -> TableRows:
    """Return the columns that say all of what a run was asked for."""
    return {
        "run": _run_numbers(plan, point, posture, replicate),
        "point": point,
        "replicate": replicate,
        "seed": plan.experiment.seed,
        "posture": Coded(plan.experiment.labels, posture),
        **factor_columns(plan, point),
    }


# --------------------------------------------------------------------------------- the long tables


def _timeseries(branch: Branch, metrics: Floats) -> Iterator[Piece]:
    """Make rows of metrics by month, from an array of shape (month, Metric, run)."""
    defined = set(defined_metrics(branch.scenario))
    for runs, rows, n_rows in branch.pieces():
        for metric in branch.plan.metrics:
            values = metrics[:, metric, runs].T.reshape(-1)
            rows[metric.name] = values if metric in defined else np.full(n_rows, np.nan)
        yield rows, n_rows


def _states(branch: Branch, states: Floats) -> Iterator[Piece]:
    """Make rows of states by month, from an array of shape (month, variable, state, run)."""
    columns = {"state": np.arange(branch.scenario.n_states)}
    return _cells(branch, states, columns, STATE_COLUMNS)


def _dyads(branch: Branch, dyads: Floats) -> Iterator[Piece]:
    """Make rows of pairs by month, from an array of shape (month, variable, pair, run)."""
    first, second = np.triu_indices(branch.scenario.n_states, 1)
    return _cells(branch, dyads, {"state_a": first, "state_b": second}, DYAD_COLUMNS)


def _cells(
    branch: Branch,
    recorded: Floats,
    columns: Mapping[str, Integers],
    variables: Sequence[StateVar | PairVar | SideColumn],
) -> Iterator[Piece]:
    """Make rows by month and cell; `columns` say which states, by number, each cell is of."""
    codes = branch.scenario.codes
    n_cells = recorded.shape[2]
    for runs, rows, n_rows in branch.pieces(n_cells):
        for name, states in columns.items():
            rows[name] = Coded(codes, np.tile(states, n_rows // n_cells))
        for number, variable in enumerate(variables):
            rows[variable.name] = _by_run(recorded[:, number, :, runs]).reshape(-1)
        yield rows, n_rows


def _by_run(cells: Floats) -> Floats:
    """Turn an array of shape (month, cell, run) into one of shape (run, month, cell)."""
    return np.ascontiguousarray(np.moveaxis(cells, 2, 0))


def _events(branch: Branch, dyads: Floats) -> Iterator[Piece]:
    """Make a row of each change of rung, from an array of shape (month, variable, pair, run)."""
    codes = branch.scenario.codes
    first, second = np.triu_indices(len(codes), 1)
    change = _whole_numbers(dyads, PairVar.rung_change)
    run, month, pair = np.nonzero(change)

    def of(variable: PairVar) -> Integers:
        return _whole_numbers(dyads, variable)[run, month, pair]

    step = change[run, month, pair]
    initiators = of(PairVar.escalated_first) + 2 * of(PairVar.escalated_second)
    mistaken = np.maximum(of(PairVar.mistaken_first), of(PairVar.mistaken_second))
    names = [
        name
        for a, b in zip(first, second, strict=True)
        for name in ("", codes[a], codes[b], f"{codes[a]}+{codes[b]}")
    ]
    rows = branch.keys(branch.replicates[run]) | branch.months(month + 1)
    rows |= {
        "state_a": Coded(codes, first[pair]),
        "state_b": Coded(codes, second[pair]),
        "kind": Coded(EVENT_KINDS, (step < 0).astype(np.int64)),
        "initiator": Coded(names, 4 * pair + np.where(step > 0, initiators, 0)),
        "mistaken": np.where(step > 0, mistaken, 0),
        "rung_before": of(PairVar.rung) - step,
        "rung_after": of(PairVar.rung),
    }
    yield rows, len(run)


def _motives(branch: Branch, motives: Floats) -> Iterator[Piece]:
    """Make rows of motives by month, from an array of shape (month, value, run)."""
    codes = branch.scenario.codes
    parts = [
        (motive, motive.rows(branch.scenario), kept)
        for motive, kept in by_motive(motives, len(codes))
    ]
    responses = [motive.response.name for motive, _, _ in parts]
    response = np.repeat(np.arange(len(parts)), [len(rows.place) for _, rows, _ in parts])
    state = np.concatenate([rows.state for _, rows, _ in parts])
    toward = np.concatenate([rows.toward for _, rows, _ in parts])
    toward = np.where(toward == state, len(codes), toward)
    for runs, columns, n_rows in branch.pieces(len(state)):
        times = n_rows // len(state)
        columns["state"] = Coded(codes, np.tile(state, times))
        columns["toward"] = Coded([*codes, ""], np.tile(toward, times))
        columns["response"] = Coded(responses, np.tile(response, times))
        for name in ("motive", *TERM_COLUMNS):
            values = [_motive_values(name, *part, runs) for part in parts]
            columns[name] = _by_run(np.concatenate(values, axis=1)).reshape(-1)
        yield columns, n_rows


def _motive_values(
    name: str, motive: Motive, rows: MotiveRows, kept: Floats, runs: slice
) -> Floats:
    """Return a motive or one of its terms, shape (month, cell, run); NaN where it has no such."""
    values: Floats = kept[:, 0, rows.place, runs]
    if name == "motive":
        return values
    if name not in motive.terms:
        return np.full_like(values, np.nan)
    term: Floats = kept[:, 1 + list(motive.terms).index(name), rows.place, runs]
    return term


def _whole_numbers(dyads: Floats, variable: PairVar) -> Integers:
    """Return a recorded variable that holds whole numbers, shape (run, month, pair).

    A run that failed has none, which counts as 0: nothing happens in it.
    """
    return np.nan_to_num(_by_run(dyads[:, PAIR_COLUMNS.index(variable)])).astype(np.int64)


_LONG_TABLES: Final[Mapping[str, tuple[str, Callable[[Branch, Floats], Iterator[Piece]]]]] = {
    "timeseries": ("timeseries", _timeseries),
    "states": ("states", _states),
    "dyads": ("dyads", _dyads),
    "events": ("dyads", _events),
    "motives": ("motives", _motives),
}
"""For each long table: the recorded array it is made of, and what makes its rows."""


def rows_of(table: str, branch: Branch, result: BatchResult) -> Iterator[Piece]:
    """Make the rows of a long table of what an engine gave for a branch."""
    array, pieces = _LONG_TABLES[table]
    yield from pieces(branch, getattr(result, array))


# --------------------------------------------------------------------------- runs that failed


def failures_in(finished: Finished, store: BlockStore) -> list[Failure]:
    """List the runs that failed."""
    tasks = {task.name: task for point in finished.points for task in finished.tasks_at(point)}
    return [failure for task in tasks.values() for failure in store.failures(task)]


def write_failures(plan: Plan, failures: Sequence[Failure], folder: Path) -> dict[str, int]:
    """Write the table of runs that failed, if any did, and return its rows."""
    path = folder / plan.file_of(FAILURES)
    if not failures:
        # It may be there from before they were tried again.
        path.unlink(missing_ok=True)
        return {}
    failures = sorted(failures, key=lambda one: (one.point, one.posture, one.replicate))
    point, posture, replicate = (
        np.array([getattr(one, name) for one in failures], dtype=np.int64)
        for name in ("point", "posture", "replicate")
    )
    rows = _identity(plan, point, posture, replicate)
    for name in ("error", "message", "where"):
        rows[name] = [getattr(one, name) for one in failures]
    with table_writer(path, table_columns(FAILURES, plan), quoted=True) as writer:
        writer.write(rows, len(failures))
    return {FAILURES: len(failures)}
