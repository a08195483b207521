"""Tasks: the parts of a plan, each some consecutive points and replicates.

How a plan is cut depends on the plan alone, never on workers, and no result depends on the cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import Experiment, Point
from regional_sim.experiment.plan import Plan
from regional_sim.scenario import Scenario
from regional_sim.world.job import PAIR_COLUMNS, STATE_COLUMNS, BlockJob, Case
from regional_sim.world.layout import n_pairs
from regional_sim.world.metrics.catalogue import Metric

KEPT_BYTES: Final = 256 * 2**20
"""What the long tables of a block may take in memory; blocks are cut smaller to hold to it."""

FLOAT_BYTES: Final = 8


@dataclass(frozen=True)
class Task:
    """What a worker takes: all postures of some points, on the same draws.

    Attributes
    ----------
    first_point, n_points : int
        Consecutive points.
    first_replicate, n_replicates : int
        Consecutive replicates.
    """

    first_point: int
    n_points: int
    first_replicate: int
    n_replicates: int

    @property
    def points(self) -> range:
        """Numbers of the points."""
        return range(self.first_point, self.first_point + self.n_points)


def tasks_of(plan: Plan, size: int | None = None) -> Iterator[Task]:
    """Cut a plan into tasks, in both directions as equal as can be.

    Parameters
    ----------
    plan : Plan
        What is run.
    size : int, optional
        Most replicates of a task; None: :func:`task_replicates`.

    Yields
    ------
    Task
        By points, then by replicate.
    """
    most = size or task_replicates(plan)
    experiment = plan.experiment
    replicates = list(_cut(experiment.replicates, most))
    of_point = most if len(replicates) > 1 else experiment.replicates
    for first_point, n_points in _cut(len(experiment.points), _task_points(plan, of_point)):
        for first, n_replicates in replicates:
            yield Task(first_point, n_points, first, n_replicates)


def _cut(total: int, most: int) -> Iterator[tuple[int, int]]:
    """Cut a number into parts that are no larger than ``most``: first and size of each."""
    n_parts = math.ceil(total / most)
    for part in range(n_parts):
        first, end = part * total // n_parts, (part + 1) * total // n_parts
        yield first, end - first


def task_replicates(plan: Plan) -> int:
    """Return the most replicates of a task: what the engine likes and memory allows.

    Parameters
    ----------
    plan : Plan
        What is run.

    Returns
    -------
    int
        At least 1.
    """
    return max(1, min(engine_of(plan.engine).task_replicates, _fitting(plan)))


def _task_points(plan: Plan, replicates: int) -> int:
    """Return the most points of a task."""
    runs = replicates * len(plan.experiment.postures)
    liked = engine_of(plan.engine).task_runs // runs
    return max(1, min(liked, _fitting(plan) // replicates))


def _fitting(plan: Plan) -> int:
    """Return for how many replicates of a point the long tables fit in memory."""
    experiment = plan.experiment
    kept = max(kept_bytes(experiment.scenario_at(p), plan.series) for p in experiment.points)
    return KEPT_BYTES // max(kept * len(experiment.postures), 1)


def kept_bytes(scenario: Scenario, series: frozenset[str]) -> int:
    """Return the bytes that the long tables of a single run take in memory.

    Parameters
    ----------
    scenario : Scenario
        The world.
    series : frozenset of str
        Long tables asked for.

    Returns
    -------
    int
        Bytes.
    """
    n = scenario.n_states
    cells = len(Metric) if "timeseries" in series else 0
    cells += len(STATE_COLUMNS) * n if "states" in series else 0
    cells += len(PAIR_COLUMNS) * n_pairs(n) if series & {"dyads", "events"} else 0
    return FLOAT_BYTES * cells * scenario.n_months


def job_of(plan: Plan, task: Task) -> BlockJob:
    """Make the job of a task.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        One of its blocks.

    Returns
    -------
    BlockJob
        For an engine.
    """
    experiment = plan.experiment
    return BlockJob(
        cases=[_case(experiment, experiment.points[number]) for number in task.points],
        seed=experiment.seed,
        first_replicate=task.first_replicate,
        n_replicates=task.n_replicates,
        series=plan.series,
        clamp=experiment.clamp,
    )


def _case(experiment: Experiment, point: Point) -> Case:
    postures = [posture.policy for posture in experiment.postures_at(point)]
    return Case(experiment.scenario_at(point), postures)
