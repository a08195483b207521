"""Base rates of disputes: those on record, those simulated, and whether they agree.

The record stands in ``configs/targets/``.  A dispute lasts from the first month above rung 0 to the
last, and one that follows within six months belongs to the one before, in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.stats import beta, chi2

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BATCH_RUNS, PAIR_COLUMNS, BatchJob, Case
from regional_sim.model.mechanisms.ladder import COERCION, USE_OF_FORCE, WAR
from regional_sim.model.variables import PairVar
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario, shipped_config

MERGE_MONTHS: Final = 6
"""Onsets of a pair within this many months of the last dispute belong to that dispute."""

CUTS: Final = (1, 6)
"""Months in dispute that divide disputes by length.

Half of the disputes on record last twelve days and a simulated month is the shortest dispute there
can be, so what lasts up to a month is one class in both.
"""

LEADING: Final = 10
"""Number of pairs that the shorter table calls leading: those with most onsets."""

FEWEST_FOR_SHARES: Final = 3
"""Onsets of a pair from which its shares are targets; of fewer, nearly all shares are possible."""

SEED: Final = 1990

SHARES: Final = ("reaching force", "over 1 month", "over 6 months")
"""Shares of disputes that are targets, in the order of rows of :attr:`DisputeRecord.parts`."""


# ------------------------------------------------------------------------------ what was observed


@dataclass(frozen=True)
class DisputeRecord:
    """Disputes on record over some years.

    Attributes
    ----------
    names : tuple of str
        All pairs: two codes, sorted and joined by a hyphen.
    years : float
    onsets : ndarray, shape (pair,)
        Disputes begun, repeats merged.
    parts : ndarray, shape (len(SHARES), pair)
        How many of them reached use of force, lasted over 1 month, and over 6 months.
    crises : float
        Pairs in an international crisis (ICB), over all pairs.
    """

    names: tuple[str, ...]
    years: float
    onsets: Floats
    parts: Floats
    crises: float

    def ranked(self) -> list[int]:
        """Return the pairs that had onsets, those with most first, ties by code."""
        had = np.flatnonzero(self.onsets)
        return sorted(map(int, had), key=lambda at: (-self.onsets[at], self.names[at]))


def read_targets(
    names: Sequence[str] = (),
    period: int | None = None,
    file: str = "targets/disputes_1990_2010",
) -> DisputeRecord:
    """Read the record of one period (0 the first), or of all, from a shipped file.

    `names` are all pairs of a world; by default those of ``world_2010``.
    """
    document = YAML(typ="safe").load(shipped_config(file))
    names = tuple(names or pair_names(load_scenario("world_2010").codes))
    periods = document["periods"]
    chosen = range(len(periods)) if period is None else (period,)
    years = sum(periods[k]["last_year"] - periods[k]["first_year"] + 1 for k in chosen)

    def counts(figure: str) -> Floats:
        row = np.zeros(len(names))
        for name, figures in document["pairs"].items():
            row[names.index(name)] = sum(figures[figure][k] for k in chosen)
        return row

    lengths = ("reaching_force", "over_1_month", "over_6_months")
    return DisputeRecord(
        names,
        float(years),
        counts("onsets"),
        np.array([counts(figure) for figure in lengths]),
        float(sum(document["crises"][k] for k in chosen)),
    )


def pair_names(codes: Sequence[str]) -> list[str]:
    """Return the names of all pairs in the order of the arrays.

    Examples
    --------
    >>> pair_names(["A", "B", "C"])
    ['A-B', 'A-C', 'B-C']
    """
    return [f"{a}-{b}" for i, a in enumerate(codes) for b in codes[i + 1 :]]


def poisson_interval(count: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of the expectation of a count (Garwood 1936).

    Examples
    --------
    >>> low, high = poisson_interval(9)
    >>> round(low, 2), round(high, 2)
    (4.12, 17.08)
    """
    tail = 0.5 * (1.0 - confidence)
    low = 0.5 * chi2.ppf(tail, 2 * count) if count else 0.0
    return float(low), float(0.5 * chi2.ppf(1.0 - tail, 2 * count + 2))


def share_interval(count: float, of: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a probability (Clopper & Pearson 1934).

    Examples
    --------
    >>> low, high = share_interval(1, 9)
    >>> round(low, 3), round(high, 3)
    (0.003, 0.482)
    """
    tail = 0.5 * (1.0 - confidence)
    low = beta.ppf(tail, count, of - count + 1) if count else 0.0
    high = beta.ppf(1.0 - tail, count + 1, of - count) if count < of else 1.0
    return float(low), float(high)


# ----------------------------------------------------------------------------- what is simulated


@dataclass(frozen=True)
class DisputeCounts:
    """Counts of disputes in simulated runs, each of shape (pair, run) but for `years` and `parts`.

    Attributes
    ----------
    years : float
        Years of a run in which they were counted.
    disputes, crises, wars : ndarray
        Disputes begun (merged), those that reached coercion, and wars begun.
    parts : ndarray, shape (len(SHARES), pair, run)
        Disputes that reached use of force, lasted over 1 month, and over 6 months.
    months : ndarray
        Months in these disputes.
    """

    years: float
    disputes: Floats
    crises: Floats
    wars: Floats
    months: Floats
    parts: Floats

    @classmethod
    def joined(cls, batches: Sequence[DisputeCounts]) -> DisputeCounts:
        """Put the counts of consecutive runs side by side."""
        columns = zip(*(astuple(one)[1:] for one in batches), strict=True)
        return cls(batches[0].years, *(np.concatenate(arrays, axis=-1) for arrays in columns))


def count_disputes(dyads: Floats, settle: int = 0) -> DisputeCounts:
    """Count disputes in recorded months, shape (month, len(PAIR_COLUMNS), pair, run).

    Disputes begun in the first `settle` months are not counted, since how they began is not known.
    """
    rungs = dyads[:, PAIR_COLUMNS.index(PairVar.rung)]
    shape = rungs.shape[1:]
    disputes, crises, wars, months = (np.zeros(shape) for _ in range(4))
    parts = np.zeros((len(SHARES), *shape))
    counted = np.zeros(shape, dtype=bool)  # whether the present or last dispute is a counted one
    last_active = np.full(shape, -MERGE_MONTHS)
    length, highest, before = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for month, rung in enumerate(rungs):
        active = rung > 0
        begun = active & (before == 0) & (month - last_active >= MERGE_MONTHS)
        counted = (counted & ~begun) | (begun & (month >= settle))
        length = np.where(begun, 0.0, length) + active
        earlier = np.where(begun, 0.0, highest)
        highest = np.maximum(earlier, rung)
        disputes += begun & counted
        months += active & counted
        crises += counted & (earlier < COERCION) & (highest >= COERCION)
        wars += counted & (before < WAR) & (rung == WAR)
        parts[0] += counted & (earlier < USE_OF_FORCE) & (highest >= USE_OF_FORCE)
        for row, cut in enumerate(CUTS, start=1):
            parts[row] += counted & active & (length == cut + 1)
        last_active = np.where(active, month, last_active)
        before = rung
    return DisputeCounts((len(rungs) - settle) / 12.0, disputes, crises, wars, months, parts)


def simulate(scenario: Scenario, replicates: int, first_replicate: int = 0) -> DisputeCounts:
    """Count the disputes of a scenario under the traditional posture, from a fixed seed."""
    return simulate_all([scenario], replicates, first_replicate)[0]


def simulate_all(
    scenarios: Sequence[Scenario], replicates: int, first_replicate: int = 0
) -> list[DisputeCounts]:
    """Count the disputes of scenarios of one structure, all with common random numbers.

    The months before the onset of the posture are not counted.  As many runs as fill one batch are
    simulated at a time, since their recorded months take some 2 MB a run.
    """
    cases = [Case(one, [create("traditional")]) for one in scenarios]
    at_once = max(1, BATCH_RUNS // len(cases))
    batches = []
    for first in range(first_replicate, first_replicate + replicates, at_once):
        n_runs = min(at_once, first_replicate + replicates - first)
        job = BatchJob(cases, SEED, first, n_runs, series=frozenset({"dyads"}))
        batches.append(
            [
                count_disputes(result.dyads, case.scenario.months_before)
                for case, (result,) in zip(cases, run_batch(job), strict=True)
                if result.dyads is not None  # always so: the series was asked for
            ]
        )
    return [DisputeCounts.joined(of_case) for of_case in zip(*batches, strict=True)]


# ----------------------------------------------------------------------------- whether they agree


def base_rate_table(counts: DisputeCounts, record: DisputeRecord) -> pd.DataFrame:
    """Compare simulated with observed onsets: a row for every pair with onsets, most first.

    ``inside`` says whether the simulated expectation lies in the exact 95 % interval of the record.
    """
    rows = []
    for at in record.ranked():
        begun, forced = counts.disputes[at].mean(), counts.parts[0, at].mean()
        low, high = poisson_interval(record.onsets[at])
        expected = begun / counts.years * record.years
        rows.append(
            {
                "pair": record.names[at],
                "observed": int(record.onsets[at]),
                "low": low,
                "high": high,
                "simulated": expected,
                "inside": low <= expected <= high,
                "observed_force_share": record.parts[0, at] / record.onsets[at],
                "simulated_force_share": forced / max(begun, 1e-9),
                "wars_per_decade": counts.wars[at].mean() / counts.years * 10.0,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class TargetLine:
    """One target: what was observed, its exact 95 % interval, what is simulated, and the verdict.

    `passes` is empty for what no interval is given for.
    """

    target: str
    pair: str
    observed: float
    low: float
    high: float
    simulated: float
    passes: bool


def target_table(counts: DisputeCounts, record: DisputeRecord) -> pd.DataFrame:
    """Return every target on its own line, passed or failed; see :class:`TargetLine`.

    Onsets of all pairs, of those without a dispute together, and of each other pair; shares of
    disputes that reach use of force and that last, of all pairs and of those with enough onsets;
    crises and wars, which nothing was set on.
    """
    lines = [*_onset_lines(counts, record), *_share_lines(counts, record)]
    for target, simulated, observed in (
        ("crises (ICB) or coercion, not fitted", counts.crises, record.crises),
        ("wars, not fitted", counts.wars, 0.0),
    ):
        lines.append(_count_line(target, "all", observed, simulated, counts, record))
    return pd.DataFrame(lines)


def _onset_lines(counts: DisputeCounts, record: DisputeRecord) -> Iterator[TargetLine]:
    none = record.onsets == 0
    groups = {"all": np.ones(len(none), dtype=bool), "pairs without a dispute": none}
    groups |= {record.names[at]: np.arange(len(none)) == at for at in record.ranked()}
    for name, group in groups.items():
        observed = record.onsets[group].sum()
        yield _count_line("onsets", name, observed, counts.disputes[group], counts, record)


def _share_lines(counts: DisputeCounts, record: DisputeRecord) -> Iterator[TargetLine]:
    every = np.arange(len(record.names))
    groups = {"all": every} | {
        record.names[at]: every[at : at + 1]
        for at in record.ranked()
        if record.onsets[at] >= FEWEST_FOR_SHARES
    }
    for row, share in enumerate(SHARES):
        for name, group in groups.items():
            of, part = record.onsets[group].sum(), record.parts[row, group].sum()
            low, high = share_interval(part, of)
            simulated = counts.parts[row, group].sum() / max(counts.disputes[group].sum(), 1e-9)
            passes = bool(low <= simulated <= high)
            yield TargetLine(f"share {share}", name, part / of, low, high, simulated, passes)


def _count_line(
    target: str,
    pair: str,
    observed: float,
    simulated: Floats,
    counts: DisputeCounts,
    record: DisputeRecord,
) -> TargetLine:
    low, high = poisson_interval(observed)
    mean = float(simulated.sum(axis=0).mean() / counts.years * record.years)
    return TargetLine(target, pair, float(observed), low, high, mean, bool(low <= mean <= high))
