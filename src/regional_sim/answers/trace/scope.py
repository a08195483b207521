"""What of a run is asked about: months, a state, a pair."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_SPAN: Final = re.compile(r"\s*(\d{1,6})\s*(?:\.\.\s*(\d{1,6})\s*)?")
_PAIR: Final = re.compile(r"\s*([^-\s]+)\s*-\s*([^-\s]+)\s*")


@dataclass(frozen=True)
class Scope:
    """A part of a run.

    Attributes
    ----------
    first, last : int
        First and last month, counted from 1.
    states : tuple of str
        None for all; one whose doings, and what is done to it, are asked about; or the two of a
        pair.
    is_narrow : bool
        Whether a month, a state or a pair was named.
    """

    first: int
    last: int
    states: tuple[str, ...] = ()
    is_narrow: bool = False

    @property
    def is_one_month(self) -> bool:
        """Whether it is a single month."""
        return self.first == self.last

    def of(self, table: pd.DataFrame, first: str = "state", second: str = "toward") -> pd.DataFrame:
        """Return the rows of a table that lie within it, by columns that hold its states."""
        kept = table["month"].between(self.first, self.last)
        if len(self.states) == 1:
            (code,) = self.states
            kept &= (table[first] == code) | (table[second] == code)
        elif self.states:
            kept &= table[first].isin(self.states) & table[second].isin([*self.states, ""])
        return table[kept].reset_index(drop=True)


def scope_of(
    scenario: Scenario,
    months: tuple[int, int] | int | str | None = None,
    state: str | None = None,
    pair: str | None = None,
    *,
    key: str = "",
) -> Scope:
    """Check what is asked about.

    `key` is put before the names of arguments in messages, such as ``--``.

    Raises InputError for a month that the run has not, a code that is none, and both a state and a
    pair.
    """
    if state is not None and pair is not None:
        raise InputError("name a state or a pair, not both", key=f"{key}pair", value=pair)
    first, last = _months(scenario, months, f"{key}month")
    states: tuple[str, ...] = () if state is None else (state,)
    if pair is not None:
        found = _PAIR.fullmatch(pair)
        if found is None or found[1] == found[2]:
            allowed = "the codes of two states, such as CHN-TWN"
            raise InputError("is no pair", key=f"{key}pair", value=pair, allowed=allowed)
        states = (found[1], found[2])
    for code in states:
        if code not in scenario.codes:
            which = f"{key}{'state' if pair is None else 'pair'}"
            raise UnknownNameError("state", code, scenario.codes, key=which)
    narrow = months is not None or bool(states)
    return Scope(first, last, states, narrow)


def _months(
    scenario: Scenario, months: tuple[int, int] | int | str | None, key: str
) -> tuple[int, int]:
    """Return first and last month of what is written as ``27``, ``20..30`` or in Python."""
    if months is None:
        return 1, scenario.n_months
    if isinstance(months, str):
        found = _SPAN.fullmatch(months)
        if found is None:
            allowed = "a month such as 27, or two such as 20..30"
            raise InputError("is no month", key=key, value=months, allowed=allowed)
        first, last = int(found[1]), int(found[2] or found[1])
    else:
        first, last = (months, months) if isinstance(months, int) else months
    if not 1 <= first <= last <= scenario.n_months:
        onset = scenario.months_before + 1
        allowed = f"1 to {scenario.n_months}, in order; the posture begins in month {onset}"
        raise InputError("the run has no such month", key=key, value=months, allowed=allowed)
    return first, last
