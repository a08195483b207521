"""The motives of the states' responses and their terms, as the table of motives has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from regional_sim.engine.relations import may_align, may_probe
from regional_sim.model.variables import ChoiceDraw, DirectedVar, MotiveTerm, StateVar, World
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.scenario import Scenario


class MotiveRows(NamedTuple):
    """The rows of a month that a motive has in a scenario, by state, then by the other.

    Attributes
    ----------
    state : ndarray of int
        Who has the motive.
    toward : ndarray of int
        Toward whom; the state itself where the response is toward no state.
    place : ndarray of int
        At which of the places that are kept.
    """

    state: Integers
    toward: Integers
    place: Integers


@dataclass(frozen=True)
class Motive:
    """The motive of a response.

    Attributes
    ----------
    response : ChoiceDraw
        The response.
    variable : StateVar or DirectedVar
        What holds the motive; its terms lie at the same states or pairs.
    who : callable
        Returns for a scenario what is above 0 where the row has the motive toward the column, and
        on the diagonal where the response is toward no state; shape (state, state).
    flag : DirectedVar or None
        Of the motives of pairs: the same in the arrays of a batch.
    """

    response: ChoiceDraw
    variable: StateVar | DirectedVar
    who: Callable[[Scenario], Floats]
    flag: DirectedVar | None = None

    @cached_property
    def terms(self) -> dict[str, MotiveTerm]:
        """Its terms by their names in the table."""
        start = f"{self.response.name}_"
        return {
            term.name.removeprefix(start): term
            for term in MotiveTerm
            if term.name.startswith(start)
        }

    @property
    def n_values(self) -> int:
        """The motive itself and its terms."""
        return 1 + len(self.terms)

    def n_places(self, n_states: int) -> int:
        """Count the places that are kept: of all states, or of all ordered pairs."""
        return n_states if self.flag is None else n_states * (n_states - 1)

    def kept(self, world: World) -> Floats:
        """Return motive and terms, shape (value, place, run); 0 for pairs that do not have it."""
        n_states = world.state.shape[1]
        terms = np.array([int(term) for term in self.terms.values()])[:, None]
        if self.flag is None:
            own = np.arange(n_states)
            motive = world.state[self.variable]
            return np.concatenate([motive[None], world.motive_term[terms, own, own]])
        own, other = np.nonzero(~np.eye(n_states, dtype=np.bool_))
        motive = world.directed[self.variable, own, other]
        values = np.concatenate([motive[None], world.motive_term[terms, own, other]])
        return np.where(world.directed[self.flag, own, other] > 0.0, values, 0.0)

    def rows(self, scenario: Scenario) -> MotiveRows:
        """Return the rows of a month."""
        state, toward = np.nonzero(self.who(scenario) > 0.0)
        place = toward
        if self.flag is not None:
            place = state * (scenario.n_states - 1) + toward - (toward > state)
        return MotiveRows(state, toward, place)


def _are(scenario: Scenario, *roles: str) -> Floats:
    """Return 1 for the states in some roles, and 0 for all others."""
    held = {scenario.role(role) for role in roles}
    return np.array([1.0 if code in held else 0.0 for code in scenario.codes])


def _of_challenger(scenario: Scenario) -> Floats:
    challenger = _are(scenario, "challenger")
    return np.outer(challenger, 1.0 - challenger)


def _of_third_states(scenario: Scenario) -> Floats:
    """Without a partner there is no position on it."""
    sides = _are(scenario, "challenger", "sender", "partner", "patron")
    who: Floats = np.diag(1.0 - sides) * _are(scenario, "partner").sum()
    return who


def _of_all_but_challenger(scenario: Scenario) -> Floats:
    return np.diag(1.0 - _are(scenario, "challenger"))


MOTIVES: Final = (
    Motive(ChoiceDraw.align, DirectedVar.alignment_motive, may_align, DirectedVar.aligns),
    Motive(ChoiceDraw.press, StateVar.pressure_motive, _of_challenger),
    Motive(ChoiceDraw.probe, DirectedVar.probing_motive, may_probe, DirectedVar.probes),
    Motive(ChoiceDraw.hedge, StateVar.hedging_motive, _of_third_states),
    Motive(ChoiceDraw.derisk, StateVar.derisking_motive, _of_all_but_challenger),
)
"""The motives in the order in which a month's rows stand in the table."""

TERM_COLUMNS: Final = tuple(dict.fromkeys(name for motive in MOTIVES for name in motive.terms))
"""Names of terms, which several motives may have in common."""


def n_kept(n_states: int) -> int:
    """Count the values that are kept of a run in a month."""
    return sum(motive.n_values * motive.n_places(n_states) for motive in MOTIVES)


def kept_motives(world: World) -> Floats:
    """Return all motives and their terms of the month that has just ended, shape (value, run)."""
    n_runs = world.state.shape[-1]
    return np.concatenate([motive.kept(world).reshape(-1, n_runs) for motive in MOTIVES])


def by_motive(kept: Floats, n_states: int) -> Iterator[tuple[Motive, Floats]]:
    """Take kept values apart, shape (month, value, run), into shapes (month, value, place, run)."""
    n_months, _, n_runs = kept.shape
    start = 0
    for motive in MOTIVES:
        n_places = motive.n_places(n_states)
        end = start + motive.n_values * n_places
        yield motive, kept[:, start:end].reshape(n_months, motive.n_values, n_places, n_runs)
        start = end
