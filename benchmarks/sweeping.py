"""What the runner adds to the bare engine: a sweep of many points under eight postures.

``python -m benchmarks.sweeping '{"points": 25, ...}'`` runs once in a process of its own and tells
times and peak memory as JSON; see :class:`Sweep`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.contestants import EIGHT, SCENARIO, SEED, peak_mib

ROOT = Path(__file__).resolve().parents[1]
MOST = 0.15
"""Time that the runner may add, as a share of the engine's."""
FLAT = 0.1
"""Memory that ten times the runs may add, as a share."""


@dataclass(frozen=True)
class Sweep:
    """What is run: points, each under eight postures.

    Attributes
    ----------
    points, replicates : int
        How many.
    workers : int
        Threads.
    rounds : int
        How often the whole sweep and the engine by itself are timed, in turn; memory is that of
        the first sweep.
    """

    points: int = 25
    replicates: int = 100
    workers: int = 1
    rounds: int = 1

    @property
    def runs(self) -> int:
        """All runs."""
        return self.points * self.replicates * len(EIGHT)


def _experiment(sweep: Sweep):
    from regional_sim.experiment import experiment_from_mapping

    levels = [
        {"parameters.theta_challenger": 0.2 + 0.6 * n / sweep.points} for n in range(sweep.points)
    ]
    return experiment_from_mapping(
        {
            "scenario": SCENARIO,
            "seed": SEED,
            "replicates": sweep.replicates,
            "postures": list(EIGHT),
            "design": {"kind": "list", "points": levels},
        }
    )


def _engine_alone(sweep: Sweep) -> Callable[[], None]:
    """Run the sweep's jobs with nothing around them; results are thrown away."""
    from regional_sim.experiment.engines import run_job
    from regional_sim.experiment.plan import Plan
    from regional_sim.experiment.tasks import job_of
    from regional_sim.runner.schedule import Schedule

    plan = Plan.of(_experiment(sweep))
    jobs = [job_of(plan, task) for task in next(Schedule(plan).rounds(None))]

    def run() -> None:
        with ThreadPoolExecutor(sweep.workers) as pool:
            for _ in pool.map(lambda job: len(run_job("ensemble", job)), jobs):
                pass

    return run


def _sweep(sweep: Sweep, folder: Path) -> Callable[[], None]:
    from regional_sim.runner.runner import execute

    def run() -> None:
        execute(_experiment(sweep), folder, workers=sweep.workers, force=True)

    return run


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    """Warm up, run in turn, and print."""
    sweep = Sweep(**json.loads(sys.argv[1]))
    engine: list[float] = []
    whole: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        _sweep(Sweep(1, 2, sweep.workers), Path(name, "warm"))()
        run_engine, run_whole = _engine_alone(sweep), _sweep(sweep, Path(name, "out"))
        for number in range(sweep.rounds):
            whole.append(_seconds(run_whole))
            if number == 0:
                peak = peak_mib()
            engine.append(_seconds(run_engine))
    found = {"engine": engine, "sweep": whole, "peak_mib": peak}
    sys.stdout.write(json.dumps({**asdict(sweep), **found}) + "\n")
    return 0


def _measured(sweep: Sweep) -> dict:
    sys.stderr.write(f"{sweep}\n")
    command = [sys.executable, "-m", "benchmarks.sweeping", json.dumps(asdict(sweep))]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(printed.splitlines()[-1])


def measure(_: Path) -> str:
    """Measure small sweeps several times and one of 200,000 runs, and return the Markdown."""
    small = [
        _measured(Sweep(replicates=r, points=p, workers=w, rounds=3))
        for p, r in ((64, 10), (6, 100))
        for w in (1, 2)
    ]
    tenth, large = (_measured(Sweep(points=points, workers=2)) for points in (25, 250))
    lines = [
        "| points | replicates | postures | runs | workers | engine alone, s | sweep, s | added:"
        " median (range) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(one) for one in (*small, large)]
    added = _added(large)[0]
    growth = large["peak_mib"] / tenth["peak_mib"] - 1.0
    lines += [
        "",
        f"The sweep of 200,000 runs adds {added:.1%} to the engine (target: under {MOST:.0%}):"
        f" {_verdict(added < MOST)}. Its peak memory was {large['peak_mib']:.0f} MiB, that of a"
        f" sweep of 20,000 runs {tenth['peak_mib']:.0f} MiB: {growth:+.1%} (target: flat, within"
        f" {FLAT:.0%}): {_verdict(growth <= FLAT)}.",
    ]
    return "\n".join(lines)


def _added(one: dict) -> list[float]:
    return [whole / engine - 1.0 for whole, engine in zip(one["sweep"], one["engine"], strict=True)]


def _row(one: dict) -> str:
    added = _added(one)
    runs = Sweep(one["points"], one["replicates"]).runs
    spread = f" ({min(added):.1%} to {max(added):.1%})" if len(added) > 1 else ""
    cells = [
        one["points"],
        one["replicates"],
        len(EIGHT),
        f"{runs:,}",
        one["workers"],
        f"{statistics.median(one['engine']):.1f}",
        f"{statistics.median(one['sweep']):.1f}",
        f"{statistics.median(added):.1%}{spread}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


if __name__ == "__main__":
    sys.exit(main())
