"""What must hold of the factors and points of an experiment, found without building every world.

A world is built of each point of a small design.  Of a large one, it is built of points that
together have every level, or of many numbers both ends and some others; every combination of the
factors that may change more than numbers and choices; and of some points spread over the design.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from regional_sim.errors import ABSENT, Fault, InputError, shown
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.levels import Level, LevelColumn, text_of
from regional_sim.experiment.points import Factor, Point, Points
from regional_sim.experiment.posture import FACTOR_PREFIX, field_fault
from regional_sim.scenario.dyads import EMPTY_TABLE, split_pair
from regional_sim.scenario.figures import DYAD_FIGURE
from regional_sim.scenario.schema import DYADS
from regional_sim.scenario.yaml import KeyPath, Positions

ENOUGH_FAULTS: Final = 20
"""Faults of one kind after which no more are looked for."""

FRAMES_LIMIT: Final = 20_000
"""Worlds of a large design that differ in more than numbers and choices; each one is built."""

_DEFAULT: Final = ".default"

Thing: TypeAlias = tuple[str, ...]
"""What a path sets, whichever way that is written."""

_TRIED_LEVELS: Final = 100
"""Different numbers of a factor that are all tried; of more, both ends and some in between."""

_TRIED_POINTS: Final = 64
"""Points of a large design that are tried wherever they lie."""


def relocated(
    error: InputError, places: Mapping[str, KeyPath], otherwise: KeyPath, positions: Positions
) -> Iterator[Fault]:
    """Move faults of a scenario to where an experiment asked for what is at fault.

    `places` maps the dotted path of each setting to its place in the experiment's file, `otherwise`
    is the place of what cannot be told.
    """
    for fault in error.faults:
        path = next((place for name, place in places.items() if _is_about(fault, name)), otherwise)
        about_name = fault.value is ABSENT
        if about_name and path and isinstance(path[-1], int):
            path = path[:-1]
        yield positions.fault(
            fault.what,
            path,
            fault.value,
            at_key=about_name,
            allowed=fault.allowed,
            hint=fault.hint or (None if about_name else _drawn(path)),
        )


def _drawn(path: KeyPath) -> str | None:
    """Say that a level does not stand in the file, where its place is that of a prior."""
    return "this prior can give it" if path[-2:-1] == ("factors",) else None


def _is_about(fault: Fault, name: str) -> bool:
    """Tell whether a fault's key is the setting, lies inside it, or contains it."""
    # A setting may leave out the level ``pairs`` of a dyad quantity.
    key, setting = (
        path.replace(".pairs.", ".", 1) if path.startswith("dyads.") else path
        for path in (f"{fault.key}.".replace("[", "."), f"{name}.")
    )
    return key.startswith(setting) or setting.startswith(key)


# --------------------------------------------------------------------------- names of factors


def names_of_factors(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Find factors that set the same thing as another one, or as a setting, and alike levels."""
    points = experiment.points
    setters: dict[Thing, str] = {}
    for path, column in points.columns.items():
        place = _place_of_factor(column, path)
        for thing in _things(path):
            first = setters.setdefault(thing, path)
            if first != path:
                what = f"this factor and {first} set the same thing"
                yield at.fault(what, place, at_key=True, hint="drop one of them")
                break
        yield from _alike(Factor(path, column), at)
    for path, column in points.columns.items():
        if path.endswith(_DEFAULT) and _decides_nothing(experiment, path, setters.keys()):
            what = "this default decides nothing, as every pair is given"
            explicit = [p for p in points.columns if p.startswith(path.removesuffix("default"))]
            hint = f"drop it, or {explicit[0]}" if explicit[0] != path else "drop it"
            yield at.fault(what, _place_of_factor(column, path), at_key=True, hint=hint)
    for name, value in experiment.settings.items():
        for thing in _things_of_setting(name, value):
            # These months, once set, cut the windows, whatever a factor makes of them later.
            if thing in setters and thing != ("horizon", "months_after"):
                what = f"the factor {setters[thing]} sets the same thing at every point"
                yield at.fault(what, ("settings", name), at_key=True, hint="drop one of them")
                break


def _place_of_factor(column: LevelColumn, path: str) -> KeyPath:
    """Return where a factor is named; of listed points, at the first one."""
    place = column.place_of(0) or ("design", path)
    return place[: place.index(path) + 1]


def _things(path: str) -> Iterator[Thing]:
    """Name what a path sets, whichever way it is written: of a pair both directions it sets."""
    section, *rest = path.split(".")
    if section == "states" and rest[2:] == ["value"]:
        rest = rest[:2]
    if section == DYADS and len(rest) > 1 and rest[0] in DYAD_FIGURE:
        pair = split_pair(rest[-1])
        if pair is not None:
            a, b, is_directed = pair
            yield section, rest[0], a, b
            if not is_directed:
                yield section, rest[0], b, a
            return
    yield section, *rest


def _decides_nothing(experiment: Experiment, path: str, things: Collection[Thing]) -> bool:
    """Tell whether the world, or a factor, gives every pair whose default a path sets."""
    section, name, *_ = path.split(".")
    if section != DYADS or name not in DYAD_FIGURE:
        return False
    given = experiment.scenario.layers.dyads.get(name, EMPTY_TABLE).cells
    pairs = itertools.permutations(experiment.scenario.codes, 2)
    return all(
        (a, b) in given or (section, name, a, b) in things
        for a, b in pairs
        if a < b or DYAD_FIGURE[name].directed
    )


def _things_of_setting(path: str, value: object) -> Iterator[Thing]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _things_of_setting(f"{path}.{key}", inner)
    else:
        yield from _things(path)


def _alike(factor: Factor, at: Positions) -> Iterator[Fault]:
    """Find levels that are told apart here, but not in a table."""
    if isinstance(factor.levels.values, array):
        return
    seen: dict[object, Level] = {}
    is_text = factor.kind == "text"
    for number, level in enumerate(factor.levels.values):
        # A column of numbers holds no more digits than a floating-point number has.
        cell = text_of(level) if is_text or level is None else float(level)
        first = seen.setdefault(cell, level)
        if first != level or (is_text and type(first) is not type(level)):
            what = f"in a table this level looks like {shown(first)}"
            yield at.fault(what, factor.levels.place_of(number), level)
            return


# --------------------------------------------------------------------------- levels and points


def points_at_fault(experiment: Experiment, at: Positions) -> list[Fault]:
    """Find levels and combinations of levels that the world or a policy refuses."""
    found: dict[tuple[str | None, str], Fault] = {}
    for fault in _faults(experiment, at):
        found.setdefault((fault.where or fault.key, fault.what), fault)
        if len(found) >= ENOUGH_FAULTS:
            break
    return list(found.values())


def _faults(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    points = experiment.points
    tried: Iterable[int] = range(len(points))
    if not experiment.keeps_worlds:
        first = [first for first, _ in points.groups(experiment.framing_factors)]
        if len(first) > FRAMES_LIMIT:
            names = ", ".join(experiment.framing_factors)
            what = f"{names} make too many different worlds"
            yield at.fault(what, ("design",), len(first), allowed=f"at most {FRAMES_LIMIT}")
            return
        # The first point that has some level of a factor, whatever it has of the others.
        columns = points.columns.values()
        levels = (number * column.stride for column in columns for number in _tried(column))
        tried = sorted({*first, *levels, *_spread(range(len(points)), _TRIED_POINTS)})
    faults = list(_of_fields(experiment, points, at))
    yield from faults
    for number in tried:
        point, places = points[number], points.places_at(number)
        try:
            experiment.scenario_at(point)
        except InputError as error:
            yield from relocated(error, places, ("design",), at)
        if not faults:
            yield from _of_policies(experiment, point, places, at)


def _of_policies(
    experiment: Experiment, point: Point, places: Mapping[str, KeyPath], at: Positions
) -> Iterator[Fault]:
    """Find fields of policies whose levels do not go together."""
    try:
        experiment.postures_at(point)
    except InputError as error:
        paths = (place for path, place in places.items() if path.startswith(FACTOR_PREFIX))
        place = next(paths, ("design",))
        for fault in error.faults:
            yield at.fault(fault.what, place, fault.value, allowed=fault.allowed, hint=fault.hint)


def _tried(column: LevelColumn) -> Collection[int]:
    """Return the numbers of the levels to try: all that differ, but of many numbers only some."""
    values = column.values
    if isinstance(values, array):
        return _some_of(np.unique(values, return_index=True)[1].tolist())
    by_kind: dict[type, dict[Level, int]] = {}
    for number, level in enumerate(values):
        by_kind.setdefault(type(level), {}).setdefault(level, number)
    tried: set[int] = set()
    for kind, first in by_kind.items():
        is_number = kind in (int, float)
        tried |= _some_of([n for _, n in sorted(first.items())]) if is_number else {*first.values()}
    return tried


def _some_of(by_size: Sequence[int]) -> set[int]:
    """Pick some of many numbers: both ends, and those at places where other factors are tried."""
    return {by_size[0], by_size[-1], *_spread(sorted(by_size), _TRIED_LEVELS)}


def _spread(numbers: Sequence[int], most: int) -> list[int]:
    """Pick at most so many, spread evenly."""
    places = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).astype(np.int64)
    return [numbers[place] for place in places.tolist()]


def _of_fields(experiment: Experiment, points: Points, at: Positions) -> Iterator[Fault]:
    """Check the factors that set fields of policies."""
    for path, column in points.columns.items():
        name = path.removeprefix(FACTOR_PREFIX)
        if name == path or not experiment.postures:
            continue
        unknown = field_fault(name, experiment.postures)
        if unknown is not None:
            place = _place_of_factor(column, path)
            yield at.fault(unknown.what, place, at_key=True, hint=unknown.hint)
            continue
        for number in sorted(_tried(column)):
            level, place = column.values[number], column.place_of(number) or ("design", path)
            try:
                for posture in experiment.postures:
                    posture.with_settings({name: level})
            except InputError as error:
                drawn = error.hint or _drawn(place)
                yield at.fault(error.what, place, level, allowed=error.allowed, hint=drawn)
