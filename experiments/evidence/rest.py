"""Whether the region rests with noise: metrics early and late, and the rungs it is built on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from experiments.evidence.runs import HEADLINE, YEAR, interval, outcomes, pair_place
from regional_sim.engine.build import build_world
from regional_sim.engine.job import DYAD_COLUMNS, BatchResult, defined_metrics
from regional_sim.model.variables import PairVar
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import Scenario


def traditional(scenario: Scenario, replicates: int) -> BatchResult:
    """Simulate the traditional posture, month by month."""
    series = frozenset({"timeseries", "dyads"})
    return outcomes(scenario, [create("traditional")], replicates, series)[0]


def drift(scenario: Scenario, result: BatchResult) -> pd.DataFrame:
    """Compare months 1-12 with months 109-120, metric by metric."""
    assert result.timeseries is not None
    rows = []
    for metric in defined_metrics(scenario):
        if metric.combine == "sum":
            continue
        early = result.timeseries[:YEAR, metric].mean(axis=0)
        late = result.timeseries[9 * YEAR : 10 * YEAR, metric].mean(axis=0)
        moved, half = interval(late - early)
        bound = metric.smallest / 2.0
        headline = metric in HEADLINE
        means = early.mean(), late.mean()
        rows.append((metric.name, headline, *means, moved, half, bound, abs(moved) < bound))
    columns = "metric,headline,months 1-12,months 109-120,difference,±,half the smallest,holds"
    return pd.DataFrame(rows, columns=columns.split(","))


def expected_rungs(
    scenario: Scenario, result: BatchResult, pairs: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Compare the rung and tension that a pair is built on with those of all months."""
    start = build_world([scenario]).pair[..., 0]
    rows = []
    for one, other in pairs:
        at = pair_place(scenario, one, other)
        means = [float(_of(result, column)[:, at].mean()) for column in ("rung", "tension")]
        calm = _of(result, "rung")[:, at] == 0.0
        in_calm = float(_of(result, "tension")[:, at][calm].mean())
        rung, tension = (float(start[of][at]) for of in (PairVar.rung_start, PairVar.tension_start))
        rows.append((f"{one}-{other}", rung, means[0], tension, means[1], in_calm))
    columns = "pair,expected rung,mean rung,tension at the start,mean tension,of these at rung 0"
    return pd.DataFrame(rows, columns=columns.split(","))


def _of(result: BatchResult, column: str) -> Floats:
    """Return a column of the table of dyads, shape (month, pair, run)."""
    assert result.dyads is not None
    found: Floats = result.dyads[:, [one.name for one in DYAD_COLUMNS].index(column)]
    return found
