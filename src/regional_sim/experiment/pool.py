"""Workers: they run blocks; the runner alone writes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool

from regional_sim.errors import RegionalSimError
from regional_sim.experiment.engines import engine_of, run_job
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Task, job_of
from regional_sim.world.job import BlockResult


def finished_blocks(
    plan: Plan, tasks: Iterator[Task], workers: int
) -> Iterator[tuple[Task, list[list[BlockResult]]]]:
    """Run tasks and hand over each block as it is finished, in no fixed order.

    Parameters
    ----------
    plan : Plan
        What is run.
    tasks : iterator of Task
        Taken only as workers become free, so that few results wait in memory.
    workers : int
        Threads or processes; with 1 everything happens here.

    Yields
    ------
    task : Task
        The block.
    results : list of list of BlockResult
        By point and posture.

    Raises
    ------
    RegionalSimError
        When a worker process dies.
    """
    if workers == 1:
        for task in tasks:
            yield task, run_job(plan.engine, job_of(plan, task))
        return
    pool = _pool(plan.engine, workers)
    try:
        yield from _in_pool(pool, plan, tasks, workers + 1)
    except BrokenProcessPool as error:
        what = "a worker process ended unexpectedly, perhaps for want of memory"
        raise RegionalSimError(what) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_pool(
    pool: Executor, plan: Plan, tasks: Iterator[Task], most_open: int
) -> Iterator[tuple[Task, list[list[BlockResult]]]]:
    """Keep as many tasks under way as there are workers, and one to spare."""
    under_way: dict[Future[list[list[BlockResult]]], Task] = {}
    for task in tasks:
        under_way[pool.submit(run_job, plan.engine, job_of(plan, task))] = task
        if len(under_way) >= most_open:
            yield from _taken(under_way)
    while under_way:
        yield from _taken(under_way)


def _taken(
    under_way: dict[Future[list[list[BlockResult]]], Task],
) -> Iterator[tuple[Task, list[list[BlockResult]]]]:
    """Wait for at least one block, and take out all that are finished."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        yield under_way.pop(future), future.result()


def _pool(engine: str, workers: int) -> Executor:
    if not engine_of(engine).in_processes:
        return ThreadPoolExecutor(workers)
    # Mesa sets a start method of its own for the process; this context does not depend on it.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)


def _leave_interrupts() -> None:
    """Let the runner alone answer Ctrl-C, which the terminal sends to all processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
