"""Time both engines on the same work, interleaved: `make bench`.

The work is the baseline world over its 120 months.  Each engine runs the same replicates; the
figures are medians over rounds with their range, and ratios within a round, because absolute
times depend on the machine and on what else it does.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from regional_sim import ensemble, model
from regional_sim.postures import create, policy_names
from regional_sim.scenario import load_scenario
from regional_sim.world.job import BlockJob

ROUNDS = 5
MESA_RUNS = 6
ENSEMBLE_RUNS = 128


def _seconds_per_run(work: Callable[[], object], n_runs: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / n_runs


def main() -> int:
    """Measure, and print a Markdown table."""
    scenario = load_scenario("baseline")
    one = [create("new_approach")]
    eight = [create(name) for name in policy_names() if name != "levels"]
    cases: dict[str, tuple[Callable[[], object], int]] = {
        "Mesa model, one posture": (
            lambda: model.run_block(BlockJob(scenario, one, 1, 0, MESA_RUNS)),
            MESA_RUNS,
        ),
        "ensemble, one posture": (
            lambda: ensemble.run_block(BlockJob(scenario, one, 1, 0, ENSEMBLE_RUNS)),
            ENSEMBLE_RUNS,
        ),
        "ensemble, eight postures on shared draws": (
            lambda: ensemble.run_block(BlockJob(scenario, eight, 1, 0, ENSEMBLE_RUNS)),
            ENSEMBLE_RUNS * len(eight),
        ),
    }
    for work, _ in cases.values():
        work()  # compiles, and warms the caches
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (work, n_runs) in cases.items():
            times[name].append(_seconds_per_run(work, n_runs))
    first = times["Mesa model, one posture"]
    lines = [
        "| engine, one core | ms a run (median, range) | times as fast as Mesa |",
        "|---|---|---|",
    ]
    for name, seconds in times.items():
        ratios = sorted(slow / fast for slow, fast in zip(first, seconds, strict=True))
        lines.append(
            f"| {name} | {statistics.median(seconds) * 1e3:.2f}"
            f" ({min(seconds) * 1e3:.2f}-{max(seconds) * 1e3:.2f})"
            f" | {statistics.median(ratios):.1f} ({ratios[0]:.1f}-{ratios[-1]:.1f}) |"
        )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
