"""Folders in which an answer is worked out over many runs: whose they are, and their tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from regional_sim.errors import OutputExistsError
from regional_sim.results.claim import is_empty
from regional_sim.results.folder import read_json, whole_file

if TYPE_CHECKING:
    import pandas as pd


def record_to_resume(
    folder: Path, record: str, key: str, kind: str, *, resume: bool, force: bool
) -> dict[str, Any] | None:
    """Return the record of what a folder holds, to go on with it; None to begin there.

    `record` is the name of its file, which has a `key`; `kind` says in messages what is worked out.

    Raises
    ------
    OutputExistsError
        When the folder holds something else, or what is neither resumed nor replaced.
    """
    where = str(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("this is a file, not a folder", where=where)
    if not folder.is_dir() or is_empty(folder):
        return None
    present = read_json(folder / record)
    if present is None or key not in present:
        what = f"the folder is not empty, and what it holds is no {kind}"
        raise OutputExistsError(what, where=where, hint="name another folder")
    if not (resume or force):
        hint = "go on with it (--resume), replace it (--force), or name another folder"
        raise OutputExistsError(f"the folder holds a {kind}", where=where, hint=hint)
    return present if resume else None


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all; a missing number is an empty cell."""
    with whole_file(path) as file:
        file.write(frame.to_csv(index=False, lineterminator="\n").encode())
