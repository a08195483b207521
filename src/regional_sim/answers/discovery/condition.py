"""A condition on an outcome, such as ``tension.difference < 0``, and where it holds."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.answers.outcomes import Outcome, PointResults, Values
from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import CONFIDENCE, Flags

_RELATIONS: Final = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_FORM: Final = re.compile(
    r"\s*(?P<asked>[^<>=]*?)\s*(?P<relation><=|>=|<|>)\s*(?P<limit>[^<>=]+?)\s*"
)


@dataclass(frozen=True)
class Condition:
    """An outcome, a relation such as ``<``, and a limit in the metric's unit."""

    outcome: Outcome
    relation: str
    limit: float

    def __str__(self) -> str:
        """Write the condition as it is asked for."""
        return f"{self.outcome.name} {self.relation} {self.limit:.12g}"

    def holds(self, values: Values) -> Flags:
        """Tell for each point whether the mean meets the condition."""
        met: Flags = _RELATIONS[self.relation](values.mean, self.limit)
        return met

    def is_sure(self, values: Values) -> Flags:
        """Tell for each point whether the whole 95 % t interval lies on one side of the limit."""
        half_width = half_widths(values)
        distance: Floats = np.abs(values.mean - self.limit)
        sure: Flags = (distance > half_width) | (half_width == 0.0)
        return sure


def half_widths(values: Values) -> Floats:
    """Return half of the 95 % t interval at each point; NaN with fewer than two replicates."""
    from scipy.stats import t

    with np.errstate(invalid="ignore"):
        quantile = t.ppf((1.0 + CONFIDENCE) / 2.0, np.maximum(values.n - 1.0, 1.0))
    width: Floats = values.error * quantile
    return width


def conditions_of(
    points: PointResults,
    texts: Sequence[str],
    *,
    window: str = WHOLE_WINDOW,
    posture: str | None = None,
) -> tuple[Condition, ...]:
    """Read conditions, all on one posture; raises InputError where one cannot be read."""
    if not texts:
        what = "say which condition: nothing is asked for"
        raise InputError(what, key="where", hint='such as "tension.difference < 0"')
    return tuple(_condition(points, text, window, posture) for text in texts)


def _condition(points: PointResults, text: str, window: str, posture: str | None) -> Condition:
    found = _FORM.fullmatch(text)
    try:
        limit = float(found["limit"]) if found else np.nan
    except ValueError:
        limit = np.nan
    if found is None or not np.isfinite(limit):
        what = "this condition cannot be read"
        allowed = "METRIC or METRIC.difference, then <, <=, > or >=, then a number"
        hint = 'such as "tension.difference < 0"'
        raise InputError(what, key="where", value=text, allowed=allowed, hint=hint)
    outcome = points.outcome(found["asked"], window=window, posture=posture)
    return Condition(outcome, found["relation"], limit)
