"""Saying beforehand that the model has to be compiled, which takes about a minute."""

from __future__ import annotations

import os
from typing import Final

_COMPILED_FILES: Final = "*.nbi"


def compile_notice() -> str | None:
    """Tell whether the first run will wait for the compiler.

    Returns
    -------
    str or None
        What to tell the user; None where compiled code is at hand, or none is used.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return None
    from regional_sim.rules.compiled import cache_folder

    folder = cache_folder()
    if folder is None:
        return (
            "Compiling the model for this machine, about a minute, each time:"
            " the folder that would keep it cannot be written ..."
        )
    if any(folder.rglob(_COMPILED_FILES)):
        return None
    return "Compiling the model for this machine, about a minute, once ..."
