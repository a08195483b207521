"""All phases run by one call do what they do one by one."""

import numpy as np
import pytest

from regional_sim.engine.build import build_world, copy_of
from regional_sim.model.random_streams import RandomStreams
from regional_sim.model.schedule import ACTIONS, MEASURES, PHASES, CompiledSchedule
from tests.support.worlds import random_world


@pytest.mark.parametrize("phases", [PHASES, ACTIONS, MEASURES, PHASES[:1], ()])
@pytest.mark.parametrize("seed", [1, 6])
def test_a_schedule_is_its_phases_in_order(phases, seed):
    scenario = random_world(seed)
    streams = RandomStreams(scenario.streams, seed)
    draw = streams.buffer(3)
    streams.fill(draw, 0, 0)
    at_once = build_world(scenario, 3, draw)
    one_by_one = copy_of(at_once)
    schedule = CompiledSchedule(phases)
    for month in range(5):
        schedule.run(at_once, month)
        for phase in phases:
            phase.run(one_by_one, month, 0, scenario.n_states)
    for name in ("state", "pair", "directed", "belief", "region", "metric", "summary"):
        assert np.array_equal(getattr(at_once, name), getattr(one_by_one, name)), name
