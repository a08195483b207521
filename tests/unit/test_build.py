"""The arrays of a batch: several scenarios side by side, copies, and what all runs share."""

import numpy as np
import pytest

from regional_sim.engine.build import build_world, copy_of, empty_world
from regional_sim.model.parameters import Param
from regional_sim.model.random_streams import RandomStreams
from regional_sim.model.variables import Draw, InstrumentRow, PairVar, StateVar, World
from regional_sim.postures import Instrument
from regional_sim.scenario import load_scenario
from tests.support.worlds import random_world

BY_RUN = (
    "state",
    "pair",
    "directed",
    "belief",
    "region",
    "instrument",
    "param",
    "metric",
    "summary",
    "scratch",
    "motive_term",
)
SHARED = ("group", "pair_of", "host", "role", "observer_of", "window", "option")


def variants(seed, n_variants):
    """Worlds of one structure: other parameters, and other figures of states and pairs."""
    world, rng = random_world(seed), np.random.default_rng(seed)
    one, other = world.codes[:2]
    found = []
    for _ in range(n_variants):
        chosen = rng.choice(list(Param), 12, replace=False)
        settings = {
            f"parameters.{p.name}": float(rng.uniform(p.low, p.high)) for p in map(Param, chosen)
        }
        settings |= {
            f"states.{one}.stance": float(rng.uniform(-1, 1)),
            f"states.{other}.capability_usd_bn": float(rng.uniform(1, 500)),
            f"dyads.contact.{one}-{other}": float(rng.uniform(0, 3)),
            f"dyads.tension.{one}-{other}": float(rng.uniform(0.05, 0.7)),
            f"dyads.ambiguity.{one}:{other}": float(rng.uniform(0, 1.5)),
            f"dyads.commitment.{one}:{other}": float(rng.uniform(0.01, 0.8)),
        }
        found.append(world.with_settings(settings))
    return found


def test_every_array_is_named_here():
    assert {*BY_RUN, *SHARED, "draw", "choice_draw"} == set(World._fields)


@pytest.mark.parametrize("seed", range(8))
def test_several_scenarios_side_by_side_equal_each_alone(seed):
    worlds = variants(seed, 4)
    together = build_world(worlds, 3)
    alone = [build_world(world, 3) for world in worlds]
    for name in BY_RUN:
        parts = [getattr(one, name) for one in alone]
        # The scratch rows are nobody's: what a phase leaves in them means nothing.
        if name != "scratch":
            assert np.array_equal(getattr(together, name), np.concatenate(parts, -1)), name
    for name in SHARED:
        assert all(np.array_equal(getattr(together, name), getattr(one, name)) for one in alone)
    assert not np.array_equal(alone[0].state, alone[1].state)
    assert not np.array_equal(alone[0].belief, alone[1].belief)


def test_all_runs_of_a_scenario_start_alike():
    first, second = variants(3, 2)
    world = build_world([first, second], 5)
    assert world.state.shape[-1] == 10
    for name in BY_RUN:
        array = getattr(world, name)
        for at in (0, 5):
            assert np.all(array[..., at : at + 5] == array[..., at : at + 1])


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("n_runs", [1, 4])
def test_arrays_are_of_one_kind(several, n_runs):
    # An array of another layout would make the compiler start again.
    worlds = variants(2, 3)
    world = build_world(worlds if several else worlds[0], n_runs)
    for one in (world, copy_of(world)):
        for name, array in one._asdict().items():
            assert array.flags.c_contiguous, name
            assert array.flags.writeable, name
            counts = name in SHARED and name != "group"
            assert array.dtype == (np.int64 if counts else np.float64), name


def test_draws_are_those_that_were_given():
    scenario = load_scenario("four_states")
    draws = RandomStreams(scenario.streams, 3).buffer(6)
    world = build_world([scenario, scenario], 3, draws)
    assert world.draw is draws
    assert copy_of(world).draw is draws
    assert build_world([scenario, scenario], 3).draw.shape == (1, len(Draw), 6, 6)


def test_the_start_does_not_depend_on_the_draws():
    scenario = load_scenario("four_states")
    streams = RandomStreams(scenario.streams, 3)
    draws = streams.buffer(2)
    streams.fill(draws, 0, 0)
    with_draws, without = build_world(scenario, 2, draws), build_world(scenario, 2)
    for name in BY_RUN:
        assert np.array_equal(getattr(with_draws, name), getattr(without, name)), name


def test_a_copy_is_independent():
    world = build_world(variants(1, 2), 2)
    before = {name: getattr(world, name).copy() for name in BY_RUN}
    copy = copy_of(world)
    for name in BY_RUN:
        assert np.array_equal(getattr(copy, name), before[name])
        assert not np.shares_memory(getattr(copy, name), getattr(world, name))
        getattr(copy, name)[:] = -7.0
    for name in BY_RUN:
        assert np.array_equal(getattr(world, name), before[name])


def test_an_empty_world_has_the_structure_and_nothing_else():
    scenario = load_scenario("four_states")
    empty, built = empty_world(scenario), build_world(scenario)
    for name in BY_RUN:
        assert getattr(empty, name).shape == getattr(built, name).shape, name
        assert not getattr(empty, name).any(), name
    for name in SHARED:
        assert np.array_equal(getattr(empty, name), getattr(built, name)), name


def test_a_batch_starts_at_the_traditional_levels_and_at_the_figures_of_the_scenario():
    scenario = load_scenario("four_states")
    world = build_world(scenario, 2)
    for row in InstrumentRow:
        assert np.array_equal(world.instrument[row], world.instrument[InstrumentRow.start])
    assert world.instrument.shape == (len(InstrumentRow), len(Instrument), 2)
    assert world.state[StateVar.stance, :, 0].tolist() == scenario.state_values("stance").tolist()
    upper = np.triu_indices(scenario.n_states, 1)
    tension = scenario.dyad_values("tension")[upper]
    np.testing.assert_allclose(world.pair[PairVar.tension, :, 0], tension, rtol=1e-12)
