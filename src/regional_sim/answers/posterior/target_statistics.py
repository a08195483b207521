"""What simulated runs have of each target's statistic, point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.analysis.base_rates import MERGE_MONTHS, pair_names
from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.experiment.targets import (
    AutocorrelationTarget,
    DisputeShareTarget,
    DisputesTarget,
    MeanTarget,
    Target,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.load import Results

if TYPE_CHECKING:
    import pandas as pd

_MONTHS_A_DECADE: Final = 120.0
_EVENT_COLUMNS: Final = (
    *("months_after_switch", "rung_before", "rung_after"),
    *("run", "point", "replicate", "pair"),
)
_POOLED_WEIGHT: Final = 4.0
"""Replicates that the noise of all points counts for beside a point's own."""


@dataclass(frozen=True)
class Simulated:
    """A statistic of each target at each point.

    Attributes
    ----------
    value, error : ndarray, shape (point, target)
        Estimate and its standard error; NaN where the runs do not have it.
    """

    value: Floats
    error: Floats


def target_tables(targets: Sequence[Target]) -> tuple[str, ...]:
    """Name the tables that the statistics of some targets are taken from."""
    return tuple(dict.fromkeys(["runs", *(target.table for target in targets)]))


def simulated(results: Results, experiment: Experiment, targets: Sequence[Target]) -> Simulated:
    """Take the statistic of each target from a finished result of the experiment."""
    disputes = (
        Disputes.of(results.table("events"), experiment) if "events" in results.tables else None
    )
    columns = []
    for target in targets:
        match target:
            case DisputesTarget() | DisputeShareTarget() if disputes is not None:
                parts = disputes.counts(target, _posture(target, experiment))
            case AutocorrelationTarget():
                parts = _autocorrelations(results, experiment, target)
            case MeanTarget():
                parts = _means(results, experiment, target)
            case _:
                raise AssertionError(target)
        columns.append(_ratio(*parts))
    value, error = (np.column_stack(one) for one in zip(*columns, strict=True))
    return Simulated(value, error)


def _posture(target: Target, experiment: Experiment) -> str:
    return target.posture or experiment.labels[0]


def _ratio(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Return sums over replicates divided by each other, and their standard errors.

    Both are of shape (point, replicate); NaN stands for a replicate without a value.
    """
    there = np.isfinite(above) & np.isfinite(below)
    n = there.sum(axis=1)
    a, b = np.where(there, above, 0.0), np.where(there, below, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = a.sum(axis=1) / b.sum(axis=1)
        off = np.where(there, a - value[:, None] * b, 0.0)
        variance = (off**2).sum(axis=1) / (n - 1) / n / (b.sum(axis=1) / n) ** 2
    usable = np.isfinite(value) & np.isfinite(variance)
    if usable.any():
        # Few replicates tell little of their own noise, so that of all points helps.
        pooled = np.median(variance[usable])
        variance = (variance * (n - 1) + pooled * _POOLED_WEIGHT) / (n - 1 + _POOLED_WEIGHT)
    return np.where(usable, value, np.nan), np.where(usable, np.sqrt(variance), np.nan)


def _by_run(frame: pd.DataFrame, values: Floats, experiment: Experiment) -> Floats:
    """Put values of rows into shape (point, replicate), NaN where there is no row."""
    placed = np.full((len(experiment.points), experiment.replicates), np.nan)
    placed[frame["point"].to_numpy(), frame["replicate"].to_numpy()] = values
    return placed


def _means(results: Results, experiment: Experiment, target: MeanTarget) -> tuple[Floats, Floats]:
    rows = results.runs[results.runs["posture"] == _posture(target, experiment)]
    values = rows[f"{target.metric}_{target.window}"].to_numpy(np.float64)
    above = _by_run(rows, values, experiment)
    return above, np.ones_like(above)


def _autocorrelations(
    results: Results, experiment: Experiment, target: AutocorrelationTarget
) -> tuple[Floats, Floats]:
    frame = results.table("timeseries")
    rows = frame[
        (frame["posture"] == _posture(target, experiment)) & (frame["months_after_switch"] > 0)
    ].sort_values(["point", "replicate", "month"], kind="stable")
    grouped = rows.groupby(["point", "replicate"], sort=True)[Metric[target.metric].name]
    keys, series = zip(*((key, one.to_numpy(np.float64)) for key, one in grouped), strict=True)
    above, below = (np.full((len(experiment.points), experiment.replicates), np.nan) for _ in "ab")
    for (point, replicate), one in zip(keys, series, strict=True):
        above[point, replicate] = autocorrelation_after(one, target.lag)
        below[point, replicate] = (
            1.0 if target.over_lag is None else autocorrelation_after(one, target.over_lag)
        )
    return above, below


def autocorrelation_after(series: Floats, lag: int) -> float:
    """Return the autocorrelation of a series after some months; NaN where it does not move.

    >>> autocorrelation_after(np.array([1.0, -1.0, 1.0, -1.0]), 1)
    -0.75
    """
    off = series - series.mean()
    square = float(off @ off)
    return float(off[lag:] @ off[:-lag]) / square if square > 0.0 else np.nan


@dataclass(frozen=True)
class Disputes:
    """Disputes that began after the onset of the posture, one an entry of each array.

    Attributes
    ----------
    shape : tuple of int
        Points and replicates.
    decades : float
        Decades in which they were counted.
    pairs : list of str
        Names of pairs.
    postures : ndarray of str
    point, replicate, pair : ndarray of int
        Where it belongs.
    highest, months : ndarray
        Highest rung, and months in dispute.
    """

    shape: tuple[int, int]
    decades: float
    pairs: list[str]
    postures: Integers
    point: Integers
    replicate: Integers
    pair: Integers
    highest: Floats
    months: Floats

    @classmethod
    def of(cls, events: pd.DataFrame, experiment: Experiment) -> Disputes:
        """Put the changes of rung of a result together into disputes."""
        horizons = {frame.horizon for _, _, frame in experiment.frames()}
        if len(horizons) > 1:
            what = "disputes are counted over one horizon, and the points have several"
            raise InputError(what, key="design", hint="take the horizon out of the factors")
        _, last = horizons.pop()
        pairs = pair_names(experiment.scenario.codes)
        named = events["state_a"].astype(str) + "-" + events["state_b"].astype(str)
        rows = events.assign(pair=named.map({name: at for at, name in enumerate(pairs)}))
        rows = rows.sort_values(["run", "pair", "month"], kind="stable")
        month, before, after, run, point, replicate, pair = (
            rows[name].to_numpy() for name in _EVENT_COLUMNS
        )
        series = run * len(pairs) + pair
        found = merged_disputes(series, month, before, after, last=last)
        first = found.first
        return cls(
            (len(experiment.points), experiment.replicates),
            last / _MONTHS_A_DECADE,
            pairs,
            rows["posture"].to_numpy()[first],
            point[first],
            replicate[first],
            pair[first],
            found.highest,
            found.months,
        )

    def counts(
        self, target: DisputesTarget | DisputeShareTarget, posture: str
    ) -> tuple[Floats, Floats]:
        """Count what a target asks for, and what it is a share of: both (point, replicate)."""
        mine = self.postures == posture
        if target.pair is not None:
            mine &= self.pair == self.pairs.index(target.pair)
        if isinstance(target, DisputesTarget):
            counted = self._in_runs(mine & (self.highest >= target.rung))
            return counted, np.full_like(counted, self.decades)
        wanted = (
            self.months > target.over_months
            if target.over_months is not None
            else self.highest >= (target.rung or 1)
        )
        return self._in_runs(mine & wanted), self._in_runs(mine)

    def _in_runs(self, mine: Integers) -> Floats:
        counted = np.zeros(self.shape)
        np.add.at(counted, (self.point[mine], self.replicate[mine]), 1.0)
        return counted


@dataclass(frozen=True)
class MergedDisputes:
    """Disputes in order: the row of their onset, their highest rung, their months in dispute."""

    first: Integers
    highest: Floats
    months: Floats


def merged_disputes(
    series: Integers, month: Integers, before: Integers, after: Integers, last: int
) -> MergedDisputes:
    """Put changes of rung together into disputes that began in month 1 or later.

    All arrays have the shape (change,), in order of `series` (a pair of a run) and of `month`;
    `last` is the last month that was simulated.  The rule is that of
    :func:`regional_sim.analysis.base_rates.count_disputes`.
    """
    if not len(series):
        return MergedDisputes(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    starts = np.r_[True, series[1:] != series[:-1]]
    ends = np.r_[starts[1:], True]
    since = month - np.r_[0, month[:-1]] + 1
    begins = (before == 0) & (starts | (since >= MERGE_MONTHS))
    # The rest of a dispute that was open at the start is a group of its own, and not counted.
    bounds = np.flatnonzero(begins | starts)
    until = np.where(ends, last + 1, np.r_[month[1:], 0])
    lasted = np.where(after > 0, until - month, 0)
    counted = begins[bounds] & (month[bounds] > 0)
    highest = np.maximum.reduceat(after, bounds)
    months = np.add.reduceat(lasted, bounds)
    return MergedDisputes(
        bounds[counted], highest[counted].astype(np.float64), months[counted].astype(np.float64)
    )
