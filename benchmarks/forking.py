"""What a shared spin-up saves: the months before the onset run once, then a branch per posture."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

from benchmarks.contestants import BLOCK, EIGHT, SCENARIO, SEED
from regional_sim.engine import ensemble
from regional_sim.engine.job import BatchJob, BatchResult, Recorder
from regional_sim.postures import create
from regional_sim.scenario import load_scenario

ROUNDS = 9
COUNTS = (1, 2, 4, 8)


def separate_spin_ups(job: BatchJob) -> list[list[BatchResult]]:
    """Run a job as the engine does, but branch at the first month instead of at the onset.

    The draws are still made once for all postures: the only difference is the spin-up.
    """
    with mock.patch.object(ensemble, "_run_cases", _run_apart):
        return ensemble.run_batch(job)


def _run_apart(job, cases, draws):
    scenario = cases[0].scenario
    world = ensemble.build_world([case.scenario for case in cases], job.n_replicates)
    start = ensemble._Branch(world, [], Recorder(job.series))
    by_posture = zip(*(case.postures for case in cases), strict=True)
    onset = scenario.months_before
    controllers = [list(ensemble._controllers(job, each, onset)) for each in by_posture]
    branches = ensemble._branches(start, controllers)
    ensemble._run_months(range(scenario.n_months), branches, None, draws, job, cases)
    return ensemble._by_case([one.result() for one in branches], len(cases), job.n_replicates)


def job_of(postures: Sequence[str]) -> BatchJob:
    """Return a block of the baseline under some postures."""
    policies = [create(name, {}) for name in postures]
    return BatchJob.of(load_scenario(SCENARIO), policies, SEED, 0, BLOCK)


def measure(_: Path) -> str:
    """Time both in turn, and return the Markdown."""
    scenario = load_scenario(SCENARIO)
    lines = [
        f"A block of {BLOCK} replicates of the baseline, {scenario.months_before} months before the"
        f" onset and {scenario.months_after} after it, {ROUNDS} rounds in turn:",
        "",
        "| postures | spin-up for each, ms a run | shared spin-up, ms a run | saved:"
        " median (range) |",
        "| --- | --- | --- | --- |",
    ]
    for count in COUNTS:
        job = job_of(EIGHT[:count])
        both = (separate_spin_ups, ensemble.run_batch)
        for run in both:
            run(job)
        rounds = [[_ms(run, job) for run in both] for _ in range(ROUNDS)]
        saved = [1.0 - shared / apart for apart, shared in rounds]
        apart, shared = (statistics.median(of) for of in zip(*rounds, strict=True))
        lines.append(
            f"| {count} | {apart:.3g} | {shared:.3g} | {statistics.median(saved):.0%}"
            f" ({min(saved):.0%} to {max(saved):.0%}) |"
        )
    return "\n".join(lines)


def _ms(run: Callable[[BatchJob], object], job: BatchJob) -> float:
    start = time.perf_counter()
    run(job)
    n_runs = job.n_replicates * len(job.cases[0].postures)
    return 1e3 * (time.perf_counter() - start) / n_runs
