"""The worlds of an experiment: built once where there are few, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from regional_sim.engine.job import defined_metrics, window_bounds
from regional_sim.experiment.levels import Level
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario import Scenario
from regional_sim.scenario.dyads import split_pair
from regional_sim.scenario.figures import DYAD_FIGURE, STATE_FIGURE

MOST_WORLDS_KEPT: Final = 256
"""Points of a design whose worlds are kept; those of a larger one are built when they are asked
for, so that memory does not grow with the design."""


class Frame(NamedTuple):
    """What of a world decides which outcomes there are, and how long a run is.

    Attributes
    ----------
    horizon : (int, int)
        Months before and after the onset of the posture.
    windows : dict
        First and last month of each window, counted from 1 at the onset.
    metrics : tuple of Metric
        Those that the world defines.
    """

    horizon: tuple[int, int]
    windows: Mapping[str, tuple[int, int]]
    metrics: tuple[Metric, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Frame:
        """Look at a world."""
        before = scenario.months_before
        bounds = window_bounds(scenario).items()
        windows = {name: (first - before + 1, last - before + 1) for name, (first, last) in bounds}
        horizon = (before, scenario.months_after)
        return cls(horizon, windows, tuple(defined_metrics(scenario)))


def leaves_frame(path: str) -> bool:
    """Tell whether a factor sets a number or a choice: no frame depends on these."""
    section, *rest = path.split(".")
    match section, rest:
        case ("parameters" | "options", [_]):
            return True
        case ("states", [_, figure] | [_, figure, "value"]):
            return figure in STATE_FIGURE
        case ("dyads", [quantity, key] | [quantity, "pairs", key]):
            is_pair = split_pair(key) is not None or rest[1:] == ["default"]
            return quantity in DYAD_FIGURE and is_pair
    return False


class Worlds:
    """Worlds that differ from one in some settings, each built once."""

    def __init__(self, base: Scenario) -> None:
        self.base = base
        self.known: dict[str, Scenario] = {}
        self._frames: dict[str, Frame] = {}

    def __reduce__(self) -> tuple[type[Worlds], tuple[Scenario]]:
        """Send to other processes no more than the world that all are made of."""
        return Worlds, (self.base,)

    def at(self, settings: Mapping[str, Level], *, kept: bool) -> Scenario:
        """Make a world, or find it again where worlds are `kept`, as far as there is room."""
        if not settings:
            return self.base
        # Unlike the values themselves, their text tells 1 from 1.0 and True.
        key = repr(settings)
        world = self.known.get(key) or self.base.with_settings(settings)
        if kept and len(self.known) < MOST_WORLDS_KEPT:
            self.known[key] = world
        return world

    def frame(self, settings: Mapping[str, Level], *, kept: bool) -> Frame:
        """Return the frame of a world; frames are small enough to keep all of them."""
        key = repr(settings)
        if key not in self._frames:
            self._frames[key] = Frame.of(self.at(settings, kept=kept))
        return self._frames[key]
