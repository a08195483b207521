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
    """Average each month after the switch with up to six to either side.

    Near the switch there are fewer of them, as many on one side as on the other, so that nothing
    is shifted and no month before the switch is mixed in; those stay as they are.  Near the end
    those are left out that do not exist.

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
    start = int(np.searchsorted(months, 1))
    for month in range(start, len(months)):
        reach = min(_REACH, month - start)
        smooth[month] = values[month - reach : month + reach + 1].mean(axis=0)
    return smooth
