"""Reassurance: as firm as the new approach, and talking to the challenger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.base import Observed, Policy, Targets
from regional_sim.postures.instruments import Instrument
from regional_sim.postures.new_approach import NEW_LEVELS

OPEN_CHANNEL = 0.9
"""Level of the crisis channel."""


@dataclass(frozen=True)
class Reassurance(Policy):
    """Raise all instruments and open the crisis channel."""

    name: ClassVar[str] = "reassurance"
    rule: ClassVar[str] = "the new approach together with a crisis channel at 0.9"
    reference: ClassVar[str] = "firm but open: Glaser 2010; Schelling 1960"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return the new levels and the open channel."""
        return {**NEW_LEVELS, Instrument.crisis_channel: OPEN_CHANNEL}
