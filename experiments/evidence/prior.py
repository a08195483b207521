"""Stability, both answers and who matters, at the defaults and over the prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from experiments.evidence.runs import (
    HEADLINE,
    PRIOR,
    YEAR,
    Path,
    both_postures,
    clamps,
    dyad_path,
    effect,
    interval,
    metric_path,
    on_all_cores,
    outcomes,
    prior_points,
    state_path,
)
from regional_sim.engine.job import DYAD_COLUMNS
from regional_sim.engine.stability import spectral_radius
from regional_sim.model.instruments import TRADITIONAL_LEVELS
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import PairVar
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.postures.named import NEW_LEVELS, Scheduled
from regional_sim.scenario import Scenario, load_scenario

LEAST_SHARE: Final = 0.2
"""Share of points at which somebody has to matter."""

NEAR_BOUND: Final = 0.02
"""Tension so near 0 or 1 is saturated."""

_TOGETHER: Final = 32

# ------------------------------------------------------------------------------------- stability


def radii(scenario: Scenario, points: Sequence[Mapping[str, float]]) -> Floats:
    """Return the spectral radius of a world at each point of the prior."""
    chunks = [points[k : k + _TOGETHER] for k in range(0, len(points), _TOGETHER)]
    found = on_all_cores(
        lambda chunk: spectral_radius([scenario.with_settings(one) for one in chunk]), chunks
    )
    return np.concatenate(found)


# ------------------------------------------------------------------------------ the open question


@dataclass(frozen=True)
class Sample:
    """Effects at stable points of the prior.

    Attributes
    ----------
    points : list of dict
    full : ndarray, shape (point, Metric, run)
    held : dict
        By clamp, the effect with these states on their path, of the first points, same shape.
    redrawn : ndarray
        The effect with the stipulated parameters of another point, same shape as `full`.
    unstable : int
        Points that were left out.
    """

    points: list[dict[str, float]]
    full: Floats
    held: dict[str, Floats]
    redrawn: Floats
    unstable: int


def sample(scenario: Scenario, n_points: int, replicates: int, n_clamped: int) -> Sample:
    """Simulate the effect at points of the prior, whole, clamped, and with others' stipulations."""
    drawn = prior_points(n_points)
    stable = radii(scenario, drawn) < 1.0
    points = [point for point, keep in zip(drawn, stable, strict=True) if keep]
    stipulated = {f"parameters.{p.name}" for p in PRIOR if p.provenance == "stipulated"}
    others = prior_points(len(points), seed=1)
    redrawn = [
        {name: (other if name in stipulated else own)[name] for name in own}
        for own, other in zip(points, others, strict=True)
    ]
    still = radii(scenario, redrawn) < 1.0
    mixed = [new if keep else own for own, new, keep in zip(points, redrawn, still, strict=True)]

    def effects(settings: Sequence[dict[str, float]], codes: Sequence[str] = ()) -> Floats:
        worlds = [scenario.with_settings(one) for one in settings]
        return np.stack(on_all_cores(lambda one: effect(one, replicates, codes), worlds))

    held = {name: effects(points[:n_clamped], codes) for name, codes in clamps(scenario).items()}
    return Sample(points, effects(points), held, effects(mixed), n_points - len(points))


def answers(full: Floats, metrics: Sequence[Metric] = HEADLINE) -> pd.DataFrame:
    """Count at how many points each metric rises and falls, and beyond its smallest effect.

    `full` has shape (point, Metric, run); a metric rises where the 95 % interval lies above 0.
    """
    rows = []
    for metric in metrics:
        found = np.array([interval(one[metric]) for one in full])
        mean, half = found[:, 0], found[:, 1]
        smallest = metric.smallest
        rises, falls = int((mean > half).sum()), int((mean < -half).sum())
        low, middle, high = np.quantile(mean, [0.05, 0.5, 0.95])
        rows.append(
            {
                "metric": metric.name,
                "rises": rises,
                "falls": falls,
                "neither": len(full) - rises - falls,
                "smallest effect": smallest,
                "rises by more": int((mean > smallest).sum()),
                "falls by more": int((mean < -smallest).sum()),
                "5 %": low,
                "median": middle,
                "95 %": high,
                "open": min(rises, falls) >= 0.1 * len(full),
            }
        )
    return pd.DataFrame(rows)


def taken(full: Floats, held: Floats) -> Floats:
    """Return what a clamp takes from the effect: shape (Metric, run)."""
    return full - held


def who_matters_at_defaults(scenario: Scenario, replicates: int) -> pd.DataFrame:
    """Return what each clamp takes from the effect on each metric, at the defaults."""
    full = effect(scenario, replicates)
    rows: list[dict[str, object]] = [
        {"clamped": "nobody: the whole effect"} | {m.name: full[m].mean() for m in HEADLINE}
    ]
    for name, codes in clamps(scenario).items():
        change = taken(full, effect(scenario, replicates, codes))
        rows.append({"clamped": name} | {m.name: change[m].mean() for m in HEADLINE})
    return pd.DataFrame(rows)


def who_matters(found: Sample) -> pd.DataFrame:
    """Count the points at which each clamp moves a metric beyond its smallest effect, and any."""
    rows = []
    for name, held in found.held.items():
        change = taken(found.full[: len(held)], held)
        moved = {}
        for metric in HEADLINE:
            ends = np.array([interval(one[metric]) for one in change])
            mean, half = np.abs(ends[:, 0]), ends[:, 1]
            moved[metric.name] = (mean > metric.smallest) & (mean > half)
        some = np.any(list(moved.values()), axis=0)
        counts = {metric: int(points.sum()) for metric, points in moved.items()}
        share = float(some.mean())
        rows.append({"clamped": name, **counts, "any": share, "holds": share >= LEAST_SHARE})
    return pd.DataFrame(rows)


def share_of_all(found: Sample) -> tuple[float, float, int]:
    """Return the share of the tension effect that goes when all are clamped.

    Median over points; median where the effect is beyond its smallest; how many these are.
    """
    held = found.held["all"]
    full = found.full[: len(held), Metric.tension].mean(axis=-1)
    share = 1.0 - held[:, Metric.tension].mean(axis=-1) / full
    large = np.abs(full) > Metric.tension.smallest
    of_large = float(np.median(share[large])) if large.any() else np.nan
    return float(np.median(share)), of_large, int(large.sum())


def decided_by_stipulation(found: Sample) -> pd.DataFrame:
    """Return the share of the variance over points that stipulated parameters have a part in.

    One less the correlation of effects at points that differ in these alone (Sobol 1993: the total
    index of the group), with the standard error of that correlation.
    """
    rows = []
    for metric in HEADLINE:
        one, other = (a[:, metric].mean(axis=-1) for a in (found.full, found.redrawn))
        r = float(np.corrcoef(one, other)[0, 1])
        rows.append((metric.name, 1.0 - r, (1.0 - r * r) / np.sqrt(len(one))))
    return pd.DataFrame(rows, columns=["metric", "share", "standard error"])


# -------------------------------------------------------------------- both answers, no saturation

THETAS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
GAINS: Final = (0.5, 1.0, 2.0)
ANSWERS: Final = (Metric.miscalculation_risk, Metric.escalation_hazard, Metric.tension)


def answers_by_theta(scenario: Scenario, replicates: int) -> pd.DataFrame:
    """Return the paired effect of the new approach over theta and the gain of signals."""
    grid = [(gain, theta) for gain in GAINS for theta in THETAS]

    def at(point: tuple[float, float]) -> dict[str, float]:
        settings = dict(
            zip(("parameters.signal_gain", "parameters.theta_challenger"), point, strict=True)
        )
        found = effect(scenario.with_settings(settings), replicates)
        row = {"signal_gain": point[0], "theta_challenger": point[1]}
        for metric in ANSWERS:
            row[metric.name], row[f"{metric.name} +-"] = interval(found[metric])
        return row

    return pd.DataFrame(on_all_cores(at, grid))


def theta_star(table: pd.DataFrame, metric: Metric) -> dict[float, str]:
    """Return where the mean effect crosses zero, for each gain of signals."""
    found = {}
    for gain, part in table.groupby("signal_gain"):
        theta, mean = part["theta_challenger"].to_numpy(), part[metric.name].to_numpy()
        crossing = np.flatnonzero(np.sign(mean[:-1]) != np.sign(mean[1:]))
        if len(crossing) == 0:
            found[float(gain)] = "none: raises" if mean[0] > 0 else "none: lowers"
            continue
        k = crossing[0]
        share = mean[k] / (mean[k] - mean[k + 1])
        found[float(gain)] = f"{theta[k] + share * (theta[k + 1] - theta[k]):.2f}"
    return found


def saturated(scenario: Scenario, points: Sequence[dict[str, float]], replicates: int) -> float:
    """Return the share of pair-months with contact whose tension lies outside 0.02 to 0.98."""
    names = [one.name for one in DYAD_COLUMNS]
    first, second = np.triu_indices(scenario.n_states, 1)
    contact = scenario.dyad_values("contact")[first, second] > 0.0

    def outside(point: dict[str, float]) -> float:
        results = outcomes(
            scenario.with_settings(point), both_postures(), replicates, frozenset({"dyads"})
        )
        shares = []
        for result in results:
            assert result.dyads is not None
            tension = result.dyads[:, names.index(PairVar.tension.name)][:, contact]
            shares.append(((tension < NEAR_BOUND) | (tension > 1.0 - NEAR_BOUND)).mean())
        return float(np.mean(shares))

    return float(np.mean([outside(point) for point in points]))


# ------------------------------------------------------------------------------------------ return

_NEW_MONTHS: Final = 48
_RETURN: Final = (
    Metric.tension,
    Metric.shared_deterrence,
    Metric.trilateral_alignment,
    Metric.un_support,
)


def half_lives(scenario: Scenario, replicates: int) -> pd.DataFrame:
    """Return after how many months of the traditional posture half of an effect is left.

    The new approach is held for 48 months; the effect then is the mean of the last 12.
    """
    levels = {
        one.name: {1: level, _NEW_MONTHS: level, _NEW_MONTHS + 1: TRADITIONAL_LEVELS[one]}
        for one, level in NEW_LEVELS.items()
    }
    world = scenario.with_settings({"horizon.months_after": 3 * _NEW_MONTHS})
    old, new = outcomes(
        world, [create("traditional"), Scheduled(**levels)], replicates, frozenset({"timeseries"})
    )
    assert old.timeseries is not None
    assert new.timeseries is not None
    mean = (new.timeseries - old.timeseries)[world.months_before :].mean(axis=-1)
    rows = []
    for metric in _RETURN:
        course = mean[:, metric]
        at_end = course[_NEW_MONTHS - YEAR : _NEW_MONTHS].mean()
        left = course[_NEW_MONTHS:] / at_end
        below = np.flatnonzero(2.0 * left < 1.0)
        months = str(below[0] + 1) if below.size else f"over {len(left)}"
        if abs(at_end) < metric.smallest:
            months, left = "no effect to halve", np.full(len(left), np.nan)
        rows.append((metric.name, at_end, months, left[-YEAR:].mean()))
    columns = [
        "metric",
        "effect after four years",
        "half-life, months",
        "left in the eighth year after",
    ]
    return pd.DataFrame(rows, columns=columns)


# ------------------------------------------------------------------------------------------- paths


def paths(scenario: Scenario) -> list[Path]:
    """Return the paths of what the claims are about."""
    ally, challenger, sender = (
        str(scenario.role(name)) for name in ("ally", "challenger", "sender")
    )
    members = scenario.group("middle_powers")
    return [
        metric_path("the ally's ties", Metric.trilateral_alignment),
        dyad_path("the ally's ties", "alignment", ally, sender, 0.05),
        dyad_path("the ally's ties", "commitment", ally, sender, 0.05),
        metric_path("its friction with the challenger", Metric.ally_challenger_tension),
        state_path("its friction with the challenger", "pressure", [ally], 0.02),
        metric_path("hedgers' neutrality", Metric.hedger_distance),
        metric_path("hedgers' balance", Metric.hedger_lean),
        *(state_path("middle powers' stances", "stance", [code], 0.02) for code in members),
        dyad_path("the region", "tension", challenger, sender, 0.01),
        metric_path("UN votes", Metric.un_support),
        *(state_path("UN votes", "vote_support", [code], 0.01) for code in members[:2]),
    ]


def path_table(
    scenario: Scenario, points: Sequence[dict[str, float]], replicates: int
) -> pd.DataFrame:
    """Say of each path where it is seen, how often it rises and falls, and what clamps take."""
    wanted = paths(scenario)

    def effects(settings: Mapping[str, float], clamp: Sequence[str] = ()) -> list[Floats]:
        world = scenario.with_settings(settings) if settings else scenario
        old, new = outcomes(
            world, both_postures(), replicates, frozenset({"states", "dyads"}), clamp
        )
        return [path.of(world, new) - path.of(world, old) for path in wanted]

    over_prior = on_all_cores(effects, points)
    whole = effects({})
    held = {name: effects({}, codes) for name, codes in clamps(scenario).items()}
    rows = []
    for k, path in enumerate(wanted):
        ends = np.array([interval(one[k]) for one in over_prior])
        mean, half = ends[:, 0], ends[:, 1]
        removed = {name: (whole[k] - one[k]).mean() for name, one in held.items()}
        rows.append(
            {
                "claim about": path.claim,
                "quantity": path.quantity,
                "seen in": path.where,
                "rises": f"{(mean > half).mean():.0%}",
                "falls": f"{(mean < -half).mean():.0%}",
                "beyond": f"{(np.abs(mean) > path.smallest).mean():.0%}",
                "smallest": path.smallest,
                "at the defaults": whole[k].mean(),
                **{f"less by {name}": value for name, value in removed.items()},
            }
        )
    return pd.DataFrame(rows)


def world_2024() -> Scenario:
    """Return the world that the page is about."""
    return load_scenario("baseline")
