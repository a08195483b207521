"""The result folder: what stands in it, and how it is made and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from regional_sim.errors import OutputExistsError
from regional_sim.experiment.store.blocks import FOLDER as BLOCKS
from regional_sim.experiment.store.lock import LOCK
from regional_sim.experiment.store.storage import PARTIAL

PLAN: Final = "plan.json"
MANIFEST: Final = "manifest.json"
SHARD: Final = "shard.json"

_MADE_HERE: Final = frozenset({".csv", ".parquet", ".html", ".png", ".svg", ".pdf", PARTIAL})
"""Endings of files that the package writes into a result folder."""

_BEFORE_THE_PLAN: Final = frozenset({LOCK, SHARD, SHARD + PARTIAL, PLAN + PARTIAL})
"""What stands in a folder before its plan does."""


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file of the result folder.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict or None
        None where there is no such file, or it holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def is_empty(folder: Path) -> bool:
    """Tell whether a folder holds nothing, but perhaps what was left by a process that died."""
    return all(path.name in _BEFORE_THE_PLAN for path in folder.iterdir())


def prepare(folder: Path, *, force: bool) -> None:
    """Make a folder empty for results; it is held by the caller.

    Parameters
    ----------
    folder : Path
        An existing folder.
    force : bool
        Delete the result that it holds.  Anything else is never deleted.

    Raises
    ------
    OutputExistsError
        When the folder is taken.
    """
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
    # A folder with a manifest counts as finished, and one with a plan as a result: in this order
    # whoever is killed in between leaves one that can be forced, or gone on with, again.
    (folder / MANIFEST).unlink(missing_ok=True)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {LOCK, PLAN}:
            path.unlink()
    (folder / PLAN).unlink()


def refusal(folder: Path) -> OutputExistsError | None:
    """Say why a folder that is not empty is no result; None where it is one."""
    plan = read_json(folder / PLAN)
    if plan is not None and "experiment" in plan:
        return None
    what = "the folder is not empty, and what it holds is not a result of this program"
    if plan is None and (folder / PLAN).exists():
        what = f"the folder holds a {PLAN} that cannot be read"
    return OutputExistsError(what, where=str(folder), hint="name another folder")


def _is_own(path: Path) -> bool:
    """Tell whether something in a result folder was made by the package."""
    if path.is_dir():
        return path.name == BLOCKS and not path.is_symlink()
    return path.name in {PLAN, MANIFEST, SHARD, LOCK} or path.suffix in _MADE_HERE
