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
from regional_sim.experiment.factor import Factor
from regional_sim.experiment.levels import Level
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.tasks import Task
from regional_sim.experiment.tables.table_file import Coded, text_needs_quotes, text_of
from regional_sim.scenario import Scenario
from regional_sim.world.job import PAIR_COLUMNS, STATE_COLUMNS
from regional_sim.world.layout import Floats, Integers
from regional_sim.world.metrics.defined import defined_metrics

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
