"""The rounds of calibration, which end at the optimum of the penalised likelihood.

Each round simulates the present values and, on the same random numbers, values a little above and
below, and moves to the optimum on the surface that these slopes span (:mod:`.pooled_fit`).  It ends
when a further move would gain next to nothing.  Of the model nothing is used but that pairs have a
stake and a restraint, and what ``simulate`` counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from ruamel.yaml import YAML
from scipy.special import expit

from regional_sim.analysis import pooled_fit
from regional_sim.analysis.base_rates import DisputeCounts, DisputeRecord, pair_names, simulate_all
from regional_sim.analysis.pooled_fit import FreeNumbers, Optimum, Surface
from regional_sim.model.parameters import Param
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import Scenario, load_scenario, shipped_config

STAKE_SCALE: Final = "stake scale"
FACTORS: Final = (STAKE_SCALE,)
"""Free factors: the scale of all stakes, and names of parameters to be multiplied.

More are not needed: onsets by pair set restraint, and shares that reach use of force set the scale
of stakes, as restraint makes up for what it does to onsets.
"""

ROUNDS: Final = 20
FEWEST_AVERAGED: Final = 3
"""Rounds that are averaged at the least before the procedure may stop."""

REPLICATES: Final = 300

NUDGE: Final = 0.2
"""Difference of a logarithm over which slopes are taken, each way."""

FIRST: Final = (float(np.log(2.0)), 0.5)
"""Mean and spread of the log restraint at which a fit starts."""

SMALLEST_GAIN: Final = 0.05
"""The rounds stop when the mean surface promises less than this, in log units."""

NEAR_GAIN: Final = 2.0
"""Rounds are averaged from the one on which no more than this was to be gained."""

RESTRAINT_BOUNDS: Final = (0.02, 20.0)
STAKE_SCALE_BOUNDS: Final = (0.1, 10.0)


@dataclass(frozen=True)
class World2010:
    """The world that is simulated, the stakes by rule of its pairs, and the free factors."""

    scenario: Scenario
    names: tuple[str, ...]
    stake_rule: Floats
    factors: tuple[str, ...]

    @classmethod
    def load(
        cls, scenario: Scenario | None = None, factors: tuple[str, ...] = FACTORS
    ) -> World2010:
        """Take a scenario, by default the shipped one."""
        scenario = scenario or load_scenario("world_2010")
        names = tuple(pair_names(scenario.codes))
        return cls(scenario, names, stakes_by_rule(names), factors)

    def at(self, position: FreeNumbers) -> Scenario:
        """Return the world with the values of a position, rounded as they are written."""
        return self.scenario.with_settings(self.settings(position))

    def settings(self, position: FreeNumbers) -> dict[str, object]:
        """Return the values of a position as settings, rounded as they are written."""
        settings: dict[str, object] = {}
        scale = 1.0
        for name, log_factor in zip(self.factors, position.factors, strict=True):
            if name == STAKE_SCALE:
                scale = float(np.clip(np.exp(log_factor), *STAKE_SCALE_BOUNDS))
            else:
                value = self.scenario.parameter_values()[Param[name]] * np.exp(log_factor)
                settings[f"parameters.{name}"] = float(f"{value:.4g}")
        restraint = np.clip(np.exp(position.log_restraint), *RESTRAINT_BOUNDS)
        for figure, row in (("stake", scale * self.stake_rule), ("restraint", restraint)):
            settings |= {
                f"dyads.{figure}.{name}": float(f"{value:.4g}")
                for name, value in zip(self.names, row, strict=True)
            }
        return settings


def stakes_by_rule(names: Sequence[str]) -> Floats:
    """Return the stake that the coding rule gives each pair."""
    document = YAML(typ="safe").load(shipped_config("targets/stakes_by_rule"))["dyads"]["stake"]
    return np.array([document["pairs"].get(name, document["default"]) for name in names], float)


@dataclass(frozen=True)
class Fit:
    """A fit and how it was reached.

    Attributes
    ----------
    surface : Surface
        Predictors and slopes at the values found.
    optimum : Optimum
        Those values, objective and covariance.
    rounds : list of dict
        Objective, evidence and leading numbers of each round.
    converged : bool
        Whether the stopping rule was met.
    """

    surface: Surface
    optimum: Optimum
    rounds: list[dict[str, float]]
    converged: bool


def fit_record(
    world: World2010,
    record: DisputeRecord,
    rounds: int = ROUNDS,
    replicates: int = REPLICATES,
    tell: Callable[[str], object] = str,
) -> Fit:
    """Fit all numbers to a record; `tell` gets a line each round.

    Each round has random numbers of its own.  Once the optimum is near, rounds average what they
    found, so that chance fades and the position settles; it stops when the mean surface promises
    less than :data:`SMALLEST_GAIN` at its optimum.
    """
    n_pairs = len(world.names)
    position = FreeNumbers(*FIRST, np.zeros(n_pairs), np.zeros(len(world.factors)))
    near: list[Surface] = []
    history: list[dict[str, float]] = []
    converged = False
    while not converged and len(history) < rounds:
        near.append(_surface(world, position, record, replicates, len(history) * replicates))
        mean = Surface.averaged(near)
        ahead = pooled_fit.best_of(mean, record)
        gain = pooled_fit.gain_of(mean, record, ahead)
        history.append({"round": len(history) + 1, **_line(world, near, record, gain)})
        tell(", ".join(f"{key} {value:.4g}" for key, value in history[-1].items()))
        converged = gain < SMALLEST_GAIN and len(near) >= FEWEST_AVERAGED
        position = pooled_fit.toward(position, ahead.at)
        if gain > NEAR_GAIN:
            near = []
    surface = mean.moved(position)
    return Fit(surface, pooled_fit.evaluate(surface, record), history, converged)


def _surface(
    world: World2010,
    position: FreeNumbers,
    record: DisputeRecord,
    replicates: int,
    first_replicate: int,
) -> Surface:
    """Simulate at a position and around it."""
    directions = [
        (1.0, np.zeros(len(world.factors))),
        *((0.0, row) for row in np.eye(len(world.factors))),
    ]
    places = [position] + [
        FreeNumbers(
            position.mean + step * mean,
            position.spread,
            position.deviation,
            position.factors + step * factors,
        )
        for mean, factors in directions
        for step in (NUDGE, -NUDGE)
    ]
    worlds = [world.at(place) for place in places]
    here, *around = simulate_all(worlds, replicates, first_replicate)
    eta = [pooled_fit.predictors(counts, record.years) for counts in around]
    disputes = here.disputes.sum(axis=1)
    slopes = [
        pooled_fit.pooled_slopes((up - down) / (2.0 * NUDGE), disputes)
        for up, down in zip(eta[::2], eta[1::2], strict=True)
    ]
    eta_here = pooled_fit.predictors(here, record.years)
    return Surface(position, eta_here, slopes[0], np.array(slopes[1:]), dispersion_of(here))


def dispersion_of(counts: DisputeCounts) -> float:
    """Return variance over mean of simulated onsets, all pairs together; at least 1 (Poisson)."""
    variance = float(counts.disputes.var(axis=1, ddof=1).sum())
    return max(1.0, variance / max(float(counts.disputes.mean(axis=1).sum()), 1e-9))


def _line(
    world: World2010, surfaces: Sequence[Surface], record: DisputeRecord, gain: float
) -> dict[str, float]:
    """Return what a round came to on its own draws, and what the mean surface promises."""
    surface = surfaces[-1]
    found, at, eta = pooled_fit.evaluate(surface, record), surface.at, surface.eta
    likelihood = pooled_fit.log_likelihood(eta, record, surface.dispersion)
    onsets, force = np.exp(eta[0]), expit(eta[1])
    return {
        "objective": found.objective,
        "evidence": found.evidence,
        "rounds averaged": len(surfaces),
        "promised gain": gain,
        **{f"log likelihood of {name}": value for name, value in likelihood.items()},
        "onsets": float(onsets.sum()),
        "share reaching force": float(onsets @ force / onsets.sum()),
        "mean restraint": float(np.exp(at.mean)),
        "spread": at.spread,
        "dispersion": surface.dispersion,
        **{
            name: float(np.exp(value))
            for name, value in zip(world.factors, at.factors, strict=True)
        },
    }
