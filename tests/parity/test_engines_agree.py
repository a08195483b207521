"""The Mesa model and the ensemble engine give the same bits."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from regional_sim import ensemble, model
from regional_sim.model import RegionModel
from regional_sim.postures import create, policy_names
from regional_sim.scenario import load_scenario
from regional_sim.world.job import BlockJob
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.phases import ACTIONS, MEASURES, PHASES
from tests.worlds import ALL_SERIES, random_world, run, same_bits, short

DEFAULT_WORLDS = 10
SLOW_WORLDS = 60


def _job(seed: int) -> BlockJob:
    names = policy_names()
    chosen = [names[seed % len(names)], names[(seed + 4) % len(names)]]
    world = random_world(seed)
    clamp = (world.codes[seed % world.n_states],) if seed % 3 == 0 else ()
    return BlockJob(world, [create(name) for name in chosen], seed, seed, 2, ALL_SERIES, clamp)


@pytest.mark.parametrize("seed", range(DEFAULT_WORLDS))
def test_random_worlds_agree(seed: int) -> None:
    job = _job(seed)
    for one, other in zip(ensemble.run_block(job), model.run_block(job), strict=True):
        assert same_bits(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(DEFAULT_WORLDS, SLOW_WORLDS))
def test_more_random_worlds_agree(seed: int) -> None:
    test_random_worlds_agree(seed)


@pytest.mark.parametrize("posture", policy_names())
def test_every_policy_agrees_on_the_region(posture: str) -> None:
    world = short(load_scenario("baseline"), 3, 9)
    job = BlockJob(world, [create(posture)], 3, 5, 1, ALL_SERIES)
    assert same_bits(ensemble.run_block(job)[0], model.run_block(job)[0])


def test_a_run_does_not_depend_on_its_block() -> None:
    world = short(load_scenario("four_states"), 4, 30)
    (whole,) = run(world, ["reactive"], n_runs=9)
    (part,) = run(world, ["reactive"], n_runs=3, first=4)
    assert (whole.windows[:, :, 4:7] == part.windows).all()
    assert (whole.dyads[..., 4:7] == part.dyads).all()


def test_postures_do_not_disturb_each_other() -> None:
    world = short(load_scenario("four_states"), 4, 30)
    together = run(world, ["new_approach", "reactive"])
    assert same_bits(together[1], run(world, ["reactive"])[0])


def test_states_may_act_in_any_order() -> None:
    world = short(load_scenario("four_states"), 2, 10)
    ordinary = RegionModel(world, "new_approach", seed=3, collect=False)
    reversed_order = RegionModel(world, "new_approach", seed=3, collect=False)
    agents = list(reversed_order.agents)[::-1]
    while ordinary.running:
        ordinary.step()
        month = reversed_order.month
        _step_in_order(reversed_order, agents)
        assert reversed_order.month == month + 1
        assert (ordinary.world.metric == reversed_order.world.metric).all()


def _step_in_order(region: RegionModel, agents: list) -> None:
    class Reversed:
        def do(self, name: str, phase: object) -> None:
            for agent in agents:
                getattr(agent, name)(phase)

    saved = type(region).agents
    try:
        type(region).agents = property(lambda _: Reversed())  # type: ignore[assignment]
        region.step()
    finally:
        type(region).agents = saved  # type: ignore[assignment]


def test_clamping_everyone_holds_the_states_on_the_traditional_path() -> None:
    world = short(load_scenario("four_states"), 2, 24)
    free, clamped = (
        run(world, ["new_approach"], clamp=clamp)[0] for clamp in ((), tuple(world.codes))
    )
    (traditional,) = run(world, ["traditional"])
    readiness = 0  # first of STATE_COLUMNS
    assert (clamped.states[:, readiness] == traditional.states[:, readiness]).all()
    assert not (free.states[:, readiness] == traditional.states[:, readiness]).all()


_INTERPRETED = """
import hashlib, numpy as np
from regional_sim.scenario import load_scenario
from tests.parity.test_engines_agree import digest_of_short_run
print(digest_of_short_run())
"""


def digest_of_short_run() -> str:
    """Return a digest of every series of a short run of the four states."""
    world = short(load_scenario("four_states"), 1, 5)
    digest = hashlib.sha256()
    for result in run(world, ["new_approach", "reactive"], n_runs=2):
        for series in (result.windows, result.timeseries, result.states, result.dyads):
            digest.update(series.tobytes())
    return digest.hexdigest()


def test_compiled_and_interpreted_agree() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    interpreted = subprocess.run(
        [sys.executable, "-c", _INTERPRETED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert interpreted.stdout.strip() == digest_of_short_run()


def test_the_order_of_phases_stands_in_one_place() -> None:
    assert ACTIONS + MEASURES == PHASES
    assert len({phase.name for phase in PHASES}) == len(PHASES)


def test_every_metric_keeps_its_range() -> None:
    job = replace(_job(4), series=frozenset({"timeseries"}))
    for result in ensemble.run_block(job):
        for metric in Metric:
            values = result.timeseries[:, metric]
            assert (values >= metric.low - 1e-12).all(), metric.name
            assert (values <= metric.high + 1e-12).all(), metric.name
