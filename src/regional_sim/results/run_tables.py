"""Rows of the long tables, made of finished blocks and written a piece at a time.

Runs are ordered by point, then posture, then replicate; a run's number is its place in that order,
with as many replicates for each point as there may be at most.  Within a run, rows are ordered by
month, then by state or pair.  A run that failed has rows without numbers, and no events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
import numpy as np
from regional_sim.experiment.experiment import Experiment, Point
from regional_sim.experiment.experiment import Factor
from regional_sim.experiment.priors import Level
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Task
from regional_sim.results.table_file import Coded, text_needs_quotes, text_of
from regional_sim.scenario import Scenario
from regional_sim.engine.job import PAIR_COLUMNS, STATE_COLUMNS
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.engine.outcomes import defined_metrics
from regional_sim.results.table_file import Coded
from regional_sim.engine.job import PAIR_COLUMNS
from regional_sim.model.variables import PairVar
from dataclasses import replace
from typing import NamedTuple
from regional_sim.experiment.tasks import Attempt, Failure
from regional_sim.results.blocks import Block, outcomes_name, series_name
from regional_sim.engine.job import BatchResult
from regional_sim.engine.outcomes import window_bounds
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from regional_sim.experiment.tasks import Failure
from regional_sim.experiment.tasks import Finished
from regional_sim.results.blocks import BlockStore
from regional_sim.results.columns import FAILURES, columns_of, outcome_columns
from regional_sim.results.table_file import Coded, table_writer


ROWS_AT_ONCE: Final = 65_536
"""About as many rows are held at a time."""

Piece = tuple[dict[str, object], int]
"""Values by column, and the number of rows."""


def run_numbers(
    experiment: Experiment, point: Integers | int, posture: Integers | int, replicate: Integers
) -> Integers:
    """Number runs by point, posture and replicate."""
    lanes = point * len(experiment.postures) + posture
    return lanes * experiment.replicates + replicate


@dataclass(frozen=True)
class Lane:
    """The runs of a task at one point, under one posture.

    Attributes
    ----------
    plan : Plan
        What is run.
    task : Task
        The task.
    number : int
        Number of the point.
    posture : int
        Number of the posture.
    """

    plan: Plan
    task: Task
    number: int
    posture: int

    @property
    def point(self) -> Point:
        """The point."""
        return self.plan.experiment.points[self.number]

    @cached_property
    def scenario(self) -> Scenario:
        """The world of the point."""
        return self.plan.experiment.scenario_at(self.point)

    @cached_property
    def replicates(self) -> Integers:
        """Numbers of the replicates."""
        first = self.task.first_replicate
        return np.arange(first, first + self.task.n_replicates, dtype=np.int64)

    def keys(self, chosen: slice, rows_of_each: int) -> dict[str, object]:
        """Return the columns that say which run a row belongs to.

        Parameters
        ----------
        chosen : slice
            Runs of the lane.
        rows_of_each : int
            Rows of a run.

        Returns
        -------
        dict
            Values by column.
        """
        experiment = self.plan.experiment
        replicates = np.repeat(self.replicates[chosen], rows_of_each)
        return {
            "run": run_numbers(experiment, self.number, self.posture, replicates),
            "point": self.number,
            "replicate": replicates,
            "posture": experiment.labels[self.posture],
        }

    def pieces(self, rows_of_each: int) -> Iterator[tuple[slice, dict[str, object]]]:
        """Cut the runs of the lane so that a piece has about :data:`ROWS_AT_ONCE` rows."""
        size = max(1, ROWS_AT_ONCE // rows_of_each)
        for start in range(0, self.task.n_replicates, size):
            chosen = slice(start, min(start + size, self.task.n_replicates))
            yield chosen, self.keys(chosen, rows_of_each)


def quoted(plan: Plan) -> bool:
    """Tell whether text in the plan's tables has to be quoted."""
    return any(text_needs_quotes(factor.levels) for factor in plan.factors)


def factor_column(factor: Factor, points: Integers) -> Coded | list[Level]:
    """Return the levels of a factor at some points, as a column.

    Parameters
    ----------
    factor : Factor
        The factor.
    points : ndarray of int
        A point for each row.

    Returns
    -------
    Coded or list
        Text by code, numbers one by one.
    """
    if factor.kind != "text":
        return [factor.levels[point] for point in points]
    places, codes = np.unique(points, return_inverse=True)
    return Coded([text_of(factor.levels[point]) for point in places], codes)


def timeseries_rows(lane: Lane, metrics: Floats) -> Iterator[Piece]:
    """Make rows of metrics by month, from an array of shape (month, Metric, run)."""
    defined = set(defined_metrics(lane.scenario))
    for chosen, rows in lane.pieces(lane.scenario.n_months):
        n_rows = _add_months(rows, lane, chosen, 1)
        for metric in lane.plan.metrics:
            values = metrics[:, metric, chosen].T.reshape(-1)
            rows[metric.name] = values if metric in defined else np.full(n_rows, np.nan)
        yield rows, n_rows


def states_rows(lane: Lane, states: Floats) -> Iterator[Piece]:
    """Make rows of states by month, from an array of shape (month, variable, state, run)."""
    codes = lane.scenario.codes
    for chosen, rows in lane.pieces(lane.scenario.n_months * len(codes)):
        n_rows = _add_months(rows, lane, chosen, len(codes))
        rows["state"] = Coded(codes, np.tile(np.arange(len(codes)), n_rows // len(codes)))
        for number, variable in enumerate(STATE_COLUMNS):
            rows[variable.name] = by_run(states[:, number, :, chosen]).reshape(-1)
        yield rows, n_rows


def dyads_rows(lane: Lane, dyads: Floats) -> Iterator[Piece]:
    """Make rows of pairs by month, from an array of shape (month, variable, pair, run)."""
    codes = lane.scenario.codes
    first, second = np.triu_indices(len(codes), 1)
    for chosen, rows in lane.pieces(lane.scenario.n_months * len(first)):
        n_rows = _add_months(rows, lane, chosen, len(first))
        times = n_rows // len(first)
        rows["state_a"] = Coded(codes, np.tile(first, times))
        rows["state_b"] = Coded(codes, np.tile(second, times))
        for number, variable in enumerate(PAIR_COLUMNS):
            rows[variable.name] = by_run(dyads[:, number, :, chosen]).reshape(-1)
        yield rows, n_rows


def by_run(cells: Floats) -> Floats:
    """Turn an array of shape (month, cell, run) into one of shape (run, month, cell)."""
    return np.ascontiguousarray(np.moveaxis(cells, 2, 0))


def _add_months(rows: dict[str, object], lane: Lane, chosen: slice, cells: int) -> int:
    """Add the columns of months, and return the number of rows."""
    n_runs = chosen.stop - chosen.start
    month = np.tile(np.repeat(np.arange(1, lane.scenario.n_months + 1), cells), n_runs)
    rows["month"] = month
    rows["months_after_switch"] = month - lane.scenario.months_before
    return len(month)


EVENT_KINDS = ("escalation", "de_escalation")


def events_rows(lane: Lane, dyads: Floats) -> Iterator[Piece]:
    """Make a row of each change of rung, from an array of shape (month, variable, pair, run)."""
    codes = lane.scenario.codes
    first, second = np.triu_indices(len(codes), 1)
    change = _variable(dyads, PairVar.rung_change)
    run, month, pair = np.nonzero(change)

    def of(variable: PairVar) -> Integers:
        return _variable(dyads, variable)[run, month, pair]

    step = change[run, month, pair]
    escalated = (of(PairVar.escalated_first), of(PairVar.escalated_second))
    mistaken = (of(PairVar.mistaken_first), of(PairVar.mistaken_second))
    who = np.where(step > 0, escalated[0] + 2 * escalated[1], 0)
    names = [
        name
        for a, b in zip(first, second, strict=True)
        for name in ("", codes[a], codes[b], f"{codes[a]}+{codes[b]}")
    ]
    rows = lane.keys(slice(0, lane.task.n_replicates), 1)
    for column in ("run", "replicate"):
        rows[column] = np.asarray(rows[column])[run]
    rows |= {
        "month": month + 1,
        "months_after_switch": month + 1 - lane.scenario.months_before,
        "state_a": Coded(codes, first[pair]),
        "state_b": Coded(codes, second[pair]),
        "kind": Coded(EVENT_KINDS, (step < 0).astype(np.int64)),
        "initiator": Coded(names, 4 * pair + who),
        "mistaken": np.where(step > 0, np.maximum(*mistaken), 0),
        "rung_before": of(PairVar.rung) - step,
        "rung_after": of(PairVar.rung),
    }
    yield rows, len(run)


def _variable(dyads: Floats, variable: PairVar) -> Integers:
    """Return a recorded variable that holds whole numbers, shape (run, month, pair).

    A run that failed has none, which counts as 0: nothing happens in it.
    """
    return np.nan_to_num(by_run(dyads[:, PAIR_COLUMNS.index(variable)])).astype(np.int64)


LONG: tuple[str, ...] = ("timeseries", "states", "dyads")
"""Long arrays of a result that are kept where they were asked for."""


def block_of(plan: Plan, task: Task, made: Attempt) -> Block:
    """Make the block of a task of what an engine gave.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        The task.
    made : Attempt
        Results by case and posture, and failures by place in the job.

    Returns
    -------
    Block
        To be written.
    """
    experiment = plan.experiment
    places = [
        Places.of(plan, experiment.scenario_at(experiment.points[point])) for point in task.points
    ]
    outcomes = {
        outcomes_name(posture): np.stack(
            [
                place.pick(of_case[posture])
                for of_case, place in zip(made.results, places, strict=True)
            ]
        )
        for posture in range(len(experiment.postures))
    }
    return Block(outcomes | dict(_long(task, made)), failures_of(task, made))


def failures_of(task: Task, made: Attempt) -> list[Failure]:
    """Return the failures of a task, by the numbers of their points."""
    return [replace(one, point=task.points[one.point]) for one in made.failures]


def _long(task: Task, made: Attempt) -> Iterator[tuple[str, Floats]]:
    for point, of_case in zip(task.points, made.results, strict=True):
        for posture, result in enumerate(of_case):
            for kind in LONG:
                if (array := getattr(result, kind)) is not None:
                    yield series_name(kind, point, posture), array


class Places(NamedTuple):
    """Where the outcomes of a plan are found in what an engine gives for a world.

    Attributes
    ----------
    n_outcomes : int
        Number of outcomes of the plan.
    has : ndarray of int
        Those that the world has.
    window, metric : ndarray of int
        Window and metric of each of these.
    """

    n_outcomes: int
    has: Integers
    window: Integers
    metric: Integers

    @classmethod
    def of(cls, plan: Plan, scenario: Scenario) -> Places:
        """Find them for one of the worlds of a plan."""
        defined = set(defined_metrics(scenario))
        at = {name: row for row, name in enumerate(window_bounds(scenario))}
        names = [(metric, window) for metric in plan.metrics for window in plan.windows]
        has = [n for n, (metric, window) in enumerate(names) if metric in defined and window in at]
        return cls(
            len(names),
            np.array(has, dtype=np.int64),
            np.array([at[names[n][1]] for n in has], dtype=np.int64),
            np.array([int(names[n][0]) for n in has], dtype=np.int64),
        )

    def pick(self, result: BatchResult) -> Floats:
        """Pick the outcomes out of a result.

        Parameters
        ----------
        result : BatchResult
            Of this world under a posture.

        Returns
        -------
        ndarray, shape (outcome, run)
            By metric, then window; NaN where the world has none.
        """
        values = np.full((self.n_outcomes, result.windows.shape[-1]), np.nan)
        values[self.has] = result.windows[self.window, self.metric]
        return values


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
