"""Compile the whole model into the cache, in several processes at once.

In one process Numba compiles one function at a time.  Here child processes take the functions that
Python calls (the entries) from one list.  Each starts with the longest entry that is left and goes
on with the one that shares most of its code with what it has compiled already, for shared code is
compiled once in a process.
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
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.compiler import ENTRIES, cache_folder, compile_for, compiler_is_on
from regional_sim.numerics.philox import Words
from regional_sim.scenario import load_scenario

MOST_PROCESSES: Final = 4
"""More would save little: the longest entry then takes as long as all others."""
SECONDS_OF_ONE: Final = 35.0
"""What one process takes for everything, as measured on one machine; a rough guide."""

CompileProgress = Callable[[int, int], None]
"""Is told how many entries are done, and how many there are."""

_PAUSE_SECONDS: Final = 0.05
_DONE: Final = ".done"
_tried: set[Path] = set()


def compile_all(processes: int | None = None, progress: CompileProgress | None = None) -> None:
    """Compile the whole model into the cache, unless that is done or was tried in this process.

    Nothing happens if the compiler is off or the cache cannot be written.  If another program is
    compiling, this one waits.  A failure becomes a warning: what is missing is compiled when it is
    called.  Without ``processes`` there is one for each processor, up to :data:`MOST_PROCESSES`.
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
            failures = _compile_in_children(folder, processes or default_processes(), progress)
    except OSError as error:
        failures = [str(error)]
    if failures:
        what = "the model could not be compiled beforehand, so parts of it are when they are called"
        warnings.warn("\n".join([f"{what}:", *failures]), RuntimeWarning, stacklevel=2)


def is_compiled() -> bool:
    """Whether the cache holds every entry."""
    folder = cache_folder()
    if folder is None:
        return False
    # Numba writes the index of a function first, then the code that it points to.
    return all(len(list(folder.rglob(kind))) >= len(entries()) for kind in ("*.nbi", "*.nbc"))


def default_processes() -> int:
    """Return the number of processors, but no more than :data:`MOST_PROCESSES`."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def entries() -> list[Any]:
    """Return every compiled function that Python calls, the longest first."""
    for module in pkgutil.walk_packages(regional_sim.model.__path__, "regional_sim.model."):
        import_module(module.name)
    return sorted(ENTRIES, key=lambda entry: _length(_code_of(entry)), reverse=True)


def name_of(entry: Any) -> str:
    """Return the name of an entry with its module."""
    return f"{entry.__module__}.{entry.__name__}"


def arguments_of(entry: Any) -> list[object]:
    """Return arguments of the types with which the engines call an entry."""
    world = empty_world(load_scenario("two_states"))
    by_type: dict[Any, object] = {
        World: world,
        int: 0,
        float: 0.0,
        Floats: np.zeros(1),
        Integers: np.zeros(1, dtype=np.int64),
        Words: np.zeros((1, 2), dtype=np.uint64),
    }
    hints = get_type_hints(entry.py_func)
    return [
        # The one array of floats outside a world that is not a row.
        world.draw if name == "buffer" else by_type[hints[name]]
        for name in signature(entry.py_func).parameters
    ]


def _code_of(entry: Any) -> set[FunctionType]:
    """Return the plain Python function of an entry and of everything that it calls."""
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
    """Wait until no other program compiles into a folder (not on Windows)."""
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
    """Let child processes compile everything; return the messages of those that failed."""
    total = len(entries())
    with ExitStack() as stack:
        claims = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="regional_sim_")))
        children = [
            stack.enter_context(_child(claims, folder)) for _ in range(min(processes, total))
        ]
        running = True
        while running:
            running = any(child.poll() is None for child, _ in children)
            if progress is not None:
                progress(len(list(claims.glob(f"*{_DONE}"))), total)
            if running:
                time.sleep(_PAUSE_SECONDS)
        return [
            _message(child.returncode, output) for child, output in children if child.returncode
        ]


@contextmanager
def _child(claims: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start a process that compiles, with the file of its output; end it on the way out.

    It is no worker of a pool, which would run the user's script again if that has no guard.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            _command(claims, folder),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            yield child, output
        finally:
            child.kill()
            child.wait()


def _command(claims: Path, folder: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "regional_sim.engine.precompile", str(claims), str(folder)]


def _message(code: int, output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace").strip() or f"a process ended with {code}"


def _compile_claimed(claims: Path, folder: Path) -> int:
    """Compile entries until all are claimed by some process; return the exit code."""
    # Compiling makes millions of objects that stay; collecting garbage takes a tenth of the time.
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
    """Yield claimed entries, each time the one that shares most with those before."""
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
