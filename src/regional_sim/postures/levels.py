"""Levels: constant targets, for experiments over single instruments and dimensions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from regional_sim.errors import InputError
from regional_sim.model.instruments import DIMENSIONS, Instrument, members
from regional_sim.postures.policy import Observed, Policy, Targets


@dataclass(frozen=True)
class Levels(Policy):
    """Hold named instruments, or all of a dimension, at constant levels.

    The level of an instrument takes precedence over that of its dimension.  ``diplomatic`` moves
    backing and dialogue; the crisis channel, which runs to the challenger, only if it is named.
    """

    name: ClassVar[str] = "levels"
    rule: ClassVar[str] = "hold the named instruments or dimensions at constant levels"
    reference: ClassVar[str] = "design tool for single instruments and grids"

    military: float | None = None
    economic: float | None = None
    diplomatic: float | None = None
    joint_patrols: float | None = None
    early_warning: float | None = None
    supply_chain: float | None = None
    political_backing: float | None = None
    partner_dialogue: float | None = None
    crisis_channel: float | None = None

    def __post_init__(self) -> None:
        """Refuse levels outside [0, 1]."""
        for field in fields(self):
            level = getattr(self, field.name)
            if level is not None and not (
                isinstance(level, (int, float)) and not isinstance(level, bool) and 0 <= level <= 1
            ):
                raise InputError(
                    "not a level",
                    key=f"posture levels: {field.name}",
                    value=level,
                    allowed="a number from 0 to 1",
                )

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        """Return the constant targets."""
        chosen: dict[Instrument, float] = {}
        for dimension in DIMENSIONS:
            level = getattr(self, dimension)
            if level is not None:
                moved = (one for one in members(dimension) if one is not Instrument.crisis_channel)
                chosen.update(dict.fromkeys(moved, float(level)))
        for instrument in Instrument:
            level = getattr(self, instrument.name)
            if level is not None:
                chosen[instrument] = float(level)
        return chosen
