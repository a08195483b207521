"""Who is friend or foe to whom at the start, by rule from the figures of a scenario.

All functions return arrays of shape (state, state), row toward column, with diagonals of 0.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import Scenario

_Flags = npt.NDArray[np.bool_]

FRIENDLY_COMMITMENT: Final = 0.1
"""Commitment, either way, from which on two states are friends."""

CLIENT_COMMITMENT: Final = 0.3
"""Commitment of the patron from which on a state is its client, and friend of its other clients."""

HOSTILE_TENSION: Final = 0.1
"""Tension from which on states that are no friends are hostile."""

PROBING_STAKE: Final = 0.75
"""Stake from which on a state may probe another that is no friend: a dispute has one of about 1 or
more, a pair without one of about 0.5."""

_ROUNDING: Final = 1e-9


def _friends(scenario: Scenario) -> _Flags:
    commitment = scenario.dyad_values("commitment")
    friends = _at_least(commitment, FRIENDLY_COMMITMENT)
    friends |= friends.T
    patron = scenario.role("patron")
    if patron is not None:
        clients = _at_least(commitment[scenario.codes.index(patron)], CLIENT_COMMITMENT)
        clients[scenario.codes.index(patron)] = True
        friends |= clients[:, None] & clients[None, :]
    return friends & _apart(scenario)


def friendships(scenario: Scenario) -> Floats:
    """Return the commitments that make a friend, and 0 for all others."""
    commitment = scenario.dyad_values("commitment")
    return np.where(_at_least(commitment, FRIENDLY_COMMITMENT), commitment, 0.0)


def hostility(scenario: Scenario) -> Floats:
    """Return the square root of the tension of pairs that are hostile, and 0 for all others.

    A neighbour grown strong is feared before there is much tension: of the weights that were tried,
    tension, its square root, a constant and a mean of both, the root fits the training half of the
    hindcast best.
    """
    tension = scenario.dyad_values("tension")
    hostile = _at_least(tension, HOSTILE_TENSION) & ~_friends(scenario) & _apart(scenario)
    return np.where(hostile, np.sqrt(tension), 0.0)


def may_probe(scenario: Scenario) -> Floats:
    """Return 1 where the row may probe the column: where it has a stake, and no friend."""
    stake = scenario.dyad_values("stake")
    probes = _at_least(stake, PROBING_STAKE) & ~_friends(scenario) & _apart(scenario)
    return probes.astype(np.float64)


def may_align(scenario: Scenario) -> Floats:
    """Return 1 where the row can align toward the column.

    As the figure `aligns` says; by rule, where it does not, toward states that the row would fight
    for, and toward sender, partner, patron and ally; by rule never in the challenger's camp, and in
    no case with the challenger.
    """
    commitment = scenario.dyad_values("commitment")
    chosen = _at_least(commitment, FRIENDLY_COMMITMENT)
    for role in ("sender", "partner", "patron", "ally"):
        code = scenario.role(role)
        if code is not None:
            chosen[:, scenario.codes.index(code)] = True
    outside = ~_challengers_camp(scenario)
    by_rule = chosen & outside[:, None] & outside[None, :]
    given = scenario.dyad_values("aligns")
    wanted = np.where(given < 0.0, by_rule, given) * _apart(scenario)
    challenger = scenario.role("challenger")
    if challenger is not None:
        at = scenario.codes.index(challenger)
        wanted[at, :] = wanted[:, at] = 0.0
    return wanted


def _challengers_camp(scenario: Scenario) -> _Flags:
    """Find the challenger, the ally's rival, and those tied to the challenger by commitments."""
    camp = np.zeros(scenario.n_states, dtype=np.bool_)
    rival, challenger = scenario.role("rival"), scenario.role("challenger")
    if rival is not None:
        camp[scenario.codes.index(rival)] = True
    if challenger is not None:
        at = scenario.codes.index(challenger)
        commitment = scenario.dyad_values("commitment")
        camp |= _at_least(commitment[at], FRIENDLY_COMMITMENT)
        camp |= _at_least(commitment[:, at], FRIENDLY_COMMITMENT)
        camp[at] = True
    return camp


def _at_least(values: Floats, bound: float) -> _Flags:
    return np.asarray(values >= bound - _ROUNDING)


def _apart(scenario: Scenario) -> _Flags:
    return ~np.eye(scenario.n_states, dtype=np.bool_)
