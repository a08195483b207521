"""The ensemble engine: blocks of runs, all states at once."""

from regional_sim.ensemble.engine import run_block

__all__ = ["run_block"]
