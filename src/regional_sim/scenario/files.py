"""What a file is: a scenario, an experiment, or the plan of a result; told apart by its keys.

Each is run by a command of its own.  One that was given to another command is refused in one
sentence, instead of one for each key that the other kind does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.scenario.schema import ScenarioFile
from regional_sim.scenario.yaml import Document

EXPERIMENT_KEYS: Final = frozenset(
    (
        *("scenario", "question", "settings", "seed", "replicates", "postures"),
        *("clamp", "design", "outcomes", "tables"),
    )
)
"""Keys that an experiment may have and a scenario may not."""

SCENARIO_KEYS: Final = frozenset(ScenarioFile.model_fields) - {"format", "title"}
"""Keys that a scenario may have and an experiment may not."""

_PLAN_KEYS: Final = frozenset({"experiment", "scenario_digests"})


class Kind(StrEnum):
    """Kind of a file."""

    SCENARIO = "scenario"
    EXPERIMENT = "experiment"
    PLAN = "plan"


def kind_of(data: Mapping[str, object]) -> Kind | None:
    """Tell what a file is.

    Parameters
    ----------
    data : mapping
        What it says.

    Returns
    -------
    Kind or None
        The kind that most of its keys belong to; None where they tell nothing.

    Examples
    --------
    >>> kind_of({"scenario": "baseline", "replicates": 10, "parameters": {}})
    <Kind.EXPERIMENT: 'experiment'>
    >>> kind_of({"title": "x"}) is None
    True
    """
    if data.keys() >= _PLAN_KEYS:
        return Kind.PLAN
    lead = len(data.keys() & EXPERIMENT_KEYS) - len(data.keys() & SCENARIO_KEYS)
    if not lead:
        return None
    return Kind.EXPERIMENT if lead > 0 else Kind.SCENARIO


def refuse_other(document: Document, wanted: Kind) -> None:
    """Refuse a file of another kind.

    Parameters
    ----------
    document : Document
        The file, or plain data in its form.
    wanted : Kind
        What it should be.

    Raises
    ------
    InputError
        With the command that takes what it is.
    """
    found = kind_of(document.data)
    if found is not None and found is not wanted:
        where = document.positions.root.origin if document.path is None else str(document.path)
        raise of_other_kind(found, where, document.path)


def of_other_kind(found: Kind, where: str, path: Path | None = None) -> InputError:
    """Say that something is of another kind than the one that was wanted.

    Parameters
    ----------
    found : Kind
        What it is.
    where : str
        Its path, or another name of it.
    path : Path, optional
        The file; None where it is none.

    Returns
    -------
    InputError
        With the command that takes what it is.
    """
    return InputError(_WHAT[found], where=where, hint=_hint(found, path))


_WHAT: Final = {
    Kind.SCENARIO: "this is a scenario, not an experiment",
    Kind.EXPERIMENT: "this is an experiment, not a scenario",
    Kind.PLAN: "this is the plan of a result",
}


def _hint(kind: Kind, path: Path | None) -> str:
    """Name the command that runs it."""
    match kind:
        case Kind.SCENARIO:
            return f"regional-sim run {path or 'FILE'} runs it"
        case Kind.EXPERIMENT:
            return f"regional-sim sweep {path or 'FILE'} runs it"
        case Kind.PLAN:
            return f"regional-sim reproduce {path.parent if path else 'DIR'} runs it again"


_SUFFIX: Final = ".yaml"

_FOLDERS: Final = {Kind.SCENARIO: "configs", Kind.EXPERIMENT: "experiments"}


def shipped_config(name: str) -> Path:
    """Find a shipped scenario, or an overlay, by name.

    Parameters
    ----------
    name : str
        Such as ``baseline`` or ``overrides/strong_ally``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownNameError
        When there is none of this name.
    """
    return _find(Kind.SCENARIO, name)


def shipped_configs() -> list[str]:
    """List the shipped scenarios.

    Returns
    -------
    list of str
        Names, sorted.  Folders beside them hold overlays and other files that are no worlds.
    """
    return [name for name in _names(Kind.SCENARIO) if "/" not in name]


def shipped_experiment(name: str) -> Path:
    """Find a shipped experiment by name.

    Parameters
    ----------
    name : str
        The name of the file without its extension.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownNameError
        When there is none of this name.
    """
    return _find(Kind.EXPERIMENT, name)


def shipped_experiments() -> list[str]:
    """List the shipped experiments.

    Returns
    -------
    list of str
        Names, sorted.
    """
    return [name for name in _names(Kind.EXPERIMENT) if "/" not in name]


def is_name(text: str) -> bool:
    """Tell whether a text has the form of a shipped file's name: no extension, not absolute.

    Parameters
    ----------
    text : str
        What the user gave.

    Returns
    -------
    bool
        False where it can only be a path.
    """
    path = Path(text)
    return bool(text) and not path.suffix and not path.is_absolute()


def _folder(kind: Kind) -> Path:
    """Find the folder: inside an installed package, else at the root of the checkout."""
    package, root = Path(__file__).parents[1], Path(__file__).parents[3]
    installed = package / "shipped" / _FOLDERS[kind]
    return installed if installed.is_dir() else root / _FOLDERS[kind]


def _names(kind: Kind) -> list[str]:
    """Name all files of a folder and below it."""
    folder = _folder(kind)
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob(f"*{_SUFFIX}"))
    return sorted(path.as_posix() for path in files)


def _find(kind: Kind, name: str) -> Path:
    names = _names(kind)
    if name in names:
        return _folder(kind) / f"{name}{_SUFFIX}"
    for other in _FOLDERS:
        if name in _names(other):
            raise of_other_kind(other, name, Path(name))
    raise UnknownNameError(f"shipped {kind}", name, names)
