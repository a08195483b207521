"""Claiming a folder to write a result into: its lock, and what in it may be replaced."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError, OutputExistsError, os_reason
from regional_sim.results.blocks import own_blocks, remove_blocks
from regional_sim.results.columns import FAILURES, TABLE_FILES
from regional_sim.results.folder import (
    BLOCKS,
    FIGURE,
    LOCK,
    MANIFEST,
    PARTIAL,
    PLAN,
    SHARD,
    read_json,
    read_manifest,
    read_shard,
)

_BEFORE_THE_PLAN: Final = frozenset({LOCK, SHARD, SHARD + PARTIAL, PLAN + PARTIAL})
"""What stands in a folder before its plan does."""


class FolderInUseError(InputError):
    """Another process writes to the folder."""


def warn(text: str) -> None:
    """Tell the user something, where nothing else takes it."""
    warnings.warn(text, stacklevel=3)


@contextmanager
def folder_lock(folder: Path, notice: Callable[[str], None] = warn) -> Iterator[None]:
    """Make a folder where it is missing, and let nobody else write to it meanwhile.

    The operating system drops the lock with the process that has it, however that ends.  On a file
    system without locks the lock is a file instead, which `notice` is told.
    """
    from filelock import FileLock, SoftFileLock, Timeout

    _make(folder)
    for path in (folder / LOCK, folder / BLOCKS):
        if path.is_symlink():
            what = "this is a symbolic link, and nothing is written through one"
            raise InputError(what, where=str(path), hint="delete the link")
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        # What it warns of is told below.
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            lock.acquire()
    except Timeout:
        what = "another process is writing to this folder"
        raise FolderInUseError(what, where=str(folder), hint="wait for it to end") from None
    except OSError as error:
        raise _unusable(folder, "written to", error) from None
    is_soft = isinstance(lock, SoftFileLock)
    if is_soft:
        remedy = f"if a process is killed here and the folder stays taken, delete {LOCK} in it"
        notice(f"{folder}: this file system has no locks; {remedy}")
    try:
        yield
    finally:
        if not is_soft:
            # Deleted while it is locked: a process that has opened the file meanwhile notices, and
            # makes another.  A file that cannot be deleted stays, and locks nobody out.
            with suppress(OSError):
                (folder / LOCK).unlink(missing_ok=True)
        lock.release()


def _make(folder: Path) -> None:
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputExistsError("this is a file, not a folder", where=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, "made", error) from None


def _unusable(folder: Path, verb: str, error: OSError) -> InputError:
    return InputError(f"the folder cannot be {verb}: {os_reason(error)}", where=str(folder))


def is_empty(folder: Path) -> bool:
    """Tell whether a folder holds nothing but what a process that died may have left."""
    try:
        read_shard(folder)
    except InputError:
        # It is somebody's own.
        return False
    return all(path.name in _BEFORE_THE_PLAN for path in folder.iterdir())


def refusal(folder: Path) -> OutputExistsError | None:
    """Say why a folder that is not empty is no result; None where it is one."""
    plan = read_json(folder / PLAN)
    if plan is not None and "experiment" in plan:
        return None
    what = "the folder is not empty, and what it holds is not a result of this program"
    if plan is None and (folder / PLAN).exists():
        what = f"the folder holds a {PLAN} that cannot be read"
    return OutputExistsError(what, where=str(folder), hint="name another folder")


def clear_folder(
    folder: Path,
    *,
    force: bool,
    resumable: bool = True,
    notice: Callable[[str], None] = warn,
) -> None:
    """Make room for a result in a locked folder; with `force` a result that it holds is deleted.

    Anything else stays, which `notice` is told.  The old plan stays too, until the new one takes
    its place: with it the folder can be forced again after a crash at any point.
    """
    if is_empty(folder):
        return
    what = refusal(folder)
    if what is not None:
        raise what
    if not force:
        done, hint = "an unfinished result", "replace it (--force), or name another folder"
        if (folder / MANIFEST).exists():
            done = "a result"
        elif resumable:
            hint = f"go on with it (--resume), {hint}"
        raise OutputExistsError(f"the folder holds {done}", where=str(folder), hint=hint)
    own = _own_files(folder)
    foreign = [path for path in sorted(folder.iterdir()) if path not in own]
    for path in foreign:
        if path.name in TABLE_FILES:
            said = "this has the name of a table, but the folder's manifest does not list it"
            hint = "nothing was deleted; move it away, or name another folder"
            raise OutputExistsError(said, where=str(path), hint=hint)
    own_blocks(folder / BLOCKS)  # Refuse what else is there before anything is deleted.
    # A folder with a manifest counts as finished.
    (folder / MANIFEST).unlink(missing_ok=True)
    for path in own:
        if path.name == BLOCKS:
            remove_blocks(path)
        elif path.name not in {LOCK, PLAN}:
            path.unlink(missing_ok=True)
    if foreign:
        names = ", ".join(path.name for path in foreign)
        notice(f"{folder}: what is no part of the result was left there: {names}")


def _own_files(folder: Path) -> list[Path]:
    """List what is part of a result: tables that its manifest lists, without one all of them."""
    manifest = read_manifest(folder)
    if manifest is None and (folder / MANIFEST).exists():
        hint = "nothing was deleted; delete it, if no file with the name of a table is yours"
        raise InputError("cannot be read", where=str(folder / MANIFEST), hint=hint)
    tables = set(TABLE_FILES)
    if manifest is not None:
        listed = {entry["file"] for entry in manifest["tables"].values()}
        if manifest.get("failures"):
            # A shard has no table but this one, and its manifest lists none.
            listed.add(f"{FAILURES}.csv")
        tables &= listed
    names = {PLAN, MANIFEST, SHARD, LOCK, FIGURE, *tables}
    return [
        path
        for path in sorted(folder.iterdir())
        if (
            path.name == BLOCKS
            if path.is_dir() and not path.is_symlink()
            else path.name.removesuffix(PARTIAL) in names
        )
    ]
