"""Finished tasks on disk, until they are merged into tables.

A task's block is one file, written whole or not at all, that names the plan and the runs it belongs
to; the file format checks the sum of every array.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
import numpy as np
from regional_sim.errors import InputError
from regional_sim.experiment.tasks import Failure
from regional_sim.experiment.tasks import Task
from regional_sim.results.folder import PARTIAL, whole_file
from regional_sim.numerics.arrays import Floats
from regional_sim.results.folder import BLOCKS



HELD_BLOCK_BYTES: Final = 8 * 2**20
"""What is kept in memory of blocks that were read, for the next that asks."""

_ENDING: Final = ".npz"
_NAME: Final = re.compile(r"points_\d+_\d+_replicates_\d+_\d+\.npz")
_LABELS = _PLAN, _TASK, _POINTS, _ARRAYS, _FAILURES = "plan", "task", "points", "arrays", "failures"


@dataclass(frozen=True)
class Block:
    """What a task gave.

    Attributes
    ----------
    arrays : dict of ndarray
        ``outcomes_{posture}`` of shape (point, outcome, replicate) for each posture, and the long
        tables asked for as ``{kind}_{point}_{posture}``.
    failures : list of Failure
        Runs that failed, by number of point, posture and replicate.
    """

    arrays: Mapping[str, Floats]
    failures: Sequence[Failure] = field(default_factory=tuple)


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
        """Look for finished blocks, and read each of them once to see that it is whole.

        Raises
        ------
        InputError
            When something is there that is no block of this plan.
        """
        for folder in self._folders:
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.name.endswith(PARTIAL):
                    continue
                if not _NAME.fullmatch(path.name):
                    what = "this file is no part of the sweep"
                    raise InputError(what, where=str(path), hint="move it away")
                self._find(path)

    def _find(self, path: Path) -> None:
        try:
            plan, name, points, failures = _verified(path)
        except MemoryError:
            raise
        except Exception:
            # Whatever reading made of the damage: a single bit can ask for an unknown compression.
            self.damaged.append(path)
            return
        if plan != self.plan_digest or name + _ENDING != path.name:
            what = "this block is of another sweep, or of other runs than its name says"
            raise InputError(what, where=str(path), hint="move it away")
        self._paths[name] = path
        self._points[name] = points
        self._failures[name] = failures

    def has(self, task: Task) -> bool:
        """Tell whether a task is finished.

        With a rule of stopping, other points between the first and the last may have gone on before
        failed runs were run again.
        """
        return self._points.get(task.name) == task.points

    def write(self, task: Task, block: Block) -> None:
        """Keep what a task gave; when this returns, it is on disk.

        Parameters
        ----------
        task : Task
            Which one.
        block : Block
            Its arrays and failures.
        """
        self._folders[0].mkdir(exist_ok=True)
        path = self._folders[0] / (task.name + _ENDING)
        with whole_file(path) as file:
            np.savez(
                file,
                allow_pickle=False,
                **{
                    _PLAN: np.array(self.plan_digest),
                    _TASK: np.array(task.name),
                    _POINTS: np.array(task.points),
                    _ARRAYS: np.array(list(block.arrays)),
                    _FAILURES: np.array(json.dumps([asdict(one) for one in block.failures])),
                },
                **block.arrays,
            )
        self._paths[task.name] = path
        self._points[task.name] = task.points
        self._failures[task.name] = list(block.failures)
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
        with np.load(self._paths[task.name]) as block:
            names = [name for name in block.files if name not in _LABELS]
            return Block({name: block[name] for name in names}, self.failures(task))

    def outcomes(self, task: Task, posture: int) -> Floats:
        """Read the outcomes of a task under a posture.

        Parameters
        ----------
        task : Task
            Which one; it is finished.
        posture : int
            Number of the posture.

        Returns
        -------
        ndarray, shape (point, outcome, replicate)
            NaN where there is none.  Not to be changed.
        """
        key = (task.name, outcomes_name(posture))
        if key not in self._held:
            with np.load(self._paths[task.name]) as block:
                self._held[key] = block[key[1]]
            while (
                sum(one.nbytes for one in self._held.values()) > HELD_BLOCK_BYTES
                and len(self._held) > 1
            ):
                self._held.popitem(last=False)
        return self._held[key]

    def series(self, task: Task, kind: str, point: int, posture: int) -> Floats:
        """Read a long table of a task.

        Parameters
        ----------
        task : Task
            Which one; it is finished.
        kind : str
            ``timeseries``, ``states`` or ``dyads``.
        point, posture : int
            Their numbers.

        Returns
        -------
        ndarray
            As in :class:`regional_sim.engine.job.BatchResult`.
        """
        with np.load(self._paths[task.name]) as block:
            array: Floats = block[series_name(kind, point, posture)]
            return array

    def forget(self, paths: Iterable[Path]) -> None:
        """Delete blocks that are of no use."""
        for path in paths:
            path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete all blocks of the first folder."""
        if self._folders[0].is_dir():
            shutil.rmtree(self._folders[0])


def outcomes_name(posture: int) -> str:
    """Name the array of outcomes under a posture."""
    return f"outcomes_{posture}"


def series_name(kind: str, point: int, posture: int) -> str:
    """Name the array of a long table."""
    return f"{kind}_{point}_{posture}"


def _verified(path: Path) -> tuple[str, str, tuple[int, ...], list[Failure]]:
    """Read a block to its end, and return what it says of itself."""
    with zipfile.ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise zipfile.BadZipFile
    with np.load(path) as block:
        # A damaged list of contents can leave some out.
        if {*_LABELS, *block[_ARRAYS].tolist()} != set(block.files):
            raise zipfile.BadZipFile
        told: list[dict[str, Any]] = json.loads(str(block[_FAILURES]))
        points = tuple(block[_POINTS].tolist())
        return str(block[_PLAN]), str(block[_TASK]), points, [Failure(**one) for one in told]
