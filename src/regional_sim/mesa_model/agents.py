"""A state as a Mesa agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import mesa

from regional_sim.engine.responses import (
    RESPONSE_KINDS,
    ResponseKind,
    choice_word,
    motives_by_response,
    response_levels,
)
from regional_sim.model.schedule import Phase
from regional_sim.model.variables import Group, Role, StateVar

if TYPE_CHECKING:
    from regional_sim.mesa_model.model import RegionModel


def _property(variable: StateVar) -> property:
    return property(lambda agent: agent.value(variable), doc=variable.meaning)


class AgentResponse(NamedTuple):
    """A response of a state in the month that has just ended.

    Attributes
    ----------
    response : str
        ``align``, ``press``, ``probe``, ``hedge`` or ``derisk``.
    toward : str or None
        Code of the other state; None where the response is toward none.
    choice : str
        What the state chose, or most likely does: ``raise``, ``hold`` or ``cut``.
    level, change : float
        How far it goes, and by how much more than a month before.
    motive : float
        What speaks for it; below 0, for cutting it.
    """

    response: str
    toward: str | None
    choice: str
    level: float
    change: float
    motive: float


class StateAgent(mesa.Agent):
    """A state: it acts for itself, while its values live in the model's arrays.

    Parameters
    ----------
    model : RegionModel
        The region.
    index : int
        Place of the state among the sorted codes.

    Attributes
    ----------
    code, name : str
        Code and name of the state.
    readiness : float
        Log-readiness, 0 at the start.
    stance : float
        Stance on the partner, about -1 to 1.
    neutrality : float
        Neutrality, 0 to 1.
    deterrence : float
        Reaction of readiness to threat, the deterrence parameter.
    threat : float
        Sum of the threats by hostile states.
    pressure : float
        Pressure by the challenger.
    trade : float
        Trade with all, billion USD.

    Examples
    --------
    >>> from regional_sim import RegionModel
    >>> RegionModel("four_states").state("JPN")
    JPN (sender)
    """

    model: RegionModel

    def __init__(self, model: RegionModel, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.code = model.region.codes[index]
        self.name = model.region.names[index]

    def __repr__(self) -> str:
        """Write code and roles, or the groups of a state without a role."""
        held = ", ".join(self.roles or self.groups).replace("_", " ")
        return f"{self.code} ({held})" if held else self.code

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that the state holds, such as ``sender``."""
        return tuple(r.name for r in Role if self.model.region.role(r.name) == self.code)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is a member of, such as ``hedgers``."""
        return tuple(g.name for g in Group if self.code in self.model.region.group(g.name))

    @property
    def responses(self) -> tuple[AgentResponse, ...]:
        """What the state chose in the month that has just ended, by response."""
        return tuple(one for kind in RESPONSE_KINDS for one in self._responses(kind))

    def _responses(self, kind: ResponseKind) -> list[AgentResponse]:
        """List the responses of a kind, toward each state that it may be toward."""
        world, region = self.model.world, self.model.region
        now, before = response_levels(world)[kind.name], self.model.levels_before[kind.name]
        motive, choice = motives_by_response(world)[kind.name], kind.choice(world, before, now)
        rows = kind.motive.rows(region)
        found = []
        for toward in rows.toward[rows.state == self.index].tolist():
            at = (toward, 0) if now.ndim == 2 else (self.index, toward, 0)  # noqa: PLR2004 (axes)
            values = (float(each[at]) for each in (now, now - before, motive))
            code = None if toward == self.index else region.codes[toward]
            word = choice_word(float(choice[at]))
            found.append(AgentResponse(kind.name, code, word, *values))
        return found

    def act(self, phase: Phase) -> None:
        """Carry out a phase of the month for this state.

        Parameters
        ----------
        phase : Phase
            One of :data:`regional_sim.model.schedule.ACTIONS`.
        """
        phase.run(self.model.world, self.model.clock, self.index, self.index + 1)

    def value(self, variable: StateVar) -> float:
        """Return the present value of one of the state's variables.

        Parameters
        ----------
        variable : StateVar
            The variable; its unit is ``variable.unit``.

        Returns
        -------
        float
            Its value.
        """
        return float(self.model.world.state.item(variable, self.index, 0))

    readiness = _property(StateVar.readiness)
    stance = _property(StateVar.stance)
    neutrality = _property(StateVar.neutrality)
    deterrence = _property(StateVar.deterrence)
    threat = _property(StateVar.threat)
    pressure = _property(StateVar.pressure)
    trade = _property(StateVar.all_trade)
