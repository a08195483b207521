"""Decorators that compile the model with Numba, and the cache of compiled code.

Which decorator a function takes depends on who calls it:

- :func:`compiled`: Python calls it (the phases of a month);
- :func:`inlined`: only compiled code calls it (mechanisms and loops over runs);
- :func:`noalias_loop`: the same, for a loop over rows that do not overlap in memory;
- :func:`source_inlined`: the same, put into its callers before anything is optimised.

The cache folder is named by a digest of every source that compiled code can depend on.  Numba's
own cache notices an edit of the file that holds a function, but not of another file whose function
was inlined: it would return stale results.

Internals of Numba are used for three things that its public interface does not offer, which is why
its version has an upper bound in ``pyproject.toml``:

- a function without an entry from Python compiles in half the time (``no_cpython_wrapper``,
  ``no_cfunc_wrapper``), and only a subclass of the dispatcher can then run it as plain Python when
  Python calls it;
- ``noalias`` is a flag of the compiler without an option: without it each short loop compares the
  addresses of all its rows first;
- a month calls its phases by address (:func:`call_at`), so that an edit of one phase compiles
  that phase and not all of them.
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

COMPILED_SOURCES = (
    "numerics/arrays.py",
    "numerics/compiler.py",
    "numerics/elementary.py",
    "numerics/philox.py",
    "numerics/run_loops.py",
    "model/**/*.py",
    "engine/build.py",
)
"""What compiled code depends on; policies are plain Python, so an edit of one compiles nothing."""

ENTRIES: list[Any] = []
"""Every function marked with :func:`compiled`, in the order of import."""

# No fast maths, which would reorder sums.  NumPy's rules of division, so that a division by zero
# is no branch in a loop.  Nothing counts references, which makes compiling and calling faster; a
# function that makes an array is therefore refused.
_OPTIONS = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
_INLINED_OPTIONS = {**_OPTIONS, "nopython": True, "no_cpython_wrapper": True, "forceinline": True}


def compiled_code_digest() -> str:
    """Return 16 hexadecimal digits for all that decides what the compiler produces."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for pattern in COMPILED_SOURCES:
        for source in sorted(root.glob(pattern)):
            digest.update(str(source.relative_to(root)).encode())
            digest.update(source.read_bytes())
    environment = [
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
    digest.update("\n".join(environment).encode())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code for these sources, or None if it cannot be written."""
    folder = user_cache_path("regional_sim") / "compiled" / compiled_code_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def compiler_is_on() -> bool:
    """Whether functions are compiled: not if ``NUMBA_DISABLE_JIT`` is set."""
    return not config.DISABLE_JIT


def compiled(function: Function) -> Function:
    """Compile a function that Python calls; it gives the bits that the interpreter gives."""
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
    """Let compiled code call a function; called from Python, it runs as plain Python."""
    return _for_compiled_code(function, _InlinedDispatcher)


def source_inlined(function: Function) -> Function:
    """Put the source of a function into its callers before these are compiled.

    For the rare function that, optimised on its own, turns selections into branches and so keeps
    the caller's loop over runs from being vectorised, or that returns a part of an array, which
    Numba refuses where nothing counts references.
    """
    return _for_compiled_code(function, _InlinedDispatcher, inline="always")


def noalias_loop(function: Function) -> Function:
    """Let compiled code call a loop whose rows share no memory with each other.

    The compiler believes it, and neither compares addresses before the loop nor keeps a second
    loop for rows that overlap.
    """
    return _for_compiled_code(function, _NoaliasDispatcher)


def _for_compiled_code(
    function: Function, dispatcher: type[_InlinedDispatcher], **options: str
) -> Function:
    if not compiler_is_on():
        return function
    return cast("Function", dispatcher(function, targetoptions={**_INLINED_OPTIONS, **options}))


class _InlinedDispatcher(CPUDispatcher):  # type: ignore[misc]
    """A function without an entry from Python: there the interpreter runs it."""

    def __call__(self, *arguments: object) -> object:
        return self.py_func(*arguments)


class _NoaliasDispatcher(_InlinedDispatcher):
    """The same with the compiler's ``noalias`` flag."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._compiler._customize_flags = _set_noalias


def _set_noalias(flags: Any) -> Any:
    flags.noalias = True
    return flags


def compile_for(function: Any, arguments: Iterable[object]) -> None:
    """Compile one of :data:`ENTRIES` for the types of some arguments, without calling it."""
    function.compile(_types_of(arguments))


def machine_code(function: Any, arguments: Iterable[object]) -> int:
    """Return the address of one of :data:`ENTRIES`, compiled for the types of some arguments.

    The function must live as long as the address is used.
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
    """Call the function at an address from :func:`machine_code`; only compiled code can.

    The arguments are a tuple of exactly the types that the address was asked for.
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
