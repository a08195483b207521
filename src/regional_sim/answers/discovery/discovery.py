"""In which region of the factors of a finished sweep a condition holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.answers.discovery.boxes import Boxes, prim_boxes, tree_boxes
from regional_sim.answers.discovery.condition import Condition, conditions_of
from regional_sim.answers.discovery.factor_scores import FOLDS, FactorScores, factor_scores
from regional_sim.answers.outcomes import PointResults
from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import Flags

TREE: Final = "tree"
PRIM: Final = "prim"
METHODS_OF_DISCOVERY: Final = (TREE, PRIM)

FEWEST_POINTS: Final = 20
"""Points below which nothing is looked for."""

FEWEST_OF_A_KIND: Final = 2 * FOLDS
"""Points at which the condition holds, and at which it does not, that a box takes at least."""


@dataclass(frozen=True)
class DiscoveryRequest:
    """What is looked for.

    Attributes
    ----------
    where : tuple of str
        Conditions such as ``tension.difference < 0``; all must hold.
    window : str
        Months that outcomes are taken over.
    posture : str or None
        Label; None: the second posture of the experiment, or the only one.
    method : str
        ``tree`` or ``prim``.
    keep_unstable : bool
        Use points whose start is unstable, too.
    seed : int
        Of what is left out, of trees and of shuffles; at least 0.
    """

    where: tuple[str, ...]
    window: str = WHOLE_WINDOW
    posture: str | None = None
    method: str = TREE
    keep_unstable: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what no search takes."""
        if self.method not in METHODS_OF_DISCOVERY:
            raise UnknownNameError("method", self.method, METHODS_OF_DISCOVERY)
        check_seed(self.seed)


@dataclass(frozen=True)
class Discovery:
    """Where a condition holds.

    Attributes
    ----------
    title, source : str
        Of the experiment, and the folder.
    conditions : tuple of Condition
        All must hold.
    factors : tuple of Factor
        Those that vary, in the order of the columns of `inputs`.
    points : ndarray
        Numbers of the points that are used.
    inputs : ndarray
        Their levels as numbers, shape (point, factor).
    holds, sure : ndarray
        Whether all conditions hold at a point, and whether noise leaves no doubt of it.
    unstable, missing : int
        Points left out for an unstable start, and for want of a value.
    boxes : Boxes or None
        None where the condition holds, or does not hold, at too few points to tell where.
    scores : FactorScores or None
        None with `boxes`.
    """

    title: str
    source: str
    conditions: tuple[Condition, ...]
    factors: tuple[Factor, ...]
    points: Integers
    inputs: Floats
    holds: Flags
    sure: Flags
    unstable: int
    missing: int
    method: str
    boxes: Boxes | None
    scores: FactorScores | None

    @property
    def n_holding(self) -> int:
        """Points at which the condition holds."""
        return int(self.holds.sum())

    @property
    def n_undecided(self) -> int:
        """Points whose interval straddles the limit."""
        return int((~self.sure).sum())

    @property
    def points_that_would_do(self) -> int | None:
        """Points of such a sample that would have enough of each kind; None where one is empty."""
        fewer = min(self.n_holding, len(self.points) - self.n_holding)
        return -(-FEWEST_OF_A_KIND * len(self.points) // fewer) if fewer else None

    @property
    def asked(self) -> str:
        """The conditions as one text."""
        return " and ".join(map(str, self.conditions))


def discovered(
    points: PointResults,
    request: DiscoveryRequest,
    progress: Callable[[int, int], None] | None = None,
) -> Discovery:
    """Find boxes in which a condition holds, and score the factors.

    Parameters
    ----------
    points : PointResults
        A finished sweep.
    request : DiscoveryRequest
        What is looked for.
    progress : callable, optional
        Told the steps that are done, and all of them.

    Raises
    ------
    InputError
        When a condition cannot be read, the result lacks what it names, or it has no factors or
        too few points.
    """
    labels = points.experiment.labels
    posture = request.posture or labels[min(1, len(labels) - 1)]
    conditions = conditions_of(points, request.where, window=request.window, posture=posture)
    points.needs_factors()
    _enough(points.n_points, points)
    holds, sure, missing = _met(points, conditions)
    used = ~missing
    unstable = [] if request.keep_unstable else points.unstable()
    used[unstable] = False
    chosen = np.flatnonzero(used)
    _enough(len(chosen), points, f", as {points.n_points - len(chosen)} have to be left out")
    inputs, holds, sure = points.inputs.to_numpy()[chosen], holds[chosen], sure[chosen]
    boxes = scores = None
    if min(holds.sum(), (~holds).sum()) >= FEWEST_OF_A_KIND:
        scores = factor_scores(points.factors, inputs, holds, seed=request.seed, progress=progress)
        if request.method == PRIM:
            boxes = prim_boxes(points.factors, inputs, holds, sure)
        else:
            boxes = tree_boxes(points.factors, inputs, holds, sure, request.seed)
    return Discovery(
        title=points.experiment.title,
        source=points.where,
        conditions=conditions,
        factors=points.factors,
        points=chosen,
        inputs=inputs,
        holds=holds,
        sure=sure,
        unstable=len(unstable),
        missing=int(missing.sum()),
        method=request.method,
        boxes=boxes,
        scores=scores,
    )


def check_seed(seed: int) -> None:
    """Refuse a seed that scikit-learn does not take."""
    if not 0 <= seed < 2**32:
        raise InputError(
            "this seed cannot be used", key="seed", value=seed, allowed="0 to 4294967295"
        )


def _met(points: PointResults, conditions: Sequence[Condition]) -> tuple[Flags, Flags, Flags]:
    """Tell for each point whether all conditions hold, whether surely, and whether a value lacks.

    That one condition surely fails is enough to be sure.
    """
    values = [points.values(one.outcome) for one in conditions]
    met = np.array([one.holds(of) for one, of in zip(conditions, values, strict=True)])
    sure = np.array([one.is_sure(of) for one, of in zip(conditions, values, strict=True)])
    missing: Flags = np.logical_or.reduce(np.isnan([of.mean for of in values]))
    holds: Flags = np.logical_and.reduce(met)
    told: Flags = np.logical_and.reduce(sure) | np.logical_or.reduce(sure & ~met)
    return holds, told, missing


def _enough(n_points: int, points: PointResults, why: str = "") -> None:
    if n_points < FEWEST_POINTS:
        what = f"this needs at least {FEWEST_POINTS} points, and there are {n_points}{why}"
        hint = "run a sweep with more, such as uncertainty_sample"
        raise InputError(what, where=points.where, hint=hint)
