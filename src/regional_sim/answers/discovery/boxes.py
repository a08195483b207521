"""Boxes in the space of factors: by a classification tree, or by PRIM."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.answers.discovery.factor_scores import CHANCE, Accuracy, parts, told_right
from regional_sim.errors import InputError
from regional_sim.experiment.levels import level_text
from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags

if TYPE_CHECKING:
    import pandas as pd

DEEPEST: Final = 4
"""Questions that a tree asks in turn, at most."""

MOST_BOXES: Final = 3
"""Boxes that PRIM looks for, each among the points that the ones before left."""

_LEAST_LEAF: Final = 5
_LEAF_SHARE: Final = 0.02
_ROUNDS: Final = 4
_PEELED: Final = 0.05
_LEAST_MASS: Final = 0.05
_BY_CHANCE: Final = 0.05
_PEELED_ONCE: Final = 2
_TINY: Final = 1e-12


@dataclass(frozen=True)
class Interval:
    """What a box allows of a factor: levels between two limits, which no level meets exactly."""

    factor: Factor
    low: float = -np.inf
    high: float = np.inf

    @property
    def in_words(self) -> str:
        """The limits in words; of levels that are no numbers, which ones are allowed."""
        levels = self.factor.levels.distinct
        name = self.factor.path.rpartition(".")[2]
        if self.factor.kind == "text":
            chosen = [level_text(one) for at, one in enumerate(levels) if self.low < at < self.high]
            return f"{name} is {' or '.join(chosen)}"
        if np.isinf(self.low):
            return f"{name} < {self.high:.3g}"
        if np.isinf(self.high):
            return f"{name} > {self.low:.3g}"
        return f"{self.low:.3g} < {name} < {self.high:.3g}"


@dataclass(frozen=True)
class Box:
    """A part of the space of factors.

    Attributes
    ----------
    intervals : tuple of Interval
        What it allows; factors that are not named may have any level.
    points, holding, undecided : int
        Points in it, those at which the condition holds, and those at which noise decides.
    of_all : int
        Points at which the condition holds, inside and outside.
    """

    intervals: tuple[Interval, ...]
    points: int
    holding: int
    undecided: int
    of_all: int

    @property
    def density(self) -> float:
        """Share of its points at which the condition holds."""
        return self.holding / self.points

    @property
    def coverage(self) -> float:
        """Its share of all points at which the condition holds."""
        return self.holding / self.of_all

    @property
    def mostly_holds(self) -> bool:
        """Whether the condition holds at more than half of its points."""
        return self.density > CHANCE

    @property
    def in_words(self) -> str:
        """What it allows, in words."""
        return " and ".join(one.in_words for one in self.intervals) or "everywhere"


@dataclass(frozen=True)
class Boxes:
    """What a method found.

    Attributes
    ----------
    boxes : tuple of Box
        Of a tree all leaves, those in which the condition holds most often first; of PRIM the boxes
        in the order in which it found them.
    skill : Accuracy or None
        Balanced accuracy of the tree on points that were left out; None of PRIM.
    depth : int
        Questions that the tree asks in turn; 0 of PRIM.
    unseen_density, unseen_coverage : float
        Of all boxes in which the condition mostly holds, on points that were left out.
    trajectory : ndarray
        Coverage and density after each peel of the first box, shape (peel, 2); empty of a tree.
    """

    boxes: tuple[Box, ...]
    skill: Accuracy | None
    depth: int
    unseen_density: float
    unseen_coverage: float
    trajectory: Floats

    @property
    def beats_guessing(self) -> bool:
        """Whether a tree is surely better than guessing on points that were left out."""
        return self.skill is None or self.skill.low > CHANCE


def tree_boxes(
    factors: Sequence[Factor], inputs: Floats, holds: Flags, sure: Flags, seed: int
) -> Boxes:
    """Find boxes by a classification tree, as deep as pays on points that were left out.

    The shallowest tree is taken whose skill lies within one standard error of the best.
    """
    tried = {depth: _left_out(depth, inputs, holds, seed) for depth in range(1, DEEPEST + 1)}
    best = max((skill for skill, _, _ in tried.values()), key=lambda one: one.mean)
    depth = next(d for d, (skill, _, _) in tried.items() if skill.mean >= best.mean - best.error)
    skill, density, coverage = tried[depth]
    fitted = _tree(depth, len(inputs), seed).fit(inputs, holds)
    leaves = fitted.apply(inputs)
    found = [
        _box(intervals, leaves == leaf, holds, sure)
        for leaf, intervals in _leaves(fitted.tree_, factors).items()
    ]
    found.sort(key=lambda one: (-one.density, -one.points))
    return Boxes(tuple(found), skill, depth, density, coverage, np.empty((0, 2)))


def _tree(depth: int, n_points: int, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    least = max(_LEAST_LEAF, round(_LEAF_SHARE * n_points))
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=least, random_state=seed)


def _left_out(depth: int, inputs: Floats, holds: Flags, seed: int) -> tuple[Accuracy, float, float]:
    """Return the skill of a tree, and density and coverage of its boxes, over points left out."""
    said = np.zeros(len(holds))
    right = np.zeros(len(holds))
    tree = _tree(depth, len(inputs), seed)
    for learnt, left_out in parts(holds, seed, _ROUNDS).split(inputs, holds):
        here = tree.fit(inputs[learnt], holds[learnt]).predict(inputs[left_out])
        said[left_out] += here
        right[left_out] += told_right(holds, left_out, here) / _ROUNDS
    density = said[holds].sum() / said.sum() if said.any() else float("nan")
    return Accuracy.of(right), float(density), float(said[holds].mean() / _ROUNDS)


def _leaves(tree: Any, factors: Sequence[Factor]) -> dict[int, tuple[Interval, ...]]:
    """Return what each leaf of a tree allows."""
    found: dict[int, tuple[Interval, ...]] = {}
    waiting: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while waiting:
        node, limits = waiting.pop()
        left, right = tree.children_left[node], tree.children_right[node]
        if left == right:
            found[node] = tuple(Interval(factors[at], *of) for at, of in limits.items())
            continue
        at, limit = int(tree.feature[node]), float(tree.threshold[node])
        low, high = limits.get(at, (-np.inf, np.inf))
        waiting.append((left, limits | {at: (low, limit)}))
        waiting.append((right, limits | {at: (limit, high)}))
    return found


def _box(intervals: tuple[Interval, ...], inside: Flags, holds: Flags, sure: Flags) -> Box:
    counts = (int(some.sum()) for some in (inside, inside & holds, inside & ~sure, holds))
    return Box(intervals, *counts)


# ------------------------------------------------------------------------------------------ PRIM


def prim_boxes(factors: Sequence[Factor], inputs: Floats, holds: Flags, sure: Flags) -> Boxes:
    """Find boxes by PRIM of EMA Workbench, which the extra ``discovery`` installs.

    Of each peeling trajectory the box with the best balance of coverage and density is taken (their
    harmonic mean); limits that may well be chance (quasi-p above 0.05) are taken off it.
    """
    import pandas as pd

    table = pd.DataFrame(inputs, columns=[one.column for one in factors])
    found: list[Box] = []
    trajectory = np.empty((0, 2))
    with warnings.catch_warnings():
        # The library has not caught up with pandas.
        warnings.simplefilter("ignore")
        prim = _prim(table, holds)
        while len(found) < MOST_BOXES:
            one = prim.find_box()
            if one is None or len(one.peeling_trajectory) < _PEELED_ONCE:
                break
            steps = one.peeling_trajectory[["coverage", "density"]].to_numpy(dtype=float)
            best = int(np.argmax(steps.prod(axis=1) / np.maximum(steps.sum(axis=1), _TINY)))
            one.select(best)
            box = _box_of_prim(factors, table, one.box_lims[best], one.qp[best], (holds, sure))
            if not box.intervals or not box.mostly_holds:
                break
            trajectory = trajectory if found else steps
            found.append(box)
    nothing = float("nan")
    return Boxes(tuple(found), None, 0, nothing, nothing, trajectory)


def _prim(table: pd.DataFrame, holds: Flags) -> Any:
    try:
        from ema_workbench.analysis.prim import Prim
    except ImportError:
        hint = "pip install 'regional_sim[discovery]'; the method tree needs nothing more"
        what = "PRIM needs EMA Workbench, which the extra discovery installs"
        raise InputError(what, key="method", value="prim", hint=hint) from None
    return Prim(
        table, holds.astype(int), threshold=CHANCE, peel_alpha=_PEELED, mass_min=_LEAST_MASS
    )


def _box_of_prim(
    factors: Sequence[Factor],
    table: pd.DataFrame,
    limits: pd.DataFrame,
    by_chance: Mapping[str, Sequence[float]],
    marks: tuple[Flags, Flags],
) -> Box:
    """Keep the limits that are no chance, each half-way to the next level outside."""
    intervals = []
    inside = np.ones(len(table), dtype=bool)
    for factor in factors:
        if factor.column not in by_chance:
            continue
        levels = np.unique(table[factor.column])
        low, high = (float(limits[factor.column].iloc[end]) for end in (0, 1))
        quasi = by_chance[factor.column]
        interval = Interval(
            factor,
            _half_way(levels[levels < low][-1:], low) if 0.0 <= quasi[0] < _BY_CHANCE else -np.inf,
            _half_way(levels[levels > high][:1], high) if 0.0 <= quasi[1] < _BY_CHANCE else np.inf,
        )
        if np.isfinite(interval.low) or np.isfinite(interval.high):
            intervals.append(interval)
            values = table[factor.column].to_numpy()
            inside &= (values > interval.low) & (values < interval.high)
    return _box(tuple(intervals), inside, *marks)


def _half_way(outside: Floats, limit: float) -> float:
    """Return the middle between a limit and the next level beyond it."""
    return float((outside[0] + limit) / 2.0) if len(outside) else limit
