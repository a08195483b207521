"""Simulated months of what can be observed: many runs of 20 years under the traditional posture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from regional_sim.answers.skill.forecasts import from_root
from regional_sim.answers.skill.observables import MonthlySeries, Observable
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import PAIR_COLUMNS, BatchJob
from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import Scenario

SIMULATED_MONTHS: Final = 240
"""Months of each run after the onset of the posture."""

_AT_ONCE: Final = 32
"""Runs at a time: their recorded months take some 4 MB each."""

_APART: Final = 1_000_000
"""Number of the replicate from which series are drawn, apart from those that forecast."""

_DRAWN_FIRST: Final = np.datetime64("2010-01", "M")
_DRAWN_LEVEL: Final = 4.0
_RARE_LEVEL: Final = 0.5
"""The same where the event is any at all: it then comes in some months and not in others."""

_DRAWN_SIGNAL: Final = 0.8

SimulatedMonths = Mapping[Observable, Floats]
"""What each observable shows, shape (month, run)."""


def simulate_months(
    scenario: Scenario,
    observables: Sequence[Observable],
    seed: int,
    replicates: int,
    *,
    first_replicate: int = 0,
    workers: int = 1,
    progress: Callable[[int, int], object] | None = None,
) -> SimulatedMonths:
    """Simulate 20 years under the traditional posture, and keep what the observables show.

    Raises
    ------
    InputError
        When the scenario lacks a state of an observable.
    """
    places = {one: _place_of(scenario, one) for one in observables}
    world = scenario.with_settings({"horizon.months_after": SIMULATED_MONTHS})
    starts = range(0, replicates, _AT_ONCE)

    def part(start: int) -> list[Floats]:
        n_runs = min(_AT_ONCE, replicates - start)
        job = BatchJob.of(
            world,
            [create("traditional")],
            seed,
            first_replicate + start,
            n_runs,
            series=frozenset({"dyads"}),
        )
        ((result,),) = run_batch(job)
        assert result.dyads is not None
        return [result.dyads[:, variable, pair].copy() for variable, pair in places.values()]

    parts = []
    if progress is not None:
        progress(0, replicates)
    with ThreadPoolExecutor(workers) as pool:
        for start, found in zip(starts, pool.map(part, starts), strict=True):
            parts.append(found)
            if progress is not None:
                progress(min(start + _AT_ONCE, replicates), replicates)
    joined = (np.concatenate(columns, axis=-1) for columns in zip(*parts, strict=True))
    return dict(zip(places, joined, strict=True))


def _place_of(scenario: Scenario, observable: Observable) -> tuple[int, int]:
    """Return the places of the variable and of the pair in the table of dyads."""
    for code in observable.pair:
        if code not in scenario.codes:
            what = f"this scenario has no state {code}, which the series {observable.name} needs"
            hint = "choose other series with --only"
            raise InputError(what, key="--scenario", hint=hint)
    i, j = sorted(scenario.codes.index(code) for code in observable.pair)
    first, second = np.triu_indices(scenario.n_states, 1)
    pair = int(np.flatnonzero((first == i) & (second == j))[0])
    return PAIR_COLUMNS.index(observable.variable), pair


def drawn_series(
    scenario: Scenario, observables: Sequence[Observable], until: np.datetime64, seed: int
) -> list[MonthlySeries]:
    """Draw series as if the world were the model, from one run apart from all others.

    They begin in 2010; a fifth of their variance is noise.
    """
    simulated = simulate_months(scenario, observables, seed, 1, first_replicate=_APART)
    n_months = int((until - _DRAWN_FIRST).astype(int)) + 1
    found = []
    for observable, months in simulated.items():
        if not 0 < n_months <= len(months):
            what = f"drawn series begin in {_DRAWN_FIRST} and have at most {len(months)} months"
            raise InputError(what, key="--until", value=str(until))
        shown = (months[:n_months, 0] - months.mean()) / months.std()
        noise = np.random.default_rng([seed, observable.number]).normal(size=n_months)
        level = _RARE_LEVEL if observable.any_event else _DRAWN_LEVEL
        roots = level + np.sqrt(_DRAWN_SIGNAL) * shown + np.sqrt(1 - _DRAWN_SIGNAL) * noise
        values = from_root(roots, is_count=observable.is_count)
        found.append(MonthlySeries(observable, _DRAWN_FIRST, values))
    return found
