"""Folders that were damaged, mixed up, full or in use: each is found out and named."""

import errno
import os
import re
import shutil
import sys
import zlib
from contextlib import contextmanager

import numpy as np
import pytest

from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard, Task
from regional_sim.experiment.versions import __version__
from regional_sim.results.blocks import BlockStore
from regional_sim.results.claim import FolderInUseError, folder_lock
from regional_sim.results.load import load_results
from regional_sim.runner.runner import StorageError, execute
from regional_sim.runner.shards import merge_folders
from tests.support.killing import stories, watched
from tests.support.sweeps import digests, finely_cut, interrupted, small

HALF = 8 * 6
"""Runs of the sweep below that are finished, of twice as many."""


@pytest.fixture(autouse=True)
def _finely_cut():
    with finely_cut(replicates=4):
        yield


def swept(**changes):
    return small(**{"replicates": 16, "tables": ["runs", "states"]} | changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    with finely_cut(replicates=4):
        execute(swept(), folder)
    return digests(folder)


@pytest.fixture(scope="module")
def _begun(tmp_path_factory):
    with finely_cut(replicates=4):
        return interrupted(swept(), tmp_path_factory.mktemp("begun") / "out", HALF)


@pytest.fixture
def begun(_begun, tmp_path):
    """An unfinished result."""
    return shutil.copytree(_begun, tmp_path / "out")


def blocks_of(folder):
    return sorted((folder / "blocks").iterdir())


def resumed(folder, experiment=None, **manner):
    told = []
    execute(experiment or swept(), folder, resume=True, notice=told.append, **manner)
    return told


# --------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(path.read_bytes()[:200]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
    ],
    ids=["truncated", "a stump", "empty", "zeros"],
)
def test_a_damaged_block_is_named_and_made_again(begun, whole, damage):
    bad = blocks_of(begun)[3]
    damage(bad)
    assert resumed(begun) == [f"{bad}: this block is damaged; its runs are made again"]
    assert digests(begun) == whole


def rewritten(change):
    """Write a block anew, as a sound file, after a change of its arrays."""

    def damage(path):
        with np.load(path) as block:
            arrays = dict(block)
        change(arrays)
        np.savez(path, **arrays)

    return damage


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.update(outcomes_0=2 * arrays["outcomes_0"]),
        lambda arrays: arrays.update(outcomes_0=arrays["outcomes_0"][..., :1]),
        lambda arrays: arrays.update(outcomes_0=arrays["outcomes_0"].astype(np.float32)),
        lambda arrays: arrays.update(outcomes_0=arrays["outcomes_0"].astype(str)),
        lambda arrays: arrays.update(outcomes_0=arrays.pop("outcomes_1")),
        lambda arrays: arrays.update(more=arrays["outcomes_0"]),
        lambda arrays: arrays.update(failures=np.array("[]" + " ")),
        lambda arrays: arrays.pop("outcomes_1"),
        lambda arrays: arrays.pop("digest"),
    ],
    ids=["values", "shape", "type", "text", "names", "more", "failures", "less", "no digest"],
)
def test_a_block_that_was_altered_is_named_and_made_again(begun, whole, change):
    bad = blocks_of(begun)[1]
    rewritten(change)(bad)
    with pytest.raises(InputError, match=f"damaged blocks: {bad}"):
        merge_folders([begun], begun.with_name("merged"))
    assert resumed(begun) == [f"{bad}: this block is damaged; its runs are made again"]
    assert digests(begun) == whole


def test_a_block_that_is_damaged_after_it_was_found_is_named(begun):
    store = BlockStore(Plan.of(swept()).digest, begun)
    store.find()
    path = blocks_of(begun)[0]
    path.write_bytes(path.read_bytes()[:-100])
    task = Task((int(path.name.split("_")[1]),), 0, 4)
    with pytest.raises(InputError, match=f"{path}: this block is damaged"):
        store.outcomes(task, 0)


@pytest.mark.parametrize("error", [EOFError, NotImplementedError, zlib.error])
def test_any_damage_of_a_block_is_told(begun, monkeypatch, error):
    store = BlockStore(Plan.of(swept()).digest, begun)
    store.find()

    def load(*_):
        raise error("so it is")

    monkeypatch.setattr(np, "load", load)
    with pytest.raises(InputError, match="this block is damaged: so it is"):
        store.outcomes(Task((0,), 0, 4), 0)


@pytest.mark.parametrize("every", [23, pytest.param(1, marks=pytest.mark.slow)])
def test_a_flipped_byte_is_never_believed(begun, every):
    path, *others = blocks_of(begun)
    for other in others:
        other.unlink()
    plan = Plan.of(swept())

    def found():
        store = BlockStore(plan.digest, begun)
        store.find()
        return None if path in store.damaged else dict(np.load(path))

    whole, true = path.read_bytes(), found()
    assert true is not None
    n_found = 0
    for at in range(0, len(whole), every):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            read = found()
        except InputError:
            read = None
        n_found += read is None
        # Some bytes, such as those of a time, say nothing.
        if read is not None:
            assert read.keys() == true.keys()
            assert all(read[name].tobytes() == true[name].tobytes() for name in true)
    assert n_found > len(whole) // every // 2


def test_leftovers_and_own_files_do_not_disturb(begun, whole):
    for name in ("blocks/points_0_0_replicates_0_3.npz", "runs.csv", "manifest.json"):
        (begun / f"{name}.partial").write_bytes(b"half of")
    (begun / ".lock").touch()
    own = {"figure.png": b"png", "notes.txt": b"mine"}
    for name, text in own.items():
        (begun / name).write_bytes(text)
    assert resumed(begun) == []
    assert {name: (begun / name).read_bytes() for name in own} == own
    found = digests(begun)
    assert {name: found.get(name) for name in whole} == whole


# ------------------------------------------------------------------------- mixed up


def refused(folder, *parts, experiment=None, **manner):
    """Check that a resume is refused in words that hold some parts, and changes nothing."""
    before = digests(folder)
    with pytest.raises(InputError) as caught:
        resumed(folder, experiment, **manner)
    for part in parts:
        assert part in str(caught.value)
    assert caught.value.exit_code == 2
    assert digests(folder) == before


def test_a_foreign_file_among_the_blocks_is_named(begun):
    foreign = begun / "blocks" / "notes.txt"
    foreign.write_text("mine")
    refused(begun, str(foreign), "no part of the sweep")


def test_a_block_of_another_seed_is_named(begun, tmp_path):
    other = interrupted(swept(seed=6), tmp_path / "other", 1)
    (path,) = blocks_of(other)
    shutil.copy(path, begun / "blocks")
    refused(begun, str(begun / "blocks" / path.name), "of another sweep")


def test_a_block_under_another_name_is_named(begun):
    taken = blocks_of(begun)
    taken[0].rename(taken[1])
    refused(begun, str(taken[1]), "of other runs than its name says")


def test_a_plan_that_was_changed_by_hand_is_named(begun):
    plan = begun / "plan.json"
    plan.write_text(plan.read_text().replace('"seed": 5', '"seed": 6'))
    refused(begun, str(plan), "seed: 6 there, 5 now")


@pytest.mark.parametrize("text", ["", '{"format": 1, "exp', "[]"])
def test_a_plan_that_cannot_be_read_is_named(begun, text):
    (begun / "plan.json").write_text(text)
    refused(begun, "plan.json that cannot be read")


def test_another_sweep_is_named(begun):
    refused(begun, "another sweep", "seed: 5 there, 6 now", experiment=swept(seed=6))
    longer = {"horizon.months_before": 2, "horizon.months_after": 5}
    part = "horizon.months_after: 4 there, 5 now"
    refused(begun, "another sweep", part, experiment=swept(settings=longer))


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ("begun with other versions (regional_sim: '0.1.0' there, '0.3.0' now); go on with",)),
        ({"seed": 6}, ("(seed: 5 there, 6 now)", "made by regional_sim 0.1.0, this is 0.3.0")),
    ],
)
def test_the_version_that_began_a_sweep_is_named(begun, changes, parts):
    plan = begun / "plan.json"
    text = plan.read_text()
    assert text.count(f'"regional_sim": "{__version__}"') == 1
    plan.write_text(text.replace(f'"regional_sim": "{__version__}"', '"regional_sim": "0.1.0"'))
    parts = [part.replace("0.3.0", __version__) for part in parts]
    refused(begun, *parts, experiment=swept(**changes))


@pytest.mark.parametrize(
    ("manner", "part"),
    [
        ({"tables": ["runs"]}, "tables: ['runs', 'states'] there, ['runs'] now"),
        ({"engine": "mesa"}, "engine: 'ensemble' there, 'mesa' now"),
        ({"long_format": "parquet"}, "long_format: 'csv' there, 'parquet' now"),
        ({"shard": Shard(1, 2)}, "shard 1/1, not 1/2"),
    ],
)
def test_another_way_of_running_is_named(begun, manner, part):
    refused(begun, part, **manner)


def test_without_its_manifest_a_result_is_made_again(tmp_path, whole):
    execute(swept(), tmp_path / "out")
    (tmp_path / "out" / "manifest.json").unlink()
    with pytest.raises(InputError, match="unfinished"):
        load_results(tmp_path / "out")
    resumed(tmp_path / "out")
    assert digests(tmp_path / "out") == whole
    load_results(tmp_path / "out")


# ----------------------------------------------------------------------------- in use


def test_a_folder_in_use_is_refused(begun, whole):
    with folder_lock(begun):
        for manner in ({"resume": True}, {"retry_failed": True}, {"force": True}, {}):
            with pytest.raises(FolderInUseError, match="another process is writing") as caught:
                execute(swept(), begun, **manner)
            assert caught.value.exit_code == 2
    resumed(begun)
    assert digests(begun) == whole
    assert not (begun / ".lock").exists()


@contextmanager
def unprivileged():
    """Give up the rights of the system's manager for a while, who may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="has other rights")
def test_folders_that_may_not_be_written_to_are_named(begun, tmp_path):
    # Folders above may keep others out, whom the system's manager becomes for a while.
    closed = [path for path in begun.parents if path.stat().st_mode & 0o055 != 0o055]
    modes = {path: path.stat().st_mode for path in (begun, tmp_path, *closed)}
    try:
        for path, mode in modes.items():
            path.chmod(0o555 if path in {begun, tmp_path} else mode | 0o055)
        before = digests(begun)
        for folder, verb in ((begun, "written to"), (tmp_path / "new", "made")):
            with unprivileged(), pytest.raises(InputError) as caught:
                execute(swept(), folder, resume=True)
            told = f"{folder}: the folder cannot be {verb}: permission denied"
            assert str(caught.value) == told
        assert digests(begun) == before
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


# ------------------------------------------------------------------------- a full disk


def full_after(number, kinds=("write", "fsync")):
    """Let the disk be full from some call on."""
    done = 0

    def at_call(kind, act, half):
        nonlocal done
        if kind in kinds:
            done += 1
            if done > number:
                half()
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return act()

    return watched(at_call)


@pytest.mark.parametrize("kinds", [("write",), ("fsync",)])
def test_a_full_disk_is_told_and_what_is_finished_is_kept(tmp_path, kinds):
    experiment = swept(tables=[], replicates=8)
    execute(experiment, tmp_path / "whole")
    expected = digests(tmp_path / "whole")
    step = 37 if kinds == ("write",) else 2
    n_stopped = 0
    for number in range(0, 10_000, step):
        folder = tmp_path / f"full {number}"
        try:
            with full_after(number, kinds):
                execute(experiment, folder)
        except StorageError as error:
            told = str(error)
        else:
            break
        n_stopped += 1
        left = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
        assert not [path for path in left if path.suffix in {".partial", ".lock"}]
        n_blocks = sum(path.suffix == ".npz" for path in left)
        name = told.partition(": no space left on device; ")[0]
        assert str(folder) in name
        assert name != str(folder)
        assert f"{n_blocks * 8} of 48 runs are finished and kept in {folder}" in told
        assert "--resume" in told
        if (folder / "plan.json").exists():
            with pytest.raises(InputError, match="unfinished"):
                load_results(folder)
        execute(experiment, folder, resume=True)
        assert digests(folder) == expected
    assert n_stopped >= 5


# ------------------------------------------------------------------- other processes


def interrupted_sweeps(names):
    """Interrupt sweeps as from the terminal, and check what they say."""
    orders = [{"sweep": name, "seed": at, "from": "terminal"} for at, name in enumerate(names)]
    told = stories(orders)
    for story in told:
        assert (story["resumed"], story["differing"]) == (0, []), story
        (kill,) = story["kills"]
        assert kill["code"] == 130
        assert kill["taken_for"] == "unfinished"
        assert kill["orphans"] == []
        found = re.fullmatch(
            r"RunInterruptedError: interrupted: (\d+) of \d+ runs are finished and kept in"
            " FOLDER; the same command with --resume goes on",
            kill["said"],
        )
        # A task may be put on disk, but not counted yet.
        assert kill["blocks"] * 4 - int(found[1]) in {0, 4}
    return told


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")


@needs_linux
def test_interrupts_end_a_sweep_at_once_and_are_outlived():
    interrupted_sweeps(["csv", "threads"])


@needs_linux
@pytest.mark.slow
def test_interrupts_end_worker_processes_too():
    (story,) = interrupted_sweeps(["processes"])
    assert story["kills"][0]["workers"] > 0


@needs_linux
def test_limits_and_other_processes_are_told_and_outlived():
    limit = {"sweep": "csv", "seed": 3, "from": "limit", "bytes": 60_000}
    another = {"sweep": "csv", "seed": 4, "from": "another"}
    told = stories([limit, another])
    for story in told:
        assert (story["resumed"], story["differing"]) == (0, []), story
    (limited,), (disturbed,) = (story["kills"] for story in told)
    assert limited["code"] == 3
    assert limited["said"] == (
        "StorageError: FOLDER/states.csv: file too large; 48 of 48 runs are finished and kept in"
        " FOLDER; the same command with --resume goes on"
    )
    assert disturbed["code"] == 0
    for other in disturbed["others"]:
        assert other["code"] == 2
        assert other["same"]
        assert other["said"] == (
            "FolderInUseError: FOLDER: another process is writing to this folder;"
            " wait for it to end"
        )
