"""Compiling the whole model beforehand, in several processes at once.

Numba compiles one function at a time in a process.  Here child processes take the functions that
Python calls from one list and leave them in the cache, from which every process loads them
afterwards.  Each begins with the most code that is left, and goes on with what shares most of its
code with what it has compiled already: shared code is compiled once in a process.
"""

from __future__ import annotations

import gc
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import FunctionType, ModuleType
from typing import IO, Any, Final, get_type_hints

import numpy as np

import regional_sim.model
from regional_sim.engine.build import empty_world
from regional_sim.model.variables import World
from regional_sim.numerics.compiler import ENTRIES, cache_folder, compile_for, compiler_is_on
from regional_sim.scenario import load_scenario

MOST_PROCESSES: Final = 4
"""More would save little, for the longest function then takes as long as all others."""

SECONDS_OF_ONE: Final = 35.0
"""What one process takes for everything, as measured on one machine; a rough guide."""

CompileProgress = Callable[[int, int], None]
"""What is told of progress: the functions that are done, and all functions."""

_PAUSE_SECONDS: Final = 0.05
_DONE: Final = ".done"
_tried: set[Path] = set()


def compile_all(processes: int | None = None, progress: CompileProgress | None = None) -> None:
    """Compile the whole model into the cache, once in a process and where that is of use.

    Nothing happens where all is compiled, where the compiler is off, or where the cache cannot be
    written.  Where another program is at it, this one waits.  A failure becomes a warning: what is
    missing is then compiled when it is called.

    Parameters
    ----------
    processes : int, optional
        Child processes; None: as many as there are processors, up to :data:`MOST_PROCESSES`.
    progress : callable, optional
        Told the functions that are done and all functions.
    """
    folder = cache_folder()
    if not (compiler_is_on() and sys.executable) or folder is None:
        return
    if folder in _tried or is_compiled():
        return
    _tried.add(folder)
    try:
        with _one_at_a_time(folder):
            if is_compiled():
                return
            complaints = _compile_in_children(folder, processes or default_processes(), progress)
    except OSError as error:
        complaints = [str(error)]
    if complaints:
        what = "the model could not be compiled beforehand, so parts of it are when they are called"
        warnings.warn("\n".join([f"{what}:", *complaints]), RuntimeWarning, stacklevel=2)


def is_compiled() -> bool:
    """Whether the cache holds every function that Python calls."""
    folder = cache_folder()
    if folder is None:
        return False
    # Of each function the index is written first, then what it points to.
    return all(len(list(folder.rglob(kind))) >= len(entries()) for kind in ("*.nbi", "*.nbc"))


def default_processes() -> int:
    """Return how many processes compile: one for each processor, but not too many."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def entries() -> list[Any]:
    """Return every function that Python calls, those with the most code to compile first."""
    for module in pkgutil.walk_packages(regional_sim.model.__path__, "regional_sim.model."):
        import_module(module.name)
    import_module("regional_sim.engine.build")
    return sorted(ENTRIES, key=lambda entry: _length(_code_of(entry)), reverse=True)


def name_of(entry: Any) -> str:
    """Return the name of one of the entries, with its module."""
    return f"{entry.__module__}.{entry.__name__}"


def arguments_of(entry: Any) -> list[object]:
    """Return arguments of the types with which the drivers call one of the entries.

    Parameters
    ----------
    entry : callable
        One of :func:`entries`.

    Returns
    -------
    list
        Arguments, by annotation; arrays outside a world by name, which says their shape.
    """
    world = empty_world(load_scenario("two_states"))
    by_type = {World: world, int: 0, float: 0.0}
    by_name = {
        "buffer": world.draw,
        **dict.fromkeys(("centre", "row"), np.zeros(1)),
        "keys": np.zeros((1, 2), dtype=np.uint64),
        **dict.fromkeys(("swapped", "addresses", "observers"), np.zeros(1, dtype=np.int64)),
    }
    hints = get_type_hints(entry.py_func)
    return [
        by_name[name] if name in by_name else by_type[hints[name]]
        for name in signature(entry.py_func).parameters
    ]


def _code_of(entry: Any) -> set[FunctionType]:
    """Return one of the entries, as plain Python, with all that it calls."""
    found = {entry.py_func}
    waiting = [entry.py_func]
    while waiting:
        called = set(_called(waiting.pop())) - found
        found |= called
        waiting += called
    return found


def _length(functions: Iterable[FunctionType]) -> int:
    return sum(len(function.__code__.co_code) for function in functions)


def _called(function: FunctionType) -> Iterator[FunctionType]:
    """Find the compiled functions that a function names, by themselves or in a module."""
    names = function.__code__.co_names
    globals_ = function.__globals__
    modules = [globals_[name] for name in names if isinstance(globals_.get(name), ModuleType)]
    for space in (globals_, *map(vars, modules)):
        for name in names:
            if hasattr(space.get(name), "py_func"):
                yield space[name].py_func


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other program compiles into a folder, on systems that can tell."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile_in_children(
    folder: Path, processes: int, progress: CompileProgress | None
) -> list[str]:
    """Let children compile everything; return what those that failed had to say."""
    total = len(entries())
    with ExitStack() as stack:
        claims = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regional_sim_")))
        children = [
            stack.enter_context(_child(claims, folder)) for _ in range(min(processes, total))
        ]
        under_way = True
        while under_way:
            under_way = any(child.poll() is None for child, _ in children)
            if progress is not None:
                progress(len(list(claims.glob(f"*{_DONE}"))), total)
            if under_way:
                time.sleep(_PAUSE_SECONDS)
        return [_complaint(child.returncode, said) for child, said in children if child.returncode]


@contextmanager
def _child(claims: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start a process that compiles, with the file of what it says; in the end there is none.

    It is no worker of a pool, which would run the user's script again where that has no guard.
    """
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            _command(claims, folder),
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            yield child, said
        finally:
            child.kill()
            child.wait()


def _command(claims: Path, folder: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "regional_sim.engine.precompile", str(claims), str(folder)]


def _complaint(code: int, said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace").strip() or f"a process ended with {code}"


def _compile_claimed(claims: Path, folder: Path) -> int:
    """Compile one function after the other that nobody else has claimed; return the exit code."""
    # Compiling makes millions of objects that stay: looking for lost ones takes a tenth of it.
    gc.set_threshold(200_000, 50, 1000)
    if cache_folder() != folder:
        sys.stderr.write("the sources have changed since the program was started\n")
        return 1
    parent, exit_code = os.getppid(), 0
    for entry in _by_shared_code(lambda entry: _claim(claims / name_of(entry))):
        if os.getppid() != parent:
            return 1
        try:
            compile_for(entry, arguments_of(entry))
        except Exception as error:
            reason = "".join(traceback.format_exception_only(error))
            sys.stderr.write(f"{name_of(entry)}: {reason}")
            exit_code = 1
        else:
            (claims / f"{name_of(entry)}{_DONE}").touch()
    return exit_code


def _by_shared_code(claimed: Callable[[Any], bool]) -> Iterator[Any]:
    """Go through the entries that can be claimed: next is what shares most with those before."""
    code = {entry: _code_of(entry) for entry in entries()}
    before: set[FunctionType] = set()
    while code:
        entry = max(code, key=lambda one: _length(code[one] & before) / _length(code[one]))
        its_code = code.pop(entry)
        if claimed(entry):
            before |= its_code
            yield entry


def _claim(path: Path) -> bool:
    """Whether this process is the first to ask for a name."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(_compile_claimed(*map(Path, sys.argv[1:])))
