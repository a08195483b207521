"""Reactive: answer rising tension in kind, and step back while any pair is in crisis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.postures.named import OPEN_CHANNEL, toward_new_levels
from regional_sim.postures.policy import Observed, Policy, Targets

FULL_ANSWER_TENSION = 0.05
"""Rise of regional tension since the first month that is answered with the full new approach."""
FIRST_STEP = 0.5
"""Share of the new approach taken before anything is answered."""


@dataclass(frozen=True)
class Reactive(Policy):
    """Start halfway, answer rising tension in kind, and back off and talk while a crisis lasts."""

    name: ClassVar[str] = "reactive"
    rule: ClassVar[str] = (
        "start halfway to the new approach and go the further the more tension rises; while any"
        " pair of the region is in crisis, return to traditional levels and open the channel"
    )
    reference: ClassVar[str] = "tit for tat: Axelrod 1984; backing off: Osgood 1962"
    reads: ClassVar[tuple[str, ...]] = ("tension", "crisis_months")

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return targets between traditional and new levels, run by run."""
        rise = observed.change("tension") / FULL_ANSWER_TENSION
        answer = FIRST_STEP + (1.0 - FIRST_STEP) * np.clip(rise, -1.0, 1.0)
        crisis = np.zeros(observed.n_runs, dtype=bool)
        if observed.months > 0:
            crisis = observed.last("crisis_months") > 0.0
        chosen = toward_new_levels(np.where(crisis, 0.0, answer))
        usual = TRADITIONAL_LEVELS[Instrument.crisis_channel]
        chosen[Instrument.crisis_channel] = np.where(crisis, OPEN_CHANNEL, usual)
        return chosen
