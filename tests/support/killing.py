"""Sweeps that are killed, interrupted or kept from writing, at moments that a test names.

The program reads what to do from standard input as JSON, does it in processes forked from itself,
which is fast, and writes what came of it to standard output; :func:`stories` starts it.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from regional_sim.errors import InputError, RegionalSimError
from regional_sim.experiment.tasks import Shard
from regional_sim.results.folder import LOCK, PARTIAL
from regional_sim.results.load import load_results
from regional_sim.runner.runner import execute
from tests.support.processes import are_gone, children_of, end_with_parent, happens, printed
from tests.support.sweeps import MENDED, N_TASKS, RULE, digests, finely_cut, registered, small

WRITE: Final = "write"
SYSTEM_CALLS: Final = ("mkdir", "open", "fsync", "replace", "unlink", "rmdir")

_FAILING = {"postures": ["traditional", {"policy": "brittle", "limit": 0.34}]}

SWEEPS: Final[dict[str, dict[str, Any]]] = {
    "csv": {},
    "parquet": {"manner": {"long_format": "parquet"}},
    "threads": {"manner": {"workers": 2}},
    "rule": {"changes": {"replicates": RULE}},
    "rule, threads": {"changes": {"replicates": RULE}, "manner": {"workers": 2}},
    "shard": {"manner": {"shard": "2/3"}},
    "shard of a rule": {"changes": {"replicates": RULE}, "manner": {"shard": "2/2"}},
    "mesa": {"changes": {"tables": [], "replicates": 4}, "manner": {"engine": "mesa"}},
    "processes": {
        "changes": {"tables": [], "replicates": 4},
        "manner": {"engine": "mesa", "workers": 2},
    },
    "failing runs": {"changes": _FAILING, "manner": {"on_error": "continue"}},
    "retry": {"changes": _FAILING, "manner": {"retry_failed": True}},
}
"""What is swept: changes of the experiment, and how it is run."""


def sweep(name: str, folder: Path, **manner: Any) -> None:
    """Run one of the sweeps, or go on with it."""
    spec = SWEEPS[name]
    given = {"resume": True, "notice": lambda _: None, **spec.get("manner", {}), **manner}
    if "shard" in given:
        given["shard"] = Shard.parse(given["shard"])
    execute(small(**spec.get("changes", {})), folder, **given)


# ------------------------------------------------------------- calls that change a disk


@contextmanager
def watched(at_call: Callable[[str, Callable[[], Any], Callable[[], Any]], Any]) -> Iterator[None]:
    """Hand every call that changes what is on the disk to a function.

    The function takes the kind of call, what would do it, and what would do half of it: of a write
    the first half of its bytes, of anything else nothing.
    """

    def system_call(name: str) -> Callable[..., Any]:
        real = getattr(os, name)
        return lambda *args, **more: at_call(name, lambda: real(*args, **more), lambda: None)

    class Watched(io.BufferedWriter):
        def write(self, data: Any) -> int:
            real, whole = super().write, memoryview(data).cast("B")

            def half() -> None:
                real(whole[: len(whole) // 2])
                self.flush()

            written: int = at_call(WRITE, lambda: real(whole), half)
            return written

    real_open = Path.open

    def opened(path: Path, mode: str = "r", *args: Any, **more: Any) -> Any:
        if mode == "xb" and path.name.endswith(PARTIAL):
            return Watched(io.FileIO(path, mode))
        return real_open(path, mode, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        for name in SYSTEM_CALLS:
            patch.setattr(os, name, system_call(name))
        patch.setattr(Path, "open", opened)
        yield


def counted(act: Callable[[], object]) -> list[str]:
    """List the calls that an action makes, by kind."""
    kinds: list[str] = []

    def at_call(kind: str, whole: Callable[[], Any], half: Callable[[], Any]) -> Any:
        kinds.append(kind)
        return whole()

    with watched(at_call):
        act()
    return kinds


@contextmanager
def deadly(number: int, *, after: bool) -> Iterator[None]:
    """Let the process die in one of its calls: half way through, or just after it."""
    done = 0

    def at_call(kind: str, whole: Callable[[], Any], half: Callable[[], Any]) -> Any:
        nonlocal done
        done += 1
        if done - 1 == number:
            try:
                (whole if after else half)()
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        return whole()

    with watched(at_call):
        yield


# ----------------------------------------------------------------------- the program


def stories(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let a program of its own kill sweeps.

    Each order has a `sweep`, a `seed`, what comes over it (`from`, one of :data:`_ENDS`), and
    perhaps the `kind` of call to die in, how many `times` to kill before the sweep may end, and the
    sweep that it is `resumed_as`.
    """
    root = Path(__file__).parents[2]
    found = printed("-m", "tests.support.killing", input=json.dumps(orders), cwd=root)
    told: list[dict[str, Any]] = json.loads(found)
    return told


def forked(act: Callable[[], object]) -> int:
    """Begin to act in a process that is forked off, and return its number."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            end_with_parent()
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return pid


def end_of(pid: int) -> int:
    """Wait for a process; return its exit code, or the signal that ended it as less than 0."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class _Normal:
    """What the sweeps give, make and take when nothing happens to them."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, name: str) -> dict[str, Any]:
        # Workers change nothing.
        name = "mesa" if name == "processes" else name
        if name not in self._known:
            folder = self._scratch / name
            calls = self._scratch / f"{name}.json"
            before = prepared(name, folder)
            act = partial(_count, partial(sweep, name, folder), calls)
            assert end_of(forked(act)) == 0, name
            self._known[name] = {
                "calls": json.loads(calls.read_text()),
                "before": before,
                "digests": digests(folder),
            }
        return self._known[name]


def prepared(name: str, folder: Path) -> dict[str, str]:
    """Make what a sweep begins with: nothing, or a result with runs that failed."""
    os.environ.pop(MENDED, None)
    if name != "retry":
        return {}
    assert end_of(forked(partial(sweep, "failing runs", folder))) == 0
    os.environ[MENDED] = "1"
    return digests(folder)


def _count(act: Callable[[], object], told: Path) -> None:
    told.write_text(json.dumps(counted(act)))


def _die(name: str, folder: Path, number: int, *, after: bool) -> None:
    with deadly(number, after=after):
        sweep(name, folder)


def _story(order: dict[str, Any], folder: Path, normal: dict[str, Any]) -> dict[str, Any]:
    """Kill a sweep, resume it, kill it again, as often as asked; then let it end."""
    chance = random.Random(order["seed"])
    name = order["sweep"]
    prepared(name, folder)
    kills = []
    for before in range(order.get("times", 1)):
        # What is left to do becomes less from time to time.
        case = _Case(order, folder, normal, chance, share=1.0 / (1 + before))
        kills.append(_ENDS[order["from"]](case))
        kills[-1]["taken_for"] = _taken_for(folder, normal)
    resumed = end_of(forked(partial(sweep, order.get("resumed_as", name), folder)))
    found = digests(folder)
    names = sorted({*found, *normal["digests"]})
    differing = [name for name in names if found.get(name) != normal["digests"].get(name)]
    return {"kills": kills, "resumed": resumed, "differing": differing}


@dataclass
class _Case:
    """What comes over a sweep: at what moment, how much is left, and what it gives normally."""

    order: dict[str, Any]
    folder: Path
    normal: dict[str, Any]
    chance: random.Random
    share: float

    @property
    def sweep(self) -> str:
        name: str = self.order["sweep"]
        return name

    @property
    def n_blocks(self) -> int:
        return _n_blocks(self.folder)

    def begun(self, **manner: Any) -> int:
        """Begin the sweep in a process that notes what it says."""
        return forked(partial(_saying, self.folder, sweep, self.sweep, self.folder, **manner))

    def outcome(self, pid: int) -> dict[str, Any]:
        return {"code": end_of(pid), "said": _said_of(self.folder)}


def _from_inside(case: _Case) -> dict[str, Any]:
    """Die in a call, or just after it."""
    calls = case.normal["calls"][: max(1, int(case.share * len(case.normal["calls"])))]
    kind = case.order.get("kind") or case.chance.choice(sorted(set(calls)))
    number = case.chance.choice([n for n, k in enumerate(calls) if k == kind])
    after = kind != WRITE and case.chance.random() < 0.5
    code = end_of(forked(partial(_die, case.sweep, case.folder, number, after=after)))
    return {"moment": f"{'after' if after else 'in'} {kind}, call {number}", "code": code}


def _from_outside(case: _Case) -> dict[str, Any]:
    """Be killed when some more tasks are finished, and see what becomes of worker processes."""
    most = {"processes": 2, "retry": 0}.get(case.sweep, N_TASKS)
    enough = case.n_blocks + case.chance.randint(0, round(case.share * most))
    pid = forked(partial(sweep, case.sweep, case.folder))
    happens((case.folder / LOCK).exists, pid)
    if case.sweep == "processes":
        happens(lambda: len(children_of(pid)) > 1, pid)
    happens(lambda: case.n_blocks >= enough, pid)
    workers = children_of(pid)
    os.kill(pid, signal.SIGKILL)
    told = {"moment": f"after {enough} tasks", "code": end_of(pid), "workers": len(workers)}
    orphans = [] if are_gone(workers) else workers
    for orphan in orphans:
        with suppress(OSError):
            os.kill(orphan, signal.SIGKILL)
    return told | {"orphans": orphans}


def _from_the_terminal(case: _Case) -> dict[str, Any]:
    """Be interrupted as by Ctrl-C, which all processes of a group get."""
    enough = case.chance.randint(1, 3)
    pid = case.begun(group=True)
    happens(lambda: case.n_blocks >= enough, pid)
    workers = children_of(pid)
    os.killpg(pid, signal.SIGINT)
    told = case.outcome(pid) | {"blocks": case.n_blocks, "workers": len(workers)}
    return told | {"orphans": [] if are_gone(workers) else workers}


def _from_a_limit(case: _Case) -> dict[str, Any]:
    """Meet the largest size that a file may have."""
    return case.outcome(case.begun(most_bytes=case.order["bytes"]))


def _from_another(case: _Case) -> dict[str, Any]:
    """Be disturbed by other processes on the same folder, while standing still."""
    pid = forked(partial(sweep, case.sweep, case.folder))
    happens(lambda: case.n_blocks > 1, pid)
    os.kill(pid, signal.SIGSTOP)
    told = []
    for manner in ({}, {"resume": False, "force": True}, {"resume": False}):
        before = digests(case.folder)
        other = case.outcome(case.begun(**manner))
        told.append(other | {"same": digests(case.folder) == before})
    os.kill(pid, signal.SIGCONT)
    return {"code": end_of(pid), "others": told}


_ENDS: Final = {
    "inside": _from_inside,
    "outside": _from_outside,
    "terminal": _from_the_terminal,
    "limit": _from_a_limit,
    "another": _from_another,
}
"""What may come over a sweep."""


def _saying(
    folder: Path,
    act: Callable[..., object],
    *args: Any,
    group: bool = False,
    most_bytes: int | None = None,
    **more: Any,
) -> None:
    """Act, note the error that comes of it beside the folder, and end with its code."""
    if group:
        os.setsid()
    if most_bytes is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    try:
        act(*args, **more)
    except RegionalSimError as error:
        folder.with_suffix(".said").write_text(f"{type(error).__name__}: {error}")
        os._exit(error.exit_code)


def _said_of(folder: Path) -> str:
    said = folder.with_suffix(".said")
    return said.read_text().replace(str(folder), "FOLDER") if said.exists() else ""


def _n_blocks(folder: Path) -> int:
    return len(list((folder / "blocks").glob("*.npz")))


def _taken_for(folder: Path, normal: dict[str, Any]) -> str:
    """Tell what a folder passes for after a kill."""
    try:
        load_results(folder)
    except InputError:
        return "unfinished"
    found = digests(folder)
    # Blocks and the lock may be left; they are no part of what is read.
    tables = {name: of for name, of in found.items() if "/" not in name and name != LOCK}
    for state in ("digests", "before"):
        if tables == {name: of for name, of in normal[state].items() if "/" not in name}:
            return "finished"
    return "finished, but it is not"


def main() -> None:
    """Carry out the orders that come in."""
    orders = json.load(sys.stdin)
    told = []
    with tempfile.TemporaryDirectory() as scratch, finely_cut(), registered():
        # What is imported and loaded by now need not be in each forked process.
        for engine in {SWEEPS[order["sweep"]].get("manner", {}).get("engine") for order in orders}:
            given = {} if engine is None else {"engine": engine}
            execute(small(replicates=2), Path(scratch) / f"warm {engine}", **given)
        normal = _Normal(Path(scratch))
        for number, order in enumerate(orders):
            of_sweep = normal.of(order["sweep"])
            told.append(order | _story(order, Path(scratch) / f"story {number}", of_sweep))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
