"""Running experiments: the same bytes however the work is done, and tables that agree."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import regional_sim
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment import experiment_from_mapping, tasks
from regional_sim.experiment.engines import ENGINES
from regional_sim.experiment.experiment import TABLES
from regional_sim.runner.runner import RunInterruptedError, execute
from tests.support import sweeps

TRIAL = {
    "title": "Trial",
    "scenario": "four_states",
    "settings": {"horizon.months_before": 3, "horizon.months_after": 9},
    "seed": 0,
    "replicates": 7,
    "postures": [
        "traditional",
        {"policy": "levels", "label": "grid", "joint_patrols": 0.5},
        "reactive",
    ],
    "design": {
        "kind": "grid",
        "factors": {"posture.military": [0.1, 0.9], "options.shock": ["probit", "logit"]},
    },
    "tables": list(TABLES),
}
SMALL = {key: of for key, of in sweeps.SMALL.items() if key != "design"} | {"replicates": 6}
ALL_TABLES = [*TABLES, "summary", "contrasts", "data_dictionary"]


def small(**changes):
    return experiment_from_mapping(SMALL | changes)


def contents(folder):
    """Read every file of a result but the manifest."""
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.name != "manifest.json"}


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial") / "out"
    return regional_sim.sweep(experiment_from_mapping(TRIAL), out=folder)


# ---------------------------------------------------------------- the same bytes


@pytest.mark.parametrize("size", [1, 3])
def test_the_cut_into_blocks_changes_no_byte(trial, tmp_path, monkeypatch, size):
    monkeypatch.setattr(tasks, "task_replicates", lambda _: size)
    execute(experiment_from_mapping(TRIAL), tmp_path / "out")
    assert contents(tmp_path / "out") == contents(trial.folder)


def test_the_cut_into_pieces_changes_no_byte(trial, tmp_path, monkeypatch):
    monkeypatch.setattr("regional_sim.results.run_tables.PIECE_ROWS", 1)
    monkeypatch.setattr("regional_sim.results.run_tables.PIECE_RUNS", 1)
    monkeypatch.setattr("regional_sim.results.point_tables.HELD_OUTCOME_BYTES", 1)
    monkeypatch.setattr("regional_sim.results.point_tables.GROUP_BYTES", 1)
    monkeypatch.setattr("regional_sim.results.blocks.HELD_BLOCK_BYTES", 1)
    execute(experiment_from_mapping(TRIAL), tmp_path / "out")
    assert contents(tmp_path / "out") == contents(trial.folder)


def test_both_engines_write_the_same_tables(tmp_path):
    for engine in ENGINES:
        execute(small(), tmp_path / engine, engine=engine)
    ensemble, mesa = (contents(tmp_path / engine) for engine in ("ensemble", "mesa"))
    assert ensemble.pop("plan.json") != mesa.pop("plan.json")
    assert ensemble == mesa


@pytest.mark.slow
def test_processes_change_no_byte(tmp_path):
    for workers in (1, 2):
        execute(small(), tmp_path / str(workers), engine="mesa", workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_a_result_runs_again_from_its_plan_alone(trial, tmp_path):
    from regional_sim.experiment.plan import Plan

    plan = Plan.from_mapping(dict(trial.plan))
    execute(plan.experiment, tmp_path / "out", tables=plan.tables)
    again, first = contents(tmp_path / "out"), contents(trial.folder)
    again.pop("plan.json")
    first.pop("plan.json")
    assert again == first


def test_a_replicate_is_the_same_whatever_is_run_beside_it(tmp_path):
    few = regional_sim.sweep(small(replicates=2)).runs
    many = regional_sim.sweep(small(replicates=6)).runs
    kept = many[many["replicate"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept.drop(columns="run"), few.drop(columns="run"))


# ------------------------------------------------------------------------ tables


def test_runs_are_in_order_and_say_what_they_are(trial):
    runs = trial.runs
    assert runs["run"].tolist() == list(range(4 * 3 * 7))
    ordered = runs.sort_values(["point", "run"])
    assert ordered["run"].tolist() == runs["run"].tolist()
    assert runs["posture"].unique().tolist() == ["traditional", "grid", "reactive"]
    assert runs.groupby(["point", "posture"])["replicate"].agg(list).map(len).eq(7).all()
    assert set(runs["seed"]) == {0}
    of_point = runs.groupby("point")[["posture_military", "options_shock"]].first()
    assert of_point.to_numpy().tolist() == [
        [0.1, "probit"],
        [0.1, "logit"],
        [0.9, "probit"],
        [0.9, "logit"],
    ]


def test_rows_of_each_table(trial):
    runs, months, states, pairs = 84, 12, 4, 6
    motives = 6 + 3 + 6 + 0 + 3  # align, press, probe, hedge, derisk
    rows = {name: len(trial.table(name)) for name in ALL_TABLES}
    assert rows["runs"] == runs
    assert rows["timeseries"] == runs * months
    assert rows["states"] == runs * months * states
    assert rows["dyads"] == runs * months * pairs
    assert rows["motives"] == runs * months * motives
    of_point = len(trial.plan["metrics"]) * len(trial.plan["windows"])
    assert rows["summary"] == 4 * 3 * of_point
    assert rows["contrasts"] == 4 * 2 * of_point
    assert {n: e["rows"] for n, e in trial.manifest["tables"].items()} == rows


def test_runs_are_the_windows_of_the_timeseries(trial):
    series = trial.table("timeseries")
    after = series[series["months_after_switch"] >= 1].groupby("run")
    runs = trial.runs
    np.testing.assert_allclose(runs["tension_whole"], after["tension"].mean(), rtol=1e-12)
    np.testing.assert_allclose(runs["incidents_whole"], after["incidents"].sum(), rtol=1e-12)
    assert series["month"].min() == 1
    assert (series["month"] - series["months_after_switch"]).unique().tolist() == [3]


def test_postures_share_history_and_luck_until_the_switch(trial):
    series = trial.table("timeseries")
    before = series[series["months_after_switch"] <= 0]
    metrics = trial.plan["metrics"]
    by_posture = [
        before[(before["posture"] == label) & (before["point"] == 0)][metrics].to_numpy()
        for label in ("traditional", "grid", "reactive")
    ]
    np.testing.assert_array_equal(by_posture[0], by_posture[1])
    np.testing.assert_array_equal(by_posture[0], by_posture[2])
    last = series[series["months_after_switch"] == 9]
    ends = last[last["point"] == 2].groupby("posture")["tension"].agg(tuple)
    assert ends["traditional"] != ends["grid"]


def test_points_that_differ_only_in_postures_share_the_reference(trial):
    reference = trial.runs[trial.runs["posture"] == "traditional"]
    outcomes = reference.columns[reference.columns.get_loc("options_shock") + 1 :]
    first, other = (reference[reference["point"] == p][outcomes].to_numpy() for p in (0, 2))
    np.testing.assert_array_equal(first, other)


def test_events_are_the_changes_of_the_dyads(trial):
    dyads, events = trial.table("dyads"), trial.table("events")
    key = ["run", "month", "state_a", "state_b"]
    changed = dyads[dyads["rung_change"] != 0].reset_index(drop=True)
    assert len(events) > 0
    pd.testing.assert_frame_equal(events[key], changed[key])
    assert (events["rung_after"] == changed["rung"]).all()
    assert (events["rung_after"] - events["rung_before"] == changed["rung_change"]).all()
    up = changed["rung_change"] > 0
    assert (events["kind"] == np.where(up, "escalation", "de_escalation")).all()
    first, second = changed["escalated_first"] > 0, changed["escalated_second"] > 0
    expected = np.select(
        [first & second, first, second],
        [events["state_a"] + "+" + events["state_b"], events["state_a"], events["state_b"]],
        "",
    )
    assert (events["initiator"] == np.where(up, expected, "")).all()
    mistaken = changed[["mistaken_first", "mistaken_second"]].max(axis=1).where(up, 0)
    assert (events["mistaken"] == mistaken).all()


def test_initiators_of_events_add_up_to_the_metric(trial):
    events, runs = trial.table("events"), trial.runs.set_index("run")
    after = events[(events["months_after_switch"] >= 1) & (events["kind"] == "escalation")]
    initiators = after["initiator"].str.split("+").map(len)
    counted = initiators.groupby(after["run"]).sum().reindex(runs.index, fill_value=0)
    assert counted.sum() > 0
    assert (counted == runs["escalations_whole"]).all()


def test_summary_and_contrasts_follow_from_the_runs(trial):
    runs = trial.runs[trial.runs["point"] == 3].pivot_table(
        index="replicate", columns="posture", values="tension_whole"
    )
    where = "point == 3 and metric == 'tension' and window == 'whole' and posture == 'grid'"
    (summary,) = trial.summary.query(where).to_dict("records")
    (contrast,) = trial.contrasts.query(where).to_dict("records")
    changes = runs["grid"] - runs["traditional"]
    assert summary["n"] == contrast["n"] == 7
    assert summary["mean"] == pytest.approx(runs["grid"].mean(), rel=1e-12)
    assert summary["sd"] == pytest.approx(runs["grid"].std(), rel=1e-12)
    assert contrast["reference"] == "traditional"
    assert contrast["difference"] == pytest.approx(changes.mean(), rel=1e-12)
    assert contrast["effect_size"] == pytest.approx(changes.mean() / changes.std(), rel=1e-12)
    assert (summary["posture_military"], summary["options_shock"]) == (0.9, "logit")


def test_the_dictionary_describes_every_column(trial):
    described = trial.table("data_dictionary")
    pairs = list(zip(described["table"], described["column"], strict=True))
    written = [
        (name, column)
        for name in ALL_TABLES
        for column in (trial.folder / f"{name}.csv").read_text().splitlines()[0].split(",")
    ]
    assert pairs == written


def test_values_are_inside_the_ranges_of_the_dictionary(trial):
    described = trial.table("data_dictionary")
    for row in described.itertuples():
        if row.type != "text" and row.table != "data_dictionary":
            values = trial.table(row.table)[row.column].dropna()
            low = -math.inf if math.isnan(row.low) else row.low
            high = math.inf if math.isnan(row.high) else row.high
            assert values.between(low - 1e-12, high + 1e-12).all(), (row.table, row.column)


def test_form_of_the_tables(trial):
    for name in ALL_TABLES:
        data = (trial.folder / f"{name}.csv").read_bytes()
        assert b"\r" not in data
        assert data.endswith(b"\n")
        cells = data.replace(b"\n", b",").split(b",")
        assert b"-0" not in cells
        assert b"nan" not in cells


def test_a_metric_that_a_point_lacks_is_an_empty_cell():
    design = {"kind": "grid", "factors": {"roles.patron": ["USA", None]}}
    settings = {"horizon.months_before": 1, "horizon.months_after": 2}
    results = regional_sim.sweep(
        small(scenario="baseline", settings=settings, design=design, replicates=2, tables=[])
    )
    column = "trilateral_alignment_whole"
    missing = results.runs[column].isna().groupby(results.runs["point"])
    assert missing.all().tolist() == [False, True]
    assert missing.any().tolist() == [False, True]
    rows = results.summary.query("metric == 'trilateral_alignment' and window == 'whole'")
    assert rows.groupby("point")["n"].first().tolist() == [2, 0]
    assert results.runs["roles_patron"].unique().tolist() == ["USA", ""]


def test_text_with_commas_comes_back():
    design = {"kind": "grid", "factors": {"states.AAA.name": ['A, the "first"', "A"]}}
    results = regional_sim.sweep(small(design=design, replicates=1, tables=[]))
    assert results.runs["states_AAA_name"].unique().tolist() == ['A, the "first"', "A"]
    assert results.summary["states_AAA_name"].unique().tolist() == ['A, the "first"', "A"]


# ------------------------------------------------------------------------ folder


def test_files_of_a_result(trial):
    names = sorted(p.name for p in trial.folder.iterdir())
    assert names == sorted(["plan.json", "manifest.json", *(f"{n}.csv" for n in ALL_TABLES)])


def test_times_and_hosts_stand_in_the_manifest_alone(trial):
    manifest = trial.manifest
    assert manifest["runs"] == 84
    assert manifest["engine"] == "ensemble"
    assert manifest["workers"] == 1
    assert manifest["started"] <= manifest["ended"]
    assert manifest["platform"]["host"]
    text = (trial.folder / "plan.json").read_text()
    assert str(trial.folder.parent) not in text
    assert manifest["started"] not in text


def test_a_result_is_not_overwritten(tmp_path):
    execute(small(tables=[]), tmp_path / "out")
    first = contents(tmp_path / "out")
    with pytest.raises(OutputExistsError, match="the folder holds a result"):
        execute(small(seed=6, tables=[]), tmp_path / "out")
    assert contents(tmp_path / "out") == first
    execute(small(seed=6, tables=[]), tmp_path / "out", force=True)
    assert contents(tmp_path / "out")["runs.csv"] != first["runs.csv"]


def test_nothing_is_written_when_the_question_is_wrong(tmp_path):
    for options in ({"workers": 0}, {"workers": 1.5}, {"engine": "x"}, {"tables": ["x"]}):
        with pytest.raises(InputError):
            execute(small(), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_keeps_its_blocks_and_has_no_manifest(tmp_path, monkeypatch, workers):
    monkeypatch.setattr(tasks, "task_replicates", lambda _: 2)

    def stop(done_runs, total_runs):
        if done_runs:
            raise KeyboardInterrupt

    with pytest.raises(RunInterruptedError, match="4 of 12 runs are finished and kept") as caught:
        execute(small(), tmp_path / "out", workers=workers, progress=stop)
    assert caught.value.exit_code == 130
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["blocks", "plan.json"]
    assert len(list((tmp_path / "out" / "blocks").iterdir())) == 1
    with pytest.raises(InputError, match="unfinished"):
        regional_sim.load_results(tmp_path / "out")
    with pytest.raises(OutputExistsError, match="an unfinished result"):
        execute(small(), tmp_path / "out")


def test_progress_counts_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "task_replicates", lambda _: 2)
    told = []
    execute(small(), tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 12), (4, 12), (8, 12), (12, 12)]


# ------------------------------------------------------------------- from Python


def test_a_run_is_a_sweep_of_one_point(tmp_path):
    settings = SMALL["settings"]
    run = regional_sim.run(
        "two_states",
        postures=["traditional", "new_approach"],
        replicates=6,
        seed=5,
        settings=[f"{path}={value}" for path, value in settings.items()],
        tables=TABLES,
        out=tmp_path / "run",
    )
    sweep = regional_sim.sweep(small(), out=tmp_path / "sweep")
    assert run.manifest["tables"] == sweep.manifest["tables"]
    by_mapping = regional_sim.run(
        regional_sim.load_scenario("two_states"),
        postures=[{"policy": "traditional"}, "new_approach"],
        replicates=6,
        seed=5,
        settings=settings,
    )
    pd.testing.assert_frame_equal(by_mapping.runs, run.runs)


def test_results_in_memory_are_those_on_disk(tmp_path):
    in_memory = regional_sim.sweep(small())
    on_disk = regional_sim.load_results(regional_sim.sweep(small(), out=tmp_path / "out").folder)
    assert in_memory.folder is None
    assert in_memory.tables == on_disk.tables == tuple(ALL_TABLES)
    for name in ALL_TABLES:
        pd.testing.assert_frame_equal(in_memory.table(name), on_disk.table(name))
    assert json.loads((tmp_path / "out" / "plan.json").read_text()) == in_memory.plan


def test_a_sweep_takes_another_seed_and_other_replicates():
    results = regional_sim.sweep(small(tables=[]), seed=0, replicates=1)
    assert results.runs["seed"].tolist() == [0, 0]
    assert len(results.runs) == 2
    with pytest.raises(InputError, match="replicates: is outside"):
        regional_sim.sweep(small(), replicates=0)


def test_clamping_the_challenger_takes_its_answer_away():
    free, held = (
        regional_sim.run(
            "two_states",
            postures=["traditional", "new_approach"],
            replicates=3,
            settings={"horizon.months_before": 2, "horizon.months_after": 24},
            clamp=clamp,
            tables=["states"],
        ).table("states")
        for clamp in ((), ("BBB",))
    )
    for states, follows in ((free, False), (held, True)):
        challenger = states[states["state"] == "BBB"]
        paths = [
            challenger.loc[challenger["posture"] == label, "readiness"].to_numpy()
            for label in ("traditional", "new_approach")
        ]
        assert np.array_equal(*paths) == follows
