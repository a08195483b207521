"""Tasks: the parts of a plan, each some points and consecutive replicates.

How a plan is cut, and in what order its tasks are run, depends on the plan alone, never on workers,
and no result depends on either.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from regional_sim.engine.job import PAIR_COLUMNS, STATE_COLUMNS, BatchJob, BatchResult, Case
from regional_sim.errors import InputError
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import Experiment, Point
from regional_sim.experiment.plan import Plan
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import n_pairs
from regional_sim.scenario import Scenario

TASK_BYTES: Final = 256 * 2**20
"""What the long tables of a block may take in memory; blocks are cut smaller to hold to it."""

FLOAT_BYTES: Final = 8


@dataclass(frozen=True)
class Task:
    """What a worker takes: all postures of some points, on the same draws.

    Attributes
    ----------
    points : tuple of int
        Numbers of the points, ascending.
    first_replicate, n_replicates : int
        Consecutive replicates.
    """

    points: tuple[int, ...]
    first_replicate: int
    n_replicates: int

    @property
    def name(self) -> str:
        """Name of its block: the first and last point and replicate.

        Examples
        --------
        >>> Task((3, 4), 0, 50).name
        'points_3_4_replicates_0_49'
        """
        last = self.first_replicate + self.n_replicates - 1
        points = f"points_{self.points[0]}_{self.points[-1]}"
        return f"{points}_replicates_{self.first_replicate}_{last}"

    @property
    def n_cells(self) -> int:
        """Points times replicates: the runs under each posture."""
        return len(self.points) * self.n_replicates


def tasks_of(plan: Plan, first: int = 0, end: int | None = None) -> list[list[Task]]:
    """Cut some replicates of a plan into tasks, in both directions as equal as can be.

    Parameters
    ----------
    plan : Plan
        What is run.
    first, end : int
        The first replicate, and the one behind the last; None: all.

    Returns
    -------
    list of list of Task
        For each group of neighbouring points its tasks, by replicate.
    """
    n_replicates = (plan.experiment.replicates if end is None else end) - first
    most = task_replicates(plan)
    cut = list(_cut(n_replicates, most))
    of_point = most if len(cut) > 1 else n_replicates
    groups = _cut(len(plan.experiment.points), _task_points(plan, of_point))
    return [
        [Task(tuple(range(start, start + size)), first + at, n) for at, n in cut]
        for start, size in groups
    ]


def spread(n: int) -> list[int]:
    """Order the numbers from 0 to n − 1 so that every first part of them is spread evenly.

    Sorted by their binary digits read backwards (van der Corput 1935).

    Parameters
    ----------
    n : int
        At least 0.

    Returns
    -------
    list of int
        Each number once.

    Examples
    --------
    >>> spread(6)
    [0, 4, 2, 1, 5, 3]
    """
    digits = max(n - 1, 0).bit_length()
    return sorted(range(n), key=lambda number: f"{number:0{digits}b}"[::-1])


def balanced(groups: Sequence[Sequence[Task]]) -> list[Task]:
    """Put tasks into the order in which they are run, so that an unfinished sweep can be used.

    The first replicates of all points come before the next ones, and points come spread over the
    design.

    Parameters
    ----------
    groups : sequence of sequence of Task
        As :func:`tasks_of` gives them.

    Returns
    -------
    list of Task
        All of them.
    """
    order = spread(len(groups))
    most = max(map(len, groups), default=0)
    return [groups[g][part] for part in range(most) for g in order if part < len(groups[g])]


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
    if not plan.series:
        return TASK_BYTES
    kept = max(kept_bytes(experiment.scenario_at(p), plan.series) for p in experiment.points)
    return TASK_BYTES // max(kept * len(experiment.postures), 1)


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


def job_of(plan: Plan, task: Task) -> BatchJob:
    """Make the job of a task.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        One of its parts.

    Returns
    -------
    BatchJob
        For an engine.
    """
    experiment = plan.experiment
    return BatchJob(
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


@dataclass(frozen=True)
class Shard:
    """A part of a sweep that is run by itself.

    Attributes
    ----------
    number, of : int
        Which one, from 1, of how many.
    """

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read a shard as it is written on the command line.

        Parameters
        ----------
        text : str
            ``2/5``.

        Returns
        -------
        Shard
            The second of five.

        Raises
        ------
        InputError
            When it is written otherwise, or there is no such shard.

        Examples
        --------
        >>> Shard.parse("2/5")
        Shard(number=2, of=5)
        """
        match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text)
        number, of = (int(part) for part in match.groups()) if match else (0, 0)
        if not 1 <= number <= of:
            allowed = "number/of with a number from 1, such as 2/5"
            raise InputError("is no shard", key="shard", value=text, allowed=allowed)
        return cls(number, of)

    @property
    def is_whole(self) -> bool:
        """Whether there is only one."""
        return self.of == 1

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"{self.number}/{self.of}"

    def owns(self, index: int) -> bool:
        """Tell whether a thing of some number belongs to this shard."""
        return index % self.of == self.number - 1


class Finished:
    """Which finished tasks hold the runs of each point.

    Parameters
    ----------
    plan : Plan
        What was run.
    tasks : sequence of Task
        All that are finished, in any order.
    """

    def __init__(self, plan: Plan, tasks: Sequence[Task]) -> None:
        self.plan = plan
        self._tasks: dict[int, list[Task]] = {}
        for task in sorted(tasks, key=lambda task: task.first_replicate):
            for point in task.points:
                self._tasks.setdefault(point, []).append(task)

    @property
    def points(self) -> list[int]:
        """Numbers of the points that have runs, ascending."""
        return sorted(self._tasks)

    def tasks_at(self, point: int) -> list[Task]:
        """Return the tasks of a point, by replicate."""
        return self._tasks[point]

    def replicates_at(self, point: int) -> int:
        """Count the replicates of a point."""
        return sum(task.n_replicates for task in self._tasks[point])

    @property
    def n_runs(self) -> int:
        """Count all runs."""
        cells = sum(self.replicates_at(point) for point in self._tasks)
        return cells * len(self.plan.experiment.postures)


@dataclass(frozen=True)
class Failure:
    """A run that failed.

    Attributes
    ----------
    point, posture, replicate : int
        Which run; the point is its place in the job, and later its number in the design.
    error : str
        Kind of the exception.
    message : str
        What it said, on one line.
    where : str
        File, line and function that raised it.
    """

    point: int
    posture: int
    replicate: int
    error: str
    message: str
    where: str


@dataclass
class Attempt:
    """What a job gave, with the runs of it that failed.

    Attributes
    ----------
    results : list of list of BatchResult
        By case and posture; a run that failed is NaN throughout.
    failures : list of Failure
        Empty where all is well.
    """

    results: list[list[BatchResult]]
    failures: list[Failure] = field(default_factory=list)
