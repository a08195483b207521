"""Finished tasks on disk, until they are merged into tables: a task's block is one file.

A block is written whole or not at all, and names the plan and the runs it belongs to.  A digest of
all it holds tells whether it is as it was written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import ZipFile

import numpy as np

from regional_sim.engine.job import BatchResult
from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Attempt, Failure, Task
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.folder import BLOCKS, PARTIAL, whole_file

HELD_BLOCK_BYTES: Final = 8 * 2**20
"""Arrays of outcomes that stay in memory after they were read."""

LONG_ARRAYS: Final = ("timeseries", "states", "dyads", "motives")
"""Arrays by month that an engine keeps where a long table needs them."""

_ENDING: Final = ".npz"
_NAME: Final = re.compile(r"points_\d+_\d+_replicates_\d+_\d+\.npz")
_LABELS = _PLAN, _TASK, _POINTS, _FAILURES = "plan", "task", "points", "failures"
_DIGEST: Final = "digest"
"""Name of the array that holds the digest of all the others."""


@dataclass(frozen=True)
class Block:
    """What a task gave.

    Attributes
    ----------
    arrays : dict of ndarray
        ``outcomes_{posture}`` of shape (point, outcome, replicate) for each posture, and the long
        arrays asked for as ``{kind}_{point}_{posture}``.
    failures : list of Failure
        Runs that failed, by number of point, posture and replicate.
    """

    arrays: Mapping[str, Floats]
    failures: Sequence[Failure] = field(default_factory=tuple)


def outcomes_name(posture: int) -> str:
    """Name the array of outcomes under a posture."""
    return f"outcomes_{posture}"


def series_name(kind: str, point: int, posture: int) -> str:
    """Name a long array."""
    return f"{kind}_{point}_{posture}"


# ----------------------------------------------------------- from an engine's results to a block


class OutcomePlaces(NamedTuple):
    """Where the outcomes of a plan stand in what an engine gives for a world.

    Attributes
    ----------
    n_outcomes : int
        Outcomes of the plan.
    has : ndarray of int
        Those that the world has.
    window, metric : ndarray of int
        Window and metric of each of these.
    """

    n_outcomes: int
    has: Integers
    window: Integers
    metric: Integers

    @classmethod
    def of(cls, plan: Plan, point: int) -> OutcomePlaces:
        """Find them for the world of a point of a plan."""
        world = plan.experiment.frame_at(plan.experiment.points[point])
        defined = set(world.metrics)
        at = {name: row for row, name in enumerate(world.windows)}
        names = [(metric, window) for metric in plan.metrics for window in plan.windows]
        has = [n for n, (metric, window) in enumerate(names) if metric in defined and window in at]
        return cls(
            len(names),
            np.array(has, dtype=np.int64),
            np.array([at[names[n][1]] for n in has], dtype=np.int64),
            np.array([int(names[n][0]) for n in has], dtype=np.int64),
        )

    def pick(self, result: BatchResult) -> Floats:
        """Pick the outcomes, shape (outcome, run), by metric, then window; NaN where none is."""
        values = np.full((self.n_outcomes, result.windows.shape[-1]), np.nan)
        values[self.has] = result.windows[self.window, self.metric]
        return values


def block_of(plan: Plan, task: Task, made: Attempt) -> Block:
    """Make the block of a task."""
    places = [OutcomePlaces.of(plan, point) for point in task.points]
    arrays = {
        outcomes_name(posture): np.stack(
            [
                place.pick(of_case[posture])
                for of_case, place in zip(made.results, places, strict=True)
            ]
        )
        for posture in range(len(plan.experiment.postures))
    }
    for point, of_case in zip(task.points, made.results, strict=True):
        for posture, result in enumerate(of_case):
            arrays |= long_arrays(result, point, posture)
    return Block(arrays, failures_of(task, made))


def long_arrays(result: BatchResult, point: int, posture: int) -> dict[str, Floats]:
    """Return the long arrays of a result by their names in a block."""
    return {
        series_name(kind, point, posture): array
        for kind in LONG_ARRAYS
        if (array := getattr(result, kind)) is not None
    }


def failures_of(task: Task, made: Attempt) -> list[Failure]:
    """Return the failures of a task, by the numbers of their points."""
    return [replace(one, point=task.points[one.point]) for one in made.failures]


# ---------------------------------------------------------------------------- blocks on disk


class BlockStore:
    """The blocks of a result folder, or of several that are parts of one sweep.

    Parameters
    ----------
    plan_digest : str
        Identifies the plan.
    *folders : Path
        Result folders; blocks are written to the first one.

    Attributes
    ----------
    damaged : list of Path
        Blocks that :meth:`find` came upon and that cannot be read.
    """

    def __init__(self, plan_digest: str, *folders: Path) -> None:
        self.plan_digest = plan_digest
        self.damaged: list[Path] = []
        self._folders = [folder / BLOCKS for folder in folders]
        self._paths: dict[str, Path] = {}
        self._points: dict[str, tuple[int, ...]] = {}
        self._failures: dict[str, list[Failure]] = {}
        self._held: OrderedDict[tuple[str, str], Floats] = OrderedDict()

    def find(self) -> None:
        """Read each block once; what is no block of this plan is an error."""
        for folder in self._folders:
            for path in own_blocks(folder):
                if not path.name.endswith(PARTIAL):
                    self._find(path)

    def _find(self, path: Path) -> None:
        try:
            plan, name, points, failures = _verified(path)
        except MemoryError:
            raise
        except Exception:
            # Damage can raise anything: a single bit can ask for an unknown compression.
            self.damaged.append(path)
            return
        if plan != self.plan_digest or name + _ENDING != path.name:
            what = "this block is of another sweep, or of other runs than its name says"
            raise InputError(what, where=str(path), hint="move it away")
        self._know(name, path, points, failures)

    def _know(
        self, name: str, path: Path, points: tuple[int, ...], failures: Sequence[Failure]
    ) -> None:
        self._paths[name] = path
        self._points[name] = points
        self._failures[name] = list(failures)

    def has(self, task: Task) -> bool:
        """Tell whether a task is finished.

        With a rule of stopping, other points between the first and the last may have gone on before
        failed runs were run again.
        """
        return self._points.get(task.name) == task.points

    def write(self, task: Task, block: Block) -> None:
        """Keep what a task gave; when this returns, it is on disk."""
        self._folders[0].mkdir(exist_ok=True)
        path = self._folders[0] / (task.name + _ENDING)
        labels = {
            _PLAN: np.array(self.plan_digest),
            _TASK: np.array(task.name),
            _POINTS: np.array(task.points),
            _FAILURES: np.array(json.dumps([asdict(one) for one in block.failures])),
        }
        arrays = {**labels, **block.arrays}
        digest = np.array(_digest(arrays.items()))
        with whole_file(path) as file:
            np.savez(file, allow_pickle=False, **arrays, **{_DIGEST: digest})
        self._know(task.name, path, task.points, block.failures)
        for key in [key for key in self._held if key[0] == task.name]:
            del self._held[key]

    def failures(self, task: Task) -> list[Failure]:
        """Return the runs of a finished task that failed."""
        return self._failures[task.name]

    def n_failures(self, tasks: Iterable[Task]) -> int:
        """Count the runs of finished tasks that failed."""
        return sum(len(self.failures(task)) for task in tasks)

    def read(self, task: Task) -> Block:
        """Read all of a block."""
        with self._opened(task.name) as block:
            names = [name for name in block.files if name not in {*_LABELS, _DIGEST}]
            return Block({name: block[name] for name in names}, self.failures(task))

    def outcomes(self, task: Task, posture: int) -> Floats:
        """Read outcomes, not to be changed: (point, outcome, replicate), NaN where none is."""
        key = (task.name, outcomes_name(posture))
        if key not in self._held:
            self._held[key] = self._array(*key)
            while len(self._held) > 1 and self._held_bytes() > HELD_BLOCK_BYTES:
                self._held.popitem(last=False)
        return self._held[key]

    def _held_bytes(self) -> int:
        return sum(array.nbytes for array in self._held.values())

    def series(self, task: Task, kind: str, point: int, posture: int) -> Floats:
        """Read a long array, in the shape that :class:`BatchResult` has it."""
        return self._array(task.name, series_name(kind, point, posture))

    def _array(self, task_name: str, name: str) -> Floats:
        with self._opened(task_name) as block:
            array: Floats = block[name]
            return array

    @contextmanager
    def _opened(self, task_name: str) -> Iterator[Any]:
        """Open a block that was read before, and may have been damaged since."""
        path = self._paths[task_name]
        try:
            with path.open("rb") as file, np.load(file) as block:
                yield block
        except (OSError, MemoryError):
            raise
        except Exception as error:
            what = f"this block is damaged: {error}"
            hint = "with --resume the command that made it makes it again"
            raise InputError(what, where=str(path), hint=hint) from error

    def gone(self) -> list[Path]:
        """List the blocks that were there, and no longer are."""
        return [path for path in self._paths.values() if not path.exists()]

    def forget(self, paths: Iterable[Path]) -> None:
        """Delete blocks that are of no use."""
        for path in paths:
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete all blocks of the first folder."""
        self._paths.clear()
        remove_blocks(self._folders[0])


def own_blocks(folder: Path, *, alone: bool = True) -> list[Path]:
    """List blocks, finished or half written; with `alone` anything beside them is an error."""
    own = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _NAME.fullmatch(path.name.removesuffix(PARTIAL)) and not path.is_dir():
            own.append(path)
        elif alone:
            what = "this file is no part of the sweep"
            raise InputError(what, where=str(path), hint="move it away")
    return own


def remove_blocks(folder: Path) -> None:
    """Delete a folder of blocks; where it holds anything else, that stays."""
    for path in own_blocks(folder, alone=False):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _digest(arrays: Iterable[tuple[str, Any]]) -> str:
    """Identify arrays by their names, types, shapes and values."""
    digest = hashlib.sha256()
    for name, array in arrays:
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _verified(path: Path) -> tuple[str, str, tuple[int, ...], list[Failure]]:
    """Read a block to its end, one array at a time, and return what it says of itself."""
    # Before NumPy believes the shape of an array, and asks for as much memory.
    with ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise ValueError("not as it was written")
    # Of what is no archive NumPy would leave the file open.
    with path.open("rb") as file, np.load(file) as block:
        names = [name for name in block.files if name != _DIGEST]
        if _digest((name, block[name]) for name in names) != str(block[_DIGEST]):
            raise ValueError("not as it was written")
        told: list[dict[str, Any]] = json.loads(str(block[_FAILURES]))
        points = tuple(block[_POINTS].tolist())
        return str(block[_PLAN]), str(block[_TASK]), points, [Failure(**one) for one in told]
