"""One writer at a time: a lock of the operating system on the result folder.

It is gone with the process that holds it, however that ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError, OutputExistsError

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
