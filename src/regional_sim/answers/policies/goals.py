"""What a search for a policy is to reach: goals, and requirements that must be met."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.engine.job import defined_metrics
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags
from regional_sim.scenario import Scenario

_REQUIREMENT = re.compile(r"\s*(?P<metric>\w+)\s*(?P<sign>>=|<=)\s*(?P<bound>\S+)\s*")
_COMPARE: Final[dict[str, Callable[[Floats, float], Floats]]] = {
    ">=": operator.sub,
    "<=": lambda value, bound: bound - value,
}


@dataclass(frozen=True)
class Goal:
    """A metric whose difference to the reference should be as low, or as high, as can be."""

    metric: Metric
    most: bool

    @property
    def words(self) -> str:
        """The goal in two words."""
        return f"{'most' if self.most else 'least'} {self.metric.name}"

    def loss(self, difference: Floats) -> Floats:
        """Turn differences into losses, the smaller the better, in smallest effects of interest."""
        return (-difference if self.most else difference) / self.metric.smallest


@dataclass(frozen=True)
class Requirement:
    """A bound that a metric's difference to the reference must keep."""

    metric: Metric
    sign: str
    bound: float

    @property
    def words(self) -> str:
        """The requirement as it was written."""
        return f"{self.metric.name} {self.sign} {self.bound:g}"

    def shortfall(self, difference: Floats) -> Floats:
        """Return by how much the bound is missed, at or below 0 where it is kept."""
        return -_COMPARE[self.sign](difference, self.bound)


def goals_of(scenario: Scenario, least: Iterable[str], most: Iterable[str]) -> tuple[Goal, ...]:
    """Look up goals.

    Raises
    ------
    InputError
        When there is none, a metric comes twice, has no smallest effect, or is not defined here.
    """
    goals = tuple(
        Goal(_metric(scenario, name, key), most=key == "most")
        for key, names in (("least", least), ("most", most))
        for name in names
    )
    named = [goal.metric for goal in goals]
    if not named:
        hint = "name a metric that should be least, or most"
        raise InputError("a search needs a goal", key="least, most", hint=hint)
    for metric in named:
        if named.count(metric) > 1:
            raise InputError(
                "this metric is named as a goal twice", key="least, most", value=metric.name
            )
        if not np.isfinite(metric.smallest) or metric.combine != "mean":
            what = "a goal is a mean with a smallest effect of interest"
            raise InputError(what, key="least, most", value=metric.name)
    return goals


def usual_most(scenario: Scenario) -> list[str]:
    """Name what a search wants most if nothing else is said, where the world has it."""
    wanted = Metric.shared_deterrence
    return [wanted.name] if wanted in defined_metrics(scenario) else []


def requirements_of(scenario: Scenario, texts: Sequence[str]) -> tuple[Requirement, ...]:
    """Read requirements such as ``shared_deterrence >= 0``, of differences to the reference."""
    found = []
    for text in texts:
        match = _REQUIREMENT.fullmatch(text)
        try:
            bound = float(match["bound"]) if match else np.nan
        except ValueError:
            bound = np.nan
        if match is None or not np.isfinite(bound):
            allowed = "METRIC >= NUMBER, METRIC <= NUMBER"
            raise InputError(
                "this is not a requirement", key="require", value=text, allowed=allowed
            )
        metric = _metric(scenario, match["metric"], "require")
        found.append(Requirement(metric, match["sign"], bound))
    return tuple(found)


def _metric(scenario: Scenario, name: str, key: str) -> Metric:
    known = [metric.name for metric in defined_metrics(scenario)]
    if name not in known:
        raise UnknownNameError("metric", name, known, key=key)
    return Metric[name]


def undominated(losses: Floats) -> Flags:
    """Tell which rows of losses, shape (candidate, goal), no other row beats in all goals.

    >>> undominated(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])).tolist()
    [True, True, False]
    """
    no_worse = (losses[:, None, :] <= losses[None, :, :]).all(axis=-1)
    better = (losses[:, None, :] < losses[None, :, :]).any(axis=-1)
    beaten: Flags = np.asarray((no_worse & better).any(axis=0))
    return ~beaten


def regrets(losses: Floats, allowed: Flags) -> Floats:
    """Return how far each candidate falls behind the best at each point.

    Parameters
    ----------
    losses : ndarray, shape (candidate, point, goal)
        In smallest effects of interest.
    allowed : ndarray of bool, shape (candidate, point)
        Where requirements are met; where no candidate meets them, all count.

    Returns
    -------
    ndarray, shape (candidate, point)
        The greatest over the goals, in smallest effects, at least 0.

    Examples
    --------
    >>> losses = np.array([[[0.0], [2.0]], [[1.0], [0.0]]])
    >>> regrets(losses, np.ones((2, 2), dtype=bool)).tolist()
    [[0.0, 2.0], [1.0, 0.0]]
    """
    counted = allowed | ~np.asarray(allowed.any(axis=0))
    best = np.where(counted[..., None], losses, np.inf).min(axis=0)
    behind: Floats = np.maximum((losses - best).max(axis=-1), 0.0)
    return behind
