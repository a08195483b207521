"""A state as a Mesa agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from regional_sim.model.schedule import Phase
from regional_sim.model.variables import StateVar

if TYPE_CHECKING:
    from regional_sim.mesa_model.model import RegionModel


class StateAgent(mesa.Agent):
    """A state.

    Its values live in the model's arrays, where the compiled phases read them; the agent knows
    its place there and acts for itself.

    Parameters
    ----------
    model : RegionModel
        The region.
    index : int
        Place of the state in the sorted codes.

    Attributes
    ----------
    code, name : str
        Code and name of the state.
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
            One of :data:`regional_sim.model.schedule.PHASES` in which states act.
        """
        phase.run(self.model.world, self.model.month, self.index, self.index + 1)

    def value(self, variable: StateVar) -> float:
        """Return the present value of one of the state's variables."""
        return float(self.model.world.state[variable, self.index, 0])

    @property
    def readiness(self) -> float:
        """Log-readiness, 0 at the start."""
        return self.value(StateVar.readiness)

    @property
    def stance(self) -> float:
        """Stance on the partner, about -1 to 1."""
        return self.value(StateVar.stance)

    @property
    def neutrality(self) -> float:
        """Neutrality, 0 to 1."""
        return self.value(StateVar.neutrality)

    @property
    def deterrence(self) -> float:
        """Reaction of readiness to threat, the deterrence parameter."""
        return self.value(StateVar.deterrence)

    @property
    def threat(self) -> float:
        """Sum of the threats by all others."""
        return self.value(StateVar.threat)

    @property
    def pressure(self) -> float:
        """Pressure by the challenger."""
        return self.value(StateVar.pressure)

    @property
    def trade(self) -> float:
        """Trade with all, billion USD."""
        return self.value(StateVar.all_trade)
