"""Straight lines between points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regional_sim.numerics.arrays import Floats


def between_points(start: float, points: Mapping[int, float], months: Sequence[int]) -> Floats:
    """Return the values in some months, from 0 on, of a line that runs from start through points.

    The points are in order and begin after month 0; after the last one its value stays.  NumPy's
    own interpolation may round otherwise on another processor.

    Examples
    --------
    >>> between_points(10.0, {4: 20.0}, [0, 1, 4, 9]).tolist()
    [10.0, 12.5, 20.0, 20.0]
    """
    if not points:
        return np.full(len(months), start)
    at = np.array([0, *points], dtype=np.float64)
    values = np.array([start, *points.values()], dtype=np.float64)
    month = np.minimum(np.asarray(months, dtype=np.float64), at[-1])
    before = np.minimum(np.searchsorted(at, month, side="right") - 1, len(points) - 1)
    share: Floats = (month - at[before]) / (at[before + 1] - at[before])
    line: Floats = values[before] + share * (values[before + 1] - values[before])
    line[month == at[-1]] = values[-1]  # exactly, whatever the rounding
    return line
