"""Parts of a sweep, run by themselves and merged: the same bytes as in one piece."""

import json
import shutil
from contextlib import nullcontext

import pytest

import regional_sim
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment import experiment_from_mapping, tasks
from regional_sim.experiment.tasks import Shard
from regional_sim.results import blocks
from regional_sim.results.folder import StorageError, write_json
from regional_sim.results.point_tables import write_tables
from regional_sim.runner import shards
from regional_sim.runner.runner import execute
from regional_sim.runner.shards import merge_folders
from tests.support import sweeps
from tests.support.sweeps import digests

GRID = sweeps.SMALL | {
    "replicates": 7,
    "design": {"kind": "grid", "factors": {"parameters.signal_gain": [0.1, 0.3, 0.5]}},
}
RULE = GRID | {
    "replicates": sweeps.RULE | {"until": {"metric": "tension", "half_width": 0.02}},
    "tables": ["timeseries"],
}
SINGLE = GRID | {"design": None, "replicates": 12}
ASKED = {"grid": GRID, "rule": RULE, "single": SINGLE}


@pytest.fixture(autouse=True)
def _small_tasks(monkeypatch):
    monkeypatch.setattr(tasks, "task_replicates", lambda _: 2)


def asked(name="grid", **changes):
    mapping = {key: value for key, value in (ASKED[name] | changes).items() if value is not None}
    return experiment_from_mapping(mapping)


def parts_of(experiment, folder, of, **manner):
    """Run every shard in a folder of its own."""
    folders = [folder / f"part_{number}" for number in range(1, of + 1)]
    for number, part in enumerate(folders, start=1):
        execute(experiment, part, shard=Shard(number, of), **manner)
    return folders


def merged_into(folder, parts, **options):
    """Merge parts, and return the folder of the result."""
    merge_folders(parts, folder, **options)
    return folder


@pytest.mark.parametrize("name", ASKED)
def test_workers_and_merged_shards_give_the_same_bytes(tmp_path, name):
    experiment = asked(name)
    for workers in (1, 2, 4):
        execute(experiment, tmp_path / str(workers), workers=workers)
    whole = digests(tmp_path / "1")
    assert digests(tmp_path / "2") == digests(tmp_path / "4") == whole
    merged = merged_into(tmp_path / "merged", parts_of(experiment, tmp_path, 5))
    assert digests(merged) == whole
    manifests = [
        regional_sim.load_results(tmp_path / folder).manifest for folder in ("1", "merged")
    ]
    assert manifests[0]["tables"] == manifests[1]["tables"]
    assert manifests[0]["runs"] == manifests[1]["runs"]


def test_shards_whose_factors_stand_in_another_order_are_not_of_one_sweep(tmp_path):
    factors = {"parameters.signal_gain": [0.1, 0.3], "parameters.incident_scale": [0.5, 1.0]}
    orders = (factors, dict(reversed(factors.items())))
    one, other = (asked(design={"kind": "grid", "factors": order}) for order in orders)
    execute(one, tmp_path / "one", shard=Shard(1, 2))
    execute(other, tmp_path / "other", shard=Shard(2, 2))
    with pytest.raises(InputError, match=r"of another sweep .*: design \(order of the factors\)"):
        merge_folders([tmp_path / "one", tmp_path / "other"], tmp_path / "merged")
    (tmp_path / "one" / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"of another sweep \(design \(order of the factors\)"):
        execute(other, tmp_path / "one", shard=Shard(1, 2), resume=True)


@pytest.mark.parametrize("load", [regional_sim.load_results, regional_sim.reproduce])
def test_a_plan_whose_keys_were_sorted_is_refused(tmp_path, load):
    factors = {"parameters.signal_gain": [0.1, 0.3], "parameters.incident_scale": [0.5, 1.0]}
    folder = execute(asked(design={"kind": "grid", "factors": factors}), tmp_path / "out")
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps(plan, sort_keys=True))
    with pytest.raises(InputError, match="do not stand in the order that this plan recorded"):
        load(folder)


def test_long_tables_in_parquet_are_merged_alike(tmp_path):
    experiment = asked()
    whole = execute(experiment, tmp_path / "whole", long_format="parquet")
    parts = parts_of(experiment, tmp_path, 3, long_format="parquet", workers=2)
    assert digests(merged_into(tmp_path / "merged", parts)) == digests(whole)
    csv = regional_sim.sweep(experiment, out=tmp_path / "csv")
    parquet = regional_sim.load_results(whole)
    for table in ("timeseries", "states", "dyads", "events"):
        assert (whole / f"{table}.parquet").is_file()
        assert parquet.table(table).equals(csv.table(table))


def test_a_shard_has_no_tables_and_is_left_as_it_was(tmp_path):
    parts = parts_of(asked(), tmp_path, 2)
    assert sorted(path.name for path in parts[0].iterdir()) == [
        "blocks",
        "manifest.json",
        "plan.json",
        "shard.json",
    ]
    with pytest.raises(InputError, match="shard 1/2 of a sweep, without tables"):
        regional_sim.load_results(parts[0])
    before = [sorted(part.rglob("*")) for part in parts]
    merge_folders(parts, tmp_path / "merged")
    assert [sorted(part.rglob("*")) for part in parts] == before


def test_more_shards_than_tasks_leave_some_with_nothing_to_do(tmp_path):
    experiment = asked("single", replicates=2)
    whole = execute(experiment, tmp_path / "whole")
    parts = parts_of(experiment, tmp_path, 3)
    assert digests(merged_into(tmp_path / "merged", parts)) == digests(whole)


def test_an_unfinished_shard_is_named_and_can_be_gone_on_with(tmp_path):
    experiment = asked()
    whole = digests(execute(experiment, tmp_path / "whole"))
    parts = parts_of(experiment, tmp_path, 2)
    lost = sorted((parts[1] / "blocks").iterdir())[0]
    lost.unlink()
    (parts[1] / "manifest.json").unlink()
    with pytest.raises(InputError, match="part_2 lacks 1 tasks; run them"):
        merge_folders(parts, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    execute(experiment, parts[1], shard=Shard(2, 2), resume=True)
    assert digests(merged_into(tmp_path / "merged", parts)) == whole


def test_what_does_not_fit_together_is_refused(tmp_path):
    one, two = parts_of(asked(), tmp_path / "a", 2)
    other_seed = parts_of(asked(seed=6), tmp_path / "b", 2)[1]
    third = execute(asked(), tmp_path / "c", shard=Shard(3, 3))
    finished = execute(asked(), tmp_path / "finished")
    (tmp_path / "empty").mkdir()
    for folders, expected in [
        ([one, other_seed], "of another sweep than .*: seed is 6 here, 5 there"),
        ([one, third], "shard 3/3, and .* is shard 1/2"),
        ([one, two, one], "shard 1/2 is given twice"),
        ([one], "of 2 shards, these are not given: 2"),
        ([finished], "whole and finished: there is nothing to merge"),
        ([one, tmp_path / "empty"], "no result folder"),
        ([one, tmp_path / "nowhere"], "no result folder"),
        ([], "nothing to merge"),
    ]:
        with pytest.raises(InputError, match=expected):
            merge_folders(folders, tmp_path / "out")
    with pytest.raises(InputError, match="one of the folders to be merged"):
        merge_folders([one, two], two)
    with pytest.raises(OutputExistsError, match="holds a result"):
        merge_folders([one, two], finished)
    merge_folders([one, two], finished, force=True)
    assert digests(finished) == digests(merged_into(tmp_path / "out", [one, two]))


def test_a_damaged_block_of_a_shard_is_named(tmp_path):
    parts = parts_of(asked(), tmp_path, 2)
    block = sorted((parts[0] / "blocks").iterdir())[0]
    block.write_bytes(block.read_bytes()[:-30])
    with pytest.raises(InputError, match=f"part_1 lacks 1 tasks, with damaged blocks: {block}"):
        merge_folders(parts, tmp_path / "merged")


@pytest.mark.parametrize("name", ASKED)
def test_tables_of_an_unfinished_sweep(tmp_path, name):
    experiment = asked(name)
    whole = regional_sim.sweep(experiment, out=tmp_path / "whole")

    sweeps.interrupted(experiment, tmp_path / "part", len(whole.runs) // 2)
    with pytest.raises(InputError, match="runs are missing"):
        merge_folders([tmp_path / "part"], tmp_path / "some")
    merge_folders([tmp_path / "part"], tmp_path / "some", partial=True)
    some = regional_sim.load_results(tmp_path / "some")
    assert some.manifest["partial"]
    assert 0 < len(some.runs) == some.manifest["runs"] < len(whole.runs)
    # Every point has runs already, and those are the runs of the whole.
    assert set(some.runs["point"]) == set(whole.runs["point"])
    kept = whole.runs[whole.runs["run"].isin(some.runs["run"])].reset_index(drop=True)
    assert some.runs.equals(kept)
    of_point = some.runs.groupby(["point", "posture"])["replicate"].agg(list)
    assert all(numbers == list(range(len(numbers))) for numbers in of_point)


def test_an_empty_part_gives_no_tables(tmp_path):
    sweeps.interrupted(asked(), tmp_path / "part", 0)
    with pytest.raises(InputError, match="no run is finished"):
        merge_folders([tmp_path / "part"], tmp_path / "some", partial=True)


def test_a_merge_keeps_the_versions_that_made_the_numbers(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("regional_sim.experiment.versions._version", lambda _: "0.0")
        whole = execute(asked(), tmp_path / "whole")
        parts = parts_of(asked(), tmp_path, 2)
    merged = merged_into(tmp_path / "merged", parts)
    assert digests(merged) == digests(whole)
    assert json.loads((merged / "plan.json").read_text())["versions"]["numpy"] == "0.0"


def test_the_same_from_python(tmp_path):
    parts = [
        regional_sim.sweep_shard(asked(), f"{number}/2", out=tmp_path / str(number))
        for number in (1, 2)
    ]
    merged = regional_sim.merge(parts, tmp_path / "merged")
    whole = regional_sim.sweep(asked(), out=tmp_path / "whole")
    assert merged.runs.equals(whole.runs)
    with pytest.raises(InputError, match="use regional_sim"):
        regional_sim.sweep(asked(), out=tmp_path / "other", shard=Shard(1, 2))
    with pytest.raises(InputError, match="nothing to resume without a folder"):
        regional_sim.sweep(asked(), resume=True)


def test_tables_of_some_runs_never_pass_for_the_sweep(tmp_path):
    parts = parts_of(asked(), tmp_path, 3)
    merge_folders(parts[:2], tmp_path / "some", partial=True)
    with pytest.raises(InputError, match="tables of an unfinished sweep"):
        execute(asked(), tmp_path / "some", resume=True)


def test_a_shard_that_has_nothing_to_do_is_not_missed(tmp_path):
    experiment = asked("single", replicates=2)
    parts = parts_of(experiment, tmp_path, 3)
    merged = merged_into(tmp_path / "merged", parts[:1])
    assert not regional_sim.load_results(merged).manifest["partial"]


def test_a_merge_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    parts = parts_of(asked(), tmp_path, 2)

    def full(*_):
        raise OSError(28, "No space left on device", "runs.csv")

    monkeypatch.setattr("regional_sim.runner.shards.write_tables", full)
    with pytest.raises(StorageError, match="no space left on device; nothing was merged"):
        merge_folders(parts, tmp_path / "merged")
    assert list((tmp_path / "merged").iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_merge_that_ended_early_can_be_made_again(tmp_path, monkeypatch, error):
    parts, out = parts_of(asked(), tmp_path, 2), tmp_path / "merged"
    (tmp_path / "held").mkdir()
    with monkeypatch.context() as patch:
        # A process that is killed clears nothing up.
        if error is SystemExit:
            patch.setattr(shards, "_cleared_on_failure", lambda _: nullcontext())
        patch.setattr(shards, "write_json", stopped_at("manifest.json", error))
        with pytest.raises(error):
            merge_folders(parts, out)
    assert [path.name for path in out.iterdir()] == [] or error is SystemExit
    (out / "notes.txt").write_text("mine")
    if error is KeyboardInterrupt:
        (out / "notes.txt").unlink()
    merge_folders(parts, out, notice=lambda _: None)
    assert regional_sim.load_results(out).manifest["runs"] == 42
    with pytest.raises(OutputExistsError, match="holds a result; replace it"):
        merge_folders(parts, out)


def stopped_at(name, error):
    """Write files as JSON up to one, at which the program ends."""

    def write(path, mapping):
        if path.name == name:
            raise error
        write_json(path, mapping)

    return write


def test_an_unfinished_sweep_is_no_leftover_of_a_merge(tmp_path):
    parts = parts_of(asked(), tmp_path, 2)
    sweeps.interrupted(asked(), tmp_path / "part", 4)
    with pytest.raises(OutputExistsError, match=r"unfinished result; replace it \(--force\), or"):
        merge_folders(parts, tmp_path / "part")


def test_a_merge_replaces_an_unfinished_sweep_of_something_else(tmp_path, monkeypatch):
    parts = parts_of(asked(), tmp_path, 2)
    out = sweeps.interrupted(asked(seed=99), tmp_path / "merged", 4)
    read = []
    verified = blocks._verified
    monkeypatch.setattr(blocks, "_verified", lambda path: read.append(path) or verified(path))
    merge_folders(parts, out, force=True)
    assert digests(out) == digests(merged_into(tmp_path / "other", parts))
    # By each merge once, and none of the other sweep.
    assert sorted(read) == sorted(2 * [path for part in parts for path in part.glob("blocks/*")])


def test_a_merge_that_fails_leaves_foreign_files(tmp_path, monkeypatch):
    parts = parts_of(asked(), tmp_path, 2)
    out = execute(asked(), tmp_path / "merged")
    (out / "notes.txt").write_text("mine")
    monkeypatch.setattr(shards, "write_json", stopped_at("manifest.json", KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        merge_folders(parts, out, force=True, notice=lambda _: None)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]


def test_a_block_that_goes_while_it_is_merged_is_named(tmp_path, monkeypatch):
    parts = parts_of(asked(), tmp_path, 2)

    def gone(*_):
        shutil.rmtree(parts[0] / "blocks")
        return write_tables(*_)

    monkeypatch.setattr("regional_sim.runner.shards.write_tables", gone)
    with pytest.raises(InputError, match=r"\.npz: this block has gone while it was merged"):
        merge_folders(parts, tmp_path / "merged")
    assert list((tmp_path / "merged").iterdir()) == []
