"""Counting disputes, the record, and whether they agree."""

from __future__ import annotations

import numpy as np
import pytest
from ruamel.yaml import YAML

from regional_sim.analysis.base_rates import (
    DisputeCounts,
    DisputeRecord,
    base_rate_table,
    count_disputes,
    poisson_interval,
    read_targets,
    share_interval,
    simulate,
    simulate_all,
    target_table,
)
from regional_sim.engine.job import PAIR_COLUMNS
from regional_sim.model.variables import PairVar
from regional_sim.scenario import load_scenario, shipped_config


def _dyads(rungs: list[int]) -> np.ndarray:
    dyads = np.zeros((len(rungs), len(PAIR_COLUMNS), 1, 1))
    dyads[:, PAIR_COLUMNS.index(PairVar.rung), 0, 0] = rungs
    return dyads


@pytest.mark.parametrize(
    ("rungs", "disputes", "parts", "crises", "wars"),
    [
        ([0, 0, 0], 0, [0, 0, 0], 0, 0),
        ([1, 0, 0, 1, 0], 1, [0, 1, 0], 0, 0),  # again within six months: the same dispute
        ([1, 0, 0, 0, 0, 0, 1], 2, [0, 0, 0], 0, 0),
        ([1, 2, 3, 3, 0], 1, [1, 1, 0], 1, 0),
        ([1, 0, 2, 3, 0], 1, [1, 1, 0], 1, 0),
        ([3, 4, 4, 1, 0], 1, [1, 1, 0], 1, 1),
        ([1, 1, 1, 1, 1, 1], 1, [0, 1, 0], 0, 0),
        ([1, 1, 1, 1, 1, 1, 1], 1, [0, 1, 1], 0, 0),
    ],
)
def test_disputes_are_counted_as_they_were_observed(
    rungs: list[int], disputes: int, parts: list[int], crises: int, wars: int
) -> None:
    counts = count_disputes(_dyads(rungs))
    assert counts.disputes.item() == disputes
    assert counts.parts.ravel().tolist() == parts
    assert counts.crises.item() == crises
    assert counts.wars.item() == wars
    assert counts.months.item() == sum(rung > 0 for rung in rungs)


def test_disputes_of_the_first_months_are_not_counted_nor_what_becomes_of_them() -> None:
    rungs = [1, 1, 3, 4, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0]
    counts = count_disputes(_dyads(rungs), settle=2)
    assert counts.years == 1.0
    assert (counts.disputes.item(), counts.wars.item(), counts.months.item()) == (1, 0, 1)
    assert counts.parts.ravel().tolist() == [0, 0, 0]


def test_the_targets_sum_to_the_record_in_both_periods() -> None:
    document = YAML(typ="safe").load(shipped_config("targets/disputes_1990_2010"))
    recorded = np.array([figures["recorded"] for figures in document["pairs"].values()])
    assert recorded.sum(axis=0).tolist() == [49, 59]
    both = read_targets()
    assert (both.years, both.onsets.sum(), both.parts[0].sum()) == (21.0, 95, 31)
    halves = [read_targets(period=k) for k in range(2)]
    assert [one.years for one in halves] == [11.0, 10.0]
    assert np.array_equal(halves[0].onsets + halves[1].onsets, both.onsets)
    assert np.array_equal(halves[0].parts + halves[1].parts, both.parts)
    assert (both.parts <= both.onsets).all()
    assert (both.parts[2] <= both.parts[1]).all()
    leading = {both.names[at] for at in both.ranked()[:3]}
    assert leading == {"CHN-JPN", "CHN-TWN", "KOR-PRK"}


def test_intervals_hold_all_of_what_they_should() -> None:
    assert poisson_interval(0) == pytest.approx((0.0, 3.6889), abs=1e-4)
    assert share_interval(0, 5) == pytest.approx((0.0, 0.5218), abs=1e-4)
    assert share_interval(5, 5) == pytest.approx((0.4782, 1.0), abs=1e-4)


def _counts(disputes: list[float], parts: list[list[float]]) -> DisputeCounts:
    """Counts of one run over ten years."""
    column = np.array(disputes)[:, None]
    none = np.zeros_like(column)
    return DisputeCounts(10.0, column, none, none, column, np.array(parts)[:, :, None])


def test_every_target_passes_or_fails_on_its_own_line() -> None:
    record = DisputeRecord(
        ("A-B", "A-C", "B-C"),
        20.0,
        np.array([8.0, 0.0, 1.0]),
        np.array([[4.0, 0, 0], [2.0, 0, 0], [0.0, 0, 0]]),
        0.0,
    )
    counts = _counts([4.0, 3.0, 0.5], [[2.0, 0, 0], [4.0, 0, 0], [0.0, 0, 0]])
    table = target_table(counts, record).set_index(["target", "pair"])
    passes = table["passes"].to_dict()
    assert table.loc[("onsets", "A-B"), "simulated"] == 8.0
    assert passes[("onsets", "A-B")]
    assert passes[("onsets", "B-C")]
    assert not passes[("onsets", "pairs without a dispute")]  # 6 against at most 3.7
    assert passes[("share reaching force", "A-B")]
    assert not passes[("share over 1 month", "A-B")]  # all of them, against 2 of 8
    assert ("share over 1 month", "B-C") not in passes  # too few onsets
    shorter = base_rate_table(counts, record)
    assert shorter["pair"].tolist() == ["A-B", "B-C"]
    assert shorter["inside"].tolist() == [True, True]


def test_worlds_simulated_together_share_random_numbers() -> None:
    scenario = load_scenario("world_2010").with_settings({"horizon.months_after": 24})
    calm = scenario.with_settings({"parameters.ladder_restraint": 5.0})
    together = simulate_all([scenario, calm], 6)
    alone = simulate(scenario, 6)
    assert np.array_equal(together[0].disputes, alone.disputes)
    assert together[1].disputes.sum() < alone.disputes.sum()
    assert alone.years == 2.0
