"""Anchors of the smallest effects of interest in the catalogue: ``make smallest-effects``.

The anchor of a metric is half the standard deviation of its yearly means within a run of the
baseline under the traditional posture, the median over runs, with one significant digit: an effect
below it is smaller than what one year differs from the next by itself.  Of a sum, a yearly mean is
the sum over twelve.  No other posture is run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import numpy as np

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob
from regional_sim.model.metrics.catalogue import STIPULATED_EFFECTS, Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import load_scenario

_REPLICATES: Final = 512
_SEED: Final = 1203
YEAR_MONTHS: Final = 12

LEAST_ANCHOR: Final = 0.001
"""Below it a metric hardly varies within a run, and its smallest effect is stipulated."""


def yearly_sd(replicates: int = _REPLICATES) -> Floats:
    """Return the standard deviation of yearly means within a run, median over runs, by metric.

    Years are counted from the onset of the posture; shape (Metric,), NaN where the baseline does
    not define the metric.
    """
    scenario = load_scenario("baseline")
    policies = [create("traditional")]
    series = frozenset({"timeseries"})
    ((result,),) = run_batch(BatchJob.of(scenario, policies, _SEED, 0, replicates, series=series))
    assert result.timeseries is not None
    months = result.timeseries[scenario.months_before :]
    n_years = len(months) // YEAR_MONTHS
    years = months[: n_years * YEAR_MONTHS].reshape(n_years, YEAR_MONTHS, *months.shape[1:])
    return np.asarray(np.median(years.mean(axis=1).std(axis=0, ddof=1), axis=-1))


def one_digit(value: float) -> float:
    """Round to one significant digit.

    >>> one_digit(0.0234), one_digit(0.96), one_digit(0.0)
    (0.02, 1.0, 0.0)
    """
    return float(f"{value:.0e}")


def anchor_verdicts(deviations: Floats) -> Iterator[tuple[Metric, float, str]]:
    """Give each metric's anchor, and what the catalogue has to change, if anything."""
    for metric, deviation in zip(Metric, deviations, strict=True):
        anchor = one_digit(float(deviation) / 2.0)
        if metric in STIPULATED_EFFECTS:
            said = "stipulated" if anchor <= metric.smallest else "now varies: anchor it"
        elif anchor < LEAST_ANCHOR:
            said = "hardly varies now: stipulate it"
        else:
            said = "" if anchor == metric.smallest else "differs"
        yield metric, anchor, said


def main() -> int:
    """Print each metric's anchor beside the value in the catalogue."""
    deviations = yearly_sd()
    sys.stdout.write(f"{'metric':32}{'sd of yearly mean':>18}{'half':>9}{'catalogue':>11}\n")
    for metric, anchor, said in anchor_verdicts(deviations):
        numbers = f"{deviations[metric]:18.3g}{anchor:9g}{metric.smallest:11g}"
        sys.stdout.write(f"{metric.name:32}{numbers}  {said}".rstrip() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
