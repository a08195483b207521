"""What it saves to run the months before the switch once and fork them under each posture."""

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


def unforked(job: BatchJob) -> list[list[BatchResult]]:
    """Run a job as the engine does, but fork it at the first month instead of at the switch.

    The draws are still made once for all postures, so what differs is the shared history alone.
    """
    with mock.patch.object(ensemble, "_run_together", _run_apart):
        return ensemble.run_batch(job)


def _run_apart(job, cases, draws):
    scenario = cases[0].scenario
    world = ensemble.build_world([case.scenario for case in cases], job.n_replicates)
    trunk = ensemble._Branch(world, [], Recorder(job.series))
    by_lane = zip(*(case.postures for case in cases), strict=True)
    helms = [list(ensemble._helms(job, policies, scenario.months_before)) for policies in by_lane]
    lanes = ensemble._fork(trunk, helms)
    ensemble._pass_months(range(scenario.n_months), lanes, None, draws, job, cases)
    return ensemble._by_case([lane.result() for lane in lanes], len(cases), job.n_replicates)


def job_of(postures: Sequence[str]) -> BatchJob:
    """Return a block of the baseline under some postures."""
    policies = [create(name, {}) for name in postures]
    return BatchJob.of(load_scenario(SCENARIO), policies, SEED, 0, BLOCK)


def measure(_: Path) -> str:
    """Time both in turn, and return the Markdown."""
    scenario = load_scenario(SCENARIO)
    lines = [
        f"A block of {BLOCK} replicates of the baseline, {scenario.months_before} months before the"
        f" switch and {scenario.months_after} after it, {ROUNDS} rounds in turn:",
        "",
        "| postures | history once for each, ms a run | history once, forked, ms a run | saved:"
        " median (range) |",
        "| --- | --- | --- | --- |",
    ]
    for count in COUNTS:
        job = job_of(EIGHT[:count])
        for run in (unforked, ensemble.run_batch):
            run(job)
        rounds = [(_ms(unforked, job), _ms(ensemble.run_batch, job)) for _ in range(ROUNDS)]
        saved = [1.0 - forked / apart for apart, forked in rounds]
        apart, forked = (statistics.median(of) for of in zip(*rounds, strict=True))
        lines.append(
            f"| {count} | {apart:.3g} | {forked:.3g} | {statistics.median(saved):.0%}"
            f" ({min(saved):.0%} to {max(saved):.0%}) |"
        )
    return "\n".join(lines)


def _ms(run: Callable[[BatchJob], object], job: BatchJob) -> float:
    start = time.perf_counter()
    run(job)
    n_runs = job.n_replicates * len(job.cases[0].postures)
    return 1e3 * (time.perf_counter() - start) / n_runs
