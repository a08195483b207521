"""Candidates of a search for a policy: levels of instruments, when they begin, and feedback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regional_sim.analysis.smallest_effects import YEAR_MONTHS
from regional_sim.errors import UnknownNameError
from regional_sim.experiment.posture import Posture
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.postures import create
from regional_sim.postures.named import NEW_LEVELS, OPEN_CHANNEL

ANSWER: Final = "answer"
FROM_MONTH: Final = "from_month"
POLICY: Final = "adaptive"
"""The policy whose settings are searched."""

_DIGITS: Final = 2
"""Decimals of a level: finer steps of a policy mean nothing."""

Candidate = Mapping[str, float]
"""Setting of the policy to its value."""


@dataclass(frozen=True)
class SearchSpace:
    """What may differ between candidates.

    Attributes
    ----------
    instruments : tuple of str
        Instruments whose levels are chosen from 0 to 1; the others stay traditional.
    latest_year : int
        The levels may begin in the first month of any year up to this one; 1: at the onset only.
    feedback : bool
        Whether levels may answer tension.
    """

    instruments: tuple[str, ...]
    latest_year: int = 1
    feedback: bool = True

    def __post_init__(self) -> None:
        """Refuse unknown instruments."""
        for name in self.instruments:
            if name not in Instrument.__members__:
                raise UnknownNameError("instrument", name, Instrument.__members__)

    def distributions(self) -> dict[str, Any]:
        """Return the ranges as Optuna takes them, all in steps."""
        from optuna.distributions import FloatDistribution, IntDistribution

        found: dict[str, Any] = {
            name: FloatDistribution(0.0, 1.0, step=0.05) for name in self.instruments
        }
        if self.latest_year > 1:
            last = 1 + YEAR_MONTHS * (self.latest_year - 1)
            found[FROM_MONTH] = IntDistribution(1, last, step=YEAR_MONTHS)
        if self.feedback:
            found[ANSWER] = FloatDistribution(-1.0, 1.0, step=0.25)
        return found

    def starts(self) -> Iterator[dict[str, float]]:
        """Give what a search begins with: the new approach, without and with an open channel."""
        known = self.distributions()
        timing = {name: value for name, value in ((FROM_MONTH, 1), (ANSWER, 0.0)) if name in known}
        usual = TRADITIONAL_LEVELS[Instrument.crisis_channel]
        for channel in (usual, OPEN_CHANNEL):
            levels = {**NEW_LEVELS, Instrument.crisis_channel: channel}
            yield {name: levels[Instrument[name]] for name in self.instruments} | timing


def rounded(given: Mapping[str, float]) -> dict[str, float]:
    """Write what a sampler gave without the noise of its steps.

    >>> rounded({"joint_patrols": 0.15000000000000002, "from_month": 13})
    {'joint_patrols': 0.15, 'from_month': 13}
    """
    return {
        name: value if name == FROM_MONTH else round(value, _DIGITS)
        for name, value in given.items()
    }


def as_posture(candidate: Candidate, label: str) -> Posture:
    """Make the posture of a candidate."""
    return Posture(label, create(POLICY, dict(candidate)))


def written(candidate: Candidate, label: str) -> str:
    """Write a candidate as an option of the command line has it.

    >>> written({"joint_patrols": 0.5, "from_month": 13}, "front_1")
    'adaptive:joint_patrols=0.5,from_month=13,label=front_1'
    """
    settings = ",".join(f"{name}={value:g}" for name, value in candidate.items())
    return f"{POLICY}:{settings},label={label}"
