"""Where arrays lie in memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.engine.build import build_world, copy_of
from regional_sim.model.random_streams import RandomStreams
from regional_sim.numerics.arrays import LINE_BYTES, empty_together
from regional_sim.scenario import load_scenario

shapes = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple), min_size=1)


@given(shapes)
def test_arrays_are_whole_and_lie_apart_at_the_start_of_a_line(asked):
    arrays = empty_together(asked)
    assert [array.shape for array in arrays] == asked
    for number, array in enumerate(arrays):
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.dtype == np.float64
        assert array.ctypes.data % LINE_BYTES == 0
        array[...] = number
    assert all(np.all(array == number) for number, array in enumerate(arrays))


def test_arrays_share_one_piece_of_memory():
    arrays = empty_together([(3, 4), (5,), (2, 2, 2)])
    assert len({id(array.base) for array in arrays}) == 1


@pytest.mark.parametrize("n_runs", [1, 7, 64])
def test_batches_and_draws_lie_so(n_runs):
    scenario = load_scenario("four_states")
    draw = RandomStreams(scenario.streams, 1).buffer(n_runs)
    world = build_world(scenario, n_runs, draw)
    for batch in (world, copy_of(world)):
        for name in ("state", "pair", "directed", "belief", "scratch", "draw"):
            assert getattr(batch, name).ctypes.data % LINE_BYTES == 0, name
