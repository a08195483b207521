"""From layers to validated sections: each section by itself, then what holds between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from regional_sim.errors import (
    MAX_FAULTS_KEPT,
    MAX_NAMES_SHOWN,
    Fault,
    ScenarioError,
    suggestion,
)
from regional_sim.scenario.dyads import (
    EMPTY_TABLE,
    DyadTable,
    FloatArray,
    host_matrix,
    number_matrix,
)
from regional_sim.scenario.figures import DYAD_FIGURES, MAX_TRADE_OVER_GDP, TRADE
from regional_sim.scenario.layers import Layers, Part
from regional_sim.scenario.messages import Section, faults_of
from regional_sim.scenario.paths import Paths, read_paths, trade_faults
from regional_sim.scenario.schema import (
    ADAPTERS,
    DEFAULTS,
    DYADS,
    MIN_STATES,
    PATHS,
    RESERVED_WINDOW,
    SECTIONS,
    Groups,
    Horizon,
    Roles,
    ScenarioFile,
    Source,
    StateBase,
)
from regional_sim.scenario.yaml import NOT_GIVEN, Positions, dotted

_DEFAULT_WINDOW: Final = "all"
"""Name of the one window of a scenario that defines none."""

_CITING: Final = ("states", "sources", DYADS, PATHS)


@dataclass(frozen=True)
class Sections:
    """The validated parts of a scenario; `states` by sorted code, `windows` by first month.

    `dyads` holds the quantities that are numbers, shape (n_states, n_states), and `hosts` the row
    of each host state, -1 where there is none.
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
    paths: Paths
    dyads: Mapping[str, FloatArray]
    hosts: npt.NDArray[np.int64]


def validate(
    layers: Layers, before: Sections | None = None, changed: frozenset[Part] = frozenset()
) -> Sections:
    """Validate a scenario, or what changed in one.

    Parameters
    ----------
    layers : Layers
        All files and settings together.
    before : Sections, optional
        The result before the settings; None: validate everything.
    changed : frozenset of Part
        What the settings changed.

    Raises
    ------
    ScenarioError
        With all faults.
    """
    faults = [*layers.faults, *islice(_unknown_sections(layers), MAX_FAULTS_KEPT)]
    sections = {part[0] for part in changed}
    values: dict[str, Any] = {}
    for name in ADAPTERS:
        if before is not None and name not in sections:
            values[name] = getattr(before, name)
        else:
            values |= _section(name, layers, before, changed, faults)
    faults += islice(_between(values, layers), MAX_FAULTS_KEPT)
    if before is None or PATHS in sections:
        faults += _read_paths(values, layers)
    if before is None or not sections.isdisjoint(_CITING):
        faults += _citations(values, layers)
    if faults:
        raise ScenarioError.of(faults)
    codes = tuple(values["states"])
    arrays = _arrays(layers, codes, before, changed, faults)
    faults += _check_trade(values["states"], arrays[TRADE], layers)
    faults += trade_faults(values["states"], arrays[TRADE], values[PATHS], layers.positions)
    if faults:
        raise ScenarioError.of(faults)
    if before is None or (DYADS, "host") in changed:
        hosts = host_matrix(layers.dyads.get("host", EMPTY_TABLE), codes)
    else:
        hosts = before.hosts
    return Sections(**values, dyads=arrays, hosts=hosts)


def _unknown_sections(layers: Layers) -> Iterator[Fault]:
    """Find top-level keys that mean nothing."""
    for name in layers.data:
        if name not in SECTIONS:
            yield layers.positions.unknown_key("key", (name,), ScenarioFile.model_fields)


def _section(
    name: str,
    layers: Layers,
    before: Sections | None,
    changed: frozenset[Part],
    faults: list[Fault],
) -> dict[str, Any]:
    """Validate one section; return it under its name, or nothing where it is at fault."""
    data = layers.data.get(name, DEFAULTS.get(name, {}))
    if name == "states" and before is not None and (name,) not in changed:
        # A model is its own validated form.
        known = before.states
        data = {c: data[c] if (name, c) in changed else known[c] for c in data}
    try:
        return {name: ADAPTERS[name].validate_python(data)}
    except ValidationError as error:
        found = faults_of(error, data, layers.positions, SECTIONS[name], (name,))
        is_told = name == "states" and isinstance(data, Mapping)
        faults += _perhaps_misspelt(found, data, layers) if is_told else found
        return {}


def _perhaps_misspelt(
    found: Sequence[Fault], states: Mapping[str, Any], layers: Layers
) -> Iterator[Fault]:
    """Suggest, where a new state lacks figures, that one of the base may be meant."""
    rank = {code: layers.rank_of_first(("states", code)) for code in states}
    for fault in found:
        code = str(fault.key).split(".")[1] if fault.what == NOT_GIVEN else ""
        others = (other for other in states if rank[other] < rank.get(code, 0))
        hint = suggestion(code, others)
        yield fault if hint is None else replace(fault, hint=f"{hint} {code} would be a new state")


def _between(values: dict[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check what holds between sections, as far as those are good; put them in order."""
    positions = layers.positions
    if "windows" in values and "horizon" in values:
        values["windows"] = _windows(values["windows"], values["horizon"])
        yield from _check_windows(values["windows"], values["horizon"], layers)
    if "states" not in values:
        return
    values["states"] = dict(sorted(values["states"].items()))
    codes = tuple(values["states"])
    if "roles" in values:
        yield from _check_roles(values["roles"], codes, positions)
    if "groups" in values:
        yield from _check_groups(values["groups"], codes, positions)
    yield from _check_streams(values["states"], positions)
    yield from _check_mentions(layers.dyads, codes)


def _read_paths(values: dict[str, Any], layers: Layers) -> list[Fault]:
    """Read the paths of states that are good; return what is wrong with them."""
    if not values.keys() >= {"states", PATHS}:
        return []
    values[PATHS], faults = read_paths(values[PATHS], tuple(values["states"]), layers.positions)
    return faults


def _windows(
    windows: Mapping[str, tuple[int, int] | None], horizon: Horizon
) -> dict[str, tuple[int, int]]:
    """Drop windows that were set to null, sort the others, and have at least one."""
    kept = [(window, name) for name, window in windows.items() if window is not None]
    return {name: window for window, name in sorted(kept)} or {
        _DEFAULT_WINDOW: (1, horizon.months_after)
    }


def _check_windows(
    windows: Mapping[str, tuple[int, int]], horizon: Horizon, layers: Layers
) -> Iterator[Fault]:
    """Check that no window ends after the horizon or takes the name of the built-in one."""
    positions, end = layers.positions, ("horizon", "months_after")
    cut_off: list[str] = []
    for name, window in windows.items():
        path = ("windows", name)
        if name == RESERVED_WINDOW:
            what = "this name is taken by the window of all months after the onset of the posture"
            yield positions.fault(what, path, hint="choose another name")
        if window[1] <= horizon.months_after:
            continue
        if layers.rank(positions.of_value(end)) > layers.rank(positions.of_value(path)):
            cut_off.append(name)
        else:
            what = f"this window ends after the horizon of {horizon.months_after} months"
            hint = "write null to drop an inherited window"
            yield positions.fault(what, path, list(window), hint=hint)
    if cut_off:
        inherited = ", ".join(f"{name}: {list(windows[name])}" for name in cut_off)
        what = f"inherited windows end after this horizon ({inherited})"
        hint = "give them anew, or drop them: windows: {" + f"{cut_off[0]}: null" + "}"
        yield positions.fault(what, end, horizon.months_after, hint=hint)


def _check_roles(roles: Roles, codes: Sequence[str], positions: Positions) -> Iterator[Fault]:
    """Check that roles are played by states, each by another."""
    role_of: dict[str, str] = {}
    for role, code in roles:
        if code is None:
            continue
        path = ("roles", role)
        if code not in codes:
            yield positions.unknown_name("state", path, code, codes)
        elif code in role_of:
            yield positions.fault(f"this state is the {role_of[code]} already", path, code)
        role_of.setdefault(code, role)
    if roles.partner is None and len(codes) > MIN_STATES:
        hint = "only a world of two states can do without"
        yield positions.missing(("roles",), "partner", hint)


def _check_groups(groups: Groups, codes: Sequence[str], positions: Positions) -> Iterator[Fault]:
    """Check that groups list states, each once."""
    for group, members in groups:
        seen: set[str] = set()
        for index, code in enumerate(members):
            path = ("groups", group, index)
            if code not in codes:
                yield positions.unknown_name("state", path, code, codes)
            elif code in seen:
                yield positions.fault("this state is listed twice", path, code)
            seen.add(code)


def _check_streams(states: Mapping[str, StateBase], positions: Positions) -> Iterator[Fault]:
    """Check that no two states share their random streams."""
    owner = {code: code for code, state in states.items() if state.stream is None}
    for code, state in states.items():
        other = code if state.stream is None else owner.setdefault(state.stream, code)
        if other != code:
            what = f"{other} has these random streams already"
            yield positions.fault(what, ("states", code, "stream"), state.stream)


def _check_mentions(tables: Mapping[str, DyadTable], codes: Sequence[str]) -> Iterator[Fault]:
    """Check that dyads are about states that exist."""
    for table in tables.values():
        for mention in table.mentions:
            if mention.value not in codes:
                yield replace(mention, hint=suggestion(mention.value, codes))


def _citations(values: Mapping[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check that every source that is cited is listed."""
    if not values.keys() >= {"states", "sources"}:
        return
    sources: Mapping[str, Source] = values["sources"]
    cited: list[Fault] = []
    for code, state in values["states"].items():
        for name, figure in state.figures():
            if figure.source is not None and figure.source not in sources:
                path = ("states", code, name, "source")
                cited.append(layers.positions.fault("unknown source", path, figure.source))
    for owner, figures in values.get(PATHS, {}).items():
        for name, points in figures.items():
            for month, point in points.items():
                if point.source is not None:
                    place = (PATHS, owner, name, str(month), "source")
                    cited.append(layers.positions.fault("unknown source", place, point.source))
    cited += [table.citation for table in layers.dyads.values() if table.citation is not None]
    for fault in cited:
        if fault.value not in sources:
            hint = suggestion(fault.value, sources) or "list it under sources"
            yield replace(fault, hint=hint)


def _arrays(
    layers: Layers,
    codes: tuple[str, ...],
    before: Sections | None,
    changed: frozenset[Part],
    faults: list[Fault],
) -> dict[str, FloatArray]:
    """Make the arrays of all dyad quantities, anew only where something changed."""
    arrays: dict[str, FloatArray] = {}
    for spec in DYAD_FIGURES:
        name = spec.name
        if spec.holds_state:
            continue
        if before is not None and (DYADS, name) not in changed:
            arrays[name] = before.dyads[name]
            continue
        arrays[name] = number_matrix(spec, layers.dyads.get(name, EMPTY_TABLE), codes, arrays)
        # What its default lacks is reported there.
        if spec.default_from is None or not np.isnan(arrays[spec.default_from]).any():
            faults += _check_complete(name, arrays[name], codes, layers)
    return arrays


def _check_complete(
    name: str, array: FloatArray, codes: Sequence[str], layers: Layers
) -> Iterator[Fault]:
    """Check that no pair lacks a value; report what does at the state, if that is new."""
    pairs = [(codes[a], codes[b]) for a, b in np.argwhere(np.isnan(array))]
    if not pairs:
        return
    listed = ", ".join(f"{a}:{b}" for a, b in pairs[:MAX_NAMES_SHOWN])
    more = len(pairs) - MAX_NAMES_SHOWN
    what = f"no value for {listed}{f' and {more} more' if more > 0 else ''}"
    path, hint = (DYADS, name), "give a matrix, pairs or a default"
    new = _states_after(layers, name, codes)
    if all(not new.isdisjoint(pair) for pair in pairs):
        at = layers.positions.of_key(("states", min(new)))
        if layers.rank(at) < len(layers.files):
            hint += f"; regional-sim describe pairs {at.origin} writes them out to be filled in"
        yield Fault(what, str(at), dotted(path), hint=hint)
    else:
        yield layers.positions.fault(what, path, at_key=True, hint=hint)


def _check_trade(
    states: Mapping[str, StateBase], trade: FloatArray, layers: Layers
) -> Iterator[Fault]:
    """Check that no state trades many times what it produces, as one of another unit seems to."""
    for (code, state), total in zip(states.items(), trade.sum(axis=1), strict=True):
        product = state.figure("gdp_usd_bn").value
        if total > MAX_TRADE_OVER_GDP * product:
            what = f"{code} produces {product:g} bn USD and trades {total:g} with the others"
            allowed = f"trade of at most {MAX_TRADE_OVER_GDP:g} times the product"
            paths = ("states", code, "gdp_usd_bn"), (DYADS, TRADE)
            # Whoever said one of the two later is told.
            path = max(paths, key=lambda path: layers.rank(layers.positions.of_key(path)))
            yield layers.positions.fault(what, path, at_key=True, allowed=allowed)


def _states_after(layers: Layers, quantity: str, codes: Sequence[str]) -> set[str]:
    """Find states that came with a later file than a dyad quantity did."""
    rank = layers.rank_of_first((DYADS, quantity))
    return {code for code in codes if layers.rank_of_first(("states", code)) > rank}
