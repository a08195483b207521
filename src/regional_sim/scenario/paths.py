"""Paths: figures of states and pairs that move over the months of a run.

A path gives points; between them a figure moves in a straight line from the scenario's own value
in month 0, and after the last one it stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from pydantic import ValidationError

from regional_sim.errors import Fault
from regional_sim.numerics.interpolation import between_points
from regional_sim.scenario.dyads import FloatArray, split_pair
from regional_sim.scenario.figures import DYAD_FIGURE, MAX_TRADE_OVER_GDP, TRADE
from regional_sim.scenario.messages import faults_of
from regional_sim.scenario.schema import PATHS, Figure, PairPaths, StateBase, StatePaths
from regional_sim.scenario.yaml import KeyPath, Positions

PathPoints: TypeAlias = Mapping[int, Figure]
Paths: TypeAlias = Mapping[str, Mapping[str, PathPoints]]
"""PathPoints by month, by figure, by state or pair: ``A:B`` of directed figures, else ``A-B``."""

_PAIR_FORMS: Final = "A:B (A toward B) or A-B"


def values_by_month(start: float, points: PathPoints, months: Sequence[int]) -> FloatArray:
    """Return a figure in some months, from 0 on, shape (month,)."""
    values = {month: point.value for month, point in points.items()}
    return between_points(start, values, months)


def read_paths(
    section: Mapping[str, Any], codes: Sequence[str], positions: Positions
) -> tuple[Paths, list[Fault]]:
    """Read the paths of a scenario, with all that is wrong with them."""
    reading = _Reading(codes, positions)
    for key, given in section.items():
        if given is not None:
            reading.read(key, given)
    found = reading.found
    return {
        owner: {name: dict(sorted(points.items())) for name, points in sorted(found[owner].items())}
        for owner in sorted(found, key=lambda owner: (split_pair(owner) is not None, owner))
    }, reading.faults


@dataclass
class _Reading:
    """The reading of the section, with what was found so far."""

    codes: Sequence[str]
    positions: Positions
    found: dict[str, dict[str, dict[int, Figure]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _key_of: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self, key: str, given: object) -> None:
        """Read the paths of one state or pair."""
        pair, before = split_pair(key), len(self.faults)
        model = StatePaths if pair is None else PairPaths
        if pair is not None:
            self._check_pair(key, pair[0], pair[1])
        elif ":" in key or "-" in key:
            self._fault("is not a pair of states", (key,), allowed=_PAIR_FORMS)
            return
        elif "." in key:
            state, _, figure = key.partition(".")
            self._fault("is not a state", (key,), hint=f"write {state}: {{{figure}: ...}}")
            return
        elif key not in self.codes:
            self.faults.append(self.positions.unknown_key("state", (PATHS, key), self.codes))
        try:
            paths: Any = model.model_validate(given)
        except ValidationError as error:
            self.faults += faults_of(error, given, self.positions, model, (PATHS, key))
        if len(self.faults) == before:
            for name in model.model_fields:
                self._keep(key, name, getattr(paths, name))

    def _check_pair(self, key: str, first: str, second: str) -> None:
        if first == second:
            self._fault("a state is no pair with itself", (key,))
        for code in dict.fromkeys((first, second)):
            if code not in self.codes:
                named = self.positions.unknown_name("state", (PATHS, key), code, self.codes)
                self._fault(named.what, (key,), code, hint=named.hint)

    def _keep(self, key: str, name: str, given: Mapping[str, Figure | None] | None) -> None:
        """Keep a path that has points, for each direction that it is about."""
        points = {int(month): point for month, point in (given or {}).items() if point is not None}
        if not points:
            return
        pair, place = split_pair(key), (key, name)
        owners = [key]
        if pair is not None:
            first, second, is_directed = pair
            if not DYAD_FIGURE[name].directed:
                if is_directed:
                    self._fault(f"{name} has no direction", place, hint=f"write {first}-{second}")
                    return
                owners = [f"{min(first, second)}-{max(first, second)}"]
            elif not is_directed:
                owners = [f"{first}:{second}", f"{second}:{first}"]
        for owner in owners:
            other = self._key_of.setdefault((owner, name), key)
            if other != key:
                at = self.positions.of_key((PATHS, other, name))
                what = f"this path is given twice, first under {other!r} at {at}"
                self._fault(what, place, hint="write null for the one to drop")
                return
            self.found.setdefault(owner, {})[name] = points

    def _fault(self, what: str, place: KeyPath, *value: object, **more: Any) -> None:
        fault = self.positions.fault(what, (PATHS, *place), *value, at_key=True, **more)
        self.faults.append(fault)


def states_by_month(
    states: Mapping[str, StateBase], paths: Paths, name: str, months: Sequence[int]
) -> FloatArray:
    """Return a figure of every state in some months, shape (month, n_states)."""
    courses = [
        values_by_month(state.figure(name).value, paths.get(code, {}).get(name, {}), months)
        for code, state in states.items()
    ]
    return np.stack(courses, axis=1)


def pairs_by_month(
    matrix: FloatArray, codes: Sequence[str], paths: Paths, name: str, months: Sequence[int]
) -> FloatArray:
    """Return a dyad quantity in some months, shape (month, n_states, n_states)."""
    values = np.repeat(matrix[None], len(months), axis=0)
    for owner, figures in paths.items():
        pair = split_pair(owner)
        if pair is not None and name in figures:
            i, j = codes.index(pair[0]), codes.index(pair[1])
            values[:, i, j] = values_by_month(matrix[i, j], figures[name], months)
            if not DYAD_FIGURE[name].directed:
                values[:, j, i] = values[:, i, j]
    return values


def trade_faults(
    states: Mapping[str, StateBase], trade: FloatArray, paths: Paths, positions: Positions
) -> Iterator[Fault]:
    """Check that paths let no state trade many times what it produces."""
    moving = ("gdp_usd_bn", TRADE)
    given = [paths[owner].get(name, {}) for owner in paths for name in moving]
    # Both move in straight lines between these months.
    months = sorted({month for points in given for month in points})
    if not months:
        return
    products = states_by_month(states, paths, "gdp_usd_bn", months)
    totals = pairs_by_month(trade, tuple(states), paths, TRADE, months).sum(axis=2)
    for at, row in np.argwhere(totals > MAX_TRADE_OVER_GDP * products):
        product, total = products[at, row], totals[at, row]
        yield positions.fault(
            f"{tuple(states)[row]} produces {product:g} bn USD in month {months[at]} and trades"
            f" {total:g} with the others",
            (PATHS,),
            at_key=True,
            allowed=f"trade of at most {MAX_TRADE_OVER_GDP:g} times the product",
        )


def figures_with_paths(paths: Paths) -> frozenset[str]:
    """Return the names of all figures that move."""
    return frozenset(name for figures in paths.values() for name in figures)
