"""NumPy's Philox random numbers, bit for bit, for many runs at once.

NumPy draws from one stream after the other.  Here a loop over runs draws one number for each, and
is vectorised.  Vector instructions multiply numbers of 32 bits, so each word of 64 bits is kept as
two halves; written with whole words, the compiler would recognise the 64-bit product and multiply
one by one.

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
"""Random numbers that one step of the counter gives."""

Words = NDArray[np.uint64]
Half = np.uint64
"""The upper or the lower 32 bits of a word."""
Key = tuple[Half, Half, Half, Half]
"""Two words: upper and lower half of the first, then of the second."""
Counter = tuple[Half, Half, Half, Half, Half, Half, Half, Half]
"""Four words, in the same order of halves."""

_WIDTH = np.uint64(32)
_LOWER = np.uint64(0xFFFFFFFF)
_FACTOR_0 = (np.uint64(0xD2E7470E), np.uint64(0xE14C6C93))
_FACTOR_1 = (np.uint64(0xCA5A8263), np.uint64(0x95121157))
_KEY_STEP = tuple(map(np.uint64, (0x9E3779B9, 0x7F4A7C15, 0xBB67AE85, 0x84CAA73B)))
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
    """Fill four rows with what one step of the counter gives each run, in [0, 1).

    Run r gets the numbers that follow ``first + r * per_run`` steps of the counter in ``chunk``;
    these are the counter's first and third word, the others are 0.
    """
    steps = first + _ONE
    for run in range(row_0.shape[0]):
        at = np.uint64(run)  # unsigned, so Numba does not test for a negative index
        low, high = (steps >> _WIDTH, steps & _LOWER), (chunk >> _WIDTH, chunk & _LOWER)
        words = _mix((*low, _NONE, _NONE, *high, _NONE, _NONE), key)
        row_0[at] = _unit(words[0], words[1])
        row_1[at] = _unit(words[2], words[3])
        row_2[at] = _unit(words[4], words[5])
        row_3[at] = _unit(words[6], words[7])
        steps = steps + per_run


@inlined
def _mix(words: Counter, key: Key) -> Counter:
    """Apply the ten rounds, written out so that the compiler need not unroll a loop."""
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
