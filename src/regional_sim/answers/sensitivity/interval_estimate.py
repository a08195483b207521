"""Estimates with bootstrap intervals over what was sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.numerics.arrays import Floats

LEAST_SIGNAL: Final = 0.01
"""Share of a variance that is no noise, below which nothing is said of what decides it; a bootstrap
sample with less counts as if it had so much."""

_NORMAL_95: Final = 1.959963984540054


@dataclass(frozen=True)
class IntervalEstimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, resampled: Floats) -> IntervalEstimate:
        """Put an interval around a value, as wide as resamples vary (SALib's rule)."""
        half = _NORMAL_95 * float(np.std(resampled, ddof=1))
        return cls(float(value), float(value) - half, float(value) + half)

    @property
    def sign(self) -> int:
        """1 or -1 where the whole interval lies above or below 0, else 0."""
        return int(self.low > 0.0) - int(self.high < 0.0)


def resampling_weights(n: int, resamples: int, seed: int) -> Floats:
    """Draw how often each of n units is in each bootstrap sample, as shares: (resample, unit)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1.0 / n), size=resamples) / n
