"""The ensemble engine: blocks of runs, all states at once."""

from regional_sim.ensemble.engine import run_batch

__all__ = ["run_batch"]
