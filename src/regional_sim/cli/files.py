"""Writing files that the user asked for."""

from __future__ import annotations

from pathlib import Path

from regional_sim.errors import InputError


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, over one that is there.

    Parameters
    ----------
    path : Path
        The file; its folder must be there.
    text : str
        All of it.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be written: {reason}", where=str(path)) from None
