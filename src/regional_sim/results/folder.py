"""The folder of a result: its files and its lock, and the manifest that is written last."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from regional_sim.errors import InputError, OutputExistsError, RegionalSimError, os_reason
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard

BLOCKS: Final = "blocks"
LOCK: Final = ".lock"
PLAN: Final = "plan.json"
MANIFEST: Final = "manifest.json"
SHARD: Final = "shard.json"

PARTIAL: Final = ".partial"
"""Ending of a file that is being written."""

_OWN_ENDINGS: Final = frozenset({".csv", ".parquet", ".html", ".png", ".svg", ".pdf", PARTIAL})
"""Endings of files that the package writes into a result folder."""

_BEFORE_THE_PLAN: Final = frozenset({LOCK, SHARD, SHARD + PARTIAL, PLAN + PARTIAL})
"""What stands in a folder before its plan does."""


class FolderInUseError(InputError):
    """Another process writes to the folder."""


class StorageError(RegionalSimError):
    """The disk failed or is full; what had been finished is kept."""

    @classmethod
    def of(cls, error: OSError, folder: Path, kept: str) -> StorageError:
        """Name the file that failed (the folder where none is named), why, and what is kept."""
        return cls(f"{error.filename or folder}: {os_reason(error)}; {kept}")


# -------------------------------------------------------------------------------- the lock


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Make a folder where it is missing, and let nobody else write to it meanwhile.

    The operating system drops the lock with the process that has it, however that ends.
    """
    from filelock import FileLock, Timeout

    _make(folder)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        what = "another process is writing to this folder"
        raise FolderInUseError(what, where=str(folder), hint="wait for it to end") from None
    except OSError as error:
        raise _unusable(folder, "written to", error) from None
    try:
        yield
    finally:
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


# ----------------------------------------------------------------------------- single files


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name, in place of an older one, only when all of it is on disk."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            # A full disk does not say which file it was.
            error.filename = str(path)
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Let a new name in a folder outlast a loss of power, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, mapping: Mapping[str, Any]) -> None:
    """Write what JSON can hold; NaN is refused."""
    text = json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_file(path) as file:
        file.write(f"{text}\n".encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a mapping; None where there is no such file, or it holds something else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def sha256_of(path: Path) -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------------- taking a folder over


def is_empty(folder: Path) -> bool:
    """Tell whether a folder holds nothing but what a process that died may have left."""
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


def clear_folder(folder: Path, *, force: bool) -> None:
    """Make a locked folder empty; with `force` a result in it is deleted, but nothing else ever."""
    if is_empty(folder):
        return
    what = refusal(folder)
    if what is not None:
        raise what
    if not force:
        if (folder / MANIFEST).exists():
            done, hint = "a result", "name another folder, or replace it (--force)"
        else:
            done = "an unfinished result"
            hint = "go on with it (--resume), replace it (--force), or name another"
        raise OutputExistsError(f"the folder holds {done}", where=str(folder), hint=hint)
    foreign = [path.name for path in sorted(folder.iterdir()) if not _is_own(path)]
    if foreign:
        what_else = "the folder holds more than a result, so nothing was deleted"
        hint = "move it away, or name another folder"
        raise OutputExistsError(what_else, where=str(folder), value=foreign[0], hint=hint)
    # A folder with a manifest counts as finished, and one with a plan as a result.  Deleted in this
    # order, it can be forced or resumed again after a crash at any point.
    (folder / MANIFEST).unlink(missing_ok=True)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {LOCK, PLAN}:
            path.unlink()
    (folder / PLAN).unlink()


def _is_own(path: Path) -> bool:
    """Tell whether the package made this file or folder."""
    if path.is_dir():
        return path.name == BLOCKS and not path.is_symlink()
    return path.name in {PLAN, MANIFEST, SHARD, LOCK} or path.suffix in _OWN_ENDINGS


MANIFEST_FORMAT: Final = 1

_PATIENCE_SECONDS: Final = 10


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Session:
    """The work of one process on a result.

    Attributes
    ----------
    workers : int
        Threads or processes.
    dask : str or None
        Address of a Dask scheduler, or ``local``.
    shard : Shard
        The part that was run.
    tasks, found : int
        Tasks of the result, and those of them that earlier sessions had finished.
    partial : bool
        Whether runs of the plan are missing.
    started : datetime
        When the work began.
    """

    workers: int = 1
    dask: str | None = None
    shard: Shard = field(default_factory=Shard)
    tasks: int = 0
    found: int = 0
    partial: bool = False
    started: datetime = field(default_factory=_now)


def manifest_of(
    plan: Plan,
    folder: Path,
    rows: Mapping[str, int],
    session: Session,
    *,
    n_runs: int,
    n_failures: int,
) -> dict[str, Any]:
    """Describe a finished result folder, by the rows of each table and the work that ended now."""
    ended = _now()
    return {
        "format": MANIFEST_FORMAT,
        "plan": plan.digest,
        "shard": None if session.shard.is_whole else str(session.shard),
        "tables": {
            table: {
                "file": (path := folder / plan.file_of(table)).name,
                "rows": n_rows,
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for table, n_rows in rows.items()
        },
        "runs": n_runs,
        "failures": n_failures,
        "partial": session.partial,
        "engine": plan.engine,
        "workers": session.workers,
        "dask": session.dask,
        "tasks": session.tasks,
        "tasks_found": session.found,
        "started": session.started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "seconds": round((ended - session.started).total_seconds(), 3),
        "platform": machine(),
        "git": checkout(),
    }


def machine() -> dict[str, Any]:
    """Describe the machine that this process runs on."""
    return {
        "host": platform.node(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }


def checkout() -> dict[str, Any] | None:
    """Describe the checkout that the package runs from; None where it is installed."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    status = _git(root, "status", "--porcelain")
    return {
        "commit": _git(root, "rev-parse", "--verify", "--quiet", "HEAD") or None,
        "dirty": None if status is None else bool(status),
    }


def _git(root: Path, *arguments: str) -> str | None:
    """Ask git, without changing anything; None where it has no answer."""
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
