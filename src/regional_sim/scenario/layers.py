"""Laying files over each other: extends, overrides, own keys, and at last single settings.

Precedence, weakest first: the file named by ``extends``; the files named by ``overrides``, which
may not contradict each other; the file's own keys; the overrides of the call; its settings.
A figure, a list, a window or a source is replaced whole, so that a number never keeps the source
of the one it replaced; dyads are replaced cell by cell, paths point by point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from regional_sim.errors import Fault, InputError, ScenarioError, suggestion
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.dyads import EMPTY_TABLE, DyadTable, read_dyads, split_pair
from regional_sim.scenario.figures import DYAD_FIGURES
from regional_sim.scenario.schema import DYADS, PATHS, SCENARIO_FORMAT, SECTIONS
from regional_sim.scenario.values import plain_data, unfit_scalar
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

COMPOSITION: Final = ("extends", "overrides")
"""Keys that say how files are put together; they are gone once that is done."""

_ABOUT_THE_FILE: Final = ("title", "description")
"""Keys of an overlay that describe the overlay, not the world."""

_LEAF_DEPTH: Final = {"states": 3, DYADS: 4, PATHS: 4}
"""Length of the path of what is replaced whole; 2 in all other sections."""

_LONGEST_SHOWN: Final = 100

Part: TypeAlias = tuple[str, ...]
"""A section, or one state or dyad quantity: ``("parameters",)``, ``("dyads", "tension")``."""


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
    remarks : tuple of str
        What was changed without being asked for.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    positions: Positions = field(default_factory=Positions)
    dyads: Mapping[str, DyadTable] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    def under(self, other: Layers) -> Layers:
        """Lay another layer, whose values win, over this one."""
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
            self.remarks + other.remarks,
        )

    def rank(self, position: Position) -> int:
        """Tell how late the file of a position is laid over the others; settings come last."""
        origins = [str(file) for file in self.files]
        return origins.index(position.origin) if position.origin in origins else len(origins)

    def rank_of_first(self, path: KeyPath) -> int:
        """Tell the rank of the first file that has a key, which others may change."""
        return self.rank(self.positions.first_of_key(path))

    def checked(self) -> Layers:
        """Drop what only checking needs; settings can still be laid over the rest."""
        tables = {name: table.checked() for name, table in self.dyads.items()}
        return replace(self, dyads=tables, positions=self.positions.without(DYADS))


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


def _is_leaf(path: KeyPath) -> bool:
    """Tell whether what stands at a path is replaced whole."""
    return bool(path) and len(path) >= _LEAF_DEPTH.get(str(path[0]), 2)


def layer_of(document: Document) -> Layers:
    """Make a layer of one document, without the keys that say how files are put together."""
    gone = ("format", *COMPOSITION, DYADS)
    positions = document.positions
    # A section without a value is one whose lines are all commented out.
    data = {
        key: value
        for key, value in document.data.items()
        if key not in gone and not (key in SECTIONS and positions.is_left_out((key,)))
    }
    given = document.data.get(DYADS, {})
    tables, faults = ({}, []) if positions.is_left_out((DYADS,)) else read_dyads(given, positions)
    files = () if document.path is None else (document.path,)
    return Layers(data, positions, tables, (*_wrong_format(document), *faults), files)


def _wrong_format(document: Document) -> Iterator[Fault]:
    """Refuse a file written for another version of the format."""
    version = document.data.get("format", SCENARIO_FORMAT)
    if version != SCENARIO_FORMAT or isinstance(version, bool):
        what = "this version of the file format is not known"
        yield document.positions.fault(what, ("format",), version, allowed=str(SCENARIO_FORMAT))


def overlay_of(document: Document) -> Layers:
    """Make a layer of an overlay, leaving out what describes the overlay itself."""
    layer = layer_of(document)
    return replace(layer, data={k: v for k, v in layer.data.items() if k not in _ABOUT_THE_FILE})


def conflicts(overlays: Sequence[Layers]) -> Iterator[Fault]:
    """Report each key that two overlays set, at the later place."""
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


@dataclass(frozen=True)
class Setting:
    """One dotted path such as ``parameters.theta_challenger`` and the plain value it gets."""

    path: str
    value: object
    origin: Position = NOWHERE

    def unknown(self, noun: str, hint: str | None) -> ScenarioError:
        """Make the error of a path that does not exist."""
        where = str(self.origin) or None
        return ScenarioError(f"unknown {noun}", where=where, key=self.path, hint=hint)


def parse_setting(text: str) -> Setting:
    """Read a setting as it is written on the command line: ``key.path=value``, the value as YAML.

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
    origin = f"--set {text if len(text) <= _LONGEST_SHOWN else f'{text[:_LONGEST_SHOWN]}...'}"
    path, equals, value = (part.strip() for part in text.partition("="))
    if not path or not equals:
        raise ScenarioError("a setting is written key.path=value", where=origin)
    if not value:
        raise ScenarioError("no value; write null for none", where=origin, key=path)
    return Setting(path, yaml_value(value, origin), Position(origin))


def as_settings(given: Mapping[str, object] | Iterable[str | Setting]) -> list[Setting]:
    """Read settings, in order: values by dotted path, or texts as on the command line."""
    if isinstance(given, Mapping):
        try:
            return [Setting(path, plain_data(value)) for path, value in given.items()]
        except RecursionError:
            raise ScenarioError("the value of a setting is nested too deeply") from None
    texts = [given] if isinstance(given, str) else given
    return [parse_setting(one) if isinstance(one, str) else one for one in texts]


def record_of(settings: Sequence[Setting]) -> dict[str, object]:
    """Write settings as a mapping whose order is that of the last setting of each path.

    Examples
    --------
    >>> record_of(as_settings(["title=A", "horizon={months_after: 6}", "title=B"]))
    {'horizon': {'months_after': 6}, 'title': 'B'}
    """
    record: dict[str, object] = {}
    for setting in settings:
        keys = tuple(setting.path.split("."))
        old, new = record.pop(setting.path, None), setting.value
        if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_leaf(keys):
            new = _merged(old, new, keys)
        record[setting.path] = new
    return record


def document_of(mapping: Mapping[str, object], origin: str) -> Document:
    """Make a document of data from Python, all of it at one place.

    Raises
    ------
    InputError
        When something in it could not stand in a file.
    """
    if not isinstance(mapping, Mapping):
        raise InputError("must be a mapping, in the form of a file", where=origin)
    try:
        data = plain_data(mapping)
        document = Document(data, everywhere(data, Position(origin)))
        faults = list(_unfit(data, (), document.positions))
    except RecursionError:
        raise InputError("nested too deeply", where=origin) from None
    if faults:
        raise InputError.of(faults)
    return document


def _unfit(data: object, path: KeyPath, positions: Positions) -> Iterator[Fault]:
    """Find what could not stand in a file: keys that are no text, dates, NaN, huge integers."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if not isinstance(key, str) or unfit_scalar(key) is not None:
                yield positions.fault("keys must be text", path, key)
            else:
                yield from _unfit(value, (*path, key), positions)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _unfit(value, (*path, index), positions)
    elif (what := unfit_scalar(data)) is not None:
        yield positions.fault(what, path, data)


def apply_settings(layers: Layers, settings: Sequence[Setting]) -> tuple[Layers, frozenset[Part]]:
    """Lay settings over files, in order; return all together, and the parts that changed."""
    changed: set[Part] = set()
    set_windows: set[str] = set()
    has_new_end = False
    for setting in settings:
        if unfit := list(_unfit(setting.value, (setting.path,), Positions(setting.origin))):
            raise ScenarioError.of(unfit)
        data = _as_in_file(setting, layers.data)
        positions = everywhere(data, setting.origin)
        tables, faults = read_dyads(data.pop(DYADS, {}), positions)
        for section, value in data.items():
            codes = list(value) if section == "states" and isinstance(value, Mapping) else []
            changed |= {(section, code) for code in codes} or {(section,)}
        changed |= {(DYADS, name) for name in tables}
        set_windows |= set(_mapping(data.get("windows")))
        has_new_end |= "months_after" in _mapping(data.get("horizon"))
        layers = layers.under(Layers(data, positions, tables, tuple(faults)))
    if has_new_end:
        layers = _cut_windows(layers, set_windows)
        changed.add(("windows",))
    for spec in DYAD_FIGURES:
        if (DYADS, spec.default_from) in changed:
            changed.add((DYADS, spec.name))
    return layers, frozenset(changed)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_in_file(setting: Setting, base: Mapping[str, Any]) -> dict[str, Any]:
    """Write a setting the way a file would."""
    section, *rest = setting.path.split(".")
    if section == DYADS:
        # The level "pairs" may be left out.
        is_pair = len(rest) > 1 and split_pair(rest[1]) is not None
        keys = [rest[0], "pairs", *rest[1:]] if is_pair else rest
        return {section: _nested(keys, setting.value)}
    if section not in SECTIONS:
        raise setting.unknown("key", _section_hint(section))
    known = _mapping(base.get(section))
    if section == "states":
        return {section: _state_data(setting, rest, known)}
    if section == "windows" and rest and rest[0] not in known:
        raise setting.unknown("window", suggestion(rest[0], known))
    return {section: _nested(rest, setting.value)}


def _section_hint(name: str) -> str | None:
    """Suggest a section, or the one in which there is such a key."""
    for home, names in (("parameters", Param.__members__), ("options", Option.__members__)):
        if name in names:
            return f"did you mean '{home}.{name}'?"
    return suggestion(name, (*SECTIONS, DYADS))


def _nested(keys: Sequence[str], value: object) -> Any:
    """Wrap a value in mappings."""
    for key in reversed(keys):
        value = {key: value}
    return value


def _state_data(setting: Setting, keys: Sequence[str], known: Mapping[str, Any]) -> Any:
    """Set figures of states that exist; a figure loses the source of the number it had."""
    value = setting.value
    for code in keys[:1] or _mapping(value):
        if code not in known:
            raise setting.unknown("state", suggestion(code, known))
    match keys:
        case [code, figure] | [code, figure, "value"]:
            keys = [code, figure]
            has_source = isinstance(_mapping(known[code]).get(figure), Mapping)
            if has_source and not isinstance(value, Mapping):
                value = {"value": value, "provenance": "user"}
    return _nested(keys, value)


def _cut_windows(layers: Layers, kept: set[str]) -> Layers:
    """Fit the windows of the files to a horizon that a setting made shorter.

    A file whose windows lie beyond its own horizon is in error; but who shortens a run on the
    command line to try something out should not have to spell out every window.
    """
    end = _mapping(layers.data.get("horizon")).get("months_after")
    windows = _mapping(layers.data.get("windows"))
    cut: dict[str, list[int] | None] = {}
    for name, window in windows.items():
        match window:
            case [int(first), int(last)] if (
                name not in kept and isinstance(end, int) and last > end
            ):
                cut[name] = [first, end] if first <= end else None
    if not cut:
        return layers
    told = ", ".join(f"{name} is {'dropped' if w is None else w}" for name, w in cut.items())
    remark = f"windows end with the horizon of {end} months: {told}"
    data = {**layers.data, "windows": {**windows, **cut}}
    return replace(layers, data=data, remarks=(*layers.remarks, remark))
