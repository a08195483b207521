"""Workers of a Dask cluster, joined or started here, and what is checked on them."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from queue import Empty, SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from regional_sim.engine.precompile import compile_all
from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Attempt, Task, job_of
from regional_sim.experiment.versions import package_digest, versions
from regional_sim.runner.serialised_job import deserialised, serialised
from regional_sim.runner.workers import WorkersLostError, attempt, leave_interrupts

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

SOURCES = "source code"
"""Under this name stands the digest of the package's sources, among the versions."""

_ONE_THREAD = Lock()


def dask_setup(_: object) -> None:
    """Prepare a worker on this machine; Dask calls it in a worker that loads this module first."""
    leave_interrupts()


@cache
def found() -> Mapping[str, str]:
    """Return the versions of this process, and the digest of its sources."""
    return {**versions(), SOURCES: package_digest()}


def version_differences(wanted: Mapping[str, str]) -> list[str]:
    """Say, a phrase each, which of the versions asked for by another process are not here."""
    return [
        f"{name} {found().get(name, 'is missing')} there, {version} here"
        for name, version in wanted.items()
        if found().get(name) != version
    ]


def refused(worker: str, told: list[str]) -> InputError:
    """Make the error that names a worker whose numbers could be others."""
    what = f"worker {worker} has other versions: {', '.join(told)}"
    return InputError(what, key="dask", hint="install the same ones on all workers")


def run_serialised(
    wanted: Mapping[str, str], engine: str, sent: bytes, first_only: bool
) -> Attempt:
    """Run a job on a worker, which may have joined only now and must have the versions asked for.

    Raises InputError where it has others, or cannot make the job.
    """
    from distributed import get_worker

    told = version_differences(wanted)
    if told:
        raise refused(get_worker().address, told)
    with _ONE_THREAD:
        _compile()
    return attempt(engine, deserialised(sent), first_only=first_only)


@cache
def _compile() -> None:
    """Fill the cache of this host; of its workers one does it, and the others wait."""
    compile_all()


LOCAL: Final = "local"
"""Stands for a cluster on this machine, which ends with the sweep."""

ADDRESS_FORM: Final = f"the address of a scheduler, such as tcp://10.0.0.1:8786, or {LOCAL}"

CLUSTER_PATIENCE_SECONDS: Final = 60.0
"""How long a scheduler is waited for, and then a worker, at the start and whenever none is left."""

MOST_EACH: Final = 2
"""Tasks that each thread of a worker has at hand: one, and the next."""

_SILENCE_SECONDS: Final = 30.0
"""How long a scheduler that has answered once may be silent."""

_LOOK_SECONDS: Final = 5.0


class Cluster:
    """Workers of a Dask cluster, which is joined when there is a first task.

    The address is that of a scheduler, such as ``tcp://10.0.0.1:8786``, or ``local``, for a cluster
    of so many worker processes on this machine.  With `first_only`, a task ends with the first run
    that fails.
    """

    def __init__(self, plan: Plan, address: str, workers: int, *, first_only: bool = False) -> None:
        self.plan = plan
        self.address = address
        self.workers = workers
        self.first_only = first_only
        self._stack = ExitStack()
        self._client: Client | None = None
        self._wanted: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def finished(self, tasks: Sequence[Task]) -> Generator[tuple[Task, Attempt]]:
        """Run tasks in the order in which they are given, and hand over each when it is finished.

        A task whose worker dies is run again by another one; so is one whose result dies with it.

        Raises
        ------
        InputError
            When Dask is not installed, no cluster answers, or its workers cannot run the plan.
        WorkersLostError
            When the scheduler ends, no worker is left, or those of a task die again and again.
        """
        if not tasks:
            return
        lost = _errors_of_lost_schedulers()
        try:
            client = self._joined()
            yield from self._finished(client, iter(tasks))
        except lost as error:
            what = "the Dask scheduler ended, or cannot be reached any more"
            raise WorkersLostError(what) from error

    def _joined(self) -> Client:
        if self._client is None:
            client = self._stack.enter_context(_client(self.address, self.workers))
            self._wanted = {**self.plan.versions, SOURCES: package_digest()}
            _refuse_other_versions(client, self._wanted)
            self._client = client
        return self._client

    def _finished(self, client: Client, tasks: Iterator[Task]) -> Iterator[tuple[Task, Attempt]]:
        """Keep a few tasks under way for each worker, and fetch one result at a time."""
        under_way: dict[Future[Attempt], Task] = {}
        finished: SimpleQueue[Future[Attempt]] = SimpleQueue()

        def hand_out() -> None:
            # Workers come and go.
            most = MOST_EACH * max(1, sum(client.nthreads().values()))
            while len(under_way) < most and (task := next(tasks, None)) is not None:
                future = self._submitted(client, task)
                under_way[future] = task
                future.add_done_callback(finished.put)

        hand_out()
        while under_way:
            future = _next(client, finished)
            task = under_way.pop(future)
            hand_out()
            yield task, _result(client, future, task)

    def _submitted(self, client: Client, task: Task) -> Future[Attempt]:
        return client.submit(
            run_serialised,
            self._wanted,
            self.plan.engine,
            serialised(job_of(self.plan, task)),
            self.first_only,
            # Of this sweep alone: another of the same plan may stop at failures, or have policies
            # of the same name and other code.
            key=(f"regional_sim-{client.id}", task.name),
            pure=False,
            # Tasks are begun in their order, also those that are handed out together.
            fifo_timeout=0,
        )


def _errors_of_lost_schedulers() -> tuple[type[BaseException], ...]:
    """Return what a client raises when it loses its scheduler."""
    try:
        from distributed import CancelledError
    except ImportError:
        what = "Dask is not installed"
        hint = "install regional_sim with its extra: pip install 'regional_sim[dask]'"
        raise InputError(what, key="dask", hint=hint) from None
    return (CancelledError, OSError)


def _next(client: Client, finished: SimpleQueue[Future[Attempt]]) -> Future[Attempt]:
    """Wait for a task to end, as long as there are workers."""
    alone = 0.0
    while alone < CLUSTER_PATIENCE_SECONDS:
        try:
            return finished.get(timeout=_LOOK_SECONDS)
        except Empty:
            alone = 0.0 if client.nthreads() else alone + _LOOK_SECONDS
    raise _no_worker()


def _result(client: Client, future: Future[Attempt], task: Task) -> Attempt:
    """Fetch what a task gave, and let the cluster forget it."""
    from distributed import KilledWorker

    try:
        return _fetched(client, future)
    except KilledWorker as error:
        what = (
            f"the workers that ran {task.name} ended unexpectedly, one after the other,"
            " perhaps for want of memory"
        )
        raise WorkersLostError(what) from error
    except ImportError as error:
        raise InputError(f"a worker cannot run the model: {error}", key="dask") from None
    finally:
        future.release()


def _fetched(client: Client, future: Future[Attempt]) -> Attempt:
    """Fetch a result; where its worker has ended, it is made again first."""
    patience = CLUSTER_PATIENCE_SECONDS
    while True:
        try:
            made: Attempt = future.result(timeout=patience)
        except TimeoutError:
            if not client.nthreads():
                raise _no_worker() from None
            # Fetching begins anew, which over a slow line must not happen for ever.
            patience *= 2
        else:
            return made


def _no_worker() -> WorkersLostError:
    return WorkersLostError(
        f"the cluster has had no worker for {CLUSTER_PATIENCE_SECONDS:g} seconds"
    )


@contextmanager
def _client(address: str, workers: int) -> Iterator[Client]:
    """Connect to a cluster, or start one here."""
    from distributed import Client

    if address == LOCAL:
        with (
            _local(workers) as cluster,
            _closing(Client(cluster, set_as_default=False)) as client,
        ):
            yield client
        return
    _refuse_silent(address)
    with _closing(Client(address, timeout=_SILENCE_SECONDS, set_as_default=False)) as client:
        yield client


def _local(workers: int) -> LocalCluster:
    """Start a cluster on this machine."""
    from distributed import LocalCluster

    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            # What a task takes is bounded, and a limit would not make it less.
            memory_limit=0,
            host="127.0.0.1",
            # No dashboard, and no port that two sweeps would quarrel about.
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            preload=[dask_setup.__module__],
            # Below that it tells of tasks that end with their worker, as after Ctrl-C.
            silence_logs=logging.ERROR,
        )
    except RuntimeError as error:
        what = f"no cluster could be started on this machine: {str(error).rstrip('.')}"
        hint = 'a script that does so needs the guard: if __name__ == "__main__":'
        raise InputError(what, key="dask", hint=hint) from error


@contextmanager
def _closing(client: Client) -> Iterator[Client]:
    """Close a client in the end, at which the cluster drops the client's tasks."""
    try:
        yield client
    finally:
        with suppress(OSError):
            client.close(timeout=_SILENCE_SECONDS)


def _refuse_silent(address: str) -> None:
    """Refuse an address at which no scheduler answers.

    A client waits without end where something else than Dask takes the connection.
    """
    from distributed.utils import LoopRunner

    runner = LoopRunner()
    runner.start()
    try:
        kind = runner.run_sync(_kind_at, address)
    except (OSError, ValueError, TypeError, AssertionError) as error:
        what = "no Dask scheduler answers"
        said = " ".join(str(error).split())
        raise InputError(
            what, key="dask", value=address, allowed=ADDRESS_FORM, hint=said or None
        ) from None
    finally:
        runner.stop()
    if kind != "Scheduler":
        what = f"this is the address of a {kind.lower()}, not of a scheduler"
        raise InputError(what, key="dask", value=address)


async def _kind_at(address: str) -> str:
    import asyncio

    from distributed import rpc

    async with asyncio.timeout(CLUSTER_PATIENCE_SECONDS):
        async with rpc(address, timeout=CLUSTER_PATIENCE_SECONDS) as server:
            kind: str = (await server.identity())["type"]
    return kind


def _refuse_other_versions(client: Client, wanted: Mapping[str, str]) -> None:
    """Refuse workers that are there already and whose numbers could be others."""
    try:
        client.wait_for_workers(1, timeout=CLUSTER_PATIENCE_SECONDS)
    except TimeoutError:
        what = f"the cluster has no worker after {CLUSTER_PATIENCE_SECONDS:g} seconds"
        raise InputError(what, key="dask") from None
    answers: dict[str, Any] = client.run(version_differences, wanted, on_error="return")
    for worker, told in sorted(answers.items()):
        if isinstance(told, OSError):
            # It has ended in between.
            continue
        if isinstance(told, Exception):
            raise InputError(f"worker {worker} cannot run the model: {told}", key="dask")
        if told:
            raise refused(worker, told)
