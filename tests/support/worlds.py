"""Random worlds and short runs for tests."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import SERIES, BatchJob, BatchResult
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.postures import Policy, create, policy_names
from regional_sim.scenario import Scenario, scenario_from_mapping

ALL_SERIES = frozenset(SERIES)
FOLLOWING_POLICIES = [name for name in policy_names() if name != "traditional"]
ROLES = ("sender", "partner", "challenger", "patron", "ally", "rival")
WORLDS = 200
"""Random worlds on which the engines are compared."""

DEFAULT_WORLDS = 40
"""Those of them that the default suite takes; the others are slow."""

QUIET = {"parameters.belief_noise": 0.0, "parameters.incident_scale": 0.0}
"""Settings without noise and without incidents."""


def run(
    scenario: Scenario,
    postures: Sequence[str | Policy] = ("traditional",),
    n_runs: int = 2,
    seed: int = 7,
    first: int = 0,
    clamp: tuple[str, ...] = (),
) -> list[BatchResult]:
    """Run a block on the ensemble engine and keep every series."""
    policies = [create(one) if isinstance(one, str) else one for one in postures]
    job = BatchJob.of(scenario, policies, seed, first, n_runs, series=ALL_SERIES, clamp=clamp)
    return run_batch(job)[0]


def same_bits(first: BatchResult, second: BatchResult) -> bool:
    """Whether two results agree in every bit of every series."""
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("windows", "timeseries", "states", "dyads", "motives")
    )


def random_job(seed: int) -> BatchJob:
    """Return two replicates of a random world under two postures, at times with a clamped state."""
    names = policy_names()
    chosen = [names[seed % len(names)], names[(seed + 4) % len(names)]]
    world = random_world(seed)
    clamp = (world.codes[seed % world.n_states],) if seed % 3 == 0 else ()
    policies = [create(name) for name in chosen]
    return BatchJob.of(world, policies, seed, seed, 2, series=ALL_SERIES, clamp=clamp)


def short(scenario: Scenario, before: int, after: int, **more: object) -> Scenario:
    """Return a scenario with another horizon."""
    return scenario.with_settings(
        {"horizon.months_before": before, "horizon.months_after": after, **more}
    )


def random_world(seed: int, n_states: int | None = None) -> Scenario:
    """Return a made-up world of 2 to 20 states with random figures, parameters and options."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 21)) if n_states is None else n_states
    codes = ["".join(rng.choice(list(string.ascii_uppercase), 3)) + str(i) for i in range(n)]
    rng.shuffle(codes)
    roles = dict(zip(ROLES if n > 2 else ("sender", "challenger"), codes, strict=False))
    return scenario_from_mapping(
        {
            "format": 1,
            "title": f"random {seed}",
            "horizon": {
                "run_in": int(rng.choice([0, 2, 24])),
                "months_before": int(rng.integers(0, 8)),
                "months_after": int(rng.integers(20, 40)),
            },
            "windows": {"first": [1, 12], "second": [13, 20]},
            "roles": roles,
            "groups": {"hedgers": codes[3:], "allies": codes[3:5], "middle_powers": codes[2:]},
            "options": {option.name: str(rng.choice(option.choices)) for option in Option},
            "parameters": {
                param.name: float(rng.uniform(param.low, param.high))
                for param in Param
                if rng.random() < 0.3
            },
            "states": {code: _random_state(rng) for code in codes},
            "dyads": _random_dyads(rng, codes),
        },
        origin=f"random world {seed}",
    )


def _random_state(rng: np.random.Generator) -> dict[str, object]:
    return {
        "name": "Somewhere",
        "capability_usd_bn": float(rng.uniform(1, 500)),
        "theatre_share": float(rng.uniform(0.2, 1)),
        "gdp_usd_bn": float(rng.uniform(50, 20000)),
        "polyarchy": float(rng.random()),
        "stance": float(rng.uniform(-1, 1)),
        "neutrality": float(rng.random()),
        "deterrence": float(rng.uniform(0, 2)),
        "resolve": float(rng.uniform(0.5, 2)),
        "detection_precision": float(rng.uniform(0.2, 4)),
    }


def _random_dyads(rng: np.random.Generator, codes: Sequence[str]) -> dict[str, object]:
    n = len(codes)

    def matrix(
        low: float, high: float, mirrored: bool, rare: float | None = None
    ) -> dict[str, object]:
        values = rng.uniform(low, high, (n, n))
        if rare is not None:
            values = np.where(rng.random((n, n)) < 0.25, values, rng.uniform(low, rare, (n, n)))
        if mirrored:
            values = np.triu(values, 1) + np.triu(values, 1).T
        np.fill_diagonal(values, 0.0)
        return {"states": list(codes), "matrix": values.tolist()}

    figures: dict[str, object] = {
        "projection_km": matrix(0, 5000, False),
        "home_km": matrix(5000, 12000, False),
        # Few are friends, so that others are hostile, probe and align.
        "commitment": matrix(0.01, 0.8, False, rare=0.09),
        "aligns": matrix(-1, 1, False),
        "friction": matrix(0, 1, True),
        "ambiguity": matrix(0, 1.5, False),
        "interoperability": matrix(0, 1, False),
        "stake": matrix(0.3, 4, False),
        "trade_usd_bn": matrix(0, 40, True),
        "rivalry": matrix(0, 1, True),
        "contact": matrix(0, 3, True),
        "restraint": matrix(0.5, 3, True),
        "relevance": matrix(0, 1, True),
        "channel": matrix(0, 1, True),
        "tension": matrix(0.05, 0.7, True),
    }
    if n > 3:
        pairs = {f"{codes[1]}:{codes[2]}": codes[3], f"{codes[0]}:{codes[2]}": codes[2]}
        figures["host"] = {"pairs": pairs}
    return figures
