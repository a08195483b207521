"""Finding the worlds and experiments that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from regional_sim.errors import UnknownNameError
from regional_sim.scenario.kinds import Kind, of_other_kind

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
