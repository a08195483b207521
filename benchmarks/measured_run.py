"""Run the runner once in a process of its own and tell time and peak memory as JSON.

``python -m benchmarks.measured_run '{"states": 14, ...}'``; see :class:`Work`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.contestants import SEED, peak_mib


@dataclass(frozen=True)
class Work:
    """What is run: the baseline, or a made-up world of so many states."""

    states: int = 0
    months: int = 120
    replicates: int = 256
    tables: tuple[str, ...] = ("runs",)
    workers: int = 1


def _scenario(work: Work):
    from regional_sim.scenario import load_scenario

    if work.states:
        from tests.support.worlds import random_world

        world = random_world(1, work.states)
    else:
        world = load_scenario("baseline")
    before = min(12, work.months - 1)
    return world.with_settings(
        {"horizon.months_before": before, "horizon.months_after": work.months - before}
    )


def main() -> int:
    """Warm up, run, and print."""
    given = json.loads(sys.argv[1])
    work = Work(**given | {"tables": tuple(given.get("tables", ("runs",)))})
    from regional_sim.experiment import Experiment, posture_of
    from regional_sim.runner.runner import execute

    scenario = _scenario(work)

    def run(folder: Path, replicates: int) -> float:
        experiment = Experiment(scenario, (posture_of("new_approach"),), SEED, replicates)
        start = time.perf_counter()
        execute(experiment, folder, tables=work.tables, workers=work.workers)
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as name:
        run(Path(name, "warm"), 2)
        seconds = run(Path(name, "out"), work.replicates)
        disk = sum(path.stat().st_size for path in Path(name, "out").rglob("*") if path.is_file())
    found = {"seconds": seconds, "peak_mib": peak_mib(), "disk_mib": disk / 2**20}
    sys.stdout.write(json.dumps({**asdict(work), **found}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
