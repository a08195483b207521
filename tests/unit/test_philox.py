"""The generator for many runs at once gives NumPy's numbers."""

import numpy as np
import pytest

from regional_sim.model import random_streams
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams, draw_months
from regional_sim.model.variables import Draw
from regional_sim.numerics.philox import DRAWS_PER_STEP, fill_four_rows, stream_key

LARGEST = 2**64 - 1
KEYS = [
    (0, 0),
    (1, 0),
    (0, 1),
    (LARGEST, LARGEST),
    (0xFFFFFFFF, 0xFFFFFFFF00000000),
    (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B),
    *(tuple(map(int, row)) for row in np.random.default_rng(5).integers(0, 2**63, (4, 2))),
]
STEPS_PER_REPLICATE = CHUNK_MONTHS * len(Draw) // DRAWS_PER_STEP


def numpys(key, counter, n):
    """Numbers of NumPy's own generator after so many steps of its counter."""
    words = np.array([counter[0], 0, counter[1], 0], dtype=np.uint64)
    philox = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=words)
    return np.random.Generator(philox).random(n)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("first", "chunk"), [(0, 0), (35, 4), (2**32 - 2, 1), (2**32, 2**32 + 7), (2**62, 2**63)]
)
def test_rows_hold_numpys_numbers(key, first, chunk):
    n_runs, per_run = 3, 2**31 + 5
    rows = np.full((DRAWS_PER_STEP, n_runs), np.nan)
    words = (np.uint64(word) for word in key)
    fill_four_rows(
        stream_key(*words), np.uint64(chunk), np.uint64(first), np.uint64(per_run), *rows
    )
    for run in range(n_runs):
        expected = numpys(key, (first + run * per_run, chunk), DRAWS_PER_STEP)
        assert np.array_equal(rows[:, run], expected)


@pytest.mark.parametrize("n_runs", [1, 7, 8, 9, 64, 65])
@pytest.mark.parametrize("first_replicate", [0, 10**12])
def test_compiled_draws_are_numpys_numbers(n_runs, first_replicate):
    streams = RandomStreams(("CHN", "JPN", "TWN"), 3)
    buffer, centre = streams.buffer(n_runs), np.empty(n_runs)
    draw_months(buffer, centre, streams.keys, streams.swapped, 2, first_replicate)
    uniform = [Draw.incident, Draw.exit, Draw.shock_first, Draw.shock_second]
    for pair, key in enumerate(streams.keys):
        for run in range(n_runs):
            counter = ((first_replicate + run) * STEPS_PER_REPLICATE, 2)
            expected = numpys(key, counter, CHUNK_MONTHS * len(Draw)).reshape(-1, len(Draw))
            assert np.array_equal(buffer[:, uniform, pair, run], expected[:, uniform])


def test_a_replicate_takes_whole_steps_of_the_counter():
    assert CHUNK_MONTHS * len(Draw) % DRAWS_PER_STEP == 0
    assert random_streams.draw_bytes(2, 1) == 8 * STEPS_PER_REPLICATE * DRAWS_PER_STEP
