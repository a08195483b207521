"""Laying files over each other: extends, overrides, own keys, and at last single settings.

Precedence, weakest first: the file named by ``extends``; the files named by ``overrides``, which
may not contradict each other; the file's own keys; the overrides of the call; its settings.
A figure, a list, a window or a source is replaced whole, so that a number never keeps the source
of the one it replaced; dyads are replaced cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from regional_sim.errors import Fault
from regional_sim.scenario.dyad_reading import SECTION as DYADS
from regional_sim.scenario.dyad_reading import read_dyads
from regional_sim.scenario.dyad_tables import EMPTY_TABLE, DyadTable
from regional_sim.scenario.form import SCENARIO_FORMAT, SECTIONS
from regional_sim.scenario.positions import KeyPath, Position, Positions, dotted
from regional_sim.scenario.yaml_document import Document

ABOUT_THE_FILE: Final = ("title", "description")
"""Keys of an overlay that describe the overlay, not the world."""

COMPOSITION: Final = ("extends", "overrides")
"""Keys that say how files are put together; they are gone once that is done."""

_LEAF_DEPTH: Final = {"states": 3}
"""Length of the path of what is replaced whole; 2 in all other sections."""


@dataclass(frozen=True)
class Layers:
    """What one file says, or several laid over each other.

    Attributes
    ----------
    data : dict
        Plain data of every section but the dyads.
    positions : Positions
        Where each value came from.
    dyads : dict of DyadTable
        The dyad quantities.
    faults : tuple of Fault
        What was found wrong with the dyads.
    files : tuple of Path
        The files read, weakest first.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    positions: Positions = field(default_factory=Positions)
    dyads: Mapping[str, DyadTable] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()

    def under(self, other: Layers) -> Layers:
        """Lay another layer over this one.

        Parameters
        ----------
        other : Layers
            The one whose values win.

        Returns
        -------
        Layers
            A new object; neither of the two is changed.
        """
        tables = {
            name: self.dyads.get(name, EMPTY_TABLE).under(table)
            for name, table in other.dyads.items()
        }
        return Layers(
            _merged(self.data, other.data, ()),
            self.positions.under(other.positions),
            {**self.dyads, **tables},
            self.faults + other.faults,
            self.files + other.files,
        )

    def checked(self) -> Layers:
        """Drop what was only needed for checking.

        Returns
        -------
        Layers
            Smaller, and as good for laying settings over.
        """
        tables = {name: table.checked() for name, table in self.dyads.items()}
        return replace(self, dyads=tables, positions=self.positions.without(DYADS))


def layer_of(document: Document) -> Layers:
    """Make a layer of one document.

    Parameters
    ----------
    document : Document
        A scenario file, an overlay, or a mapping.

    Returns
    -------
    Layers
        Without the keys that say how files are put together.
    """
    gone = ("format", *COMPOSITION, DYADS)
    # A section without a value is one whose lines are all commented out.
    data = {
        key: value
        for key, value in document.data.items()
        if key not in gone and not (value is None and key in SECTIONS)
    }
    given = document.data.get(DYADS)
    tables, faults = ({}, []) if given is None else read_dyads(given, document.positions)
    files = () if document.path is None else (document.path,)
    return Layers(data, document.positions, tables, (*_wrong_format(document), *faults), files)


def _wrong_format(document: Document) -> Iterator[Fault]:
    """Refuse a file written for another version of the format."""
    version = document.data.get("format", SCENARIO_FORMAT)
    if version != SCENARIO_FORMAT or isinstance(version, bool):
        what = "this version of the file format is not known"
        yield document.positions.fault(what, ("format",), version, allowed=str(SCENARIO_FORMAT))


def overlay_of(document: Document) -> Layers:
    """Make a layer of an overlay, leaving out what describes the overlay itself.

    Parameters
    ----------
    document : Document
        An overlay.

    Returns
    -------
    Layers
        The layer.
    """
    layer = layer_of(document)
    return replace(layer, data={k: v for k, v in layer.data.items() if k not in ABOUT_THE_FILE})


def conflicts(overlays: Sequence[Layers]) -> Iterator[Fault]:
    """Find the keys that two overlays set.

    Parameters
    ----------
    overlays : sequence of Layers
        Laid over the same base.

    Yields
    ------
    Fault
        One for each key set again, at the later place.
    """
    seen: dict[KeyPath, Position] = {}
    citations: dict[KeyPath, object] = {}
    for overlay in overlays:
        for path, value, position in _leaves(overlay):
            first = seen.setdefault(path, position)
            # Two overlays may cite the same work, in the same words.
            same = path[0] == "sources" and citations.setdefault(path, value) == value
            if first is not position and not same:
                what = f"two overlays set this key; the other at {first}"
                yield Fault(what, str(position), dotted(path))


def _leaves(layer: Layers) -> Iterator[tuple[KeyPath, object, Position]]:
    """List what a layer sets, by what is replaced whole."""
    for path, value in _data_leaves(layer.data, ()):
        yield path, value, layer.positions.of_key(path)
    for name, table in layer.dyads.items():
        if table.default is not None:
            path = (DYADS, name, "default")
            yield path, table.default, layer.positions.of_key(path)
        for (a, b), place in table.places.items():
            yield (DYADS, name, f"{a}:{b}"), table.cells[a, b], place


def _data_leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, Mapping) and not _is_leaf(path):
        for key, inner in value.items():
            yield from _data_leaves(inner, (*path, key))
    else:
        yield path, value


def _is_leaf(path: KeyPath) -> bool:
    """Tell whether what stands at a path is replaced whole."""
    return bool(path) and len(path) >= _LEAF_DEPTH.get(str(path[0]), 2)


def _merged(base: Mapping[str, Any], top: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Lay a mapping over another, down to what is replaced whole."""
    result = dict(base)
    for key, value in top.items():
        here, old = (*path, key), base.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and not _is_leaf(here):
            result[key] = _merged(old, value, here)
        else:
            result[key] = value
    return result
