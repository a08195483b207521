# ruff: noqa: E501 (a row of a table is one line)
"""The rule by which a point has replicates enough."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from regional_sim.experiment import experiment_from_mapping, load_experiment
from regional_sim.experiment.experiment import Stopping
from regional_sim.experiment.plan import Plan
from regional_sim.results.load import load_results
from regional_sim.runner.runner import execute
from tests.support import faults
from tests.support.sweeps import RULE, SMALL, digests, finely_cut, interrupted, small


def a_rule(**changes):
    return Stopping(**{"metric": "tension", "window": "whole", "half_width": 0.1} | changes)


def half_width_of(values):
    """Take half of the 95 % t interval from scipy, which has none where nothing varies."""
    if np.ptp(values) == 0.0:
        return 0.0
    low, high = stats.t.interval(0.95, len(values) - 1, loc=0.0, scale=stats.sem(values))
    return (high - low) / 2.0


# ---------------------------------------------------------------------------- batches


@given(st.integers(2, 60), st.integers(1, 60), st.integers(1, 200))
def test_batches_cover_all_replicates_once(at_least, batch, at_most):
    cut = list(a_rule(at_least=at_least, batch=batch).batches(at_most))
    assert [n for first, end in cut for n in range(first, end)] == list(range(at_most))
    assert a_rule(at_least=at_least, batch=batch).batch_sizes(at_most) == Counter(
        end - first for first, end in cut
    )
    assert cut[0] == (0, min(at_least, at_most))
    assert all(end - first == batch for first, end in cut[1:-1])
    assert all(0 < end - first <= batch for first, end in cut[1:])


# ------------------------------------------------------------------------ when it is met

blocks = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.integers(2, 12)),
    elements=st.floats(-1e3, 1e3).map(lambda value: round(value, 3)),
)
"""Values of some postures; rounded, so that no difference is as good as nothing."""


def is_near(one, other):
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1.0)


@given(blocks, st.floats(0.01, 500.0), st.booleans())
def test_the_rule_for_means_is_a_t_interval(values, half_width, relative):
    found = [half_width_of(of_posture) for of_posture in values]
    wanted = [half_width * (abs(v.mean()) if relative else 1.0) for v in values]
    if any(is_near(one, other) for one, other in zip(found, wanted, strict=True)):
        return
    expected = all(one <= other for one, other in zip(found, wanted, strict=True))
    assert a_rule(half_width=half_width, relative=relative).is_met(values) == expected


@given(blocks.filter(lambda values: len(values) > 1), st.floats(0.01, 500.0), st.booleans())
def test_the_rule_for_differences_is_a_paired_t_interval(values, half_width, relative):
    found = [half_width_of(of_posture - values[0]) for of_posture in values[1:]]
    wanted = half_width * (abs(values[0].mean()) if relative else 1.0)
    if any(is_near(one, wanted) for one in found):
        return
    rule = a_rule(half_width=half_width, relative=relative, of="difference")
    assert rule.is_met(values) == all(one <= wanted for one in found)


def test_all_postures_must_be_narrow():
    narrow, wide = [0.30, 0.31, 0.30, 0.31], [0.1, 0.9, 0.2, 0.8]
    assert a_rule().is_met(np.array([narrow, narrow]))
    assert not a_rule().is_met(np.array([narrow, wide]))
    # Both go up and down together: the difference is certain.
    together = np.array([wide, np.add(wide, 0.01)])
    assert not a_rule().is_met(together)
    assert a_rule(of="difference").is_met(together)


def test_a_metric_that_a_point_lacks_does_not_hold_it_up():
    for of in ("mean", "difference"):
        assert a_rule(of=of).is_met(np.full((2, 3), np.nan))


def test_runs_that_failed_do_not_count():
    values = np.array([[0.30, np.nan, 0.31, 0.30, 0.31]])
    assert a_rule().is_met(values)
    assert not a_rule().is_met(np.array([[0.30, np.nan, np.nan]]))


def test_nothing_varies_less_than_a_share_of_zero():
    flat, moving = np.zeros((1, 4)), np.array([[-1.0, 1.0, -1.0, 1.0]])
    assert a_rule(relative=True).is_met(flat)
    assert not a_rule(relative=True, half_width=100.0).is_met(moving)


# ------------------------------------------------------------------------------- sweeps


def until(**changes):
    return RULE | {"until": RULE["until"] | changes}


RULES = {
    "mean": until(),
    "difference": until(of="difference", half_width=0.004),
    "relative": until(relative=True, half_width=0.08),
    "relative difference": until(of="difference", relative=True, half_width=0.02),
}


@pytest.fixture(scope="module")
def full():
    """Tension of all runs, by point, posture and replicate, where no point stops."""
    import regional_sim

    runs = regional_sim.sweep(small(replicates=16, tables=[])).runs
    values = runs["tension_whole"].to_numpy().reshape(3, 2, 16)
    assert runs["point"].is_monotonic_increasing
    return values


def expected_counts(values, rule):
    """Find by hand after how many replicates each point stops."""
    asked = rule["until"]

    def is_met(of_point):
        seen = of_point[1:] - of_point[:1] if asked.get("of") == "difference" else of_point
        means = of_point[:1] if asked.get("of") == "difference" else of_point
        shares = np.abs(means.mean(axis=-1)) if asked.get("relative") else np.ones(len(means))
        return all(
            half_width_of(one) <= asked["half_width"] * share
            for one, share in zip(seen, shares, strict=True)
        )

    return [
        next((end for end in (4, 8, 12) if is_met(of_point[:, :end])), 16) for of_point in values
    ]


@pytest.mark.parametrize("name", RULES)
def test_each_point_stops_at_the_first_batch_that_is_enough(tmp_path, full, name):
    rule = RULES[name]
    experiment = small(replicates=rule, tables=[])
    execute(experiment, tmp_path / "out")
    results = load_results(tmp_path / "out")
    runs = results.runs
    expected = expected_counts(full, rule)
    assert len(set(expected)) > 1
    for posture in ("traditional", "new_approach"):
        of_posture = runs[runs["posture"] == posture]
        assert of_posture.groupby("point").size().tolist() == expected
    assert results.manifest["runs"] == len(runs) == 2 * sum(expected)
    # The runs are those of the sweep that does not stop, by number too.
    numbers = (runs["point"] * 2 + (runs["posture"] == "new_approach")) * 16 + runs["replicate"]
    assert runs["run"].tolist() == numbers.tolist()
    assert runs["tension_whole"].tolist() == full.reshape(-1)[runs["run"]].tolist()
    for table in (results.summary, results.contrasts):
        of_metric = table.query("metric == 'tension' and window == 'whole'")
        by_point = of_metric.groupby("point")["n"].agg(set).tolist()
        assert by_point == [{n} for n in expected]
    # An order of work, or a session more, changes nothing.
    with finely_cut():
        execute(experiment, tmp_path / "threads", workers=2)
        interrupted(experiment, tmp_path / "resumed", 30)
        execute(experiment, tmp_path / "resumed", resume=True)
    first = digests(tmp_path / "out")
    assert digests(tmp_path / "threads") == first
    assert digests(tmp_path / "resumed") == first


def test_engines_stop_at_the_same_replicates(tmp_path):
    for engine in ("ensemble", "mesa"):
        execute(small(replicates=RULE, tables=[]), tmp_path / engine, engine=engine)
    ensemble, mesa = (digests(tmp_path / engine) for engine in ("ensemble", "mesa"))
    assert ensemble.pop("plan.json") != mesa.pop("plan.json")
    assert ensemble == mesa


def test_a_plan_keeps_its_rule(tmp_path):
    plan = Plan.of(small(replicates=RULES["relative difference"]))
    assert Plan.from_mapping(plan.mapping()).experiment.stopping == plan.experiment.stopping
    assert plan.mapping()["experiment"]["replicates"] == {
        "at_least": 4,
        "at_most": 16,
        "batch": 4,
        "until": {
            "metric": "tension",
            "window": "whole",
            "half_width": 0.02,
            "relative": True,
            "of": "difference",
        },
    }


# --------------------------------------------------------------------- how many are needed


def needed_by_hand(sd, half_width):
    """Try one number after the other."""
    n = 2
    while stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) > half_width:
        n += 1
    return n


def rows(table, metric="tension"):
    chosen = table[(table["metric"] == metric) & (table["window"] == "whole")]
    return chosen[chosen["sd"] > 0]


def test_replicates_needed_are_told_for_the_stated_half_width(tmp_path):
    import regional_sim

    results = regional_sim.sweep(small(replicates=until(half_width=0.012), tables=[]))
    for _, row in rows(results.summary).iterrows():
        needed = needed_by_hand(row["sd"], 0.012)
        assert row["replicates_needed"] == needed
        assert row["more_needed"] == max(needed - row["n"], 0)
    assert rows(results.summary)["more_needed"].max() > 20
    # What the rule does not watch is told for the usual share of the mean.
    for _, row in rows(results.summary, "incidents").iterrows():
        assert row["replicates_needed"] == needed_by_hand(row["sd"], 0.05 * row["mean"])
    for _, row in rows(results.contrasts).iterrows():
        needed = needed_by_hand(row["sd"], 0.05 * abs(row["reference_mean"]))
        assert row["replicates_needed"] == needed


@pytest.mark.parametrize(("relative", "half_width"), [(False, 0.003), (True, 0.01)])
def test_replicates_needed_of_differences(relative, half_width):
    import regional_sim

    rule = until(of="difference", half_width=half_width, relative=relative)
    contrasts = rows(regional_sim.sweep(small(replicates=rule, tables=[])).contrasts)
    assert len(contrasts) == 2
    for _, row in contrasts.iterrows():
        wanted = half_width * (abs(row["reference_mean"]) if relative else 1.0)
        assert row["replicates_needed"] == needed_by_hand(row["sd"], wanted)


def test_as_many_as_are_needed_give_about_the_half_width():
    import regional_sim

    rule = until(half_width=0.01) | {"at_most": 32, "batch": 28}
    first = rows(regional_sim.sweep(small(replicates=rule, tables=[])).summary)
    most = first.loc[first["more_needed"].idxmax()]
    n = int(most["n"] + most["more_needed"])
    assert n > 100
    again = rows(regional_sim.sweep(small(replicates=n, tables=[])).summary)
    same = again[(again["point"] == most["point"]) & (again["posture"] == most["posture"])]
    half = (same["ci_high"] - same["ci_low"]).item() / 2.0
    assert half == pytest.approx(0.01, rel=0.25)


def test_where_nothing_varies_two_are_enough():
    import regional_sim

    results = regional_sim.sweep(small(replicates=RULE, tables=[]))
    where = "point == 0 and metric == 'tension' and window == 'whole'"
    found = results.summary.query(where)
    assert found["n"].tolist() == [4, 4]
    assert found["replicates_needed"].tolist() == [2, 2]
    assert found["more_needed"].tolist() == [0, 0]
    no_mean = results.summary[(results.summary["mean"] == 0) & (results.summary["sd"] == 0)]
    assert len(no_mean)
    assert no_mean["replicates_needed"].isna().all()
    assert pd.api.types.is_float_dtype(results.summary["more_needed"])


# ------------------------------------------------------------------------- bad mappings

GOOD = """\
scenario: two_states
seed: 1
replicates:
  at_least: 4
  at_most: 16
  batch: 4
  until:
    metric: tension
    window: whole
    half_width: 0.03
    relative: false
    of: mean
postures: [traditional, new_approach]
"""

# What is replaced in GOOD, by what, and the message: place, then what it must say.
BAD = {
    "unknown metric": ("metric: tension", "metric: tensoin", "8:13: replicates.until.metric: unknown metric; got 'tensoin'; did you mean 'tension'?"),
    "unknown window": ("window: whole", "window: hole", "9:13: replicates.until.window: unknown window; got 'hole'"),
    "unknown of": ("of: mean", "of: means", "12:9: replicates.until.of: is not one of the choices; got 'means'; allowed: 'mean' or 'difference'; did you mean 'mean'?"),
    "at_least above at_most": ("at_least: 4", "at_least: 17", "4:13: replicates.at_least: is more than at_most; got 17"),
    "at_least of one": ("at_least: 4", "at_least: 1", "4:13: replicates.at_least: "),
    "no at_least": ("  at_least: 4\n", "", "3:1: replicates.at_least: required, but not given"),
    "no at_most": ("  at_most: 16\n", "", "3:1: replicates.at_most: required, but not given"),
    "fraction for at_most": ("at_most: 16", "at_most: 16.5", "5:12: replicates.at_most: must be a whole number; got 16.5"),
    "too large an at_most": ("at_most: 16", "at_most: 10000001", "5:12: replicates.at_most: is outside the allowed range; got 10000001"),
    "batch of nothing": ("batch: 4", "batch: 0", "6:10: replicates.batch: "),
    "half-width of zero": ("half_width: 0.03", "half_width: 0", "10:17: replicates.until.half_width: "),
    "negative half-width": ("half_width: 0.03", "half_width: -0.1", "10:17: replicates.until.half_width: "),
    "infinite half-width": ("half_width: 0.03", "half_width: .inf", "10:17: replicates.until.half_width: "),
    "text for a half-width": ("half_width: 0.03", "half_width: narrow", "10:17: replicates.until.half_width: must be a number; got 'narrow'"),
    "misspelt key": ("at_most: 16", "at_mots: 16\n  at_most: 16", "5:3: replicates.at_mots: unknown setting of replicates; did you mean 'at_most'?"),
    "misspelt key of until": ("relative: false", "relativ: false", "11:5: replicates.until.relativ: unknown setting of until; did you mean 'relative'?"),
    "difference with one posture": ("of: mean\npostures: [traditional, new_approach]", "of: difference\npostures: [traditional]", "12:9: replicates.until.of: a difference needs a second posture"),
    "no until": (GOOD[GOOD.index("  until:") : GOOD.index("postures")], "", "3:1: replicates.until: required, but not given"),
    "text for replicates": (GOOD[GOOD.index("replicates:") : GOOD.index("postures")], "replicates: many\n", "3:13: replicates: must be a whole number; got 'many'"),
}  # fmt: skip


def test_the_good_rule_is_good(tmp_path):
    (tmp_path / "rule.yaml").write_text(GOOD)
    loaded = load_experiment(tmp_path / "rule.yaml")
    assert loaded.replicates == 16
    assert loaded.stopping == a_rule(half_width=0.03, at_least=4, batch=4)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_rule_gets_one_message_with_its_place(tmp_path, name):
    faults.check_row(load_experiment, tmp_path / "rule.yaml", GOOD, BAD[name])


def test_a_batch_is_as_large_as_the_first_one_if_nothing_is_said():
    rule = {key: value for key, value in RULE.items() if key != "batch"}
    assert experiment_from_mapping(SMALL | {"replicates": rule}).stopping.batch == 4


def test_a_posture_without_any_value_is_not_waited_for():
    values = np.array([[0.30, 0.30, 0.31], [np.nan, np.nan, np.nan]])
    assert a_rule().is_met(values)
