"""Which factors matter for what is seen at the points of a sample: cross-validated scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import CONFIDENCE, Flags

FOLDS: Final = 5
"""Parts of the points, each of which is left out once and then predicted."""

CHANCE: Final = 0.5
"""Balanced accuracy of guessing."""

_ROUNDS: Final = 2
_SHUFFLES: Final = 4
_TREES: Final = 100
_LEAST_LEAF: Final = 2


@dataclass(frozen=True)
class Skill:
    """A score on points that were left out: mean over parts, with a 95 % t interval."""

    mean: float
    low: float
    high: float
    error: float

    @classmethod
    def of(cls, scores: Sequence[float] | Floats) -> Skill:
        """Take one score for each part; parts overlap in what was learnt from (Nadeau & Bengio)."""
        from scipy.stats import t

        values = np.asarray(scores, dtype=float)
        more = 1.0 / len(values) + 1.0 / (FOLDS - 1.0)
        error = float(np.sqrt(values.var(ddof=1) * more))
        width = float(t.ppf((1.0 + CONFIDENCE) / 2.0, len(values) - 1)) * error
        mean = float(values.mean())
        return cls(mean, mean - width, mean + width, error)


@dataclass(frozen=True)
class FactorScore:
    """How much of the skill goes when the levels of a factor are shuffled."""

    factor: Factor
    loss: Skill

    @property
    def matters(self) -> bool:
        """Whether the whole interval of the loss is above 0."""
        return self.loss.low > 0.0


@dataclass(frozen=True)
class FactorScores:
    """Scores of all factors, the largest first, and the skill of what they were taken from."""

    skill: Skill
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
    score: Callable[[Any, Any], float]
    if target.dtype == bool:
        forest, score = ExtraTreesClassifier(class_weight="balanced", **shared), _accuracy
    else:
        forest, score = ExtraTreesRegressor(**shared), _explained
    skills, losses = [], []
    rounds = parts(target, seed)
    random = np.random.default_rng(seed)
    for learnt, left_out in rounds.split(inputs, target):
        forest.fit(inputs[learnt], target[learnt])
        rows, truth = inputs[left_out], target[left_out]
        skill = score(truth, forest.predict(rows))
        skills.append(skill)
        losses.append(
            [
                skill - _shuffled(forest, score, rows, truth, at, random)
                for at in range(len(factors))
            ]
        )
        if progress is not None:
            progress(len(losses), rounds.get_n_splits())
    scored = [
        FactorScore(factor, Skill.of(loss))
        for factor, loss in zip(factors, np.array(losses).T, strict=True)
    ]
    scored.sort(key=lambda one: -one.loss.mean)
    return FactorScores(Skill.of(skills), tuple(scored))


def _shuffled(
    forest: Any, score: Callable[[Any, Any], float], rows: Floats, truth: Any, at: int, random: Any
) -> float:
    """Score a forest where the levels of one factor are shuffled, averaged over some shuffles.

    All shuffles are predicted at once; the function of scikit-learn takes many times as long, as
    it predicts one by one.
    """
    many = np.tile(rows, (_SHUFFLES, 1, 1))
    for one in many:
        one[:, at] = random.permutation(one[:, at])
    said = forest.predict(many.reshape(-1, rows.shape[1])).reshape(_SHUFFLES, -1)
    return float(np.mean([score(truth, one) for one in said]))


def _accuracy(truth: Flags, said: Flags) -> float:
    """Balanced accuracy: the mean of the shares of either kind that are told right."""
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2.0)


def _explained(truth: Floats, said: Floats) -> float:
    """Return the share of the variance that is told."""
    return float(1.0 - ((truth - said) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())
