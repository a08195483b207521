"""Economic first: the economic instruments at the switch, the others after three years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.sequenced import Sequenced


@dataclass(frozen=True)
class EconomicFirst(Sequenced):
    """Lead with the economic dimension."""

    name: ClassVar[str] = "economic_first"
    rule: ClassVar[str] = "economic instruments at once, the others 36 months later"
    leading: ClassVar[str] = "economic"
