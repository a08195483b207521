"""What is timed: the baseline world, all its 144 months, run in several ways.

The first 24 are the run-in: simulated by all contestants, but not recorded.

Run as a program, this is one contestant: it warms up, says ``ready``, and then answers every
number of runs on its input with the seconds that they took.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from regional_sim.engine.job import BATCH_RUNS

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = "baseline"
SEED = 1
BATCH = BATCH_RUNS
ONE = ("new_approach",)
EIGHT = (
    *("traditional", "new_approach", "levels", "incremental"),
    *("military_first", "economic_first", "diplomatic_first", "reassurance"),
)

Work = Callable[[int], object]
"""Does so many runs."""


class Contestant(NamedTuple):
    """One way to do the work, in rounds of so many runs, on so many cores."""

    title: str
    runs: int
    prepare: Callable[[], Work]
    cores: int = 1


def _peer(name: str) -> Callable[[], Work]:
    def prepare() -> Work:
        peer = importlib.import_module(f"benchmarks.peers.{name}")
        return lambda runs: peer.run_replicates(ONE[0], SEED, 0, runs)

    return prepare


def _mesa() -> Work:
    from regional_sim.engine.job import BatchJob
    from regional_sim.mesa_model import run_batch
    from regional_sim.postures import create
    from regional_sim.scenario import load_scenario

    scenario, policies = load_scenario(SCENARIO), [create(name) for name in ONE]
    return lambda runs: run_batch(BatchJob.of(scenario, policies, SEED, 0, runs))


def _engine(postures: Sequence[str], threads: int) -> Callable[[], Work]:
    def prepare() -> Work:
        from regional_sim.engine.ensemble import run_batch
        from regional_sim.engine.job import BatchJob
        from regional_sim.postures import create
        from regional_sim.scenario import load_scenario

        scenario, policies = load_scenario(SCENARIO), [create(name) for name in postures]

        def batch(first: int) -> object:
            return run_batch(BatchJob.of(scenario, policies, SEED, first, BATCH))

        def work(runs: int) -> None:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(batch, range(0, runs // len(postures), BATCH)))

        return work

    return prepare


CONTESTANTS = {
    "plain": Contestant("Mesa `batch_run`, rules in plain Python", 2, _peer("mesa_model")),
    "agentpy": Contestant("agentpy `Experiment`, the same rules", 2, _peer("agentpy_model")),
    "mesa": Contestant("our Mesa model, rules compiled", 3, _mesa),
    "engine": Contestant("ensemble engine, one posture", 8 * BATCH, _engine(ONE, 1)),
    "engine_2": Contestant("ensemble engine, one posture", 16 * BATCH, _engine(ONE, 2), 2),
    "engine_8": Contestant("ensemble engine, eight postures", 16 * BATCH, _engine(EIGHT, 1)),
    "engine_8_2": Contestant("ensemble engine, eight postures", 32 * BATCH, _engine(EIGHT, 2), 2),
}
"""All contestants by their short names, in the order of the table."""


class ContestantProcess:
    """A contestant of one checkout in a process of its own, which does so many runs in a round."""

    def __init__(self, name: str, runs: int, checkout: Path = ROOT) -> None:
        self._runs = runs
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contestants", name],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout / "src")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until everything is compiled."""
        while self._answer() != "ready":
            pass

    def seconds_per_run(self) -> float:
        """Do the work of a round."""
        self._process.stdin.write(f"{self._runs}\n")
        self._process.stdin.flush()
        return float(self._answer()) / self._runs

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a contestant ended without an answer")
        return line.strip()

    def __enter__(self) -> ContestantProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)


def run_rounds(n_rounds: int, part: int = 1) -> dict[str, list[float]]:
    """Let all do a part of their work in turn; return seconds a run by contestant and round."""
    names = [name for name in CONTESTANTS if name != "agentpy" or importlib.util.find_spec(name)]
    with ExitStack() as open_processes:
        processes = {}
        for name in names:
            process = ContestantProcess(name, max(CONTESTANTS[name].runs // part, 1))
            processes[name] = open_processes.enter_context(process)
        for process in processes.values():
            process.wait_until_ready()
        rounds = []
        for number in range(n_rounds):
            sys.stderr.write(f"round {number + 1} of {n_rounds}\n")
            rounds.append([process.seconds_per_run() for process in processes.values()])
    return dict(zip(names, map(list, zip(*rounds, strict=True)), strict=True))


def main() -> int:
    """Be the contestant named on the command line, until the input ends."""
    contestant = CONTESTANTS[sys.argv[1]]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: contestant.cores])
    work = contestant.prepare()
    work(1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        start = time.perf_counter()
        work(int(line))
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
