"""Tasks: the blocks of a plan, each one point and some consecutive replicates.

How a plan is cut depends on the plan alone, never on workers, and no result depends on the cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.plan import Plan
from regional_sim.scenario import Scenario
from regional_sim.world.job import PAIR_COLUMNS, STATE_COLUMNS, BlockJob
from regional_sim.world.metrics.catalogue import Metric

KEPT_BYTES: Final = 256 * 2**20
"""What the long tables of a block may take in memory; blocks are cut smaller to hold to it."""

FLOAT_BYTES: Final = 8


@dataclass(frozen=True)
class Task:
    """A block to be run: all postures of a point on the same draws.

    Attributes
    ----------
    point : int
        Number of the point.
    first_replicate, n_replicates : int
        Consecutive replicates.
    """

    point: int
    first_replicate: int
    n_replicates: int


def tasks_of(plan: Plan, size: int | None = None) -> Iterator[Task]:
    """Cut a plan into blocks, those of a point as equal as can be.

    Parameters
    ----------
    plan : Plan
        What is run.
    size : int, optional
        Most replicates of a block; None: :func:`block_replicates`.

    Yields
    ------
    Task
        By point, then by replicate.
    """
    most = size or block_replicates(plan)
    total = plan.experiment.replicates
    n_blocks = math.ceil(total / most)
    for point in plan.experiment.points:
        for block in range(n_blocks):
            first, end = block * total // n_blocks, (block + 1) * total // n_blocks
            yield Task(point.number, first, end - first)


def block_replicates(plan: Plan) -> int:
    """Return the most replicates of a block: what the engine likes and memory allows.

    Parameters
    ----------
    plan : Plan
        What is run.

    Returns
    -------
    int
        At least 1.
    """
    experiment = plan.experiment
    kept = max(kept_bytes(experiment.scenario_at(p), plan.series) for p in experiment.points)
    fitting = KEPT_BYTES // max(kept * len(experiment.postures), 1)
    return max(1, min(engine_of(plan.engine).replicates, fitting))


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
    cells += len(PAIR_COLUMNS) * n * (n - 1) // 2 if series & {"dyads", "events"} else 0
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
    point = experiment.points[task.point]
    return BlockJob(
        scenario=experiment.scenario_at(point),
        postures=[posture.policy for posture in experiment.postures_at(point)],
        seed=experiment.seed,
        first_replicate=task.first_replicate,
        n_replicates=task.n_replicates,
        series=plan.series,
        clamp=experiment.clamp,
    )
