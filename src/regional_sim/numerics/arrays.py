"""Where the arrays of a block lie: one piece of memory, each array at the start of a cache line.

The processor reads eight runs at once.  Where these lie across two lines of the cache, each read
costs two; where arrays share one large piece, the system can give it large pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


Integers = NDArray[np.int64]


LINE_BYTES: Final = 64
RUNS_OF_LINE: Final = LINE_BYTES // np.dtype(np.float64).itemsize
"""Runs that lie on one line; rows of whole lines all begin on one."""


def empty_together(shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
    """Make arrays in one piece of memory, with nothing in particular in them.

    Parameters
    ----------
    shapes : sequence of tuple of int
        Shapes of the arrays.

    Returns
    -------
    list of ndarray
        C-contiguous and writeable, each at a multiple of :data:`LINE_BYTES`.

    Examples
    --------
    >>> state, pair = empty_together([(2, 3), (4,)])
    >>> state.shape, pair.shape, pair.ctypes.data % LINE_BYTES
    ((2, 3), (4,), 0)
    """
    sizes = [math.prod(shape) for shape in shapes]
    ends = list(accumulate(_whole_lines(size) for size in sizes))
    piece = np.empty(ends[-1] + RUNS_OF_LINE)
    first = -piece.ctypes.data % LINE_BYTES // piece.itemsize
    begins = [first, *(first + end for end in ends[:-1])]
    return [
        piece[begin : begin + size].reshape(shape)
        for begin, size, shape in zip(begins, sizes, shapes, strict=True)
    ]


def _whole_lines(size: int) -> int:
    return -(-size // RUNS_OF_LINE) * RUNS_OF_LINE
