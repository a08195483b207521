"""What it saves to run several postures together: the draws and the months before the onset."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.contestants import BATCH, EIGHT, SCENARIO, SEED
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob, BatchResult
from regional_sim.postures import create
from regional_sim.scenario import load_scenario

ROUNDS = 9
COUNTS = (1, 2, 4, 8)


def separate_spin_ups(job: BatchJob) -> list[list[BatchResult]]:
    """Run a job posture by posture, each with its own draws and its own months before the onset."""
    n_postures = len(job.cases[0].postures)
    alone = [
        run_batch(
            replace(job, cases=[replace(case, postures=[case.postures[k]]) for case in job.cases])
        )
        for k in range(n_postures)
    ]
    return [[one for (one,) in of_case] for of_case in zip(*alone, strict=True)]


def measure(_: Path, quick: bool) -> str:
    """Time both in turn, and return the Markdown."""
    scenario, n_rounds = load_scenario(SCENARIO), 1 if quick else ROUNDS
    onset = scenario.run_in + scenario.months_before
    lines = [
        f"A batch of {BATCH} replicates of the baseline, {onset} months before the onset of the"
        f" posture, those of the run-in too, and {scenario.months_after} from it on,"
        f" {n_rounds} rounds in turn:",
        "",
        "| postures | each by itself, ms a run | together, ms a run | saved: median (range) |",
        "| --- | --- | --- | --- |",
    ]
    for count in COUNTS:
        job = BatchJob.of(scenario, list(map(create, EIGHT[:count])), SEED, 0, BATCH)
        for run in (separate_spin_ups, run_batch):
            run(job)
        rounds = [(_ms(separate_spin_ups, job), _ms(run_batch, job)) for _ in range(n_rounds)]
        saved = [1.0 - together / apart for apart, together in rounds]
        apart, together = (statistics.median(of) for of in zip(*rounds, strict=True))
        lines.append(
            f"| {count} | {apart:.3g} | {together:.3g} | {statistics.median(saved):.0%}"
            f" ({min(saved):.0%} to {max(saved):.0%}) |"
        )
    return "\n".join(lines)


def _ms(run: Callable[[BatchJob], object], job: BatchJob) -> float:
    start = time.perf_counter()
    run(job)
    return 1e3 * (time.perf_counter() - start) / job.n_replicates / len(job.cases[0].postures)
