# ruff: noqa: E501 (a row of a table is one line)
"""Comparing tables: by hand, against scipy, and by what must hold."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

import regional_sim
from regional_sim.analysis import compare, foreign_table
from regional_sim.analysis.agreement import Tolerance
from regional_sim.analysis.compared_table import Selection, Side, parse_selection
from regional_sim.analysis.foreign_table import kinds_of_csv
from regional_sim.analysis.resampling import bootstrap_interval
from regional_sim.analysis.result_comparison import STATISTIC_COLUMNS, OutcomeColumn
from regional_sim.errors import ABSENT, InputError, OutputExistsError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.differences import plan_differences
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.results.table_file import opened_csv
from tests.support.cli import invoke

RNG = np.random.default_rng(5)
SHARED = RNG.normal(size=30)
A = SHARED + 0.2 * RNG.normal(size=30)
B = SHARED + 0.3 + 0.2 * RNG.exponential(size=30)


def frame(values, **columns):
    """A table whose rows are told apart by their replicate."""
    return pd.DataFrame({"replicate": range(len(values)), "y": values, **columns})


def only(comparison):
    """The only row of a comparison."""
    (row,) = comparison.table.to_dict("records")
    return row


def refused(expected, *tables, **options):
    with pytest.raises(InputError, match=expected) as caught:
        regional_sim.compare(*tables, **options)
    assert caught.value.exit_code == 2


# ---------------------------------------------------------------------------------- statistics


def test_pairs_by_hand():
    found = only(
        regional_sim.compare(frame([1.0, 2, 3, 4]), frame([2.0, 2, 5, 3]), key="replicate")
    )
    changes = np.array([1.0, 0, 2, -1])
    half = stats.t.ppf(0.975, 3) * changes.std(ddof=1) / 2
    variances = np.var([1, 2, 3, 4], ddof=1), np.var([2, 2, 5, 3], ddof=1)
    expected = {
        "pairs": 4,
        "n_a": 4,
        "n_b": 4,
        "mean_a": 2.5,
        "mean_b": 3.0,
        "difference": 0.5,
        "ci_low": 0.5 - half,
        "ci_high": 0.5 + half,
        "percent": 20.0,
        "cohens_dz": 0.5 / changes.std(ddof=1),
        "cohens_d": 0.5 / math.sqrt(sum(variances) / 2),
        "probability_of_superiority": 2.5 / 4,
        "variance_reduction": 1 - changes.var(ddof=1) / sum(variances),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert (found["metric"], found["window"], found["unit"]) == ("y", "", "")


def test_any_effect_counts_in_a_column_that_is_no_metric():
    found = only(regional_sim.compare(frame([1, 2]), frame([2, 3.5]), key="replicate"))
    assert (found["smallest_effect"], found["verdict"]) == (0.0, "unclear")
    found = only(regional_sim.compare(frame([1, 2]), frame([2, 3]), key="replicate"))
    assert found["verdict"] == "raises"


def test_pairs_agree_with_scipy():
    found = only(regional_sim.compare(frame(A), frame(B), key="replicate"))
    interval = stats.ttest_rel(B, A).confidence_interval()
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(tuple(interval), rel=1e-12)


def test_no_pairs_agree_with_scipy():
    comparison = regional_sim.compare(frame(A), frame(B[:20]), key="replicate", paired=False)
    found = only(comparison)
    interval = stats.ttest_ind(B[:20], A, equal_var=False).confidence_interval()
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(tuple(interval), rel=1e-12)
    assert (found["pairs"], found["n_a"], found["n_b"]) == (0, 30, 20)
    u = stats.mannwhitneyu(B[:20], A).statistic
    assert found["probability_of_superiority"] == pytest.approx(u / 600)
    assert math.isnan(found["cohens_dz"])
    assert math.isnan(found["variance_reduction"])
    assert not comparison.paired
    assert comparison.alignment.reason == "as asked for"


@pytest.mark.parametrize("n", [12, 60])
def test_intervals_are_those_of_scipy_on_the_values_themselves(n):
    """The same resamples, taken of the differences and not of their numbers."""
    values = np.random.default_rng(n).exponential(size=(1, n))
    found = bootstrap_interval(values, seed=3)
    direct = stats.bootstrap(
        (values[0],), np.mean, n_resamples=2000, rng=np.random.default_rng(3), method="BCa"
    ).confidence_interval
    ends = found["bootstrap_low"].item(), found["bootstrap_high"].item()
    assert ends == pytest.approx(tuple(direct), rel=1e-9)


def test_intervals_of_two_samples_are_those_of_scipy():
    found = bootstrap_interval(B[None, :18], A[None, :], seed=3)
    direct = stats.bootstrap(
        (B[:18], A),
        lambda b, a, axis: b.mean(axis=axis) - a.mean(axis=axis),
        n_resamples=2000,
        rng=np.random.default_rng(3),
        method="BCa",
    ).confidence_interval
    ends = found["bootstrap_low"].item(), found["bootstrap_high"].item()
    assert ends == pytest.approx(tuple(direct), rel=1e-9)


def test_many_pairs_have_percentiles():
    values = np.random.default_rng(1).normal(size=(1, 2500))
    found = bootstrap_interval(values, resamples=500)
    direct = stats.bootstrap(
        (values[0],),
        np.mean,
        n_resamples=500,
        # Batches do not change which resamples are drawn.
        batch=2**20 // 2500,
        rng=np.random.default_rng(0),
        method="percentile",
    ).confidence_interval
    assert found["bootstrap_low"].item() == pytest.approx(direct.low, rel=1e-9)


def test_where_nothing_varies_the_interval_is_the_difference():
    found = only(regional_sim.compare(frame([0.1] * 5), frame([0.4] * 5), key="replicate"))
    assert found["bootstrap_low"] == found["bootstrap_high"] == found["difference"]
    assert found["ci_low"] == found["ci_high"] == found["difference"]
    assert math.isnan(found["cohens_dz"])


def test_tiny_values_have_an_interval():
    found = bootstrap_interval(np.array([[0.0, 1e-228, 0.0, 2e-228]]))
    assert 0 <= found["bootstrap_low"].item() < found["bootstrap_high"].item() < 2e-228


def test_tiny_differences_of_large_values_have_an_interval():
    found = only(regional_sim.compare(frame([1.0, 0, 0]), frame([1.0, 0, 1e-200]), key="replicate"))
    assert 0.0 <= found["bootstrap_low"] < found["bootstrap_high"] <= 1e-200


def test_one_pair_has_no_interval():
    found = only(regional_sim.compare(frame([1.0]), frame([3.0]), key="replicate"))
    assert (found["pairs"], found["difference"]) == (1, 2.0)
    assert all(math.isnan(found[name]) for name in ("ci_low", "bootstrap_low", "cohens_dz"))


def test_pairs_without_a_value_are_left_out():
    a = frame([1.0, math.nan, 3.0, 4.0], x=[1.0, 2, 3, 4])
    b = frame([2.0, 5.0, math.nan, 7.0], x=[2.0, 3, 4, 5])
    table = regional_sim.compare(a, b, key="replicate").table.set_index("metric")
    assert table["pairs"].to_dict() == {"y": 2, "x": 4}
    assert table["difference"].to_dict() == {"y": 2.0, "x": 1.0}
    assert table.loc["y", "bootstrap_low"] >= 1.0


def test_infinite_values_are_none():
    a, b = frame([1, math.inf, -math.inf, 2]), frame([3, math.inf, 4, 3])
    found = only(regional_sim.compare(a, b, key="replicate"))
    assert (found["pairs"], found["difference"]) == (2, 1.5)


numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@settings(max_examples=40)
@given(st.data(), st.booleans())
def test_swapping_the_sides_turns_the_sign(data, paired):
    n = data.draw(st.integers(2, 8))
    a, b = (data.draw(hnp.arrays(np.float64, n, elements=numbers)) for _ in "ab")
    options = {"key": "replicate", "paired": paired, "resamples": 200}
    there = only(regional_sim.compare(frame(a), frame(b), **options))
    back = only(regional_sim.compare(frame(b), frame(a), **options))
    slack = 1e-8 * (1 + np.abs(a).max() + np.abs(b).max())
    assert there["difference"] == pytest.approx(-back["difference"], abs=slack)
    assert there["ci_low"] == pytest.approx(-back["ci_high"], abs=slack)
    total = there["probability_of_superiority"] + back["probability_of_superiority"]
    assert total == pytest.approx(1)
    if paired:
        assert there["bootstrap_low"] == pytest.approx(-back["bootstrap_high"], abs=slack)


def test_the_order_of_rows_changes_nothing():
    a, b = frame(A, scenario=["x", "y"] * 15), frame(B, scenario=["x", "y"] * 15)
    for paired in (True, False):
        options = {"key": ["scenario", "replicate"], "paired": paired}
        once = regional_sim.compare(a, b, **options).table
        shuffled = b.sample(frac=1, random_state=1)
        assert regional_sim.compare(a[::-1], shuffled, **options).table.equals(once)


def test_the_bootstrap_depends_on_its_seed_alone():
    tables = [
        regional_sim.compare(frame(A), frame(B), key="replicate", seed=seed).table
        for seed in (0, 0, 1)
    ]
    assert tables[0].equals(tables[1])
    assert tables[0]["bootstrap_low"].item() != tables[2]["bootstrap_low"].item()
    assert tables[0]["ci_low"].item() == tables[2]["ci_low"].item()


# ----------------------------------------------------------------------------------- alignment


def runs(posture="traditional", seed=1, theta=(0.3, 0.7), n=3, **more):
    """A table of runs as an earlier version wrote it."""
    rows = [
        {
            "run": k,
            "point": place,
            "replicate": k,
            "seed": seed,
            "posture": posture,
            "parameters_theta_challenger": level,
            "tension_whole": level + 0.1 * k,
            "tension_early": 0.5 * level + 0.01 * k,
            **more,
        }
        for place, level in enumerate(theta)
        for k in range(n)
    ]
    return pd.DataFrame(rows)


def test_tables_of_runs_need_no_key():
    found = regional_sim.compare(runs(), runs())
    keys = found.alignment.keys
    assert keys.groups == ("parameters_theta_challenger", "posture")
    assert keys.repeats == ("seed", "replicate")
    assert list(found.table.columns) == [
        *keys.groups,
        *(column.name for column in STATISTIC_COLUMNS),
    ]
    assert found.table["metric"].tolist() == ["tension"] * 4
    assert found.table["window"].tolist() == ["whole", "early"] * 2
    assert set(found.table["unit"]) == {"share"}
    assert (found.table["difference"] == 0).all()


def test_points_are_aligned_by_their_factors_not_by_their_number():
    a, b = runs(theta=(0.3, 0.7)), runs(theta=(0.7, 0.9))
    found = regional_sim.compare(a, b)
    assert found.table["parameters_theta_challenger"].tolist() == [0.7, 0.7]
    assert (found.table["difference"] == 0).all()
    assert found.unmatched["groups_only_in_a"] == [
        {"parameters_theta_challenger": 0.3, "posture": "traditional"}
    ]
    assert found.unmatched["groups_only_in_b"] == [
        {"parameters_theta_challenger": 0.9, "posture": "traditional"}
    ]


def test_what_is_chosen_on_both_sides_is_compared():
    table = runs()
    options = [{"point": 0}, {"parameters.theta_challenger": 0.3}]
    others = [{"point": 1}, {"parameters_theta_challenger": "0.7"}]
    for where_a in options:
        for where_b in others:
            found = regional_sim.compare(
                table, table, where_a=where_a, where_b=where_b, windows="whole"
            )
            assert found.alignment.keys.groups == ("posture",)
            assert only(found)["difference"] == pytest.approx(0.4)


def test_runs_of_other_seeds_are_not_paired():
    found = regional_sim.compare(runs(seed=1), runs(seed=2))
    assert not found.paired
    assert found.alignment.reason.startswith("no run of one side has the seed and replicate")
    assert set(found.table["pairs"]) == {0}


def test_runs_without_a_partner_are_counted():
    found = regional_sim.compare(runs(n=3), runs(n=5))
    assert found.unmatched["runs_only_in_a"] == 0
    assert found.unmatched["runs_only_in_b"] == 4
    assert set(found.table["pairs"]) == {3}


def test_columns_of_one_side_are_listed():
    found = regional_sim.compare(runs(war_months_whole=1.0), runs(remark="text"))
    assert found.unmatched["columns_only_in_a"] == ["war_months_whole"]
    assert found.unmatched["columns_only_in_b"] == ["remark"]
    assert "war_months" not in set(found.table["metric"])


def test_groups_of_other_tables():
    table = frame(A, country=["x", "y"] * 15)
    by_country = regional_sim.compare(table, table, key=["country", "replicate"])
    assert by_country.table["country"].tolist() == ["x", "y"]
    together = regional_sim.compare(table, table, key=["country", "replicate"], by=[])
    assert together.table["pairs"].tolist() == [30]
    alone = pd.DataFrame({"country": ["x", "y"], "gdp": [1.0, 2.0]})
    assert only(regional_sim.compare(alone, alone, key="country"))["pairs"] == 2


def test_pairs_that_share_random_numbers_are_named():
    found = regional_sim.compare(runs(), runs(), by="posture")
    assert "not independent" in found.notes[0]
    assert regional_sim.compare(runs(), runs()).notes == ()


def test_numbers_and_texts_of_one_key_are_aligned():
    whole, parts = frame([1.0, 2.0]), frame([1.0, 2.0])
    parts["replicate"] = [0.0, 1.0]
    assert only(regional_sim.compare(whole, parts, key="replicate"))["pairs"] == 2
    parts["replicate"] = ["0", "1"]
    assert only(regional_sim.compare(whole, parts, key="replicate"))["pairs"] == 2


def test_large_integers_are_paired_exactly():
    large = 2**62
    a, b = frame([1.0, 2.0, 3.0]), frame([1.0, 2.0, 3.0])
    a["seed"], b["seed"] = [large, large + 1, large + 2], [large + 1, large + 2, large + 3]
    assert only(regional_sim.compare(a, b, key="seed"))["difference"] == -1.0
    a["seed"] = pd.array([large, large + 1, None], dtype="Int64")
    found = regional_sim.compare(a, b, key="seed")
    assert only(found)["pairs"] == 1
    assert (found.unmatched["runs_only_in_a"], found.unmatched["runs_only_in_b"]) == (2, 2)
    a["seed"] = [0.5, 1.5, 2.5]
    refused("integers here that are too large for the decimals", a, b, key="seed")


SEED = 2**63 + 2**62
"""No integer of 64 bits with a sign holds it, and no float its last digits."""


@pytest.mark.parametrize("first", [2**53, 2**63 - 2, SEED, 2**64 - 2])
def test_integers_up_to_64_bits_are_told_apart_in_files(tmp_path, first):
    paths = []
    for name, seeds in (("a", (first, first + 1)), ("b", (first + 1, first + 2))):
        lines = [f"{seed},{seed},{seed - first}" for seed in seeds]
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text("\n".join(["seed,count,y", *lines]))
    found = regional_sim.compare(*paths, key="seed", tolerance=0.0)
    assert found.alignment.groups[0].rows_a.tolist() == [1]
    assert found.unmatched["runs_only_in_a"] == found.unmatched["runs_only_in_b"] == 1
    chosen = f"{paths[0]}::seed={first + 1}"
    assert regional_sim.compare(chosen, paths[1], key="seed", tolerance=0.0).verdict.cells == 2
    refused("no row has this value", f"{paths[0]}::seed={first + 2}", paths[1], key="seed")
    sides = f"{paths[0]}::seed={first}", f"{paths[1]}::seed={first + 1}"
    across = regional_sim.compare(*sides, key="seed", tolerance=0.0, metrics="count")
    assert across.verdict.differing == 1
    assert (across.verdict.worst.a, across.verdict.worst.b) == (str(first), str(first + 1))
    assert regional_sim.compare(paths[0], paths[0], key="seed", tolerance=0.0).verdict.equal


def test_large_integers_of_frames_are_told_apart():
    a, b = frame([1.0, 2.0]), frame([1.0, 2.0])
    a["seed"], b["seed"] = (np.array([SEED + k, SEED + 2], np.uint64) for k in (0, 1))
    assert only(regional_sim.compare(a, b, key="seed"))["pairs"] == 1
    verdict = regional_sim.compare(a, b, key="replicate", tolerance=0.0).verdict
    assert verdict.cells == 2  # Seeds number runs.
    verdict = regional_sim.compare(
        a.rename(columns={"seed": "x"}),
        b.rename(columns={"seed": "x"}),
        key="replicate",
        tolerance=0,
    ).verdict
    assert (verdict.differing, verdict.worst.column) == (1, "x")


def test_groups_of_large_integers_are_written(tmp_path):
    a, b = frame([1.0, 2.0]), frame([1.0, 2.0])
    a["x"] = b["x"] = np.array([SEED, SEED + 1], np.uint64)
    found = regional_sim.compare(a, b, key=["x", "replicate"])
    assert found.group_levels == {"x": [SEED, SEED + 1]}
    for ending in ("csv", "json"):
        getattr(found, f"to_{ending}")(tmp_path / f"out.{ending}")
        assert str(SEED + 1) in (tmp_path / f"out.{ending}").read_text()


def test_missing_keys_and_both_zeros_are_levels_like_others():
    a, b = frame([1.0, 2.0], x=[-0.0, math.nan]), frame([3.0, 5.0], x=[math.nan, 0.0])
    a["replicate"], b["replicate"] = [0, 0], [0, 0]
    found = regional_sim.compare(a, b, key=["x", "replicate"])
    assert found.group_levels == {"x": [0.0, None]}
    assert math.copysign(1.0, found.group_levels["x"][0]) == 1.0
    assert found.table["difference"].tolist() == [4.0, 1.0]


def test_outcomes_are_read_some_at_a_time(monkeypatch):
    """So that a folder of any number of columns fits in memory."""
    whole = regional_sim.compare(runs(), runs(seed=1), tolerance=0.0)
    sizes = []
    numbers = Side.numbers
    monkeypatch.setattr(compare, "_MOST_BYTES", 1)
    monkeypatch.setattr(
        Side, "numbers", lambda side, names: sizes.append(len(names)) or numbers(side, names)
    )
    found = regional_sim.compare(runs(), runs(seed=1), tolerance=0.0)
    assert set(sizes) == {1}
    assert found.table.equals(whole.table)
    assert found.verdict == whole.verdict


BOTH_POSTURES = {"where_a": {"posture": "traditional"}, "where_b": {"posture": "reassurance"}}


def test_pairing_reduces_variance_on_real_runs(real):
    chosen = {**BOTH_POSTURES, "metrics": "tension", "windows": "whole"}
    comparison = regional_sim.compare(real, real, **chosen)
    assert only(comparison)["variance_reduction"] > 0.3
    unpaired = regional_sim.compare(real, real, **chosen, paired=False)
    width, wide = (
        found["ci_high"] - found["ci_low"] for found in map(only, (comparison, unpaired))
    )
    assert width < wide


def test_postures_of_a_result_are_compared_as_its_contrasts_are(real):
    found = regional_sim.compare(real, real, **BOTH_POSTURES).table
    contrasts = real.contrasts
    same = ["difference", "ci_low", "ci_high", "probability_of_superiority", "percent"]
    names = dict(zip(same, same, strict=True))
    names |= {"n": "pairs", "reference_mean": "mean_a", "mean": "mean_b"}
    names |= {"effect_size": "cohens_dz"}
    assert found[["metric", "window"]].equals(contrasts[["metric", "window"]])
    for theirs, ours in names.items():
        np.testing.assert_array_equal(contrasts[theirs], found[ours])
    np.testing.assert_array_equal(1 - contrasts["variance_ratio"], found["variance_reduction"])


def test_effects_are_judged_as_in_the_contrasts(real):
    table = regional_sim.compare(real, real, **BOTH_POSTURES).table
    columns = ["metric", "window", "smallest_effect", "verdict"]
    expected = real.contrasts[real.contrasts["point"] == 0][columns]
    keys = ["metric", "window"]
    both = table[columns].merge(expected, on=keys, suffixes=("", "_of_contrasts"))
    assert len(both) == len(table)
    for name in ("smallest_effect", "verdict"):
        assert both[name].tolist() == both[f"{name}_of_contrasts"].tolist()


def test_the_smallest_effect_of_a_sum_grows_with_the_window():
    windows = {"early": (1, 24), "whole": None}
    of = {
        column: OutcomeColumn.of(column, Metric.__members__, windows).smallest
        for column in ("incidents_early", "tension_early", "tension_whole", "incidents_whole")
    }
    assert of["incidents_early"] == 24 * Metric.incidents.smallest
    assert of["tension_early"] == of["tension_whole"] == Metric.tension.smallest
    assert math.isnan(of["incidents_whole"])


# ------------------------------------------------------------------------------------- effects


def two_postures(seed=1, theta=(0.3, 0.7), n=8, rng=1, **more):
    """A table of runs under two postures, with values that have nothing to do with each other."""
    both = [runs(posture, seed, theta, n, **more) for posture in ("traditional", "reactive")]
    table = pd.concat(both, ignore_index=True)
    draw = np.random.default_rng(rng)
    for column in ("tension_whole", "tension_early"):
        table[column] = draw.normal(size=len(table))
    return table


def effects_of(table, theta):
    """Tension under the second posture less the first, in the order of the replicates."""
    one = table[table["parameters_theta_challenger"] == theta].sort_values("replicate")
    own, other = (
        one.loc[one["posture"] == name, "tension_whole"] for name in ("reactive", "traditional")
    )
    return own.to_numpy() - other.to_numpy()


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 9), st.integers(2, 4))
@example(0, 8, 2)
def test_an_interval_does_not_depend_on_its_company(rng, n, n_rows):
    """Resamples that take each replicate once are ties, in whatever order their sum is taken."""
    values = np.random.default_rng(rng).normal(size=(n_rows, n))
    together = bootstrap_interval(values, resamples=400)
    alone = [bootstrap_interval(row[None], resamples=400) for row in values]
    for end, found in together.items():
        assert found == pytest.approx([one[end].item() for one in alone], rel=1e-12, abs=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(2, 9), st.booleans())
@example(0, 8, True)
def test_a_change_of_an_effect_is_the_difference_of_differences(rng, n, paired):
    """By hand, point by point, whatever the order of the rows."""
    a, b = (two_postures(n=n, rng=rng + k) for k in range(2))
    mixed = b.sample(frac=1, random_state=rng)
    found = regional_sim.compare(
        a, mixed, effect="reactive", windows="whole", resamples=100, paired=paired
    )
    assert found.effect == ("reactive", "traditional")
    assert found.paired == paired
    table = found.table
    assert table["parameters_theta_challenger"].tolist() == [0.3, 0.7]
    assert set(zip(table["posture"], table["reference"], strict=True)) == {found.effect}
    for (_, row), theta in zip(table.iterrows(), (0.3, 0.7), strict=True):
        of_a, of_b = effects_of(a, theta), effects_of(b, theta)
        test = (
            stats.ttest_rel(of_b, of_a) if paired else stats.ttest_ind(of_b, of_a, equal_var=False)
        )
        expected = (of_a.mean(), of_b.mean(), (of_b.mean() - of_a.mean()))
        assert (row["mean_a"], row["mean_b"], row["difference"]) == pytest.approx(expected)
        ends = tuple(test.confidence_interval())
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(ends)
        assert row["smallest_effect"] == Metric.tension.smallest
        interval = bootstrap_interval((of_b - of_a)[None], resamples=100)
        if paired:
            assert row["bootstrap_high"] == pytest.approx(interval["bootstrap_high"].item())


def test_the_reference_of_an_effect_may_be_named():
    a, b = two_postures(rng=1), two_postures(rng=2)
    found = regional_sim.compare(a, b, effect="reactive")
    turned = regional_sim.compare(a, b, effect="traditional: reactive")
    assert turned.effect == ("traditional", "reactive")
    assert turned.table["difference"].tolist() == (-found.table["difference"]).tolist()


def test_the_effect_at_one_point_is_compared_with_that_at_another():
    table = two_postures()
    found = regional_sim.compare(
        *(table, table), where_a={"point": 0}, where_b={"point": 1}, effect="reactive"
    )
    assert found.alignment.keys.groups == ("posture",)
    change = effects_of(table, 0.7) - effects_of(table, 0.3)
    assert found.table["difference"][0] == pytest.approx(change.mean())


def test_runs_that_are_in_no_pair_of_effects_are_counted():
    """Of A, one run has no partner under the other posture, and one effect none in B."""
    a, b = two_postures(n=5, theta=(0.3,)), two_postures(n=4, theta=(0.3,))
    found = regional_sim.compare(a[:-1].drop(0), b, effect="reactive")
    assert set(found.table["pairs"]) == {3}
    assert found.unmatched["runs_only_in_a"] == 2
    assert found.unmatched["runs_only_in_b"] == 2
    found = regional_sim.compare(a, b, effect="reactive")
    assert (found.unmatched["runs_only_in_a"], found.unmatched["runs_only_in_b"]) == (2, 0)


def test_effects_on_other_random_numbers_are_compared_without_pairs():
    found = regional_sim.compare(two_postures(seed=1), two_postures(seed=2), effect="reactive")
    assert found.alignment.reason.startswith("no run of one side has the seed and replicate")


def test_effects_in_tables_that_are_not_ours():
    a = frame([1.0, 2.0, 5.0, 7.0], posture=["old", "old", "new", "new"])
    a["replicate"] = [0, 1, 0, 1]
    b = a.assign(y=[1.0, 2.0, 6.0, 9.0])
    found = only(regional_sim.compare(a, b, key=["posture", "replicate"], effect="new"))
    assert (found["mean_a"], found["mean_b"], found["difference"]) == (4.5, 6.0, 1.5)
    assert found["reference"] == "old"


def test_what_an_effect_is_of_stands_in_all_files(tmp_path):
    found = regional_sim.compare(two_postures(rng=1), two_postures(rng=2), effect="reactive")
    found.to_csv(tmp_path / "effect.csv")
    found.to_json(tmp_path / "effect.json")
    found.to_markdown(tmp_path / "effect.md")
    table = pd.read_csv(tmp_path / "effect.csv")
    assert set(table["reference"]) == {"traditional"}
    whole = json.loads((tmp_path / "effect.json").read_text())
    assert whole["effect"] == {"posture": "reactive", "reference": "traditional"}
    page = (tmp_path / "effect.md").read_text()
    assert "- Effects are compared: reactive less traditional." in page


@pytest.fixture(scope="module")
def real():
    return regional_sim.run(
        "two_states",
        postures=["traditional", "reassurance"],
        replicates=20,
        seed=3,
        settings={"horizon.months_before": 2, "horizon.months_after": 12},
    )


# ----------------------------------------------------------------------------- what is refused


# Two tables, how they are compared, and what is said.
LEVEL, KEYED = "parameters_theta_challenger", {"key": "replicate"}
REFUSED = [
    # what does not fit together
    (frame([1.0]), runs(), {}, "lacks the columns of a table of runs; name the columns"),
    (frame([1.0]), runs(), {"key": "replicat"}, "A: replicat: no such key column; did you mean"),
    (frame([1.0, 1.0]), frame([1.0]), {"key": "y"}, "two rows have one key: y=1; the key"),
    (frame([1.0]), frame([1.0]), {"key": ["replicate", "y"]}, "have no column of numbers in common"),
    (frame([]), frame([1.0]), KEYED, "A: this table has no rows"),
    (runs(), runs("reactive"), {}, rf"by {LEVEL}, posture: A has {LEVEL}=0.3, posture=traditional; B has .*posture=reactive; to compare across a column, choose"),
    (frame([1.0]), frame([2.0]), {"key": "y"}, "belongs to a row of the other by y: A has y=1; B has y=2"),
    (runs(), runs().drop(columns=LEVEL), {}, "only this side has this factor, and with several levels"),
    # values and columns that are not there
    (runs(), runs(), {"where_a": {"postur": "x"}}, "unknown column 'postur'.*did you mean 'posture'"),
    (runs(), runs(), {"where_a": {"posture": "traditonal"}}, "posture: no row has this value; got 'traditonal'; allowed: traditional; did you mean"),
    (runs(), runs(), {"where_b": {"point": 9}}, "point: no row has this value; got 9; allowed: 0, 1"),
    (runs(), runs(), {"where_b": {"point": "x"}}, "point: no row has this value; got 'x'"),
    (runs(), runs(), {"where_b": {"point": 0, "parameters.theta_challenger": 0.7}}, "no row has all of these"),
    (runs(), runs(), {"metrics": "tensoin"}, "unknown metric or column 'tensoin'.*'tension'"),
    (runs(), runs(), {"windows": "erly"}, "unknown window 'erly'"),
    (frame([1.0]), frame([1.0]), {**KEYED, "windows": "early"}, "have no windows"),
    (runs(), runs(), {"by": "run"}, "groups are made of key columns"),
    # options that cannot be used
    (runs(), runs(), {"seed": -1}, "seed: must be a whole number of at least 0"),
    (runs(), runs(), {"resamples": 9}, "resamples: must be a whole number of at least 100"),
    (runs(), runs(), {"tolerance": math.nan}, "tolerance: must be a number of at least 0"),
    (runs(), runs(), {"absolute": -1.0}, "absolute: must be a number"),
    (runs(), runs(), {"tolerance": 0.0, "paired": False}, "not paired: as asked for"),
    # effects that do not exist
    (two_postures(), two_postures(), {"effect": "reactve"}, "A: unknown posture 'reactve'.*did you mean 'reactive'"),
    (two_postures(), two_postures(), {"effect": "reactive:traditonal"}, "A: unknown posture 'traditonal'.*did you mean 'traditional'"),
    (two_postures(), two_postures(), {"effect": "traditional"}, "effect: a posture has no effect beside itself; got 'traditional'; allowed: POSTURE or POSTURE:REFERENCE; traditional is the first posture of A"),
    (two_postures(), two_postures(), {"effect": "reactive:reactive"}, "a posture has no effect beside itself"),
    (two_postures(), two_postures(), {"effect": "reactive:"}, "effect: names no posture; got 'reactive:'; allowed: POSTURE or"),
    (two_postures(), runs(), {"effect": "reactive"}, "B: effect: an effect needs two postures, and this side has one; got 'traditional'; choose no posture here"),
    (two_postures(), two_postures(), {"effect": "reactive", "where_a": {"posture": "reactive"}}, "A: effect: an effect needs two postures, and this side has one; got 'reactive'"),
    (pd.concat([runs(), runs("reactive", seed=2)]), two_postures(), {"effect": "reactive"}, "A: effect: reactive and traditional share no random numbers: no run of one side has the seed and replicate"),
    (two_postures(), two_postures(), {"effect": "reactive", "tolerance": 0.0}, "tolerance: a tolerance compares runs, and an effect"),
    (frame([1.0]), frame([1.0]), {**KEYED, "effect": "x"}, "A: posture: this table has no column of postures"),
    # frames with odd columns
    (pd.DataFrame({0: [1]}), runs(), {}, "names of columns must be texts"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), runs(), {}, "two columns have one name; got 'a'"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "options", "expected"), REFUSED, ids=[r[3] for r in REFUSED])
def test_what_cannot_be_compared_is_refused(a, b, options, expected):
    refused(expected, a, b, **options)


def test_a_factor_of_one_side_with_one_level_is_no_obstacle():
    plain = runs(theta=(0.3,)).drop(columns="parameters_theta_challenger")
    found = regional_sim.compare(runs(theta=(0.3,)), plain)
    assert found.alignment.keys.groups == ("posture",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "this file is no CSV table: empty CSV file"),
        (b"a,b\n", "this table has no rows"),
        (b"a,b\n1\n", "this file is no CSV table: expected 2 columns, got 1"),
        (b"a,b\n1,\xff\xfe\n", "this file is not UTF-8"),
        (b"a\xff,b\n1,2\n", "this file is not UTF-8"),
        (b"a,a\n1,2\n", "two columns have one name; got 'a'"),
    ],
)
def test_files_that_are_no_tables_are_refused(tmp_path, content, expected):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    refused(f"bad.csv: .*{expected}|bad.csv: {expected}", path, path, key="a")


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named(tmp_path, mark, name):
    path = tmp_path / "excel.csv"
    path.write_text(f"a{mark}b{mark}c\n1{mark}2,5{mark}3,25\n")
    refused(f"excel.csv: the columns of this file are separated by {name}", path, path, key="a")


@pytest.mark.parametrize("header", ['k,"a;b;c"', '"k","a, b;c"', "k,a\tb\tc"])
def test_a_name_may_hold_another_separator(tmp_path, header):
    path = tmp_path / "r.csv"
    path.write_text(f"{header}\n1,2\n")
    assert list(kinds_of_csv(path).values()) == ["integer", "integer"]


@pytest.mark.parametrize("column", [[[1], [2]], [1 + 2j, 2j], [1, "x"], [2**70, 1], [b"\xff", b""]])
def test_columns_of_other_kinds_are_refused(column):
    table = frame([1.0, 2.0]).assign(x=pd.Series(column, dtype=object))
    refused("A: x: this column holds neither numbers nor texts", table, table, key="replicate")


def test_a_name_that_is_close_to_none_is_answered_with_names():
    columns = {f"{metric}_whole": 1.0 for metric in Metric.__members__}
    with pytest.raises(InputError) as caught:
        regional_sim.compare(runs(**columns), runs(**columns), metrics="qqq")
    assert f"allowed: {', '.join(sorted(Metric.__members__)[:10])} and " in str(caught.value)
    refused("did you mean 'tension_whole'", runs(), runs(), metrics="tension_whol")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    (tmp_path / "old.csv").write_text("a,b\n1,2\n")
    refused("no such folder or file; did you mean 'old.csv'", tmp_path / "odl.csv", runs())


# ------------------------------------------------------------------------------------ plain CSV


def test_files_are_read_as_frames_are(tmp_path):
    runs().to_csv(tmp_path / "a.csv", index=False)
    runs(theta=(0.3, 0.8)).to_csv(tmp_path / "b.csv", index=False)
    from_files = regional_sim.compare(tmp_path / "a.csv", tmp_path / "b.csv").table
    assert from_files.equals(regional_sim.compare(runs(), runs(theta=(0.3, 0.8))).table)


def test_numbers_of_other_programs(tmp_path):
    """Missing values have many names, and a column may turn out wider than it began."""
    path = tmp_path / "r.csv"
    wide = ["1"] * 400_000 + ["2.5", "NA"]
    text = ["1"] * 400_000 + ["2.5", "high"]
    rows = (f"{k},{x},{y},NaN" for k, (x, y) in enumerate(zip(wide, text, strict=True)))
    path.write_text("replicate,x,y,z\n" + "\n".join(rows) + "\n")
    table = regional_sim.compare(path, path, key="replicate", resamples=100).table
    assert table["metric"].tolist() == ["x", "z"]
    assert table["pairs"].tolist() == [400_001, 0]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("0x3,4", "text"),
        ("4,0X1f", "text"),
        (" 3 ,-4", "integer"),
        ("007,NA", "integer"),
        (f"{2**63},-1", "large integer"),
        (f"{10**39},1", "number"),
        ("+3,4", "number"),
        ("1,2.", "number"),
        ("-Inf,nan", "number"),
        ("1e3,.5", "number"),
        ("1_0,2", "text"),
        ("true,1", "text"),
        ("2020-01-02,2020-01-03", "text"),
        (",NA", "number"),
        (f"9,{'9' * 5000}", "number"),
    ],
)
def test_kinds_of_columns_of_other_programs(tmp_path, cells, kind):
    path = tmp_path / "r.csv"
    path.write_text(
        "k,x,y\n" + "".join(f"{k},{cell},{k / 2}\n" for k, cell in enumerate(cells.split(",")))
    )
    assert kinds_of_csv(path) == {"k": "integer", "x": kind, "y": "number"}
    found = regional_sim.compare(path, path, key="k", tolerance=0.0)
    assert (found.verdict.equal, found.verdict.cells) == (True, 4)
    named = regional_sim.compare(path, path, key="k").unmatched["columns_not_of_numbers"]
    assert named == (["x"] if kind == "text" else [])


def test_where_no_column_is_one_of_numbers_they_are_named(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("k,x\n1,0x3\n2,4\n")
    refused(
        "no column of numbers in common, .*; these are not numbers on both: x", path, path, key="k"
    )


def test_a_kind_that_turns_out_wider_far_down(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign_table, "FOREIGN_BYTES", 2**12)
    for last, kind in (
        ("2", "integer"),
        (str(SEED), "large integer"),
        ("2.5", "number"),
        ("0x2", "text"),
    ):
        path = tmp_path / f"{kind}.csv"
        path.write_text(
            "k,x,y\n" + "".join(f"{k},1,1.5\n" for k in range(2000)) + f"2000,{last},{last}\n"
        )
        wider = {"integer": "number", "large integer": "number"}.get(kind, kind)
        assert kinds_of_csv(path) == {"k": "integer", "x": kind, "y": wider}


def test_columns_that_turn_out_wider_are_read_again_together(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(foreign_table, "FOREIGN_BYTES", 2**12)
    monkeypatch.setattr(
        foreign_table, "opened_csv", lambda *a, **k: opened.append(1) or opened_csv(*a, **k)
    )
    names = [f"c{number}" for number in range(20)]
    rows = [names, *[["1.5"] * 20] * 100, ["x"] * 10 + [""] * 10]
    path = tmp_path / "r.csv"
    path.write_text("\n".join(map(",".join, rows)))
    assert list(kinds_of_csv(path).values()) == ["text"] * 10 + ["number"] * 10
    assert len(opened) == 4


# --------------------------------------------------------------------------- columns of no numbers


def table(folder, name, *lines):
    path = folder / f"{name}.csv"
    path.write_text("\n".join(["k,y,w", *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("w_of_a", "w_of_b", "differing"),
    [
        (["x", "y"], ["x", "y"], 0),
        (["x", "y"], ["x", "z"], 1),
        (["open", "7"], ["8", "7.0"], 1),  # Numbers on one side.
        (["open", "7"], ["open", "7.0"], 0),
        (["open", "7"], ["open", "7.5"], 1),
        (["open", ""], ["8", "NA"], 1),
        (["True", "False"], ["true", "false"], 0),
        (["True", "False"], ["true", "true"], 1),
        (["True", "yes"], ["true", "yes"], 0),
        (["True", "true"], ["true", "TRUE"], 0),
        (["yes", "2020-01-01"], ["yes", "2020-01-02"], 1),
        (["open", str(2**53)], ["open", str(2**53 + 1)], 1),
        (["open", f"9{'0' * 400}"], ["open", "7"], 1),  # Beyond every float.
        (["open", "8" * 5000], ["open", "9" * 5000], 1),
        (["open", "8" * 5000], ["open", "inf"], 1),
    ],
)
def test_with_a_tolerance_texts_are_compared_too(tmp_path, w_of_a, w_of_b, differing):
    a, b = (
        table(tmp_path, name, *(f"{k},1.5,{cell}" for k, cell in enumerate(w)))
        for name, w in (("a", w_of_a), ("b", w_of_b))
    )
    found = regional_sim.compare(a, b, key="k", tolerance=0.0)
    assert (found.verdict.cells, found.verdict.differing) == (4, differing)
    assert found.verdict.equal == (not differing)
    assert found.verdict.missing == ()
    assert json.loads(json.dumps(found.verdict.mapping())) == found.verdict.mapping()
    # Who asks for a metric has chosen.
    assert regional_sim.compare(a, b, key="k", tolerance=0.0, metrics="y").verdict.equal


def test_a_key_may_tell_true_from_True(tmp_path):  # noqa: N802
    both = table(tmp_path, "both", "1,2,true", "2,3,True")
    assert regional_sim.compare(both, both, key="w", tolerance=0.0).verdict.cells == 4
    a, b = (table(tmp_path, word, f"1,2,{word}", "2,3,open") for word in ("true", "True"))
    assert regional_sim.compare(a, b, key="w", tolerance=0.0).verdict.equal


def test_without_a_tolerance_texts_are_named(tmp_path):
    a = table(tmp_path, "a", "1,2,open", "2,3,4")
    found = regional_sim.compare(a, a, key="k")
    assert found.unmatched["columns_not_of_numbers"] == ["w"]
    page = invoke("compare", a, a, "--key", "k", code=0).stdout
    assert "Not compared:\n  not numbers on both sides, and no key: w\n" in page


def test_a_text_that_differs_is_the_worst_cell(tmp_path):
    a, b = table(tmp_path, "a", "1,2,open", "2,3,x"), table(tmp_path, "b", "1,2.5,open", "2,3,y")
    result = invoke("compare", a, b, "--key", "k", "--tolerance", 0, code=1)
    assert "2 of 4 cells differ.\n  Worst: w at k=2: 'x' and 'y'\n" in result.stdout


def test_truth_values_resaved_by_other_programs_are_the_same(tmp_path):
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    rows = runs().assign(policies_open=["true", "false"] * 3)
    rows.insert(6, "states_open", ["true", "false"] * 3)
    rows.to_csv(ours, index=False)
    pd.read_csv(ours).to_csv(theirs, index=False)
    assert "True" in theirs.read_text()
    for b in (theirs, pd.read_csv(theirs)):
        found = regional_sim.compare(ours, b, tolerance=0.0)
        assert found.verdict.equal
        assert set(found.group_levels["states_open"]) == {"true", "false"}
        chosen = regional_sim.compare(
            ours, b, where_a={"states_open": True}, where_b={"states_open": "True"}, tolerance=0.0
        )
        assert chosen.verdict.equal


# -------------------------------------------------------------------------------- the selection


def test_selections(tmp_path):
    assert parse_selection("out") == Selection("out")
    assert parse_selection("a::b::posture=x,point=3") == Selection(
        "a::b", {"posture": "x", "point": "3"}
    )
    odd = tmp_path / "odd::name=1"
    odd.mkdir()
    assert parse_selection(str(odd)).where == {}
    for text in ("out::posture", "out::", "out::=x", "out::posture="):
        with pytest.raises(InputError, match="written COLUMN=VALUE"):
            parse_selection(text)
    with pytest.raises(InputError, match="stands twice"):
        parse_selection("out::point=1,point=2")
    with pytest.raises(InputError, match="no source stands before"):
        parse_selection("::point=1")


# ------------------------------------------------------------------------------------ tolerance


def test_equal_tables_are_equal_at_zero():
    verdict = regional_sim.compare(runs(), runs(), tolerance=0).verdict
    assert verdict.equal
    assert verdict.cells == 12
    assert verdict.worst is None


def test_the_worst_cell_is_named():
    b = runs()
    b.loc[2, "tension_early"] *= 1.5
    b.loc[4, "tension_whole"] *= 1.1
    verdict = regional_sim.compare(runs(), b, tolerance=0.01).verdict
    assert not verdict.equal
    assert verdict.differing == 2
    worst = verdict.worst
    assert worst.column == "tension_early"
    assert worst.key["replicate"] == 2
    assert worst.key["parameters_theta_challenger"] == 0.3
    assert (worst.a, worst.b) == pytest.approx((0.17, 0.255))
    assert worst.relative == pytest.approx(1 / 3)
    assert regional_sim.compare(runs(), b, tolerance=0.34).verdict.equal
    assert regional_sim.compare(runs(), b, absolute=0.09).verdict.equal


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1.0, 1.0, True),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.inf, 1.0, False),
        (0.0, -0.0, True),
        (100.0, 109.0, True),
        (100.0, 112.0, False),
        (0.0, 1e-9, False),
    ],
)
def test_cells_within_a_tenth(a, b, equal):
    differs, _ = Tolerance(0.1).exceeded(np.array([a]), np.array([b]))
    assert differs.item() is not equal


def test_what_is_missing_counts_as_a_difference():
    shorter = regional_sim.compare(runs(n=3), runs(n=4), tolerance=1.0).verdict
    assert not shorter.equal
    assert shorter.missing == ("2 runs of B without a partner",)
    fewer = regional_sim.compare(runs(), runs(theta=(0.3,)), tolerance=1.0).verdict
    assert "theta_challenger=0.7" in fewer.missing[0]
    narrow = runs().drop(columns="tension_early")
    assert "tension_early" in regional_sim.compare(runs(), narrow, tolerance=1.0).verdict.missing[0]


# -------------------------------------------------------------------------------------- configs


def plan(**experiment):
    return {"engine": "ensemble", "metrics": ["tension"], "experiment": experiment}


def test_plans_are_compared_leaf_by_leaf():
    a = plan(
        seed=1,
        scenario={"parameters": {"theta": 0.5, "old": 1}, "windows": {"early": [1, 12]}},
        postures=[{"label": "x", "level": 0.1}],
    )
    b = plan(
        seed=1,
        scenario={"parameters": {"theta": 0.7, "new": 2}, "windows": {"early": [1, 24]}},
        postures=[{"label": "y", "level": 0.1}, {"label": "x", "level": 0.2}],
    ) | {"engine": "mesa"}
    found = [(one.path, one.a, one.b) for one in plan_differences(a, b)]
    assert found == [
        ("scenario.parameters.theta", 0.5, 0.7),
        ("scenario.parameters.old", 1, ABSENT),
        ("scenario.parameters.new", ABSENT, 2),
        ("scenario.windows.early", [1, 12], [1, 24]),
        ("postures.x.level", 0.1, 0.2),
        ("postures.y", ABSENT, {"label": "y", "level": 0.1}),
        ("engine", "ensemble", "mesa"),
    ]
    assert plan_differences(a, a) == ()


def test_matrices_differ_by_cell_and_designs_by_factor():
    a = plan(
        scenario={"m": [[0, 1], [2, 3]]}, design={"kind": "list", "points": [{"p": 1}, {"p": 2}]}
    )
    b = plan(
        scenario={"m": [[0, 1], [2, 4]]},
        design={"kind": "list", "points": [{"p": 1}, {"p": 3}, {"p": 4}]},
    )
    assert [(one.path, one.a, one.b) for one in plan_differences(a, b)] == [
        ("scenario.m[1]", [2, 3], [2, 4]),
        ("design.points", 2, 3),
        ("design.p", [1, 2], [1, 3, 4]),
    ]


def test_plans_of_results_are_compared(real):
    assert regional_sim.compare(real, real).differences_of_config == ()
    assert regional_sim.compare(real, real.runs).differences_of_config is None


# -------------------------------------------------------------------------------------- writing


@pytest.fixture
def comparison():
    a, b = runs(war_months_whole=1.0), runs()
    b.loc[0, "tension_whole"] = math.nan
    return regional_sim.compare(a, b, tolerance=0.1)


def test_files_read_back(comparison, tmp_path):
    for ending in ("csv", "json", "md"):
        kind = {"md": "markdown"}.get(ending, ending)
        getattr(comparison, f"to_{kind}")(tmp_path / f"new/out.{ending}")
    back = pd.read_csv(tmp_path / "new/out.csv", keep_default_na=True)
    pd.testing.assert_frame_equal(back, comparison.table, check_dtype=False, rtol=0, atol=0)
    text = (tmp_path / "new/out.json").read_text()
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert [one["column"] for one in found["columns"]] == list(comparison.table.columns)
    assert len(found["rows"]) == len(comparison.table)
    assert found["rows"][0]["cohens_dz"] is None
    assert found["unmatched"]["columns_only_in_a"] == ["war_months_whole"]
    assert found["verdict"]["worst"]["b"] is None
    page = (tmp_path / "new/out.md").read_text()
    table = [line for line in page.splitlines() if line.startswith("| 0.3 ")]
    assert len(table) == 2
    assert all(line.count("|") == len(comparison.table.columns) + 1 for line in table)
    assert "war_months_whole" in page


def test_equal_comparisons_write_equal_files(tmp_path):
    for name in ("one.json", "two.json"):
        regional_sim.compare(runs(), runs()).to_json(tmp_path / name)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_files_are_not_replaced_unasked(comparison, tmp_path):
    path = tmp_path / "out.csv"
    comparison.to_csv(path)
    with pytest.raises(OutputExistsError, match="a file is there already"):
        comparison.to_csv(path)
    comparison.to_csv(path, force=True)
    with pytest.raises(OutputExistsError, match="a folder is there already"):
        comparison.to_csv(tmp_path, force=True)


def test_points_that_a_design_has_more_than_once_are_told_apart_by_their_numbers(tmp_path):
    design = {"kind": "list", "points": [{"parameters.signal_gain": gain} for gain in (1, 2, 1)]}
    results = regional_sim.sweep(
        experiment_from_mapping(
            {
                "scenario": "two_states",
                "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
                "seed": 1,
                "replicates": 3,
                "postures": ["traditional", "new_approach"],
                "design": design,
            }
        ),
        out=tmp_path / "out",
    )
    same = regional_sim.compare(results, results, tolerance=0.0)
    assert same.verdict.equal
    found = regional_sim.compare(
        f"{tmp_path}/out::posture=traditional", f"{tmp_path}/out::posture=new_approach"
    )
    assert set(found.table["point"]) == {0, 1, 2}
    assert (found.table["pairs"] <= 3).all()


def test_a_design_too_large_to_be_made_is_compared_as_it_is_written():
    factors = {"x": {"low": 0, "high": 1}}
    one, other = (
        plan(design={"kind": "random", "n": n, "seed": 1, "factors": factors})
        for n in (10**12, 10**12 + 1)
    )
    assert [change.path for change in plan_differences(one, other)] == ["design.n"]


def test_a_setting_is_not_told_beside_what_it_set():
    def plan(value):
        world = {"parameters": {"x": value}}
        return {"experiment": {"scenario": world}, "settings": {"parameters.x": value}}

    assert [one.path for one in plan_differences(plan(1), plan(2))] == ["scenario.parameters.x"]
    same = plan(1) | {"settings": {}}
    assert [one.path for one in plan_differences(plan(1), same)] == ["settings.parameters.x"]


def test_the_same_levels_put_together_otherwise_are_another_design():
    last = ({"x": 1, "y": 2}, {"x": 2, "y": 1})
    one, other = (
        {
            "experiment": {
                "design": {"kind": "list", "points": [{"x": 1, "y": 1}, {"x": 2, "y": 2}, point]}
            }
        }
        for point in last
    )
    assert plan_differences(one, one) == ()
    (change,) = plan_differences(one, other)
    assert (change.path, change.a, change.b) == ("design.points[2]", *last)


@pytest.mark.parametrize("kind", ["grid", "zip"])
def test_factors_in_another_order_are_another_design(kind):
    one, other = (
        {"experiment": {"design": {"kind": kind, "factors": {path: [1, 2] for path in order}}}}
        for order in ("xy", "yx")
    )
    (change,) = plan_differences(one, other)
    assert (change.path, change.a, change.b) == (
        "design (order of the factors)",
        ["x", "y"],
        ["y", "x"],
    )
