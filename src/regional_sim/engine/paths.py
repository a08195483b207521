"""Figures that move over the months of a run, written into the arrays; both engines use it.

What the model measures as excess over the start stays measured from the start of the run; only
the figures themselves move, and trade with them, so that growth from outside is no shock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from regional_sim.engine.build import (
    _PAIR_FIGURES,
    _STATE_FIGURES,
    rest_of_world_trade,
    turn_into_shares,
)
from regional_sim.model.mechanisms.trade import sum_trade
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, PairVar, StateVar, Variable, World
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import Scenario

_DIRECTED_FIGURES = {
    DirectedVar.near_share: "projection_km",
    DirectedVar.home_share: "home_km",
    DirectedVar.interoperability: "interoperability",
    DirectedVar.stake: "stake",
}
_DISTANCES = ("projection_km", "home_km")
_CAPABILITY = {"capability_usd_bn", "theatre_share"}
_ALL_TRADE = {"gdp_usd_bn", "trade_openness", "trade_usd_bn"}

_ByMonth: TypeAlias = Callable[[Scenario], Floats]
"""Gives the values of a variable in a scenario: shape (month, place ...)."""


@dataclass(frozen=True)
class _Course:
    """A variable of some places, with its values: shape (month, place, scenario).

    What is `scaled` moves in the same ratio.
    """

    array: str
    variable: Variable
    scaled: Variable | None
    places: tuple[Any, ...]
    values: Floats

    def write(self, world: World, month: int) -> None:
        variables: Floats = getattr(world, self.array)
        row = variables[self.variable]
        values = self.values[month]
        new = np.repeat(values, row.shape[-1] // values.shape[-1], axis=-1)
        if self.scaled is not None:
            moved, old = variables[self.scaled], row[self.places]
            ratio = np.divide(new, old, out=np.ones_like(new), where=old > 0.0)
            # Where there was no trade there is no ratio.
            from_nothing = np.where(old > 0.0, 0.0, new)
            moved[self.places] = moved[self.places] * ratio + from_nothing
        row[self.places] = new


class FigurePaths:
    """The figures that move in the runs of a batch.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Those of the batch, in the order of its runs; all of one structure.
    """

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._run_in = scenarios[0].run_in
        self._courses = list(_courses(scenarios)) if scenarios[0].moving_figures else []
        self._moves_trade = any(course.scaled is not None for course in self._courses)
        self._last = max((_last_change(course.values) for course in self._courses), default=0)

    def write(self, world: World, month: int) -> None:
        """Set the figures of a month of the run, which is counted from the start of the run-in.

        Until the first month that counts they are those of the start.  Bonds follow trade and
        product at the end of the month, as they do in every month.
        """
        since = month - self._run_in
        if not 0 < since <= self._last:
            return
        for course in self._courses:
            course.write(world, since)
        if self._moves_trade:
            sum_trade(world, month, 0, world.state.shape[1])


def _courses(scenarios: Sequence[Scenario]) -> Iterator[_Course]:
    """Make the course of each variable at the places where it moves."""
    for array, variable, scaled, values_of in _variables(scenarios[0].moving_figures):
        values = np.stack([values_of(scenario) for scenario in scenarios], axis=-1)
        places: tuple[Any, ...] = np.nonzero((values != values[0]).any(axis=(0, -1)))
        if places[0].size:
            of_places = np.ascontiguousarray(values[(slice(None), *places)])
            yield _Course(array, variable, scaled, places, of_places)


def _variables(
    moving: frozenset[str],
) -> Iterator[tuple[str, Variable, Variable | None, _ByMonth]]:
    """List the variables that some figures set: array, variable, what it scales, its values."""
    for variable, name in _STATE_FIGURES.items():
        if name in moving:
            yield "state", variable, None, _state_values(name)
    if moving & _CAPABILITY:
        yield "state", StateVar.capability, None, _capability
    if moving & _ALL_TRADE:
        yield "state", StateVar.rest_trade_start, StateVar.rest_trade, _rest_trade
    for pair_variable, name in _PAIR_FIGURES.items():
        if name in moving and pair_variable != PairVar.trade:
            scaled = PairVar.trade if pair_variable == PairVar.trade_start else None
            yield "pair", pair_variable, scaled, _pair_values(name)
    for directed_variable, name in _DIRECTED_FIGURES.items():
        if name in moving:
            yield "directed", directed_variable, None, _directed_values(name)


def _state_values(name: str) -> _ByMonth:
    return lambda scenario: scenario.state_values_by_month(name)


def _capability(scenario: Scenario) -> Floats:
    figures = scenario.state_values_by_month
    return figures("capability_usd_bn") * figures("theatre_share")


def _rest_trade(scenario: Scenario) -> Floats:
    figures = scenario.state_values_by_month
    regional = scenario.dyad_values_by_month("trade_usd_bn").sum(axis=2)
    return rest_of_world_trade(figures("trade_openness") * figures("gdp_usd_bn"), regional)


def _pair_values(name: str) -> _ByMonth:
    def values(scenario: Scenario) -> Floats:
        first, second = np.triu_indices(scenario.n_states, 1)
        return scenario.dyad_values_by_month(name)[:, first, second]

    return values


def _directed_values(name: str) -> _ByMonth:
    def values(scenario: Scenario) -> Floats:
        by_month = scenario.dyad_values_by_month(name)
        if name in _DISTANCES:
            decay_km = float(scenario.parameter_values()[Param.distance_decay_km])
            turn_into_shares(by_month.reshape(-1), decay_km)
        return by_month

    return values


def _last_change(values: Floats) -> int:
    """Return the last month in which a value differs from the month before."""
    changes = (values[1:] != values[:-1]).any(axis=(1, 2))
    return int(np.flatnonzero(changes)[-1]) + 1
