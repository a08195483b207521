"""The random numbers of a run, the same for every policy and parameter point.

Each pair of states has a random stream of its own, and so has each state, for its choices where
they are drawn.  The draws are the numbers of NumPy's Philox: the key is made from the master seed
and the stream names of the two states, or the one, the counter from the replicate and the chunk of
months.  Therefore

- a replicate gets common random numbers under every policy and parameter point;
- any run can be repeated alone, and no number depends on batches, workers or order;
- adding a state leaves the draws of the others as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from regional_sim.model.variables import ChoiceDraw, Draw, n_pairs
from regional_sim.numerics.arrays import Floats, Integers, empty_together
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import quantile_in_centre, quantile_in_tails
from regional_sim.numerics.philox import DRAWS_PER_STEP, Words, fill_four_rows, stream_key

CHUNK_MONTHS = 24
"""Months drawn at a time; part of the definition of the streams, not a setting."""
KEPT_DRAW_BYTES: Final = 128 * 2**20
"""Draws of all months are kept for the next batch if they take no more than this."""

_DRAWS_PER_CHUNK = CHUNK_MONTHS * len(Draw)
_HALF_UNIT = 2.0**-54  # a draw is a multiple of 2**-53: this keeps a quantile off 0 and 1


def draw_bytes(n_states: int, n_months: int) -> int:
    """Return the bytes that the draws of one replicate take."""
    chunks = -(-n_months // CHUNK_MONTHS)
    return np.dtype(np.float64).itemsize * chunks * _DRAWS_PER_CHUNK * n_pairs(n_states)


def are_kept(n_states: int, n_months: int, n_replicates: int) -> bool:
    """Whether the draws of some replicates are kept for several batches."""
    return n_replicates * draw_bytes(n_states, n_months) <= KEPT_DRAW_BYTES


class RandomStreams:
    """The random streams of all pairs of states under one master seed.

    Parameters
    ----------
    streams : sequence of str
        Stream name of each state, in the order of the states.
    seed : int
        Master seed, at least 0.

    Attributes
    ----------
    keys : ndarray of numpy.uint64, shape (pair, 2)
        Key of each pair's stream.
    state_keys : ndarray of numpy.uint64, shape (state, 2)
        Key of each state's own stream.
    swapped : ndarray of int, shape (pair,)
        1 if the stream name of the pair's first state sorts after that of its second, else 0.
    """

    def __init__(self, streams: Sequence[str], seed: int) -> None:
        self.seed = seed
        pairs = list(combinations(streams, 2))
        self.keys = np.array([_key(seed, *sorted(pair)) for pair in pairs], dtype=np.uint64)
        self.state_keys = np.array([_key(seed, name) for name in streams], dtype=np.uint64)
        self.swapped = np.array([first > second for first, second in pairs], dtype=np.int64)

    def buffer(self, n_runs: int) -> Floats:
        """Return an array for a chunk of months, shape (month, Draw, pair, run)."""
        (buffer,) = empty_together([(CHUNK_MONTHS, len(Draw), len(self.keys), n_runs)])
        return buffer

    def fill(self, buffer: Floats, chunk: int, first_replicate: int) -> None:
        """Fill a :meth:`buffer`: its run r becomes replicate ``first_replicate + r``."""
        centre = np.empty(buffer.shape[3])
        draw_months(buffer, centre, self.keys, self.swapped, chunk, first_replicate)

    def choice_buffer(self, n_runs: int) -> Floats:
        """Return an array for a chunk of months, shape (month, ChoiceDraw, state, run)."""
        (buffer,) = empty_together([(CHUNK_MONTHS, len(ChoiceDraw), len(self.state_keys), n_runs)])
        return buffer

    def fill_choices(self, buffer: Floats, chunk: int, first_replicate: int) -> None:
        """Fill a :meth:`choice_buffer` as :meth:`fill` does."""
        draw_choices(buffer, self.state_keys, chunk, first_replicate)


class SharedDraws:
    """Draws of consecutive replicates, made once for all postures and points.

    With ``keep`` they are kept for those that ask for the same chunk again.
    """

    def __init__(
        self, streams: RandomStreams, first_replicate: int, n_replicates: int, *, keep: bool
    ) -> None:
        self._streams = streams
        self._first = first_replicate
        self._n_replicates = n_replicates
        self._keep = keep
        self._drawn: dict[int, Floats] = {}
        self._choices: dict[int, Floats] = {}

    def chunk(self, number: int, times: int) -> Floats:
        """Return a chunk of months with all replicates ``times`` times side by side.

        Shape (month, Draw, pair, run); valid until the next call.
        """
        if number not in self._drawn:
            buffer = self._buffer()
            self._streams.fill(buffer, number, self._first)
            self._drawn[number] = buffer
        drawn = self._drawn[number]
        return drawn if times == 1 else np.tile(drawn, times)

    def choices(self, number: int, times: int) -> Floats:
        """Return the draws of choices of a chunk in the same way: (month, ChoiceDraw, state, run).

        They are few, and kept with the chunk.
        """
        if number not in self._choices:
            if not self._keep:
                self._choices.clear()
            self._choices[number] = self._streams.choice_buffer(self._n_replicates)
            self._streams.fill_choices(self._choices[number], number, self._first)
        drawn = self._choices[number]
        return drawn if times == 1 else np.tile(drawn, times)

    def _buffer(self) -> Floats:
        """Return an array for a further chunk: that of the last one, unless it is kept."""
        if self._drawn and not self._keep:
            return self._drawn.popitem()[1]
        return self._streams.buffer(self._n_replicates)


def _key(seed: int, *names: str) -> np.ndarray:
    """Return the key of a stream: 128 bits of a hash of the seed and the sorted names."""
    text = "/".join(("regional_sim/1", str(seed), *names)).encode()
    return np.frombuffer(hashlib.sha256(text).digest()[:16], dtype="<u8").astype(np.uint64)


@compiled
def draw_months(
    buffer: Floats, centre: Floats, keys: Words, swapped: Integers, chunk: int, first_replicate: int
) -> None:
    """Fill a buffer as :meth:`RandomStreams.fill` does; ``centre`` (run,) is working memory."""
    for pair in range(buffer.shape[2]):
        _fill_uniform(buffer, pair, keys[pair], swapped[pair], chunk, first_replicate)
        for month in range(buffer.shape[0]):
            for kind in (Draw.innovation_first, Draw.innovation_second):
                _make_normal(buffer[month, kind, pair], centre)


@compiled
def draw_choices(buffer: Floats, keys: Words, chunk: int, first_replicate: int) -> None:
    """Fill a buffer as :meth:`RandomStreams.fill_choices` does."""
    for state in range(buffer.shape[2]):
        _fill_uniform(buffer, state, keys[state], 0, chunk, first_replicate)


@inlined
def _fill_uniform(
    buffer: Floats, column: int, words: Words, swapped: int, chunk: int, first_replicate: int
) -> None:
    """Fill the draws of a pair or a state with uniform numbers of its stream."""
    n_draws = buffer.shape[0] * buffer.shape[1]
    steps_per_replicate = n_draws // DRAWS_PER_STEP
    first = np.uint64(first_replicate * steps_per_replicate)
    key = stream_key(words[0], words[1])
    for step in range(steps_per_replicate):
        draw = step * DRAWS_PER_STEP
        month_0, kind_0 = _place(draw, buffer.shape[1], swapped)
        month_1, kind_1 = _place(draw + 1, buffer.shape[1], swapped)
        month_2, kind_2 = _place(draw + 2, buffer.shape[1], swapped)
        month_3, kind_3 = _place(draw + 3, buffer.shape[1], swapped)
        fill_four_rows(
            key,
            np.uint64(chunk),
            first + np.uint64(step),
            np.uint64(steps_per_replicate),
            buffer[month_0, kind_0, column],
            buffer[month_1, kind_1, column],
            buffer[month_2, kind_2, column],
            buffer[month_3, kind_3, column],
        )


@inlined
def _place(draw: int, n_kinds: int, swapped: int) -> tuple[int, int]:
    """Return month and kind of a draw; if swapped, the two states exchange their draws."""
    month = draw // n_kinds
    kind = draw % n_kinds
    if swapped and kind >= Draw.innovation_first:
        kind = kind ^ 1
    return month, kind


@inlined
def _make_normal(row: Floats, centre: Floats) -> None:
    """Turn a row of uniform draws into normal ones, in two loops that are vectorised apart."""
    _set_centre_quantiles(row, centre)
    _set_quantiles(row, centre)


@noalias_loop
def _set_centre_quantiles(row: Floats, centre: Floats) -> None:
    for run in range(row.shape[0]):
        row[run] = row[run] + _HALF_UNIT
        centre[run] = quantile_in_centre(row[run])


@noalias_loop
def _set_quantiles(row: Floats, centre: Floats) -> None:
    for run in range(row.shape[0]):
        row[run] = quantile_in_tails(row[run], centre[run])
