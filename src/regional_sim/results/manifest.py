"""The manifest: written last, so that a folder that has one is finished.

Only here stand times and hosts; everything else is equal between equal sweeps.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Shard
from regional_sim.results.folder import sha256_of

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
