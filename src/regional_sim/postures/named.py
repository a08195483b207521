"""The policies that go by the month alone.

Levels and dimensions are those of the source article's table of paradigms, whose left column is
``traditional`` and whose right column is ``new_approach``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.numerics.arrays import Floats
from regional_sim.postures.policy import Observed, Policy, Targets

# ruff: noqa: ARG002 (all policies have one signature, whatever they use of it)

NEW_LEVELS: dict[Instrument, float] = {
    Instrument.joint_patrols: 0.8,
    Instrument.early_warning: 0.8,
    Instrument.supply_chain: 0.7,
    Instrument.political_backing: 0.8,
    Instrument.partner_dialogue: 0.8,
}
"""Levels of the new approach; the crisis channel is no part of it and stays traditional."""
OPEN_CHANNEL = 0.9
"""Level of an open crisis channel."""
HEAD_START_MONTHS = 36
"""Months by which the first dimension is ahead of the others."""
RAMP_MONTHS = 48
"""Length of the ramp of ``incremental``, months."""
REACHED = 0.5
"""Share of the way to the new approach that the ramp reaches."""


def toward_new_levels(share: float | Floats) -> dict[Instrument, float | Floats]:
    """Return levels some share of the way from traditional to new."""
    return {
        instrument: TRADITIONAL_LEVELS[instrument]
        + share * (level - TRADITIONAL_LEVELS[instrument])
        for instrument, level in NEW_LEVELS.items()
    }


@dataclass(frozen=True)
class Traditional(Policy):
    """Unofficial contacts, limited trade ties, cautious rhetoric."""

    name: ClassVar[str] = "traditional"
    rule: ClassVar[str] = "keep all instruments where they start"
    reference: ClassVar[str] = "source article, table of paradigms, left column"

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the traditional levels."""
        return TRADITIONAL_LEVELS


@dataclass(frozen=True)
class NewApproach(Policy):
    """Raise all instruments toward the partner at the onset."""

    name: ClassVar[str] = "new_approach"
    rule: ClassVar[str] = "raise all instruments toward the partner at once, in the first month"
    reference: ClassVar[str] = "source article, table of paradigms, right column"

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the new levels."""
        return NEW_LEVELS


@dataclass(frozen=True)
class Sequenced(Policy):
    """Bring one dimension to the new levels at the onset and the others three years later."""

    leading: ClassVar[str]
    reference: ClassVar[str] = "source article: dimensions of the new posture, taken in sequence"

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the new levels of the leading dimension, later of all."""
        return {
            instrument: level
            for instrument, level in NEW_LEVELS.items()
            if instrument.dimension == self.leading or month >= HEAD_START_MONTHS
        }


@dataclass(frozen=True)
class DiplomaticFirst(Sequenced):
    """Lead with the diplomatic dimension."""

    name: ClassVar[str] = "diplomatic_first"
    rule: ClassVar[str] = "diplomatic instruments at once, the others 36 months later"
    leading: ClassVar[str] = "diplomatic"


@dataclass(frozen=True)
class EconomicFirst(Sequenced):
    """Lead with the economic dimension."""

    name: ClassVar[str] = "economic_first"
    rule: ClassVar[str] = "economic instruments at once, the others 36 months later"
    leading: ClassVar[str] = "economic"


@dataclass(frozen=True)
class MilitaryFirst(Sequenced):
    """Lead with the military dimension."""

    name: ClassVar[str] = "military_first"
    rule: ClassVar[str] = "military instruments at once, the others 36 months later"
    leading: ClassVar[str] = "military"


@dataclass(frozen=True)
class Incremental(Policy):
    """Go half the way to the new approach in equal steps over four years."""

    name: ClassVar[str] = "incremental"
    rule: ClassVar[str] = "go half the way to the new approach in equal steps over 48 months"
    reference: ClassVar[str] = "gradualism: Osgood 1962, in reverse"

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return targets on the ramp."""
        return toward_new_levels(REACHED * min((month + 1) / RAMP_MONTHS, 1.0))


@dataclass(frozen=True)
class Reassurance(Policy):
    """Raise all instruments and open the crisis channel."""

    name: ClassVar[str] = "reassurance"
    rule: ClassVar[str] = "the new approach together with a crisis channel at 0.9"
    reference: ClassVar[str] = "firm but open: Glaser 2010; Schelling 1960"

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the new levels and the open channel."""
        return {**NEW_LEVELS, Instrument.crisis_channel: OPEN_CHANNEL}
