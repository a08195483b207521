"""The ensemble engine: blocks of runs, all states at once."""

from regional_sim.engine.ensemble import run_batch

__all__ = ["run_batch"]
