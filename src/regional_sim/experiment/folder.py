"""The result folder: what stands in it, and how it is made and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment.blocks import FOLDER as BLOCKS
from regional_sim.experiment.storage import PARTIAL

PLAN: Final = "plan.json"
MANIFEST: Final = "manifest.json"

_MADE_HERE: Final = frozenset({".csv", ".parquet", ".html", ".png", ".svg", ".pdf", PARTIAL})
"""Endings of files that the package writes into a result folder."""


def table_path(folder: Path, table: str) -> Path:
    """Return the file of a table.

    Examples
    --------
    >>> table_path(Path("out"), "runs").as_posix()
    'out/runs.csv'
    """
    return folder / f"{table}.csv"


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


def prepare(folder: Path, *, force: bool) -> None:
    """Make an empty folder for results.

    Parameters
    ----------
    folder : Path
        It may be there, and must then be empty.
    force : bool
        Delete the result that it holds.  Anything else is never deleted.

    Raises
    ------
    OutputExistsError
        When the folder is taken.
    InputError
        When it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("this is a file, not a folder", where=str(folder))
    if folder.is_dir() and any(folder.iterdir()):
        _clear(folder, force=force)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"the folder cannot be made: {reason}", where=str(folder)) from None


def _clear(folder: Path, *, force: bool) -> None:
    """Delete the files of a result, if that is what was asked for and all there is."""
    plan = read_json(folder / PLAN)
    if plan is None or "experiment" not in plan:
        what = "the folder is not empty, and what it holds is not a result of this program"
        raise OutputExistsError(what, where=str(folder), hint="name another folder")
    if not force:
        done = "a result" if (folder / MANIFEST).exists() else "an unfinished result"
        hint = "name another folder, or force it (--force) to be replaced"
        raise OutputExistsError(f"the folder holds {done}", where=str(folder), hint=hint)
    foreign = [path.name for path in sorted(folder.iterdir()) if not _is_own(path)]
    if foreign:
        what = "the folder holds more than a result, so nothing was deleted"
        hint = "move it away, or name another folder"
        raise OutputExistsError(what, where=str(folder), value=foreign[0], hint=hint)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_own(path: Path) -> bool:
    """Tell whether something in a result folder was made by the package."""
    if path.is_dir():
        return path.name == BLOCKS and not path.is_symlink()
    return path.name in {PLAN, MANIFEST} or path.suffix in _MADE_HERE
