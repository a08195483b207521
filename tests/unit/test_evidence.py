"""The parts of the page of evidence, by hand and on very few runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.evidence import prior, records
from experiments.evidence.page import markdown
from experiments.evidence.properties import Property, failing
from experiments.evidence.runs import HEADLINE, PRIOR, clamps, interval, pair_place, prior_points
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, PairVar
from regional_sim.scenario import load_scenario

WORLD = load_scenario("baseline").with_settings(
    {"horizon.months_before": 1, "horizon.months_after": 3}
)


def effects(by_point, n_runs=4, noise=0.0):
    """Effects of shape (point, Metric, run), the same for all metrics."""
    spread = noise * np.linspace(-1.0, 1.0, n_runs)
    means = np.asarray(by_point)[:, None, None]
    return means + np.broadcast_to(spread, (len(by_point), len(Metric), n_runs))


class TestPrior:
    def test_points_lie_within_the_ranges_and_are_repeatable(self):
        points = prior_points(8)
        assert points == prior_points(8)
        for point in points:
            assert all(p.low <= point[f"parameters.{p.name}"] <= p.high for p in PRIOR)

    def test_speeds_are_no_part_of_it(self):
        assert not [p.name for p in PRIOR if p.name.endswith("_rate")]

    def test_answers_are_counted(self):
        table = prior.answers(effects([0.05, 0.001, -0.05], noise=0.01), [Metric.tension])
        row = table.iloc[0]
        assert (row["rises"], row["falls"], row["neither"]) == (1, 1, 1)
        assert (row["rises by more"], row["falls by more"]) == (1, 1)
        assert row["open"]

    def test_what_only_rises_is_not_open(self):
        assert not prior.answers(effects([0.05] * 20), [Metric.tension]).iloc[0]["open"]

    def test_who_matters(self):
        full = effects([0.5, 0.5, 0.5])
        held = {"ally": effects([0.5, 0.5, 0.5]), "all": effects([0.0, 0.0, 0.5])}
        found = prior.Sample([{}] * 3, full, held, full, 0)
        table = prior.who_matters(found).set_index("clamped")
        assert not table.loc["ally", "holds"]
        assert table.loc["all", "any"] == pytest.approx(2 / 3)
        assert prior.share_of_all(found) == (1.0, 1.0, 3)

    def test_where_the_answer_turns(self):
        theta = [0.0, 0.5, 1.0]
        table = pd.DataFrame(
            {"signal_gain": 1.0, "theta_challenger": theta, "tension": [-0.1, 0.1, 0.2]}
        )
        assert prior.theta_star(table, Metric.tension) == {1.0: "0.25"}
        assert prior.theta_star(table.assign(tension=1.0), Metric.tension) == {1.0: "none: raises"}

    def test_a_sample_of_two_points(self):
        found = prior.sample(WORLD, 2, 2, 1)
        assert found.full.shape == found.redrawn.shape == (2 - found.unstable, len(Metric), 2)
        assert set(found.held) == set(clamps(WORLD))

    def test_paths_are_found_in_the_tables(self):
        table = prior.path_table(WORLD, [{}], 1)
        assert table["at the defaults"].notna().all()
        assert (table["less by all"] - table["at the defaults"]).abs().max() < 1.0


class TestRecords:
    def test_what_was_observed(self):
        observed = records.read_records()
        assert set(observed["persistence"]) == set(records.OBSERVED_PAIRS.values())
        assert observed["adiz"][0] > observed["adiz"]["before"]

    def test_autocorrelation_by_hand(self):
        series = np.array([1.0, 2.0, 3.0, 2.0])
        assert records.autocorrelation(series, 1) == pytest.approx(0.0)
        assert records.autocorrelation(np.stack([series, series], axis=1), 1).shape == (2,)

    def test_the_norm_of_a_world(self):
        names = [records._norm_text(norm) for norm in records.NORMS]
        assert len(set(names)) == len(names)
        for norm, name in zip(records.NORMS, names, strict=True):
            assert records.norm_of(WORLD.with_settings(norm)) == name

    def test_a_push_changes_nothing_before_it(self):
        def push(world, month):
            if month == 2:
                world.directed[DirectedVar.probing, challenger, partner] += 1.0

        challenger, partner = (WORLD.codes.index(code) for code in ("CHN", "TWN"))
        place = pair_place(WORLD, "CHN", "TWN")
        without, pushed = records.pushed_pair(
            WORLD, 1, 4, push, lambda world: world.pair[PairVar.intensity, place]
        )
        assert without.shape == (4, 1)
        assert (without[:2] == pushed[:2]).all()
        assert (without[2:] != pushed[2:]).any()


def test_an_interval_by_hand():
    mean, half = interval(np.array([1.0, 3.0]))
    assert (mean, half) == pytest.approx((2.0, 1.96))


def test_headlines_are_means():
    assert all(metric.combine == "mean" for metric in HEADLINE)


def test_a_table():
    table = pd.DataFrame({"a": [0.5, np.nan], "b": [True, False], "c": ["x", 3]})
    lines = markdown(table, 2).splitlines()
    assert lines == ["| a | b | c |", "| --- | --- | --- |", "| 0.50 | yes | x |", "|  | no | 3 |"]


def test_what_fails_is_said():
    row = Property("Made up", False, "0 of 3", "nowhere")
    assert row.verdict == "**no**"
    assert failing([row]) == "- **Made up**: 0 of 3."
    assert failing([]) == "Nothing."
