"""The policies that come with the package, each with its rule and its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from regional_sim.errors import InputError, shown
from regional_sim.model.instruments import DIMENSIONS, TRADITIONAL_LEVELS, Instrument, members
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.interpolation import between_points
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

_LAST_MONTH = 1200


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


def _is_level(level: Any) -> bool:
    is_number = isinstance(level, Real) and not isinstance(level, bool)
    return is_number and bool(0 <= level <= 1)


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
        for field in fields(Levels):
            level: Any = getattr(self, field.name)
            if level is not None and not _is_level(level):
                raise InputError(
                    "not a level",
                    key=f"posture {self.name}: {field.name}",
                    value=level,
                    allowed="a number from 0 to 1",
                )

    def targets(self, month: int, observed: Observed) -> Targets:
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


@dataclass(frozen=True)
class Scheduled(Policy):
    """Move named instruments along levels given for months after the onset.

    Each is a mapping of month, 1 being the first of the posture, to level.  The target goes in a
    straight line from the traditional level in month 0 through the points, and stays at the last.
    """

    name: ClassVar[str] = "schedule"
    rule: ClassVar[str] = (
        "move the named instruments in straight lines through levels given by month after the onset"
    )
    reference: ClassVar[str] = "design tool for a historical or a planned course of policy"

    joint_patrols: Mapping[int, float] | None = None
    early_warning: Mapping[int, float] | None = None
    supply_chain: Mapping[int, float] | None = None
    political_backing: Mapping[int, float] | None = None
    partner_dialogue: Mapping[int, float] | None = None
    crisis_channel: Mapping[int, float] | None = None

    def __post_init__(self) -> None:
        """Check the points, and put them in order."""
        for field in fields(self):
            given: Any = getattr(self, field.name)
            if given is not None:
                object.__setattr__(self, field.name, _checked_points(field.name, given))

    def __hash__(self) -> int:
        """Hash all points."""
        return hash(tuple(str(getattr(self, field.name)) for field in fields(self)))

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the targets of the month on each line."""
        chosen: dict[Instrument, float] = {}
        for instrument, usual in TRADITIONAL_LEVELS.items():
            points = getattr(self, instrument.name)
            if points is not None:
                chosen[instrument] = float(between_points(usual, points, [month + 1])[0])
        return chosen


def _checked_points(instrument: str, given: object) -> dict[int, float]:
    """Return levels by month, in order; months may be text, as in a file."""
    if not isinstance(given, Mapping):
        raise _no_points("not a schedule", instrument, given)
    points: dict[int, float] = {}
    for month, level in given.items():
        text = str(month)
        if re.fullmatch("[0-9]{1,4}", text) is None or not 1 <= int(text) <= _LAST_MONTH:
            raise _no_points(f"{shown(month)} is not a month", instrument, given)
        if not _is_level(level):
            raise _no_points(f"not a level in month {text}", instrument, level, "0 to 1")
        if int(text) in points:
            raise _no_points(f"month {int(text)} is given twice", instrument, given)
        points[int(text)] = float(level)
    return dict(sorted(points.items()))


def _no_points(what: str, instrument: str, value: object, allowed: str = "") -> InputError:
    in_full = f"levels from 0 to 1 by month after the onset, from 1 to {_LAST_MONTH}: {{1: 0.2}}"
    key = f"posture schedule: {instrument}"
    return InputError(what, key=key, value=value, allowed=allowed or in_full)


FULL_ANSWER_TENSION = 0.05
"""Rise of regional tension since the first month that is answered with the full new approach."""
FIRST_STEP = 0.5
"""Share of the new approach taken before anything is answered."""


@dataclass(frozen=True)
class Reactive(Policy):
    """Start halfway, answer rising tension in kind, and back off and talk while a crisis lasts."""

    name: ClassVar[str] = "reactive"
    rule: ClassVar[str] = (
        "start halfway to the new approach and go the further the more tension rises; while any"
        " pair of the region is in crisis, return to traditional levels and open the channel"
    )
    reference: ClassVar[str] = "tit for tat: Axelrod 1984; backing off: Osgood 1962"
    reads: ClassVar[tuple[str, ...]] = ("tension", "crisis_months")

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return targets between traditional and new levels, run by run."""
        rise = observed.change("tension") / FULL_ANSWER_TENSION
        answer = FIRST_STEP + (1.0 - FIRST_STEP) * np.clip(rise, -1.0, 1.0)
        crisis = np.zeros(observed.n_runs, dtype=bool)
        if observed.months > 0:
            crisis = observed.last("crisis_months") > 0.0
        chosen = toward_new_levels(np.where(crisis, 0.0, answer))
        usual = TRADITIONAL_LEVELS[Instrument.crisis_channel]
        chosen[Instrument.crisis_channel] = np.where(crisis, OPEN_CHANNEL, usual)
        return chosen


@dataclass(frozen=True)
class Adaptive(Levels):
    """Hold named levels from a month on, and answer tension since the first month.

    With `answer` above 0 the levels go further from the traditional ones as regional tension rises,
    and nearer to them as it falls; below 0 it is the other way round.  A rise by 0.05 moves them by
    the share `answer` of their distance.
    """

    name: ClassVar[str] = "adaptive"
    rule: ClassVar[str] = (
        "hold the named instruments or dimensions at levels from a month on, and go further, or"
        " back off, as tension rises"
    )
    reference: ClassVar[str] = "design tool for the search of policies: levels, timing, feedback"
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    from_month: int = 1
    answer: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a month before the first, and answers outside [-1, 1]."""
        super().__post_init__()
        key = f"posture {self.name}"
        month: Any = self.from_month
        answer: Any = self.answer
        if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= _LAST_MONTH:
            allowed = f"a whole number from 1 to {_LAST_MONTH}"
            raise InputError("not a month", key=f"{key}: from_month", value=month, allowed=allowed)
        if not _is_level(abs(answer) if isinstance(answer, Real) else answer):
            allowed = "a number from -1 to 1"
            raise InputError("not an answer", key=f"{key}: answer", value=answer, allowed=allowed)

    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the levels, moved by the answer to tension."""
        if month + 1 < self.from_month:
            return {}
        rise = np.clip(observed.change("tension") / FULL_ANSWER_TENSION, -1.0, 1.0)
        share = 1.0 + self.answer * rise
        return {
            instrument: np.clip(
                TRADITIONAL_LEVELS[instrument] + share * (level - TRADITIONAL_LEVELS[instrument]),
                0.0,
                1.0,
            )
            for instrument, level in super().targets(month, observed).items()
        }
