"""Plans, how they are cut, what their columns say, and the folder they are written to."""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_sim.api import describe_plan
from regional_sim.engine.job import DYAD_COLUMNS
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment import experiment_from_mapping, load_experiment
from regional_sim.experiment.engines import ENGINES
from regional_sim.experiment.experiment import TABLES
from regional_sim.experiment.plan import Plan, other_version
from regional_sim.experiment.points import Factor, Point
from regional_sim.experiment.tasks import (
    TASK_BYTES,
    Failure,
    Task,
    balanced,
    job_of,
    task_replicates,
    tasks_of,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.results.blocks import Block, BlockStore, remove_blocks
from regional_sim.results.claim import FolderInUseError, clear_folder, folder_lock
from regional_sim.results.columns import table_columns
from regional_sim.results.folder import write_json
from regional_sim.runner import runner
from regional_sim.runner.estimate import planned
from regional_sim.scenario import shipped_experiments

BASE = {
    "scenario": "four_states",
    "seed": 0,
    "replicates": 5,
    "postures": ["traditional", "new_approach"],
    "tables": ["events"],
}


def plan_of(tables=None, engine="ensemble", **changes):
    return Plan.of(experiment_from_mapping(BASE | changes), engine, tables)


def grid(**factors):
    return {"kind": "grid", "factors": {name.replace("__", "."): v for name, v in factors.items()}}


TWO_POINTS = plan_of(design=grid(parameters__signal_gain=[1, 2]))


@pytest.mark.parametrize("name", shipped_experiments())
def test_a_plan_is_equal_when_made_again_and_from_what_it_wrote(name):
    plan = Plan.of(load_experiment(name))
    assert plan.mapping() == Plan.of(load_experiment(name)).mapping()
    written = json.loads(json.dumps(plan.mapping()))
    again = Plan.from_mapping(written)
    assert again.mapping() | {"settings": {}} == plan.mapping() | {"settings": {}}


def test_a_plan_that_comes_out_differently_is_refused():
    mapping = json.loads(json.dumps(plan_of().mapping()))
    mapping["experiment"]["scenario"]["parameters"]["theta_challenger"] = 0.123
    with pytest.raises(InputError, match="the worlds of this plan come out differently"):
        Plan.from_mapping(mapping)


@pytest.mark.parametrize("form", [0, -1, True, 1.0, "2", [2], None])
def test_a_plan_of_no_format_is_refused(form):
    mapping = plan_of().mapping() | {"format": form}
    with pytest.raises(InputError, match=r"format: is missing, or no value of its kind"):
        Plan.from_mapping(mapping)


def test_a_version_that_is_none_is_no_version_of_the_program():
    assert other_version({"versions": {"regional_sim": ["1"]}}).startswith("made by regional_sim")


def test_a_plan_holds_no_folder_and_no_time(tmp_path):
    text = "scenario: four_states\nseed: 0\nreplicates: 1\npostures: [traditional]\n"
    plans = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "trial.yaml").write_text(text)
        plans.append(Plan.of(load_experiment(tmp_path / name / "trial.yaml")).mapping())
    assert plans[0] == plans[1]


def test_tables_come_from_the_call_or_else_from_the_experiment():
    assert plan_of().tables == ("runs", "events")
    assert plan_of(tables=["dyads", "timeseries"]).tables == ("runs", "timeseries", "dyads")
    assert plan_of(tables=[]).tables == ("runs",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tables": ["dyad"]}, "unknown table; got 'dyad'; .* did you mean 'dyads'"),
        ({"engine": "mesh"}, "unknown engine 'mesh'; allowed: ensemble, mesa"),
    ],
)
def test_messages_of_a_plan(changes, expected):
    with pytest.raises(InputError, match=expected):
        plan_of(**changes)


def test_windows_and_metrics_are_those_that_some_point_has():
    plan = plan_of(
        design=grid(horizon__months_after=[60, 96], roles__patron=["USA", None]),
        scenario="baseline",
    )
    assert plan.windows == {"whole": None, "early": (1, 24), "middle": None, "late": (73, 96)}
    assert Metric.trilateral_alignment in plan.metrics
    alone = plan_of(design=grid(roles__patron=[None]), scenario="baseline")
    assert Metric.trilateral_alignment not in alone.metrics
    assert alone.windows["whole"] == (1, 96)


def test_two_table_columns_one_name_are_refused():
    levels = {"dyads.commitment.CHN-JPN": 0.1, "dyads.commitment.CHN:JPN": 0.2}
    experiment = dataclasses.replace(TWO_POINTS.experiment, points=(Point(0, levels),))
    with pytest.raises(InputError, match="would be called dyads_commitment_CHN_JPN"):
        planned(experiment)


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ([1, 2], "integer"),
        ([1, 2.5], "number"),
        ([1, None], "number"),
        (["1", 2], "text"),
        ([True, 1], "text"),
    ],
)
def test_kind_of_a_factor(levels, kind):
    assert Factor("parameters.x", tuple(levels)).kind == kind


def cut(n_points, replicates, plan=TWO_POINTS, n_postures=2):
    """Tasks of a plan with so many points, replicates and postures, by points."""
    experiment = dataclasses.replace(
        plan.experiment,
        points=tuple(Point(number) for number in range(n_points)),
        replicates=replicates,
        postures=plan.experiment.postures[:1] * n_postures,
    )
    groups = tasks_of(dataclasses.replace(plan, experiment=experiment))
    return [task for group in groups for task in group]


def runs_of(task):
    """Points and replicates of a task."""
    replicates = range(task.first_replicate, task.first_replicate + task.n_replicates)
    return [(point, replicate) for point in task.points for replicate in replicates]


@given(st.integers(1, 60), st.integers(1, 300), st.sampled_from(sorted(ENGINES)), st.integers(1, 9))
def test_tasks_hold_each_run_once_and_are_of_about_equal_size_as_the_engine_likes(
    n_points, replicates, engine, n_postures
):
    plan = dataclasses.replace(TWO_POINTS, engine=engine)
    tasks = cut(n_points, replicates, plan, n_postures)
    held = [run for task in tasks for run in runs_of(task)]
    assert sorted(held) == list(itertools.product(range(n_points), range(replicates)))
    for sizes in ({len(task.points) for task in tasks}, {task.n_replicates for task in tasks}):
        assert min(sizes) >= 1
        assert max(sizes) - min(sizes) <= 1
    assert max(task.n_replicates for task in tasks) <= ENGINES[engine].task_replicates
    assert len({task.name for task in tasks}) == len(tasks)
    for task in tasks:
        assert task.n_cells == len(runs_of(task))
        assert task.n_cells * n_postures <= ENGINES[engine].task_runs or len(task.points) == 1


def test_points_with_few_replicates_share_a_task():
    tasks = cut(40, 50)
    assert [task.points for task in tasks] == [tuple(range(at, at + 5)) for at in range(0, 40, 5)]
    assert {task.n_replicates for task in tasks} == {50}
    many_postures = cut(3, 300, n_postures=9)
    assert [task.points for task in many_postures] == [(at,) for at in (0, 0, 0, 1, 1, 1, 2, 2, 2)]


def test_some_replicates_are_cut_like_all():
    groups = tasks_of(TWO_POINTS, 100, 400)
    assert [task.first_replicate for task in groups[0]] == [100, 200, 300]
    assert {task.n_replicates for group in groups for task in group} == {100}


def test_the_order_of_tasks_does_not_depend_on_workers(tmp_path, monkeypatch):
    orders = []

    def note(plan, tasks, workers, **_):
        orders.append((workers, list(tasks)))
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "finished_tasks", note)
    experiment = dataclasses.replace(TWO_POINTS.experiment, replicates=300)
    for workers in (1, 3, 16):
        with pytest.raises(runner.RunInterruptedError):
            runner.execute(experiment, tmp_path / str(workers), workers=workers)
    assert [workers for workers, _ in orders] == [1, 3, 16]
    expected = balanced(tasks_of(Plan.of(experiment)))
    assert orders[0][1] == orders[1][1] == orders[2][1] == expected


def test_the_job_of_a_task_holds_its_points_each_with_its_own_world_and_postures():
    plan = plan_of(
        design=grid(parameters__signal_gain=[1, 2], posture__military=[0.1, 0.9]),
        postures=["traditional", "levels"],
        seed=3,
        clamp=["CHN"],
    )
    job = job_of(plan, Task((1, 2, 3), 4, 2))
    gains = [case.scenario.parameter_values()[Param.signal_gain] for case in job.cases]
    assert gains == [1.0, 2.0, 2.0]
    assert [case.postures[1].military for case in job.cases] == [0.9, 0.1, 0.9]
    assert [case.postures[0].name for case in job.cases] == ["traditional"] * 3
    assert (job.seed, job.first_replicate, job.n_replicates, job.clamp) == (3, 4, 2, ("CHN",))
    assert job.series == frozenset(["events"])


def test_blocks_are_smaller_where_long_tables_would_take_much_memory():
    few = plan_of(scenario="baseline", tables=["runs"])
    many = plan_of(scenario="baseline", tables=["dyads"], settings={"horizon.months_after": 1000})
    assert task_replicates(few) == 128
    run_bytes = 8 * len(DYAD_COLUMNS) * 91 * 1024
    assert task_replicates(many) == TASK_BYTES // (2 * run_bytes)


@pytest.mark.parametrize("table", [*TABLES, "summary", "contrasts", "failures", "data_dictionary"])
def test_every_column_says_what_it_is(table):
    plan = plan_of(design=grid(parameters__signal_gain=[1]), scenario="baseline", tables=TABLES)
    columns = table_columns(table, plan)
    for column in columns:
        assert column.meaning
        assert column.kind in {"integer", "number", "text"}
        assert column.low <= column.high
        assert column.name.isidentifier()
        assert "," not in column.name
    if table in TABLES:
        assert [c.name for c in columns[:3]] == ["run", "point", "replicate"]


def test_tasks_hold_fewer_points_where_long_tables_would_take_much_memory():
    design = grid(parameters__signal_gain=[0, 1, 2, 3, 4])
    long = {"scenario": "baseline", "settings": {"horizon.months_after": 500}}
    few = plan_of(design=design, tables=["runs"], **long)
    many = plan_of(design=design, tables=["dyads"], **long)
    assert [len(group[0].points) for group in tasks_of(few)] == [5]
    run_bytes = 8 * len(DYAD_COLUMNS) * 91 * 524
    fitting = TASK_BYTES // (2 * run_bytes) // 5
    assert fitting == 3
    assert [task for group in tasks_of(many) for task in group] == [
        Task((0, 1), 0, 5),
        Task((2, 3, 4), 0, 5),
    ]


def test_order_of_the_table_columns_runs():
    plan = plan_of(design=grid(parameters__signal_gain=[1, 2]))
    names = [column.name for column in table_columns("runs", plan)]
    assert names[:6] == ["run", "point", "replicate", "seed", "posture", "parameters_signal_gain"]
    assert names[6:10] == ["tension_whole", "tension_early", "tension_middle", "tension_late"]
    assert len(names) == 6 + 4 * len(plan.metrics)


def test_description_of_a_plan():
    found = describe_plan(load_experiment("instrument_grid"))
    assert (found["points"], found["replicates"], found["runs"]) == (27, 50, 2700)
    assert (found["months_before"], found["months_after"]) == (24, 96)
    assert found["factors"]["posture.military"] == [0.1, 0.5, 0.8]
    assert found["estimated_seconds"] is None
    assert found["estimated_memory_bytes"] > 0
    longer = describe_plan(load_experiment("instrument_grid"), tables=["dyads"])
    assert longer["estimated_disk_bytes"] > 10 * found["estimated_disk_bytes"]
    json.dumps(found)


# ------------------------------------------------------------------------ folder


def result(folder, *, manifest=True, tables=("runs",)):
    """Make something that looks like a result."""
    folder.mkdir()
    (folder / "plan.json").write_text('{"experiment": {}}')
    (folder / "runs.csv").write_text("run\n")
    if manifest:
        entries = {name: {"file": f"{name}.csv", "sha256": "0"} for name in tables}
        write_json(folder / "manifest.json", {"tables": entries, "runs": 1})
    return folder


def test_an_empty_folder_is_taken_also_after_a_process_that_died_in_it(tmp_path):
    clear_folder(tmp_path, force=False)
    assert list(tmp_path.iterdir()) == []
    for name in (".lock", "plan.json.partial"):
        (tmp_path / name).write_text("")
    clear_folder(tmp_path, force=False)


def test_a_held_folder_is_made_and_held_alone(tmp_path):
    folder = tmp_path / "a" / "b"
    with folder_lock(folder):
        with (
            pytest.raises(FolderInUseError, match="another process is writing") as caught,
            folder_lock(folder),
        ):
            pass
        assert caught.value.exit_code == 2
    with folder_lock(folder):
        pass
    assert list(folder.iterdir()) == []
    (tmp_path / "thesis.tex").write_text("")
    with (
        pytest.raises(OutputExistsError, match="a file, not a folder"),
        folder_lock(tmp_path / "thesis.tex"),
    ):
        pass


@pytest.mark.parametrize(
    ("manifest", "expected"), [(True, "holds a result"), (False, "holds an unfinished result")]
)
def test_a_result_is_replaced_only_by_force(tmp_path, manifest, expected):
    folder = result(tmp_path / "out", manifest=manifest)
    with pytest.raises(OutputExistsError, match=expected) as caught:
        clear_folder(folder, force=False)
    assert caught.value.exit_code == 2
    assert (folder / "runs.csv").exists()
    (folder / "blocks").mkdir()
    (folder / "blocks" / "points_0_0_replicates_0_4.npz").write_text("")
    (folder / "figure.png").write_text("")
    (folder / "runs.csv.partial").write_text("")
    clear_folder(folder, force=True)
    # Until another one takes its place.
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("name", ["manifest.json", "runs.csv"])
def test_a_result_that_is_being_deleted_can_be_deleted_again(tmp_path, monkeypatch, name):
    folder = result(tmp_path / "out")
    unlink = Path.unlink

    def killed(path, **options):
        if path.name == name:
            raise KeyboardInterrupt
        unlink(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            clear_folder(folder, force=True)
    assert (folder / "plan.json").exists()
    assert (folder / "manifest.json").exists() == (name == "manifest.json")
    clear_folder(folder, force=True)
    assert [path.name for path in folder.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_result_is_never_deleted(tmp_path, force):
    (tmp_path / "thesis.tex").write_text("ten years")
    with pytest.raises(OutputExistsError, match="not a result of this program"):
        clear_folder(tmp_path, force=force)
    (tmp_path / "plan.json").write_text('{"my": "plan"}')
    with pytest.raises(OutputExistsError, match="not a result of this program"):
        clear_folder(tmp_path, force=force)
    assert (tmp_path / "thesis.tex").read_text() == "ten years"


OWN_FILES = ["thesis.tex", "my_comparison.csv", "paper.pdf", "notes.csv.partial", "runs.csv.png"]


def test_what_is_no_part_of_a_result_stays_and_is_named(tmp_path):
    folder = result(tmp_path / "out")
    for name in OWN_FILES:
        (folder / name).write_text("mine")
    (folder / "chapters").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    told = []
    clear_folder(folder, force=True, notice=told.append)
    names = sorted([*OWN_FILES, "chapters", "link"])
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "plan.json"])
    assert told == [f"{folder}: what is no part of the result was left there: {', '.join(names)}"]


def test_a_table_that_the_manifest_does_not_list_may_be_the_users(tmp_path):
    folder = result(tmp_path / "out", tables=["runs"])
    (folder / "states.csv").write_text("mine")
    with pytest.raises(OutputExistsError, match=r"states.csv: .* manifest does not list it"):
        clear_folder(folder, force=True)
    assert (folder / "runs.csv").exists()
    # An unfinished result may have left any table.
    (folder / "manifest.json").unlink()
    clear_folder(folder, force=True)
    assert not (folder / "states.csv").exists()


def test_a_manifest_lets_no_foreign_file_be_deleted(tmp_path):
    folder = result(tmp_path / "out", tables=["runs", "thesis"])
    (folder / "thesis.csv").write_text("ten years")
    clear_folder(folder, force=True, notice=lambda _: None)
    assert (folder / "thesis.csv").read_text() == "ten years"


def test_a_foreign_file_among_the_blocks_is_never_deleted(tmp_path):
    folder = result(tmp_path / "out")
    (folder / "blocks").mkdir()
    for name in ("points_0_0_replicates_0_4.npz", "points_0_0_replicates_4_8.npz.partial"):
        (folder / "blocks" / name).write_text("")
    (folder / "blocks" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"thesis\.txt: this file is no part of the sweep"):
        clear_folder(folder, force=True)
    assert len(list((folder / "blocks").iterdir())) == 3
    assert (folder / "manifest.json").exists()
    remove_blocks(folder / "blocks")
    assert [path.name for path in (folder / "blocks").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("text", "said"), [("[]", "cannot be read"), ("{", "cannot be"), ("{}", "tables: is missing")]
)
def test_a_manifest_that_lists_nothing_lets_nothing_be_deleted(tmp_path, text, said):
    folder = result(tmp_path / "out")
    (folder / "manifest.json").write_text(text)
    (folder / "states.csv").write_text("mine")
    with pytest.raises(InputError, match=rf"manifest\.json: {said}"):
        clear_folder(folder, force=True)
    assert (folder / "states.csv").read_text() == "mine"


@pytest.mark.parametrize("text", ["mine", '{"shard": "north"}'])
def test_a_shard_json_of_the_users_is_no_leftover(tmp_path, text):
    (tmp_path / "shard.json").write_text(text)
    for force in (False, True):
        with pytest.raises(OutputExistsError, match="not a result of this program"):
            clear_folder(tmp_path, force=force)
    assert (tmp_path / "shard.json").read_text() == text


# ------------------------------------------------------------------------ blocks


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(seed=st.integers(0, 99))
def test_a_block_comes_back_as_it_was(tmp_path, seed):
    random = np.random.default_rng(seed)
    task, store = Task((3, 5), 10, 4), BlockStore("abc", tmp_path)
    arrays = {
        "outcomes_0": random.standard_normal((2, 6, 4)),
        "outcomes_1": random.standard_normal((2, 6, 4)),
        "dyads_5_1": random.standard_normal((5, 2, 1, 4)),
    }
    failures = [Failure(5, 1, 12, "ValueError", "so it goes", "policy.py:3 in targets")]
    store.write(task, Block(arrays, failures))
    for found in (store, BlockStore("abc", tmp_path)):
        found.find()
        for posture in (0, 1):
            of_posture = found.outcomes(task, posture)
            np.testing.assert_array_equal(of_posture, arrays[f"outcomes_{posture}"])
        np.testing.assert_array_equal(found.series(task, "dyads", 5, 1), arrays["dyads_5_1"])
        assert found.failures(task) == failures
        assert sorted(found.read(task).arrays) == sorted(arrays)


def test_only_what_was_written_or_found_is_there(tmp_path):
    task, store = Task((0,), 0, 4), BlockStore("abc", tmp_path)
    assert not store.has(task)
    store.write(task, Block({"outcomes_0": np.zeros((1, 1, 4))}))
    assert store.has(task)
    for other in (Task((0,), 0, 5), Task((0, 1), 0, 4), Task((1,), 0, 4), Task((0,), 1, 4)):
        assert not store.has(other)
    again = BlockStore("abc", tmp_path)
    assert not again.has(task)
    again.find()
    assert again.has(task)
    store.remove()
    gone = BlockStore("abc", tmp_path)
    gone.find()
    assert not gone.has(task)


def test_a_damaged_shape_asks_for_no_memory(tmp_path):
    task, store = Task((0,), 0, 4), BlockStore("abc", tmp_path)
    store.write(task, Block({"outcomes_0": np.zeros((1, 5000, 4))}))
    (path,) = (tmp_path / "blocks").iterdir()
    # The header of an array ends with spaces.
    huge = path.read_bytes().replace(b"5000, 4), }" + b" " * 12, b"5000, 4" + b"0" * 12 + b"), }")
    path.write_bytes(huge)
    with np.load(path) as block, pytest.raises(MemoryError):
        block["outcomes_0"]
    store.find()
    assert store.damaged == [path]


def test_a_block_that_is_written_again_is_read_anew(tmp_path):
    task, store = Task((0,), 0, 4), BlockStore("abc", tmp_path)
    for value in (1.0, 2.0):
        store.write(task, Block({"outcomes_0": np.full((1, 1, 4), value)}))
        assert store.outcomes(task, 0)[0, 0, 0] == value


def test_long_tables_in_parquet_take_less_disk():
    asked = {"experiment": load_experiment("instrument_grid"), "tables": ["timeseries"]}
    csv, parquet = (describe_plan(**asked, long_format=one) for one in ("csv", "parquet"))
    assert parquet["estimated_disk_bytes"] < 0.7 * csv["estimated_disk_bytes"]


def test_the_estimate_counts_all_postures():
    """A pilot times what the sweep will do: all postures, on draws that they share."""
    found = describe_plan(load_experiment("posture_contrast"), pilot=True)
    assert found["estimated_seconds"] > 0


def test_a_plan_of_before_there_were_formats_is_read():
    mapping = Plan.of(load_experiment("posture_contrast")).mapping()
    del mapping["long_format"]
    assert Plan.from_mapping(mapping).long_format == "csv"
