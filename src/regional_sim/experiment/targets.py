"""Targets of a calibration: observed figures, and the statistic of simulated runs that each is of.

A file lists them under ``targets:``, each with the statistic's settings, the value observed, and
how far the model's expectation may lie from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import suggestion
from regional_sim.experiment.levels import any_of
from regional_sim.scenario import Section, custom_error
from regional_sim.scenario.schema import Prose, Text

_INTERVAL_SDS: Final = 2 * 1.96
"""Standard deviations that a 95 % interval of a normal distribution spans."""

_Rung = Annotated[int, Field(ge=1, le=4)]
_Months = Annotated[int, Field(ge=1)]


class Target(Section):
    """An observed figure; subclasses say which statistic of the runs stands beside it.

    `sd` is the standard error of the figure as an estimate of what is expected; a 95 % `interval`
    may be given instead.  `discrepancy` is the standard deviation of what the model leaves out.
    """

    noun: ClassVar[str] = "setting of this target"

    statistic: str
    posture: Text | None = None
    value: float
    sd: Annotated[float, Field(gt=0.0)] | None = None
    interval: Annotated[tuple[float, float], Field(strict=False)] | None = None
    discrepancy: Annotated[float, Field(ge=0.0)] = 0.0
    source: Prose = ""
    label: Text | None = None

    @model_validator(mode="after")
    def _one_width(self) -> Self:
        if (self.sd is None) == (self.interval is None):
            raise custom_error("needs either sd or interval")
        if self.interval is not None and not self.interval[0] < self.interval[1]:
            raise custom_error("the interval's first number must be below its second")
        return self

    @property
    def total_sd(self) -> float:
        """Standard deviation of figure and model together, without that of the simulation."""
        low, high = self.interval or (0.0, 0.0)
        own = self.sd if self.sd is not None else (high - low) / _INTERVAL_SDS
        return math.hypot(own, self.discrepancy)

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest figure that could be observed."""
        return -math.inf, math.inf

    @property
    def in_words(self) -> str:
        """The label, or what is compared in a few words."""
        return self.label or self._named()

    def _named(self) -> str:
        return self.statistic

    @property
    def table(self) -> str:
        """The table of a result that the statistic is taken from."""
        return "runs"


class MeanTarget(Target):
    """A metric in a window, averaged over replicates."""

    statistic: Literal["mean"]
    metric: Text
    window: Text = WHOLE_WINDOW

    def _named(self) -> str:
        return f"{self.metric} ({self.window})"


class AutocorrelationTarget(Target):
    """Autocorrelation of a monthly metric after `lag` months, over all months after the onset.

    With `over_lag` it is divided by that after so many months: noise in what was measured lowers
    both alike, and cancels.
    """

    statistic: Literal["autocorrelation"]
    metric: Text
    lag: _Months
    over_lag: _Months | None = None

    def _named(self) -> str:
        over = "" if self.over_lag is None else f" over that of lag {self.over_lag}"
        return f"autocorrelation of {self.metric}, lag {self.lag}{over}"

    @property
    def table(self) -> str:
        """The table of a result that the statistic is taken from."""
        return "timeseries"


class DisputesTarget(Target):
    """Disputes a decade that reach a rung, of one pair or of all.

    A dispute begins when a pair leaves rung 0; one that follows within six months belongs to the
    one before.
    """

    statistic: Literal["disputes"]
    pair: Text | None = None
    rung: _Rung = 1

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest figure that could be observed."""
        return 0.0, math.inf

    def _named(self) -> str:
        reached = "" if self.rung == 1 else f" that reach rung {self.rung}"
        return f"disputes a decade{reached}, {self.pair or 'all pairs'}"

    @property
    def table(self) -> str:
        """The table of a result that the statistic is taken from."""
        return "events"


class DisputeShareTarget(Target):
    """Share of disputes that reach a rung, or that last more than some months."""

    statistic: Literal["dispute_share"]
    pair: Text | None = None
    rung: _Rung | None = None
    over_months: _Months | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if (self.rung is None) == (self.over_months is None):
            raise custom_error("needs either rung or over_months")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest figure that could be observed."""
        return 0.0, 1.0

    def _named(self) -> str:
        what = f"reach rung {self.rung}"
        if self.over_months is not None:
            what = f"last over {self.over_months} month{'s' if self.over_months > 1 else ''}"
        return f"share of disputes that {what}, {self.pair or 'all pairs'}"

    @property
    def table(self) -> str:
        """The table of a result that the statistic is taken from."""
        return "events"


STATISTICS: Final[dict[str, type[Target]]] = {
    "mean": MeanTarget,
    "autocorrelation": AutocorrelationTarget,
    "disputes": DisputesTarget,
    "dispute_share": DisputeShareTarget,
}
"""Every kind of target by its statistic."""


def _with_statistic(given: object) -> object:
    """Take a target without a statistic for a mean, and refuse unknown ones."""
    if not isinstance(given, Mapping):
        raise custom_error("must be a mapping (lines of key: value)")
    name = given.get("statistic", "mean")
    if not isinstance(name, str) or name not in STATISTICS:
        allowed = ", ".join(STATISTICS)
        hint = suggestion(name, STATISTICS)
        raise custom_error("unknown statistic", value=name, allowed=allowed, hint=hint)
    known = [key for key in STATISTICS[name].model_fields if key != "statistic"]
    for key in given:
        if key != "statistic" and key not in known:
            # Pydantic would offer the settings of all statistics.
            what, hint = f"statistic {name} has no such setting", suggestion(key, known)
            raise custom_error(what, value=key, allowed=", ".join(known), hint=hint)
    return {"statistic": name, **given}


AnyTarget: Any = any_of(STATISTICS, "statistic", _with_statistic)
"""Any target, told apart by its statistic."""
