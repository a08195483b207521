"""Running again the runs that failed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.failures import Failure, attempt
from regional_sim.experiment.running.tasks import Task, job_of
from regional_sim.experiment.store.blocks import Block, outcomes_name, series_name
from regional_sim.experiment.tables.outcomes import LONG, Places
from regional_sim.scenario import Scenario
from regional_sim.world.job import BatchResult, Case
from regional_sim.world.layout import Floats


def retried(plan: Plan, task: Task, block: Block) -> Block:
    """Run the failed runs of a block again.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        The task of the block.
    block : Block
        As it was read.

    Returns
    -------
    Block
        With the numbers of runs that succeed now, and the failures of those that do not.
    """
    arrays = {name: array.copy() for name, array in block.arrays.items()}
    failures: list[Failure] = []
    for failure in block.failures:
        scenario, result, again = _single(plan, failure)
        if again is not None:
            failures.append(again)
            continue
        places = Places.of(plan, scenario)
        at, run = task.points.index(failure.point), failure.replicate - task.first_replicate
        arrays[outcomes_name(failure.posture)][at, :, run] = places.pick(result)[:, 0]
        for name, of_run in _long(failure, result).items():
            arrays[name][..., run] = of_run[..., 0]
    return Block(arrays, failures)


def _single(plan: Plan, failure: Failure) -> tuple[Scenario, BatchResult, Failure | None]:
    """Run a single run; tell its world, what it gave, and whether it failed again."""
    job = job_of(plan, Task((failure.point,), failure.replicate, 1))
    case = job.cases[0]
    one = Case(case.scenario, [case.postures[failure.posture]])
    made = attempt(plan.engine, replace(job, cases=[one]))
    again = [
        replace(failed, point=failure.point, posture=failure.posture) for failed in made.failures
    ]
    return case.scenario, made.results[0][0], again[0] if again else None


def _long(failure: Failure, result: BatchResult) -> dict[str, Floats]:
    """Return the long arrays of a run by name."""
    return {
        series_name(kind, failure.point, failure.posture): array
        for kind in LONG
        if (array := getattr(result, kind)) is not None
    }
