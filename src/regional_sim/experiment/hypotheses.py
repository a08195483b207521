"""Claims that an experiment puts to the test."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.scenario import Section, custom_error
from regional_sim.scenario.schema import Prose, Text

Expected: TypeAlias = Literal["rise", "fall", "unchanged", "no_rise", "no_fall"]
"""What a claim says that a metric does: it rises or falls by more than the smallest effect of
interest, changes by no more than that, or does not rise or fall by more."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,15}")
_ID_IN_WORDS: Final = "up to 16 letters, digits, _, . or -, beginning with a letter or digit"


def _check_id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise custom_error("is not a valid id", value=text, allowed=_ID_IN_WORDS)
    return text


class HypothesisEntry(Section):
    """A claim about what a posture does to a metric."""

    noun: ClassVar[str] = "setting of a hypothesis"

    id: Annotated[str, AfterValidator(_check_id)]
    claim: Text
    metric: Text
    window: Text = WHOLE_WINDOW
    posture: Text | None = Field(default=None, description="Label; by default the second posture.")
    reference: Text | None = Field(
        default=None, description="Label of what it is compared with; by default the first posture."
    )
    expects: Expected
    smallest: Annotated[float, Field(gt=0.0)] | None = Field(
        default=None, description="Smallest effect of interest; by default the metric's."
    )
    opposing: Prose = Field(default="", description="What could turn the effect round, in words.")
    clamp: tuple[Text, ...] = Field(
        default=(),
        strict=False,
        description="States, roles or groups. What is tested is the part of the effect that runs"
        " through what they do: the effect less that with them held on their traditional path.",
    )


@dataclass(frozen=True)
class Hypothesis:
    """A claim about what a posture does to a metric, in pairs of runs on the same random numbers.

    Attributes
    ----------
    id, claim : str
        Short name, and the claim in words.
    metric, window : str
        The outcome.
    posture, reference : str
        Labels: the effect is that of the posture, less that of the reference.
    expects : str
        ``rise``, ``fall``, ``unchanged``, ``no_rise`` or ``no_fall``.
    smallest : float, optional
        Smallest effect of interest, in the metric's unit; None: the metric's.
    opposing : str
        What could turn the effect round.
    clamp : tuple of str
        States, roles or groups; where some are named, the effect is the part of it that is gone
        when these are held on their traditional path.
    """

    id: str
    claim: str
    metric: str
    window: str
    posture: str
    reference: str
    expects: Expected
    smallest: float | None = None
    opposing: str = ""
    clamp: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: HypothesisEntry, labels: tuple[str, ...]) -> Hypothesis:
        """Fill in the postures that an entry leaves out; what is not there is found later."""
        first, second = (*labels, "", "")[:2]
        given = dict(entry)
        given["reference"] = first if entry.reference is None else entry.reference
        given["posture"] = second if entry.posture is None else entry.posture
        return cls(**given)

    def plain(self) -> dict[str, Any]:
        """Write the claim as a file has it."""
        written = {**asdict(self), "clamp": list(self.clamp)}
        return {name: value for name, value in written.items() if value not in (None, "", [])}
