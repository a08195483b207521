"""The folder of a result: its files, what they say of it, and the manifest, written last."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from regional_sim.errors import Fault, InputError, RegionalSimError, os_reason
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard

BLOCKS: Final = "blocks"
LOCK: Final = ".lock"
PLAN: Final = "plan.json"
MANIFEST: Final = "manifest.json"
SHARD: Final = "shard.json"
FIGURE: Final = "figure.png"

PARTIAL: Final = ".partial"
"""Ending of a file that is being written."""


class StorageError(RegionalSimError):
    """The disk failed or is full; what had been finished is kept."""

    @classmethod
    def of(cls, error: OSError, folder: Path, kept: str) -> StorageError:
        """Name the file that failed (the folder where none is named), why, and what is kept."""
        return cls(f"{error.filename or folder}: {os_reason(error)}; {kept}")


# ----------------------------------------------------------------------------- single files


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name, in place of an older one, only when all of it is on disk.

    A symbolic link that stands at that name is replaced, not followed.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            # A full disk does not say which file it was.
            error.filename = str(path)
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
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


_MOST_NESTED: Final = 50


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a mapping; None where there is no such file, or it holds something else.

    NaN and the infinities are something else too, as the standard has it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and _is_shallow(data) else None


def _finite(text: str) -> float:
    """Read a number; NaN and the infinities are a ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_shallow(data: object) -> bool:
    """Tell whether data are nested no deeper than a function may call itself to walk them."""
    level = [data]
    for _ in range(_MOST_NESTED):
        lists = (list(one.values()) if isinstance(one, dict) else one for one in level)
        level = [inner for one in lists if isinstance(one, list) for inner in one]
    return not level


def sha256_of(path: Path) -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --------------------------------------------------------------- what a folder says of itself

_NO_VALUE: Final = "is missing, or no value of its kind"

_MANIFEST_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "tables": (dict,),
    "runs": (int,),
    "format": (int, type(None)),
    "plan": (str, type(None)),
    "shard": (str, type(None)),
    "failures": (int, type(None)),
    "partial": (bool, type(None)),
}
_ENTRY_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "file": (str,),
    "sha256": (str,),
    "rows": (int, type(None)),
}


def read_plan(folder: Path) -> dict[str, Any] | None:
    """Read a plan; None where there is none that can be read.

    Raises InputError where a part that plans are compared by has not its form.
    """
    path = folder / PLAN
    plan = read_json(path)
    if plan is None or "experiment" not in plan:
        return plan
    faults = _faults(plan, {"experiment": (dict,), "versions": (dict, type(None))}, path)
    if not faults:
        faults = _faults(plan["experiment"], {"design": (dict, type(None))}, path, "experiment.")
        versions = plan.get("versions") or {}
        faults += _faults(versions, dict.fromkeys(versions, (str,)), path, "versions.")
    if faults:
        raise InputError.of(faults)
    return plan


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read a manifest; None where there is none that can be read.

    Raises InputError where it is of a newer form, or has not the form of a manifest.
    """
    path = folder / MANIFEST
    manifest = read_json(path)
    if manifest is None:
        return None
    form = manifest.get("format")
    if isinstance(form, int) and form > MANIFEST_FORMAT:
        what = "this manifest has a newer format than this version can read"
        allowed = f"up to {MANIFEST_FORMAT}"
        raise InputError(what, where=str(path), key="format", value=form, allowed=allowed)
    faults = _faults(manifest, _MANIFEST_KINDS, path)
    tables = {} if faults else manifest["tables"]
    for name, entry in tables.items():
        key = f"tables.{name}"
        if not isinstance(entry, dict):
            faults.append(Fault(_NO_VALUE, str(path), key))
            continue
        faults += _faults(entry, _ENTRY_KINDS, path, f"{key}.")
        file = entry.get("file")
        if isinstance(file, str) and Path(file).name != file:
            faults.append(
                Fault("is no name of a file in the folder", str(path), f"{key}.file", file)
            )
    if faults:
        raise InputError.of(faults)
    return manifest


def _faults(
    found: Mapping[str, Any], kinds: Mapping[str, tuple[type, ...]], path: Path, above: str = ""
) -> list[Fault]:
    """List the keys whose values are not of their kinds; True and False are no integers here."""
    return [
        Fault(_NO_VALUE, str(path), f"{above}{key}")
        for key, allowed in kinds.items()
        if type(found.get(key)) not in allowed
    ]


def read_shard(folder: Path) -> Shard | None:
    """Read which part of a sweep a folder holds; None where it does not say."""
    path = folder / SHARD
    if not path.exists():
        return None
    told = (read_json(path) or {}).get("shard")
    if not isinstance(told, str):
        raise InputError(_NO_VALUE, where=str(path), key="shard")
    try:
        return Shard.parse(told)
    except InputError as error:
        raise InputError.of([replace(one, where=str(path)) for one in error.faults]) from None


# ---------------------------------------------------------------------------- the manifest

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
    status = _git(root, "status", "--porcelain", "--untracked-files=no")
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
