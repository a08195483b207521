"""The procedure that sets stakes and restraint, what it writes, and the score of the hold-out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from regional_sim.analysis import calibrate, calibration_rounds
from regional_sim.analysis.base_rates import DisputeCounts, DisputeRecord, read_targets, simulate
from regional_sim.analysis.calibrate import as_yaml, parameter_table, read_measured, write_measured
from regional_sim.analysis.calibration_rounds import (
    RESTRAINT_BOUNDS,
    Fit,
    World2010,
    fit_record,
    stakes_by_rule,
)
from regional_sim.analysis.pooled_fit import (
    PREDICTORS,
    FreeNumbers,
    Surface,
    evaluate,
    optimum,
)
from regional_sim.scenario import Scenario, load_scenario, shipped_config


class Simulated:
    """A made-up model of 91 pairs: onsets a year 0.1 exp(-2 log R + 1.5 (stake - rule)).

    It answers in place of ``simulate_all``, with Poisson counts from the replicate's own seed.
    """

    def __init__(self, world: World2010) -> None:
        self.world = world

    def __call__(
        self, scenarios: list[Scenario], replicates: int, first_replicate: int = 0
    ) -> list[DisputeCounts]:
        upper = np.triu_indices(scenarios[0].n_states, 1)
        return [self._counts(one, upper, replicates, first_replicate) for one in scenarios]

    def _counts(
        self, scenario: Scenario, upper: tuple[np.ndarray, ...], replicates: int, first: int
    ) -> DisputeCounts:
        restraint = scenario.dyad_values("restraint")[upper]
        stake = scenario.dyad_values("stake")[upper] / self.world.stake_rule - 1.0
        rate = 20.0 * 0.1 * np.exp(-2.0 * np.log(restraint) + 1.5 * stake)
        force = 1.0 / (1.0 + np.exp(1.0 - 2.0 * stake))
        uniform = np.random.default_rng(first).random((2, len(rate), replicates))
        disputes = np.floor(rate[:, None] + uniform[0])  # any counts with these means will do
        forced = np.floor(disputes * force[:, None] + uniform[1])
        none = np.zeros_like(disputes)
        over_1, over_6 = (np.floor(disputes * share + uniform[1]) for share in (0.39, 0.18))
        parts = np.array([forced, over_1, over_6])
        return DisputeCounts(20.0, disputes, none, none, disputes, parts)


def test_rounds_arrive_at_the_penalised_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World2010.load()
    monkeypatch.setattr(calibration_rounds, "simulate_all", Simulated(world))
    record = read_targets(world.names)
    lines: list[str] = []
    fit = fit_record(world, record, replicates=200, tell=lines.append)
    assert fit.converged
    assert len(lines) == len(fit.rounds) < calibration_rounds.ROUNDS
    again = optimum(fit.surface, record, fit.optimum.at.spread)
    assert again.objective - fit.optimum.objective < calibration_rounds.SMALLEST_GAIN
    evidence = [one["evidence"] for one in fit.rounds]
    assert evidence[-1] > evidence[0] + 5.0
    expected = np.exp(fit.surface.eta[0])
    had = record.onsets > 0
    assert abs(expected.sum() - record.onsets.sum()) < 5.0
    most = np.argmax(record.onsets)
    assert expected[had].mean() > 4.0 * expected[~had].mean() > 0.0
    assert 0.5 * record.onsets[most] < expected[most] < record.onsets[most]
    same = fit_record(world, record, replicates=200)
    assert same.rounds == fit.rounds


def test_the_command_scores_unseen_years_and_writes_both_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = Simulated(World2010.load())
    monkeypatch.setattr(calibration_rounds, "simulate_all", simulated)
    monkeypatch.setattr(
        calibrate, "simulate", lambda one, *rest, **more: simulated([one], *rest, **more)[0]
    )
    overlay = tmp_path / "stakes_and_restraint.yaml"
    monkeypatch.setattr(calibrate, "shipped_config", lambda _: overlay)
    options = ["--rounds", "3", "--replicates", "60"]
    assert calibrate.main([*options, "--hold-out", "only"]) == 0
    assert not overlay.exists()
    assert calibrate.main(options) == 0
    assert "at a bound: none" in capsys.readouterr().err
    assert load_scenario("world_2010", overrides=[overlay]).dyad_values("stake").max() > 0.0
    measured = read_measured(tmp_path / "fit.yaml")
    scores = dict(measured["hold-out: scores"].itertuples(index=False))
    by_pair = measured["hold-out: scores by pair"]
    for name in ("model, plug-in", "model, predictive"):
        assert scores[name] == pytest.approx(by_pair[name].sum(), abs=0.01)
        assert scores["uniform"] < scores[name] < 0.0
    assert len(measured["scores of all runs"]) == 2  # each score is a look, and none is forgotten
    assert len(measured["rounds"]) <= 3
    assert measured["targets"]["target"].nunique() == 6


@pytest.mark.parametrize("wrong", [["--rounds", "0"], ["--free", "no_such"], ["--hold-out", "x"]])
def test_the_command_refuses_what_it_does_not_know(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        calibrate.main(wrong)
    assert stopped.value.code == 2


def _fit(world: World2010, log_restraint: np.ndarray) -> Fit:
    n_pairs = len(world.names)
    at = FreeNumbers(0.5, 0.5, (log_restraint - 0.5) / 0.5, np.array([0.2]))
    slopes = np.full((PREDICTORS, n_pairs), -1.0)
    surface = Surface(at, np.zeros((PREDICTORS, n_pairs)), slopes, -slopes[None])
    none = np.zeros(n_pairs)
    record = DisputeRecord(world.names, 1.0, none, np.zeros((3, n_pairs)), 0.0)
    return Fit(surface, evaluate(surface, record), [], True)


def test_a_number_at_its_bound_is_reported() -> None:
    world = World2010.load()
    logs = np.full(len(world.names), 0.5)
    logs[3] = np.log(2.0 * RESTRAINT_BOUNDS[1])
    table = parameter_table(world, _fit(world, logs)).set_index("number")
    assert len(table) == len(world.names) + 3  # mean, spread, scale of stakes
    assert table.index[table["at_bound"]].tolist() == [f"restraint {world.names[3]}"]
    assert table.loc["stake scale", "value"] == pytest.approx(np.exp(0.2))
    assert table.loc[f"restraint {world.names[0]}", "prior_sd"] == pytest.approx(0.0)
    assert (table["log_sd"].dropna() > 0.0).all()


def test_a_written_fit_loads_as_the_world_that_was_fitted(tmp_path: Path) -> None:
    world = World2010.load()
    logs = np.random.default_rng(4).normal(0.5, 0.5, len(world.names))
    fit = _fit(world, logs)
    overlay = tmp_path / "fitted.yaml"
    overlay.write_text(as_yaml(world, fit), encoding="utf-8")
    loaded = load_scenario("world_2010", overrides=[overlay])
    fitted = world.at(fit.optimum.at)
    for figure in ("stake", "restraint"):
        assert np.array_equal(loaded.dyad_values(figure), fitted.dyad_values(figure))


def test_tables_come_back_as_they_were_written(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"pair": ["A-B", "B-C"], "score": [-1.25, np.nan], "passes": [True, False]}
    )
    path = tmp_path / "fit.yaml"
    write_measured({"targets": table, "looks": ["one: with a colon"], "converged": True}, path)
    back = read_measured(path)
    assert back["looks"] == ["one: with a colon"]
    assert back["converged"] is True
    pd.testing.assert_frame_equal(back["targets"], table)


def test_shipped_stakes_are_the_rule_times_one_scale() -> None:
    document = YAML(typ="safe").load(shipped_config("calibrated/stakes_and_restraint"))["dyads"]
    stakes = document["stake"]["pairs"]
    ratio = np.array(list(stakes.values())) / stakes_by_rule(list(stakes))
    assert len(stakes) == 91
    assert np.ptp(ratio) < 0.002 * ratio[0]
    restraint = np.array(list(document["restraint"]["pairs"].values()))
    assert RESTRAINT_BOUNDS[0] < restraint.min() <= restraint.max() < RESTRAINT_BOUNDS[1]


@pytest.mark.slow
def test_a_pair_with_many_disputes_is_fitted_in_the_model_itself() -> None:
    world = World2010.load(load_scenario("world_2010").with_settings({"horizon.months_after": 120}))
    onsets = np.zeros(len(world.names))
    onsets[[world.names.index("CHN-TWN"), world.names.index("JPN-KOR")]] = [12.0, 3.0]
    record = DisputeRecord(
        world.names, 21.0, onsets, np.vstack([onsets / 3.0, onsets / 3.0, 0 * onsets]), 0
    )
    fit = fit_record(world, record, rounds=6, replicates=48)
    counts = simulate(world.at(fit.optimum.at), 48, first_replicate=5000)
    begun = counts.disputes.mean(axis=1) / counts.years * 21.0
    assert begun.sum() < 25.0
    assert 4.0 < begun[world.names.index("CHN-TWN")] < 20.0
