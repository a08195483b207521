"""Tasks: the parts of a plan, each some points and consecutive replicates; shards, and failures.

How a plan is cut, and in what order its tasks are run, depends on the plan alone, never on workers,
and no result depends on either.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from regional_sim.engine.job import DYAD_COLUMNS, STATE_COLUMNS, BatchJob, BatchResult, Case
from regional_sim.engine.motives import n_kept
from regional_sim.errors import InputError
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Point
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import n_pairs

TASK_BYTES: Final = 256 * 2**20
"""What the long tables of a task may take in memory; tasks are cut smaller to hold to it."""

FLOAT_BYTES: Final = 8


TASKS_LIMIT: Final = 1_000_000
"""Each task becomes a file of its own."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker takes: all postures of some points, ascending, and consecutive replicates."""

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
    """Cut the replicates from `first` to before `end` into tasks, as equal as can be.

    Returns for each group of neighbouring points its tasks, by replicate.
    """
    n_replicates = (plan.experiment.replicates if end is None else end) - first
    n_groups, n_parts = _grain(plan, n_replicates)
    cut = list(_cut(n_replicates, n_parts))
    groups = _cut(plan.n_points, n_groups)
    return [_of_points(tuple(range(start, start + size)), first, cut) for start, size in groups]


def _of_points(points: tuple[int, ...], first: int, cut: Sequence[tuple[int, int]]) -> list[Task]:
    return [Task(points, first + at, n) for at, n in cut]


def _grain(plan: Plan, n_replicates: int) -> tuple[int, int]:
    """Return into how many groups the points are cut, and into how many parts the replicates."""
    most = task_replicates(plan)
    n_parts = math.ceil(n_replicates / most)
    size = _task_points(plan, most if n_parts > 1 else n_replicates)
    return math.ceil(plan.n_points / size), n_parts


def refuse_many_tasks(plan: Plan) -> None:
    """Refuse a plan that would be cut into more tasks than can be handled."""
    stopping, most = plan.experiment.stopping, plan.experiment.replicates
    sizes = {most: 1} if stopping is None else stopping.batch_sizes(most)
    n_tasks = sum(many * math.prod(_grain(plan, size)) for size, many in sizes.items())
    if n_tasks > TASKS_LIMIT:
        raise InputError(
            "points and replicates make too many tasks",
            key="design",
            value=n_tasks,
            allowed=f"at most {TASKS_LIMIT}",
            hint=f"ask for fewer, {'' if stopping is None else 'for larger batches, '}"
            "or for no long tables",
        )


def spread(n: int) -> list[int]:
    """Order the numbers from 0 to n − 1 so that every first part of them is spread evenly.

    Sorted by their binary digits read backwards (van der Corput 1935).

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
    """
    order = spread(len(groups))
    most = max(map(len, groups), default=0)
    return [groups[g][part] for part in range(most) for g in order if part < len(groups[g])]


def _cut(total: int, n_parts: int) -> Iterator[tuple[int, int]]:
    """Cut a number into parts as equal as can be: first and size of each."""
    for part in range(n_parts):
        first, end = part * total // n_parts, (part + 1) * total // n_parts
        yield first, end - first


def task_replicates(plan: Plan) -> int:
    """Return the most replicates of a task: what the engine likes and memory allows."""
    return max(1, min(engine_of(plan.engine).task_replicates, _fitting(plan)))


def _task_points(plan: Plan, replicates: int) -> int:
    """Return the most points of a task."""
    runs = replicates * len(plan.experiment.postures)
    liked = engine_of(plan.engine).task_runs // runs
    return max(1, min(liked, _fitting(plan) // replicates))


def _fitting(plan: Plan) -> int:
    """Return for how many replicates of a point the long tables fit in memory."""
    if not plan.series:
        return TASK_BYTES
    n_months = max(before + after for before, after in plan.horizons)
    kept = kept_bytes(plan.experiment.scenario.n_states, n_months, plan.series)
    return TASK_BYTES // max(kept * len(plan.experiment.postures), 1)


def kept_bytes(n_states: int, n_months: int, series: frozenset[str]) -> int:
    """Return the bytes that the long tables of a single run take in memory."""
    cells = len(Metric) if "timeseries" in series else 0
    cells += len(STATE_COLUMNS) * n_states if "states" in series else 0
    cells += len(DYAD_COLUMNS) * n_pairs(n_states) if series & {"dyads", "events"} else 0
    cells += n_kept(n_states) if "motives" in series else 0
    return FLOAT_BYTES * cells * n_months


def job_of(plan: Plan, task: Task) -> BatchJob:
    """Make the job of a task, for an engine: a case for each of its points."""
    experiment = plan.experiment
    points = [experiment.points[number] for number in task.points]
    return BatchJob(
        cases=[_case(experiment, point) for point in points],
        seed=experiment.seed,
        first_replicate=task.first_replicate,
        n_replicates=task.n_replicates,
        series=plan.series,
        clamp=experiment.clamp,
    )


def _case(experiment: Experiment, point: Point) -> Case:
    """Make world and policies of a point; of a large design it may be the first to fail."""
    try:
        postures = experiment.postures_at(point)
        return Case(experiment.scenario_at(point), [posture.policy for posture in postures])
    except InputError as error:
        where = f"point {point.number}"
        raise InputError.of([replace(fault, where=where) for fault in error.faults]) from None


@dataclass(frozen=True)
class Shard:
    """A part of a sweep that is run by itself: which one, from 1, of how many."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read a shard as it is written on the command line; raises InputError for anything else.

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
    """Which finished tasks, given in any order, hold the runs of each point."""

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
    """A run that failed: which one, the kind of error, what it said on one line, and where.

    The point is at first its place in the job, and then its number in the design.
    """

    point: int
    posture: int
    replicate: int
    error: str
    message: str
    where: str


@dataclass
class Attempt:
    """What a job gave by case and posture, NaN where a run failed, and the runs that did."""

    results: list[list[BatchResult]]
    failures: list[Failure] = field(default_factory=list)
