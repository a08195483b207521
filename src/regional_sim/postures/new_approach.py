"""New approach: drills, early warning, supply chains, dialogue and explicit backing at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.base import Observed, Policy, Targets
from regional_sim.postures.instruments import Instrument

NEW_LEVELS: dict[Instrument, float] = {
    Instrument.joint_patrols: 0.8,
    Instrument.early_warning: 0.8,
    Instrument.supply_chain: 0.7,
    Instrument.political_backing: 0.8,
    Instrument.partner_dialogue: 0.8,
}
"""Levels of the new approach; the crisis channel is no part of it and stays traditional."""


@dataclass(frozen=True)
class NewApproach(Policy):
    """Raise all instruments toward the partner at the switch."""

    name: ClassVar[str] = "new_approach"
    rule: ClassVar[str] = "raise all instruments toward the partner at once, in the first month"
    reference: ClassVar[str] = "source article, table of paradigms, right column"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return the new levels."""
        return NEW_LEVELS
