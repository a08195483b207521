"""Putting shards together: whole tables from result folders that hold parts of one sweep."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regional_sim.errors import InputError, shown
from regional_sim.experiment.differences import plan_differences
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Finished, Shard, Task
from regional_sim.results.blocks import BlockStore
from regional_sim.results.claim import clear_folder, folder_lock, warn
from regional_sim.results.folder import (
    BLOCKS,
    MANIFEST,
    PLAN,
    Session,
    StorageError,
    manifest_of,
    read_json,
    read_manifest,
    read_plan,
    read_shard,
    write_json,
)
from regional_sim.results.point_tables import write_tables
from regional_sim.runner.task_schedule import Schedule
from regional_sim.scenario import digest_of


def merge_folders(
    folders: Sequence[str | Path],
    out: str | Path,
    *,
    force: bool = False,
    partial: bool = False,
    notice: Callable[[str], None] = warn,
) -> Plan:
    """Write the tables of a sweep whose runs stand in several folders, and return its plan.

    Given are all shards, each once; or, with `partial`, those that are there, or the one folder of
    an unfinished sweep, of which the runs of each point up to its first missing replicate count.
    With all shards, `out` is byte for byte the sweep in one piece but for its manifest; the folders
    are left as they are, and `force` replaces a result that `out` holds.  What the user should know
    `notice` is told.

    Raises InputError when a folder holds no part of a sweep, or of another one, when a shard is
    given twice, or runs are missing.
    """
    parts = [_Part.of(Path(folder)) for folder in folders]
    if not parts:
        raise InputError("there is nothing to merge")
    plan = _common_plan(parts)
    _refuse_doubles(parts)
    target = Path(out)
    if target.resolve() in [part.folder.resolve() for part in parts]:
        raise InputError("is one of the folders to be merged", key="out", value=str(out))
    store = BlockStore(plan.digest, *(part.folder for part in parts))
    store.find()
    tasks, lacking = _tasks(parts, plan, store)
    if lacking and not partial:
        hint = "run them (--resume), or make do with what is there (--partial)"
        raise InputError(f"runs are missing: {'; '.join(lacking)}", hint=hint)
    tasks = _without_gaps(tasks)
    with folder_lock(target, notice):
        replaced = force or _is_left_by_a_merge(target, plan)
        clear_folder(target, force=replaced, resumable=False, notice=notice)
        with _cleared_on_failure(target):
            write_json(target / PLAN, plan.mapping())
            finished = Finished(plan, tasks)
            rows = write_tables(plan, finished, store, target)
            session = Session(tasks=len(tasks), found=len(tasks), partial=bool(lacking))
            counts = {"n_runs": finished.n_runs, "n_failures": store.n_failures(tasks)}
            manifest = manifest_of(plan, target, rows, session, **counts)
            write_json(target / MANIFEST, manifest)
    return plan


def _is_left_by_a_merge(target: Path, plan: Plan) -> bool:
    """Tell whether a folder holds what a merge of the same sweep left when it was killed.

    It is no sweep begun there, which would lose its runs: it has no blocks.
    """
    if any((target / name).exists() for name in (MANIFEST, BLOCKS)):
        return False
    there = read_json(target / PLAN)
    return there is not None and digest_of(there) == plan.digest


@contextmanager
def _cleared_on_failure(target: Path) -> Iterator[None]:
    """Leave nothing behind that could pass for a result; the folders merged are as they were."""
    stood = {path.name for path in target.iterdir()} - {PLAN}
    try:
        yield
    except BaseException as error:
        there = target.exists()
        for path in target.iterdir() if there else ():
            if path.name not in stood:
                path.unlink()
        if there and isinstance(error, FileNotFoundError):
            what = f"{error.filename}: this block has gone while it was merged"
            raise InputError(what, hint="its sweep may have ended: see that folder") from None
        if isinstance(error, OSError):
            raise StorageError.of(error, target, "nothing was merged") from error
        raise


@dataclass(frozen=True)
class _Part:
    """A folder that holds part of a sweep."""

    folder: Path
    plan: dict[str, Any]
    shard: Shard

    @classmethod
    def of(cls, folder: Path) -> _Part:
        plan = read_plan(folder)
        if plan is None or "experiment" not in plan:
            what = f"this is no result folder: it has no {PLAN} that can be read"
            raise InputError(what, where=str(folder))
        shard = read_shard(folder)
        manifest = read_manifest(folder)
        if shard is None and manifest is not None and not manifest.get("failures"):
            what = "this result is whole and finished: there is nothing to merge"
            raise InputError(what, where=str(folder))
        return cls(folder, plan, shard or Shard())


def _common_plan(parts: Sequence[_Part]) -> Plan:
    """Return the plan of all parts, which is the same."""
    first = parts[0]
    for part in parts[1:]:
        if first.plan == part.plan:
            continue
        what = f"this is of another sweep than {first.folder}"
        for one in plan_differences(first.plan, part.plan)[:1]:
            what += f": {one.path} is {shown(one.b)} here, {shown(one.a)} there"
        raise InputError(what, where=str(part.folder))
    return Plan.recorded(first.plan, origin=str(first.folder / PLAN))


def _refuse_doubles(parts: Sequence[_Part]) -> None:
    """Refuse a shard that is given twice, and shards of other cuts."""
    for one, other in itertools.combinations(parts, 2):
        if one.shard.of != other.shard.of:
            what = f"this is shard {other.shard}, and {one.folder} is shard {one.shard}"
            raise InputError(what, where=str(other.folder), hint="they do not fit together")
        if one.shard == other.shard:
            what = f"shard {one.shard} is given twice, here and in {one.folder}"
            raise InputError(what, where=str(other.folder))


def _tasks(parts: Sequence[_Part], plan: Plan, store: BlockStore) -> tuple[list[Task], list[str]]:
    """List the finished tasks of all parts, and say what is lacking."""
    lacking: list[str] = []
    tasks: list[Task] = []
    for part in parts:
        schedule = Schedule(plan, part.shard)
        n_missing = 0
        for of_round in schedule.rounds(store):
            there = [task for task in of_round if store.has(task)]
            tasks += there
            n_missing = len(of_round) - len(there)
            if n_missing:
                break
        if n_missing:
            blocks = part.folder / BLOCKS
            damaged = ", ".join(str(path) for path in store.damaged if path.parent == blocks)
            also = f", with damaged blocks: {damaged}" if damaged else ""
            lacking.append(f"{part.folder} lacks {n_missing} tasks{also}")
    given = {part.shard.number for part in parts}
    of = parts[0].shard.of
    absent = [
        str(number)
        for number in range(1, of + 1)
        # Where there are few tasks, some shards have none.
        if number not in given and Schedule(plan, Shard(number, of)).most_runs > 0
    ]
    if absent:
        lacking.append(f"of {of} shards, these are not given: {', '.join(absent)}")
    return tasks, lacking


def _without_gaps(tasks: Sequence[Task]) -> list[Task]:
    """Keep of each group of points the tasks up to the first missing replicate."""
    kept: list[Task] = []
    next_of: dict[int, int] = {}
    for task in sorted(tasks, key=lambda task: task.first_replicate):
        if all(next_of.get(point, 0) == task.first_replicate for point in task.points):
            kept.append(task)
            for point in task.points:
                next_of[point] = task.first_replicate + task.n_replicates
    if not kept:
        raise InputError("no run is finished: there is nothing to make tables of")
    return kept
