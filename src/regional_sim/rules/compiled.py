"""The decorators that compile rules and phases, and the cache of what is compiled.

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
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.core import config
from numba.core.registry import CPUDispatcher
from platformdirs import user_cache_path

Function = TypeVar("Function", bound=Callable[..., Any])

# Compiled code lives in rules and world, and has the rows of instruments and their lags built in.
COMPILED_PACKAGES = ("rules", "postures", "world")

ENTRIES: list[Any] = []
"""Every function that Python calls, as :func:`compiled` has met it; others add none."""

_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
_INLINED_OPTIONS = {**_OPTIONS, "nopython": True, "no_cpython_wrapper": True}


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
        llvmlite.binding.get_host_cpu_name(),
        llvmlite.binding.get_host_cpu_features().flatten(),
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


def compiler_is_on() -> bool:
    """Whether functions are compiled: not where ``NUMBA_DISABLE_JIT`` is set."""
    return not config.DISABLE_JIT


def compiled(function: Function) -> Function:
    """Compile a function that Python calls to machine code, with the bits of the interpreter.

    No fast maths (it would reorder sums) and NumPy's rules for division, so that a division by
    zero does not become a branch in a loop that should be vectorised.  The interpreter is
    released while it runs.  Nothing counts references, which makes compiling and calling faster:
    a function that makes an array is therefore refused by the compiler.

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
        wrapped = numba.njit(**_OPTIONS, nogil=True, cache=folder is not None)(function)
    finally:
        config.CACHE_DIR = before
    ENTRIES.append(wrapped)
    return cast("Function", wrapped)


def inlined(function: Function) -> Function:
    """Let compiled code call a function; called from Python it is plain Python.

    It gets no entry from Python and no file in the cache, and so compiles in half the time.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays and tuples of arrays.

    Returns
    -------
    callable
        The function for the compiler; the function itself when ``NUMBA_DISABLE_JIT`` is set.
    """
    if not compiler_is_on():
        return function
    return cast("Function", _Inlined(function, targetoptions=_INLINED_OPTIONS))


def pasted(function: Function) -> Function:
    """Do the same with a function whose source is pasted into its callers before compiling.

    For the rare function that, optimised on its own, turns selections into branches, and so keeps
    the caller's loop over runs from packed instructions.

    Parameters
    ----------
    function : callable
        A function of numbers, arrays and tuples of arrays.

    Returns
    -------
    callable
        As from :func:`inlined`.
    """
    if not compiler_is_on():
        return function
    options = {**_INLINED_OPTIONS, "inline": "always"}
    return cast("Function", _Inlined(function, targetoptions=options))


def compile_for(function: Any, arguments: Iterable[object]) -> None:
    """Compile a function for the types of some arguments, and leave the result in the cache.

    Parameters
    ----------
    function : callable
        One of :data:`ENTRIES`.
    arguments : iterable
        What it would be called with; it is not called.
    """
    function.compile(tuple(numba.typeof(argument) for argument in arguments))


class _Inlined(CPUDispatcher):  # type: ignore[misc]
    """A function without an entry from Python: there the interpreter runs it."""

    def __call__(self, *arguments: object) -> object:
        return self.py_func(*arguments)
