"""Small sweeps for tests of what happens when one ends early."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from regional_sim.experiment import Experiment, experiment_from_mapping, tasks
from regional_sim.experiment.experiment import TABLES
from regional_sim.model.instruments import Instrument
from regional_sim.postures import Policy
from regional_sim.postures.registry import POLICIES
from regional_sim.runner.runner import RunInterruptedError, execute

SMALL: dict[str, Any] = {
    "scenario": "two_states",
    "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
    "seed": 5,
    "replicates": 8,
    "postures": ["traditional", "new_approach"],
    "design": {"kind": "grid", "factors": {"parameters.incident_scale": [0.0, 1.0, 4.0]}},
    "tables": list(TABLES),
}
N_TASKS = 12
"""Tasks of SMALL when it is cut finely."""

RULE: dict[str, Any] = {
    "at_least": 4,
    "at_most": 16,
    "batch": 4,
    "until": {"metric": "tension", "half_width": 0.03},
}
"""Lets the points of SMALL stop after different numbers of replicates."""

INTERRUPTED = {130, -signal.SIGINT}
"""How an interrupted program ends; a shell reports 130 in both cases.  Python ends itself by the
signal where that came while a library was in `exec`."""

MENDED = "REGIONAL_SIM_TESTS_MENDED"
"""While this is set in the environment, no policy below fails; processes see it too."""


def small(**changes: Any) -> Experiment:
    return experiment_from_mapping(SMALL | changes)


@contextlib.contextmanager
def finely_cut(replicates: int = 2, points: int = 1) -> Iterator[None]:
    """Cut sweeps into tasks of a few runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "task_replicates", lambda _: replicates)
        patch.setattr(tasks, "_task_points", lambda *_: points)
        yield


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a result but the manifest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def interrupted(experiment: Experiment, folder: Path, after_runs: int, **manner: Any) -> Path:
    """Run a part of a sweep, and stop as a user does."""

    def stop(done_runs: int, total_runs: int) -> None:
        if done_runs >= after_runs:
            raise KeyboardInterrupt

    with pytest.raises(RunInterruptedError):
        execute(experiment, folder, progress=stop, **manner)
    return folder


# ---------------------------------------------------------------- policies that fail


@dataclass(frozen=True)
class Brittle(Policy):
    """Fails in runs where tension was high."""

    name: ClassVar[str] = "brittle"
    rule: ClassVar[str] = "Fail where tension was above a limit."
    reference: ClassVar[str] = "For tests."
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    limit: float = 2.0

    def targets(self, _month, observed):
        is_bad = observed.months > 0 and np.any(observed.last("tension") > self.limit)
        if is_bad and MENDED not in os.environ:
            raise ArithmeticError("tension is\nabove the limit, so nothing is known")
        return {Instrument.joint_patrols: 0.5}


@dataclass(frozen=True)
class Shapeless(Policy):
    """Returns as many targets as no block has runs."""

    name: ClassVar[str] = "shapeless"
    rule: ClassVar[str] = "Give a hundred thousand targets."
    reference: ClassVar[str] = "For tests."

    def targets(self, _month, _observed):
        return {Instrument.joint_patrols: np.full(100_000, 0.5)}


@dataclass(frozen=True)
class NoNumber(Policy):
    """Returns what is no number."""

    name: ClassVar[str] = "no_number"
    rule: ClassVar[str] = "Give NaN."
    reference: ClassVar[str] = "For tests."

    def targets(self, _month, _observed):
        return {Instrument.joint_patrols: float("nan")}


@dataclass(frozen=True)
class Garbled(Policy):
    """Fails with a message that no file can hold."""

    name: ClassVar[str] = "garbled"
    rule: ClassVar[str] = "Fail, and name a file whose name is no text."
    reference: ClassVar[str] = "For tests."

    def targets(self, _month, _observed):
        raise ValueError("there is no \udcff")


@dataclass(frozen=True)
class Greedy(Policy):
    """Wants more memory than there is."""

    name: ClassVar[str] = "greedy"
    rule: ClassVar[str] = "Run out of memory."
    reference: ClassVar[str] = "For tests."

    def targets(self, _month, _observed):
        raise MemoryError


FAILING = (Brittle, Shapeless, NoNumber, Garbled, Greedy)


@contextlib.contextmanager
def registered() -> Iterator[None]:
    """Register the policies above for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for policy in FAILING:
            patch.setitem(POLICIES, policy.name, policy)
        yield
