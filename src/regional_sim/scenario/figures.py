"""The catalogue of figures: every number of a state, every quantity of a pair, their ranges.

Schema, loading, messages, JSON Schema and documentation are all made from the two tables here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Range:
    """The values a number may take.

    Attributes
    ----------
    low, high : float
        Bounds, in the unit of the number; infinite where there is none.
    low_open, high_open : bool
        Whether the bound itself is excluded.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def contains(self, value: float) -> bool:
        """Tell whether a number is allowed; NaN and the infinities never are."""
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below and math.isfinite(value)

    def __str__(self) -> str:
        """Write the range in words.

        Examples
        --------
        >>> print(Range(-1, 1), "|", Range(0, 1, low_open=True), "|", Range(0), "|", Range())
        from -1 to 1 | above 0, at most 1 | at least 0 | any number
        """
        if not (self.low_open or self.high_open) and math.isfinite(self.low + self.high):
            return f"from {self.low:g} to {self.high:g}"
        low = f"{'above' if self.low_open else 'at least'} {self.low:g}"
        high = f"{'below' if self.high_open else 'at most'} {self.high:g}"
        bounds = ((self.low, low), (self.high, high))
        return ", ".join(text for bound, text in bounds if math.isfinite(bound)) or "any number"

    def json_schema(self) -> dict[str, float | str]:
        """Write the range as a JSON Schema of type ``number``."""
        schema: dict[str, float | str] = {"type": "number"}
        if math.isfinite(self.low):
            schema["exclusiveMinimum" if self.low_open else "minimum"] = self.low
        if math.isfinite(self.high):
            schema["exclusiveMaximum" if self.high_open else "maximum"] = self.high
        return schema


@dataclass(frozen=True)
class StateFigure:
    """A number every state has.

    Attributes
    ----------
    name : str
        Key in the file, and name of the array.
    meaning : str
        One sentence.
    unit : str
        Unit of the value; ``1`` for pure numbers.
    range : Range
        Allowed values.
    default : float or None
        Value where the file gives none; None: the file must give one.
    """

    name: str
    meaning: str
    unit: str
    range: Range
    default: float | None = None


@dataclass(frozen=True)
class DyadFigure:
    """A quantity every pair of states has; of a directed one, of state A toward state B.

    Name, meaning and unit are as in :class:`StateFigure`; the unit is ``state`` where the value is
    a state's code.

    Attributes
    ----------
    range : Range
        Allowed values, off the diagonal.  The diagonal is 0: a state is no dyad with itself.
    default : float or None
        Value where the file gives none.
    default_from : str or None
        The quantity whose value is taken where the file gives none.  With neither default the
        file must give a value for every pair.
    directed : bool
        Whether A toward B may differ from B toward A.
    """

    name: str
    meaning: str
    unit: str
    range: Range = field(default_factory=Range)
    default: float | None = None
    default_from: str | None = None
    directed: bool = False

    @property
    def holds_state(self) -> bool:
        """Whether the value is a state's code (or null) rather than a number."""
        return self.unit == "state"


# Wider than any real figure by orders of magnitude, and narrow enough to compute with.
_SPENDING = Range(1e-4, 1e5)
_OUTPUT = Range(1e-3, 1e6)
_TRADE = Range(0.0, 1e5)
_DISTANCE = Range(0.0, 1e5)
MAX_TRADE_OVER_GDP: Final = 20.0
"""Most that a state may trade with all others of its world, as a multiple of its product."""

_SHARE = Range(0.0, 1.0)

# ruff: noqa: E501 (a row of a table is one line)
# fmt: off
STATE_FIGURES: Final[tuple[StateFigure, ...]] = (
    StateFigure("capability_usd_bn", "Military capability, as yearly spending.", "bn USD", _SPENDING),
    StateFigure("theatre_share", "Share of the capability that can be used in the region.", "1", Range(1e-4, 1.0), 1.0),
    StateFigure("gdp_usd_bn", "Gross domestic product.", "bn USD", _OUTPUT),
    StateFigure("polyarchy", "Electoral democracy (V-Dem polyarchy), 0 none to 1 full.", "1", _SHARE),
    StateFigure("stance", "Stance on the partner's status, -1 the challenger's view to 1 the partner's.", "1", Range(-1.0, 1.0)),
    StateFigure("neutrality", "Neutrality: damps influence by others and the taking on of commitments.", "1", _SHARE, 0.5),
    StateFigure("deterrence", "Deterrence parameter: how strongly readiness answers threat.", "1", Range(0.0, 3.0), 1.0),
    StateFigure("resolve", "Weight of the stakes against costs and losses.", "1", Range(0.2, 5.0), 1.0),
    StateFigure("detection_precision", "Precision of the state's own detection.", "1", Range(0.001, 100.0), 1.0),
    StateFigure("trade_openness", "All trade over gross domestic product.", "1", Range(0.001, 5.0), 0.5),
    StateFigure("seaborne_trade_share", "Seaborne trade over gross domestic product.", "1", Range(0.0, 5.0), 0.3),
    StateFigure("substitutability", "Share of seaborne trade that can be replaced at once.", "1", _SHARE, 0.3),
    StateFigure("stock_months", "Stocks of critical goods, in months of use.", "months", Range(0.0, 60.0), 3.0),
)

DYAD_FIGURES: Final[tuple[DyadFigure, ...]] = (
    DyadFigure("projection_km", "Distance from A's nearest forward presence to B.", "km", _DISTANCE, directed=True),
    DyadFigure("home_km", "Distance from A's home bases to B.", "km", _DISTANCE, default_from="projection_km", directed=True),
    DyadFigure("host", "State whose bases A uses to project force to B.", "state", directed=True),
    DyadFigure("commitment", "Chance that A fights for B.", "1", Range(0.0, 1.0, low_open=True, high_open=True), 0.02, directed=True),
    DyadFigure("ambiguity", "Half-width of the interval around A's commitment to B, on the logit scale.", "logit", Range(0.0, 5.0), 0.2, directed=True),
    DyadFigure("interoperability", "Share of A's force that counts in time for the defence of B.", "1", _SHARE, 0.5, directed=True),
    DyadFigure("trade_usd_bn", "Trade of the pair, both ways.", "bn USD a year", _TRADE, 0.0),
    DyadFigure("rivalry", "Rivalry, 0 none to 1 enduring.", "1", _SHARE, 0.0),
    DyadFigure("contact", "Military contact, encounters of forces.", "a month", Range(0.0, 50.0), 0.0),
    DyadFigure("stake", "What A has at stake in the quarrel with B.", "1", Range(0.0, 100.0), 1.0, directed=True),
    DyadFigure("restraint", "What holds the pair back, apart from trade.", "1", Range(0.0, 20.0), 1.0),
    DyadFigure("relevance", "How far the pair's quarrel is about the partner's status.", "1", _SHARE, 0.0),
    DyadFigure("channel", "Quality of the crisis channel between the pair.", "1", _SHARE, 0.0),
    DyadFigure("friction", "Friction between two friends of one patron, roused by patrols.", "1", _SHARE, 0.0),
    DyadFigure("aligns", "Whether A can align toward B: 1 yes, 0 no, between them in part; -1 by rule.", "1", Range(-1.0, 1.0), -1.0, directed=True),
    DyadFigure("tension", "Tension of the pair at the start.", "1", Range(0.001, 0.999), 0.1),
)
# fmt: on

FIXED_FIGURES: Final = {
    "stance": "the model computes how stances move",
    "host": "bases do not move within a run",
    "commitment": "the model computes how commitments move",
    "rivalry": "no mechanism reads it",
    "ambiguity": "only the sender's own course narrows the interval around its commitment",
    "aligns": "who can align with whom is settled at the start of a run",
    "tension": "the model computes how tension moves",
}
"""The figures that can have no path over the months of a run, and why."""

TRADE: Final = "trade_usd_bn"
STATE_FIGURE: Final = {figure.name: figure for figure in STATE_FIGURES}
DYAD_FIGURE: Final = {figure.name: figure for figure in DYAD_FIGURES}
