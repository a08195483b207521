"""The Mesa model and the ensemble engine give the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from regional_sim import mesa_model
from regional_sim.engine import ensemble
from regional_sim.engine.job import STATE_COLUMNS, BatchJob
from regional_sim.engine.relations import friendships, hostility, may_align, may_probe
from regional_sim.mesa_model import RegionModel
from regional_sim.model.instruments import Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import StateVar
from regional_sim.postures import Observed, Policy, create, policy_names
from regional_sim.postures.policy import Targets
from regional_sim.scenario import Scenario, load_scenario
from tests.support.worlds import (
    ALL_SERIES,
    DEFAULT_WORLDS,
    WORLDS,
    random_job,
    random_world,
    run,
    same_bits,
    short,
)


def _agree(job: BatchJob) -> None:
    of_ensemble, of_mesa = ensemble.run_batch(job), mesa_model.run_batch(job)
    for case, other_case in zip(of_ensemble, of_mesa, strict=True):
        for one, other in zip(case, other_case, strict=True):
            assert same_bits(one, other)


@pytest.mark.parametrize("seed", range(DEFAULT_WORLDS))
def test_random_worlds_agree(seed: int) -> None:
    _agree(random_job(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(DEFAULT_WORLDS, WORLDS))
def test_more_random_worlds_agree(seed: int) -> None:
    _agree(random_job(seed))


def test_random_worlds_hold_what_they_should() -> None:
    jobs = [random_job(seed) for seed in range(WORLDS)]
    cases = [case for job in jobs for case in job.cases]
    sizes = {case.scenario.n_states for case in cases}
    assert {2, 3, 20} <= sizes
    assert len(sizes) > 15
    for option in Option:
        chosen = {int(case.scenario.option_values()[option]) for case in cases}
        assert chosen == set(option.codes)
    assert {policy.name for case in cases for policy in case.postures} == set(policy_names())
    horizons = {(case.scenario.months_before, case.scenario.months_after) for case in cases}
    assert len({sum(horizon) for horizon in horizons}) > 20
    assert any(before == 0 for before, _ in horizons)
    assert any(job.clamp for job in jobs)
    assert {case.scenario.run_in for case in cases} == {0, 2, 24}
    assert {name for case in cases for name in _given(case.scenario)} == {p.name for p in Param}
    for relation in (friendships, hostility, may_align, may_probe):
        related = [relation(case.scenario).any() for case in cases]
        assert np.mean(related) > 0.5, relation.__name__


def _given(scenario: Scenario) -> list[str]:
    values = scenario.parameter_values()
    return [param.name for param in Param if values[param] != param.default]


def test_drawn_choices_agree_and_are_felt() -> None:
    world = short(load_scenario("baseline"), 2, 30)
    drawn = world.with_settings({"options.choice": "drawn"})
    _agree(BatchJob.of(drawn, [create("new_approach")], 3, 5, 2, series=ALL_SERIES))
    one, other = (run(each, ["new_approach"])[0] for each in (world, drawn))
    assert not same_bits(one, other)
    # A government moves by whole steps, so it differs between runs.
    hedging = STATE_COLUMNS.index(StateVar.hedging)
    assert (other.states[-1, hedging].std(axis=1) > 0.0).any()


@pytest.mark.parametrize("posture", policy_names())
def test_every_policy_agrees_on_the_region(posture: str) -> None:
    world = short(load_scenario("baseline"), 3, 9)
    _agree(BatchJob.of(world, [create(posture)], 3, 5, 1, series=ALL_SERIES))


@dataclass(frozen=True)
class _OfAUser(Policy):
    """Answers tension run by run, with arrays, and now and then names fewer instruments."""

    name: ClassVar[str] = "of_a_user"
    rule: ClassVar[str] = "follow tension"
    reference: ClassVar[str] = "none"
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    def targets(self, month: int, observed: Observed) -> Targets:
        if month % 5 == 4:
            return {Instrument.supply_chain: 0.5}
        follow = abs(observed.change("tension")).clip(0.0, 1.0)
        return {Instrument.joint_patrols: 1.0 - follow, Instrument.partner_dialogue: 1.0}


@pytest.mark.parametrize("name", ["four_states", "archipelago"])
def test_a_policy_of_a_user_agrees(name: str) -> None:
    world = short(load_scenario(name), 2, 24)
    _agree(BatchJob.of(world, [_OfAUser(), create("levels")], 3, 5, 4, series=ALL_SERIES))


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
        def __iter__(self) -> Iterator:
            return iter(())  # not all that there are: the model lets them act one by one

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


def test_every_metric_keeps_its_range() -> None:
    job = replace(random_job(4), series=frozenset({"timeseries"}))
    for result in ensemble.run_batch(job)[0]:
        for metric in Metric:
            values = result.timeseries[:, metric]
            assert (values >= metric.low - 1e-12).all(), metric.name
            assert (values <= metric.high + 1e-12).all(), metric.name


def test_a_world_without_roles_in_the_middle_agrees() -> None:
    world = random_world(11, 2).with_settings({"horizon.months_after": 1})
    _agree(BatchJob.of(world, [create("new_approach")], 0, 0, 1, series=ALL_SERIES))
