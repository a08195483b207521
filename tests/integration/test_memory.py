"""Memory does not grow with the number of runs, and no number depends on how it is held."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from regional_sim.api import describe_plan
from regional_sim.engine.job import BatchResult, window_bounds
from regional_sim.engine.precompile import compile_all
from regional_sim.experiment import experiment_from_mapping, load_experiment, single_point
from regional_sim.experiment.engines import ENGINES
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Finished
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics import statistics
from regional_sim.report import findings
from regional_sim.results import blocks, point_tables, table_file
from regional_sim.results.blocks import BlockStore
from regional_sim.results.columns import NUMBER, TableColumn, outcome_columns
from regional_sim.results.load import load_results
from regional_sim.runner import workers as worker_module
from regional_sim.runner.estimate import estimated
from regional_sim.runner.runner import execute
from regional_sim.runner.task_schedule import Schedule
from regional_sim.scenario import load_scenario
from tests.support.processes import printed

MIB = 2**20
FEW = 1000
ALLOWED_GROWTH = 1.1
"""Memory of many runs over that of :data:`FEW`."""

SMALL_CHANGE = 8 * MIB
"""What memory varies by from one process to the next, and more."""

ENOUGH = 2.0
"""Largest estimate of memory over what is taken."""

STATUS = Path("/proc/self/status")

# Arguments: scenario, postures, replicates, workers, folder, and whether the runs are made up.
PROCESS = """
import dataclasses, sys
from pathlib import Path

import numpy as np

from regional_sim.experiment import single_point
from regional_sim.experiment.engines import ENGINES
from regional_sim.runner.runner import execute
from regional_sim.scenario import load_scenario
from regional_sim.engine.job import BatchResult
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.engine.job import window_bounds

scenario, postures, replicates, workers, folder, made_up = sys.argv[1:]


def drive(job):
    shape = (len(window_bounds(job.cases[0].scenario)), len(Metric), job.n_replicates)
    rng = np.random.default_rng(job.first_replicate)
    # Every metric can have these values.
    made = [[0.5 + rng.random(shape) / 2.0 for _ in case.postures] for case in job.cases]
    return [[BatchResult(values) for values in of_case] for of_case in made]


if made_up == "made up":
    ENGINES["ensemble"] = dataclasses.replace(ENGINES["ensemble"], load=lambda: drive)
experiment = single_point(
    load_scenario(scenario), postures.split(","), seed=1, replicates=int(replicates)
)
execute(experiment, folder, workers=int(workers))
(peak,) = [
    line.split()[1] for line in Path("/proc/self/status").read_text().splitlines()
    if line.startswith("VmHWM:")
]
print(peak)
"""

needs_status = pytest.mark.skipif(
    not STATUS.exists(), reason="the most memory of a process is read from the system"
)


def peak_bytes(
    folder, replicates, *, scenario="baseline", postures="traditional", workers=1, made_up=True
):
    """Run in a process of its own, and return the most memory that it took."""
    kind = "made up" if made_up else "true"
    arguments = [scenario, postures, str(replicates), str(workers), str(folder), kind]
    peak = int(printed("-c", PROCESS, *arguments))
    for path in Path(folder).iterdir():
        path.unlink()
    return 1024 * peak


# ----------------------------------------------------------- memory of a process


ONE, TWO = "traditional", "traditional,new_approach"


@needs_status
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("times", "postures", "made_up", "change"),
    [
        (20, ONE, True, SMALL_CHANGE),
        pytest.param(100, TWO, True, SMALL_CHANGE, marks=pytest.mark.slow),
        pytest.param(10, ONE, False, 0, marks=pytest.mark.slow),
    ],
)
def test_many_times_the_runs_take_the_same_memory(
    tmp_path, workers, times, postures, made_up, change
):
    compile_all()
    asked = {"postures": postures, "workers": workers, "made_up": made_up}
    few = peak_bytes(tmp_path / "few", FEW, **asked)
    many = peak_bytes(tmp_path / "many", times * FEW, **asked)
    assert many < ALLOWED_GROWTH * few + change


@needs_status
@pytest.mark.parametrize("workers", [1, 2])
def test_the_estimate_is_enough_and_not_far_too_much(tmp_path, workers):
    compile_all()
    asked = {"scenario": "baseline", "postures": "traditional,new_approach", "workers": workers}
    taken = peak_bytes(tmp_path / "out", 300, made_up=False, **asked)
    experiment = single_point(
        load_scenario("baseline"), ["traditional", "new_approach"], seed=1, replicates=300
    )
    estimated = describe_plan(experiment, workers=workers)["estimated_memory_bytes"]
    assert taken <= estimated <= ENOUGH * taken


def test_estimate_of_a_million_runs():
    experiment = single_point(load_scenario("baseline"), ["traditional"], replicates=1_000_000)
    for workers in (1, 2):
        assert describe_plan(experiment, workers=workers)["estimated_memory_bytes"] < 1024 * MIB


def test_estimate_grows_with_what_is_held_at_a_time():
    def of(workers=1, **more):
        plan = describe_plan(load_experiment("posture_contrast"), workers=workers, **more)
        return plan["estimated_memory_bytes"]

    assert of() < of(workers=4) < of(workers=8)
    assert of() < of(tables=["timeseries"]) < of(tables=["dyads"])
    assert of(engine="mesa", workers=3) > of(engine="mesa", workers=2) > 2 * of(engine="mesa")


# ------------------------------------------------------------------- same numbers


def drive_with_gaps(job):
    """Make up outcomes: some that no run has, some that few have, some that are all the same."""
    return [
        [
            made_up(case.scenario, job.first_replicate, job.n_replicates, number)
            for number in (0, 1, 2)
        ]
        for case in job.cases
    ]


def made_up(scenario, first, n_replicates, posture):
    rng = np.random.default_rng([first, posture])
    values = rng.standard_normal((len(window_bounds(scenario)), len(Metric), n_replicates))
    values[:, 1] = np.nan
    values[:, 2][rng.random(values[:, 2].shape) < 0.3] = np.nan
    values[0, 3, 1:] = np.nan
    values[:, 4] = 0.1
    values[:, 5] = np.round(values[:, 5])
    return BatchResult(values)


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """A result of made-up outcomes: its plan, its folder with blocks, its tables of points."""
    experiment = experiment_from_mapping(
        {
            "scenario": "baseline",
            "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
            "seed": 3,
            "replicates": 150,
            "postures": ["traditional", "new_approach", "reactive"],
            "design": {
                "kind": "grid",
                "factors": {"roles.patron": ["USA", None], "parameters.signal_gain": [0.1, 0.2]},
            },
        }
    )
    folder = tmp_path_factory.mktemp("gaps") / "out"
    with pytest.MonkeyPatch.context() as patch:
        engine = dataclasses.replace(ENGINES["ensemble"], load=lambda: drive_with_gaps)
        patch.setitem(ENGINES, "ensemble", engine)
        patch.setattr(worker_module, "_impossible", lambda *_: [])
        patch.setattr(BlockStore, "remove", lambda _: None)
        execute(experiment, folder)
    return Plan.of(experiment), folder, tables_of_points(folder)


def tables_of_points(folder):
    return [(folder / f"{table}.csv").read_bytes() for table in ("summary", "contrasts")]


@pytest.mark.parametrize("read", [1, 2**24])
@pytest.mark.parametrize("held", [0, 2**30])
@pytest.mark.parametrize("group", [1, 5000, 2**30])
def test_no_number_depends_on_what_is_held_at_a_time(gaps, monkeypatch, read, held, group):
    plan, folder, expected = gaps
    monkeypatch.setattr(blocks, "HELD_BLOCK_BYTES", read)
    monkeypatch.setattr(point_tables, "HELD_OUTCOME_BYTES", held)
    monkeypatch.setattr(point_tables, "GROUP_BYTES", group)
    before = sorted(path.name for path in folder.iterdir())
    store, schedule = BlockStore(plan.digest, folder), Schedule(plan)
    store.find()
    (tasks,) = schedule.rounds(store)
    point_tables.write_point_tables(plan, Finished(plan, tasks), store, folder)
    assert tables_of_points(folder) == expected
    assert sorted(path.name for path in folder.iterdir()) == before


def test_tables_of_points_are_those_of_all_outcomes_at_once(gaps):
    plan, folder, _ = gaps
    results = load_results(folder)
    names = [column.name for column in outcome_columns(plan)]
    values = results.runs[names].to_numpy().reshape(4, 3, 150, len(names)).transpose(0, 1, 3, 2)
    described = [statistics.summarise(posture) for point in values for posture in point]
    compared = [statistics.contrast(posture, point[0]) for point in values for posture in point[1:]]
    for written, made in ((results.summary, described), (results.contrasts, compared)):
        names = set(made[0]) & set(written.columns)
        assert set(made[0]) - names <= {"pooled_effect_size"}
        for name in names:
            expected = np.concatenate([statistic[name] for statistic in made])
            np.testing.assert_array_equal(written[name], expected)
    assert set(results.summary["n"]) > {0, 2, 150}


def test_a_row_may_be_longer_than_what_is_read_at_a_time(tmp_path):
    columns = [TableColumn(f"c{number}", NUMBER, "") for number in range(300)]
    values = {column.name: np.full(20, 0.1 + 0.2) for column in columns}
    with table_file.table_writer(tmp_path / "a.csv", columns) as writer:
        writer.write(values, 20)
    kinds = {column.name: column.kind for column in columns}
    batches = table_file.read_batches(tmp_path / "a.csv", kinds, ["c299"], block_bytes=1)
    assert sum(batch.num_rows for batch in batches) == 20


def test_text_may_run_over_lines(tmp_path):
    experiment = experiment_from_mapping(
        {
            "scenario": "two_states",
            "settings": {"horizon.months_before": 1, "horizon.months_after": 1},
            "seed": 3,
            "replicates": 100,
            "postures": ["traditional"],
            "design": {"kind": "grid", "factors": {"states.AAA.name": ["two\nlines", "one"]}},
        }
    )
    execute(experiment, tmp_path / "out")
    results = load_results(tmp_path / "out")
    assert results.summary["states_AAA_name"].unique().tolist() == ["two\nlines", "one"]
    assert len(results.runs) == 200


# ------------------------------------------------------------------- many points


@pytest.fixture(scope="module")
def many_points(tmp_path_factory):
    """Plan a sweep of many points, run it with made-up outcomes; the most that the disk held."""
    factors = {"parameters.signal_gain": {"low": 0, "high": 4}}
    experiment = experiment_from_mapping(
        {
            "scenario": "two_states",
            "seed": 3,
            "replicates": 1,
            "postures": ["traditional", "new_approach"],
            "design": {"kind": "random", "n": 400, "factors": factors},
        }
    )
    folder = tmp_path_factory.mktemp("many") / "out"
    with pytest.MonkeyPatch.context() as patch:
        engine = dataclasses.replace(ENGINES["ensemble"], load=lambda: drive_with_gaps)
        patch.setitem(ENGINES, "ensemble", engine)
        patch.setattr(worker_module, "_impossible", lambda *_: [])
        patch.setattr(BlockStore, "remove", lambda _: None)
        execute(experiment, folder)
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Plan.of(experiment), folder, n_bytes


def test_the_estimate_of_the_disk_counts_the_tables_of_points(many_points):
    plan, _, n_bytes = many_points
    assert n_bytes / 1.5 <= estimated(plan).disk_bytes <= 1.5 * n_bytes


def test_the_estimate_of_memory_grows_with_points(many_points):
    plan, _, _ = many_points
    few = dataclasses.replace(plan.experiment, points=plan.experiment.points[:10])
    assert estimated(Plan.of(few)).memory_bytes < estimated(plan).memory_bytes


@pytest.mark.parametrize("held", [1, 10**6])
def test_what_is_printed_of_a_folder_is_what_is_printed_of_whole_tables(
    many_points, monkeypatch, held
):
    plan, folder, _ = many_points
    monkeypatch.setattr(findings, "HELD_ROWS", held)
    shown = findings.shown_metrics(plan, everything=True)
    results = load_results(folder)
    of_folder = findings.findings(plan, results, shown, 80).plain
    assert not {"summary", "contrasts"} & set(results._frames)
    assert findings.findings(plan, results.detached(), shown, 80).plain == of_folder
