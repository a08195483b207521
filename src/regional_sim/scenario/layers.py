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

import numpy as np

from regional_sim.errors import Fault, ScenarioError, suggestion
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.dyads import EMPTY_TABLE, DyadTable, read_dyads, split_pair
from regional_sim.scenario.dyads import SECTION as DYADS
from regional_sim.scenario.schema import SCENARIO_FORMAT, SECTIONS
from regional_sim.scenario.yaml import (
    NOWHERE,
    Document,
    KeyPath,
    Position,
    Positions,
    dotted,
    everywhere,
    yaml_value,
)

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


_SETTABLE: Final = (*SECTIONS, DYADS)
_FIGURE_DEPTH: Final = 3
"""Length of the path ``states.JPN.stance``."""


@dataclass(frozen=True)
class Setting:
    """One dotted path and the value it gets.

    Attributes
    ----------
    path : str
        Such as ``parameters.theta_challenger``.
    value : object
        Plain data.
    origin : Position
        What a message names as its place.
    """

    path: str
    value: object
    origin: Position = NOWHERE

    def error(self, what: str, hint: str | None) -> ScenarioError:
        """Make the error of a path that does not exist.

        Parameters
        ----------
        what : str
            The mistake.
        hint : str or None
            How to mend it.

        Returns
        -------
        ScenarioError
            To be raised.
        """
        return ScenarioError(what, where=str(self.origin) or None, key=self.path, hint=hint)


def parse_setting(text: str) -> Setting:
    """Read a setting as it is written on the command line.

    Parameters
    ----------
    text : str
        ``key.path=value``, the value as YAML.

    Returns
    -------
    Setting
        Path and value.

    Raises
    ------
    InputError
        When there is no ``=``, no path or no value, or the value is not YAML.

    Examples
    --------
    >>> setting = parse_setting("windows.early=[1, 12]")
    >>> setting.path, setting.value
    ('windows.early', [1, 12])
    """
    origin = f"--set {text}"
    path, equals, value = (part.strip() for part in text.partition("="))
    if not path or not equals:
        raise ScenarioError("a setting is written key.path=value", where=origin)
    if not value:
        raise ScenarioError("no value; write null for none", where=origin, key=path)
    return Setting(path, yaml_value(value, origin), Position(origin))


def plain(value: object) -> Any:
    """Turn numpy scalars, tuples and other mappings into what YAML would have given.

    Parameters
    ----------
    value : object
        A value from Python code.

    Returns
    -------
    object
        Plain data.

    Examples
    --------
    >>> plain({"early": (np.int64(1), 12)})
    {'early': [1, 12]}
    """
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def with_settings(base: Layers, settings: Sequence[Setting]) -> tuple[Layers, frozenset[str]]:
    """Lay settings over files, in order.

    Parameters
    ----------
    base : Layers
        The files.
    settings : sequence of Setting
        Later ones win.

    Returns
    -------
    layers : Layers
        Files and settings together.
    touched : frozenset of str
        The sections that changed, and ``dyads.<quantity>`` for each quantity that did.
    """
    touched: set[str] = set()
    set_windows: set[str] = set()
    shortened = False
    layers = base
    for setting in settings:
        data = _data_of(setting, layers)
        positions = everywhere(data, setting.origin)
        tables, faults = read_dyads(data.pop(DYADS, {}), positions)
        touched |= set(data) | {f"{DYADS}.{name}" for name in tables}
        set_windows |= set(_mapping(data.get("windows")))
        shortened |= "months_after" in _mapping(data.get("horizon"))
        layers = layers.under(Layers(data, positions, tables, tuple(faults)))
    if shortened:
        layers = layers.under(_cut_windows(layers, set_windows))
        touched.add("windows")
    return layers, frozenset(touched)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _data_of(setting: Setting, base: Layers) -> dict[str, Any]:
    """Write a setting the way a file would."""
    section, *rest = setting.path.split(".")
    if section not in _SETTABLE:
        raise _unknown_section(setting, section)
    if section == "states":
        return {section: _state_data(setting, rest, base)}
    if section == DYADS:
        return {section: _dyad_data(setting, rest)}
    known = _mapping(base.data.get(section))
    if section == "windows" and rest and rest[0] not in known:
        raise setting.error("unknown window", suggestion(rest[0], known))
    return {section: _nested(rest, setting.value)}


def _unknown_section(setting: Setting, section: str) -> ScenarioError:
    """Suggest a section, or the one in which there is such a key."""
    for home, names in (("parameters", Param.__members__), ("options", Option.__members__)):
        if section in names:
            return setting.error("unknown key", f"did you mean '{home}.{section}'?")
    return setting.error("unknown key", suggestion(section, _SETTABLE))


def _nested(keys: Sequence[str], value: object) -> Any:
    """Wrap a value in mappings."""
    for key in reversed(keys):
        value = {key: value}
    return value


def _state_data(setting: Setting, rest: Sequence[str], base: Layers) -> Any:
    """Set figures of states that exist; a figure loses the source of the number it had."""
    known = _mapping(base.data.get("states"))
    named = rest[:1] or list(_mapping(setting.value))
    for code in named:
        if code not in known:
            raise setting.error("unknown state", suggestion(code, known))
    keys = list(rest)
    if len(keys) == _FIGURE_DEPTH and keys[-1] == "value":
        keys.pop()
    value = setting.value
    if len(keys) == _FIGURE_DEPTH - 1 and not isinstance(value, Mapping):
        old = _mapping(known[keys[0]]).get(keys[1])
        if isinstance(old, Mapping):
            value = {"value": value, "provenance": "user"}
    return _nested(keys, value)


def _dyad_data(setting: Setting, rest: Sequence[str]) -> Any:
    """Set a pair, whose level ``pairs`` may be left out, or another key of a quantity."""
    is_pair = len(rest) > 1 and split_pair(rest[1]) is not None
    keys = [rest[0], "pairs", *rest[1:]] if is_pair else rest
    return _nested(keys, setting.value)


def _cut_windows(layers: Layers, kept: set[str]) -> Layers:
    """Fit the windows of the files to a horizon that a setting made shorter.

    A file whose windows lie beyond its own horizon is in error; but who shortens a run on the
    command line to try something out should not have to spell out every window.
    """
    end = _mapping(layers.data.get("horizon")).get("months_after")
    windows = {}
    for name, window in _mapping(layers.data.get("windows")).items():
        match window:
            case [int(first), int(last)] if (
                name not in kept and isinstance(end, int) and last > end
            ):
                windows[name] = [first, end] if first <= end else None
    return Layers({"windows": windows}, layers.positions)
