"""What decides an outcome: indices of the factors of a finished sweep, in numbers and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.answers.outcomes import Outcome, PointResults
from regional_sim.answers.sensitivity.elementary_effects import elementary_effects
from regional_sim.answers.sensitivity.factor_sensitivity import (
    MAIN_EFFECTS,
    METHODS,
    MORRIS,
    SOBOL,
    UNITS,
    FactorSensitivity,
    OutcomeSensitivity,
    Sensitivity,
    direction_of,
    meaning_of_effect,
    meaning_of_share,
)
from regional_sim.answers.sensitivity.interval_estimate import LEAST_SIGNAL, IntervalEstimate
from regional_sim.answers.sensitivity.main_effects import NumericLevels, least_points, main_effects
from regional_sim.answers.sensitivity.sampled_values import SampledValues, sampled_values
from regional_sim.answers.sensitivity.sobol_indices import block_size, sobol_indices
from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.experiment import DIFFERENCE
from regional_sim.experiment.sampling import Morris, Saltelli
from regional_sim.numerics.arrays import Integers

if TYPE_CHECKING:
    from regional_sim.results.load import Results

_CARRIERS: Final = {MORRIS: "morris", SOBOL: "saltelli"}
"""Kinds of the designs that carry a method."""

_LEAST_OF: Final = {MORRIS: 4, SOBOL: 16}
_DEFAULT_METRICS: Final = ("tension", "miscalculation_risk", "trilateral_alignment")


@dataclass(frozen=True)
class SensitivityRequest:
    """What is asked of a result.

    Attributes
    ----------
    metrics : sequence of str
        Metrics, or outcomes such as ``tension.difference``; none: those of the experiment.
    window : str
        Months.
    postures : sequence of str
        Labels; none: the second posture, or the only one.
    level : bool
        Ask for the postures' own levels, not for their differences to the first one.
    factors : sequence of str
        The factors to tell of; none: all.
    method : str, optional
        One of :data:`METHODS`; None: the one that the design carries.
    keep_unstable : bool
        Use points whose start is unstable, too.
    resamples, seed : int
        Of the bootstrap.
    """

    metrics: Sequence[str] = ()
    window: str = WHOLE_WINDOW
    postures: Sequence[str] = ()
    level: bool = False
    factors: Sequence[str] = ()
    method: str | None = None
    keep_unstable: bool = False
    resamples: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be done, with an InputError."""
        if self.method is not None and self.method not in METHODS:
            raise UnknownNameError("method", self.method, METHODS)
        for key, least in {"resamples": 100, "seed": 0}.items():
            value = getattr(self, key)
            if value < least:
                what = "is too small"
                raise InputError(what, key=key, value=value, allowed=f"from {least}")

    def outcomes(self, points: PointResults) -> list[Outcome]:
        """Look up what is asked for in a result."""
        labels = points.experiment.labels
        known = [name for name in _DEFAULT_METRICS if name in points.metrics]
        names = self.metrics or points.experiment.outcomes or known or points.metrics[:1]
        level = self.level or len(labels) == 1
        chosen = self.postures or labels[1:2] or labels[:1]
        return [
            points.outcome(
                name if "." in name or level else f"{name}.{DIFFERENCE}",
                window=self.window,
                posture=posture,
            )
            for posture in chosen
            for name in names
        ]


def sensitivity_of(
    results: Results,
    request: SensitivityRequest,
    progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Tell what decides the outcomes of a finished sweep.

    `progress` is told the points whose stability is known, and all points.

    Raises
    ------
    InputError
        When the result lacks what is asked for, its design does not carry the method, or too few
        points are left.
    """
    points = PointResults(results)
    points.needs_factors()
    method = _method(points, request.method)
    outcomes = request.outcomes(points)
    shown = {points.factor(name).path for name in request.factors}
    values = sampled_values(points, outcomes)
    unstable: tuple[int, ...] = ()
    if not request.keep_unstable:
        unstable = tuple(points.unstable(progress))
    unit = _unit_of(points, method)
    used = _used(points, values, unstable, unit)
    _enough(points, method, len(used) // unit, len(unstable))
    found = [
        _of_outcome(points, method, one, of.at(used), used, request)
        for one, of in zip(outcomes, values, strict=True)
    ]
    return Sensitivity(
        title=points.experiment.title,
        design=str(points.experiment.made_by() or f"{points.n_points} listed points"),
        where=points.where,
        method=method,
        outcomes=tuple(_only(one, shown) for one in found),
        n_points=points.n_points,
        n_used=len(used),
        n_units=points.n_points // unit,
        units_used=len(used) // unit,
        unstable=unstable,
        replicates=points.experiment.replicates,
        resamples=request.resamples,
        seed=request.seed,
    )


def _method(points: PointResults, asked: str | None) -> str:
    """Tell which method the design carries, and refuse one that it does not."""
    design = points.experiment.made_by()
    kind = "" if design is None else design.kind
    natural = next((one for one, of in _CARRIERS.items() if of == kind), MAIN_EFFECTS)
    if asked is None or asked in {natural, MAIN_EFFECTS}:
        return asked or natural
    raise InputError(
        f"the points of this result ({design or 'listed'}) carry no {METHODS[asked]}",
        where=points.where,
        key="method",
        value=asked,
        allowed=", ".join(dict.fromkeys([natural, MAIN_EFFECTS])),
        hint=f"a design of the kind {_CARRIERS[asked]} does; regional-sim sensitivity EXPERIMENT"
        " runs one",
    )


def _unit_of(points: PointResults, method: str) -> int:
    """Return how many neighbouring points go together."""
    design = points.experiment.made_by()
    n_factors = len(points.experiment.factors)
    fixed = sorted(set(points.experiment.factors) - {one.path for one in points.factors})
    if method != MAIN_EFFECTS and fixed:
        what = "this factor takes one level only, so the design carries no indices"
        hint = "leave it out of the design, or use --method main_effects"
        raise InputError(what, where=points.where, key=fixed[0], hint=hint)
    if method == SOBOL and isinstance(design, Saltelli):
        return block_size(n_factors, second_order=design.second_order)
    return n_factors + 1 if method == MORRIS else 1


def _used(
    points: PointResults, values: Sequence[SampledValues], unstable: Sequence[int], unit: int
) -> Integers:
    """Return the points of whole units without unstable points and points without a value."""
    good = np.ones(points.n_points, dtype=bool)
    good[list(unstable)] = False
    for of in values:
        good &= ~np.isnan(of.mean)
    whole = good.reshape(-1, unit).all(axis=1)
    return np.flatnonzero(np.repeat(whole, unit))


def _enough(points: PointResults, method: str, n_units: int, n_unstable: int) -> None:
    """Refuse too few points, and say what would do."""
    least = _LEAST_OF.get(method) or least_points(_levels(points))
    if n_units >= least:
        return
    lost = f", as points with an unstable start are left out ({n_unstable})" if n_unstable else ""
    raise InputError(
        f"too few {UNITS[method]} for {METHODS[method]}: {n_units} can be used{lost}",
        where=points.where,
        allowed=f"at least {least}",
        hint="run a larger design, or one of fewer factors or narrower priors",
    )


def _levels(points: PointResults) -> list[NumericLevels]:
    inputs = points.inputs
    return [
        NumericLevels(inputs[one.column].to_numpy(dtype=float), one.kind != "text")
        for one in points.factors
    ]


def _of_outcome(
    points: PointResults,
    method: str,
    outcome: Outcome,
    values: SampledValues,
    used: Integers,
    request: SensitivityRequest,
) -> OutcomeSensitivity:
    """Compute the indices of one outcome at the points that are used."""
    noise = values.noise_variance / values.variance if values.variance > 0.0 else float("nan")
    made = OutcomeSensitivity(
        outcome,
        (),
        mean=float(values.mean.mean()),
        sd=float(np.sqrt(values.variance)),
        low=float(values.mean.min()),
        high=float(values.mean.max()),
        lower=float(np.mean(values.mean < -outcome.smallest)),
        higher=float(np.mean(values.mean > outcome.smallest)),
        noise=noise,
    )
    # Rounding alone varies by less than this.
    if made.sd <= 1e-12 * max(abs(made.mean), 1e-300) or noise > 1.0 - LEAST_SIGNAL:
        return made
    task = _Task(
        points, outcome, values, used, {"resamples": request.resamples, "seed": request.seed}
    )
    return _COMPUTE[method](task, made)


@dataclass(frozen=True)
class _Task:
    """What a method needs: the result, and values at the points that are used."""

    points: PointResults
    outcome: Outcome
    values: SampledValues
    used: Integers
    bootstrap: dict[str, int] = field(default_factory=dict)

    @property
    def inputs(self) -> Any:
        return self.points.inputs.to_numpy(dtype=float)[self.used]


def _of_morris(task: _Task, made: OutcomeSensitivity) -> OutcomeSensitivity:
    design = task.points.experiment.made_by()
    steps = design.levels if isinstance(design, Morris) else 4
    found = elementary_effects(task.inputs, task.values, steps, **task.bootstrap)
    return _with(
        made,
        [
            FactorSensitivity(
                factor,
                {
                    "mean_absolute_effect": one.mean_absolute,
                    "mean_effect": one.mean,
                    "effect_sd": IntervalEstimate(one.spread, float("nan"), float("nan")),
                },
                direction_of(factor, one.mean.sign),
                meaning_of_effect(one.mean_absolute, one.noise, task.outcome.smallest),
                one.noise,
            )
            for factor, one in zip(task.points.factors, found, strict=True)
        ],
    )


def _of_sobol(task: _Task, made: OutcomeSensitivity) -> OutcomeSensitivity:
    design = task.points.experiment.made_by()
    second = isinstance(design, Saltelli) and design.second_order
    found = sobol_indices(task.inputs, task.values, second_order=second, **task.bootstrap)
    return _with(
        made,
        [
            FactorSensitivity(
                factor,
                {"total_order": one.total, "first_order": one.first, "trend": one.trend},
                direction_of(factor, one.trend.sign),
                meaning_of_share(one.total, one.trend.sign),
            )
            for factor, one in zip(task.points.factors, found, strict=True)
        ],
    )


def _of_single_factors(task: _Task, made: OutcomeSensitivity) -> OutcomeSensitivity:
    levels = [NumericLevels(one.levels[task.used], one.ordered) for one in _levels(task.points)]
    found = main_effects(levels, task.values, **task.bootstrap)
    factors = [
        FactorSensitivity(
            factor,
            {"main_effect": share, "trend": trend},
            direction_of(factor, trend.sign),
            meaning_of_share(share, trend.sign),
        )
        for factor, share, trend in zip(
            task.points.factors, found.shares, found.trends, strict=True
        )
    ]
    return _with(made, factors, explained=found.explained, degree=found.degree)


_COMPUTE: Final[dict[str, Callable[[_Task, OutcomeSensitivity], OutcomeSensitivity]]] = {
    MORRIS: _of_morris,
    SOBOL: _of_sobol,
    MAIN_EFFECTS: _of_single_factors,
}


def _with(
    made: OutcomeSensitivity, factors: Sequence[FactorSensitivity], **more: Any
) -> OutcomeSensitivity:
    """Put factors in, the largest first."""
    ranked = sorted(factors, key=lambda one: -one.main.value)
    return replace(made, factors=tuple(ranked), **more)


def _only(made: OutcomeSensitivity, shown: set[str]) -> OutcomeSensitivity:
    if not shown:
        return made
    return _with(made, [one for one in made.factors if one.factor.path in shown])
