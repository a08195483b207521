"""Policies from files outside the package: executed once, and told apart by their content.

The text of such a file travels with its policies, so that they can be made in any process and on
any host, whether or not the file is there.
"""

from __future__ import annotations

import copyreg
import hashlib
import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any, Final

from regional_sim.errors import Fault, InputError, os_reason
from regional_sim.postures.policy import Policy
from regional_sim.postures.registry import POLICIES, register

_SUFFIX: Final = ".py"
_ONE_FILE_AT_A_TIME = RLock()


@dataclass(frozen=True)
class PolicyFile:
    """A file that registers policies: its path as it was given, and its text."""

    path: str
    text: bytes

    @property
    def name(self) -> str:
        """The name without the folder."""
        return Path(self.path).name

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def module(self) -> str:
        """Name of the module that it becomes, which no other module has."""
        return f"regional_sim_policies_{self.digest[:16]}"

    def is_older(self, other: PolicyFile) -> bool:
        """Tell whether this is what the other file held before it was changed."""
        same_place = Path(self.path).resolve() == Path(other.path).resolve()
        return same_place and self.digest != other.digest


_MADE: dict[str, tuple[type[Policy], ...]] = {}
"""The policies that each executed file registers, by its digest."""

_FILE_OF: dict[type[Policy], PolicyFile] = {}
"""The file that registers each of these policies."""


def import_policies(path: str | Path) -> list[type[Policy]]:
    """Execute a Python file of your own that registers policies.

    From then on its policies are known by their names, as those of the package are.  Plans that
    use them hold the name of the file and the SHA-256 digest of its text.  A file that was changed
    since it was imported replaces its former policies.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.py`` and calls :func:`regional_sim.register`.  It stands alone: what
        it imports must be installed.

    Returns
    -------
    list of type of Policy
        The classes that it registers.

    Raises
    ------
    InputError
        When the file cannot be read or executed, registers nothing, or a name that is taken.
    """
    file = _read(Path(path))
    with _ONE_FILE_AT_A_TIME:
        before = dict(POLICIES)
        for name, policy in before.items():
            if policy in _FILE_OF and _FILE_OF[policy].is_older(file):
                del POLICIES[name]
        try:
            made = _policies_of(file)
            _register(file, made)
        except BaseException:
            for name in POLICIES.keys() - before.keys():
                del POLICIES[name]
            POLICIES.update(before)
            raise
    return list(made)


def imported_files(policies: Iterable[type[Policy]]) -> dict[str, str]:
    """Return the digests of the files that register some policies or their bases, by name.

    Raises InputError where two files have one name.
    """
    found: dict[str, str] = {}
    for file in (_FILE_OF[one] for kind in policies for one in kind.__mro__ if one in _FILE_OF):
        if found.setdefault(file.name, file.digest) != file.digest:
            what, hint = "two imported files have this name", "rename one of them"
            raise InputError(what, key="imports", value=file.name, hint=hint)
    return found


def import_faults(wanted: object, origin: str) -> list[Fault]:
    """Report the files of a plan, as digests by name, whose policies are not registered here."""
    if not isinstance(wanted, Mapping) or not all(isinstance(one, str) for one in wanted.values()):
        return [Fault("is no mapping of files to digests", origin, "imports")]
    here = {_FILE_OF[policy] for policy in POLICIES.values() if policy in _FILE_OF}
    digests = {file.name: file.digest for file in here}
    return [
        _not_imported(name, digest, digests.get(name), origin)
        for name, digest in wanted.items()
        if digest not in {file.digest for file in here}
    ]


def _not_imported(name: str, digest: str, digest_here: str | None, origin: str) -> Fault:
    key = f"imports.{name}"
    if digest_here is not None:
        what = f"the file {name} that is imported here is not the one that the plan was made with"
        return Fault(what, origin, key, digest_here, f"SHA-256 {digest}")
    what = f"the plan needs the policies of the file {name}, which is not imported here"
    hint = f"add --import {name}, or call regional_sim.import_policies; its SHA-256 is {digest}"
    return Fault(what, origin, key, hint=hint)


def _read(path: Path) -> PolicyFile:
    where = str(path)
    if path.suffix != _SUFFIX:
        allowed = f"a file that ends in {_SUFFIX}"
        raise InputError(
            "is no Python file, so it cannot be imported", where=where, allowed=allowed
        )
    try:
        return PolicyFile(where, path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be imported: {os_reason(error)}", where=where) from None
    except ValueError:
        raise InputError("no file can have this name", where=where) from None


def _policies_of(file: PolicyFile) -> tuple[type[Policy], ...]:
    """Return the policies that a file registers; it is executed when it is asked for first."""
    if file.digest not in _MADE:
        before = dict(POLICIES)
        try:
            _execute(file)
            made = _added(before)
        finally:
            for policy in _added(before):
                del POLICIES[policy.name]
        if not made:
            what, hint = "registers no policy", "put @regional_sim.register above its class"
            raise InputError(what, where=file.path, hint=hint)
        _MADE[file.digest] = made
        for policy in made:
            _FILE_OF[policy] = file
            copyreg.pickle(policy, _reduced)
    return _MADE[file.digest]


def _added(before: Mapping[str, type[Policy]]) -> tuple[type[Policy], ...]:
    """Return what has been registered since, but for what another imported file registers."""
    return tuple(
        policy
        for name, policy in POLICIES.items()
        if before.get(name) is not policy and policy not in _FILE_OF
    )


def _register(file: PolicyFile, policies: Iterable[type[Policy]]) -> None:
    try:
        for policy in policies:
            register(policy)
            # The same text may have been read elsewhere before.
            _FILE_OF[policy] = file
    except InputError as error:
        raise _located(error, file.path) from None


def _execute(file: PolicyFile) -> None:
    """Execute a file as a module; what goes wrong is told with the line of the file."""
    module = ModuleType(file.module)
    module.__file__ = str(Path(file.path).absolute())
    # Dataclasses look their module up.
    sys.modules[file.module] = module
    try:
        exec(compile(file.text, file.path, "exec", dont_inherit=True), vars(module))
    except BaseException as error:
        del sys.modules[file.module]
        if isinstance(error, Exception | SystemExit):
            raise _failed(file, error) from error
        raise


def _failed(file: PolicyFile, error: BaseException) -> InputError:
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == file.path]
    if isinstance(error, SyntaxError) and error.filename == file.path:
        lines.append(error.lineno or 1)
    where = f"{file.path}:{lines[-1]}" if lines else file.path
    if isinstance(error, InputError):
        return _located(error, where)
    said = " ".join(str(error).split())
    if isinstance(error, SyntaxError):
        said = error.msg
    elif isinstance(error, SystemExit):
        said = "it ends the program"
    name = "" if isinstance(error, SystemExit) else type(error).__name__
    what = f"cannot be imported: {': '.join(part for part in (name, said) if part)}"
    hint = "a file stands alone: what it imports must be installed"
    return InputError(what, where=where, hint=hint if isinstance(error, ImportError) else None)


def _located(error: InputError, where: str) -> InputError:
    return InputError.of([replace(fault, where=where) for fault in error.faults])


def _reduced(policy: Policy) -> tuple[Any, ...]:
    """Let a policy be pickled with the text of its file in place of a class that is only here."""
    return _blank, (_FILE_OF[type(policy)], policy.name), policy.__getstate__()


def _blank(file: PolicyFile, name: str) -> Policy:
    """Make a policy whose fields are yet to be set."""
    with _ONE_FILE_AT_A_TIME:
        (kind,) = (policy for policy in _policies_of(file) if policy.name == name)
    return kind.__new__(kind)
