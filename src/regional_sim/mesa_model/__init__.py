"""The model for Mesa: one run with states as agents, to watch, step and extend."""

from regional_sim.mesa_model.agents import AgentResponse, StateAgent
from regional_sim.mesa_model.model import RegionModel, run_batch

__all__ = ["AgentResponse", "RegionModel", "StateAgent", "run_batch"]
