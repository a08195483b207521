"""Random numbers depend on seed, pair, replicate and month, and on nothing else."""

import hashlib
import itertools

import numpy as np
import pytest
from scipy import special, stats

from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams, SharedDraws, draw_bytes
from regional_sim.model.variables import ChoiceDraw, Draw

CODES = ("CHN", "JPN", "KOR", "TWN")
SHARED = (Draw.incident, Draw.exit)
DIRECTED = ((Draw.innovation_first, Draw.innovation_second), (Draw.shock_first, Draw.shock_second))


def drawn(streams=CODES, seed=7, chunk=0, first_replicate=0, n_runs=3):
    """A chunk of draws, shape (month, Draw, pair, run)."""
    made = RandomStreams(streams, seed)
    buffer = made.buffer(n_runs)
    made.fill(buffer, chunk, first_replicate)
    return buffer


def by_name(streams, **options):
    """Draws by what they decide: (pair of names, kind) or (of whom, about whom, kind)."""
    buffer = drawn(streams, **options)
    named = {}
    for pair, (one, other) in enumerate(itertools.combinations(streams, 2)):
        for kind in SHARED:
            named[frozenset((one, other)), kind.name] = buffer[:, kind, pair]
        for first, second in DIRECTED:
            kind = first.name.removesuffix("_first")
            named[one, other, kind] = buffer[:, first, pair]
            named[other, one, kind] = buffer[:, second, pair]
    return named


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def test_shapes():
    assert RandomStreams(CODES, 1).buffer(5).shape == (CHUNK_MONTHS, len(Draw), 6, 5)
    assert RandomStreams(CODES[:2], 1).buffer(1).shape == (CHUNK_MONTHS, len(Draw), 1, 1)
    assert drawn().dtype == np.float64


def test_every_place_of_a_buffer_is_filled():
    streams = RandomStreams(CODES, 7)
    buffer = streams.buffer(3)
    buffer[:] = np.nan
    streams.fill(buffer, 0, 0)
    assert np.all(np.isfinite(buffer))
    assert np.array_equal(buffer, drawn())


class TestReplicates:
    @pytest.mark.parametrize(("first_replicate", "n_runs"), [(0, 1), (0, 5), (2, 3), (4, 1)])
    def test_do_not_depend_on_the_batch(self, first_replicate, n_runs):
        whole = drawn(n_runs=8)
        few = drawn(first_replicate=first_replicate, n_runs=n_runs)
        last = first_replicate + n_runs
        assert np.array_equal(few, whole[..., first_replicate:last])

    def test_do_not_depend_on_what_was_drawn_before(self):
        streams = RandomStreams(CODES, 7)
        buffer = streams.buffer(3)
        for chunk, first_replicate in ((4, 11), (0, 3), (2, 0)):
            streams.fill(buffer, chunk, first_replicate)
            fresh = drawn(chunk=chunk, first_replicate=first_replicate)
            assert np.array_equal(buffer, fresh)

    def test_far_ones_can_be_drawn_alone(self):
        far = drawn(first_replicate=10**12, n_runs=2)
        assert np.array_equal(far[..., 1:], drawn(first_replicate=10**12 + 1, n_runs=1))
        assert not np.array_equal(far, drawn(n_runs=2))


class TestIdentity:
    @pytest.mark.parametrize("further", ["AUS", "IND", "USA"])
    def test_a_further_state_leaves_the_others_alone(self, further):
        before = by_name(CODES)
        after = by_name(tuple(sorted((*CODES, further))))
        assert len(after) > len(before)
        assert same(before, {key: after[key] for key in before})

    @pytest.mark.parametrize("order", list(itertools.permutations(CODES))[1::5])
    def test_order_of_the_states_does_not_count(self, order):
        assert same(by_name(CODES), by_name(order))

    def test_a_new_code_with_the_old_stream_swaps_the_sides_where_the_order_flips(self):
        # JPN comes to be called ZZZ and so stands last, but keeps its stream.
        before, after = drawn(("CHN", "JPN", "KOR")), drawn(("CHN", "KOR", "JPN"))
        pairs_before = {"CHN-JPN": 0, "CHN-KOR": 1, "JPN-KOR": 2}
        pairs_after = {"CHN-JPN": 1, "CHN-KOR": 0, "JPN-KOR": 2}
        for pair in ("CHN-JPN", "CHN-KOR"):
            one, other = before[:, :, pairs_before[pair]], after[:, :, pairs_after[pair]]
            assert np.array_equal(one, other)
        one, other = before[:, :, pairs_before["JPN-KOR"]], after[:, :, pairs_after["JPN-KOR"]]
        for kind in SHARED:
            assert np.array_equal(one[:, kind], other[:, kind])
        for first, second in DIRECTED:
            assert np.array_equal(one[:, first], other[:, second])
            assert np.array_equal(one[:, second], other[:, first])

    def test_names_that_run_together_are_still_told_apart(self):
        assert not np.array_equal(drawn(("A", "BC")), drawn(("AB", "C")))


class TestDifference:
    def test_another_seed_chunk_or_replicate_has_other_numbers(self):
        draws = [
            drawn(),
            drawn(seed=8),
            drawn(seed=0),
            drawn(chunk=1),
            drawn(chunk=2),
            drawn(first_replicate=3),
            drawn(first_replicate=36),
        ]
        values = np.concatenate([one.reshape(-1) for one in draws])
        assert len(np.unique(values)) == len(values)

    def test_no_draw_of_a_chunk_comes_twice(self):
        values = drawn(n_runs=50)
        assert len(np.unique(values)) == values.size

    def test_seed_0_draws_like_any_other(self):
        zero = drawn(seed=0)
        assert np.all(np.isfinite(zero))
        assert 0.4 < zero[:, SHARED].mean() < 0.6


@pytest.fixture(scope="module")
def many():
    """Draws of many replicates."""
    return drawn(seed=12345, n_runs=400)


class TestDistribution:
    @pytest.mark.parametrize(
        "kind", [Draw.incident, Draw.exit, Draw.shock_first, Draw.shock_second]
    )
    def test_uniform(self, many, kind):
        values = many[:, kind].reshape(-1)
        assert np.all((values >= 0.0) & (values < 1.0))
        # 1.95 / sqrt(n) is passed once in a thousand.
        assert stats.kstest(values, "uniform").statistic < 1.95 / np.sqrt(values.size)

    @pytest.mark.parametrize("kind", [Draw.innovation_first, Draw.innovation_second])
    def test_standard_normal(self, many, kind):
        values = many[:, kind].reshape(-1)
        n = values.size
        assert abs(values.mean()) < 4.0 / np.sqrt(n)
        assert abs(values.var() - 1.0) < 4.0 * np.sqrt(2.0 / n)
        assert abs(stats.skew(values)) < 4.0 * np.sqrt(6.0 / n)
        assert abs(stats.kurtosis(values)) < 4.0 * np.sqrt(24.0 / n)
        assert stats.kstest(values, "norm").statistic < 1.95 / np.sqrt(n)

    @pytest.mark.parametrize("axis", [0, 1, 2, 3], ids=["month", "draw", "pair", "run"])
    def test_neighbours_are_not_correlated(self, many, axis):
        uniform = many.copy()
        innovations = [Draw.innovation_first, Draw.innovation_second]
        uniform[:, innovations] = special.ndtr(uniform[:, innovations])
        near = np.moveaxis(uniform, axis, 0)
        one, next_to_it = near[:-1].reshape(-1), near[1:].reshape(-1)
        assert abs(np.corrcoef(one, next_to_it)[0, 1]) < 4.0 / np.sqrt(one.size)


def shared(keep, first_replicate=2, n_replicates=3):
    return SharedDraws(RandomStreams(CODES, 7), first_replicate, n_replicates, keep=keep)


kept_or_not = pytest.mark.parametrize("keep", [True, False], ids=["kept", "not_kept"])


@kept_or_not
class TestSharedDraws:
    @pytest.mark.parametrize("times", [1, 2, 5])
    def test_the_replicates_stand_side_by_side_as_often_as_asked(self, keep, times):
        draws = shared(keep)
        for chunk in (0, 1, 2):
            found = draws.chunk(chunk, times)
            alone = drawn(chunk=chunk, first_replicate=2, n_runs=3)
            assert found.shape == (*alone.shape[:3], 3 * times)
            assert found.flags.c_contiguous
            for first in range(0, 3 * times, 3):
                assert np.array_equal(found[..., first : first + 3], alone)

    def test_any_order_and_any_number_of_times(self, keep):
        draws = shared(keep)
        for chunk, times in ((1, 2), (0, 1), (1, 1), (0, 3), (0, 1), (2, 1)):
            found = draws.chunk(chunk, times)
            assert np.array_equal(
                found, np.tile(drawn(chunk=chunk, first_replicate=2, n_runs=3), times)
            )

    def test_what_is_kept_is_drawn_once(self, keep, monkeypatch):
        filled = []
        fill = RandomStreams.fill

        def counted(streams, buffer, chunk, first_replicate):
            filled.append(chunk)
            fill(streams, buffer, chunk, first_replicate)

        monkeypatch.setattr(RandomStreams, "fill", counted)
        draws = shared(keep)
        for chunk in (0, 1, 0, 1, 0):
            draws.chunk(chunk, 1)
        assert filled == ([0, 1] if keep else [0, 1, 0, 1, 0])

    def test_memory(self, keep):
        # Kept: an array for each chunk. Not kept: one buffer for all of them.
        draws = shared(keep)
        arrays = [draws.chunk(chunk, 1) for chunk in (0, 1, 0)]
        assert len({id(array) for array in arrays}) == (2 if keep else 1)


@pytest.mark.parametrize(("n_months", "chunks"), [(1, 1), (24, 1), (25, 2), (120, 5)])
def test_bytes_of_all_draws_of_a_replicate(n_months, chunks):
    streams = RandomStreams(CODES, 7)
    assert draw_bytes(len(CODES), n_months) == chunks * streams.buffer(1).nbytes


def test_definition_of_the_streams():
    # What a seed gives is a promise: the next version can repeat the results of this one.
    seed, chunk, replicate = 7, 3, 11
    digest = hashlib.sha256(b"regional_sim/1/7/CHN/JPN").digest()[:16]
    per_chunk = CHUNK_MONTHS * len(Draw)
    philox = np.random.Philox(
        key=int.from_bytes(digest, "little"), counter=replicate * per_chunk // 4 + (chunk << 128)
    )
    uniform = np.random.Generator(philox).random((CHUNK_MONTHS, len(Draw)))
    found = drawn(CODES[:2], seed, chunk, replicate, n_runs=1)[:, :, 0, 0]
    innovations = [Draw.innovation_first, Draw.innovation_second]
    others = [kind for kind in Draw if kind not in innovations]
    assert np.array_equal(found[:, others], uniform[:, others])
    normal = special.ndtri(uniform[:, innovations] + 2.0**-54)
    np.testing.assert_allclose(found[:, innovations], normal, rtol=1e-13)


def choices(streams=CODES, seed=7, chunk=0, first_replicate=0, n_runs=3):
    """Draws of choices, shape (month, ChoiceDraw, state, run)."""
    made = RandomStreams(streams, seed)
    buffer = made.choice_buffer(n_runs)
    buffer[:] = np.nan
    made.fill_choices(buffer, chunk, first_replicate)
    return buffer


class TestChoices:
    def test_uniform_and_all_different(self):
        drawn_choices = choices(n_runs=50)
        assert drawn_choices.shape == (CHUNK_MONTHS, len(ChoiceDraw), 4, 50)
        assert np.all((drawn_choices >= 0.0) & (drawn_choices < 1.0))
        assert len(np.unique(drawn_choices)) == drawn_choices.size
        assert stats.kstest(drawn_choices.ravel(), "uniform").pvalue > 0.001

    def test_a_further_state_leaves_those_of_the_others_alone(self):
        further = choices(("CHN", "IND", "JPN", "KOR", "TWN"))
        assert np.array_equal(further[:, :, [0, 2, 3, 4]], choices())

    def test_order_of_the_states_does_not_count(self):
        assert np.array_equal(choices(CODES[::-1])[:, :, ::-1], choices())

    def test_do_not_depend_on_the_batch(self):
        assert np.array_equal(choices(first_replicate=2, n_runs=1), choices(n_runs=5)[..., 2:3])

    def test_another_seed_chunk_or_replicate_has_other_numbers(self):
        for other in (choices(seed=8), choices(chunk=1), choices(first_replicate=9)):
            assert not np.intersect1d(choices(), other).size

    def test_are_no_draws_of_pairs(self):
        assert not np.intersect1d(choices(), drawn()).size

    @pytest.mark.parametrize("keep", [False, True])
    def test_stand_side_by_side_as_often_as_asked(self, keep):
        draws = shared(keep)
        alone = choices(first_replicate=2, n_runs=3, chunk=1)
        assert np.array_equal(draws.choices(1, 1), alone)
        assert np.array_equal(draws.choices(1, 2), np.tile(alone, 2))
