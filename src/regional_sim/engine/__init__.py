"""Running batches of runs: what is asked for, the arrays, the policies and the compiled engine."""

from regional_sim.engine.ensemble import run_batch

__all__ = ["run_batch"]
