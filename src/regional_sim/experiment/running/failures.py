"""Runs that fail: found one by one, so that a bad run does not take others with it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from regional_sim.errors import RegionalSimError
from regional_sim.experiment.engines import run_job
from regional_sim.world.job import PAIR_COLUMNS, STATE_COLUMNS, BatchJob, BatchResult, Case
from regional_sim.world.layout import Floats, n_pairs
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.windows import window_bounds


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


def attempt(engine: str, job: BatchJob, *, first_only: bool = False) -> Attempt:
    """Run a job; where it fails, find the runs that do, and run the others.

    Parameters
    ----------
    engine : str
        Name of the engine.
    job : BatchJob
        What to run.
    first_only : bool
        Stop at the first run that fails; there are then no results.

    Returns
    -------
    Attempt
        Results and failures.

    Raises
    ------
    MemoryError
        Want of memory is no failure of a run.
    """
    try:
        return Attempt(run_job(engine, job))
    except MemoryError:
        raise
    except Exception:
        return _one_by_one(engine, job, first_only=first_only)


def _one_by_one(engine: str, job: BatchJob, *, first_only: bool) -> Attempt:
    """Run each posture of each case by itself; no number depends on the company."""
    results: list[list[BatchResult]] = []
    failures: list[Failure] = []
    for point, case in enumerate(job.cases):
        results.append([])
        for posture, policy in enumerate(case.postures):
            lane = replace(job, cases=[Case(case.scenario, [policy])])
            parts: list[BatchResult] = []
            for result, failure in _bisected(engine, lane):
                parts.append(result)
                if failure is not None:
                    failures.append(replace(failure, point=point, posture=posture))
                    if first_only:
                        return Attempt([], failures)
            results[-1].append(BatchResult.joined(parts))
    return Attempt(results, failures)


def _bisected(engine: str, lane: BatchJob) -> Iterator[tuple[BatchResult, Failure | None]]:
    """Run replicates, halving those that fail until a run that does stands alone."""
    try:
        ((result,),) = run_job(engine, lane)
    except MemoryError:
        raise
    except Exception as error:
        if lane.n_replicates == 1:
            yield _nothing(lane), _described(error, lane.first_replicate)
            return
    else:
        yield result, None
        return
    n_first = lane.n_replicates // 2
    rest = (lane.first_replicate + n_first, lane.n_replicates - n_first)
    for first, n_replicates in ((lane.first_replicate, n_first), rest):
        part = replace(lane, first_replicate=first, n_replicates=n_replicates)
        yield from _bisected(engine, part)


def _described(error: Exception, replicate: int) -> Failure:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    return Failure(0, 0, replicate, type(error).__name__, " ".join(str(error).split()), where)


def _nothing(lane: BatchJob) -> BatchResult:
    """Return what a single run gives that gave nothing, of the same shapes."""
    scenario = lane.cases[0].scenario
    n, months = scenario.n_states, scenario.n_months

    def of(name: str, *shape: int) -> Floats | None:
        return np.full((*shape, 1), np.nan) if name in lane.series else None

    pairs = "dyads" if "dyads" in lane.series else "events"
    return BatchResult(
        np.full((len(window_bounds(scenario)), len(Metric), 1), np.nan),
        of("timeseries", months, len(Metric)),
        of("states", months, len(STATE_COLUMNS), n),
        of(pairs, months, len(PAIR_COLUMNS), n_pairs(n)),
    )


class RunFailedError(RegionalSimError):
    """A run failed, and the sweep was to stop at that."""

    exit_code: ClassVar[int] = 1
