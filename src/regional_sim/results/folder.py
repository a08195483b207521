"""One writer at a time: a lock of the operating system on the result folder.

It is gone with the process that holds it, however that ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from regional_sim.errors import InputError, OutputExistsError
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, Final
from regional_sim.errors import RegionalSimError
import shutil
from typing import Any, Final
from regional_sim.errors import OutputExistsError


BLOCKS: Final = "blocks"




LOCK: Final = ".lock"
"""Name of the file that is locked; it stands in the folder while something writes there."""


class FolderInUseError(InputError):
    """Another process writes to the folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make a folder where it is missing, and hold it alone.

    Parameters
    ----------
    folder : Path
        The result folder.

    Yields
    ------
    None
        While it is held.

    Raises
    ------
    FolderInUseError
        When another process, or another sweep of this one, holds it.
    InputError
        When it cannot be made or written to.
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
        # Deleted while it is held: who opened it meanwhile notices, and makes another.  Where that
        # cannot be done it stays, and holds nobody.
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
    reason = (error.strerror or str(error)).lower()
    return InputError(f"the folder cannot be {verb}: {reason}", where=str(folder))


class StorageError(RegionalSimError):
    """The disk failed or is full; what had been finished is kept."""

    @classmethod
    def of(cls, error: OSError, folder: Path, kept: str) -> StorageError:
        """Name the file that could not be read or written, why, and what is kept.

        Parameters
        ----------
        error : OSError
            From the system.
        folder : Path
            Named where the error names no file.
        kept : str
            What is not lost, in words.
        """
        reason = (error.strerror or str(error)).lower()
        return cls(f"{error.filename or folder}: {reason}; {kept}")


PARTIAL: Final = ".partial"
"""Ending of a file that is being written."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name only when all of it is on disk.

    Parameters
    ----------
    path : Path
        The file; one of this name is replaced.

    Yields
    ------
    binary file
        To be written to.
    """
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
    _settle(path.parent)


def write_json(path: Path, mapping: Mapping[str, Any]) -> None:
    """Write plain data for people and programs.

    Parameters
    ----------
    path : Path
        The file.
    mapping : mapping
        What JSON can hold; no NaN.
    """
    text = json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_file(path) as file:
        file.write(f"{text}\n".encode())


def sha256_of(path: Path) -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    """Make a new name in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
