"""The time to an answer: replicates that are needed, and the table of the page on speed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.answer_time import (
    OURS,
    PLAIN,
    Needed,
    all_of,
    independent_replicates,
    needed,
    table,
)
from benchmarks.performance import DOCS, PAGE, PARTS
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import contrast, contrast_unpaired
from regional_sim.report.findings import HEADLINE


def values_of(n: int, sd: float) -> Floats:
    """Make so many values with exactly this standard deviation."""
    values = np.random.default_rng(n).normal(size=n)
    return sd * (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(("sd", "other_sd"), [(1.0, 1.0), (1.0, 0.2), (0.1, 2.0)])
@pytest.mark.parametrize("half_width", [0.2, 0.5, 3.0])
def test_independent_replicates_are_those_of_the_interval(
    sd: float, other_sd: float, half_width: float
) -> None:
    n = independent_replicates(np.array([sd, other_sd]) ** 2, half_width)

    def half(n_runs: int) -> float:
        one, other = values_of(n_runs, sd), values_of(n_runs, other_sd)
        found = contrast_unpaired(one[None], other[None])
        return float(found["ci_high"][0] - found["ci_low"][0]) / 2.0

    assert half(n) <= half_width
    assert n == 2 or half(n - 1) > half_width


def test_pairs_need_replicates_by_their_differences() -> None:
    """With the deviation that was measured, the interval of so many pairs is narrow enough."""
    draws = np.random.default_rng(1)
    shared = draws.normal(size=(len(Metric), 200))
    levels = np.stack([shared, shared + 0.1 * draws.normal(size=shared.shape)])
    levels *= np.array([metric.smallest for metric in Metric])[:, None] * 20.0
    for one in needed(levels):
        metric = Metric[one.of]
        sd = float(contrast(levels[1][[metric]], levels[0][[metric]])["sd"][0])
        pairs = values_of(one.paired, sd)
        found = contrast(pairs[None], np.zeros((1, one.paired)))
        assert float(found["ci_high"][0] - found["difference"][0]) <= metric.smallest
        assert one.independent > 10 * one.paired
    assert [one.of for one in needed(levels)] == list(HEADLINE)


def test_the_table_takes_the_ratio_of_each_round() -> None:
    found = [Needed("tension", 0.01, 5, 10), Needed("hedger_lean", 0.02, 2, 20)]
    assert all_of(found)[2:] == (5, 20)
    rounds = [
        {PLAIN: 2.0, OURS: 0.2, 2: 0.1, 5: 0.2},
        {PLAIN: 4.0, OURS: 0.2, 2: 0.1, 5: 0.1},
        {PLAIN: 3.0, OURS: 0.2, 2: 0.1, 5: 0.1},
    ]
    rows = table(found, rounds).splitlines()
    assert len({row.count("|") for row in rows}) == 1
    assert rows[2] == (
        "| tension | 0.01 | 5 | 10 | 0.1 | 30 | 300 (100 to 400) | 2 | 20 (10 to 20) |"
    )
    assert rows[4].startswith("| all of them |  | 5 | 20 | 0.1 | 60 | 600 (200 to 800) |")


def test_every_part_has_a_place_on_the_page() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    assert [name for name in PARTS if f"<!-- measured: {name} -->\n" not in page] == []


@pytest.mark.slow
def test_everything_is_measured() -> None:
    said = PARTS["answer"](DOCS, True)
    assert said.count("\n| ") == len(HEADLINE) + 3
