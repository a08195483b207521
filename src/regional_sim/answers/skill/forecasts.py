"""Forecasts of a monthly series: the model's, and the simple ones that it has to beat.

All work on the square root of the values, on which counts and shares vary about as much at any
level, and give quantiles at :data:`PROBABILITIES`.  The model's is a particle forecast: of many
simulated months those count, by likelihood, whose last twelve months look like the last twelve
observed ones, and what followed them is the forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Self

import numpy as np

from regional_sim.numerics.arrays import Floats

MEMBERS: Final = 200
"""Quantiles that a forecast consists of."""

PROBABILITIES: Final[Floats] = (np.arange(MEMBERS) + 0.5) / MEMBERS
"""Probabilities of these quantiles."""

MEMORY: Final = 12
"""Months before the origin that simulated months are compared with."""

SEASON_MONTHS: Final = 12
"""Months after which a season comes again."""

LEAST_PARTICLES: Final = 100.0
"""Effective number of simulated months that a forecast rests on; with fewer the likelihood is made
flatter, by halves."""

MOST_SIGNAL: Final = 0.95
"""Largest share of an observable's variance that is put down to the simulated series."""

_NORMAL: Final[Floats] = np.array([NormalDist().inv_cdf(float(p)) for p in PROBABILITIES])
_DRAWN: Final = 2000


def to_root(values: Floats) -> Floats:
    """Return the scale on which forecasts are made."""
    roots: Floats = np.sqrt(values)
    return roots


def from_root(roots: Floats, *, is_count: bool) -> Floats:
    """Return values of this scale; those of counts are rounded.

    >>> from_root(np.array([-1.0, 1.2]), is_count=True).tolist()
    [0.0, 1.0]
    """
    values: Floats = np.square(np.maximum(roots, 0.0))
    return np.round(values) if is_count else values


# ------------------------------------------------------------------------------- simple forecasts

SimpleForecast = Callable[[Floats, Floats, int], Floats]
"""Quantiles from all months to the origin, those that are fitted to, and the months ahead."""


def persistence_forecast(history: Floats, fitted: Floats, ahead: int) -> Floats:
    """Forecast the last month, with the spread of changes over so many months."""
    quantiles: Floats = history[-1] + _rms(fitted[ahead:] - fitted[:-ahead]) * _NORMAL
    return quantiles


def seasonal_forecast(history: Floats, fitted: Floats, ahead: int) -> Floats:
    """Forecast the latest known same month of a year, with the spread of yearly changes."""
    lag = SEASON_MONTHS * -(-ahead // SEASON_MONTHS)
    quantiles: Floats = history[ahead - lag - 1] + _rms(fitted[lag:] - fitted[:-lag]) * _NORMAL
    return quantiles


def autoregressive_forecast(history: Floats, fitted: Floats, ahead: int) -> Floats:
    """Forecast by a first-order autoregression, fitted by least squares."""
    slope, constant = np.polyfit(fitted[:-1], fitted[1:], 1)
    errors = fitted[1:] - constant - slope * fitted[:-1]
    variance = np.square(errors).sum() / (len(errors) - 2)
    mean, spread = history[-1], 0.0
    for _ in range(ahead):
        mean, spread = constant + slope * mean, variance + slope * slope * spread
    quantiles: Floats = mean + np.sqrt(spread) * _NORMAL
    return quantiles


def climatological_forecast(history: Floats, fitted: Floats, ahead: int) -> Floats:  # noqa: ARG001
    """Forecast what was seen, whatever the last months were: for an event a constant hazard."""
    quantiles: Floats = np.quantile(fitted, PROBABILITIES, method="inverted_cdf")
    return quantiles


SIMPLE_FORECASTS: Final[Mapping[str, SimpleForecast]] = {
    "persistence": persistence_forecast,
    "seasonal-naive": seasonal_forecast,
    "AR(1)": autoregressive_forecast,
    "climatology": climatological_forecast,
}
"""What the model has to beat, by name."""


def _rms(changes: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(changes))))


# ------------------------------------------------------------------------------------ the model's


@dataclass(frozen=True)
class ObservationModel:
    """How an observable shows a simulated series x: root = level + slope x + noise.

    Attributes
    ----------
    level, slope : float
        Constants, on the scale of roots.
    noise : float
        Standard deviation of what x does not explain; it is independent from month to month.
    signal : float
        Share of the observable's variance that x explains.
    """

    level: float
    slope: float
    noise: float
    signal: float

    @classmethod
    def fit(cls, roots: Floats, simulated: Floats) -> Self:
        """Fit to observed roots, shape (month,), and simulated months, shape (month, run).

        Simulated months have no date, so moments are matched and not months: mean, variance, and
        autocorrelation after 1 to 12 months, which independent noise lowers by the same share.
        Those of the simulated are taken within as many months as were observed.
        """
        mean, variance, of_model = _moments(_stretches(simulated, len(roots)))
        observed_mean, observed_variance, observed = _moments(roots[:, None])
        signal = min(max(float(of_model @ observed / (of_model @ of_model)), 0.0), MOST_SIGNAL)
        slope = float(np.sqrt(signal * observed_variance / variance))
        noise = float(np.sqrt((1.0 - signal) * observed_variance))
        return cls(observed_mean - slope * mean, slope, noise, signal)


def _stretches(simulated: Floats, n_months: int) -> Floats:
    """Cut runs into stretches of so many months, or leave them where they are shorter."""
    n_months = min(n_months, len(simulated))
    cut = simulated[: len(simulated) // n_months * n_months]
    stretches: Floats = np.concatenate(np.split(cut, len(cut) // n_months), axis=1)
    return stretches


def _moments(series: Floats) -> tuple[float, float, Floats]:
    """Return mean, and variance and autocorrelations about each column's own mean."""
    off = series - series.mean(axis=0)
    squares = np.square(off).sum(axis=0)
    lags = range(1, MEMORY + 1)
    products = np.array([(off[lag:] * off[:-lag]).sum(axis=0) for lag in lags])
    varies = squares > 0.0
    correlations: Floats = (products[:, varies] / squares[varies]).mean(axis=1)
    return float(series.mean()), float(squares.mean() / len(series)), correlations


class Analogues:
    """Simulated months with what came before and after each, of all runs.

    Parameters
    ----------
    simulated : ndarray, shape (month, run)
    horizons : sequence of int
        Months ahead.
    """

    def __init__(self, simulated: Floats, horizons: Sequence[int]) -> None:
        windows = np.lib.stride_tricks.sliding_window_view(
            simulated, MEMORY + max(horizons), axis=0
        ).reshape(-1, MEMORY + max(horizons))
        self._before: Floats = np.ascontiguousarray(windows[:, :MEMORY])
        self._after = [np.ascontiguousarray(windows[:, MEMORY + h - 1]) for h in horizons]

    def forecast(
        self, history: Floats, model: ObservationModel, random: np.random.Generator
    ) -> Floats:
        """Return quantiles of roots for each horizon: shape (horizon, MEMBERS)."""
        weights = self._weights(history[-MEMORY:], model)
        # Systematic resampling: each month is taken in proportion to its weight.
        ends = np.cumsum(weights)
        taken = np.searchsorted(ends, (np.arange(_DRAWN) + 0.5) / _DRAWN * ends[-1])
        quantiles = []
        for after in self._after:
            shown = model.level + model.slope * after[taken]
            noise = model.noise * random.normal(size=_DRAWN)
            quantiles.append(np.quantile(shown + noise, PROBABILITIES))
        return np.stack(quantiles)

    def _weights(self, recent: Floats, model: ObservationModel) -> Floats:
        """Weigh simulated months by the likelihood of the recent observed ones."""
        errors = (recent - model.level - model.slope * self._before) / model.noise
        likelihood = -0.5 * np.square(errors).sum(axis=1)
        likelihood -= likelihood.max()
        while True:
            weights: Floats = np.exp(likelihood)
            if weights.sum() ** 2 / np.square(weights).sum() >= LEAST_PARTICLES:
                return weights
            likelihood *= 0.5
