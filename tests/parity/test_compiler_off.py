"""Compiled and interpreted code give the same bits."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob, BatchResult
from tests.support.processes import printed
from tests.support.worlds import WORLDS, random_job, short

ROOT = Path(__file__).resolve().parents[2]
MONTHS = (3, 21)
AT_ONCE = 5
"""Worlds of one process: the interpreter takes seconds for each."""

DEFAULT_WORLDS = 5
"""Of the random worlds; the default suite takes no more for that reason."""

_PROGRAM = """
import sys
from tests.parity.test_compiler_off import digests
print(*digests(range(int(sys.argv[1]), int(sys.argv[2]))))
"""


def digests(seeds: range) -> list[str]:
    """Return a digest of everything that 24 months in each of some random worlds give."""
    return [_digest(run_batch(_job(seed))[0]) for seed in seeds]


def _job(seed: int) -> BatchJob:
    job = random_job(seed)
    (case,) = job.cases
    case = replace(case, scenario=short(case.scenario, *MONTHS), postures=case.postures[:1])
    return replace(job, cases=(case,), n_replicates=1 + seed % 2)


def _digest(results: list[BatchResult]) -> str:
    digest = hashlib.sha256()
    for result in results:
        for series in (result.windows, result.timeseries, result.states, result.dyads):
            digest.update(series.tobytes())
    return digest.hexdigest()


def _agree(first: int) -> None:
    seeds = range(first, first + AT_ONCE)
    off = {"NUMBA_DISABLE_JIT": "1"}
    interpreted = printed("-c", _PROGRAM, seeds.start, seeds.stop, env=off, cwd=ROOT)
    assert interpreted.split() == digests(seeds)


@pytest.mark.parametrize("first", range(0, DEFAULT_WORLDS, AT_ONCE))
def test_compiled_and_interpreted_agree(first: int) -> None:
    _agree(first)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(DEFAULT_WORLDS, WORLDS, AT_ONCE))
def test_compiled_and_interpreted_agree_on_more_worlds(first: int) -> None:
    _agree(first)
