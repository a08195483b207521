"""Traditional: unofficial contacts, limited trade ties, cautious rhetoric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.base import Observed, Policy, Targets
from regional_sim.postures.instruments import Instrument

TRADITIONAL_LEVELS: dict[Instrument, float] = {
    Instrument.joint_patrols: 0.1,
    Instrument.early_warning: 0.1,
    Instrument.supply_chain: 0.1,
    Instrument.political_backing: 0.1,
    Instrument.partner_dialogue: 0.2,
    Instrument.crisis_channel: 0.3,
}
"""Where all instruments start, and where they stay until the switch."""


@dataclass(frozen=True)
class Traditional(Policy):
    """Keep every instrument at its traditional level."""

    name: ClassVar[str] = "traditional"
    rule: ClassVar[str] = "keep all instruments where they start"
    reference: ClassVar[str] = "source article, table of paradigms, left column"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return the traditional levels."""
        return TRADITIONAL_LEVELS
