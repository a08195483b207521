"""Metrics over time, arranged to be drawn: months down, replicates across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

_REACH: Final = 6
"""Months to each side of one that are averaged with it."""


@dataclass(frozen=True)
class Paths:
    """A metric over time.

    Attributes
    ----------
    months : ndarray of int, shape (month,)
        Months after the switch.
    by_posture : dict of ndarray, shape (month, replicate)
        Values by label of the posture, the reference first, with the same luck in each column.
    n_points : int
        Points that the values are averaged over.
    """

    months: Integers
    by_posture: Mapping[str, Floats]
    n_points: int = 1


def paths_of(frame: pd.DataFrame, metric: str, labels: Sequence[str]) -> Paths:
    """Arrange a metric of the table of time series.

    A replicate has the same luck at every point, so points are averaged before replicates are
    counted.

    Parameters
    ----------
    frame : DataFrame
        The table.
    metric : str
        A column of it.
    labels : sequence of str
        Postures, the reference first.

    Returns
    -------
    Paths
        Every replicate under each posture.
    """
    keys = ["months_after_switch", "posture", "replicate"]
    wide = frame.pivot_table(index=keys[0], columns=keys[1:], values=metric, aggfunc="mean")
    by_posture = {label: wide[label].sort_index(axis=1).to_numpy(np.float64) for label in labels}
    return Paths(wide.index.to_numpy(np.int64), by_posture, int(frame["point"].nunique()))


def smoothed(values: Floats, months: Integers) -> Floats:
    """Average each month after the switch with as many before it as after it, up to six.

    There are fewer of them at both ends, where the window would reach over the switch or past the
    last month.  As the window lies evenly, it shifts nothing and leaves a straight line straight.
    Months before the switch stay as they are.

    Parameters
    ----------
    values : ndarray, shape (month, replicate)
        Values.
    months : ndarray of int, shape (month,)
        Months after the switch.

    Returns
    -------
    ndarray, shape (month, replicate)
        Means.

    Examples
    --------
    >>> smoothed(np.array([[8.0], [1.0], [3.0], [2.0]]), np.array([0, 1, 2, 3]))[:, 0].tolist()
    [8.0, 1.0, 2.0, 2.0]
    """
    smooth = values.copy()
    start, end = int(np.searchsorted(months, 1)), len(months)
    for month in range(start, end):
        reach = min(_REACH, month - start, end - 1 - month)
        smooth[month] = values[month - reach : month + reach + 1].mean(axis=0)
    return smooth
