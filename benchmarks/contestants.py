"""What is timed: the baseline world, exactly 120 months, run in several ways.

Run as a program, this is one contestant: it warms up, says ``ready``, and then answers every
number of runs on its input with the seconds that they took, as a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from regional_sim.engine.job import BATCH_RUNS

SCENARIO = "baseline"
SEED = 1
BLOCK = BATCH_RUNS
ONE = ("new_approach",)
EIGHT = (
    "traditional",
    "new_approach",
    "levels",
    "incremental",
    "military_first",
    "economic_first",
    "diplomatic_first",
    "reassurance",
)
"""Eight postures that the C program can run too: it has no policy that reads metrics."""

Timed = Callable[[int], float]
"""Runs so many runs and returns the seconds."""


class Contestant(NamedTuple):
    """One way to do the work.

    Attributes
    ----------
    title : str
        As in the table.
    runs : int
        Runs of a round.
    prepare : callable
        Imports what is needed, once.
    cores : int
        Cores that the process may use.
    compiler : bool
        Whether the rules are compiled.
    """

    title: str
    runs: int
    prepare: Callable[[], Timed]
    cores: int = 1
    compiler: bool = True


def _clocked(work: Callable[[int], object]) -> Timed:
    def timed(runs: int) -> float:
        start = time.perf_counter()
        work(runs)
        return time.perf_counter() - start

    return timed


def _plain_mesa() -> Timed:
    from benchmarks.peers.plain_model import run_replicates

    return _clocked(lambda runs: run_replicates(ONE[0], SEED, 0, runs))


def _agentpy() -> Timed:
    from benchmarks.peers.agentpy_model import run_replicates

    return _clocked(lambda runs: run_replicates(ONE[0], SEED, 0, runs))


def _mesa() -> Timed:
    from regional_sim.engine.job import BatchJob
    from regional_sim.mesa_model import run_batch
    from regional_sim.postures import create
    from regional_sim.scenario import load_scenario

    scenario, policies = load_scenario(SCENARIO), [create(name) for name in ONE]
    return _clocked(lambda runs: run_batch(BatchJob.of(scenario, policies, SEED, 0, runs)))


def _engine(postures: tuple[str, ...], threads: int) -> Callable[[], Timed]:
    def prepare() -> Timed:
        from regional_sim.engine import run_batch
        from regional_sim.engine.job import BatchJob
        from regional_sim.postures import create
        from regional_sim.scenario import load_scenario

        scenario, policies = load_scenario(SCENARIO), [create(name) for name in postures]

        def block(first: int) -> object:
            return run_batch(BatchJob.of(scenario, policies, SEED, first, BLOCK))

        def work(runs: int) -> None:
            firsts = range(0, runs // len(postures), BLOCK)
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(block, firsts))

        return _clocked(work)

    return prepare


def _limit(postures: tuple[str, ...], threads: int) -> Callable[[], Timed]:
    def prepare() -> Timed:
        from benchmarks.limit import run_limit
        from regional_sim.postures import create
        from regional_sim.scenario import load_scenario

        scenario, policies = load_scenario(SCENARIO), [create(name) for name in postures]

        def timed(runs: int) -> float:
            n_blocks = runs // len(postures) // BLOCK
            return run_limit(scenario, policies, SEED, BLOCK, n_blocks, threads)[0].seconds

        return timed

    return prepare


CONTESTANTS = {
    "plain": Contestant("Mesa `batch_run`, rules in plain Python", 2, _plain_mesa, compiler=False),
    "agentpy": Contestant("agentpy `Experiment`, the same rules", 2, _agentpy, compiler=False),
    "mesa": Contestant("our Mesa model, rules compiled", 3, _mesa),
    "engine": Contestant("ensemble engine, one posture", 8 * BLOCK, _engine(ONE, 1)),
    "engine_2": Contestant("ensemble engine, one posture", 16 * BLOCK, _engine(ONE, 2), cores=2),
    "engine_8": Contestant("ensemble engine, eight postures", 16 * BLOCK, _engine(EIGHT, 1)),
    "engine_8_2": Contestant(
        "ensemble engine, eight postures", 32 * BLOCK, _engine(EIGHT, 2), cores=2
    ),
    "limit": Contestant("C program, one posture", 8 * BLOCK, _limit(ONE, 1)),
    "limit_8": Contestant("C program, eight postures", 16 * BLOCK, _limit(EIGHT, 1)),
}
"""All contestants by their short names, in the order of the table."""


def peak_mib() -> float:
    """Return the peak memory of this process alone; ``getrusage`` may count its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kib) / 1024


def main() -> int:
    """Be the contestant named on the command line, until the input ends."""
    contestant = CONTESTANTS[sys.argv[1]]
    available = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, available[: contestant.cores])
    timed = contestant.prepare()
    timed(contestant.runs)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        seconds = timed(int(line))
        sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak_mib()}) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
