"""Finished blocks on disk, until they are merged into tables.

A block is one file, written whole or not at all, that names the plan it belongs to; what it holds
is read back array by array, and the file format checks every array's sum.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.experiment.storage import whole_file
from regional_sim.experiment.tasks import Task
from regional_sim.world.job import BlockResult
from regional_sim.world.layout import Floats

FOLDER: Final = "blocks"

_PLAN: Final = "plan"


class BlockStore:
    """The blocks of a result folder.

    Parameters
    ----------
    folder : Path
        The result folder.
    plan_digest : str
        Identifies the plan; blocks of other plans count as absent.
    """

    def __init__(self, folder: Path, plan_digest: str) -> None:
        self.folder = folder / FOLDER
        self.plan_digest = plan_digest

    def path_of(self, task: Task) -> Path:
        """Return the file of a block; its name says which runs it holds."""
        points = f"points_{task.first_point}_{task.points[-1]}"
        last = task.first_replicate + task.n_replicates - 1
        return self.folder / f"{points}_replicates_{task.first_replicate}_{last}.npz"

    def write(self, task: Task, results: Sequence[Sequence[BlockResult]]) -> None:
        """Keep a block.

        Parameters
        ----------
        task : Task
            Which one.
        results : sequence of sequence of BlockResult
            By point and posture.
        """
        self.folder.mkdir(exist_ok=True)
        arrays = {
            f"{field.name}_{point}_{posture}": array
            for point, of_point in zip(task.points, results, strict=True)
            for posture, result in enumerate(of_point)
            for field in fields(result)
            if (array := getattr(result, field.name)) is not None
        }
        with whole_file(self.path_of(task)) as file:
            np.savez(file, allow_pickle=False, **{_PLAN: np.array(self.plan_digest), **arrays})

    def has(self, task: Task) -> bool:
        """Tell whether a block of this plan is there."""
        path = self.path_of(task)
        if not path.is_file():
            return False
        with np.load(path) as block:
            return str(block[_PLAN]) == self.plan_digest

    def read(self, task: Task, point: int, posture: int, kind: str) -> Floats:
        """Read one array of a block.

        Parameters
        ----------
        task : Task
            Which block.
        point : int
            Number of the point.
        posture : int
            Number of the posture.
        kind : str
            Name of a field of :class:`BlockResult`.

        Returns
        -------
        ndarray
            As the engine gave it.
        """
        with np.load(self.path_of(task)) as block:
            array: Floats = block[f"{kind}_{point}_{posture}"]
            return array

    def remove(self) -> None:
        """Delete all blocks."""
        if self.folder.is_dir():
            shutil.rmtree(self.folder)
