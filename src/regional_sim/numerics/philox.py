"""The Philox generator for many runs at once: the numbers of ``numpy.random.Philox``, bit for bit.

NumPy makes the numbers of one stream after the other.  Here a loop over runs makes one number of
each, and becomes packed instructions.  These multiply numbers of 32 bits, so each word of 64 bits
is kept as two halves; written with whole words, the compiler would see through the halving and
fall back to multiplying one by one.

References
----------
Salmon, J. K. et al. (2011). Parallel random numbers: as easy as 1, 2, 3. *SC '11*.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop

DRAWS_PER_STEP = 4
"""Numbers that one step of the counter gives."""

Words = NDArray[np.uint64]

Half = np.uint64
"""The upper or the lower 32 bits of a word."""

Key = tuple[Half, Half, Half, Half]
"""Two words: upper and lower half of the first, then of the second."""

Counter = tuple[Half, Half, Half, Half, Half, Half, Half, Half]
"""Four words in the same order."""

_WIDTH = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)
_FACTOR_0 = (np.uint64(0xD2E7470E), np.uint64(0xE14C6C93))
_FACTOR_1 = (np.uint64(0xCA5A8263), np.uint64(0x95121157))
_KEY_STEP = (
    np.uint64(0x9E3779B9),
    np.uint64(0x7F4A7C15),
    np.uint64(0xBB67AE85),
    np.uint64(0x84CAA73B),
)
_UPPER_SHIFT = np.uint64(21)
_LOWER_SHIFT = np.uint64(11)
_UNIT = 2.0**-53
_ONE = np.uint64(1)
_NONE = np.uint64(0)


@inlined
def stream_key(first: np.uint64, second: np.uint64) -> Key:
    """Return the key of a stream from its two words."""
    return first >> _WIDTH, first & _LOWER, second >> _WIDTH, second & _LOWER


@noalias_loop
def fill_four_rows(
    key: Key,
    chunk: np.uint64,
    first: np.uint64,
    per_run: np.uint64,
    row_0: Floats,
    row_1: Floats,
    row_2: Floats,
    row_3: Floats,
) -> None:
    """Fill four rows with what one step of the counter gives each run.

    Parameters
    ----------
    key : tuple of numpy.uint64
        The key of the stream.
    chunk : numpy.uint64
        Third word of the counter.
    first : numpy.uint64
        Steps of the counter before the one that is made for run 0.
    per_run : numpy.uint64
        Steps of the counter from one run to the next.
    row_0, row_1, row_2, row_3 : ndarray, shape (run,)
        Get the four numbers, uniform in [0, 1).
    """
    steps = first + _ONE
    for run in range(row_0.shape[0]):
        at = np.uint64(run)  # spares a look at whether it is negative
        words = (
            steps >> _WIDTH,
            steps & _LOWER,
            _NONE,
            _NONE,
            chunk >> _WIDTH,
            chunk & _LOWER,
            _NONE,
            _NONE,
        )
        words = _mix(words, key)
        row_0[at] = _unit(words[0], words[1])
        row_1[at] = _unit(words[2], words[3])
        row_2[at] = _unit(words[4], words[5])
        row_3[at] = _unit(words[6], words[7])
        steps = steps + per_run


@inlined
def _mix(words: Counter, key: Key) -> Counter:
    """Pass the ten rounds; a loop would have to be undone by the compiler."""
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    words, key = _round(words, key), _next(key)
    return _round(words, key)


@inlined
def _round(words: Counter, key: Key) -> Counter:
    high_0, high_1, low_0, low_1 = _product(words[0], words[1], _FACTOR_0)
    other_high_0, other_high_1, other_low_0, other_low_1 = _product(words[4], words[5], _FACTOR_1)
    return (
        other_high_0 ^ words[2] ^ key[0],
        other_high_1 ^ words[3] ^ key[1],
        other_low_0,
        other_low_1,
        high_0 ^ words[6] ^ key[2],
        high_1 ^ words[7] ^ key[3],
        low_0,
        low_1,
    )


@inlined
def _product(upper: Half, lower: Half, factor: tuple[Half, Half]) -> tuple[Half, Half, Half, Half]:
    """Return the 128 bits of a product of two words, as four halves from the top."""
    bottom = lower * factor[1]
    first = lower * factor[0] + (bottom >> _WIDTH)
    second = upper * factor[1] + (first & _LOWER)
    top = upper * factor[0] + (first >> _WIDTH) + (second >> _WIDTH)
    return top >> _WIDTH, top & _LOWER, second & _LOWER, bottom & _LOWER


@inlined
def _next(key: Key) -> Key:
    """Return the key of the next round: both words grow by a constant."""
    first = key[1] + _KEY_STEP[1]
    second = key[3] + _KEY_STEP[3]
    return (
        (key[0] + _KEY_STEP[0] + (first >> _WIDTH)) & _LOWER,
        first & _LOWER,
        (key[2] + _KEY_STEP[2] + (second >> _WIDTH)) & _LOWER,
        second & _LOWER,
    )


@inlined
def _unit(upper: Half, lower: Half) -> float:
    """Return the upper 53 bits of a word as a number in [0, 1)."""
    return float((upper << _UPPER_SHIFT) | (lower >> _LOWER_SHIFT)) * _UNIT
