"""Diplomatic first: the diplomatic instruments at the switch, the others after three years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.sequenced import Sequenced


@dataclass(frozen=True)
class DiplomaticFirst(Sequenced):
    """Lead with the diplomatic dimension."""

    name: ClassVar[str] = "diplomatic_first"
    rule: ClassVar[str] = "diplomatic instruments at once, the others 36 months later"
    leading: ClassVar[str] = "diplomatic"
