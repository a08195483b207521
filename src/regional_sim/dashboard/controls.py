"""What can be set on the page; with the month it decides all that the page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from regional_sim.errors import InputError, RegionalSimError, UnknownNameError
from regional_sim.experiment import Posture, posture_of
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.postures import POLICIES, Observed
from regional_sim.scenario import Scenario

OWN_LEVELS: Final = "own_levels"
"""Label of the posture that the sliders set."""

PAGE_SIDES: Final = ("first", "second")

_SLIDER_POLICY: Final = "levels"
_NEED_SETTINGS: Final = (_SLIDER_POLICY, "schedule", "adaptive")
"""Policies that do nothing of their own without settings."""

_MOST_SEED: Final = 2**63 - 1


@dataclass(frozen=True)
class Controls:
    """Settings of the page, never changed in place.

    Attributes
    ----------
    scenario : Scenario
        The world as its file has it.
    postures : tuple of str
        Labels of the first and the second posture.
    levels : mapping of Instrument to float
        The sliders.
    seed : int
        Master seed.
    changes : mapping of str to float or str
        Values that differ from the scenario's, by dotted path.
    more : mapping of str to Posture
        Postures with settings that the command line gave, by label.
    """

    scenario: Scenario
    postures: tuple[str, str] = ("traditional", "new_approach")
    levels: Mapping[Instrument, float] = field(default_factory=lambda: dict(TRADITIONAL_LEVELS))
    seed: int = 0
    changes: Mapping[str, float | str] = field(default_factory=dict)
    more: Mapping[str, Posture] = field(default_factory=dict)

    @classmethod
    def starting(cls, scenario: Scenario, postures: Sequence[Posture], seed: int) -> Controls:
        """Return the controls with which the page opens; one posture stands on both sides."""
        first, last = postures[0], postures[-1]
        if first.label == last.label and first != last:
            hint = "add label=... to one of them"
            raise InputError(
                "two postures have this label", key="--posture", value=first.label, hint=hint
            )
        given = {one.label: one for one in postures if one != _plain_posture(one.label)}
        sliders = given.pop(OWN_LEVELS, None)
        if sliders is not None and sliders.policy.name != _SLIDER_POLICY:
            what = "this label is that of the sliders, which hold levels"
            raise InputError(what, key="--posture", value=OWN_LEVELS, hint="give another label")
        levels = None if sliders is None else _levels_at_onset(sliders)
        start = cls(scenario, (first.label, last.label), more=given).with_seed(seed)
        return replace(
            start, levels=levels or _rounded(_levels_at_onset(start.posture(last.label)))
        )

    @cached_property
    def world(self) -> Scenario:
        """The scenario with all changes."""
        return self.scenario.with_settings(self.changes) if self.changes else self.scenario

    def choices(self) -> tuple[str, ...]:
        """Return the labels of all postures that can be chosen."""
        named = [name for name in POLICIES if name not in _NEED_SETTINGS]
        return (*named, *(label for label in self.more if label not in named), OWN_LEVELS)

    def posture(self, label: str) -> Posture:
        """Return a posture by its label."""
        if label == OWN_LEVELS:
            return posture_of(self.own_levels_text())
        return self.more[label] if label in self.more else posture_of(label)

    def own_levels_text(self) -> str:
        """Write the sliders as the command line takes them."""
        levels = ",".join(f"{one.name}={level!r}" for one, level in self.levels.items())
        return f"{_SLIDER_POLICY}:{levels},label={OWN_LEVELS}"

    def with_posture(self, side: str, label: str) -> Controls:
        """Choose the posture of a side; the sliders then stand where it begins."""
        if label not in self.choices():
            raise UnknownNameError("posture", label, self.choices())
        first, second = self.postures
        changed = replace(
            self, postures=(label, second) if side == PAGE_SIDES[0] else (first, label)
        )
        if label == OWN_LEVELS:
            return changed
        return replace(changed, levels=_rounded(_levels_at_onset(self.posture(label))))

    def with_level(self, instrument: str, level: float) -> Controls:
        """Move a slider; where no side has the sliders' posture yet, the second takes it."""
        if instrument not in Instrument.__members__:
            raise UnknownNameError("instrument", instrument, Instrument.__members__)
        if not 0.0 <= level <= 1.0:
            raise InputError("not a level", key=instrument, value=level, allowed="0 to 1")
        first, second = self.postures
        if OWN_LEVELS not in self.postures:
            second = OWN_LEVELS
        levels = {**self.levels, Instrument[instrument]: level}
        return replace(self, levels=levels, postures=(first, second))

    def with_seed(self, text: object) -> Controls:
        """Take another seed."""
        digits = str(text).strip()
        is_whole = digits.isascii() and digits.isdigit() and len(digits) <= len(str(_MOST_SEED))
        if not (is_whole and int(digits) <= _MOST_SEED):
            allowed = f"a whole number from 0 to {_MOST_SEED}"
            raise InputError("not a seed", key="seed", value=text, allowed=allowed)
        return replace(self, seed=int(digits))

    def with_change(self, path: str, text: object) -> Controls:
        """Set a parameter or an option; the scenario's own value takes the change back."""
        section, _, name = path.partition(".")
        if section == "options" and name in Option.__members__:
            value: float | str = str(text)
        elif section == "parameters" and name in Param.__members__:
            value = _number(path, text)
        else:
            raise UnknownNameError("parameter", name or path, Param.__members__)
        others = {key: one for key, one in self.changes.items() if key != path}
        changes = others if value == self.usual(path) else {**others, path: value}
        changed = replace(self, changes=changes)
        _ = changed.world  # refuses what is out of range
        return changed

    def usual(self, path: str) -> float | str:
        """Return what the scenario's file says."""
        section, _, name = path.partition(".")
        sections = self.scenario.sections
        given = sections.options if section == "options" else sections.parameters
        value = getattr(given, name)
        return str(value) if section == "options" else float(value)


def _number(path: str, text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        raise InputError("must be a number", key=path, value=text) from None


def _plain_posture(label: str) -> Posture | None:
    """Return the posture that a label alone stands for."""
    return posture_of(label) if label in POLICIES else None


@contextmanager
def policy_faults_told() -> Iterator[None]:
    """Turn whatever the code of a policy raises into a message for the page."""
    try:
        yield
    except RegionalSimError:
        raise
    except Exception as error:
        raise InputError(f"the run failed: {type(error).__name__}: {error}") from error


def _levels_at_onset(posture: Posture) -> dict[Instrument, float]:
    """Return the levels that a posture aims at in its first month, in one run."""
    import numpy as np

    unseen = Observed(n_runs=1, months=0, last=lambda _: np.zeros(1), first=lambda _: np.zeros(1))
    with policy_faults_told():
        given = {**TRADITIONAL_LEVELS, **posture.policy.targets(0, unseen)}
        return {one: float(np.ravel(given[one])[0]) for one in Instrument}


def _rounded(levels: Mapping[Instrument, float]) -> dict[Instrument, float]:
    """Return levels at which sliders can stand."""
    return {one: round(level, 2) for one, level in levels.items()}
