"""Rows of the tables of single runs, made of finished blocks and written a piece at a time.

Runs are ordered by point, then posture, then replicate; a run's number is its place in that order.
Within a run, rows are ordered by month, then by state or pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from regional_sim.experiment.csv_table import Coded
from regional_sim.experiment.experiment import Point
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Task
from regional_sim.scenario import Scenario
from regional_sim.world.job import PAIR_COLUMNS, STATE_COLUMNS
from regional_sim.world.layout import Floats, Integers
from regional_sim.world.metrics.defined import defined_metrics
from regional_sim.world.windows import window_bounds

ROWS_AT_ONCE: Final = 65_536
"""About as many rows are held at a time."""

Piece = tuple[dict[str, object], int]
"""Values by column, and the number of rows."""


@dataclass(frozen=True)
class Lane:
    """The runs of a block under one posture.

    Attributes
    ----------
    plan : Plan
        What is run.
    task : Task
        The block.
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
        before = self.number * len(experiment.postures) + self.posture
        replicates = np.repeat(self.replicates[chosen], rows_of_each)
        return {
            "run": before * experiment.replicates + replicates,
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


def runs_rows(lane: Lane, windows: Floats) -> Iterator[Piece]:
    """Make rows of the table of runs.

    Parameters
    ----------
    lane : Lane
        Which runs.
    windows : ndarray, shape (window, Metric, run)
        From the engine.

    Yields
    ------
    tuple
        A piece of the table.
    """
    plan, n_runs = lane.plan, lane.task.n_replicates
    rows: dict[str, object] = lane.keys(slice(0, n_runs), 1)
    rows["seed"] = plan.experiment.seed
    rows |= {factor.column: lane.point.factors[factor.path] for factor in plan.factors}
    defined = set(defined_metrics(lane.scenario))
    at = {name: row for row, name in enumerate(window_bounds(lane.scenario))}
    for metric in plan.metrics:
        for window in plan.windows:
            here = metric in defined and window in at
            column = f"{metric.name}_{window}"
            rows[column] = windows[at[window], metric] if here else np.full(n_runs, np.nan)
    yield rows, n_runs


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
