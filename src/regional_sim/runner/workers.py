"""Workers of this machine, and the runs that fail on any worker, which are found one by one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
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
from dataclasses import replace
from itertools import groupby
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar, Final, TypeAlias

import numpy as np

from regional_sim.engine.job import (
    DYAD_COLUMNS,
    STATE_COLUMNS,
    BatchJob,
    BatchResult,
    Case,
    Driver,
    defined_metrics,
    window_bounds,
)
from regional_sim.engine.motives import n_kept
from regional_sim.errors import RegionalSimError
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Attempt, Failure, Task, job_of
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import n_pairs
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import Scenario


def attempt(engine: str, job: BatchJob, *, first_only: bool = False) -> Attempt:
    """Run a job; where it fails, find the runs that do, and run the others.

    A run fails too when a metric of it is no number, or outside its range.  With `first_only` the
    job ends with the first run that raises an error, without results.  Want of memory is no failure
    of a run, and is raised.
    """
    run = engine_of(engine).load()
    try:
        made = Attempt(run(job))
    except MemoryError:
        raise
    except Exception:
        made = _one_by_one(run, job, first_only=first_only)
    if made.results:
        made.failures += _impossible(job, made)
    return made


def _one_by_one(run: Driver, job: BatchJob, *, first_only: bool) -> Attempt:
    """Run each posture of each case by itself; no number depends on the company."""
    results: list[list[BatchResult]] = []
    failures: list[Failure] = []
    for point, case in enumerate(job.cases):
        results.append([])
        for posture, policy in enumerate(case.postures):
            alone = replace(job, cases=[Case(case.scenario, [policy])])
            parts: list[BatchResult] = []
            for result, failure in _bisected(run, alone):
                parts.append(result)
                if failure is not None:
                    failures.append(replace(failure, point=point, posture=posture))
                    if first_only:
                        return Attempt([], failures)
            results[-1].append(BatchResult.joined(parts))
    return Attempt(results, failures)


def _bisected(run: Driver, job: BatchJob) -> Iterator[tuple[BatchResult, Failure | None]]:
    """Run replicates, halving those that fail until a run that does stands alone."""
    try:
        ((result,),) = run(job)
    except MemoryError:
        raise
    except Exception as error:
        if job.n_replicates == 1:
            yield _nothing(job), _described(error, job.first_replicate)
            return
    else:
        yield result, None
        return
    n_first = job.n_replicates // 2
    rest = (job.first_replicate + n_first, job.n_replicates - n_first)
    for first, n_replicates in ((job.first_replicate, n_first), rest):
        part = replace(job, first_replicate=first, n_replicates=n_replicates)
        yield from _bisected(run, part)


def _described(error: Exception, replicate: int) -> Failure:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    told = [type(error).__name__, " ".join(str(error).split()), where]
    # Halves of characters, which no file can hold, are written out.
    told = [text.encode(errors="backslashreplace").decode() for text in told]
    return Failure(0, 0, replicate, *told)


_ROUNDING: Final = 1e-9
"""By as much of a bound, or of 1, rounding may take a value beyond it."""


def _impossible(job: BatchJob, made: Attempt) -> list[Failure]:
    """Find runs with values that their metrics cannot have, and empty their results.

    Cases of one structure are looked at together.
    """
    failures: list[Failure] = []
    known = {(one.point, one.posture, one.replicate) for one in made.failures}
    structures = [case.scenario.structure for case in job.cases]
    for _, points in groupby(range(len(job.cases)), key=structures.__getitem__):
        places = [(point, posture) for point in points for posture in range(len(made.results[0]))]
        scenario = job.cases[places[0][0]].scenario
        low, high = _bounds(scenario)
        # By place, window, metric and run.
        values = np.stack([made.results[point][posture].windows for point, posture in places])
        is_bad = ~((values >= low) & (values <= high))
        if not is_bad.any():
            continue
        defined = [int(metric) for metric in defined_metrics(scenario)]
        is_bad[:, :, np.delete(np.arange(len(Metric)), defined)] = False
        for place, run in np.argwhere(is_bad.any(axis=(1, 2))):
            point, posture = places[place]
            replicate = job.first_replicate + int(run)
            if (point, posture, replicate) in known:
                continue
            window, number = np.argwhere(is_bad[place, :, :, run])[0]
            metric, value = Metric(number), values[place, window, number, run]
            each = " a month" if metric.combine == "sum" else ""
            said = (
                f"{metric.name} is {value:g}; possible is {metric.low:g} to {metric.high:g}{each}"
            )
            where = f"window {list(window_bounds(scenario))[window]}"
            failures.append(Failure(point, posture, replicate, "ImpossibleValue", said, where))
            made.results[point][posture].empty(run)
    return failures


def _bounds(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return the least and the greatest values of metrics, shape (window, Metric, 1); all finite.

    They are a little beyond the ranges of the catalogue.
    """
    months = [last - first + 1 for first, last in window_bounds(scenario).values()]
    bounds = np.array([[metric.bounds(n) for metric in Metric] for n in months])
    low, high = np.moveaxis(bounds, -1, 0)
    most = np.finfo(np.float64).max
    return (
        np.clip(low - _ROUNDING * (1.0 + np.abs(low)), -most, most)[..., None],
        np.clip(high + _ROUNDING * (1.0 + np.abs(high)), -most, most)[..., None],
    )


def _nothing(job: BatchJob) -> BatchResult:
    """Return the result of a failed run: NaN, in the usual shapes."""
    scenario = job.cases[0].scenario
    n, months = scenario.n_states, scenario.n_months

    def of(name: str, *shape: int) -> Floats | None:
        return np.full((*shape, 1), np.nan) if name in job.series else None

    pairs = "dyads" if "dyads" in job.series else "events"
    return BatchResult(
        np.full((len(window_bounds(scenario)), len(Metric), 1), np.nan),
        of("timeseries", months, len(Metric)),
        of("states", months, len(STATE_COLUMNS), n),
        of(pairs, months, len(DYAD_COLUMNS), n_pairs(n)),
        of("motives", months, n_kept(n)),
    )


class RunFailedError(RegionalSimError):
    """A run failed, and the sweep was to stop at that."""

    exit_code: ClassVar[int] = 1


Finishing: TypeAlias = Generator[tuple[Task, Attempt], None, None]
"""Tasks as they are finished, with what each gave; to be closed where not all are taken."""


class WorkersLostError(RegionalSimError):
    """Workers ended unexpectedly; what had been finished is kept."""


def finished_tasks(
    plan: Plan, tasks: Iterable[Task], workers: int, *, first_only: bool = False
) -> Finishing:
    """Run tasks and hand over each one as it is finished, in no fixed order.

    They are taken only as workers (threads or processes) become free, so that few results wait in
    memory.  With one worker everything happens here; with `first_only`, a task ends with the first
    run that fails.
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
        job = job_of(plan, task)
        with _interrupts_held():
            future = pool.submit(attempt, plan.engine, job, first_only=first_only)
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


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back, also from processes started meanwhile, for as long as those live."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
