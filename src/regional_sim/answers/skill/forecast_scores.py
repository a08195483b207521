"""Scores of forecasts: CRPS, Brier score, coverage of intervals, and skill with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.answers.outcomes import UNCLEAR
from regional_sim.answers.skill.forecasts import SEASON_MONTHS, SIMPLE_FORECASTS
from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

MODEL: Final = "model"
"""Name of the model's forecast in tables."""

ALL_SERIES: Final = "all series"
"""Name of what is pooled over series in tables."""

FORECAST_KEYS: Final = ("series", "origin", "months_ahead", "target", "forecast", "observed")
"""Columns of the table of forecasts that say what a row is, and what came."""

BLOCK_MONTHS: Final = SEASON_MONTHS
"""Origins that are resampled together, since neighbours have much in common."""

LEAST_COMPARED: Final = 2 * BLOCK_MONTHS
"""Scored origins from which a comparison has an interval."""

SKILL_RESAMPLES: Final = 2000

BETTER: Final = "better"
WORSE: Final = "worse"
NO_INTERVAL: Final = "not comparable"


def need_scoring_library() -> None:
    """Refuse to begin where the library of scoring rules is not installed.

    Raises
    ------
    InputError
        Saying how to install it.
    """
    if find_spec("scoringrules") is None:
        what = "forecasts are scored by the library scoringrules, which is not installed"
        raise InputError(what, hint="pip install 'regional_sim[skill]'")


def scores_of(members: Floats, observed: Floats, threshold: float) -> pd.DataFrame:
    """Describe and score forecasts, shape (row, quantile); no score where nothing was observed."""
    import pandas as pd

    # Slow to import, half a minute at worst: it compiles functions of its own each time.
    import scoringrules as rules

    ends = np.quantile(members, (0.05, 0.25, 0.5, 0.75, 0.95), axis=1)
    chance = np.mean(members > threshold, axis=1)
    known = ~np.isnan(observed)
    event = np.where(known, observed > threshold, np.nan)
    inside = {
        f"inside_{share}": np.where(known, (low <= observed) & (observed <= high), np.nan)
        for share, low, high in ((50, ends[1], ends[3]), (90, ends[0], ends[4]))
    }
    crps, brier = np.full((2, len(observed)), np.nan)
    if known.any():
        crps[known] = rules.crps_ensemble(observed[known], members[known], backend="numpy")
        brier[known] = rules.brier_score(event[known], chance[known], backend="numpy")
    quantiles = dict(zip(("q05", "q25", "median", "q75", "q95"), ends, strict=True))
    columns = {**quantiles, "chance_of_event": chance, "event": event}
    return pd.DataFrame({**columns, "crps": crps, "brier": brier, **inside})


def mean_scores(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return means of scores over origins, by series, months ahead and forecast."""
    by = forecasts.groupby(["series", "months_ahead", "forecast"], sort=False)
    return by.agg(
        months=("crps", "size"),
        crps=("crps", "mean"),
        brier=("brier", "mean"),
        coverage_50=("inside_50", "mean"),
        coverage_90=("inside_90", "mean"),
        share_of_events=("event", "mean"),
    ).reset_index()


def compare_forecasts(
    forecasts: pd.DataFrame, scales: Mapping[str, float], seed: int
) -> pd.DataFrame:
    """Return the skill of the model against each simple forecast, with 95 % interval and words.

    Skill is 1 - CRPS / CRPS of the other.  Pooled over series, scores are in units of `scales`, the
    standard deviation of each series before the first origin, at origins that all series have.
    """
    import pandas as pd

    rows = []
    for ahead, of_horizon in forecasts.groupby("months_ahead", sort=False):
        by_series = {}
        for name, part in of_horizon.groupby("series", sort=False):
            by_series[str(name)] = part.pivot_table(
                index="origin", columns="forecast", values="crps"
            )
        if len(by_series) > 1:
            scaled = [table / scales[name] for name, table in by_series.items()]
            together = pd.concat(scaled, keys=range(len(scaled))).groupby(level=1)
            pooled = together.mean()[together.size() == len(scaled)]
            if len(pooled):
                by_series[ALL_SERIES] = pooled
        for series, table in by_series.items():
            scores = {name: table[name].to_numpy() for name in table}
            for other in SIMPLE_FORECASTS:
                found = skill_interval(scores[MODEL], scores[other], seed)
                rows.append((series, ahead, other, len(table), *found, verdict_of(*found[1:])))
    columns = ["series", "months_ahead", "against", "months", "skill", "low", "high", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def skill_interval(scores: Floats, others: Floats, seed: int) -> tuple[float, float, float]:
    """Return skill and the ends of its 95 % interval, NaN where there are too few months.

    Blocks of neighbouring origins are resampled, of both scores together, round the end.

    References
    ----------
    Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure for stationary
    data. In *Exploring the Limits of Bootstrap*. Wiley.
    """
    n = len(scores)
    if not others.any():
        return np.nan, np.nan, np.nan
    skill = 1.0 - scores.mean() / others.mean()
    if n < LEAST_COMPARED:
        return float(skill), np.nan, np.nan
    n_blocks = -(-n // BLOCK_MONTHS)
    random = np.random.default_rng(seed)
    starts = random.integers(n, size=(SKILL_RESAMPLES, n_blocks, 1))
    taken = ((starts + np.arange(BLOCK_MONTHS)) % n).reshape(SKILL_RESAMPLES, -1)[:, :n]
    sums = others[taken].sum(axis=1)
    resampled = 1.0 - scores[taken].sum(axis=1)[sums > 0.0] / sums[sums > 0.0]
    tail = 0.5 * (1.0 - CONFIDENCE)
    low, high = np.quantile(resampled, (tail, 1.0 - tail))
    return float(skill), float(low), float(high)


def verdict_of(low: float, high: float) -> str:
    """Say in words what an interval of skill says of the model.

    >>> verdict_of(0.1, 0.3), verdict_of(-0.2, -0.1), verdict_of(-0.1, 0.1)
    ('better', 'worse', 'unclear')
    """
    if np.isnan(low):
        return NO_INTERVAL
    return BETTER if low > 0.0 else WORSE if high < 0.0 else UNCLEAR
