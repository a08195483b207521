"""What a sweep says of its factors: measures, their direction, and what they mean in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.outcomes import UNCLEAR, Outcome
from regional_sim.answers.sensitivity.interval_estimate import IntervalEstimate
from regional_sim.experiment.levels import level_text
from regional_sim.experiment.points import Factor

if TYPE_CHECKING:
    import pandas as pd

MORRIS: Final = "morris"
SOBOL: Final = "sobol"
MAIN_EFFECTS: Final = "main_effects"
METHODS: Final = {
    MORRIS: "elementary effects",
    SOBOL: "Sobol indices",
    MAIN_EFFECTS: "shares of single factors",
}
"""Ways to tell what decides an outcome, in words."""

UNITS: Final = {MORRIS: "trajectories", SOBOL: "blocks", MAIN_EFFECTS: "points"}
"""What goes together, and is kept or left out as a whole."""

_DECIDES, _MUCH, _SOME = 0.5, 0.2, 0.05

DECIDES: Final = "decides"
MATTERS_MUCH: Final = "matters much"
MATTERS: Final = "matters"
MATTERS_LITTLE: Final = "matters little"
HARDLY: Final = "hardly matters"
NOT_TOLD: Final = UNCLEAR
OF_NOISE: Final = "no more than noise"
BELOW_SMALLEST: Final = "too small"
MAY_MATTER: Final = "may matter"
NO_EFFECT: Final = "no effect"

RAISES: Final = "raises"
LOWERS: Final = "lowers"
UNSURE: Final = UNCLEAR


@dataclass(frozen=True)
class FactorSensitivity:
    """What an outcome owes to a factor.

    Attributes
    ----------
    factor : Factor
        The factor.
    measures : mapping of IntervalEstimate
        By name; the first one ranks the factors.
    direction : str
        ``raises`` or ``lowers``: what a higher level does to the outcome; of a factor whose levels
        have no order, with which level the outcome is higher.
    meaning : str
        What the first measure means, in words.
    noise : float
        Of elementary effects, the first measure that replicate noise alone would give.
    """

    factor: Factor
    measures: Mapping[str, IntervalEstimate]
    direction: str
    meaning: str
    noise: float = float("nan")

    @property
    def main(self) -> IntervalEstimate:
        """The measure that ranks the factors."""
        return next(iter(self.measures.values()))

    @property
    def ranking(self) -> float:
        """What the factor adds to the variance, as far as the method tells it."""
        if "effect_sd" in self.measures:
            return self.measures["mean_effect"].value ** 2 + self.measures["effect_sd"].value ** 2
        return max(self.main.value, 0.0)


@dataclass(frozen=True)
class OutcomeSensitivity:
    """What decides an outcome, the largest first.

    Attributes
    ----------
    outcome : Outcome
        What was asked.
    factors : tuple of FactorSensitivity
        Empty where the outcome does not vary by more than replicate noise.
    mean, sd, low, high : float
        Of the outcome over the points that were used.
    lower, higher : float
        Shares of these points at which it lies below or above 0 by more than its smallest effect.
    noise : float
        Share of its variance over points that is replicate noise; NaN where nothing tells it.
    explained : float
        Of single factors: the share of the variance that they tell of points left out of the fit.
    degree : int
        Of single factors: the degree of the curves; else 0.
    """

    outcome: Outcome
    factors: tuple[FactorSensitivity, ...]
    mean: float
    sd: float
    low: float
    high: float
    lower: float
    higher: float
    noise: float
    explained: float = float("nan")
    degree: int = 0


@dataclass(frozen=True)
class Sensitivity:
    """What decides the outcomes of a sweep.

    Attributes
    ----------
    title, design, where : str
        Of the experiment, of its points, and its folder.
    method : str
        ``morris``, ``sobol`` or ``main_effects``.
    outcomes : tuple of OutcomeSensitivity
        In the order asked for.
    n_points, n_used : int
        Points of the design, and those that were used.
    n_units, units_used : int
        The same of what goes together: trajectories, blocks, or points.
    unstable : tuple of int
        Points whose start is unstable, which are left out.
    replicates : int
        The most that a point has.
    resamples, seed : int
        Of the bootstrap.
    screen : Sensitivity, optional
        Of a second stage: the first one, which chose its factors.
    """

    title: str
    design: str
    where: str
    method: str
    outcomes: tuple[OutcomeSensitivity, ...]
    n_points: int
    n_used: int
    n_units: int
    units_used: int
    unstable: tuple[int, ...]
    replicates: int
    resamples: int
    seed: int
    screen: Sensitivity | None = None

    @property
    def units(self) -> str:
        """What goes together, in the plural."""
        return UNITS[self.method]

    @property
    def table(self) -> pd.DataFrame:
        """Everything as a table: a row of each outcome, factor and measure."""
        import pandas as pd

        return pd.DataFrame([row for one in self.outcomes for row in self._rows(one)])

    def _rows(self, one: OutcomeSensitivity) -> Iterator[dict[str, Any]]:
        of = one.outcome
        for rank, found in enumerate(one.factors, start=1):
            for measure, estimate in found.measures.items():
                yield {
                    "metric": of.metric.name,
                    "window": of.window,
                    "posture": of.posture,
                    "reference": of.reference or "",
                    "method": self.method,
                    "rank": rank,
                    "factor": found.factor.path,
                    "measure": measure,
                    "value": estimate.value,
                    "ci_low": estimate.low,
                    "ci_high": estimate.high,
                    "direction": found.direction,
                    "meaning": found.meaning,
                    "noise_share": one.noise,
                    "explained_share": one.explained,
                    "points_used": self.n_used,
                    "points_left_out": self.n_points - self.n_used,
                }


def direction_of(factor: Factor, sign: int) -> str:
    """Say what a higher level does, or with which of two the outcome is higher."""
    if factor.kind != "text":
        return {1: RAISES, -1: LOWERS}.get(sign, UNSURE)
    known = factor.levels.distinct
    if len(known) != 2 or not sign:  # noqa: PLR2004 (of more, a slope says nothing)
        return UNSURE
    return f"higher with {level_text(known[sign > 0])}"


def meaning_of_share(share: IntervalEstimate, trend: int = 0) -> str:
    """Say in words what a share of the variance means; `trend` is the sign of a sure trend, or 0.

    Examples
    --------
    >>> meaning_of_share(IntervalEstimate(0.6, 0.4, 0.8))
    'decides'
    >>> meaning_of_share(IntervalEstimate(-0.02, -0.12, 0.08))
    'unclear'
    """
    # A trend that is sure is a share above 0, and is seen with fewer points.
    if share.low > 0.0 or trend:
        steps = ((_DECIDES, DECIDES), (_MUCH, MATTERS_MUCH), (_SOME, MATTERS))
        return next((word for least, word in steps if share.value >= least), MATTERS_LITTLE)
    return HARDLY if share.high < _SOME else NOT_TOLD


def meaning_of_effect(size: IntervalEstimate, noise: float, smallest: float) -> str:
    """Say in words what an elementary effect means."""
    if size.value == 0.0:
        return NO_EFFECT
    if size.value <= noise:
        return OF_NOISE
    if size.high < smallest:
        return BELOW_SMALLEST
    return MATTERS if size.low >= smallest else MAY_MATTER
