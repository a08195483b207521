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
from numba.core import cgutils, config, types
from numba.core.registry import CPUDispatcher
from numba.core.types import unliteral  # type: ignore[attr-defined]
from numba.extending import intrinsic
from platformdirs import user_cache_path

Function = TypeVar("Function", bound=Callable[..., Any])

# Policies are plain Python, so that an edit of one compiles nothing.
COMPILED_SOURCES = ("numerics/**/*.py", "model/**/*.py", "engine/build.py")

ENTRIES: list[Any] = []
"""Every function that Python calls, as :func:`compiled` has met it; others add none."""

_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
_INLINED_OPTIONS = {**_OPTIONS, "nopython": True, "no_cpython_wrapper": True, "forceinline": True}


def compiled_code_digest() -> str:
    """Return a digest of all that decides what the compiler produces.

    Returns
    -------
    str
        Sixteen hexadecimal digits: sources of the compiled packages, versions of Numba, llvmlite
        and NumPy, the processor, and every ``NUMBA_*`` environment variable.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for pattern in COMPILED_SOURCES:
        for source in sorted(root.glob(pattern)):
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
    folder = user_cache_path("regional_sim") / "compiled" / compiled_code_digest()
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


def source_inlined(function: Function) -> Function:
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


def noalias_loop(function: Function) -> Function:
    """Do as :func:`inlined` does with a loop over runs whose rows lie apart.

    No row that it writes may share memory with another argument.  The compiler believes that, and
    neither compares addresses before the loop nor keeps a second loop for rows that overlap; so
    also short rows pay.

    Parameters
    ----------
    function : callable
        A function of rows, other arrays and numbers.

    Returns
    -------
    callable
        As from :func:`inlined`.
    """
    if not compiler_is_on():
        return function
    return cast("Function", _NoaliasLoop(function, targetoptions=_INLINED_OPTIONS))


def compile_for(function: Any, arguments: Iterable[object]) -> None:
    """Compile a function for the types of some arguments, and leave the result in the cache.

    Parameters
    ----------
    function : callable
        One of :data:`ENTRIES`.
    arguments : iterable
        What it would be called with; it is not called.
    """
    function.compile(_types_of(arguments))


def machine_code(function: Any, arguments: Iterable[object]) -> int:
    """Return the address of a compiled function, to be called with :func:`call_at`.

    Parameters
    ----------
    function : callable
        One of :data:`ENTRIES`; it must live as long as the address is used.
    arguments : iterable
        What it will be called with; it is compiled for their types, and not called.

    Returns
    -------
    int
        The address.

    Raises
    ------
    RuntimeError
        If the compiler does not know where it is.
    """
    types_ = _types_of(arguments)
    function.compile(types_)
    result = function.overloads[types_]
    address: int = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    if not address:
        raise RuntimeError(f"the machine code of {function.__name__} was not found")
    return address


def _types_of(arguments: Iterable[object]) -> tuple[types.Type, ...]:
    return tuple(numba.typeof(argument) for argument in arguments)


@intrinsic  # type: ignore[untyped-decorator]
def call_at(_: Any, address: Any, arguments: Any) -> Any:
    """Call the compiled function at an address, from compiled code alone.

    What is called is no part of the caller: it was compiled by itself, maybe in another process,
    and the caller need not be compiled again when it changes.

    Parameters
    ----------
    address : int
        From :func:`machine_code`.
    arguments : tuple
        Arguments of exactly the types that the address was asked for.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        given = [unliteral(one) for one in signature.args[1]]
        called = context.call_conv.get_function_type(types.none, given).as_pointer()
        status, _ = context.call_conv.call_function(
            builder,
            builder.inttoptr(values[0], called),
            types.none,
            given,
            cgutils.unpack_tuple(builder, values[1]),
        )
        with cgutils.if_unlikely(builder, status.is_error):
            context.call_conv.return_status_propagate(builder, status)
        return context.get_dummy_value()

    return types.none(address, arguments), generate


class _Inlined(CPUDispatcher):  # type: ignore[misc]
    """A function without an entry from Python: there the interpreter runs it."""

    def __call__(self, *arguments: object) -> object:
        return self.py_func(*arguments)


class _NoaliasLoop(_Inlined):
    """The same, told that its arrays lie apart; Numba has that flag, but no option for it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._compiler._customize_flags = _lie_apart


def _lie_apart(flags: Any) -> Any:
    flags.noalias = True
    return flags
