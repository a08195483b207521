"""The one decorator that compiles rules and phases, and the cache it keeps.

Numba's own cache notices an edit of the file that holds a function, but not an edit of another
file whose function was inlined: it then returns stale results without a word.  The cache folder
here is therefore named by a digest of every source that compiled code can depend on, so that any
edit starts an empty cache.
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config
from platformdirs import user_cache_path

Function = TypeVar("Function", bound=Callable[..., Any])

# Compiled code lives in rules and world, and has the rows of instruments and their lags built in.
COMPILED_PACKAGES = ("rules", "postures", "world")


def source_digest() -> str:
    """Return a digest of all that decides what the compiler produces.

    Returns
    -------
    str
        Sixteen hexadecimal digits: sources of the compiled packages, versions of Numba, llvmlite
        and NumPy, the processor, and every ``NUMBA_*`` environment variable.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for package in COMPILED_PACKAGES:
        for source in sorted((root / package).rglob("*.py")):
            digest.update(str(source.relative_to(root)).encode())
            digest.update(source.read_bytes())
    surroundings = [
        str(root),
        numba.__version__,
        llvmlite.__version__,
        np.__version__,
        platform.machine(),
        platform.python_version(),
        *(f"{key}={os.environ[key]}" for key in sorted(os.environ) if key.startswith("NUMBA_")),
    ]
    digest.update("\n".join(surroundings).encode())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code for these sources, or None where none can be written.

    Returns
    -------
    pathlib.Path or None
        A writeable folder below the user's cache folder, made when it is missing.
    """
    folder = user_cache_path("regional_sim") / "compiled" / source_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def compiled(function: Function) -> Function:
    """Compile a function to machine code that gives the same bits as the interpreter.

    No fast maths (it would reorder sums) and NumPy's rules for division, so that a division by
    zero does not become a branch in a loop that should be vectorised.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays and tuples of arrays.

    Returns
    -------
    callable
        The compiled function; the function itself when ``NUMBA_DISABLE_JIT`` is set.
    """
    folder = cache_folder()
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = "" if folder is None else str(folder)
        wrapped = numba.njit(error_model="numpy", nogil=True, cache=folder is not None)(function)
    finally:
        config.CACHE_DIR = before
    return cast("Function", wrapped)
