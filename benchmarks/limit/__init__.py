"""The speed limit: the same months as the ensemble engine in C, for the same bits.

It is what a careful hand gets out of this design (the same phases, arrays and draws) with a
compiler that knows all sizes.  The distance to it is what our own engine could still gain.
"""

from benchmarks.limit.program import Timing, run_limit

__all__ = ["Timing", "run_limit"]
