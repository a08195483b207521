"""Onsets of disputes: observed base rates, simulated ones, and stakes and restraint set on them.

``make calibrate`` simulates the world of 2010 in rounds.  After each, the restraint of a dyad
moves so that disputes begin as often as observed, and its stake so that as many reach use of
force.  Targets are read from ``configs/targets/``; the values are written to
``configs/calibrated/stakes_and_restraint.yaml``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.stats import chi2

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BATCH_RUNS, PAIR_COLUMNS, BatchJob
from regional_sim.model.mechanisms.ladder import USE_OF_FORCE, WAR
from regional_sim.model.variables import PairVar
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario, shipped_config

MERGE_MONTHS: Final = 6
"""Onsets of a pair within this many months of the last dispute belong to that dispute."""

LEADING: Final = 10
"""Number of dyads whose rates are targets, those with most onsets."""

ROUNDS: Final = 24
REPLICATES: Final = 192
SEED: Final = 1990
LAST_YEAR: Final = 2010
"""Last year of the disputes that the values are set on."""

RESTRAINT_BOUNDS: Final = (0.3, 8.0)
FIRST_RESTRAINT: Final = 1.5
FIRST_RESTRAINT_TENSE: Final = 4.0
TENSE: Final = 0.5
"""Tension from which the other first restraint is taken."""

ONSETS_FOR_OWN_RESTRAINT: Final = 2
"""Dyads with fewer observed onsets share one restraint, and keep the stake of the rule."""

STAKE_FACTOR: Final = 1.5
"""Most by which a stake may differ from its rule."""

PSEUDO_DISPUTES: Final = 3.0
"""Disputes with the overall share reaching force that are added to those of each dyad."""

RESTRAINT_GAIN: Final = 0.4
STAKE_GAIN: Final = 0.8
LARGEST_MOVE: Final = 0.6
STAKES_WAIT: Final = 4
"""Rounds before stakes move, so that restraint comes near first."""


# ------------------------------------------------------------------------------ what was observed


@dataclass(frozen=True)
class Target:
    """What was observed of one pair of states.

    Attributes
    ----------
    pair : str
        The two codes, sorted and joined by a hyphen.
    onsets : int
        Onsets, repeats within six months merged.
    reaching_force : int
        Those that reached use of force.
    """

    pair: str
    onsets: int
    reaching_force: int

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the exact Poisson interval of the expected number of onsets (Garwood 1936).

        Examples
        --------
        >>> low, high = Target("AAA-BBB", 9, 0).interval()
        >>> round(low, 2), round(high, 2)
        (4.12, 17.08)
        """
        tail = 0.5 * (1.0 - confidence)
        low = 0.5 * chi2.ppf(tail, 2 * self.onsets) if self.onsets else 0.0
        return float(low), float(0.5 * chi2.ppf(1.0 - tail, 2 * self.onsets + 2))


@dataclass(frozen=True)
class BaseRateTargets:
    """Observed onsets of all pairs that had any, over some years."""

    years: float
    pairs: tuple[Target, ...]

    def ranked(self) -> list[Target]:
        """Return all dyads, those with most onsets first, ties by code."""
        return sorted(self.pairs, key=lambda one: (-one.onsets, one.pair))

    def leading(self) -> list[Target]:
        """Return the dyads with most onsets."""
        return self.ranked()[:LEADING]


def read_targets(name: str = "targets/disputes_1990_2010") -> BaseRateTargets:
    """Read targets from a shipped file, named below ``configs/`` without extension."""
    document = YAML(typ="safe").load(shipped_config(name))
    pairs = tuple(
        Target(pair, counts["onsets"], counts["reaching_force"])
        for pair, counts in document["pairs"].items()
    )
    return BaseRateTargets(float(document["years"]), pairs)


def pair_names(codes: Sequence[str]) -> list[str]:
    """Return the names of all pairs in the order of the arrays.

    Examples
    --------
    >>> pair_names(["A", "B", "C"])
    ['A-B', 'A-C', 'B-C']
    """
    return [f"{a}-{b}" for i, a in enumerate(codes) for b in codes[i + 1 :]]


# ----------------------------------------------------------------------------- what is simulated


@dataclass(frozen=True)
class Onsets:
    """Counts of disputes in simulated runs, each of shape (pair, run).

    Attributes
    ----------
    disputes, reaching_force, wars : ndarray
        Disputes begun (merged), those that reached use of force, and wars begun.
    months : ndarray
        Months in dispute.
    """

    disputes: Floats
    reaching_force: Floats
    wars: Floats
    months: Floats


def count_onsets(dyads: Floats) -> Onsets:
    """Count disputes in recorded months, shape (month, len(PAIR_COLUMNS), pair, run)."""
    rungs = dyads[:, PAIR_COLUMNS.index(PairVar.rung)]
    shape = rungs.shape[1:]
    disputes, force, wars = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    last_active = np.full(shape, -MERGE_MONTHS)
    forced = np.zeros(shape, dtype=bool)
    before = np.zeros(shape)
    for month, rung in enumerate(rungs):
        begun = (before == 0) & (rung > 0) & (month - last_active >= MERGE_MONTHS)
        forced &= ~begun
        reached = (rung >= USE_OF_FORCE) & ~forced
        disputes += begun
        force += reached
        wars += (rung == WAR) & (before < WAR)
        forced |= reached
        last_active = np.where(rung > 0, month, last_active)
        before = rung
    return Onsets(disputes, force, wars, (rungs > 0).sum(axis=0).astype(np.float64))


def simulate(scenario: Scenario, replicates: int, first_replicate: int = 0) -> Onsets:
    """Count the disputes of a scenario under the traditional posture, with this module's seed."""
    parts = []
    for first in range(first_replicate, first_replicate + replicates, BATCH_RUNS):
        n_runs = min(BATCH_RUNS, first_replicate + replicates - first)
        series = frozenset({"dyads"})
        job = BatchJob.of(scenario, [create("traditional")], SEED, first, n_runs, series=series)
        ((result,),) = run_batch(job)
        if result.dyads is not None:  # always so: the series was asked for
            parts.append(astuple(count_onsets(result.dyads)))
    return Onsets(*(np.concatenate(counts, axis=1) for counts in zip(*parts, strict=True)))


def base_rate_table(scenario: Scenario, counts: Onsets, targets: BaseRateTargets) -> pd.DataFrame:
    """Compare simulated with observed onsets.

    A row for every pair with onsets: ``observed`` and ``simulated`` onsets over the observed years,
    the exact interval, ``inside``, shares reaching force, wars per decade.
    """
    years = scenario.n_months / 12.0
    names = pair_names(scenario.codes)
    rows = []
    for target in targets.ranked():
        at = names.index(target.pair)
        begun = counts.disputes[at].mean()
        low, high = target.interval()
        simulated = begun / years * targets.years
        rows.append(
            {
                "pair": target.pair,
                "observed": target.onsets,
                "low": low,
                "high": high,
                "simulated": simulated,
                "inside": low <= simulated <= high,
                "observed_force_share": target.reaching_force / target.onsets,
                "simulated_force_share": counts.reaching_force[at].mean() / max(begun, 1e-9),
                "wars_per_decade": counts.wars[at].mean() / years * 10.0,
            }
        )
    return pd.DataFrame(rows)


# --------------------------------------------------------------------------------- the procedure


@dataclass
class Fit:
    """Where the procedure stands.

    Attributes
    ----------
    stake, stake_rule, restraint : ndarray, shape (pair,)
        Values now, and the stakes by rule.
    """

    stake: Floats
    stake_rule: Floats
    restraint: Floats

    def settings(self, names: list[str]) -> dict[str, object]:
        """Return the values as settings of a scenario, rounded as they are written."""
        written = self.rounded()
        values = {"stake": written.stake, "restraint": written.restraint}
        return {
            f"dyads.{figure}.{name}": float(value)
            for figure, row in values.items()
            for name, value in zip(names, row, strict=True)
        }

    def rounded(self) -> Fit:
        """Return the same with three decimals, as in the file."""
        return Fit(self.stake.round(3), self.stake_rule, self.restraint.round(3))


def calibrate(
    scenario: Scenario,
    targets: BaseRateTargets,
    rounds: int = ROUNDS,
    replicates: int = REPLICATES,
    tell: Callable[[str], object] = str,
) -> Fit:
    """Run the procedure on the world of 2010 with stakes by rule; `tell` gets a line each round."""
    names = pair_names(scenario.codes)
    upper = np.triu_indices(scenario.n_states, 1)
    observed, force_share = _observed(names, targets)
    rule = stakes_by_rule(names)
    tense = scenario.dyad_values("tension")[upper] >= TENSE
    first = np.where(tense, FIRST_RESTRAINT_TENSE, FIRST_RESTRAINT)
    fit = Fit(rule.copy(), rule, first)
    for number in range(rounds):
        world = scenario.with_settings(fit.settings(names))
        counts = simulate(world, replicates, first_replicate=number * replicates)
        _move_restraint(fit, counts, observed, scenario.n_months, targets.years)
        if number >= STAKES_WAIT:
            _move_stakes(fit, counts, observed, force_share)
        tell(_progress(number, counts, scenario, targets))
    return fit.rounded()


def stakes_by_rule(names: list[str]) -> Floats:
    """Return the stake that the coding rule gives each pair."""
    document = YAML(typ="safe").load(shipped_config("targets/stakes_by_rule"))["dyads"]["stake"]
    return np.array([document["pairs"].get(name, document["default"]) for name in names], float)


def _observed(names: list[str], targets: BaseRateTargets) -> tuple[Floats, Floats]:
    """Return the onsets of each pair, and the share that reached use of force."""
    onsets, force = np.zeros(len(names)), np.zeros(len(names))
    for target in targets.pairs:
        onsets[names.index(target.pair)] = target.onsets
        force[names.index(target.pair)] = target.reaching_force
    overall = force.sum() / onsets.sum()
    return onsets, (force + PSEUDO_DISPUTES * overall) / (onsets + PSEUDO_DISPUTES)


def _move_restraint(
    fit: Fit, counts: Onsets, observed: Floats, n_months: int, years: float
) -> None:
    begun = counts.disputes.mean(axis=1) / (n_months / 12.0) * years
    peace = np.maximum(1.0 - counts.months.mean(axis=1) / n_months, 0.02)
    own = observed >= ONSETS_FOR_OWN_RESTRAINT
    gap = np.log((begun / peace + 0.1) / (observed / np.maximum(peace, 0.75) + 0.1))
    others = np.log((begun[~own].sum() + 0.1) / (observed[~own].sum() + 0.1))
    move = np.clip(RESTRAINT_GAIN * np.where(own, gap, others), -LARGEST_MOVE, LARGEST_MOVE)
    fit.restraint = np.clip(fit.restraint + move, *RESTRAINT_BOUNDS)


def _move_stakes(fit: Fit, counts: Onsets, observed: Floats, force_share: Floats) -> None:
    own = observed >= ONSETS_FOR_OWN_RESTRAINT
    begun = np.maximum(counts.disputes.sum(axis=1), 1.0)
    simulated = counts.reaching_force.sum(axis=1) / begun
    moved = fit.stake * np.exp(STAKE_GAIN * (force_share - simulated))
    bounded = np.clip(moved, fit.stake_rule / STAKE_FACTOR, fit.stake_rule * STAKE_FACTOR)
    fit.stake = np.where(own, bounded, fit.stake)


def _progress(number: int, counts: Onsets, scenario: Scenario, targets: BaseRateTargets) -> str:
    table = base_rate_table(scenario, counts, targets)
    years = scenario.n_months / 12.0
    inside = int(table["inside"].head(LEADING).sum())
    return (
        f"round {number + 1:2d}: {inside} of {LEADING} leading dyads inside,"
        f" {counts.disputes.sum(axis=0).mean() / years:.2f} disputes a year,"
        f" {counts.reaching_force.sum() / max(counts.disputes.sum(), 1.0):.2f} reach force,"
        f" {counts.wars.sum(axis=0).mean() / years * 10.0:.3f} wars a decade"
    )


_OVERLAY: Final = """\
# Stakes and restraint, written by `make calibrate`; do not edit by hand.
# The procedure stands in src/regional_sim/analysis/calibrate.py, the rule of
# the stakes in configs/targets/stakes_by_rule.yaml, the targets beside it.
sources:
  calibrated:
    citation: >
      Set by script on world_2010 so that disputes begin, and reach use of force, as
      often as in Maoz et al. (2019), 1990-2010.
    provenance: empirical
dyads:
  stake:
    source: calibrated
    year: {year}
    default: {rule:g}
    pairs:
{stakes}
  restraint:
    source: calibrated
    year: {year}
    default: {common:g}
    pairs:
{restraint}
"""


def as_yaml(fit: Fit, names: list[str], lone_onsets: set[str]) -> str:
    """Write a fit as an overlay; pairs in `lone_onsets` share the common restraint."""
    restraint = dict(zip(names, fit.restraint, strict=True))
    rule = pd.Series(fit.stake_rule).mode()[0]
    stakes = zip(names, fit.stake, fit.stake_rule, strict=True)
    return _OVERLAY.format(
        year=LAST_YEAR,
        rule=rule,
        stakes="\n".join(f"      {n}: {v:g}  # by rule {r:g}" for n, v, r in stakes if v != rule),
        common=next(value for name, value in restraint.items() if name in lone_onsets),
        restraint="\n".join(
            f"      {name}: {value:g}"
            for name, value in restraint.items()
            if name not in lone_onsets
        ),
    )


def main() -> int:
    """Calibrate the shipped world and write ``configs/calibrated/stakes_and_restraint.yaml``."""
    scenario = load_scenario("world_2010")
    targets = read_targets()
    fit = calibrate(scenario, targets, tell=lambda line: sys.stderr.write(line + "\n"))
    names = pair_names(scenario.codes)
    own = {one.pair for one in targets.pairs if one.onsets >= ONSETS_FOR_OWN_RESTRAINT}
    path = shipped_config("calibrated/stakes_and_restraint")
    path.write_text(as_yaml(fit, names, set(names) - own), encoding="utf-8")
    sys.stdout.write(f"written: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
