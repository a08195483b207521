"""Workers on this machine: they run tasks; the runner alone writes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TypeAlias

from regional_sim.errors import RegionalSimError
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.failures import Attempt, attempt
from regional_sim.experiment.running.tasks import Task, job_of

Finishing: TypeAlias = Generator[tuple[Task, Attempt], None, None]
"""Tasks as they are finished, with what each gave; to be closed where not all are taken."""


class WorkersLostError(RegionalSimError):
    """Workers ended unexpectedly; what had been finished is kept."""


def finished_tasks(
    plan: Plan, tasks: Iterable[Task], workers: int, *, first_only: bool = False
) -> Finishing:
    """Run tasks and hand over each one as it is finished, in no fixed order.

    Parameters
    ----------
    plan : Plan
        What is run.
    tasks : iterable of Task
        Taken only as workers become free, so that few results wait in memory.
    workers : int
        Threads or processes; with 1 everything happens here.
    first_only : bool
        Look no further in a task once a run has failed.

    Yields
    ------
    task : Task
        The task.
    made : Attempt
        What it gave.

    Raises
    ------
    WorkersLostError
        When a worker process dies.
    """
    if workers == 1:
        for task in tasks:
            yield task, attempt(plan.engine, job_of(plan, task), first_only=first_only)
        return
    with _pool(plan.engine, workers) as pool:
        try:
            yield from _in_pool(pool, plan, tasks, workers + 1, first_only)
        except BrokenProcessPool as error:
            what = "a worker process ended unexpectedly, perhaps for want of memory"
            raise WorkersLostError(what) from error


def _in_pool(
    pool: Executor, plan: Plan, tasks: Iterable[Task], most_open: int, first_only: bool
) -> Iterator[tuple[Task, Attempt]]:
    """Keep as many tasks under way as there are workers, and one to spare."""
    under_way: dict[Future[Attempt], Task] = {}
    for task in tasks:
        future = pool.submit(attempt, plan.engine, job_of(plan, task), first_only=first_only)
        under_way[future] = task
        if len(under_way) >= most_open:
            yield from _taken(under_way)
    while under_way:
        yield from _taken(under_way)


def _taken(under_way: dict[Future[Attempt], Task]) -> Iterator[tuple[Task, Attempt]]:
    """Wait for at least one task, and take out all that are finished."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        yield under_way.pop(future), future.result()


@contextmanager
def _pool(engine: str, workers: int) -> Iterator[Executor]:
    """Start workers, which end with the sweep, however that ends."""
    if not engine_of(engine).in_processes:
        threads = ThreadPoolExecutor(workers)
        try:
            yield threads
        finally:
            threads.shutdown(cancel_futures=True)
        return
    # Mesa sets a start method of its own for the process; this context does not depend on it.
    context = multiprocessing.get_context("spawn")
    # Closed by the system where this process is killed.
    worker_end, our_end = context.Pipe(duplex=False)
    processes = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_hang_on, initargs=(worker_end,)
    )
    try:
        yield processes
        processes.shutdown()
    finally:
        our_end.close()
        processes.shutdown(cancel_futures=True)
        worker_end.close()


def _hang_on(lifeline: Connection) -> None:
    """Let a worker process end when the other end of a pipe is closed, and not at Ctrl-C."""
    leave_interrupts()
    threading.Thread(target=_end_after, args=(lifeline,), daemon=True).start()


def leave_interrupts() -> None:
    """Let the runner alone answer Ctrl-C, which the terminal sends to all processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_after(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)
