"""Rules that hold between the parts of a scenario: each yields the faults it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from regional_sim.errors import Fault, ScenarioError, suggestion
from regional_sim.scenario.dyads import EMPTY_TABLE, DyadTable, FloatArray, hosts_of, values_of
from regional_sim.scenario.dyads import SECTION as DYADS
from regional_sim.scenario.figures import DYAD_FIGURES
from regional_sim.scenario.layers import Layers
from regional_sim.scenario.messages import Section, faults_of
from regional_sim.scenario.schema import (
    ADAPTERS,
    DEFAULTS,
    MIN_STATES,
    RESERVED_WINDOW,
    SECTIONS,
    Groups,
    Horizon,
    Roles,
    ScenarioFile,
    Source,
    StateBase,
)
from regional_sim.scenario.yaml import KeyPath, Positions, dotted


def check_windows(
    windows: Mapping[str, tuple[int, int]], horizon: Horizon, positions: Positions
) -> Iterator[Fault]:
    """Check that no window ends after the horizon or takes the name of the built-in one."""
    what = f"this window ends after the horizon of {horizon.months_after} months"
    hint = "write null to drop an inherited window"
    for name, window in windows.items():
        if name == RESERVED_WINDOW:
            told = "this name is taken by the window of all months after the switch"
            yield positions.fault(told, ("windows", name), hint="choose another name")
        if window[1] > horizon.months_after:
            yield positions.fault(what, ("windows", name), list(window), hint=hint)


def check_roles(roles: Roles, codes: Sequence[str], positions: Positions) -> Iterator[Fault]:
    """Check that roles are played by states, each by another."""
    held: dict[str, str] = {}
    for role, code in roles:
        if code is None:
            continue
        if code not in codes:
            yield _unknown_state(code, codes, ("roles", role), positions)
        elif code in held:
            what = f"this state is the {held[code]} already"
            yield positions.fault(what, ("roles", role), code)
        held.setdefault(code, role)
    if roles.partner is None and len(codes) > MIN_STATES:
        hint = "only a world of two states can do without"
        yield positions.missing(("roles",), "partner", hint)


def check_groups(groups: Groups, codes: Sequence[str], positions: Positions) -> Iterator[Fault]:
    """Check that groups list states, each once."""
    for group, members in groups:
        for index, code in enumerate(members):
            path = ("groups", group, index)
            if code not in codes:
                yield _unknown_state(code, codes, path, positions)
            elif code in members[:index]:
                yield positions.fault("this state is listed twice", path, code)


def check_streams(states: Mapping[str, StateBase], positions: Positions) -> Iterator[Fault]:
    """Check that no two states share their random streams."""
    owner = {code: code for code, state in states.items() if state.stream is None}
    for code, state in states.items():
        other = code if state.stream is None else owner.setdefault(state.stream, code)
        if other != code:
            what = f"{other} has these random streams already"
            yield positions.fault(what, ("states", code, "stream"), state.stream)


def check_sources(
    states: Mapping[str, StateBase],
    tables: Mapping[str, DyadTable],
    sources: Mapping[str, Source],
    positions: Positions,
) -> Iterator[Fault]:
    """Check that every source that is cited is listed."""
    for code, state in states.items():
        for name, figure in state.figures():
            if figure.source is not None and figure.source not in sources:
                path = ("states", code, name, "source")
                hint = _source_hint(figure.source, sources)
                yield positions.fault("unknown source", path, figure.source, hint=hint)
    for name, table in tables.items():
        cited = table.about.get("source")
        if isinstance(cited, str) and cited not in sources:
            where, key = str(table.source_at) or None, dotted(("dyads", name, "source"))
            hint = _source_hint(cited, sources)
            yield Fault("unknown source", where, key, cited, hint=hint)


def _source_hint(source: str, sources: Iterable[str]) -> str:
    return suggestion(source, sources) or "list it under sources"


def _unknown_state(code: str, codes: Sequence[str], path: KeyPath, positions: Positions) -> Fault:
    return positions.fault("unknown state", path, code, hint=suggestion(code, codes))


def check_mentions(tables: Mapping[str, DyadTable], codes: Sequence[str]) -> Iterator[Fault]:
    """Check that dyads are about states that exist."""
    known = frozenset(codes)
    for table in tables.values():
        for mention in table.mentions:
            if mention.code not in known:
                where, key = str(mention.position) or None, dotted(mention.path)
                hint = suggestion(mention.code, codes)
                yield Fault("unknown state", where, key, mention.code, hint=hint)


def check_complete(
    name: str, array: FloatArray, codes: Sequence[str], positions: Positions
) -> Iterator[Fault]:
    """Check that no pair lacks a value."""
    missing = np.argwhere(np.isnan(array))
    if missing.size:
        a, b = (codes[index] for index in missing[0])
        more = f" ({len(missing)} pairs in all)" if len(missing) > 1 else ""
        hint = "give a matrix, pairs or a default"
        what = f"no value for {a}:{b}{more}"
        yield positions.fault(what, ("dyads", name), at_key=True, hint=hint)


WHOLE_WINDOW: Final = "all"
"""Name of the one window of a scenario that defines none."""

_CITING: Final = ("states", "sources")


@dataclass(frozen=True)
class Sections:
    """The validated parts of a scenario.

    Attributes
    ----------
    title, description : str
        As in the file.
    horizon, roles, groups, options, parameters : Section
        Validated models.
    windows : dict
        First and last month of each, by first month.
    sources : dict of Source
        By key.
    states : dict
        By sorted code.
    dyads : dict of ndarray
        Quantities that hold numbers, rows and columns in the order of `states`.
    hosts : ndarray of int
        Row of the host state, -1 where there is none.
    """

    title: str
    description: str
    horizon: Horizon
    windows: Mapping[str, tuple[int, int]]
    roles: Roles
    groups: Groups
    options: Section
    parameters: Section
    sources: Mapping[str, Source]
    states: Mapping[str, StateBase]
    dyads: Mapping[str, FloatArray]
    hosts: npt.NDArray[np.int64]


def validate(
    layers: Layers, before: Sections | None = None, touched: frozenset[str] = frozenset()
) -> Sections:
    """Validate a scenario, or what changed in one.

    Parameters
    ----------
    layers : Layers
        All files and settings together.
    before : Sections, optional
        The result before the settings; None: validate everything.
    touched : frozenset of str
        Sections that the settings changed, and ``dyads.<quantity>``.

    Returns
    -------
    Sections
        Validated models and arrays.

    Raises
    ------
    ScenarioError
        With all faults.
    """
    faults = [*layers.faults, *_unknown_sections(layers)]
    values: dict[str, Any] = {}
    for name in ADAPTERS:
        if before is not None and name not in touched:
            values[name] = getattr(before, name)
        else:
            values |= _section(name, layers, faults)
    faults += _between(values, layers)
    if before is None or any(name in _CITING or name.startswith(DYADS) for name in touched):
        faults += _citations(values, layers)
    if faults:
        raise ScenarioError.of(faults)
    codes = tuple(values["states"])
    arrays = _arrays(layers, codes, before, touched, faults)
    if faults:
        raise ScenarioError.of(faults)
    hosts = hosts_of(layers.dyads.get("host", EMPTY_TABLE), codes)
    return Sections(**values, dyads=arrays, hosts=hosts)


def _unknown_sections(layers: Layers) -> Iterator[Fault]:
    """Find top-level keys that mean nothing."""
    for name in layers.data:
        if name not in SECTIONS:
            hint = suggestion(name, ScenarioFile.model_fields)
            yield layers.positions.fault("unknown key", (name,), at_key=True, hint=hint)


def _section(name: str, layers: Layers, faults: list[Fault]) -> dict[str, Any]:
    """Validate one section; return it under its name, or nothing where it is at fault."""
    data = layers.data.get(name, DEFAULTS.get(name, {}))
    try:
        value = ADAPTERS[name].validate_python(data)
    except ValidationError as error:
        faults += faults_of(error, data, layers.positions, SECTIONS[name], (name,))
        return {}
    return {name: value}


def _between(values: dict[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check what holds between sections, as far as those are good; put them in order."""
    positions = layers.positions
    if "windows" in values and "horizon" in values:
        values["windows"] = _windows(values["windows"], values["horizon"])
        yield from check_windows(values["windows"], values["horizon"], positions)
    if "states" not in values:
        return
    values["states"] = dict(sorted(values["states"].items()))
    codes = tuple(values["states"])
    if "roles" in values:
        yield from check_roles(values["roles"], codes, positions)
    if "groups" in values:
        yield from check_groups(values["groups"], codes, positions)
    yield from check_streams(values["states"], positions)
    yield from check_mentions(layers.dyads, codes)


def _citations(values: Mapping[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check that what is cited is listed."""
    if "states" in values and "sources" in values:
        yield from check_sources(
            values["states"], layers.dyads, values["sources"], layers.positions
        )


def _windows(
    windows: Mapping[str, tuple[int, int] | None], horizon: Horizon
) -> dict[str, tuple[int, int]]:
    """Drop windows that were set to null, sort the others, and have at least one."""
    kept = [(window, name) for name, window in windows.items() if window is not None]
    return {name: window for window, name in sorted(kept)} or {
        WHOLE_WINDOW: (1, horizon.months_after)
    }


def _arrays(
    layers: Layers,
    codes: tuple[str, ...],
    before: Sections | None,
    touched: frozenset[str],
    faults: list[Fault],
) -> dict[str, FloatArray]:
    """Make the arrays of all dyad quantities, anew only where something changed."""
    arrays: dict[str, FloatArray] = {}
    for spec in DYAD_FIGURES:
        if spec.holds_state:
            continue
        name = spec.name
        if before is not None and not {f"{DYADS}.{name}", f"{DYADS}.{spec.default_from}"} & touched:
            arrays[name] = before.dyads[name]
            continue
        table = layers.dyads.get(name, EMPTY_TABLE)
        arrays[name] = values_of(spec, table, codes, arrays)
        # What its default lacks is reported there.
        if spec.default_from is None or not np.isnan(arrays[spec.default_from]).any():
            faults += check_complete(name, arrays[name], codes, layers.positions)
    return arrays
