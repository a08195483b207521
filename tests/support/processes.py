"""Programs that tests start: they end with the test, however that ends, and are waited for.

Nothing here fails because a machine is busy: what is waited for is that something happens, for as
long as the program that makes it happen is there.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import regional_sim

SOURCE: Final = Path(regional_sim.__file__).resolve().parents[1]
"""Where the package lies; a program that is started finds it there too."""

HUNG_SECONDS: Final = 900.0
"""After so long a program hangs; what it does takes seconds."""

_END_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG of Linux."""


def end_with_parent() -> None:
    """Let this process be killed when the one that started it ends; called in the new process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)


def _before_the_program() -> None:
    end_with_parent()
    # A shell that runs the tests in the background lets them, and their children, ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


_TIED: Final[dict[str, Any]] = (
    {} if sys.platform == "win32" else {"preexec_fn": _before_the_program}
)


def surroundings(more: dict[str, str] | None = None) -> dict[str, str]:
    """Return the environment with some variables more, in which the package is found."""
    path = os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path} | (more or {})


def start(command: list[str], **more: Any) -> subprocess.Popen[str]:
    """Start a program that ends with this one."""
    return subprocess.Popen(command, text=True, **_TIED, **more)


def ended(
    *arguments: object,
    program: str = sys.executable,
    env: dict[str, str] | None = None,
    **more: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a program, mostly Python, to its end, and return what it printed and its code."""
    with start(
        [program, *map(str, arguments)],
        env=surroundings(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **{name: value for name, value in more.items() if name != "input"},
    ) as process:
        try:
            out, err = process.communicate(more.get("input", ""))
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def printed(*arguments: object, **more: Any) -> str:
    """Run a Python program that must succeed, and return what it printed."""
    done = ended(*arguments, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def program(*arguments: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Lend a Python program whose output is read; it is killed in the end if it still runs."""
    command = [sys.executable, *arguments]
    with start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more) as process:
        try:
            yield process
        finally:
            process.kill()


def happens(what: Callable[[], object], *pids: int) -> bool:
    """Wait until something holds, as long as processes live; tell whether it does."""
    until = time.monotonic() + HUNG_SECONDS
    while not what():
        if not all(map(is_alive, pids)) or time.monotonic() > until:
            return bool(what())
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be taken note of does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def are_gone(pids: list[int]) -> bool:
    """Tell whether processes end by themselves."""
    return happens(lambda: not any(map(is_alive, pids)))


def children_of(pid: int) -> list[int]:
    """List the processes that a process has started."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found
