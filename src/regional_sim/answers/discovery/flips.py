"""Where the effect of a posture flips its sign over two factors of a finished sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from regional_sim.answers.discovery.discovery import check_seed
from regional_sim.answers.discovery.factor_scores import FactorScores, factor_scores
from regional_sim.answers.discovery.flip_surfaces import (
    EffectSurface,
    fitted_surface,
    measured_surface,
)
from regional_sim.answers.outcomes import Outcome, PointResults
from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError
from regional_sim.experiment.experiment import DIFFERENCE
from regional_sim.experiment.points import Factor
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.numerics.statistics import CONFIDENCE, effect_codes

FEWEST_FITTED: Final = 30
"""Points below which no surface is fitted."""

_Progress: TypeAlias = Callable[[int, int], None] | None

_DEFAULT: Final = "tension"
_TWO: Final = 2
_TAIL: Final = (1.0 - CONFIDENCE) / 2.0


@dataclass(frozen=True)
class FlipsRequest:
    """What is mapped.

    Attributes
    ----------
    outcome : str or None
        A paired difference such as ``tension.difference``; None: of the first outcome that the
        experiment names.
    x, y : str or None
        Factors of the map; None: those that matter most.
    window : str
        Months that the outcome is taken over.
    postures : tuple of str
        Labels; none: every posture but the first.
    keep_unstable : bool
        Use points whose start is unstable, too.
    seed : int
        Of resamples; at least 0.
    """

    outcome: str | None = None
    x: str | None = None
    y: str | None = None
    window: str = WHOLE_WINDOW
    postures: tuple[str, ...] = ()
    keep_unstable: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse a seed that cannot be used."""
        check_seed(self.seed)


@dataclass(frozen=True)
class Flip:
    """A level of x at which the effect changes its sign.

    Attributes
    ----------
    at, low, high : float
        The level with its 95 % interval; an infinite end lies outside of the range of x.
    upward : bool
        Whether the effect is negative below the level and positive above it.
    """

    at: float
    low: float
    high: float
    upward: bool


@dataclass(frozen=True)
class FlipRow:
    """One level of y.

    Attributes
    ----------
    y : float
        The level.
    flips : tuple of Flip
        Where the effect flips along x, in order.
    sign : int
        Sign of the mean at the lowest level of x that has a value.
    unsure : float
        Share of the resamples that do not keep one sign where there is no flip; NaN where there is
        one.
    """

    y: float
    flips: tuple[Flip, ...]
    sign: int
    unsure: float


@dataclass(frozen=True)
class PostureFlips:
    """The map of one posture.

    Attributes
    ----------
    outcome : Outcome
        The difference that is mapped.
    surface : EffectSurface
        Its mean and interval over x and y.
    rows : tuple of FlipRow
        Where it flips, for each level of y.
    values : ndarray
        Mean at each point, shape (point,).
    """

    outcome: Outcome
    surface: EffectSurface
    rows: tuple[FlipRow, ...]
    values: Floats

    def effect_counts(self) -> tuple[int, int, int, int]:
        """Count the crossings at which it raises, lowers, is negligible, is unclear."""
        there = ~np.isnan(self.surface.mean)
        low, high = self.surface.low[there], self.surface.high[there]
        codes = effect_codes(low, high, np.full(low.shape, self.outcome.smallest))
        raises, lowers, negligible, unclear, *_ = np.bincount(codes, minlength=5).tolist()
        return raises, lowers, negligible, unclear


@dataclass(frozen=True)
class FlipMap:
    """Where the effect of postures flips over two factors.

    Attributes
    ----------
    title, source : str
        Of the experiment, and the folder.
    x, y : Factor
        The factors of the map.
    scores : FactorScores or None
        What chose them; None where both were named.
    is_measured : bool
        Whether cells of a grid were averaged; otherwise a surface was fitted.
    others : tuple of Factor
        Factors over which it is averaged.
    points_x, points_y : ndarray
        Levels of the points that are used, shape (point,).
    n_points, unstable, missing : int
        Points that are used, and left out for an unstable start or for want of a value.
    replicates : int
        Of each posture at each point, at most.
    postures : tuple of PostureFlips
        A map of each.
    """

    title: str
    source: str
    x: Factor
    y: Factor
    scores: FactorScores | None
    is_measured: bool
    others: tuple[Factor, ...]
    points_x: Floats
    points_y: Floats
    n_points: int
    unstable: int
    missing: int
    replicates: int
    postures: tuple[PostureFlips, ...]


def flip_map(
    points: PointResults,
    request: FlipsRequest,
    progress: _Progress = None,
) -> FlipMap:
    """Map where the effects of postures flip; see :class:`FlipsRequest`.

    Raises
    ------
    InputError
        When the result lacks what is asked for, has fewer than two factors of numbers or too few
        points, or a level is asked for, which has no line of zero.
    """
    _numeric_factors(points)
    outcomes = _outcomes(points, request)
    values = [points.by_replicate(one) for one in outcomes]
    missing = np.any([np.isnan(of).all(axis=1) for of in values], axis=0)
    used = ~missing
    unstable = [] if request.keep_unstable else points.unstable()
    used[unstable] = False
    at = np.flatnonzero(used)
    if not len(at):
        raise InputError("no point has a value and a stable start", where=points.where)
    means = [np.nanmean(of[at], axis=1) for of in values]
    x, y, scores = _axes(points, request, at, means[0], progress)
    all_x, all_y = (points.inputs[one.column].to_numpy() for one in (x, y))
    of_x, of_y = all_x[at], all_y[at]
    # A grid stays one where some of its points are left out.
    masked = [np.where(used[:, None], of, np.nan) for of in values]
    surfaces = [measured_surface(all_x, all_y, of, request.seed) for of in masked]
    is_measured = None not in surfaces
    if not is_measured:
        _enough_to_fit(points, len(at))
        surfaces = [fitted_surface(of_x, of_y, of, request.seed) for of in means]
    return FlipMap(
        title=points.experiment.title,
        source=points.where,
        x=x,
        y=y,
        scores=scores,
        is_measured=is_measured,
        others=tuple(one for one in points.factors if one.path not in {x.path, y.path}),
        points_x=of_x,
        points_y=of_y,
        n_points=len(at),
        unstable=len(unstable),
        missing=int(missing.sum()),
        replicates=values[0].shape[1],
        postures=tuple(
            PostureFlips(outcome, surface, tuple(flip_rows(surface)), mean)
            for outcome, surface, mean in zip(outcomes, surfaces, means, strict=True)
            if surface is not None
        ),
    )


def flip_rows(surface: EffectSurface) -> Iterator[FlipRow]:
    """Find where the effect flips along each row, between levels by straight lines."""
    for place, y in enumerate(surface.rows.tolist()):
        there = ~np.isnan(surface.of_rows[place])
        x, mean = surface.x[there], surface.of_rows[place][there]
        if not len(x):
            continue
        resampled = surface.resampled[:, place][:, there]
        flips = tuple(
            Flip(at, *_range_of(at, upward, x, resampled), upward) for at, upward in _zeros(x, mean)
        )
        kept = (np.sign(resampled) == np.sign(mean[0])).all(axis=1)
        unsure = float("nan") if flips else 1.0 - float(kept.mean())
        yield FlipRow(y, flips, int(np.sign(mean[0])), unsure)


def _zeros(x: Floats, values: Floats) -> list[tuple[float, bool]]:
    """List where a broken line passes 0, and whether it does so upward."""
    negative = values < 0.0
    steps = np.flatnonzero(negative[1:] != negative[:-1])
    left, right = values[steps], values[steps + 1]
    at = x[steps] + (x[steps + 1] - x[steps]) * left / (left - right)
    return list(zip(at.tolist(), negative[steps].tolist(), strict=True))


def _range_of(at: float, upward: bool, x: Floats, resampled: Floats) -> tuple[float, float]:
    """Return the 95 % interval of a flip: in each resample that of its kind which is nearest.

    Where a resample has none, it lies beyond the end of the range that it would have to pass.
    """
    found = np.empty(len(resampled))
    for place, values in enumerate(resampled):
        alike = [zero for zero, of in _zeros(x, values) if of == upward]
        beyond = np.inf if (values[0] < 0.0) == upward else -np.inf
        found[place] = min(alike, key=lambda zero: abs(zero - at)) if alike else beyond
    low, high = np.quantile(found, (_TAIL, 1.0 - _TAIL), method="inverted_cdf")
    return float(low), float(high)


def _outcomes(points: PointResults, request: FlipsRequest) -> list[Outcome]:
    """Look up the difference of each posture that is mapped."""
    labels = points.experiment.labels
    first = next(iter(points.experiment.outcomes), _DEFAULT)
    asked = request.outcome or f"{first}.{DIFFERENCE}"
    found = [
        points.outcome(asked, window=request.window, posture=label)
        for label in request.postures or labels[1:] or labels
    ]
    if any(one.reference is None for one in found):
        what = "a level has no line of zero, so nothing flips"
        hint = f"ask for {found[0].metric.name}.{DIFFERENCE}"
        raise InputError(what, key="outcome", value=asked, hint=hint)
    return found


def _numeric_factors(points: PointResults) -> list[Factor]:
    numeric = [one for one in points.factors if one.kind != "text"]
    if len(numeric) < _TWO:
        what = "a map needs a sweep in which at least 2 factors of numbers vary"
        raise InputError(
            what,
            where=points.where,
            value=", ".join(one.path for one in numeric) or None,
            hint="run one with regional-sim sweep, such as flip_map",
        )
    return numeric


def _axes(
    points: PointResults, request: FlipsRequest, at: Integers, mean: Floats, told: _Progress
) -> tuple[Factor, Factor, FactorScores | None]:
    """Choose both factors: as named, else those that matter most for the first posture."""
    numeric = _numeric_factors(points)
    named = [_chosen(points, numeric, one) for one in (request.x, request.y) if one is not None]
    if len(named) == _TWO and named[0].path == named[1].path:
        raise InputError("a map needs two different factors", key="y", value=named[0].path)
    scores, ranked = None, numeric
    if len(named) < _TWO and len(numeric) > _TWO:
        _enough_to_fit(points, len(at))
        inputs = points.inputs[[one.column for one in numeric]].to_numpy()[at]
        scores = factor_scores(numeric, inputs, mean, seed=request.seed, progress=told)
        ranked = list(scores.ranked)
    paths = {one.path for one in named}
    free = iter([one for one in ranked if one.path not in paths])
    given = iter(named)
    x = next(free) if request.x is None else next(given)
    y = next(free) if request.y is None else next(given)
    return x, y, scores


def _chosen(points: PointResults, numeric: list[Factor], name: str) -> Factor:
    factor = points.factor(name)
    if factor.path not in {one.path for one in numeric}:
        what, allowed = "a map needs factors of numbers", ", ".join(one.path for one in numeric)
        raise InputError(what, where=points.where, value=name, allowed=allowed)
    return factor


def _enough_to_fit(points: PointResults, n_points: int) -> None:
    if n_points < FEWEST_FITTED:
        what = f"{n_points} points are too few to fit a surface to"
        hint = f"it takes {FEWEST_FITTED}, or a full grid over two factors, such as flip_map"
        raise InputError(what, where=points.where, hint=hint)
