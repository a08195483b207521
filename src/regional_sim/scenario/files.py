"""Shipped files by name, and what a file is: a scenario, an experiment, or the plan of a result.

Each kind is run by a command of its own.  A file that was given to another command is refused in
one sentence, instead of one for each key that the other kind does not have.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.scenario.schema import ScenarioFile
from regional_sim.scenario.yaml import Document

EXPERIMENT_KEYS: Final = frozenset(
    {
        *("scenario", "question", "settings", "seed", "replicates", "postures"),
        *("clamp", "design", "hypotheses", "outcomes", "tables", "targets"),
    }
)
"""Keys that an experiment may have and a scenario may not."""

SCENARIO_KEYS: Final = frozenset(ScenarioFile.model_fields) - {"format", "title"}
"""Keys that a scenario may have and an experiment may not."""

_DIGEST_KEYS: Final = frozenset({"scenario_digest", "scenario_digests"})
"""Keys of a plan, by its format."""

_SUFFIX: Final = ".yaml"


class FileKind(StrEnum):
    """Kind of a file."""

    SCENARIO = "scenario"
    EXPERIMENT = "experiment"
    PLAN = "plan"


_FOLDERS: Final = {FileKind.SCENARIO: "configs", FileKind.EXPERIMENT: "experiments"}


def file_kind(data: Mapping[str, object]) -> FileKind | None:
    """Tell what a file is: the kind that most of its keys belong to, or None at a tie.

    Examples
    --------
    >>> file_kind({"scenario": "baseline", "replicates": 10, "parameters": {}})
    <FileKind.EXPERIMENT: 'experiment'>
    >>> file_kind({"title": "x"}) is None
    True
    """
    if "experiment" in data and data.keys() & _DIGEST_KEYS:
        return FileKind.PLAN
    lead = len(data.keys() & EXPERIMENT_KEYS) - len(data.keys() & SCENARIO_KEYS)
    if not lead:
        return None
    return FileKind.EXPERIMENT if lead > 0 else FileKind.SCENARIO


def require_kind(document: Document, wanted: FileKind) -> None:
    """Refuse a file of another kind, with the command that takes what it is."""
    found = file_kind(document.data)
    if found is not None and found is not wanted:
        where = document.positions.root.origin if document.path is None else str(document.path)
        raise _wrong_kind(found, where, document.path)


def _wrong_kind(found: FileKind, where: str, path: Path | None) -> InputError:
    match found:
        case FileKind.SCENARIO:
            what = "this is a scenario, not an experiment"
            hint = f"regional-sim run {path or 'FILE'} runs it"
        case FileKind.EXPERIMENT:
            what = "this is an experiment, not a scenario"
            hint = f"regional-sim sweep {path or 'FILE'} runs it"
        case FileKind.PLAN:
            what = "this is the plan of a result"
            hint = f"regional-sim reproduce {path.parent if path else 'DIR'} runs it again"
    return InputError(what, where=where, hint=hint)


def shipped_config(name: str) -> Path:
    """Find a shipped scenario or overlay, such as ``baseline`` or ``overrides/spiral_world``."""
    return _find(name, FileKind.SCENARIO)


def shipped_experiment(name: str) -> Path:
    """Find a shipped experiment by the name of its file without the extension."""
    return _find(name, FileKind.EXPERIMENT)


def shipped_configs() -> list[str]:
    """List the shipped scenarios; folders beside them hold overlays, which are no worlds."""
    return [name for name in _names(FileKind.SCENARIO) if "/" not in name]


def shipped_experiments() -> list[str]:
    """List the shipped experiments."""
    return [name for name in _names(FileKind.EXPERIMENT) if "/" not in name]


def located(
    given: str | Path, folder: Path = Path(), kinds: Sequence[FileKind] = (FileKind.SCENARIO,)
) -> Path:
    """Find a file relative to a folder, or a shipped one of some kinds by its name.

    A folder hides nothing: a result may be named after its world.
    """
    path, name = folder / given, str(given)
    if is_file(path) or not _is_name(name):
        return path
    try:
        return _find(name, *kinds)
    except UnknownNameError:
        if os.path.isdir(path):  # noqa: PTH112 (as in is_file)
            return path
        raise


def is_file(path: Path) -> bool:
    """Tell whether there is a file; a name that no file can have, such as a long one, is none."""
    return os.path.isfile(path)  # noqa: PTH113 (that of Path raises an error then)


def _is_name(text: str) -> bool:
    """Tell whether a text has the form of a shipped file's name: no extension, not absolute."""
    path = Path(text)
    return bool(text) and not path.suffix and not path.is_absolute()


def _folder(kind: FileKind) -> Path:
    """Find the folder: inside an installed package, else at the root of the checkout."""
    package, root = Path(__file__).parents[1], Path(__file__).parents[3]
    installed = package / "shipped" / _FOLDERS[kind]
    return installed if installed.is_dir() else root / _FOLDERS[kind]


def _names(kind: FileKind) -> list[str]:
    """Name all files of a folder and below it, sorted."""
    folder = _folder(kind)
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob(f"*{_SUFFIX}"))
    return sorted(path.as_posix() for path in files)


def _find(name: str, *kinds: FileKind) -> Path:
    for kind in kinds:
        if name in _names(kind):
            return _folder(kind) / f"{name}{_SUFFIX}"
    for other in _FOLDERS:
        if name in _names(other):
            raise _wrong_kind(other, name, Path(name))
    known = (one for kind in kinds for one in _names(kind))
    raise UnknownNameError(f"shipped {' or '.join(kinds)}", name, known)
