"""A state as a Mesa agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from regional_sim.model.schedule import Phase
from regional_sim.model.variables import StateVar

if TYPE_CHECKING:
    from regional_sim.mesa_model.model import RegionModel


def _property(variable: StateVar) -> property:
    return property(lambda agent: agent.value(variable), doc=variable.meaning)


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
    """

    model: RegionModel

    def __init__(self, model: RegionModel, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.code = model.region.codes[index]
        self.name = model.region.names[index]

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
