"""Figures that move: both engines give the same bits, and batches hold different worlds."""

from __future__ import annotations

import numpy as np
import pytest

from regional_sim import mesa_model
from regional_sim.engine import ensemble
from regional_sim.engine.build import build_world
from regional_sim.engine.job import BatchJob, Case
from regional_sim.mesa_model import RegionModel
from regional_sim.model.variables import DirectedVar, PairVar, StateVar
from regional_sim.postures import create
from regional_sim.scenario import DYAD_FIGURES, STATE_FIGURES, Scenario, load_scenario
from regional_sim.scenario.figures import FIXED_FIGURES
from tests.support.worlds import ALL_SERIES, QUIET, random_world, same_bits, short

POSTURES = [create("new_approach"), create("schedule", {"joint_patrols": {5: 0.7, 9: 0.2}})]


def moved(world: Scenario, seed: int, *, still: bool = False) -> Scenario:
    """Return a world with a path of every figure that may have one."""
    rng = np.random.default_rng(seed)
    first, second = world.codes[:2]
    paths: dict[str, dict[str, dict[int, float]]] = {}
    owners = {first: STATE_FIGURES, f"{first}:{second}": DYAD_FIGURES}
    for key, figures in owners.items():
        for figure in figures:
            if figure.name in FIXED_FIGURES:
                continue
            owner = key if getattr(figure, "directed", True) else f"{first}-{second}"
            if ":" in key:
                value = float(world.dyad_values(figure.name)[0, 1])
            else:
                value = world.figure(first, figure.name).value
            end = value if still else min(value * rng.uniform(0.7, 1.4), figure.range.high)
            paths.setdefault(owner, {})[figure.name] = {4: value, 12: end, 15: value}
    return world.with_settings({"paths": paths})


def results(job: BatchJob):
    both = zip(ensemble.run_batch(job), mesa_model.run_batch(job), strict=True)
    return [pair for case, other in both for pair in zip(case, other, strict=True)]


@pytest.mark.parametrize("seed", range(6))
def test_engines_agree_on_worlds_whose_figures_move(seed: int) -> None:
    world = moved(random_world(seed), seed)
    clamp = (world.codes[-1],) if seed % 2 else ()
    job = BatchJob.of(world, POSTURES, seed, 3, 2, series=ALL_SERIES, clamp=clamp)
    assert all(same_bits(one, other) for one, other in results(job))


@pytest.mark.parametrize("seed", range(3))
def test_a_path_that_stays_where_it_is_changes_no_bit(seed: int) -> None:
    world = random_world(seed)
    kept, still = (
        ensemble.run_batch(BatchJob.of(one, POSTURES, 1, 0, 2, series=ALL_SERIES))[0]
        for one in (world, moved(world, seed, still=True))
    )
    assert all(same_bits(one, other) for one, other in zip(kept, still, strict=True))


def test_neighbouring_worlds_keep_paths_of_their_own() -> None:
    world = random_world(3, 4)
    worlds = [moved(world, seed) for seed in range(3)]
    assert len({one.structure for one in worlds}) == 1
    assert moved(world, 0).structure != world.structure
    job = BatchJob([Case(one, POSTURES) for one in worlds], 1, 0, 2, series=ALL_SERIES)
    for one, case in zip(worlds, ensemble.run_batch(job), strict=True):
        alone = ensemble.run_batch(BatchJob.of(one, POSTURES, 1, 0, 2, series=ALL_SERIES))[0]
        assert all(same_bits(*pair) for pair in zip(case, alone, strict=True))


def model_after(world: Scenario, months: int) -> RegionModel:
    model = RegionModel(world, "traditional", collect=False)
    for _ in range(months):
        model.step()
    return model


# What a variable is, and whether a start from the figures of the month has the same value.
AS_AT_A_START = [
    ("state", StateVar.capability),
    ("state", StateVar.gdp),
    ("state", StateVar.polyarchy),
    ("state", StateVar.neutrality),
    ("state", StateVar.deterrence),
    ("state", StateVar.resolve),
    ("state", StateVar.own_precision),
    ("state", StateVar.seaborne_share),
    ("state", StateVar.substitutability_start),
    ("state", StateVar.stock_months_start),
    ("state", StateVar.rest_trade_start),
    ("pair", PairVar.contact),
    ("pair", PairVar.restraint),
    ("pair", PairVar.relevance),
    ("pair", PairVar.channel_start),
    ("pair", PairVar.trade_start),
    ("directed", DirectedVar.near_share),
    ("directed", DirectedVar.home_share),
    ("directed", DirectedVar.ambiguity_start),
    ("directed", DirectedVar.interoperability),
    ("directed", DirectedVar.stake),
]


@pytest.mark.parametrize("seed", range(3))
def test_the_arrays_of_a_month_hold_its_figures(seed: int) -> None:
    world = moved(random_world(seed, 4), seed)
    month = 9
    figures = {
        f"states.{code}.{figure.name}": float(world.state_values_by_month(figure.name)[month, at])
        for figure in STATE_FIGURES
        for at, code in enumerate(world.codes)
    }
    pairs = {
        f"dyads.{figure.name}.{a}{sign}{b}": float(values[month, i, j])
        for figure in DYAD_FIGURES
        if not figure.holds_state
        for sign, values in [
            (":" if figure.directed else "-", world.dyad_values_by_month(figure.name))
        ]
        for i, a in enumerate(world.codes)
        for j, b in enumerate(world.codes)
        if i < j or (figure.directed and i != j)
    }
    of_month = build_world(random_world(seed, 4).with_settings({**figures, **pairs}))
    model = model_after(world, month + 1)
    for array, variable in AS_AT_A_START:
        expected = getattr(of_month, array)[variable]
        now = getattr(model.world, array)[variable]
        assert np.allclose(now, expected, rtol=1e-12, atol=0.0), variable.name
    # The frozen weights are those of the start of the run.
    start = build_world(world)
    assert np.array_equal(model.world.pair[PairVar.weight], start.pair[PairVar.weight])


def test_trade_grows_with_its_path_without_a_shock() -> None:
    still = short(load_scenario("two_states"), 2, 30, **QUIET)
    world = still.with_settings({"paths.AAA-BBB.trade_usd_bn": {24: 3000.0}})
    model = model_after(world, 31)
    trade, start = model.world.pair[PairVar.trade], model.world.pair[PairVar.trade_start]
    assert start.item() == 3000.0
    assert np.allclose(trade, start, rtol=1e-12)
    assert still.dyad_values("trade_usd_bn")[0, 1] != 3000.0


def test_trade_may_begin_and_end_at_nothing() -> None:
    world = short(load_scenario("four_states"), 2, 30, **QUIET)
    first, second, *_ = world.codes
    pair = f"{first}-{second}"
    world = world.with_settings({f"dyads.trade_usd_bn.{pair}": 0.0})
    world = world.with_settings({f"paths.{pair}.trade_usd_bn": {10: 5.0, 20: 0.0, 26: 4.0}})
    for months, least, most in ((11, 4.0, 6.0), (21, 0.0, 0.1), (30, 3.0, 5.0)):
        model = model_after(world, months)
        trade = model.world.pair[PairVar.trade, model.world.pair_of[0, 1], 0]
        assert least <= trade <= most
