"""Incremental: a slow ramp halfway to the new approach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.base import Observed, Policy, Targets
from regional_sim.postures.new_approach import NEW_LEVELS
from regional_sim.postures.traditional import TRADITIONAL_LEVELS

RAMP_MONTHS = 48
"""Length of the ramp, months."""

REACHED = 0.5
"""Share of the way to the new approach that the ramp reaches."""


@dataclass(frozen=True)
class Incremental(Policy):
    """Go half the way to the new approach in equal steps over four years."""

    name: ClassVar[str] = "incremental"
    rule: ClassVar[str] = "go half the way to the new approach in equal steps over 48 months"
    reference: ClassVar[str] = "gradualism: Osgood 1962, in reverse"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return targets on the ramp."""
        share = REACHED * min((month + 1) / RAMP_MONTHS, 1.0)
        return {
            instrument: TRADITIONAL_LEVELS[instrument]
            + share * (level - TRADITIONAL_LEVELS[instrument])
            for instrument, level in NEW_LEVELS.items()
        }
