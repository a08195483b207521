"""Which factors matter for what is seen at the points of a sample: cross-validated scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import CONFIDENCE, Flags

FOLDS: Final = 5
"""Parts of the points, each of which is left out once and then predicted."""

_ROUNDS: Final = 2
"""How often points are cut into parts anew."""

CHANCE: Final = 0.5
"""Balanced accuracy of guessing."""

_SHUFFLES: Final = 4
_TREES: Final = 100
_LEAST_LEAF: Final = 2


@dataclass(frozen=True)
class Accuracy:
    """A score on points that were left out: its mean over points, with a 95 % t interval."""

    mean: float
    low: float
    high: float
    error: float

    @classmethod
    def of(cls, by_point: Floats) -> Accuracy:
        """Take the score of each point."""
        from scipy.stats import t

        n = len(by_point)
        error = float(by_point.std(ddof=1) / np.sqrt(n))
        width = float(t.ppf((1.0 + CONFIDENCE) / 2.0, n - 1)) * error
        mean = float(by_point.mean())
        return cls(mean, mean - width, mean + width, error)


@dataclass(frozen=True)
class FactorScore:
    """How much of the skill goes when the levels of a factor are shuffled.

    Attributes
    ----------
    factor : Factor
        The factor.
    loss : Accuracy
        What goes, with its interval.
    matters : bool
        Whether it is above 0 surely enough for one of so many factors (Bonferroni).
    """

    factor: Factor
    loss: Accuracy
    matters: bool

    @classmethod
    def of(cls, factor: Factor, by_point: Floats, n_factors: int) -> FactorScore:
        """Take the loss of each point."""
        loss = Accuracy.of(by_point)
        sure = NormalDist().inv_cdf(1.0 - (1.0 - CONFIDENCE) / (2.0 * n_factors))
        return cls(factor, loss, loss.mean > sure * loss.error)


@dataclass(frozen=True)
class FactorScores:
    """Scores of all factors, the largest first, and the skill of what they were taken from."""

    skill: Accuracy
    of_factors: tuple[FactorScore, ...]

    @property
    def ranked(self) -> tuple[Factor, ...]:
        """The factors, those that matter most first."""
        return tuple(one.factor for one in self.of_factors)


def parts(target: Floats | Any, seed: int, rounds: int = _ROUNDS) -> Any:
    """Cut points into parts, some rounds anew; of yes and no each part has its share."""
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    kind = RepeatedStratifiedKFold if target.dtype == bool else RepeatedKFold
    return kind(n_splits=FOLDS, n_repeats=rounds, random_state=seed)


def factor_scores(
    factors: Sequence[Factor],
    inputs: Floats,
    target: Any,
    *,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> FactorScores:
    """Score factors by permutation, on points that a forest has not seen.

    Parameters
    ----------
    factors : sequence of Factor
        The columns of the inputs.
    inputs : ndarray
        Levels as numbers, shape (point, factor).
    target : ndarray
        Whether something holds, or a number; shape (point,).
    seed : int
        Of parts, trees and shuffles.
    progress : callable, optional
        Told how many parts are done.
    """
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    # With many factors, of which few matter, each split has to see all of them.
    shared = {"n_estimators": _TREES, "min_samples_leaf": _LEAST_LEAF, "max_features": None}
    shared["random_state"] = seed
    score: Callable[[Any, Integers, Any], Floats]
    if target.dtype == bool:
        forest, score = ExtraTreesClassifier(class_weight="balanced", **shared), told_right
    else:
        forest, score = ExtraTreesRegressor(**shared), _explained
    rounds = parts(target, seed)
    random = np.random.default_rng(seed)
    told, lost = np.zeros(len(target)), np.zeros((len(factors), len(target)))
    for done, (learnt, left_out) in enumerate(rounds.split(inputs, target)):
        if progress is not None:
            progress(done, rounds.get_n_splits())
        forest.fit(inputs[learnt], target[learnt])
        rows = inputs[left_out]
        right = score(target, left_out, forest.predict(rows))
        told[left_out] += right / _ROUNDS
        for at in range(len(factors)):
            shuffled = _shuffled(forest, rows, at, random)
            kept = np.mean([score(target, left_out, one) for one in shuffled], axis=0)
            lost[at, left_out] += (right - kept) / _ROUNDS
    scored = [
        FactorScore.of(factor, of, len(factors)) for factor, of in zip(factors, lost, strict=True)
    ]
    scored.sort(key=lambda one: -one.loss.mean)
    return FactorScores(Accuracy.of(told), tuple(scored))


def _shuffled(forest: Any, rows: Floats, at: int, random: np.random.Generator) -> Any:
    """Predict rows in which the levels of one factor are shuffled: shape (shuffle, point).

    All shuffles are predicted at once; the function of scikit-learn takes many times as long, as
    it predicts one by one.
    """
    many = np.tile(rows, (_SHUFFLES, 1, 1))
    for one in many:
        one[:, at] = random.permutation(one[:, at])
    return forest.predict(many.reshape(-1, rows.shape[1])).reshape(_SHUFFLES, -1)


def told_right(target: Flags, points: Integers, said: Flags) -> Floats:
    """Score what is said of some points, so that the mean over all is the balanced accuracy."""
    truth = target[points]
    share = np.where(truth, target.mean(), 1.0 - target.mean())
    right: Floats = (said == truth) / (2.0 * share)
    return right


def _explained(target: Floats, points: Integers, said: Floats) -> Floats:
    """Score what is said of some points, so that the mean is the share of variance explained."""
    left: Floats = 1.0 - (target[points] - said) ** 2 / target.var()
    return left
