"""What the runner costs: time beyond that of the engine, and memory.

``python -m benchmarks.runner_cost '{"replicates": 64, ...}'`` runs an experiment once in this
process, and prints what it took as JSON; see :class:`Work`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.contestants import BATCH, EIGHT, ONE, ROOT, SCENARIO, SEED
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob, Case
from regional_sim.experiment import Experiment, Point, posture_of
from regional_sim.runner.runner import execute
from regional_sim.scenario import Scenario, load_scenario

MOST_ADDED = 0.15
"""Time that the runner may add, as a share of the engine's."""
FLAT = 0.1
"""Memory that many times the runs may add, as a share."""
GIB = 1024.0


@dataclass(frozen=True)
class Work:
    """What is run, how often, and whether the engine by itself is timed in turn with it."""

    states: int = 0  # of a made-up world; 0 is the baseline
    months: int = 144  # those of the run-in too
    points: int = 1
    replicates: int = 256
    postures: Sequence[str] = ONE
    tables: Sequence[str] = ("runs",)
    workers: int = 1
    rounds: int = 1
    engine: bool = False

    @property
    def runs(self) -> int:
        return self.points * self.replicates * len(self.postures)


class Found(NamedTuple):
    """Seconds of the rounds, with the runner and by the engine alone, and the size of the first."""

    seconds: list[float]
    engine: list[float]
    peak_mib: float
    disk_mib: float


def measured(work: Work) -> Found:
    """Run some work in a new process."""
    sys.stderr.write(f"{work}\n")
    command = [sys.executable, "-m", "benchmarks.runner_cost", json.dumps(asdict(work))]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Found(*json.loads(printed.splitlines()[-1]))


def verdict(met: bool) -> str:
    """Return whether a target was met, in Markdown."""
    return "met" if met else "**not met**"


def measure_memory(_: Path, quick: bool) -> str:
    """Measure few and many runs, and return the Markdown."""
    few, many = (20, 40) if quick else (1_000, 100_000)
    found = {runs: measured(Work(replicates=runs, workers=2)) for runs in (few, many)}
    lines = [
        "| runs of the baseline | peak memory, MiB | result folder, MiB |",
        "| --- | --- | --- |",
    ]
    for runs, one in found.items():
        lines.append(f"| {runs:,} | {one.peak_mib:.0f} | {one.disk_mib:.0f} |")
    growth = found[many].peak_mib / found[few].peak_mib - 1.0
    lines.append(
        f"\nFrom {few:,} to {many:,} runs: {growth:+.1%} (target: within {FLAT:.0%}):"
        f" {verdict(growth <= FLAT)}."
    )
    return "\n".join(lines)


def measure_million(_: Path, quick: bool) -> str:
    """Run a million runs of the baseline, and return the Markdown."""
    work = Work(replicates=10 if quick else 1_000_000, workers=2)
    one = measured(work)
    return (
        f"{work.runs:,} runs of the baseline with run-level outputs took"
        f" {one.seconds[0] / 60:.0f} minutes on two cores, {one.peak_mib:.0f} MiB at the peak"
        f" (target: under 1 GiB): {verdict(one.peak_mib < GIB)}; the result folder holds"
        f" {one.disk_mib / 1024:.1f} GiB."
    )


def measure_sweeps(_: Path, quick: bool) -> str:
    """Measure small sweeps several times and a long one, and return the Markdown."""
    shapes = ((2, 2),) if quick else ((64, 10), (6, 100))
    (tenth, whole), replicates = ((1, 2), 2) if quick else ((25, 250), 100)
    small = [
        Work(
            points=p, replicates=r, postures=EIGHT, workers=w, rounds=1 if quick else 3, engine=True
        )
        for p, r in shapes
        for w in (1, 2)
    ]
    least, large = (
        Work(points=p, replicates=replicates, postures=EIGHT, workers=2, engine=True)
        for p in (tenth, whole)
    )
    found = {work: measured(work) for work in (*small, least, large)}
    lines = [
        "| points | replicates | postures | runs | workers | engine alone, s | sweep, s | added:"
        " median (range) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(work, found[work]) for work in (*small, large)),
    ]
    added = found[large].seconds[0] / found[large].engine[0] - 1.0
    growth = found[large].peak_mib / found[least].peak_mib - 1.0
    lines.append(
        f"\nThe sweep of {large.runs:,} runs adds {added:.1%} to the engine (target: under"
        f" {MOST_ADDED:.0%}): {verdict(added < MOST_ADDED)}. Its peak memory was"
        f" {found[large].peak_mib:.0f} MiB, that of a sweep of {least.runs:,} runs"
        f" {found[least].peak_mib:.0f} MiB: {growth:+.1%} (target: flat, within {FLAT:.0%}):"
        f" {verdict(growth <= FLAT)}."
    )
    return "\n".join(lines)


def _row(work: Work, found: Found) -> str:
    added = [whole / alone - 1.0 for whole, alone in zip(found.seconds, found.engine, strict=True)]
    spread = f" ({min(added):.1%} to {max(added):.1%})" if len(added) > 1 else ""
    seconds = [f"{statistics.median(of):.1f}" for of in (found.engine, found.seconds)]
    cells = [work.points, work.replicates, len(work.postures), f"{work.runs:,}", work.workers]
    cells += [*seconds, f"{statistics.median(added):.1%}{spread}"]
    return f"| {' | '.join(map(str, cells))} |"


# What the process of its own does.


def _experiment(work: Work) -> Experiment:
    levels = [0.2 + 0.6 * number / work.points for number in range(work.points)]
    points = (Point(0),)
    if work.points > 1:
        path = "parameters.theta_challenger"
        points = tuple(Point(number, {path: level}) for number, level in enumerate(levels))
    postures = tuple(map(posture_of, work.postures))
    return Experiment(_scenario(work), postures, SEED, work.replicates, points)


def _scenario(work: Work) -> Scenario:
    if work.states:
        from tests.support.worlds import random_world

        world = random_world(1, work.states)
    else:
        world = load_scenario(SCENARIO)
    counted = work.months - world.run_in
    before = min(world.months_before, counted - 1)
    return world.with_settings(
        {"horizon.months_before": before, "horizon.months_after": counted - before}
    )


def _engine_alone(experiment: Experiment, workers: int) -> None:
    """Run the same runs with nothing around them; results are thrown away."""
    policies = [posture.policy for posture in experiment.postures]
    cases = [Case(experiment.scenario_at(point), policies) for point in experiment.points]
    n_replicates = experiment.replicates
    together = max(1, BATCH // n_replicates)
    jobs = [
        BatchJob(cases[first : first + together], SEED, 0, n_replicates)
        for first in range(0, len(cases), together)
    ]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda job: len(run_batch(job)), jobs):
            pass


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mib() -> float:
    """Return the peak memory of this process alone; ``getrusage`` may count its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kib) / 1024


def main() -> int:
    """Warm up, run, and print."""
    work = Work(**json.loads(sys.argv[1]))
    experiment = _experiment(work)
    seconds, engine, peaks = [], [], []
    with tempfile.TemporaryDirectory() as name:
        warm = Experiment(experiment.scenario, experiment.postures, SEED, 2)
        execute(warm, Path(name, "warm"), tables=work.tables, workers=work.workers)
        out = Path(name, "out")
        for _ in range(work.rounds):
            options = {"tables": work.tables, "workers": work.workers, "force": True}
            seconds.append(_seconds(lambda options=options: execute(experiment, out, **options)))
            peaks.append(peak_mib())
            if work.engine:
                engine.append(_seconds(lambda: _engine_alone(experiment, work.workers)))
        disk = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    sys.stdout.write(json.dumps(Found(seconds, engine, peaks[0], disk / 2**20)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
