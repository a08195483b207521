"""What is run, in which order, and by which shard.

A schedule hands out tasks in rounds.  With a fixed number of replicates there is a single round;
with a rule of stopping there is one for each batch, of the points that go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from regional_sim.experiment.experiment import Stopping
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard, Task, balanced, tasks_of
from regional_sim.numerics.arrays import Floats
from regional_sim.results.columns import outcome_columns


class Watched(Protocol):
    """Where the outcomes of finished tasks are found."""

    def outcomes(self, task: Task, posture: int) -> Floats:
        """Return all outcomes of a task under a posture, shape (point, outcome, replicate)."""


@dataclass
class Schedule:
    """The tasks of a plan that one process runs: all, or those of a shard.

    `tasks` are those handed out so far.
    """

    plan: Plan
    shard: Shard = field(default_factory=Shard)
    tasks: list[Task] = field(default_factory=list)
    _ahead: int = field(init=False)

    def __post_init__(self) -> None:
        """Count what lies ahead."""
        experiment = self.plan.experiment
        if experiment.stopping is None:
            self._ahead = sum(task.n_cells for task in self._all())
        else:
            self._ahead = len(self._owned_points()) * experiment.replicates

    @property
    def most_runs(self) -> int:
        """Runs handed out, and those that may follow at most."""
        cells = sum(task.n_cells for task in self.tasks) + self._ahead
        return cells * len(self.plan.experiment.postures)

    def rounds(self, store: Watched) -> Iterator[list[Task]]:
        """Hand out tasks, round by round, in the order in which they are best run.

        The next round is asked for when all tasks of the last one are finished and in the store.
        Where a shard has nothing to do, the round is empty.
        """
        stopping = self.plan.experiment.stopping
        if stopping is None:
            yield self._out(self._all(), 0)
        else:
            yield from self._until(stopping, store)

    def _all(self) -> list[Task]:
        """Return the shard's tasks: whole ones, so that a single point can be shared too."""
        tasks = balanced(tasks_of(self.plan))
        return [task for at, task in enumerate(tasks) if self.shard.owns(at)]

    def _owned_points(self) -> set[int]:
        """Return the shard's points: whether one stops is seen from all its replicates."""
        return set(filter(self.shard.owns, range(len(self.plan.experiment.points))))

    def _until(self, stopping: Stopping, store: Watched) -> Iterator[list[Task]]:
        watch = _Watch(self.plan, stopping)
        going_on = self._owned_points()
        at_most = self.plan.experiment.replicates
        for first, end in stopping.batches(at_most):
            groups = [
                narrowed
                for of_points in tasks_of(self.plan, first, end)
                if (narrowed := _narrowed(of_points, going_on))
            ]
            tasks = self._out(balanced(groups), len(going_on) * (at_most - end))
            if not tasks:
                return
            yield tasks
            for task in tasks:
                watch.add(task, store)
            going_on = {point for point in going_on if not watch.is_met(point)}
            watch.keep(going_on)

    def _out(self, tasks: list[Task], ahead: int) -> list[Task]:
        self.tasks += tasks
        self._ahead = ahead
        return tasks


def _narrowed(tasks: Sequence[Task], points: set[int]) -> list[Task]:
    """Keep the points that go on."""
    kept = tuple(point for point in tasks[0].points if point in points)
    return [Task(kept, task.first_replicate, task.n_replicates) for task in tasks if kept]


class _Watch:
    """The watched outcome of all points so far."""

    def __init__(self, plan: Plan, stopping: Stopping) -> None:
        self.stopping = stopping
        self.n_postures = len(plan.experiment.postures)
        names = [column.name for column in outcome_columns(plan)]
        self.outcome = names.index(stopping.outcome)
        self.values: dict[int, list[Floats]] = {}

    def add(self, task: Task, store: Watched) -> None:
        of_postures = np.stack(
            [store.outcomes(task, posture)[:, self.outcome] for posture in range(self.n_postures)],
            axis=1,
        )
        for point, values in zip(task.points, of_postures, strict=True):
            self.values.setdefault(point, []).append(values)

    def keep(self, points: set[int]) -> None:
        """Let go of points that have stopped."""
        self.values = {point: self.values[point] for point in self.values if point in points}

    def is_met(self, point: int) -> bool:
        parts = self.values.get(point)
        return parts is not None and self.stopping.is_met(np.concatenate(parts, axis=-1))
