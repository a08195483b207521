"""The luck of a run: counter-based draws keyed by the identity of each pair of states.

The draws of a pair come from NumPy's Philox.  Its key is made from the master seed and the two
states' stream names; its counter from the replicate and the month.  So a replicate meets the same
luck under every policy and parameter point, any run can be repeated alone, the answer does not
depend on blocks, workers or order, and a further state leaves the others' draws alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from regional_sim.rules.compiled import compiled, inlined
from regional_sim.rules.numeric import quantile_in_centre, quantile_in_tails
from regional_sim.world.layout import Draw, Floats

CHUNK_MONTHS = 24
"""Months drawn at a time; part of the definition of the streams, not a setting."""

_DRAWS_PER_STEP = 4  # Philox hands out four numbers for each step of its counter.
_DRAWS_PER_CHUNK = CHUNK_MONTHS * len(Draw)
_STEPS_PER_REPLICATE = _DRAWS_PER_CHUNK // _DRAWS_PER_STEP
_HALF_UNIT = 2.0**-54  # random() is a multiple of 2**-53: this keeps a quantile off 0 and 1


def draw_bytes(n_states: int, n_months: int) -> int:
    """Return the bytes that the draws of one replicate take."""
    chunks = -(-n_months // CHUNK_MONTHS)
    pairs = n_states * (n_states - 1) // 2
    return np.dtype(np.float64).itemsize * chunks * _DRAWS_PER_CHUNK * pairs


class Luck:
    """The random streams of a scenario under one master seed.

    Parameters
    ----------
    streams : sequence of str
        Stream name of each state, in the order of the state's index.
    seed : int
        Master seed, at least 0.
    """

    def __init__(self, streams: Sequence[str], seed: int) -> None:
        self.seed = seed
        self._pairs = [
            (_key(seed, *sorted((first, second))), first > second)
            for index, first in enumerate(streams)
            for second in streams[index + 1 :]
        ]
        self._philox = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._philox)

    def buffer(self, n_runs: int) -> Floats:
        """Return an empty array for a chunk of months, shape (month, Draw, pair, run)."""
        return np.zeros((CHUNK_MONTHS, len(Draw), len(self._pairs), n_runs))

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
        n_runs = buffer.shape[3]
        raw = np.empty((n_runs, CHUNK_MONTHS, len(Draw)))
        centre = np.empty(n_runs)
        for pair, (key, swapped) in enumerate(self._pairs):
            self._seek(key, chunk, first_replicate)
            self._generator.random(out=raw.reshape(-1))
            scatter(raw, buffer, centre, pair, swapped)

    def _seek(self, key: np.ndarray, chunk: int, first_replicate: int) -> None:
        counter = np.array([first_replicate * _STEPS_PER_REPLICATE, 0, chunk, 0], dtype=np.uint64)
        self._philox.state = {
            "bit_generator": "Philox",
            "state": {"counter": counter, "key": key},
            "buffer": np.zeros(_DRAWS_PER_STEP, dtype=np.uint64),
            "buffer_pos": _DRAWS_PER_STEP,
            "has_uint32": 0,
            "uinteger": 0,
        }


class SharedDraws:
    """The draws of some replicates, made once and met by every posture and point.

    Parameters
    ----------
    luck : Luck
        The streams.
    first_replicate, n_replicates : int
        Consecutive replicates.
    keep : bool
        Keep all that was drawn, for those that will ask for it again.
    """

    def __init__(self, luck: Luck, first_replicate: int, n_replicates: int, *, keep: bool) -> None:
        self._luck = luck
        self._first = first_replicate
        self._n_replicates = n_replicates
        self._kept: dict[int, Floats] | None = {} if keep else None
        self._buffer: Floats | None = None

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
        if self._kept is None:
            if self._buffer is None:
                self._buffer = self._luck.buffer(self._n_replicates)
            self._luck.fill(self._buffer, number, self._first)
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
def scatter(raw: Floats, buffer: Floats, centre: Floats, pair: int, swapped: bool) -> None:
    """Put the draws of a pair in place; swap the two states where codes and streams disagree."""
    for month in range(buffer.shape[0]):
        for kind in range(buffer.shape[1]):
            source = kind
            if swapped and kind >= Draw.innovation_first:
                source = kind ^ 1
            row = buffer[month, kind, pair]
            for run in range(row.shape[0]):
                row[run] = raw[run, month, source]
            if kind in (Draw.innovation_first, Draw.innovation_second):
                _make_normal(row, centre)


@inlined
def _make_normal(row: Floats, centre: Floats) -> None:
    """Turn a row of uniform draws into normal ones; the two halves are loops of their own."""
    for run in range(row.shape[0]):
        row[run] = row[run] + _HALF_UNIT
        centre[run] = quantile_in_centre(row[run])
    for run in range(row.shape[0]):
        row[run] = quantile_in_tails(row[run], centre[run])
