"""Runs a plan: tasks to workers, what they give to disk, and tables of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from regional_sim.engine.job import Case
from regional_sim.engine.precompile import compile_all
from regional_sim.errors import ABSENT, InputError, RegionalSimError, shown
from regional_sim.experiment.differences import plan_differences
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.plan import Plan, other_version
from regional_sim.experiment.tasks import Attempt, Failure, Finished, Shard, Task, job_of
from regional_sim.results.blocks import (
    Block,
    BlockStore,
    OutcomePlaces,
    block_of,
    failures_of,
    long_arrays,
    outcomes_name,
)
from regional_sim.results.claim import clear_folder, folder_lock, is_empty, refusal
from regional_sim.results.folder import (
    BLOCKS,
    MANIFEST,
    PLAN,
    SHARD,
    Session,
    StorageError,
    manifest_of,
    read_manifest,
    read_plan,
    read_shard,
    write_json,
)
from regional_sim.results.point_tables import write_tables
from regional_sim.results.run_tables import failures_in, write_failures
from regional_sim.runner.estimate import planned
from regional_sim.runner.options import RunOptions
from regional_sim.runner.task_schedule import Schedule
from regional_sim.runner.workers import (
    Finishing,
    RunFailedError,
    WorkersLostError,
    attempt,
    finished_tasks,
)
from regional_sim.scenario import digest_of

_DIFFERENCES_SHOWN: Final = 3
_OF_VERSIONS: Final = "versions."


class RunInterruptedError(RegionalSimError):
    """The user stopped a run; what had been finished is kept, but no manifest is written."""

    exit_code: ClassVar[int] = 130


def execute(
    experiment: Experiment,
    folder: str | Path,
    *,
    engine: str = "ensemble",
    tables: Iterable[str] | None = None,
    long_format: str = "csv",
    **options: Any,
) -> Path:
    """Plan an experiment and run it into a folder, which is returned.

    The options are those of :class:`RunOptions`; raises what :func:`planned` and :func:`run_plan`
    do.
    """
    how = RunOptions(**options)
    path = Path(folder)
    try:
        plan = planned(experiment, engine, tables, long_format)
    except KeyboardInterrupt:
        what = f"interrupted before anything was run; what {path} holds is as it was"
        raise RunInterruptedError(what) from None
    run_plan(plan, path, how)
    return path


def run_plan(plan: Plan, folder: Path, options: RunOptions) -> None:
    """Run a plan and write all its tables into a folder, made where it is missing.

    Raises
    ------
    InputError
        When the folder is taken or holds something else.
    RunFailedError
        When a run fails and the sweep was to stop at that.
    RunInterruptedError
        When the user stops it.
    WorkersLostError
        When workers end unexpectedly.
    StorageError
        When something cannot be written.
    """
    sweep = _Sweep(plan, folder, options)
    with folder_lock(folder, options.notice), sweep.saying_what_is_kept():
        if options.goes_on and _is_finished(plan, folder, options):
            return
        sweep.begin()
        with _workers(plan, options) as finished:
            for tasks in sweep.schedule.rounds(sweep.store):
                # Closed at once where the sweep ends early, so that no worker outlasts it.
                with closing(finished(sweep.take_up(tasks))) as under_way:
                    for task, made in under_way:
                        sweep.keep(task, made)
                        # Not held while the next task runs.
                        del made
        sweep.end()


@contextmanager
def _workers(plan: Plan, options: RunOptions) -> Iterator[Callable[[list[Task]], Finishing]]:
    """Lend workers, as a function that hands over tasks as they are finished."""
    if options.dask is None:
        yield partial(finished_tasks, plan, workers=options.workers, first_only=options.stops)
        return
    from regional_sim.runner.dask import Cluster

    with Cluster(plan, options.dask, options.workers, first_only=options.stops) as cluster:
        yield cluster.finished


class _Sweep:
    """A sweep under way, in a folder that is held."""

    def __init__(self, plan: Plan, folder: Path, options: RunOptions) -> None:
        self.plan = plan
        self.folder = folder
        self.options = options
        self.store = BlockStore(plan.digest, folder)
        self.schedule = Schedule(plan, options.shard)
        self.session = Session(options.workers, options.dask, options.shard)
        self.done = 0
        self.total = self.schedule.most_runs

    @contextmanager
    def saying_what_is_kept(self) -> Iterator[None]:
        """Add to errors that end the sweep what is not lost, and how to go on."""
        try:
            yield
        except KeyboardInterrupt:
            raise RunInterruptedError(f"interrupted: {self._kept()}") from None
        except WorkersLostError as error:
            raise WorkersLostError(f"{error}; {self._kept()}") from error
        except OSError as error:
            raise StorageError.of(error, self.folder, self._kept()) from error

    def begin(self) -> None:
        """Take the folder, or find what it already holds of the sweep."""
        begins = not self.options.goes_on
        if begins:
            clear_folder(self.folder, force=self.options.force, notice=self.options.notice)
        if begins or is_empty(self.folder):
            self._write_plan()
        self.store.find()
        for path in self.store.damaged:
            self.options.notice(f"{path}: this block is damaged; its runs are made again")
        self.store.forget(self.store.damaged)

    def take_up(self, tasks: list[Task]) -> list[Task]:
        """Count a round of tasks, try failed runs again if asked to, and return what is missing."""
        found = [task for task in tasks if self.store.has(task)]
        self.total = self.schedule.most_runs
        self.session.tasks += len(tasks)
        self.session.found += len(found)
        self.done += sum(map(self._runs_of, found))
        self._tell()
        n_failed = self.store.n_failures(found)
        if n_failed and not self.options.retry_failed:
            again = "--retry-failed runs them again"
            self.options.notice(f"{n_failed} runs failed before and are left out; {again}")
        elif n_failed:
            for task in filter(self.store.failures, found):
                self.store.write(task, _retried(self.plan, task, self.store.read(task)))
        missing = [task for task in tasks if not self.store.has(task)]
        if missing:
            # By several processes at once, and not by each worker.
            compile_all()
        return missing

    def keep(self, task: Task, made: Attempt) -> None:
        """Put a task on disk as soon as it is finished."""
        if made.failures and self.options.stops:
            raise self._stopped(failures_of(task, made)[0])
        self.store.write(task, block_of(self.plan, task, made))
        self.done += self._runs_of(task)
        self._tell()

    def end(self) -> None:
        """Write tables and manifest; a shard's tables are written when it is merged."""
        tasks = self.schedule.tasks
        finished = Finished(self.plan, tasks)
        whole = self.options.shard.is_whole
        if whole:
            rows = write_tables(self.plan, finished, self.store, self.folder)
        else:
            write_failures(self.plan, failures_in(finished, self.store), self.folder)
            rows = {}
        counts = {"n_runs": finished.n_runs, "n_failures": self.store.n_failures(tasks)}
        manifest = manifest_of(self.plan, self.folder, rows, self.session, **counts)
        write_json(self.folder / MANIFEST, manifest)
        # A shard is yet to be merged, and runs that failed may be tried again.
        if whole and not counts["n_failures"]:
            self.store.remove()

    def _write_plan(self) -> None:
        """Say what the folder is of; the plan last, for with it the folder is taken."""
        if self.options.shard.is_whole:
            (self.folder / SHARD).unlink(missing_ok=True)
        else:
            write_json(self.folder / SHARD, {"shard": str(self.options.shard)})
        write_json(self.folder / PLAN, self.plan.mapping())

    def _stopped(self, failure: Failure) -> RunFailedError:
        """Write down the run that failed, and make the error that names it."""
        write_failures(self.plan, [failure], self.folder)
        posture = self.plan.experiment.labels[failure.posture]
        factors = self.plan.experiment.points[failure.point].factors
        at = "".join(f", {path} = {shown(level)}" for path, level in factors.items())
        return RunFailedError(
            f"replicate {failure.replicate} of posture {posture} at point {failure.point}{at}"
            f" failed: {failure.error}: {failure.message} ({failure.where}); {self._kept()},"
            " and --on-error continue leaves such runs out"
        )

    def _kept(self) -> str:
        if self.options.temporary:
            return "nothing is kept without a folder (out)"
        if not self.folder.exists():
            return f"{self.folder} was deleted meanwhile, and no run is kept"
        n_gone = len(self.store.gone())
        if n_gone:
            what = f"{n_gone} finished blocks in {self.folder / BLOCKS} were deleted meanwhile"
            return f"{what}; the same command with --resume runs them again, and goes on"
        return (
            f"{self.done} of {self.total} runs are finished and kept in {self.folder};"
            " the same command with --resume goes on"
        )

    def _runs_of(self, task: Task) -> int:
        return task.n_cells * len(self.plan.experiment.postures)

    def _tell(self) -> None:
        if self.options.progress is not None:
            self.options.progress(self.done, self.total)


# ------------------------------------------------------------- going on with a folder


def _is_finished(plan: Plan, folder: Path, options: RunOptions) -> bool:
    """Tell whether a folder to go on with has all there is to do; refuse it if it is another's."""
    if is_empty(folder):
        return False
    reason = refusal(folder)
    if reason is not None:
        raise reason
    _refuse_other(plan, folder, options.shard)
    manifest = read_manifest(folder)
    if manifest is None:
        return False
    if manifest.get("partial"):
        what = "the folder holds tables of an unfinished sweep, made by merge --partial"
        raise InputError(what, where=str(folder), hint="go on with the folders that were merged")
    if not all((folder / entry["file"]).is_file() for entry in manifest["tables"].values()):
        (folder / MANIFEST).unlink()
        return False
    if options.retry_failed and manifest.get("failures"):
        if not (folder / BLOCKS).is_dir():
            what = "the blocks of this result stand elsewhere, as it was merged"
            hint = "try again in the folders of the shards (--retry-failed), then merge them"
            raise InputError(what, where=str(folder), hint=hint)
        (folder / MANIFEST).unlink()
        return False
    undone = "to resume" if options.resume else "to retry: no run failed"
    options.notice(f"{folder} is finished: nothing {undone}")
    # A process that died in between may have left them.
    if not manifest.get("failures") and options.shard.is_whole:
        BlockStore(plan.digest, folder).remove()
    return True


def _refuse_other(plan: Plan, folder: Path, shard: Shard) -> None:
    """Refuse to go on with a folder that is of another plan, version or shard."""
    mapping = read_plan(folder) or {}
    if digest_of(mapping) != plan.digest:
        raise _other_sweep(plan, mapping, str(folder / PLAN))
    told_shard = read_shard(folder) or Shard()
    if told_shard != shard:
        what = f"the folder holds shard {told_shard}, not {shard}"
        raise InputError(what, where=str(folder), hint="give each shard a folder of its own")


def _other_sweep(plan: Plan, mapping: dict[str, Any], where: str) -> InputError:
    """Say in what the sweep of a folder is another one, and which version began it."""
    changes = plan_differences(mapping, plan.mapping())
    of_question = [one for one in changes if not one.path.startswith(_OF_VERSIONS)]
    found = [
        f"{one.path.removeprefix(_OF_VERSIONS)}: {_side(one.a)} there, {_side(one.b)} now"
        for one in of_question or changes
    ]
    more = len(found) - _DIFFERENCES_SHOWN
    told = "; ".join(found[:_DIFFERENCES_SHOWN]) or "its worlds come out differently now"
    told += f"; and {more} more" if more > 0 else ""
    hint = "name another folder, or replace it (--force)"
    if changes and not of_question:
        what = f"the sweep in this folder was begun with other versions ({told})"
        return InputError(what, where=where, hint=f"go on with those, {hint}")
    version = other_version(mapping)
    what = f"the folder is of another sweep ({told})"
    return InputError(what, where=where, hint=hint if version is None else f"{version}; {hint}")


def _side(value: object) -> str:
    return "nothing" if value is ABSENT else shown(value)


def _retried(plan: Plan, task: Task, block: Block) -> Block:
    """Run the failed runs of a block again, and nothing else.

    Numbers of runs that succeed now go into a copy of the block; those that fail again stay failed.
    """
    arrays = {name: array.copy() for name, array in block.arrays.items()}
    failures: list[Failure] = []
    for failure in block.failures:
        job = job_of(plan, Task((failure.point,), failure.replicate, 1))
        scenario, policy = job.cases[0].scenario, job.cases[0].postures[failure.posture]
        made = attempt(plan.engine, replace(job, cases=[Case(scenario, [policy])]))
        if made.failures:
            (again,) = made.failures
            failures.append(replace(again, point=failure.point, posture=failure.posture))
            continue
        result = made.results[0][0]
        at, run = task.points.index(failure.point), failure.replicate - task.first_replicate
        outcomes = OutcomePlaces.of(plan, failure.point).pick(result)
        arrays[outcomes_name(failure.posture)][at, :, run] = outcomes[:, 0]
        for name, of_run in long_arrays(result, failure.point, failure.posture).items():
            arrays[name][..., run] = of_run[..., 0]
    return Block(arrays, failures)
