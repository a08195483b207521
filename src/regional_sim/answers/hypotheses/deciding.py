"""Which factor of a sweep goes with an effect: rank correlations over its points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats

_FEWEST_POINTS: Final = 10
"""Fewer points tell nothing of many factors."""

_BEYOND_CHANCE: Final = 0.05


@dataclass(frozen=True)
class Deciding:
    """The factor that explains most of an effect over the points of a sweep.

    Attributes
    ----------
    factor : str
        Its path.
    correlation : float
        Rank correlation of its levels with the effect, from -1 to 1; NaN where its levels are no
        numbers.
    share : float
        Share of the variance of the effect's ranks that goes with it, from 0 to 1.
    """

    factor: str
    correlation: float
    share: float

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.factor.rpartition(".")[2]


def deciding_factor(
    factors: Sequence[Factor], columns: Sequence[Floats], effects: Floats
) -> Deciding | None:
    """Return the factor that explains most of an effect; None where none does beyond chance.

    Parameters
    ----------
    factors : sequence of Factor
        The factors that vary.
    columns : sequence of ndarray
        Levels of each as numbers, shape (point,).
    effects : ndarray, shape (point,)
        The effect; points without one are left out.
    """
    there = np.isfinite(effects)
    if there.sum() < _FEWEST_POINTS or np.ptp(effects[there]) == 0.0:
        return None
    found = [
        (p, one)
        for factor, column in zip(factors, columns, strict=True)
        for p, one in _explained(factor, column[there], effects[there])
    ]
    likely = [(one.share, one) for p, one in found if p * len(factors) < _BEYOND_CHANCE]
    return max(likely, key=lambda pair: pair[0])[1] if likely else None


def _explained(factor: Factor, levels: Floats, effects: Floats) -> Iterator[tuple[float, Deciding]]:
    """Yield the p value of a factor and what it explains; nothing where it does not vary."""
    from scipy.stats import kruskal, spearmanr

    if np.ptp(levels) == 0.0:
        return
    distinct = factor.levels.distinct
    if not any(level is None or isinstance(level, bool | str) for level in distinct):
        correlation, p = spearmanr(levels, effects)
        yield float(p), Deciding(factor.path, float(correlation), float(correlation) ** 2)
        return
    groups = [effects[levels == level] for level in np.unique(levels)]
    statistic, p = kruskal(*groups)
    yield float(p), Deciding(factor.path, float("nan"), float(statistic) / (len(effects) - 1))
