"""Forecast skill: the model's forecasts of observed months, scored beside simple ones.

What is fitted is fitted to the months before the first forecast.  From then on every month is an
origin: from what is known up to it, the months ahead are forecast, and scored once they are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.answers.skill.forecast_scores import (
    FORECAST_KEYS,
    MODEL,
    compare_forecasts,
    mean_scores,
    scores_of,
)
from regional_sim.answers.skill.forecasts import (
    SIMPLE_FORECASTS,
    Analogues,
    ObservationModel,
    from_root,
    to_root,
)
from regional_sim.answers.skill.observables import MonthlySeries, month_after
from regional_sim.answers.skill.simulated_months import SimulatedMonths
from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

USUAL_QUANTILE: Final = 0.8
"""Share of the fitted months that an event lies above, where it is not any at all."""

LEAST_FITTED: Final = 60
"""Months that are needed to fit to."""

MOST_AHEAD: Final = 24
"""Longest horizon, in months; of a run of 20 years few months have more to both sides."""


@dataclass(frozen=True)
class SkillPlan:
    """What is scored, and how.

    Attributes
    ----------
    fit_from, fit_until : datetime64
        First and last month that is fitted to; the first origin is the last.
    horizons : tuple of int
        Months ahead.
    refit : bool
        Whether everything is fitted again at each origin, to all months before it.
    seed : int
        Master seed of runs, noise and resamples.
    """

    fit_from: np.datetime64
    fit_until: np.datetime64
    horizons: tuple[int, ...] = (1, 3, 6, 12)
    refit: bool = False
    seed: int = 2018

    def __post_init__(self) -> None:
        """Refuse horizons that are none, and months to fit to that end before they begin."""
        for ahead in self.horizons:
            if not 1 <= ahead <= MOST_AHEAD:
                raise InputError(f"must be 1 to {MOST_AHEAD} months", key="--horizons", value=ahead)
        if self.fit_until < self.fit_from:
            what = f"must not be before the first month that is fitted to, {self.fit_from}"
            raise InputError(what, key="--fit-until", value=str(self.fit_until))


@dataclass(frozen=True)
class Skill:
    """What a scoring gave, as tables.

    Attributes
    ----------
    series : tuple of MonthlySeries
        What was forecast.
    plan : SkillPlan
        How.
    forecasts : DataFrame
        A row for each series, origin, months ahead and forecast.
    scores : DataFrame
        Means by series, months ahead and forecast.
    comparisons : DataFrame
        Skill of the model against each simple forecast, with interval and words.
    fits : DataFrame
        The observation model of each series, as fitted to the first months.
    """

    series: tuple[MonthlySeries, ...]
    plan: SkillPlan
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    comparisons: pd.DataFrame
    fits: pd.DataFrame


def score_series(
    series: Sequence[MonthlySeries], simulated: SimulatedMonths, plan: SkillPlan
) -> Skill:
    """Forecast and score series.

    Raises
    ------
    InputError
        When a series is too short to be fitted to or scored, or never varies before.
    """
    import pandas as pd

    for one in series:
        check_length(one, plan)
    tables = [_forecasts_of(one, simulated[one.observable], plan) for one in series]
    forecasts = pd.concat(tables, ignore_index=True)
    fits = pd.DataFrame([_fit_row(one, simulated[one.observable], plan) for one in series])
    scales = {one.observable.name: float(_fitted(one, plan).std()) for one in series}
    known = forecasts[forecasts["observed"].notna()]
    comparisons = compare_forecasts(known, scales, plan.seed)
    return Skill(tuple(series), plan, forecasts, mean_scores(known), comparisons, fits)


def check_length(series: MonthlySeries, plan: SkillPlan) -> None:
    """Refuse a series that has too few months to fit to, or none to score."""
    name = series.observable.name
    fitted = _fitted(series, plan)
    if len(fitted) < LEAST_FITTED:
        what = (
            f"{len(fitted)} months from {plan.fit_from} to {plan.fit_until} are too few to fit to;"
            f" {LEAST_FITTED} are needed"
        )
        raise InputError(what, key=name, hint="leave the series out with --only")
    if fitted.std() == 0.0:
        raise InputError(f"does not vary up to {plan.fit_until}: nothing to fit", key=name)
    if len(series.observed) - 1 - series.place(plan.fit_until) < max(plan.horizons):
        what = f"ends in {series.months[-1]}, less than {max(plan.horizons)} months after"
        raise InputError(f"{what} {plan.fit_until}: nothing to score", key=name)


def _fitted(series: MonthlySeries, plan: SkillPlan, until: np.datetime64 | None = None) -> Floats:
    first = max(series.place(plan.fit_from), 0)
    return series.observed[first : max(series.place(until or plan.fit_until) + 1, first)]


def _fit_row(series: MonthlySeries, months: Floats, plan: SkillPlan) -> dict[str, object]:
    fitted = _fitted(series, plan)
    model = ObservationModel.fit(to_root(fitted), months)
    return {
        "series": series.observable.name,
        "simulated": series.observable.simulated,
        "months_fitted": len(fitted),
        "level": model.level,
        "slope": model.slope,
        "noise": model.noise,
        "signal": model.signal,
        "event_above": _threshold(series, plan),
    }


def _threshold(series: MonthlySeries, plan: SkillPlan) -> float:
    """Return the value above which a month is an event."""
    if series.observable.any_event:
        return 0.0
    return float(np.quantile(_fitted(series, plan), USUAL_QUANTILE))


def _forecasts_of(series: MonthlySeries, months: Floats, plan: SkillPlan) -> pd.DataFrame:
    """Forecast from every origin, also months that are not observed yet, and score the others."""
    import pandas as pd

    analogues = Analogues(months, plan.horizons)
    roots, threshold = to_root(series.observed), _threshold(series, plan)
    fitted = to_root(_fitted(series, plan))
    model = ObservationModel.fit(fitted, months)
    start = series.place(plan.fit_until)
    rows, members = [], []
    for origin in range(start, len(roots)):
        history = roots[: origin + 1]
        now = month_after(series.first, origin)
        if plan.refit:
            fitted = to_root(_fitted(series, plan, now))
            model = ObservationModel.fit(fitted, months)
        date = int(now.astype(int))
        random = np.random.default_rng([plan.seed, series.observable.number, date])
        by_model = analogues.forecast(history, model, random)
        for ahead, quantiles in zip(plan.horizons, by_model, strict=True):
            target = origin + ahead
            observed = series.observed[target] if target < len(roots) else np.nan
            made = {MODEL: quantiles} | {
                name: simple(history, fitted, ahead) for name, simple in SIMPLE_FORECASTS.items()
            }
            for name, one in made.items():
                until = str(month_after(series.first, target))
                rows.append((series.observable.name, str(now), ahead, until, name, observed))
                members.append(from_root(one, is_count=series.observable.is_count))
    table = pd.DataFrame(rows, columns=list(FORECAST_KEYS))
    return table.join(scores_of(np.stack(members), table["observed"].to_numpy(), threshold))
