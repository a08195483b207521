"""Workers of a Dask cluster: they run tasks, and write nothing."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self

from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.cluster_worker import (
    SOURCES,
    dask_setup,
    refused,
    run_parcel,
    version_differences,
)
from regional_sim.experiment.running.failures import Attempt
from regional_sim.experiment.running.parcel import packed
from regional_sim.experiment.running.pool import WorkersLostError
from regional_sim.experiment.running.tasks import Task, job_of
from regional_sim.experiment.versions import package_digest

if TYPE_CHECKING:
    from distributed import Client, Future, LocalCluster

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

    Parameters
    ----------
    plan : Plan
        What is run.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``, or ``local``.
    workers : int
        Processes of a local cluster.
    first_only : bool
        Look no further in a task once a run has failed.
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
        """Run tasks and hand over each one as it is finished, in no fixed order.

        A task whose worker dies is run again by another one; so is one whose result dies with it.

        Parameters
        ----------
        tasks : sequence of Task
            In the order in which they are best run.

        Yields
        ------
        task : Task
            The task.
        made : Attempt
            What it gave.

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
            run_parcel,
            self._wanted,
            self.plan.engine,
            packed(job_of(self.plan, task)),
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
    lonely = 0.0
    while lonely < CLUSTER_PATIENCE_SECONDS:
        try:
            return finished.get(timeout=_LOOK_SECONDS)
        except Empty:
            lonely = 0.0 if client.nthreads() else lonely + _LOOK_SECONDS
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
