"""How long until a question is answered: what posture does, as exactly as it matters.

An answer is known when the 95 % interval of a difference reaches no further than the smallest
effect of interest to either side.  Runs on common random numbers need fewer replicates for that
than runs with seeds of their own, and the engine needs less time for a run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import mesa
import numpy as np
from scipy.special import stdtrit

from benchmarks.contestants import SCENARIO, SEED
from benchmarks.peers import mesa_model
from regional_sim.bridges.mesa import batch_arguments
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BatchJob
from regional_sim.mesa_model import RegionModel
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import CONFIDENCE, replicates_needed
from regional_sim.postures import create
from regional_sim.report.findings import HEADLINE
from regional_sim.scenario import load_scenario

POSTURES = ("traditional", "new_approach")
REPLICATES = 512
ROUNDS = 5
PLAIN, OURS = "plain", "ours"


class Needed(NamedTuple):
    """Replicates of each posture until a difference is known within a smallest effect."""

    of: str
    smallest: float | None
    paired: int
    independent: int


def independent_replicates(variances: Floats, half_width: float) -> int:
    """Return the smallest number of runs on each side at which Welch's interval is narrow enough.

    Examples
    --------
    >>> independent_replicates(np.array([1.0, 1.0]), 0.4)
    50
    """
    spread = float(variances.sum())
    freedom = spread**2 / float((variances**2).sum())
    n = 2
    while stdtrit(freedom * (n - 1), 0.5 + CONFIDENCE / 2.0) * (spread / n) ** 0.5 > half_width:
        n += 1
    return n


def needed(levels: Floats) -> list[Needed]:
    """Say how many replicates each headline metric needs; levels: (posture, Metric, replicate)."""
    found = []
    for metric in map(Metric.__getitem__, HEADLINE):
        reference, values = levels[:, metric]
        sd = np.array([np.std(values - reference, ddof=1)])
        paired = replicates_needed(sd, np.array([metric.smallest]))
        variances = np.array([np.var(reference, ddof=1), np.var(values, ddof=1)])
        independent = independent_replicates(variances, metric.smallest)
        found.append(Needed(metric.name, metric.smallest, int(paired[0]), independent))
    return found


def all_of(found: Sequence[Needed]) -> Needed:
    """Say how many replicates it takes until every difference is known."""
    paired, independent = (max(of) for of in zip(*(one[2:] for one in found), strict=True))
    return Needed("all of them", None, paired, independent)


def measure(_: Path, quick: bool) -> str:
    """Measure the spread of runs, then the time of a run, and return the Markdown."""
    scenario, policies = load_scenario(SCENARIO), [create(name) for name in POSTURES]

    def engine(replicates: int) -> Floats:
        job = BatchJob.of(scenario, policies, SEED, 0, replicates)
        return np.stack([result.windows[0] for result in run_batch(job)[0]])

    def plain() -> None:
        for k, posture in enumerate(POSTURES):
            mesa_model.run_replicates(posture, SEED, k, 1)

    parameters = {"scenario": scenario, "posture": list(POSTURES), "replicate": 0}
    given = batch_arguments({**parameters, "collect": "runs"}, seeds=SEED)
    ours = partial(mesa.batch_run, RegionModel, **given, display_progress=False)

    replicates, n_rounds = (16, 1) if quick else (REPLICATES, ROUNDS)
    found = needed(engine(replicates))
    work: dict[int | str, Callable[[], object]] = {PLAIN: plain, OURS: ours}
    work |= {n: partial(engine, n) for n in {one.paired for one in found}}
    for do in work.values():
        do()
    rounds = [{name: cpu_seconds(do) for name, do in work.items()} for _ in range(n_rounds)]
    said = (
        f"Standard deviations are from {replicates} replicates of each posture; times are medians"
        f" (and ranges) of {n_rounds} rounds, in turn in one process:"
    )
    return f"{said}\n\n{table(found, rounds)}"


def cpu_seconds(do: Callable[[], object]) -> float:
    """Return the CPU time that some work takes, of all threads."""
    start = time.process_time()
    do()
    return time.process_time() - start


def table(found: Sequence[Needed], rounds: Sequence[Mapping[int | str, float]]) -> str:
    """Write a row for each metric; a round holds the seconds of each work, as in `measure`.

    Mesa's are those of one run under each posture, the engine's those of all that are needed.
    """
    lines = [
        "| difference in | smallest effect | replicates, paired | independent | engine, CPU s"
        " | plain Mesa, CPU s | times the engine | our Mesa model, CPU s | times the engine |",
        "| --- |" + " --- |" * 8,
    ]
    for name, smallest, paired, independent in [*found, all_of(found)]:
        seconds = [one[paired] for one in rounds]
        cells = [name, "" if smallest is None else f"{smallest:g}", f"{paired}", f"{independent}"]
        cells.append(f"{statistics.median(seconds):.2g}")
        for peer in (PLAIN, OURS):
            others = [independent * one[peer] for one in rounds]
            ratios = [other / own for other, own in zip(others, seconds, strict=True)]
            low, middle, high = (_digits(f(ratios)) for f in (min, statistics.median, max))
            cells += [_digits(statistics.median(others)), f"{middle} ({low} to {high})"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _digits(value: float) -> str:
    """Write three digits, without a power of ten."""
    return f"{float(f'{value:.3g}'):,g}"
