"""No number depends on how runs are cut into batches, or on how many threads run them."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from benchmarks.forking import separate_spin_ups
from regional_sim.engine import ensemble
from regional_sim.engine.build import build_world
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob, BatchResult
from regional_sim.model.schedule import PHASES, CompiledSchedule
from regional_sim.scenario import load_scenario
from tests.support.worlds import random_job, run, same_bits, short

REPLICATES = 11


def _parts(size: int) -> list[tuple[int, int]]:
    return [(first, min(size, REPLICATES - first)) for first in range(0, REPLICATES, size)]


def _in_parts(job: BatchJob, size: int, threads: int) -> list[BatchResult]:
    def part(bounds: tuple[int, int]) -> list[BatchResult]:
        first, n_replicates = bounds
        first += job.first_replicate
        return run_batch(replace(job, first_replicate=first, n_replicates=n_replicates))[0]

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(part, _parts(size)))
    return [BatchResult.joined(of_posture) for of_posture in zip(*parts, strict=True)]


@pytest.mark.parametrize("seed", [2, 9, 27, 30])
@pytest.mark.parametrize(("size", "threads"), [(1, 4), (3, 2), (4, 1), (11, 2)])
def test_any_cut_and_any_threads_agree(seed: int, size: int, threads: int) -> None:
    job = replace(random_job(seed), n_replicates=REPLICATES)
    whole = run_batch(job)[0]
    for one, other in zip(whole, _in_parts(job, size, threads), strict=True):
        assert same_bits(one, other)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 33, 130])
def test_every_number_of_runs_agrees(size: int) -> None:
    """Loops over runs have a packed part and a rest; both give the same bits."""
    world = short(load_scenario("four_states"), 1, 12)
    (whole,) = run(world, ["new_approach"], n_runs=140)
    (part,) = run(world, ["new_approach"], n_runs=size, first=140 - size)
    assert (whole.windows[..., 140 - size :] == part.windows).all()
    assert (whole.dyads[..., 140 - size :] == part.dyads).all()


def test_postures_do_not_disturb_each_other() -> None:
    world = short(load_scenario("four_states"), 4, 30)
    together = run(world, ["new_approach", "reactive"])
    assert same_bits(together[1], run(world, ["reactive"])[0])


def test_a_batch_may_hold_any_number_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    job = replace(random_job(5), n_replicates=3)
    (case,) = job.cases
    several = replace(job, cases=(case, case, case, case))
    whole = run_batch(several)
    for most in (1, 6, 64):
        monkeypatch.setattr(ensemble, "BATCH_RUNS", most)
        for one, other in zip(whole, run_batch(several), strict=True):
            assert all(map(same_bits, one, other))


def test_threads_may_be_the_first_to_run_a_month() -> None:
    job = random_job(11)
    (case,) = job.cases
    worlds = [build_world(case.scenario, 3) for _ in range(8)]
    schedule = CompiledSchedule(PHASES)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda world: schedule.run(world, 0), worlds))
    for world in worlds[1:]:
        assert (world.metric == worlds[0].metric).all()


@pytest.mark.parametrize(
    ("n_replicates", "sizes"),
    [(1, [1]), (64, [64]), (65, [40, 25]), (100, [56, 44]), (128, [64, 64]), (129, [48, 48, 33])],
)
def test_replicates_are_cut_equally_in_whole_lines(n_replicates: int, sizes: list[int]) -> None:
    job = replace(random_job(1), first_replicate=7, n_replicates=n_replicates)
    parts = list(ensemble._parts(job))
    assert [part.n_replicates for part in parts] == sizes
    firsts = [7, *(7 + end for end in itertools.accumulate(sizes))]
    assert [part.first_replicate for part in parts] == firsts[:-1]


@pytest.mark.parametrize("seed", [2, 9, 27, 30])
def test_a_shared_spin_up_gives_what_a_spin_up_for_each_posture_gives(seed: int) -> None:
    job = replace(random_job(seed), clamp=())
    for shared, apart in zip(run_batch(job)[0], separate_spin_ups(job)[0], strict=True):
        assert same_bits(shared, apart)
