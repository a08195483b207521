"""The kinds of pictures.  To add one, write it in a module beside this one and list it here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from regional_sim.errors import UnknownNameError
from regional_sim.figures.finished_folder import FinishedFolder, open_folder
from regional_sim.figures.kind import Choice, Kind
from regional_sim.figures.ladder import LADDER_KIND
from regional_sim.figures.region import REGION_KIND
from regional_sim.figures.responses import RESPONSES_KIND
from regional_sim.figures.series import SERIES_KIND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ALL: Final = (SERIES_KIND, REGION_KIND, RESPONSES_KIND, LADDER_KIND)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind by its name, in the order in which they are drawn."""


def kind_named(name: str) -> Kind:
    """Look up a kind.

    Raises
    ------
    UnknownNameError
        When there is none of this name.
    """
    if name not in KINDS:
        raise UnknownNameError("kind of figure", name, KINDS, key="kind")
    return KINDS[name]


def suitable_kinds(folder: FinishedFolder | Path | str) -> tuple[Kind, ...]:
    """Return the kinds that can be drawn from a finished folder, in order."""
    opened = folder if isinstance(folder, FinishedFolder) else open_folder(folder)
    return tuple(kind for kind in KINDS.values() if kind.lacks(opened) is None)


def draw_kind(
    folder: FinishedFolder | Path | str, kind: str, choice: Choice | None = None
) -> Figure:
    """Draw a kind of picture from a finished folder.

    Raises
    ------
    InputError
        When there is no such kind, the folder is not finished or does not suit the kind.
    """
    opened = folder if isinstance(folder, FinishedFolder) else open_folder(folder)
    return kind_named(kind).draw(opened, choice)
