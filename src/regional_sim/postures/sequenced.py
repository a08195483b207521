"""One dimension first: the other two follow after three years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.base import Observed, Policy, Targets
from regional_sim.postures.new_approach import NEW_LEVELS

HEAD_START_MONTHS = 36
"""Months by which the first dimension is ahead of the others."""


@dataclass(frozen=True)
class Sequenced(Policy):
    """Bring one dimension to the new levels at the switch and the others three years later."""

    leading: ClassVar[str]
    reference: ClassVar[str] = "source article: dimensions of the new posture, taken in sequence"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return the new levels of the leading dimension, later of all."""
        return {
            instrument: level
            for instrument, level in NEW_LEVELS.items()
            if instrument.dimension == self.leading or month >= HEAD_START_MONTHS
        }
