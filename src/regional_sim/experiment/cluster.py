"""Workers of a Dask cluster: they run tasks, and write nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from regional_sim.errors import InputError, RegionalSimError
from regional_sim.experiment.failures import Attempt, attempt
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.pool import Finishing
from regional_sim.experiment.tasks import Task, job_of
from regional_sim.experiment.versions import versions

if TYPE_CHECKING:
    from distributed import Client

LOCAL: Final = "local"
"""Stands for a cluster on this machine, which ends with the sweep."""

PATIENCE_SECONDS: Final = 60
"""How long a scheduler, and then a first worker, is waited for."""

_TO_SPARE: Final = 2
"""Tasks that each worker has at hand, so that it need not wait for the next."""


def finished_on_cluster(
    plan: Plan, tasks: Sequence[Task], address: str, workers: int, *, first_only: bool = False
) -> Finishing:
    """Run tasks on a cluster and hand over each one as it is finished, in no fixed order.

    A task whose worker dies is run again by another one.

    Parameters
    ----------
    plan : Plan
        What is run.
    tasks : sequence of Task
        In the order in which they are best run.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``, or ``local``.
    workers : int
        Processes of a local cluster.
    first_only : bool
        Look no further in a task once a run has failed.

    Yields
    ------
    task : Task
        The task.
    made : Attempt
        What it gave.

    Raises
    ------
    InputError
        When Dask is not installed, no cluster answers, or its workers have other versions.
    RegionalSimError
        When the workers of a task die again and again.
    """
    with _client(address, workers) as client:
        _refuse_other_versions(client, plan)
        yield from _on(client, plan, iter(tasks), first_only)


def _on(
    client: Client, plan: Plan, tasks: Iterator[Task], first_only: bool
) -> Iterator[tuple[Task, Attempt]]:
    from distributed import KilledWorker, as_completed

    under_way: dict[Any, Task] = {}
    completed = as_completed()

    def hand_out() -> None:
        most = _TO_SPARE * max(1, sum(client.nthreads().values()))
        while len(under_way) < most and (task := next(tasks, None)) is not None:
            job = job_of(plan, task)
            # The runs of a task are told by the plan and its name: a cluster never mixes sweeps.
            key = f"regional_sim-{plan.digest}-{task.name}"
            future = client.submit(
                attempt, plan.engine, job, first_only=first_only, key=key, pure=False
            )
            under_way[future] = task
            completed.add(future)

    hand_out()
    for future in completed:
        try:
            made: Attempt = future.result()
        except KilledWorker as error:
            what = "the workers of the cluster end unexpectedly, perhaps for want of memory"
            raise RegionalSimError(what) from error
        yield under_way.pop(future), made
        future.release()
        hand_out()


@contextmanager
def _client(address: str, workers: int) -> Iterator[Client]:
    """Connect to a cluster, or start one here."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        what = "Dask is not installed"
        hint = "install regional_sim with its extra: pip install 'regional_sim[dask]'"
        raise InputError(what, key="dask", hint=hint) from None
    if address == LOCAL:
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=PATIENCE_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        what = "no Dask scheduler answers"
        said = " ".join(str(error).split())
        raise InputError(what, key="dask", value=address, hint=said or None) from None
    with client:
        yield client


def _refuse_other_versions(client: Client, plan: Plan) -> None:
    """Refuse workers whose libraries could give other numbers."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
    except TimeoutError:
        what = f"the cluster has no worker after {PATIENCE_SECONDS} seconds"
        raise InputError(what, key="dask") from None
    for worker, found in sorted(client.run(versions).items()):
        others = [
            f"{name} {found.get(name, 'is missing')} there, {here} here"
            for name, here in plan.versions.items()
            if found.get(name) != here
        ]
        if others:
            what = f"worker {worker} has other versions: {', '.join(others)}"
            raise InputError(what, key="dask")
