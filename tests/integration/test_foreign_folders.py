"""Folders that others have edited, linked, deleted or keep where there are no locks."""

import copy
import errno
import json
import shutil
from contextlib import suppress

import pytest

from regional_sim.analysis.reproduce import reproduce
from regional_sim.errors import InputError, RegionalSimError
from regional_sim.experiment.differences import plan_differences
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard
from regional_sim.results.claim import FolderInUseError, folder_lock
from regional_sim.results.folder import (
    StorageError,
    read_manifest,
    read_plan,
    sha256_of,
    whole_file,
)
from regional_sim.results.load import load_results
from regional_sim.runner.runner import execute
from regional_sim.runner.shards import merge_folders
from regional_sim.scenario import digest_of
from tests.support.sweeps import digests, finely_cut, interrupted, small

fcntl = pytest.importorskip("fcntl")


def sweep(**changes):
    return small(**{"tables": [], "replicates": 2} | changes)


@pytest.fixture(scope="module")
def _made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    execute(sweep(), folder / "whole")
    execute(sweep(), folder / "shard", shard=Shard(1, 2))
    return folder


@pytest.fixture
def made(_made, tmp_path):
    return shutil.copytree(_made, tmp_path / "made")


# --------------------------------------------------------------------------- edited


def leaves(data, path=()):
    """List the paths of everything that a plan or a manifest holds."""
    yield path
    inner = enumerate(data) if isinstance(data, list) else ()
    for key, value in data.items() if isinstance(data, dict) else inner:
        yield from leaves(value, (*path, key))


def edited(data, path, value):
    """Return a copy with another value at a path."""
    if not path:
        return value
    data = copy.deepcopy(data)
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return data


VALUES = [3, [[1]], {"a": {"b": []}}, ...]


def altered(data, value):
    """Alter every part of what a file holds, but the world, and of a list only its first."""
    for path in leaves(data):
        is_later = any(isinstance(key, int) and key for key in path)
        if "scenario" not in path and not is_later and (path or value is not ...):
            yield path, edited(data, path, value)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_an_edited_plan_is_refused_or_the_same_when_it_is_written_out(made, value):
    folder = made / "whole"
    true = read_plan(folder)
    for path, data in altered(true, value):
        (folder / "plan.json").write_text(json.dumps(data))
        # Nothing else is raised.
        with suppress(InputError):
            told = read_plan(folder)
            if told is not None and "experiment" in told:
                plan_differences(true, told)
                assert Plan.recorded(told).mapping() == told, path


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_an_edited_manifest_is_refused_or_of_no_weight(made, value):
    folder = made / "whole"
    for path, data in altered(read_manifest(folder), value):
        (folder / "manifest.json").write_text(json.dumps(data))
        # Nothing else is raised.
        with suppress(InputError):
            assert len(load_results(folder).runs) == 12
            # Nothing is believed of a table whose digest is not known.
            assert path[:2] != ("tables", "runs") or path[2:] in {("rows",), ("bytes",)}, path


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("plan.json", "[" * 100_000, "plan.json that cannot be read"),
        ("plan.json", '{"experiment": NaN}', "plan.json that cannot be read"),
        ("plan.json", '{"a": ' * 200 + "0" + "}" * 200, "plan.json that cannot be read"),
        ("plan.json", '{"experiment": 3}', "plan.json: experiment: is missing, or no value of its"),
        ("manifest.json", "{}", "manifest.json: tables: is missing, or no value of its kind"),
        ("manifest.json", '{"tables": {"runs": []}, "runs": 1}', "manifest.json: tables.runs: is"),
        ("manifest.json", '{"tables": {}, "runs": true}', "manifest.json: runs: is missing"),
        ("manifest.json", '{"tables": {}, "runs": 1, "format": 99}', "has a newer format than"),
        (
            "manifest.json",
            '{"tables": {"runs": {"file": "../runs.csv", "sha256": ""}}, "runs": 1}',
            "tables.runs.file: is no name of a file in the folder; got '../runs.csv'",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_named(made, name, text, said):
    (made / "whole" / name).write_text(text)
    with pytest.raises(InputError) as caught:
        execute(sweep(), made / "whole", resume=True)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", '{"shard": 3}', '{"shard": "3/2"}'])
def test_a_shard_that_does_not_say_which_it_is(made, text):
    (made / "shard" / "shard.json").write_text(text)
    for command in (
        lambda: execute(sweep(), made / "shard", shard=Shard(1, 2), resume=True),
        lambda: merge_folders([made / "shard"], made / "merged", partial=True),
    ):
        with pytest.raises(InputError, match=r"shard\.json: shard: "):
            command()


# --------------------------------------------------------------------------- linked


@pytest.mark.parametrize("manner", ["resume", "force"])
@pytest.mark.parametrize("name", ["runs.csv.partial", "runs.csv", "manifest.json.partial"])
def test_a_link_is_never_followed(made, tmp_path, name, manner):
    (tmp_path / "theirs").write_text("theirs")
    (made / "whole" / "manifest.json").unlink()
    link = made / "whole" / name
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / "theirs")
    execute(sweep(), made / "whole", **{manner: True})
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not link.is_symlink()
    load_results(made / "whole")


@pytest.mark.parametrize("name", [".lock", "blocks"])
def test_a_link_that_would_be_written_through_is_refused(made, tmp_path, name):
    (tmp_path / "elsewhere").mkdir()
    (made / "whole" / "manifest.json").unlink()
    (made / "whole" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=f"{name}: this is a symbolic link"):
        execute(sweep(), made / "whole", resume=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_beside_a_link_is_whole(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    for name in ("a.txt", "a.txt.partial"):
        (tmp_path / name).symlink_to("theirs")
    with whole_file(tmp_path / "a.txt") as file:
        file.write(b"mine")
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert (tmp_path / "a.txt").read_text() == "mine"


# --------------------------------------------------------------------------- deleted


@pytest.mark.parametrize("what", ["folder", "blocks"])
def test_runs_that_were_deleted_are_not_said_to_be_kept(tmp_path, what):
    folder = tmp_path / "out"

    def delete(done_runs, total_runs):
        if done_runs == 8:
            shutil.rmtree(folder if what == "folder" else folder / "blocks")
            if what == "blocks":
                raise KeyboardInterrupt

    with finely_cut(), pytest.raises(RegionalSimError) as caught:
        execute(sweep(replicates=4), folder, progress=delete)
    told = str(caught.value)
    if what == "folder":
        assert isinstance(caught.value, StorageError)
        assert told.endswith(f"{folder} was deleted meanwhile, and no run is kept")
    else:
        assert f"2 finished blocks in {folder / 'blocks'} were deleted meanwhile" in told
        with finely_cut():
            execute(sweep(replicates=4), folder, resume=True)
            execute(sweep(replicates=4), tmp_path / "whole")
        assert digests(folder) == digests(tmp_path / "whole")


# --------------------------------------------------------------------------- without locks


@pytest.fixture
def no_locks(monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.usefixtures("no_locks")
def test_a_file_system_without_locks_is_told_of_once(tmp_path):
    told = []
    interrupted(sweep(), tmp_path / "out", 0, notice=told.append)
    execute(sweep(), tmp_path / "out", resume=True, notice=told.append)
    assert len(told) == 2
    assert set(told) == {told[0]}
    assert told[0].startswith(f"{tmp_path / 'out'}: this file system has no locks; ")
    assert not (tmp_path / "out" / ".lock").exists()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_a_folder_is_held_alone_too(tmp_path):
    with (
        folder_lock(tmp_path, lambda _: None),
        pytest.raises(FolderInUseError, match="another process"),
        folder_lock(tmp_path, lambda _: None),
    ):
        pass


# --------------------------------------------------------------------- of a version before


def test_bounds_that_were_known_otherwise_do_not_matter(made):
    folder = made / "whole"
    path = folder / "data_dictionary.csv"
    text, start = path.read_text(), '"runs","democratic_spread_whole"'
    (row,) = (row for row in text.splitlines() if row.startswith(start))
    assert ",0,," in row
    path.write_text(text.replace(row, row.replace(",0,,", ",0,1,")))
    plan, manifest = (
        json.loads((folder / name).read_text()) for name in ("plan.json", "manifest.json")
    )
    manifest["tables"]["data_dictionary"]["sha256"] = sha256_of(path)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert reproduce(folder).first_difference.column == "high"
    plan["versions"]["regional_sim"] = "0.0.1"
    manifest["plan"] = digest_of(plan)
    for name, data in (("plan.json", plan), ("manifest.json", manifest)):
        (folder / name).write_text(json.dumps(data))
    assert reproduce(folder).matches
