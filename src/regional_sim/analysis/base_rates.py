"""Onsets of disputes: observed base rates, simulated ones, and whether they agree.

Targets are read from ``configs/targets/``; nothing here changes a scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.stats import chi2

from regional_sim.rules.ladder import USE_OF_FORCE, WAR
from regional_sim.scenario import Scenario, shipped_config
from regional_sim.world.job import PAIR_COLUMNS
from regional_sim.world.layout import Floats, PairVar

MERGE_MONTHS = 6
"""Onsets of a pair within this many months of the last dispute belong to that dispute."""

LEADING = 10
"""Number of dyads whose rates are targets, those with most onsets."""


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
        """Return the exact Poisson interval of the expected number of onsets.

        Parameters
        ----------
        confidence : float
            Coverage, in (0, 1).

        Returns
        -------
        tuple of float
            Lower and upper bound (Garwood 1936).

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

    def leading(self) -> tuple[Target, ...]:
        """Return the dyads with most onsets, ties by code."""
        return tuple(sorted(self.pairs, key=lambda one: (-one.onsets, one.pair))[:LEADING])


def read_targets(name: str = "targets/disputes_1990_2010") -> BaseRateTargets:
    """Read targets from a shipped file.

    Parameters
    ----------
    name : str
        Name below ``configs/``, without extension.

    Returns
    -------
    Targets
        Years and the counts of every pair.
    """
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
    """Count disputes in the recorded months of a block.

    Parameters
    ----------
    dyads : ndarray, shape (month, len(PAIR_COLUMNS), pair, run)
        From :class:`regional_sim.world.job.BatchResult`.

    Returns
    -------
    Onsets
        Counts by pair and run.
    """
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


def base_rate_table(scenario: Scenario, counts: Onsets, targets: BaseRateTargets) -> pd.DataFrame:
    """Compare simulated with observed onsets, pair by pair.

    Parameters
    ----------
    scenario : Scenario
        The simulated world.
    counts : Onsets
        From :func:`count_onsets`.
    targets : Targets
        What was observed.

    Returns
    -------
    DataFrame
        A row for every pair with onsets: ``observed`` and ``simulated`` onsets over the observed
        years, the exact interval, ``inside``, shares reaching force, wars per decade.
    """
    years = scenario.n_months / 12.0
    names = pair_names(scenario.codes)
    rows = []
    for target in sorted(targets.pairs, key=lambda one: (-one.onsets, one.pair)):
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
