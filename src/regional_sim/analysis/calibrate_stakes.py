"""Set stakes and restraint of the dyads so that disputes begin as often as they did.

The procedure, run by ``make calibrate``:

1. Take ``world_2010`` with stakes by rule (``configs/targets/stakes_by_rule.yaml``).
2. Simulate it and count disputes as :mod:`regional_sim.analysis.base_rates` does.
3. For every dyad with two or more observed onsets, move its **restraint** by the log of the ratio
   of simulated to observed onsets per month at peace (a hazard: onsets alone also fall when a
   dispute never ends), and its **stake** by the difference between the observed and the simulated
   share that reaches use of force; the observed share is shrunk toward the region's by three
   pseudo-disputes.  All other dyads share one restraint, moved by their sum.
4. Repeat with fresh draws a fixed number of times, and write
   ``configs/calibrated/stakes_and_restraint.yaml``.

A stake stays within two thirds and one and a half times its rule; restraint within 0.3 and 8.
Nothing else is moved, and no claim is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from regional_sim.analysis.base_rates import (
    BaseRateTargets,
    Onsets,
    base_rate_table,
    count_onsets,
    pair_names,
    read_targets,
)
from regional_sim.ensemble import run_batch
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario, shipped_config
from regional_sim.world.job import BATCH_RUNS, BatchJob
from regional_sim.world.layout import Floats

ROUNDS = 24
REPLICATES = 192
SEED = 1990
RESTRAINT_BOUNDS = (0.3, 8.0)
STAKE_FACTOR = 1.5
FIRST_RESTRAINT = 1.5
FIRST_RESTRAINT_TENSE = 4.0
TENSE = 0.5
ONSETS_FOR_OWN_RESTRAINT = 2
PSEUDO_DISPUTES = 3.0
LAST_YEAR = 2010
"""Last year of the disputes that the values are set on."""
RESTRAINT_GAIN = 0.4
STAKE_GAIN = 0.8
LARGEST_MOVE = 0.6
STAKES_WAIT = 4
"""Rounds before stakes move, so that restraint comes near first."""


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
    """Run the procedure.

    Parameters
    ----------
    scenario : Scenario
        The world of 2010, with stakes by rule.
    targets : Targets
        Observed onsets.
    rounds, replicates : int
        Rounds, and simulated runs in each.
    tell : callable
        Receives a line of progress after each round.

    Returns
    -------
    Fit
        Stakes and restraint, rounded.
    """
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


def simulate(scenario: Scenario, replicates: int, first_replicate: int = 0) -> Onsets:
    """Count the disputes of a scenario under the traditional posture.

    Parameters
    ----------
    scenario : Scenario
        The world.
    replicates, first_replicate : int
        Runs, and the number of the first, under this module's seed.

    Returns
    -------
    Onsets
        Counts by pair and run.
    """
    parts = []
    for first in range(first_replicate, first_replicate + replicates, BATCH_RUNS):
        n_runs = min(BATCH_RUNS, first_replicate + replicates - first)
        series = frozenset({"dyads"})
        job = BatchJob.of(scenario, [create("traditional")], SEED, first, n_runs, series=series)
        ((result,),) = run_batch(job)
        if result.dyads is not None:  # always so: the series was asked for
            parts.append(count_onsets(result.dyads))
    return Onsets(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in ("disputes", "reaching_force", "wars", "months")
        )
    )


def _observed(names: list[str], targets: BaseRateTargets) -> tuple[Floats, Floats]:
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
    move = RESTRAINT_GAIN * np.where(own, gap, others)
    fit.restraint = np.clip(
        fit.restraint + np.clip(move, -LARGEST_MOVE, LARGEST_MOVE), *RESTRAINT_BOUNDS
    )


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
    return (
        f"round {number + 1:2d}: {int(table['inside'].head(10).sum())} of 10 leading dyads inside,"
        f" {counts.disputes.sum(axis=0).mean() / years:.2f} disputes a year,"
        f" {counts.reaching_force.sum() / max(counts.disputes.sum(), 1.0):.2f} reach force,"
        f" {counts.wars.sum(axis=0).mean() / years * 10.0:.3f} wars a decade"
    )


def as_yaml(fit: Fit, names: list[str], lone_onsets: set[str]) -> str:
    """Write a fit as an overlay of a scenario.

    Parameters
    ----------
    fit : Fit
        Stakes and restraint.
    names : list of str
        Names of the pairs.
    lone_onsets : set of str
        Pairs that share the common restraint.

    Returns
    -------
    str
        YAML text.
    """
    common = next(v for n, v in zip(names, fit.restraint, strict=True) if n in lone_onsets)
    ruled = pd.Series(fit.stake_rule).mode()[0]
    stakes = [
        f"      {n}: {v:g}  # by rule {r:g}"
        for n, v, r in zip(names, fit.stake, fit.stake_rule, strict=True)
        if v != ruled
    ]
    restraint = [
        f"      {n}: {v:g}"
        for n, v in zip(names, fit.restraint, strict=True)
        if n not in lone_onsets
    ]
    return "\n".join(
        [
            "# Stakes and restraint, written by `make calibrate`; do not edit by hand.",
            "# The procedure stands in src/regional_sim/analysis/calibrate_stakes.py, the rule of",
            "# the stakes in configs/targets/stakes_by_rule.yaml, the targets beside it.",
            "sources:",
            "  calibrated:",
            "    citation: >",
            "      Set by script on world_2010 so that disputes begin, and reach use of force, as",
            "      often as in Maoz et al. (2019), 1990-2010.",
            "    provenance: empirical",
            "dyads:",
            "  stake:",
            "    source: calibrated",
            f"    year: {LAST_YEAR}",
            f"    default: {ruled:g}",
            "    pairs:",
            *stakes,
            "  restraint:",
            "    source: calibrated",
            f"    year: {LAST_YEAR}",
            f"    default: {common:g}",
            "    pairs:",
            *restraint,
            "",
        ]
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
