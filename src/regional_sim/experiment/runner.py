"""Running an experiment: plan, blocks on disk, tables, manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final, Protocol

from regional_sim.errors import InputError, RegionalSimError
from regional_sim.experiment.blocks import BlockStore
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.folder import MANIFEST, PLAN, prepare
from regional_sim.experiment.manifest import manifest_of, now
from regional_sim.experiment.merge import merge
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.pool import finished_blocks
from regional_sim.experiment.storage import write_json
from regional_sim.experiment.summaries import write_dictionary, write_summaries
from regional_sim.experiment.tasks import Task, tasks_of
from regional_sim.world.compiling import compile_all

MOST_WORKERS: Final = 1024


class RunInterruptedError(RegionalSimError):
    """The user stopped a run; what had been finished is kept, but no manifest is written."""

    exit_code: ClassVar[int] = 130


class Progress(Protocol):
    """What is told of progress."""

    def __call__(self, done_runs: int, total_runs: int) -> None:
        """Take the runs that are done, and all runs."""


def execute(
    experiment: Experiment,
    folder: str | Path,
    *,
    engine: str = "ensemble",
    workers: int = 1,
    tables: Iterable[str] | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Run an experiment and write all its tables.

    Parameters
    ----------
    experiment : Experiment
        What to run.
    folder : str or Path
        Result folder, made where it is missing.
    engine : str
        ``ensemble`` or ``mesa``; both give the same numbers.
    workers : int
        Threads (ensemble) or processes (mesa); no number depends on it.
    tables : iterable of str, optional
        Tables of single runs; None: those that the experiment names.
    force : bool
        Replace a result that the folder holds.
    progress : callable, optional
        Told the runs that are done and all runs.

    Returns
    -------
    Path
        The result folder.

    Raises
    ------
    InputError
        When something asked for does not exist, or the folder is taken.
    RunInterruptedError
        When the user stops it.
    """
    _check_workers(workers)
    plan = Plan.of(experiment, engine, tables)
    path = Path(folder)
    prepare(path, force=force)
    try:
        _run(plan, path, workers, progress)
    except KeyboardInterrupt:
        what = f"interrupted; {path} holds no complete result: start again with --force"
        raise RunInterruptedError(what) from None
    return path


def _run(plan: Plan, folder: Path, workers: int, progress: Progress | None) -> None:
    started = now()
    write_json(folder / PLAN, plan.mapping())
    store = BlockStore(folder, plan.digest)
    tasks = list(tasks_of(plan))
    _run_blocks(plan, tasks, store, workers, progress)
    rows = merge(plan, tasks, store, folder) | write_summaries(plan, folder)
    described = [*rows, "data_dictionary"]
    rows["data_dictionary"] = write_dictionary(plan, described, folder)
    write_json(folder / MANIFEST, manifest_of(plan, folder, rows, started, workers))
    store.remove()


def _run_blocks(
    plan: Plan, tasks: list[Task], store: BlockStore, workers: int, progress: Progress | None
) -> None:
    """Run all tasks, and put each on disk as soon as it is finished.

    The model is compiled before: by several processes at once, and not by each worker for itself.
    """
    total, n_postures = plan.experiment.n_runs, len(plan.experiment.postures)
    done = 0
    if progress is not None:
        progress(done, total)
    compile_all()
    for task, results in finished_blocks(plan, iter(tasks), workers):
        store.write(task, results)
        # Not held while the next block runs.
        del results
        done += task.n_points * task.n_replicates * n_postures
        if progress is not None:
            progress(done, total)


def _check_workers(workers: object) -> None:
    whole = isinstance(workers, int) and not isinstance(workers, bool)
    if not (whole and 1 <= workers <= MOST_WORKERS):  # type: ignore[operator]
        allowed = f"a whole number from 1 to {MOST_WORKERS}"
        raise InputError("not a number of workers", key="workers", value=workers, allowed=allowed)
