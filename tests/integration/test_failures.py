"""Runs that fail: found one by one, named, left out, and made again."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob
from regional_sim.errors import OutputExistsError
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard, Task, job_of
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.postures import create
from regional_sim.results.load import load_results
from regional_sim.runner import workers
from regional_sim.runner.runner import execute
from regional_sim.runner.workers import RunFailedError
from tests.support.sweeps import MENDED, digests, finely_cut, interrupted, registered, small
from tests.support.worlds import random_world

LIMIT = 0.34
BRITTLE = {"policy": "brittle", "label": "glass", "limit": LIMIT}
POSTURES = ["traditional", BRITTLE, "new_approach"]
ENGINES = ("ensemble", "mesa")


@pytest.fixture(autouse=True)
def _own_policies():
    with registered():
        yield


def brittle(**changes):
    return small(postures=POSTURES, **changes)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """The same sweep, with a policy that does not fail."""
    folder = tmp_path_factory.mktemp("healthy") / "out"
    with registered(), pytest.MonkeyPatch.context() as patch:
        patch.setenv(MENDED, "1")
        execute(brittle(), folder)
    return load_results(folder)


@pytest.fixture(scope="module")
def expected(healthy):
    """Numbers of the runs in which the policy sees a tension above its limit."""
    series = healthy.table("timeseries")
    last = series["months_after_switch"].max()
    seen = series[series["months_after_switch"].between(1, last - 1)]
    seen = seen[(seen["posture"] == "glass") & (seen["tension"] > LIMIT)]
    runs = sorted(set(seen["run"]))
    assert 3 <= len(runs) <= 12
    return runs


@pytest.fixture(scope="module")
def continued(tmp_path_factory):
    folder = tmp_path_factory.mktemp("continued") / "out"
    with registered():
        execute(brittle(), folder, on_error="continue")
    return load_results(folder)


def test_a_shard_with_failed_runs_is_replaced_by_force(tmp_path):
    own, foreign = tmp_path / "failures.csv", tmp_path / "runs.csv"
    for _ in range(2):
        execute(brittle(), tmp_path, shard=Shard(1, 2), on_error="continue", force=True)
        assert own.exists()
    foreign.write_text("of somebody else")
    with pytest.raises(OutputExistsError, match="does not list it"):
        execute(brittle(), tmp_path, shard=Shard(1, 2), on_error="continue", force=True)


# ------------------------------------------------------------------ they are left out


def test_exactly_the_runs_that_fail_are_empty(healthy, expected, continued):
    for table in ("runs", "timeseries", "states", "dyads", "motives"):
        whole, holed = healthy.table(table), continued.table(table)
        is_bad = whole["run"].isin(expected)
        keys = [c for c in whole if not pd.api.types.is_float_dtype(whole[c])]
        keys += [c for c in whole if c.startswith(("parameters", "posture"))]
        pd.testing.assert_frame_equal(holed[keys], whole[keys])
        pd.testing.assert_frame_equal(holed[~is_bad], whole[~is_bad])
        numbers = holed.loc[is_bad].drop(columns=keys)
        assert numbers.isna().all(axis=None)
        assert len(numbers.columns) > 5
    events = healthy.table("events")
    kept = events[~events["run"].isin(expected)].reset_index(drop=True)
    pd.testing.assert_frame_equal(continued.table("events"), kept)


def test_the_table_of_failures_has_a_row_of_each(expected, continued):
    table = continued.failures
    assert table["run"].tolist() == expected
    assert set(table["posture"]) == {"glass"}
    assert set(table["error"]) == {"ArithmeticError"}
    assert set(table["message"]) == {"tension is above the limit, so nothing is known"}
    assert table["where"].str.fullmatch(r"sweeps\.py:\d+ in targets").all()
    assert set(table["seed"]) == {5}
    runs = continued.runs.set_index("run").loc[expected].reset_index()
    for column in ("point", "replicate", "parameters_incident_scale"):
        assert table[column].tolist() == runs[column].tolist()
    assert continued.manifest["failures"] == len(expected)


def test_statistics_are_those_of_the_other_runs(healthy, expected, continued):
    where = "point == 2 and metric == 'tension' and window == 'whole'"
    bad = set(healthy.runs.set_index("run").loc[expected].query("point == 2")["replicate"])
    assert bad
    wide = healthy.runs.query("point == 2").pivot_table(
        index="replicate", columns="posture", values="tension_whole"
    )
    kept = wide.drop(index=sorted(bad))
    summary = continued.summary.query(where).set_index("posture")
    contrasts = continued.contrasts.query(where).set_index("posture")
    assert summary["n"].to_dict() == {"traditional": 8, "glass": len(kept), "new_approach": 8}
    assert summary["mean"]["glass"] == pytest.approx(kept["glass"].mean(), rel=1e-12)
    assert contrasts["n"].to_dict() == {"glass": len(kept), "new_approach": 8}
    pairs = kept["glass"] - kept["traditional"]
    assert contrasts["difference"]["glass"] == pytest.approx(pairs.mean(), abs=1e-12)
    assert contrasts["reference_mean"]["glass"] == pytest.approx(
        kept["traditional"].mean(), rel=1e-12
    )


def assert_same_tables(folder, result):
    """Compare all tables; plans name the engine."""
    found, other = digests(folder), digests(result.folder)
    tables = [name for name in other if name.endswith(".csv")]
    assert "failures.csv" in tables
    assert {n: found[n] for n in tables} == {n: other[n] for n in tables}


@pytest.mark.parametrize(
    ("engine", "workers", "size"), [("ensemble", 2, 3), ("ensemble", 1, 1), ("mesa", 1, 2)]
)
def test_neither_engine_nor_workers_nor_the_cut_matter(tmp_path, continued, engine, workers, size):
    with finely_cut(replicates=size, points=2 if size == 1 else 1):
        execute(brittle(), tmp_path / "out", engine=engine, workers=workers, on_error="continue")
    assert_same_tables(tmp_path / "out", continued)


@pytest.mark.slow
def test_failures_found_by_processes_are_the_same(tmp_path, continued):
    with finely_cut():
        execute(brittle(), tmp_path / "out", engine="mesa", workers=2, on_error="continue")
    assert_same_tables(tmp_path / "out", continued)


# ------------------------------------------------------------------- the first one stops


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sweep_stops_at_a_run_that_fails_and_names_it(
    tmp_path, monkeypatch, healthy, expected, engine
):
    with finely_cut(), pytest.raises(RunFailedError) as caught:
        execute(brittle(), tmp_path / "out", engine=engine)
    assert caught.value.exit_code == 1
    table = pd.read_csv(
        tmp_path / "out" / "failures.csv", dtype={"parameters_incident_scale": float}
    )
    assert len(table) == 1
    (row,) = table.to_dict("records")
    assert row["run"] in expected
    told = str(caught.value)
    scale = row["parameters_incident_scale"]
    for part in (
        f"replicate {row['replicate']} of posture glass at point {row['point']},"
        f" parameters.incident_scale = {scale} failed: ArithmeticError:"
        " tension is above the limit, so nothing is known (sweeps.py:",
        " in targets)",
        "of 72 runs are finished and kept",
        "--resume",
        "--on-error continue",
    ):
        assert part in told
    assert not (tmp_path / "out" / "manifest.json").exists()
    monkeypatch.setenv(MENDED, "1")
    with finely_cut():
        execute(brittle(), tmp_path / "out", engine=engine, resume=True)
    found, other = digests(tmp_path / "out"), digests(healthy.folder)
    if engine != "ensemble":
        assert found.pop("plan.json") != other.pop("plan.json")
    assert found == other


def test_a_sweep_that_stopped_goes_on_without_the_run(tmp_path, continued):
    with finely_cut():
        with pytest.raises(RunFailedError):
            execute(brittle(), tmp_path / "out")
        execute(brittle(), tmp_path / "out", resume=True, on_error="continue")
    assert_same_tables(tmp_path / "out", continued)
    plans = [(folder / "plan.json").read_bytes() for folder in (tmp_path / "out", continued.folder)]
    assert plans[0] == plans[1]


# --------------------------------------------------------------------- they are made again


@pytest.mark.parametrize("engine", ENGINES)
def test_mended_runs_leave_no_trace(tmp_path, monkeypatch, healthy, expected, engine):
    folder = tmp_path / "out"
    made = []
    run = engine_of(engine).load()

    def watched(job):
        made.extend(job.first_replicate + at for at in range(job.n_replicates))
        return run(job)

    with finely_cut():
        execute(brittle(), folder, engine=engine, on_error="continue")
        before = load_results(folder)
        monkeypatch.setenv(MENDED, "1")
        spied = dataclasses.replace(engine_of(engine), load=lambda: watched)
        monkeypatch.setattr(workers, "engine_of", lambda _: spied)
        execute(brittle(), folder, engine=engine, retry_failed=True)
    runs = before.runs.set_index("run").loc[expected]
    assert sorted(made) == sorted(runs["replicate"])
    found, other = digests(folder), digests(healthy.folder)
    if engine != "ensemble":
        assert found.pop("plan.json") != other.pop("plan.json")
    assert found == other
    assert load_results(folder).failures.empty


def test_runs_that_fail_again_stay_failed(tmp_path, continued):
    with finely_cut():
        execute(brittle(), tmp_path / "out", on_error="continue")
        before = digests(tmp_path / "out")
        execute(brittle(), tmp_path / "out", retry_failed=True)
    assert digests(tmp_path / "out") == before
    assert load_results(tmp_path / "out").failures["run"].tolist() == (
        continued.failures["run"].tolist()
    )


def test_retrying_in_an_unfinished_sweep_goes_on_with_it(tmp_path, monkeypatch, healthy):
    with finely_cut():
        interrupted(brittle(), tmp_path / "out", 51, on_error="continue")
        monkeypatch.setenv(MENDED, "1")
        execute(brittle(), tmp_path / "out", retry_failed=True)
    assert digests(tmp_path / "out") == digests(healthy.folder)


def test_where_nothing_failed_there_is_nothing_to_retry(tmp_path):
    execute(small(tables=[]), tmp_path / "out")
    before = digests(tmp_path / "out")
    told = []
    execute(small(tables=[]), tmp_path / "out", retry_failed=True, notice=told.append)
    assert told == [f"{tmp_path / 'out'} is finished: nothing to retry: no run failed"]
    assert digests(tmp_path / "out") == before


def test_points_that_stop_by_a_rule_are_as_if_no_run_had_failed(tmp_path, monkeypatch):
    # Once its failed runs are made again, point 1 goes on between points 0 and 2.
    scales = [3.0, 2.0, 4.0, 0.0, 0.5, 1.0, 3.5, 1.5]
    rule = {
        "at_least": 3,
        "at_most": 12,
        "batch": 3,
        "until": {"metric": "tension", "half_width": 0.04},
    }
    changes = {
        "postures": ["traditional", BRITTLE | {"limit": 0.36}],
        "design": {"kind": "grid", "factors": {"parameters.incident_scale": scales}},
        "replicates": rule,
        "tables": [],
    }
    for points in (1, 8):
        with finely_cut(replicates=3, points=points):
            folder = tmp_path / str(points)
            monkeypatch.delenv(MENDED, raising=False)
            execute(small(**changes), folder / "out", on_error="continue")
            before = load_results(folder / "out").runs
            monkeypatch.setenv(MENDED, "1")
            execute(small(**changes), folder / "out", retry_failed=True)
            execute(small(**changes), folder / "healthy")
        after = load_results(folder / "out").runs
        assert not before.groupby("point").size().equals(after.groupby("point").size())
        assert digests(folder / "out") == digests(folder / "healthy")


# ------------------------------------------------------------------------- other faults


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("policy", ["shapeless", "no_number"])
def test_nonsense_is_a_failure_too(tmp_path, engine, policy):
    experiment = small(postures=["traditional", policy], tables=[], replicates=2)
    execute(experiment, tmp_path / "out", engine=engine, on_error="continue")
    results = load_results(tmp_path / "out")
    assert len(results.failures) == 6
    assert results.failures["message"].str.contains("is no target").all()
    assert set(results.failures["posture"]) == {policy}
    is_bad = results.runs["posture"] == policy
    assert np.array_equal(results.runs["tension_whole"].isna(), is_bad)
    summary = results.summary.query("metric == 'tension'").groupby("posture")["n"].agg(set)
    assert summary.to_dict() == {"traditional": {2}, policy: {0}}


def test_a_message_that_no_file_can_hold_is_written_out(tmp_path):
    experiment = small(postures=["garbled"], tables=[], replicates=1)
    found = load_results(execute(experiment, tmp_path / "out", on_error="continue"))
    assert set(found.failures["message"]) == {r"there is no \udcff"}


IMPOSSIBLE = [
    (Metric.tension, np.nan, "tension is nan; possible is 0 to 1"),
    (Metric.incidents, np.inf, "incidents is inf; possible is 0 to inf a month"),
    (Metric.tension, 1.25, "tension is 1.25; possible is 0 to 1"),
    (Metric.months_before_crisis, 4.5, "months_before_crisis is 4.5; possible is 0 to 1 a month"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("metric", "value", "said"), IMPOSSIBLE)
def test_a_value_that_its_metric_cannot_have_is_a_failure(
    tmp_path, monkeypatch, engine, metric, value, said
):
    run = engine_of(engine).load()

    def spoilt(job):
        results = run(job)
        at = 3 - job.first_replicate
        if 0 <= at < job.n_replicates:
            for of_case in results:
                of_case[1].windows[0, metric, at] = value
        return results

    experiment = small(tables=["timeseries", "events"], replicates=5)
    sound = load_results(execute(experiment, tmp_path / "sound", engine=engine))
    spied = dataclasses.replace(engine_of(engine), load=lambda: spoilt)
    monkeypatch.setattr(workers, "engine_of", lambda _: spied)
    with pytest.raises(RunFailedError, match=f"ImpossibleValue: {said} .window whole"):
        execute(experiment, tmp_path / "stopped", engine=engine)
    found = load_results(execute(experiment, tmp_path / "out", engine=engine, on_error="continue"))
    told = found.failures
    assert told[["point", "posture", "replicate"]].to_numpy().tolist() == [
        [point, "new_approach", 3] for point in range(3)
    ]
    assert set(told["error"] + ": " + told["message"]) == {f"ImpossibleValue: {said}"}
    for table in ("runs", "timeseries"):
        is_bad = found.table(table)["run"].isin(told["run"])
        numbers = found.table(table)[is_bad].filter(regex="tension|crisis")
        assert numbers.isna().all(axis=None)
        pd.testing.assert_frame_equal(found.table(table)[~is_bad], sound.table(table)[~is_bad])


def test_rounding_at_a_bound_and_what_a_world_does_not_define_are_no_failure(monkeypatch):
    def edged(job):
        results = run_batch(job)
        results[0][0].windows[0, Metric.tension] = 1.0 + 1e-15
        results[0][0].windows[:, Metric.un_support] = np.nan
        return results

    spied = dataclasses.replace(engine_of("ensemble"), load=lambda: edged)
    monkeypatch.setattr(workers, "engine_of", lambda _: spied)
    job = job_of(Plan.of(small()), Task((0,), 0, 2))
    assert workers.attempt("ensemble", job).failures == []


# In the last ones stances go beyond the values at which they may start.
@pytest.mark.parametrize("seed", [0, 1, 2, 75, 285, 325])
def test_at_the_ends_of_the_ranges_of_parameters_no_metric_is_impossible(seed):
    rng = np.random.default_rng(seed)
    ends = {f"parameters.{one.name}": float(rng.choice([one.low, one.high])) for one in Param}
    world = random_world(seed, 4).with_settings(ends)
    job = BatchJob.of(world, [create("new_approach")], seed, 0, 2)
    assert workers.attempt("ensemble", job).failures == []


@pytest.mark.parametrize(("engine", "workers"), [("ensemble", 1), ("ensemble", 2), ("mesa", 1)])
def test_want_of_memory_is_no_failure_of_a_run(tmp_path, engine, workers):
    experiment = small(postures=["traditional", "greedy"], tables=[], replicates=2)
    with pytest.raises(MemoryError):
        execute(experiment, tmp_path / "out", engine=engine, workers=workers, on_error="continue")
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert not (tmp_path / "out" / "failures.csv").exists()
    assert not (tmp_path / "out" / ".lock").exists()
