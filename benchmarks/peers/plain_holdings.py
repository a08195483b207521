"""What the plain model keeps beside the states' own numbers: pairs, and lists about the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.plain_start import Row, Start
from regional_sim.model.mechanisms import escalation
from regional_sim.model.variables import PairVar

if TYPE_CHECKING:
    from benchmarks.peers.plain_state import State

_CONSTANT = (
    "ambiguity_start",
    "anchor",
    "common_threat_start",
    "exposure_start",
    "home_share",
    "influence",
    "interoperability",
    "near_share",
    "pooling",
    "stake",
    "threat_start",
)
_MOVING = ("commitment", "error", "half_width", "threat")
_SET_ANEW = ("attack", "chance", "chance_true", "redirected", "success_believed", "success_true")
_STEPS = 4


class Toward:
    """What a state holds about the others: lists by the index of the other."""

    __slots__ = (*_CONSTANT, *_MOVING, *_SET_ANEW, "steps")

    def __init__(self, start: Start, index: int) -> None:
        n_states = start.scenario.n_states
        for name in _CONSTANT:
            setattr(self, name, start.directed[name][index])
        for name in _MOVING:
            setattr(self, name, start.directed[name][index].copy())
        for name in _SET_ANEW:
            setattr(self, name, [0.0] * n_states)
        self.steps: list[Row] = [[0.0] * n_states for _ in range(_STEPS)]


class Belief:
    """What one view holds the others' part to be: by state, lists of what others do toward it."""

    __slots__ = ("aside", "force", "help", "lean", "lend", "strike")

    def __init__(self, start: Start, view: int) -> None:
        n_states = start.scenario.n_states
        self.lean, self.aside = (
            [column.copy() for column in start.belief[name][view]]
            for name in ("odds_multiplier", "abstain_probability")
        )
        self.force, self.help, self.strike, self.lend = (
            [[0.0] * n_states for _ in range(n_states)] for _ in range(4)
        )


class Pair:
    """Two states, in the order of their index, and what they share."""

    __slots__ = (
        *(variable.name for variable in PairVar),
        "concentrated",
        "first",
        "hedgers_beside",
        "index",
        "observers",
        "others_beside",
        "reluctance",
        "rivals",
        "second",
    )

    def __init__(self, start: Start, first: State, second: State) -> None:
        self.first = first
        self.second = second
        self.index = start.pair_of[first.index][second.index]
        for name, values in start.pair.items():
            setattr(self, name, values[self.index])
        self.rung = int(self.rung)
        self._set_reluctance(start)
        self._set_part_in_dispute(start)
        self._set_third_states(start)

    def _set_reluctance(self, start: Start) -> None:
        """Set the restraint against each rung."""
        general = start.param.ladder_restraint
        below_war = general * self.restraint
        against_war = escalation.war_reluctance(general, self.restraint)
        self.reluctance = (below_war, below_war, below_war, against_war)

    def _set_part_in_dispute(self, start: Start) -> None:
        """Set what depends on the roles of the two."""
        role = start.role
        sides = {self.first.index, self.second.index}
        supporters = {role.sender, role.partner}
        self.rivals = 1.0 if sides == {role.sender, role.challenger} else 0.0
        self.concentrated = 1.0 if role.challenger in sides and sides & supporters else 0.0
        self.observers = []
        for one, other in ((self.first, self.second), (self.second, self.first)):
            if one.index in supporters:
                challenging = other.index == role.challenger
                theta = start.param.theta_challenger if challenging else start.param.theta_third
                self.observers.append((other, theta))

    def _set_third_states(self, start: Start) -> None:
        """Set who stands beside the two: the hedgers, and all others."""
        sides = (self.first.index, self.second.index)
        beside = [k for k in range(start.scenario.n_states) if k not in sides]
        hedgers = start.members["hedgers"]
        self.hedgers_beside = [k for k in beside if k in hedgers]
        self.others_beside = [k for k in beside if k not in hedgers]
