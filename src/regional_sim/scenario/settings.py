"""Single settings, ``key.path=value``: each becomes a layer that is laid over the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from regional_sim.errors import ScenarioError, suggestion
from regional_sim.rules.options import Option
from regional_sim.rules.parameters import Param
from regional_sim.scenario.dyad_reading import SECTION as DYADS
from regional_sim.scenario.dyad_reading import read_dyads, split_pair
from regional_sim.scenario.form import SECTIONS
from regional_sim.scenario.layers import Layers
from regional_sim.scenario.positions import NOWHERE, Position, everywhere
from regional_sim.scenario.yaml_document import yaml_value

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
