"""Rules that hold between the parts of a scenario: each yields the faults it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from regional_sim.errors import Fault, suggestion
from regional_sim.scenario.dyad_tables import DyadTable, FloatArray
from regional_sim.scenario.positions import KeyPath, Positions, dotted
from regional_sim.scenario.sections import (
    MIN_STATES,
    RESERVED_WINDOW,
    Groups,
    Horizon,
    Roles,
    Source,
    StateBase,
)


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
