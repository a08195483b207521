"""The manifest: written last, so that a folder that has one is finished.

Only here stand times and hosts; everything else is equal between equal sweeps.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from regional_sim.experiment.folder import table_path
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.storage import sha256_of

FORMAT: Final = 1

_PATIENCE_SECONDS: Final = 10


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def manifest_of(
    plan: Plan, folder: Path, rows: Mapping[str, int], started: datetime, workers: int
) -> dict[str, Any]:
    """Describe a finished result folder.

    Parameters
    ----------
    plan : Plan
        What was run.
    folder : Path
        The result folder, with all its tables.
    rows : mapping of int
        Rows of each table.
    started : datetime
        When the work began.
    workers : int
        Threads or processes.

    Returns
    -------
    dict
        What ``manifest.json`` holds.
    """
    ended = now()
    return {
        "format": FORMAT,
        "plan": plan.digest,
        "tables": {
            table: {
                "file": (path := table_path(folder, table)).name,
                "rows": n_rows,
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for table, n_rows in rows.items()
        },
        "runs": plan.experiment.n_runs,
        "engine": plan.engine,
        "workers": workers,
        "started": started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "seconds": round((ended - started).total_seconds(), 3),
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
    package = Path(__file__).resolve().parents[1]
    root = package.parents[1]
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
