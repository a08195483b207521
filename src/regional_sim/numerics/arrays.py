"""Arrays of a batch: their types, their place in memory, and the names of their rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum
from inspect import get_annotations
from itertools import accumulate
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LINE_BYTES: Final = 64
RUNS_OF_LINE: Final = LINE_BYTES // np.dtype(np.float64).itemsize
"""Runs that lie on one cache line."""


def whole_lines(n_runs: int) -> int:
    """Round a number of runs up to whole cache lines."""
    return -(-n_runs // RUNS_OF_LINE) * RUNS_OF_LINE


def empty_together(shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
    """Return uninitialised arrays in one piece of memory, each at a multiple of 64 bytes.

    Examples
    --------
    >>> state, pair = empty_together([(2, 3), (4,)])
    >>> state.shape, pair.shape, pair.ctypes.data % LINE_BYTES
    ((2, 3), (4,), 0)
    """
    sizes = [math.prod(shape) for shape in shapes]
    ends = list(accumulate(whole_lines(size) for size in sizes))
    piece = np.empty(ends[-1] + RUNS_OF_LINE)
    first = -piece.ctypes.data % LINE_BYTES // piece.itemsize
    begins = [first, *(first + end for end in ends[:-1])]
    return [
        piece[begin : begin + size].reshape(shape)
        for begin, size, shape in zip(begins, sizes, shapes, strict=True)
    ]


class RowEnum(IntEnum):
    """Members are numbered from 0 in the order of declaration and carry values.

    A subclass annotates the names of these values; each member is declared as a tuple of them, in
    the same order.
    """

    def __new__(cls, *values: object) -> Self:
        """Give the next number to a member, and its values to the annotated names."""
        member = int.__new__(cls, len(cls.__members__))
        member._value_ = len(cls.__members__)
        names = [name for base in reversed(cls.__mro__) for name in get_annotations(base)]
        member.__dict__.update(zip(names, values, strict=True))
        return member
