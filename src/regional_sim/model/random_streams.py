"""The luck of a run: counter-based draws keyed by the identity of each pair of states.

The draws of a pair are the numbers of NumPy's Philox.  The key is made from the master seed and the
two states' stream names, the counter from the replicate and the chunk of months.  So a replicate
meets the same luck under every policy and parameter point, any run can be repeated alone, the
answer does not depend on blocks, workers or order, and a further state leaves the others' draws
alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from regional_sim.model.variables import Draw, n_pairs
from regional_sim.numerics.arrays import Floats, Integers, empty_together
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import quantile_in_centre, quantile_in_tails
from regional_sim.numerics.philox import DRAWS_PER_STEP, Words, fill_four_rows, stream_key

CHUNK_MONTHS = 24
"""Months drawn at a time; part of the definition of the streams, not a setting."""

_DRAWS_PER_CHUNK = CHUNK_MONTHS * len(Draw)
_HALF_UNIT = 2.0**-54  # a draw is a multiple of 2**-53: this keeps a quantile off 0 and 1


KEPT_DRAW_BYTES: Final = 128 * 2**20
"""Draws of all months are kept for the next block where they take no more than this."""


def draw_bytes(n_states: int, n_months: int) -> int:
    """Return the bytes that the draws of one replicate take."""
    chunks = -(-n_months // CHUNK_MONTHS)
    return np.dtype(np.float64).itemsize * chunks * _DRAWS_PER_CHUNK * n_pairs(n_states)


def are_kept(n_states: int, n_months: int, n_replicates: int) -> bool:
    """Whether the draws of some replicates are kept where several blocks meet them."""
    return n_replicates * draw_bytes(n_states, n_months) <= KEPT_DRAW_BYTES


class RandomStreams:
    """The random streams of a scenario under one master seed.

    Parameters
    ----------
    streams : sequence of str
        Stream name of each state, in the order of the state's index.
    seed : int
        Master seed, at least 0.

    Attributes
    ----------
    keys : ndarray of numpy.uint64, shape (pair, 2)
        Key of each pair's stream.
    swapped : ndarray of int, shape (pair,)
        1 where the stream name of a pair's first state comes after that of its second, else 0.
    """

    def __init__(self, streams: Sequence[str], seed: int) -> None:
        self.seed = seed
        pairs = list(combinations(streams, 2))
        self.keys = np.array([_key(seed, *sorted(pair)) for pair in pairs], dtype=np.uint64)
        self.swapped = np.array([first > second for first, second in pairs], dtype=np.int64)

    def buffer(self, n_runs: int) -> Floats:
        """Return an array to be filled with a chunk of months, shape (month, Draw, pair, run)."""
        (buffer,) = empty_together([(CHUNK_MONTHS, len(Draw), len(self.keys), n_runs)])
        return buffer

    def fill(self, buffer: Floats, chunk: int, first_replicate: int) -> None:
        """Fill a buffer with the draws of consecutive replicates.

        Parameters
        ----------
        buffer : ndarray, shape (month, Draw, pair, run)
            From :meth:`buffer`; column r becomes replicate ``first_replicate + r``.
        chunk : int
            Which chunk of months, from 0.
        first_replicate : int
            Number of the first replicate, at least 0.
        """
        centre = np.empty(buffer.shape[3])
        draw_months(buffer, centre, self.keys, self.swapped, chunk, first_replicate)


class SharedDraws:
    """The draws of some replicates, made once and met by every posture and point.

    Parameters
    ----------
    luck : RandomStreams
        The streams.
    first_replicate, n_replicates : int
        Consecutive replicates.
    keep : bool
        Keep all that was drawn, for those that will ask for it again.
    """

    def __init__(
        self, luck: RandomStreams, first_replicate: int, n_replicates: int, *, keep: bool
    ) -> None:
        self._luck = luck
        self._first = first_replicate
        self._n_replicates = n_replicates
        self._kept: dict[int, Floats] = {}
        self._buffer = None if keep else luck.buffer(n_replicates)
        self._buffered: int | None = None

    def chunk(self, number: int, times: int) -> Floats:
        """Return a chunk of months, the replicates repeated side by side.

        Parameters
        ----------
        number : int
            Which chunk of months, from 0.
        times : int
            How often all replicates are repeated.

        Returns
        -------
        ndarray, shape (month, Draw, pair, run)
            Valid until the next call.
        """
        drawn = self._drawn(number)
        return drawn if times == 1 else np.tile(drawn, times)

    def _drawn(self, number: int) -> Floats:
        if self._buffer is not None:
            if number != self._buffered:
                self._luck.fill(self._buffer, number, self._first)
                self._buffered = number
            return self._buffer
        if number not in self._kept:
            buffer = self._luck.buffer(self._n_replicates)
            self._luck.fill(buffer, number, self._first)
            self._kept[number] = buffer
        return self._kept[number]


def _key(seed: int, first: str, second: str) -> np.ndarray:
    """Return the 128 bits that name the stream of a pair; the states' names are sorted."""
    text = f"regional_sim/1/{seed}/{first}/{second}".encode()
    return np.frombuffer(hashlib.sha256(text).digest()[:16], dtype="<u8").astype(np.uint64)


@compiled
def draw_months(
    buffer: Floats, centre: Floats, keys: Words, swapped: Integers, chunk: int, first_replicate: int
) -> None:
    """Fill a buffer as :meth:`RandomStreams.fill` says; ``centre`` is a working row."""
    n_draws = buffer.shape[0] * buffer.shape[1]
    steps_per_replicate = n_draws // DRAWS_PER_STEP
    first = np.uint64(first_replicate * steps_per_replicate)
    for pair in range(buffer.shape[2]):
        key = stream_key(keys[pair, 0], keys[pair, 1])
        for step in range(steps_per_replicate):
            draw = step * DRAWS_PER_STEP
            month_0, kind_0 = _place(draw, buffer.shape[1], swapped[pair])
            month_1, kind_1 = _place(draw + 1, buffer.shape[1], swapped[pair])
            month_2, kind_2 = _place(draw + 2, buffer.shape[1], swapped[pair])
            month_3, kind_3 = _place(draw + 3, buffer.shape[1], swapped[pair])
            fill_four_rows(
                key,
                np.uint64(chunk),
                first + np.uint64(step),
                np.uint64(steps_per_replicate),
                buffer[month_0, kind_0, pair],
                buffer[month_1, kind_1, pair],
                buffer[month_2, kind_2, pair],
                buffer[month_3, kind_3, pair],
            )
        for month in range(buffer.shape[0]):
            for kind in (Draw.innovation_first, Draw.innovation_second):
                _make_normal(buffer[month, kind, pair], centre)


@inlined
def _place(draw: int, n_kinds: int, swapped: int) -> tuple[int, int]:
    """Return month and kind of a pair's draw; the states change sides where names ask for it."""
    month = draw // n_kinds
    kind = draw % n_kinds
    if swapped and kind >= Draw.innovation_first:
        kind = kind ^ 1
    return month, kind


@inlined
def _make_normal(row: Floats, centre: Floats) -> None:
    """Turn a row of uniform draws into normal ones; the two halves are loops of their own."""
    _find_in_centre(row, centre)
    _find_in_tails(row, centre)


@noalias_loop
def _find_in_centre(row: Floats, centre: Floats) -> None:
    for run in range(row.shape[0]):
        row[run] = row[run] + _HALF_UNIT
        centre[run] = quantile_in_centre(row[run])


@noalias_loop
def _find_in_tails(row: Floats, centre: Floats) -> None:
    for run in range(row.shape[0]):
        row[run] = quantile_in_tails(row[run], centre[run])
