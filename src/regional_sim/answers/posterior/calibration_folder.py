"""The folder of a calibration: what claims it, and tables with their digests."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.errors import InputError, OutputExistsError
from regional_sim.results.claim import is_empty
from regional_sim.results.folder import read_json, sha256_of, whole_file, write_json

if TYPE_CHECKING:
    import pandas as pd

RECORD: Final = "calibration.json"
POSTERIOR_TABLE: Final = "posterior.csv"
SHARES_TABLE: Final = "posterior_shares.csv"
TARGETS_TABLE: Final = "targets.csv"
FACTORS_TABLE: Final = "factors.csv"
RECOVERY_TABLE: Final = "recovery.csv"
RANKS_TABLE: Final = "recovery_ranks.csv"
PAIRS_FIGURE: Final = "pairs.png"
TARGETS_FIGURE: Final = "targets.png"
RECOVERY_FIGURE: Final = "recovery.png"

_REQUEST: Final = "request"
_FILES: Final = "files"
_OWN_FOLDERS: Final = ("wave_*", "check", "recovery")
_OWN_FILES: Final = (
    *(RECORD, POSTERIOR_TABLE, TARGETS_TABLE, FACTORS_TABLE, RECOVERY_TABLE, RANKS_TABLE),
    *(PAIRS_FIGURE, TARGETS_FIGURE, RECOVERY_FIGURE, "*_shares.csv"),
)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, whole or not at all; a missing number is an empty cell."""
    with whole_file(path) as file:
        file.write(frame.to_csv(index=False, lineterminator="\n").encode())


def claim_folder(folder: Path, request: Mapping[str, Any], *, force: bool, resume: bool) -> None:
    """Make a folder for a calibration, or go on with the one that it holds.

    Raises
    ------
    OutputExistsError
        When the folder holds something else, or a calibration that is neither resumed nor replaced.
    InputError
        When it is resumed with other targets, priors or numbers than it was begun with.
    """
    where = str(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("this is a file, not a folder", where=where)
    if folder.is_dir() and not is_empty(folder):
        record = read_json(folder / RECORD)
        if record is None or _REQUEST not in record:
            what = "the folder is not empty, and what it holds is no calibration"
            raise OutputExistsError(what, where=where, hint="name another folder")
        if resume:
            _refuse_other(record[_REQUEST], request, where)
            return
        if not force:
            hint = "go on with it (--resume), replace it (--force), or name another folder"
            raise OutputExistsError("the folder holds a calibration", where=where, hint=hint)
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / RECORD, {_REQUEST: dict(request), _FILES: {}})


def _refuse_other(begun: Mapping[str, Any], request: Mapping[str, Any], where: str) -> None:
    changed = [key for key in {**begun, **request} if begun.get(key) != request.get(key)]
    if changed:
        what = f"this calibration was begun with other {', '.join(changed)}"
        hint = "resume it as it was begun, replace it (--force), or name another folder"
        raise InputError(what, where=where, hint=hint)


def _clear(folder: Path) -> None:
    """Delete what a calibration wrote, and nothing else."""
    for pattern in _OWN_FOLDERS:
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink() and (path / "plan.json").exists():
                shutil.rmtree(path)
    for pattern in _OWN_FILES:
        for path in folder.glob(pattern):
            path.unlink()


def finish_folder(
    folder: Path, request: Mapping[str, Any], found: Mapping[str, Any], files: list[str]
) -> None:
    """Write the record of a finished calibration, with the digest of each file."""
    digests = {name: sha256_of(folder / name) for name in files}
    write_json(folder / RECORD, {_REQUEST: dict(request), **found, _FILES: digests})
