"""The draws of a run as NumPy's generator makes them, the same as the package's own."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.peers import plain_rules
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.variables import Draw
from regional_sim.numerics.philox import DRAWS_PER_STEP

_HALF_UNIT = 2.0**-54
_INNOVATIONS = (Draw.innovation_first, Draw.innovation_second)
_SWAPPED = [Draw.incident, Draw.exit, *(kind ^ 1 for kind in Draw if kind > Draw.exit)]


def draw_months(luck: RandomStreams, chunk: int, replicate: int) -> list[list[list[float]]]:
    """Draw a chunk of months with NumPy's generator: by month, kind of draw and pair.

    Parameters
    ----------
    luck : RandomStreams
        Keys of the streams.
    chunk : int
        Which chunk of months.
    replicate : int
        Number of the replicate.

    Returns
    -------
    list of list of list of float
        Uniform draws; innovations are normal.
    """
    shape = (CHUNK_MONTHS, len(Draw))
    by_pair = np.empty((*shape, len(luck.keys)))
    philox = np.random.Philox(key=0)
    generator = np.random.Generator(philox)
    state = philox.state
    state["state"]["counter"][:] = (replicate * math.prod(shape) // DRAWS_PER_STEP, 0, chunk, 0)
    for pair, (key, swapped) in enumerate(zip(luck.keys, luck.swapped, strict=True)):
        state["state"]["key"] = key
        philox.state = state
        raw = generator.random(shape)
        by_pair[:, :, pair] = raw[:, _SWAPPED] if swapped else raw
    months: list[list[list[float]]] = by_pair.tolist()
    for draws in months:
        for kind in _INNOVATIONS:
            draws[kind] = [plain_rules.normal_quantile(draw + _HALF_UNIT) for draw in draws[kind]]
    return months
