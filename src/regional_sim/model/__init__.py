"""The Mesa shell: states as agents, to watch, step and extend."""

from regional_sim.model.agents import StateAgent
from regional_sim.model.blocks import run_batch
from regional_sim.model.model import RegionModel

__all__ = ["RegionModel", "StateAgent", "run_batch"]
