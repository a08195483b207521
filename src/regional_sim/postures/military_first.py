"""Military first: the military instruments at the switch, the others after three years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regional_sim.postures.sequenced import Sequenced


@dataclass(frozen=True)
class MilitaryFirst(Sequenced):
    """Lead with the military dimension."""

    name: ClassVar[str] = "military_first"
    rule: ClassVar[str] = "military instruments at once, the others 36 months later"
    leading: ClassVar[str] = "military"
