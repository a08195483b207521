"""Runs of the page: paired effects, points of the prior, and what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import DYAD_COLUMNS, STATE_COLUMNS, BatchJob, BatchResult
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import Policy, create
from regional_sim.scenario import Scenario

SEED: Final = 2026
CORES: Final = 2
YEAR: Final = 12

HEADLINE: Final = (
    Metric.tension,
    Metric.miscalculation_risk,
    Metric.escalation_hazard,
    Metric.trilateral_alignment,
    Metric.ally_challenger_tension,
    Metric.hedger_lean,
    Metric.un_support,
    Metric.shared_deterrence,
)
"""The metrics that the question is about; all are means."""

_RESPONSES: Final = frozenset(
    {"choice", "threat", "align", "press", "probe", "hedge", "derisk", "learn", "second_theatre"}
)
_FIXED: Final = frozenset({"learning_memory", "alignment_sharing"})
_OTHERS: Final = (
    Param.burden_readiness,
    Param.hostility_readiness,
    Param.help_readiness,
    Param.vote_pressure,
    Param.trade_pressure,
    Param.patrols_contact,
    Param.tension_threat,
    Param.tension_pressure,
    Param.resolve_restraint,
    Param.theta_challenger,
    Param.signal_gain,
    Param.alpha_challenger,
    Param.belief_noise,
    Param.openness_discount,
    Param.hostility_bias,
)

PRIOR: Final = (
    *(
        one
        for one in Param
        if one.mechanism in _RESPONSES and not one.name.endswith("_rate") and one.name not in _FIXED
    ),
    *_OTHERS,
)
"""Contested parameters: gains of the responses, but for speeds, and those swept before them."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def outcomes(
    scenario: Scenario,
    postures: Sequence[Policy],
    replicates: int,
    series: frozenset[str] = frozenset(),
    clamp: Sequence[str] = (),
) -> list[BatchResult]:
    """Simulate replicates of a world under postures."""
    job = BatchJob.of(scenario, postures, SEED, 0, replicates, series=series, clamp=tuple(clamp))
    return run_batch(job)[0]


def both_postures() -> list[Policy]:
    """Return the traditional posture and the new approach."""
    return [create("traditional"), create("new_approach")]


def effect(scenario: Scenario, replicates: int, clamp: Sequence[str] = ()) -> Floats:
    """Return new approach less traditional over the whole posture: shape (Metric, run)."""
    old, new = outcomes(scenario, both_postures(), replicates, clamp=clamp)
    return (new.windows - old.windows)[0]


def on_all_cores(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call a function for each item; results in the order of the items."""
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(function, items))


def prior_points(n_points: int, seed: int = SEED) -> list[dict[str, float]]:
    """Draw a Latin hypercube over the ranges of :data:`PRIOR`: settings of each point."""
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(PRIOR), rng=np.random.default_rng(seed)).random(n_points)
    scaled = qmc.scale(unit, [one.low for one in PRIOR], [one.high for one in PRIOR])
    names = [f"parameters.{one.name}" for one in PRIOR]
    return [dict(zip(names, map(float, row), strict=True)) for row in scaled]


def interval(values: Floats) -> tuple[float, float]:
    """Return mean and half of the 95 % interval of paired differences."""
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return float(values.mean()), float(half)


def clamps(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the states held on their path, by name."""
    roles = {name: (str(scenario.role(name)),) for name in ("ally", "patron", "challenger")}
    groups = {name: scenario.group(name) for name in ("hedgers", "allies")}
    return {**roles, **groups, "all": scenario.codes}


@dataclass(frozen=True)
class Path:
    """A quantity of one pair or of some states that a claim is about, and where it is printed."""

    claim: str
    quantity: str
    where: str
    smallest: float
    of: Callable[[Scenario, BatchResult], Floats]


def metric_path(claim: str, metric: Metric) -> Path:
    """Return the path of a metric over the whole posture."""
    return Path(
        claim,
        metric.name,
        "every table, `" + metric.name + "`",
        metric.smallest,
        lambda _, result: result.windows[0, metric],
    )


def state_path(claim: str, column: str, codes: Sequence[str], smallest: float) -> Path:
    """Return the path of a column of the table of states: mean of the months since the onset."""
    place = [one.name for one in STATE_COLUMNS].index(column)

    def of(scenario: Scenario, result: BatchResult) -> Floats:
        assert result.states is not None
        rows = [scenario.codes.index(code) for code in codes]
        return result.states[scenario.months_before :, place][:, rows].mean(axis=(0, 1))

    quantity = f"{column} of {', '.join(codes)}"
    return Path(claim, quantity, f"table `states`, column `{column}`", smallest, of)


def dyad_path(claim: str, column: str, one: str, other: str, smallest: float) -> Path:
    """Return the same of the table of dyads; `column` may be of one state toward the other."""
    sided = {column_.name for column_ in DYAD_COLUMNS}
    name = column if column in sided else f"{column}_{'first' if one < other else 'second'}"
    place = [column_.name for column_ in DYAD_COLUMNS].index(name)

    def of(scenario: Scenario, result: BatchResult) -> Floats:
        assert result.dyads is not None
        pair = pair_place(scenario, one, other)
        return result.dyads[scenario.months_before :, place, pair].mean(axis=0)

    sign = "-" if column in sided else ":"
    quantity = f"{column} {one}{sign}{other}"
    return Path(claim, quantity, f"table `dyads`, column `{name}`", smallest, of)


def pair_place(scenario: Scenario, one: str, other: str) -> int:
    """Return the place of a pair in the arrays."""
    i, j = sorted((scenario.codes.index(one), scenario.codes.index(other)))
    first, second = np.triu_indices(scenario.n_states, 1)
    return int(np.flatnonzero((first == i) & (second == j))[0])
