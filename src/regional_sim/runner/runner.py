"""Running again the runs that failed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from regional_sim.engine.job import BatchResult, Case
from regional_sim.engine.precompile import compile_all
from regional_sim.errors import ABSENT, InputError, RegionalSimError, shown
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.plan import Plan, plan_differences
from regional_sim.experiment.tasks import Failure, Finished, Shard, Task, job_of
from regional_sim.results.blocks import (
    Block,
    BlockStore,
    OutcomePlaces,
    block_of,
    failures_of,
    long_arrays,
    outcomes_name,
)
from regional_sim.results.folder import (
    BLOCKS,
    MANIFEST,
    PLAN,
    SHARD,
    StorageError,
    clear_folder,
    folder_lock,
    is_empty,
    read_json,
    refusal,
    write_json,
)
from regional_sim.results.manifest import Session, manifest_of
from regional_sim.results.point_tables import write_tables
from regional_sim.results.run_tables import failures_in, write_failures
from regional_sim.runner.options import RunOptions
from regional_sim.runner.schedule import Schedule
from regional_sim.runner.workers import (
    Finishing,
    RunFailedError,
    WorkersLostError,
    attempt,
    finished_tasks,
)
from regional_sim.scenario import Scenario
from regional_sim.scenario.scenario import digest_of


def retried(plan: Plan, task: Task, block: Block) -> Block:
    """Run the failed runs of a block again.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        The task of the block.
    block : Block
        As it was read.

    Returns
    -------
    Block
        With the numbers of runs that succeed now, and the failures of those that do not.
    """
    arrays = {name: array.copy() for name, array in block.arrays.items()}
    failures: list[Failure] = []
    for failure in block.failures:
        scenario, result, again = _single(plan, failure)
        if again is not None:
            failures.append(again)
            continue
        places = OutcomePlaces.of(plan, scenario)
        at, run = task.points.index(failure.point), failure.replicate - task.first_replicate
        arrays[outcomes_name(failure.posture)][at, :, run] = places.pick(result)[:, 0]
        for name, of_run in long_arrays(result, failure.point, failure.posture).items():
            arrays[name][..., run] = of_run[..., 0]
    return Block(arrays, failures)


def _single(plan: Plan, failure: Failure) -> tuple[Scenario, BatchResult, Failure | None]:
    """Run a single run; tell its world, what it gave, and whether it failed again."""
    job = job_of(plan, Task((failure.point,), failure.replicate, 1))
    case = job.cases[0]
    one = Case(case.scenario, [case.postures[failure.posture]])
    made = attempt(plan.engine, replace(job, cases=[one]))
    again = [
        replace(failed, point=failure.point, posture=failure.posture) for failed in made.failures
    ]
    return case.scenario, made.results[0][0], again[0] if again else None


_DIFFERENCES_SHOWN: Final = 3


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
    **manner: Any,
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
    tables : iterable of str, optional
        Tables of single runs; None: those that the experiment names.
    long_format : str
        ``csv`` or ``parquet``: of the long tables; the others are CSV.
    **manner
        As in :class:`RunOptions`.

    Returns
    -------
    Path
        The result folder.

    Raises
    ------
    InputError
        When something asked for does not exist, or the folder is taken or holds something else.
    RunFailedError
        When a run fails and the sweep was to stop at that.
    RunInterruptedError
        When the user stops it.
    StorageError
        When something cannot be written.
    """
    how = RunOptions(**manner)
    path = Path(folder)
    try:
        plan = Plan.of(experiment, engine, tables, long_format)
        with folder_lock(path):
            _Sweep(plan, path, how).run()
    except KeyboardInterrupt:
        what = f"interrupted before anything was run; what {path} holds is as it was"
        raise RunInterruptedError(what) from None
    return path


def _is_finished(folder: Path, plan: Plan, how: RunOptions) -> bool:
    """Tell whether a folder to go on with has all there is to do; refuse it if it is another's."""
    if is_empty(folder):
        return False
    reason = refusal(folder)
    if reason is not None:
        raise reason
    _refuse_other(folder, plan, how.shard)
    manifest = read_json(folder / MANIFEST)
    if manifest is None:
        return False
    if manifest.get("partial"):
        what = "the folder holds tables of an unfinished sweep, made by merge --partial"
        raise InputError(what, where=str(folder), hint="go on with the folders that were merged")
    if not all((folder / entry["file"]).is_file() for entry in manifest["tables"].values()):
        (folder / MANIFEST).unlink()
        return False
    if how.retry_failed and manifest.get("failures"):
        _refuse_without_blocks(folder)
        (folder / MANIFEST).unlink()
        return False
    undone = "to resume" if how.resume else "to retry: no run failed"
    how.notice(f"{folder} is finished: nothing {undone}")
    # A process that died in between may have left them.
    if not manifest.get("failures") and how.shard.is_whole:
        BlockStore(plan.digest, folder).remove()
    return True


def _refuse_without_blocks(folder: Path) -> None:
    """Refuse to try failed runs again where the other runs are not there to be kept."""
    if not (folder / BLOCKS).is_dir():
        what = "the blocks of this result stand elsewhere, as it was merged"
        hint = "try again in the folders of the shards (--retry-failed), then merge them"
        raise InputError(what, where=str(folder), hint=hint)


def _refuse_other(folder: Path, plan: Plan, shard: Shard) -> None:
    """Refuse to go on with a folder that is of another plan or shard."""
    mapping = read_json(folder / PLAN) or {}
    where = str(folder / PLAN)
    if digest_of(mapping) != plan.digest:
        found = [
            f"{one.path}: {_side(one.a)} there, {_side(one.b)} now"
            for one in plan_differences(mapping, plan.mapping())
        ]
        more = len(found) - _DIFFERENCES_SHOWN
        told = "; ".join(found[:_DIFFERENCES_SHOWN]) or "its worlds come out differently now"
        told += f"; and {more} more" if more > 0 else ""
        what = f"the folder is of another sweep ({told})"
        raise InputError(what, where=where, hint="name another folder, or replace it (--force)")
    told_shard = str((read_json(folder / SHARD) or {}).get("shard", Shard()))
    if told_shard != str(shard):
        what = f"the folder holds shard {told_shard}, not {shard}"
        raise InputError(what, where=str(folder), hint="give each shard a folder of its own")


def _side(value: object) -> str:
    return "nothing" if value is ABSENT else shown(value)


class _Sweep:
    """A sweep under way, in a folder that is held."""

    def __init__(self, plan: Plan, folder: Path, how: RunOptions) -> None:
        self.plan = plan
        self.folder = folder
        self.how = how
        self.store = BlockStore(plan.digest, folder)
        self.schedule = Schedule(plan, how.shard)
        self.session = Session(how.workers, how.dask, how.shard)
        self.done = 0
        self.total = self.schedule.most_runs

    def run(self) -> None:
        try:
            if not (self.how.goes_on and _is_finished(self.folder, self.plan, self.how)):
                self._begin()
                self._run_rounds()
                self._end()
        except KeyboardInterrupt:
            raise RunInterruptedError(f"interrupted: {self._kept()}") from None
        except WorkersLostError as error:
            raise WorkersLostError(f"{error}; {self._kept()}") from error
        except OSError as error:
            raise StorageError.of(error, self.folder, self._kept()) from error

    def _kept(self) -> str:
        """Say what is not lost, and how to go on."""
        if self.how.temporary:
            return "nothing is kept without a folder (out)"
        return (
            f"{self.done} of {self.total} runs are finished and kept in {self.folder};"
            " the same command with --resume goes on"
        )

    def _begin(self) -> None:
        if not self.how.goes_on:
            clear_folder(self.folder, force=self.how.force)
        if is_empty(self.folder):
            self._write_plan()
        self.store.find()
        for path in self.store.damaged:
            self.how.notice(f"{path}: this block is damaged; its runs are made again")
        self.store.forget(self.store.damaged)

    def _write_plan(self) -> None:
        """Say what the folder is of; the plan last, for with it the folder is taken."""
        if self.how.shard.is_whole:
            (self.folder / SHARD).unlink(missing_ok=True)
        else:
            write_json(self.folder / SHARD, {"shard": str(self.how.shard)})
        write_json(self.folder / PLAN, self.plan.mapping())

    def _run_rounds(self) -> None:
        """Run what is to be run, round by round."""
        with self._workers() as finished:
            for tasks in self.schedule.rounds(self.store):
                self.total = self.schedule.most_runs
                found = [task for task in tasks if self.store.has(task)]
                self.session.tasks += len(tasks)
                self.session.found += len(found)
                self.done += sum(map(self._runs_of, found))
                self._tell()
                for task in found:
                    self._retry(task)
                self._tell_of_failures(found)
                known = set(found)
                missing = [task for task in tasks if task not in known]
                if missing:
                    # By several processes at once, and not by each worker.
                    compile_all()
                # Closed at once where the sweep ends early, so that no worker outlasts it.
                with closing(finished(missing)) as those:
                    self._keep(those)

    def _keep(self, finished: Finishing) -> None:
        """Put each task on disk as soon as it is finished."""
        for task, made in finished:
            if made.failures and self.how.stops:
                raise self._stopped(failures_of(task, made)[0])
            self.store.write(task, block_of(self.plan, task, made))
            # Not held while the next task runs.
            del made
            self.done += self._runs_of(task)
            self._tell()

    @contextmanager
    def _workers(self) -> Iterator[Callable[[list[Task]], Finishing]]:
        """Lend workers, as a function that hands over tasks as they are finished."""
        how = self.how
        if how.dask is None:
            yield partial(finished_tasks, self.plan, workers=how.workers, first_only=how.stops)
            return
        from regional_sim.runner.dask import Cluster

        with Cluster(self.plan, how.dask, how.workers, first_only=how.stops) as cluster:
            yield cluster.finished

    def _tell_of_failures(self, found: Sequence[Task]) -> None:
        """Say that runs failed before, which going on alone does not change."""
        n_failed = self.store.n_failures(found)
        if n_failed and not self.how.retry_failed:
            again = "--retry-failed runs them again"
            self.how.notice(f"{n_failed} runs failed before and are left out; {again}")

    def _retry(self, task: Task) -> None:
        if self.how.retry_failed and self.store.failures(task):
            self.store.write(task, retried(self.plan, task, self.store.read(task)))

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

    def _runs_of(self, task: Task) -> int:
        return task.n_cells * len(self.plan.experiment.postures)

    def _tell(self) -> None:
        if self.how.progress is not None:
            self.how.progress(self.done, self.total)

    def _end(self) -> None:
        """Write tables and manifest; a shard's tables are written when it is merged."""
        tasks = self.schedule.tasks
        finished = Finished(self.plan, tasks)
        whole = self.how.shard.is_whole
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
