"""An outcome of every run of a result, as point means and what of them is replicate noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.answers.outcomes import Outcome, PointResults
from regional_sim.numerics.arrays import Floats, Integers

if TYPE_CHECKING:
    import pandas as pd

_READ_BYTES: Final = 2**22
"""Bytes of the table of runs that are read at a time."""


@dataclass(frozen=True)
class SampledValues:
    """Means of an outcome by point, with what replicates say of their noise.

    The noise of any sum of products of means, such as their variance or a squared difference, is
    the sum over the rows of `deviations` of the same sum of products of that row: what is left
    when it is taken away has no bias by a finite number of replicates.  Replicates share their
    random numbers between points, so the noise of a difference between two points may be far
    less than the standard errors of both would have it; this counts it as it is.

    Attributes
    ----------
    mean : ndarray
        Shape (point,); NaN where no replicate has a value.
    deviations : ndarray
        Deviations of replicates from the means, scaled, shape (replicate, point); without rows
        where fewer than two replicates have a value at every point.
    """

    mean: Floats
    deviations: Floats

    @classmethod
    def of_runs(cls, values: Floats) -> SampledValues:
        """Take values of shape (point, replicate), NaN where there is none."""
        there = ~np.isnan(values)
        n = there.sum(axis=1)
        with np.errstate(invalid="ignore"):
            mean = np.where(there, values, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan)
        # A replicate counts for the noise where every point that has values has its value.
        full = values[n > 0][:, there[n > 0].all(axis=0)]
        many = full.shape[1] if full.size else 0
        if many < 2:  # noqa: PLR2004 (one replicate has no deviation)
            return cls(mean, np.empty((0, len(mean))))
        typical = 1.0 / np.mean(1.0 / n[n > 0])
        deviations = np.full((many, len(mean)), np.nan)
        deviations[:, n > 0] = (full - full.mean(axis=1, keepdims=True)).T
        return cls(mean, deviations / np.sqrt(typical * (many - 1)))

    def at(self, points: Integers) -> SampledValues:
        """Return the values at some points."""
        return SampledValues(self.mean[points], self.deviations[:, points])

    @property
    def variance(self) -> float:
        """Variance of the means over points, noise included."""
        return float(np.var(self.mean, ddof=1))

    @property
    def noise_variance(self) -> float:
        """What of that variance is replicate noise; NaN where nothing tells it."""
        if not len(self.deviations):
            return float("nan")
        return float(np.var(self.deviations, axis=1, ddof=1).sum())


def sampled_values(points: PointResults, outcomes: Sequence[Outcome]) -> list[SampledValues]:
    """Read outcomes of all runs, in one pass over the table."""
    wanted = {f"{one.metric.name}_{one.window}" for one in outcomes}
    runs = _columns(points, ["point", "replicate", "posture", *sorted(wanted)])
    replicates, places = np.unique(runs["replicate"].to_numpy(), return_inverse=True)
    postures = runs["posture"].to_numpy(dtype=object)
    at = runs["point"].to_numpy()

    def of(column: str, posture: str) -> Floats:
        mine = postures == posture
        values = np.full((points.n_points, len(replicates)), np.nan)
        values[at[mine], places[mine]] = runs[column].to_numpy(dtype=float)[mine]
        return values

    made = []
    for one in outcomes:
        column = f"{one.metric.name}_{one.window}"
        values = of(column, one.posture)
        if one.reference is not None:
            values = values - of(column, one.reference)
        made.append(SampledValues.of_runs(values))
    return made


def _columns(points: PointResults, columns: list[str]) -> pd.DataFrame:
    results = points.results
    if results.folder is None:
        return results.runs[columns]
    import pyarrow as pa

    from regional_sim.results.table_file import read_batches

    batches = read_batches(results.path("runs"), results.kinds("runs"), columns, _READ_BYTES)
    frame: pd.DataFrame = pa.Table.from_batches(batches).to_pandas()
    return frame
