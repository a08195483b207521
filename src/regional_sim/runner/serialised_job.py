"""Jobs on their way to another host, with the code of the user's own policies.

Python sends a class by its name, which a worker elsewhere may not know, or know in another version.
So whatever is not installed travels with the job: a policy in a script or module of the user's own
runs on a worker that has neither.  The worlds of a job have most figures in common, so a serialised
job, which is compressed, is a twentieth of what it was.
"""

from __future__ import annotations

import io
import pickle
import sys
import sysconfig
import zlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from types import CodeType, ModuleType
from typing import Any, BinaryIO, Final, cast

from regional_sim.engine.job import BatchJob
from regional_sim.errors import InputError
from regional_sim.experiment.versions import PACKAGE

_INSTALLED: Final = {"site-packages", "dist-packages"}
_ONE_AT_A_TIME = Lock()


def serialised(job: BatchJob) -> bytes:
    """Serialise a job for another host.

    Raises InputError where a policy refers to something that cannot be sent, such as an open file.
    """
    file = io.BytesIO()
    try:
        with _by_value(own_modules()):
            _pickler(file).dump(job)
    except Exception as error:
        what = f"these postures cannot be sent to workers: {error}"
        raise InputError(what, key="dask") from error
    return zlib.compress(file.getvalue())


def _pickler(file: BinaryIO) -> Any:
    """Make a pickler that, unlike its base, keeps the file of code: failures are told by it."""
    import cloudpickle

    table = cloudpickle.Pickler.dispatch_table

    def with_file(code: CodeType) -> tuple[Any, ...]:
        make, arguments = table[CodeType](code)
        return _of_file, (make, arguments, code.co_filename)

    keeping = {"dispatch_table": ChainMap({CodeType: with_file}, table)}
    return type("Pickler", (cloudpickle.Pickler,), keeping)(file)


def _of_file(make: Callable[..., CodeType], arguments: tuple[Any, ...], file: str) -> CodeType:
    return make(*arguments).replace(co_filename=file)


@contextmanager
def _by_value(modules: Iterable[ModuleType]) -> Iterator[None]:
    """Let code of some modules be sent itself; others of this process may have asked for it too."""
    import cloudpickle

    with _ONE_AT_A_TIME:
        known = cloudpickle.list_registry_pickle_by_value()
        added = [module for module in modules if module.__name__ not in known]
        for module in added:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            for module in added:
                cloudpickle.unregister_pickle_by_value(module)


def own_modules() -> list[ModuleType]:
    """Return the imported modules that belong neither to Python, nor to an installed library."""
    return [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] != PACKAGE
        # A module may stand under several names, but is sent by its own.
        and getattr(module, "__name__", None) == name
        and _is_own(getattr(module, "__file__", None))
    ]


@cache
def _is_own(file: str | None) -> bool:
    """Tell by its file whether a module is the user's own."""
    if file is None:
        return False
    path = Path(file)
    return not (_INSTALLED & set(path.parts) or path.is_relative_to(sysconfig.get_path("stdlib")))


def deserialised(sent: bytes) -> BatchJob:
    """Make a job again of what was sent; raises InputError where it needs something not here."""
    try:
        return cast("BatchJob", pickle.loads(zlib.decompress(sent)))
    except Exception as error:
        what = f"a worker cannot make the postures: {error}"
        raise InputError(what, key="dask", hint="install there what they import") from error
