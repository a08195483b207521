"""What the states respond with: the level of each response, and what was chosen for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.engine.motives import MOTIVES, Motive
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, StateVar, World
from regional_sim.numerics.arrays import Floats


@dataclass(frozen=True)
class ResponseKind:
    """A kind of response, with the words for raising and for cutting it.

    Attributes
    ----------
    motive : Motive
        Its motive, which says who has it.
    level : StateVar or DirectedVar
        How far the states go.
    rate, span : Param or None
        Share of the way that is gone in a month, and the level of a state that surely responds;
        a span of None is 1.
    raising, cutting : str
        What a state does, before the name of the other.
    in_short : str
        What a state does, as the head of a column.
    other : str or None
        Role of the other where the response is toward no state; None where it is toward one.
    """

    motive: Motive
    level: StateVar | DirectedVar
    rate: Param
    span: Param | None
    raising: str
    cutting: str
    in_short: str
    other: str | None = None

    @property
    def name(self) -> str:
        """Its name in tables."""
        return self.motive.response.name

    def scale(self, world: World) -> float:
        """Return its span in the first run of a batch."""
        return 1.0 if self.span is None else float(world.param[self.span, 0])

    def choice(self, world: World, before: Floats, after: Floats) -> Floats:
        """Return what was chosen between two levels, by :func:`chosen`: -1 to cut, 1 to raise.

        It is the inverse of :func:`regional_sim.model.mechanisms.choice.next_response`.
        """
        rate, scale = float(world.param[self.rate, 0]), self.scale(world)
        choice: Floats = ((after - before) / rate + before) / scale
        return choice


_MOTIVES: Final = {motive.response.name: motive for motive in MOTIVES}

RESPONSE_KINDS: Final = (
    ResponseKind(
        _MOTIVES["align"],
        DirectedVar.alignment,
        Param.alignment_rate,
        Param.alignment_span,
        "draws nearer to",
        "draws away from",
        "draws near others",
    ),
    ResponseKind(
        _MOTIVES["press"],
        StateVar.pressure,
        Param.pressure_rate,
        None,
        "puts pressure on",
        "courts",
        "is pressed by the challenger",
    ),
    ResponseKind(
        _MOTIVES["probe"],
        DirectedVar.probing,
        Param.probing_rate,
        Param.probing_span,
        "probes",
        "holds back from",
        "probes others",
    ),
    ResponseKind(
        _MOTIVES["hedge"],
        StateVar.hedging,
        Param.hedging_rate,
        Param.hedging_span,
        "leans toward",
        "leans away from",
        "leans to the partner",
        "partner",
    ),
    ResponseKind(
        _MOTIVES["derisk"],
        StateVar.derisking,
        Param.derisking_rate,
        None,
        "cuts its dependence on",
        "no longer cuts its dependence on",
        "cuts its reliance",
        "challenger",
    ),
)
"""The kinds of responses, one for each motive, in their order."""

_SURE: Final = 0.5
"""A choice beyond this, up or down, is what a state most likely does."""


def choice_word(choice: float) -> str:
    """Say what is most likely chosen.

    >>> choice_word(0.9), choice_word(0.1), choice_word(-1.0)
    ('raise', 'hold', 'cut')
    """
    return "hold" if abs(choice) <= _SURE else ("raise" if choice > 0.0 else "cut")


def response_levels(world: World) -> dict[str, Floats]:
    """Return copies of the levels of all responses by name, where their motives lie."""
    return {kind.name: _of(world, kind.level).copy() for kind in RESPONSE_KINDS}


def motives_by_response(world: World) -> dict[str, Floats]:
    """Return the motives of all responses by name."""
    return {kind.name: _of(world, kind.motive.variable) for kind in RESPONSE_KINDS}


def _of(world: World, variable: StateVar | DirectedVar) -> Floats:
    held = world.state if isinstance(variable, StateVar) else world.directed
    values: Floats = np.asarray(held[variable])
    return values
