"""When a point has replicates enough: the half-width of a metric's interval.

Whether it is reached is asked only after whole batches of replicates, point by point, of all its
postures.  So the answer depends on nothing but the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics, contrast, summarise

MEAN: Final = "mean"
DIFFERENCE: Final = "difference"


@dataclass(frozen=True)
class Stopping:
    """The rule by which a point stops.

    Attributes
    ----------
    metric, window : str
        The outcome that is watched.
    half_width : float
        Half of the 95 % t interval that is asked for, in the metric's unit; positive.
    relative : bool
        Whether it is a share of the absolute mean instead (for differences of the mean under the
        reference).
    of : str
        ``mean``: of each posture's mean; ``difference``: of each paired difference to the first
        posture.
    at_least : int
        Replicates before it is first asked, at least 2.
    batch : int
        Replicates after which it is asked again, at least 1.
    """

    metric: str
    window: str
    half_width: float
    relative: bool = False
    of: str = MEAN
    at_least: int = 2
    batch: int = 1

    @property
    def outcome(self) -> str:
        """Name of the column that is watched."""
        return f"{self.metric}_{self.window}"

    def batches(self, at_most: int) -> Iterator[tuple[int, int]]:
        """Cut replicates at the places where the rule is asked: first and end of each batch."""
        first, end = 0, min(self.at_least, at_most)
        while first < end:
            yield first, end
            first, end = end, min(end + self.batch, at_most)

    def is_met(self, values: Floats) -> bool:
        """Tell whether a point may stop, by outcomes of shape (posture, replicate).

        NaN stands where there is no outcome; postures without any are not asked.
        """
        found = self.statistics(values)
        # Where all runs failed, or the world does not have the metric, no number would do.
        there = found["n"] > 0
        half = (found["ci_high"] - found["ci_low"]) / 2.0
        return bool(np.all((half <= self.wanted(found))[there]))

    def statistics(self, values: Floats) -> Statistics:
        """Return what the rule looks at, a row of each posture that it looks at."""
        if self.of == MEAN:
            return summarise(values)
        reference = np.broadcast_to(values[:1], values[1:].shape)
        return contrast(values[1:], reference)

    def wanted(self, found: Statistics) -> Floats:
        """Return the half-width asked for in each row of statistics, in the metric's unit."""
        mean = np.abs(found["mean"] if self.of == MEAN else found["reference_mean"])
        return self.half_width * (mean if self.relative else np.ones_like(mean))

    def plain(self, at_most: int) -> dict[str, Any]:
        """Write the rule as a file has it."""
        rule = asdict(self)
        counts = {name: rule.pop(name) for name in ("at_least", "batch")}
        return {**counts, "at_most": at_most, "until": rule}
