"""Forecasts of observed months and their scores, on series that the tests write."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regional_sim.answers.skill.forecast_scores import (
    ALL_SERIES,
    BETTER,
    NO_INTERVAL,
    UNCLEAR,
    WORSE,
    compare_forecasts,
    mean_scores,
    need_scoring_library,
    scores_of,
    skill_interval,
    verdict_of,
)
from regional_sim.answers.skill.forecasts import (
    MEMBERS,
    MOST_SIGNAL,
    PROBABILITIES,
    SIMPLE_FORECASTS,
    Analogues,
    ObservationModel,
    autoregressive_forecast,
    climatological_forecast,
    from_root,
    persistence_forecast,
    seasonal_forecast,
    to_root,
)
from regional_sim.answers.skill.observables import (
    OBSERVABLES,
    MonthlySeries,
    Observable,
    as_month,
    chosen_observables,
    month_after,
    read_observable,
)
from regional_sim.answers.skill.skill import SkillPlan, check_length, score_series
from regional_sim.errors import InputError, UnknownNameError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
VESSELS = OBSERVABLES[0]
TESTS = OBSERVABLES[-1]
PLAN = SkillPlan(as_month("2010-01"), as_month("2018-12"), (1, 3))
MONTHS = [str(month_after(as_month("2010-01"), k)) for k in range(186)]

needs_library = pytest.mark.skipif(
    "not __import__('importlib.util').util.find_spec('scoringrules')",
    reason="needs the extra 'skill'",
)


def autoregression(n_months: int, n_runs: int, seed: int, slope: float = 0.9) -> np.ndarray:
    """Months of a first-order autoregression with variance 1: shape (month, run)."""
    random = np.random.default_rng(seed)
    months = [random.normal(size=n_runs)]
    for _ in range(n_months - 1):
        months.append(slope * months[-1] + np.sqrt(1 - slope**2) * random.normal(size=n_runs))
    return np.stack(months)


# ---------------------------------------------------------------------------------- series


def write(folder: Path, rows: list[str], header: str = "month,contiguous_zone_vessels") -> Path:
    path = folder / VESSELS.file
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_series_is_read_without_what_is_partial_or_empty_at_its_ends(tmp_path: Path) -> None:
    rows = ["2012-09,0,1,9", "2012-10,0,0,7", "2012-11,0,0,8", "2012-12,0,0,", "2013-01,0,1,3"]
    write(tmp_path, rows, "\ufeffmonth,other,partial_month,contiguous_zone_vessels")
    series = read_observable(tmp_path, VESSELS)
    assert series.months == ["2012-10", "2012-11"]
    assert series.observed.tolist() == [7.0, 8.0]
    assert read_observable(tmp_path, VESSELS, as_month("2012-10")).months == ["2012-10"]
    assert series.place(as_month("2013-10")) == 12


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "this file has no rows"),
        (["2010-1,2"], ":2: month: must be a month such as 2019-01; got '2010-1'"),
        (["2010-01,2", "2010-03,2"], ":3: month: must be the month after 2010-01; got '2010-03'"),
        (["2010-01,2", "2010-01,2"], ":3: month: must be the month after 2010-01; got '2010-01'"),
        (["2010-01,x"], ":2: contiguous_zone_vessels: must be a number of at least 0, or empty"),
        (["2010-01,-1"], ":2: contiguous_zone_vessels: must be a number of at least 0, or empty"),
        (["2010-01,inf"], "must be a number of at least 0, or empty; got 'inf'"),
        (["2010-01,1", "2010-02,", "2010-03,1"], "has no value for 2010-02, between months"),
        (["2010-01,", "2010-02"], "this column has no value"),
        (["2010-01,1", "2010-02,1,1"], "this file is no CSV table"),
    ],
)
def test_faults_of_a_file_are_named(tmp_path: Path, rows: list[str], said: str) -> None:
    path = write(tmp_path, rows)
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        read_observable(tmp_path, VESSELS)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_column_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file; senkaku_contiguous is read from"):
        read_observable(tmp_path, VESSELS)
    write(tmp_path, ["2010-01,1"], "month,contiguous_zone_vessel")
    with pytest.raises(InputError, match="did you mean 'contiguous_zone_vessel'"):
        read_observable(tmp_path, VESSELS)
    write(tmp_path, ["2010-01;1"], "month;contiguous_zone_vessels")
    with pytest.raises(InputError, match="separated by semicolons"):
        read_observable(tmp_path, VESSELS)
    write(tmp_path, ["2010-01,1"])
    with pytest.raises(InputError, match="no value up to 2009-12"):
        read_observable(tmp_path, VESSELS, as_month("2009-12"))


def test_series_are_chosen_by_name() -> None:
    assert chosen_observables(()) == OBSERVABLES
    assert chosen_observables(("missile_tests", "missile_tests")) == (TESTS,)
    with pytest.raises(UnknownNameError, match="did you mean 'missile_tests'"):
        chosen_observables(("missile_test",))


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the files of ../shared/data")
@pytest.mark.parametrize("observable", OBSERVABLES, ids=lambda one: one.name)
def test_shared_files_have_the_form(observable: Observable) -> None:
    series = read_observable(SHARED, observable, as_month("2025-06"))
    check_length(series, SkillPlan(as_month("2010-01"), as_month("2018-12")))
    assert series.place(as_month("2018-12")) > 70


# ------------------------------------------------------------------------------- forecasts


def test_simple_forecasts_of_a_season() -> None:
    year = np.arange(12.0)
    roots = np.tile(year, 10)
    middle = MEMBERS // 2
    for ahead in (1, 6, 12, 13):
        quantiles = seasonal_forecast(roots, roots, ahead)
        # What came a year before is exact, so nothing is spread.
        assert quantiles == pytest.approx(np.full(MEMBERS, (ahead - 1) % 12))
    assert persistence_forecast(roots, roots, 1)[middle - 1 : middle + 1].mean() == pytest.approx(
        11.0
    )
    assert climatological_forecast(roots, roots, 1)[[0, -1]].tolist() == [0.0, 11.0]


def test_autoregression_finds_slope_and_spread() -> None:
    roots = 5.0 + autoregression(20_000, 1, 1)[:, 0]
    quantiles = autoregressive_forecast(np.array([7.0]), roots, 2)
    assert quantiles.mean() == pytest.approx(5.0 + 2.0 * 0.9**2, abs=0.05)
    assert quantiles.std() == pytest.approx(np.sqrt(1 - 0.9**4), abs=0.03)


def test_climatology_of_an_event_is_a_constant_hazard() -> None:
    fitted = to_root(np.array([0.0] * 75 + [4.0] * 25))
    members = from_root(climatological_forecast(fitted, fitted, 3), is_count=True)
    assert np.mean(members > 0.0) == 0.25


def test_the_observation_model_finds_the_share_of_the_signal() -> None:
    simulated = autoregression(240, 200, 2)
    random = np.random.default_rng(3)
    long = autoregression(240, 1, 4)[:, 0]
    shares = []
    for run in range(40):
        noise = random.normal(size=108)
        roots = 5.0 + 2.0 * (np.sqrt(0.6) * simulated[:108, run] + np.sqrt(0.4) * noise)
        shares.append(ObservationModel.fit(roots, simulated).signal)
    assert np.median(shares) == pytest.approx(0.6, abs=0.12)
    assert ObservationModel.fit(long, simulated).signal == pytest.approx(MOST_SIGNAL, abs=0.25)
    white = random.normal(size=108)
    assert ObservationModel.fit(white, simulated).signal < 0.3


def test_simulated_months_that_look_like_the_observed_ones_count() -> None:
    """Runs that rise are told from runs that fall by the months before the origin."""
    month = np.arange(60.0)[:, None]
    simulated = np.concatenate([np.repeat(month, 5, axis=1), np.repeat(-month, 5, axis=1)], axis=1)
    model = ObservationModel(level=0.0, slope=1.0, noise=0.5, signal=0.9)
    random = np.random.default_rng(5)
    quantiles = Analogues(simulated, (1, 6)).forecast(np.arange(20.0, 32.0), model, random)
    assert np.median(quantiles, axis=1) == pytest.approx([32.0, 37.0], abs=3.0)
    flat = ObservationModel(level=1.0, slope=0.0, noise=2.0, signal=0.0)
    (no_signal,) = Analogues(simulated, (1,)).forecast(np.zeros(12), flat, random)
    assert (no_signal.mean(), no_signal.std()) == pytest.approx((1.0, 2.0), abs=0.15)


# ---------------------------------------------------------------------------------- scores


@needs_library
def test_scores_of_forecasts() -> None:
    members = np.stack([np.full(MEMBERS, 3.0), np.full(MEMBERS, 3.0), 10.0 * PROBABILITIES])
    scores = scores_of(members, np.array([5.0, np.nan, 5.0]), threshold=4.0)
    assert scores["crps"].to_numpy() == pytest.approx(
        [2.0, np.nan, 10.0 / 12.0], rel=1e-4, nan_ok=True
    )
    assert scores["brier"].to_numpy() == pytest.approx([1.0, np.nan, 0.16], nan_ok=True)
    assert scores["inside_50"].to_numpy() == pytest.approx([0.0, np.nan, 1.0], nan_ok=True)
    assert scores["q95"].to_numpy() == pytest.approx([3.0, 3.0, 9.5], abs=0.03)


def test_skill_has_an_interval_by_blocks() -> None:
    random = np.random.default_rng(6)
    others = random.uniform(1.0, 2.0, size=60)
    assert skill_interval(others, others, 1) == pytest.approx((0.0, 0.0, 0.0))
    skill, low, high = skill_interval(0.8 * others, others, 1)
    assert (skill, low, high) == pytest.approx((0.2, 0.2, 0.2))
    skill, low, high = skill_interval(random.permutation(others), others, 1)
    assert low < 0.0 < high
    few = skill_interval(others[:23], others[:23], 1)
    assert np.isnan(few[1:]).all()
    assert np.isnan(skill_interval(others, np.zeros(60), 1)).all()


def test_words_of_an_interval() -> None:
    words = [verdict_of(*ends) for ends in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1))]
    assert [*words, verdict_of(np.nan, np.nan)] == [BETTER, WORSE, UNCLEAR, NO_INTERVAL]


def test_comparisons_pool_series_in_their_own_scale() -> None:
    names = ("model", *SIMPLE_FORECASTS)
    rows = [
        (series, origin, 1, forecast, scale * (1.0 if forecast == "model" else 2.0))
        for series, scale, n in (("a", 1.0, 40), ("b", 100.0, 30))
        for origin in range(n)
        for forecast in names
    ]
    columns = ["series", "origin", "months_ahead", "forecast", "crps"]
    table = pd.DataFrame(rows, columns=columns)
    found = compare_forecasts(table, {"a": 1.0, "b": 100.0}, seed=1)
    assert found["skill"].to_numpy() == pytest.approx(0.5)
    assert set(found["verdict"]) == {BETTER}
    pooled = found[found["series"] == ALL_SERIES]
    assert set(pooled["months"]) == {30}


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regional_sim.answers.skill.forecast_scores.find_spec", {}.get)
    with pytest.raises(InputError, match=re.escape("pip install 'regional_sim[skill]'")):
        need_scoring_library()


# ----------------------------------------------------------------------------------- skill


@needs_library
@pytest.mark.parametrize("refit", [False, True])
def test_a_model_that_is_right_beats_simple_forecasts(refit: bool) -> None:
    """The world is one more run of the model, seen through noise."""
    plan = SkillPlan(as_month("2010-01"), as_month("2018-12"), (1, 3), refit=refit)
    runs = autoregression(186, 60, 7)
    noise = np.random.default_rng(8).normal(size=(186, 4))
    roots = 6.0 + np.sqrt(0.7) * runs[:, :4] + np.sqrt(0.3) * noise
    chosen = OBSERVABLES[2:6]
    series = [
        MonthlySeries(one, as_month("2010-01"), from_root(roots[:, k], is_count=False))
        for k, one in enumerate(chosen)
    ]
    found = score_series(series, dict.fromkeys(chosen, runs[:, 4:]), plan)
    pooled = found.comparisons[found.comparisons["series"] == ALL_SERIES].set_index(
        ["months_ahead", "against"]
    )["skill"]
    assert (pooled[1] > [0.0, 0.2, 0.0, 0.2]).all()
    coverage = mean_scores(found.forecasts.dropna(subset="observed"))
    mine = coverage[coverage["forecast"] == "model"]
    assert mine["coverage_90"].mean() == pytest.approx(0.9, abs=0.08)
    assert mine["coverage_50"].mean() == pytest.approx(0.5, abs=0.12)
    # Forecasts of months that are not observed yet are kept for later.
    later = found.forecasts[found.forecasts["observed"].isna()]
    assert set(later["target"]) == {"2025-07", "2025-08", "2025-09"}
    assert later["crps"].isna().all()
    # A series is forecast alike whatever else is chosen.
    alone = score_series(series[1:2], dict.fromkeys(chosen, runs[:, 4:]), plan)
    same = found.forecasts[found.forecasts["series"] == chosen[1].name]
    pd.testing.assert_frame_equal(same.reset_index(drop=True), alone.forecasts)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones(186), "senkaku_contiguous: does not vary up to 2018-12: nothing to fit"),
        (np.arange(110.0), "ends in 2019-02, less than 3 months after 2018-12: nothing to score"),
    ],
)
def test_series_that_cannot_be_scored_are_refused(values: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        check_length(MonthlySeries(VESSELS, as_month("2010-01"), values), PLAN)


def test_series_that_are_too_short_are_refused() -> None:
    short = MonthlySeries(VESSELS, as_month("2014-02"), np.arange(120.0))
    with pytest.raises(InputError, match="59 months from 2010-01 to 2018-12 are too few to fit"):
        check_length(short, PLAN)


def test_a_plan_has_months_ahead_and_an_end_after_its_start() -> None:
    with pytest.raises(InputError, match="--horizons: must be 1 to 24 months; got 25"):
        SkillPlan(as_month("2010-01"), as_month("2018-12"), (25,))
    with pytest.raises(InputError, match="--fit-until: must not be before"):
        SkillPlan(as_month("2010-01"), as_month("2009-12"))
