"""Compare the speed of two checkouts: ``python -m benchmarks.against OTHER [ROUNDS]``.

The same contestants of both checkouts live side by side, on one core, and work in turn; which one
goes first changes from round to round, so that a slow spell of the machine hits both.  Times are
those of a simulated month: a run has as many as its checkout gives it, those of the run-in too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contestants import CONTESTANTS, ROOT, SCENARIO, ContestantProcess

NAMES = ("engine", "engine_8")
ROUNDS = 25
COUNT_MONTHS = f"""
from regional_sim.scenario import load_scenario
scenario = load_scenario({SCENARIO!r})
print(getattr(scenario, "run_in", 0) + scenario.n_months)
"""
"""Run in a checkout, which may be of before there was a run-in."""


def months_of(checkout: Path) -> int:
    """Return the months that a run takes in a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-c", COUNT_MONTHS]
    return int(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def compare(name: str, other: Path, n_rounds: int) -> str:
    """Time a contestant here and in the other checkout; return one line on their ratio."""
    runs = CONTESTANTS[name].runs
    months_here, months_there = months_of(ROOT), months_of(other)
    with ExitStack() as open_processes:
        here, there = (
            open_processes.enter_context(ContestantProcess(name, runs, checkout))
            for checkout in (ROOT, other)
        )
        for process in (here, there):
            process.wait_until_ready()
        ratios = []
        for number in range(n_rounds):
            order = (here, there) if number % 2 else (there, here)
            seconds = {process: process.seconds_per_run() for process in order}
            ratios.append((seconds[here] / months_here) / (seconds[there] / months_there))
    low, median, high = statistics.quantiles(ratios, n=4)
    return (
        f"{CONTESTANTS[name].title}: time of a month here / there {median:.3f},"
        f" middle half {low:.3f} to {high:.3f}, range {min(ratios):.3f} to {max(ratios):.3f},"
        f" {n_rounds} rounds"
    )


def main() -> int:
    """Compare with the checkout named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("rounds", type=int, nargs="?", default=ROUNDS)
    given = parser.parse_args()
    for name in NAMES:
        sys.stdout.write(compare(name, given.other.resolve(), given.rounds) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
