"""What a worker of a cluster does: it makes sure of itself, unpacks a job, and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from threading import Lock

from regional_sim.errors import InputError
from regional_sim.experiment.running.failures import Attempt, attempt
from regional_sim.experiment.running.parcel import unpacked
from regional_sim.experiment.running.pool import leave_interrupts
from regional_sim.experiment.versions import package_digest, versions
from regional_sim.world.compiling import compile_all

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
    """Say what is not here as it is asked for; where all is, that is nothing.

    Parameters
    ----------
    wanted : mapping of str
        Versions, as :func:`found` gives them elsewhere.

    Returns
    -------
    list of str
        A phrase for each difference.
    """
    return [
        f"{name} {found().get(name, 'is missing')} there, {version} here"
        for name, version in wanted.items()
        if found().get(name) != version
    ]


def refused(worker: str, told: list[str]) -> InputError:
    """Make the error that names a worker whose numbers could be others."""
    what = f"worker {worker} has other versions: {', '.join(told)}"
    return InputError(what, key="dask", hint="install the same ones on all workers")


def run_parcel(wanted: Mapping[str, str], engine: str, parcel: bytes, first_only: bool) -> Attempt:
    """Run a packed job, on a worker that may have joined only now.

    Parameters
    ----------
    wanted : mapping of str
        Versions that this worker must have.
    engine : str
        Name of the engine.
    parcel : bytes
        The job.
    first_only : bool
        Look no further once a run has failed.

    Returns
    -------
    Attempt
        What the job gave.

    Raises
    ------
    InputError
        When the worker has other versions, or cannot unpack the job.
    """
    from distributed import get_worker

    told = version_differences(wanted)
    if told:
        raise refused(get_worker().address, told)
    with _ONE_THREAD:
        _compile()
    return attempt(engine, unpacked(parcel), first_only=first_only)


@cache
def _compile() -> None:
    """Fill the cache of this host; of its workers one does it, and the others wait."""
    compile_all()
