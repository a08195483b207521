"""The two engines by name, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from regional_sim.engine.job import BATCH_RUNS, BatchJob, BatchResult, Driver
from regional_sim.errors import UnknownNameError


@dataclass(frozen=True)
class Engine:
    """How an engine is driven.

    Attributes
    ----------
    name : str
        Name in plans and on the command line.
    task_replicates : int
        Most replicates of a task, unless memory asks for fewer.
    task_runs : int
        About the runs of a task, all postures counted, where points have fewer replicates.
    at_once : int
        Most runs that it holds in memory at a time, under each posture.
    shares_spin_up : bool
        Whether the months before the onset of the posture are run once for all postures.
    in_processes : bool
        Whether workers are processes; threads do where compiled code releases the interpreter.
    load : callable
        Imports the engine and returns what runs a job.
    """

    name: str
    task_replicates: int
    task_runs: int
    at_once: int
    shares_spin_up: bool
    in_processes: bool
    load: Callable[[], Driver]


def _ensemble() -> Driver:
    from regional_sim.engine.ensemble import run_batch

    return run_batch


def _mesa() -> Driver:
    from regional_sim.mesa_model import run_batch

    return run_batch


ENGINES: Final = {
    engine.name: engine
    for engine in (
        Engine(
            "ensemble",
            task_replicates=128,
            task_runs=512,
            at_once=BATCH_RUNS,
            shares_spin_up=True,
            in_processes=False,
            load=_ensemble,
        ),
        Engine(
            "mesa",
            task_replicates=2,
            task_runs=4,
            at_once=1,
            shares_spin_up=False,
            in_processes=True,
            load=_mesa,
        ),
    )
}
"""Every engine by its name; both give the same bits."""


def engine_of(name: str) -> Engine:
    """Look an engine up by its name."""
    if name not in ENGINES:
        raise UnknownNameError("engine", name, ENGINES, key="engine")
    return ENGINES[name]


def run_job(engine: str, job: BatchJob) -> list[list[BatchResult]]:
    """Run a job with the engine of a name: results by case and posture."""
    return engine_of(engine).load()(job)
