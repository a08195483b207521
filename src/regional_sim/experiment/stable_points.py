"""Which points of a design have a start that is stable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Final

import numpy as np

from regional_sim.experiment.experiment import Experiment
from regional_sim.scenario import Scenario

MOST_TRIED: Final = 256
"""Points of a larger design that are tried, at equal distances."""

_AT_ONCE: Final = 64


def radii_of_points(
    experiment: Experiment,
    most: int = MOST_TRIED,
    progress: Callable[[int, int], None] | None = None,
) -> dict[int, float]:
    """Return the spectral radius of the month by point, for at most so many points.

    `progress` is told the points that are done, and all of them.
    """
    n_points = len(experiment.points)
    chosen = np.unique(np.linspace(0, n_points - 1, min(n_points, most)).round().astype(int))
    radii: dict[int, float] = {}
    for batch in _batches(experiment, chosen.tolist()):
        if progress is not None:
            progress(len(radii), len(chosen))
        radii |= zip(batch, _radii(list(batch.values())), strict=True)
    return radii


def is_stable(radius: float) -> bool:
    """Tell from the spectral radius of the month whether a push of the start dies out."""
    return radius < 1.0


def unstable_points(radii: Mapping[int, float]) -> list[int]:
    """List the points whose start is unstable, of spectral radii by point."""
    return [number for number, radius in radii.items() if not is_stable(radius)]


def _batches(experiment: Experiment, numbers: list[int]) -> Iterator[dict[int, Scenario]]:
    """Group neighbouring points whose worlds can share arrays."""
    worlds = ((number, experiment.scenario_at(experiment.points[number])) for number in numbers)
    for _, alike in groupby(worlds, key=lambda one: one[1].structure):
        batch = dict(alike)
        places = list(batch)
        for first in range(0, len(places), _AT_ONCE):
            yield {number: batch[number] for number in places[first : first + _AT_ONCE]}


def _radii(scenarios: list[Scenario]) -> list[float]:
    from regional_sim.engine.stability import spectral_radius

    return [float(radius) for radius in spectral_radius(scenarios)]
