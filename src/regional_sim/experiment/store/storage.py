"""Writing files that are either whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from regional_sim.errors import RegionalSimError


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
