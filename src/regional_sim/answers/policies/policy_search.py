"""The search for a policy: least risk at a required deterrence, over what nobody knows.

Candidates are simulated at points of an experiment's design, each on the same random numbers as
the reference, and judged by their mean over the points.  NSGA-II proposes them (Deb et al. 2002, as
in Optuna).  Those that no other beats, and the postures of the experiment, are then simulated anew
on fresh random numbers, so that luck in the search does not show, and compared by regret: how far
each falls behind the best at the point that is worst for it (Savage 1951).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from regional_sim.answers.policies.candidates import Candidate, as_posture, rounded
from regional_sim.answers.policies.goals import regrets, undominated
from regional_sim.answers.policies.search_plan import SearchPlan
from regional_sim.engine.job import BatchJob, window_bounds
from regional_sim.errors import InputError
from regional_sim.experiment import Experiment, Posture
from regional_sim.experiment.engines import run_job
from regional_sim.experiment.stable_points import is_stable, radii_of_points
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags

FINAL_DRAWS: Final = 1_000_000
"""First replicate of the draws on which the finalists are judged."""

_AT_ONCE: Final = 12
"""Candidates that share the months before the onset."""

Told = Callable[[int, int], None]
"""Is told the runs that are done, and all runs."""


@dataclass(frozen=True)
class Judged:
    """The finalists and the named postures, judged on fresh random numbers.

    Attributes
    ----------
    postures : list of Posture
        Finalists first.
    candidates : list of Candidate
        Settings of the finalists.
    points : list of int
        Numbers of the points.
    unstable : int
        Points that were left out, since a push of their start does not die out.
    differences : ndarray, shape (posture, point, metric)
        Mean paired difference to the reference, by metric of the plan.
    regret : ndarray, shape (posture, point)
        In smallest effects of interest.
    meets : ndarray of bool, shape (posture, point)
        Where all requirements are met.
    on_front : ndarray of bool, shape (posture,)
        Meets the requirements on average, and no other that does is better in all goals.
    chosen : int or None
        The posture with the least largest regret among those that meet the requirements on
        average; None where none does.
    """

    postures: list[Posture]
    candidates: list[Candidate]
    points: list[int]
    unstable: int
    differences: Floats
    regret: Floats
    meets: Flags
    on_front: Flags
    chosen: int | None


class RunCount:
    """Counts runs, and tells how many are done."""

    def __init__(self, total: int, told: Told | None, done: int = 0) -> None:
        self._total = total
        self._told = told
        self._done = done

    def add(self, runs: int) -> None:
        """Count further runs."""
        self.reach(self._done + runs)

    def reach(self, runs: int) -> None:
        """Count as many runs as there should be by now, also those that were known before."""
        self._done = runs
        if self._told is not None:
            self._told(min(self._done, self._total), self._total)


class Simulator:
    """Simulates postures at points of an experiment, less the reference on the same draws."""

    def __init__(
        self, plan: SearchPlan, points: Sequence[int], replicates: int, first: int, workers: int
    ) -> None:
        self._plan = plan
        self._points = list(points)
        self._of_job = (plan.experiment.seed, first, replicates)
        self._workers = workers
        scenario = plan.experiment.scenario
        self._window = list(window_bounds(scenario)).index(plan.window)
        self._reference: list[Floats] | None = None

    def differences(
        self, postures: Sequence[Posture], ran: Callable[[int], None] | None = None
    ) -> Floats:
        """Return mean paired differences, shape (posture, point, metric).

        `ran` is told the runs of each piece of work that is done.
        """
        if self._reference is None:
            reference = self._plan.experiment.postures[0]
            self._reference = self._by_point([reference])
        means = [values.mean(axis=-1) for values in self._by_point(postures, ran)]
        usual = [values.mean(axis=-1) for values in self._reference]
        return np.stack([ours - base for ours, base in zip(means, usual, strict=True)], axis=1)

    def _by_point(
        self, postures: Sequence[Posture], ran: Callable[[int], None] | None = None
    ) -> list[Floats]:
        """Return values of shape (posture, metric, replicate) at each point."""
        parts = [postures[at : at + _AT_ONCE] for at in range(0, len(postures), _AT_ONCE)]
        jobs = [(point, part) for point in self._points for part in parts]
        found: list[Floats] = []
        with ThreadPoolExecutor(self._workers) as pool:
            for values in pool.map(lambda job: self._run(*job), jobs):
                found.append(values)
                if ran is not None:
                    ran(values.shape[0] * values.shape[2])
        size = len(parts)
        return [np.concatenate(found[at : at + size]) for at in range(0, len(found), size)]

    def _run(self, number: int, postures: Sequence[Posture]) -> Floats:
        experiment = self._plan.experiment
        point = experiment.points[number]
        policies = [one.with_settings(point.of_postures()).policy for one in postures]
        seed, first, replicates = self._of_job
        job = BatchJob.of(experiment.scenario_at(point), policies, seed, first, replicates)
        rows = [int(metric) for metric in self._plan.metrics]
        (of_case,) = run_job("ensemble", job)
        return np.stack([result.windows[self._window][rows] for result in of_case])


def stable_points(experiment: Experiment, most: int) -> tuple[list[int], int]:
    """Choose points at equal distances whose start is stable, and count those left out."""
    radii = radii_of_points(experiment, most)
    chosen = [point for point, radius in radii.items() if is_stable(radius)]
    if not chosen:
        what = "at no point does a push of the start die out"
        raise InputError(what, key="design", hint="narrow the priors")
    return chosen, len(radii) - len(chosen)


# ------------------------------------------------------------------------------------------ search

Known = dict[str, Floats]
"""Differences by candidate, shape (point, metric)."""


def key_of(candidate: Candidate) -> str:
    """Name a candidate by its settings."""
    return ",".join(f"{name}={value:g}" for name, value in candidate.items())


def search(
    plan: SearchPlan,
    known: Known,
    keep: Callable[[Mapping[str, Candidate], Known], None],
    *,
    workers: int = 1,
    told: Told | None = None,
) -> dict[str, Candidate]:
    """Search, generation by generation, and return all candidates that were tried.

    `known` are those of an earlier search by the same plan; it is filled.  `keep` is called with
    the candidates and what is known after each generation.
    """
    points, _ = stable_points(plan.experiment, plan.points)
    simulator = Simulator(plan, points, plan.replicates, 0, workers)
    study = _study(plan)
    distributions = plan.space.distributions()
    tried: dict[str, Candidate] = {}
    count = RunCount(plan.most_runs, told)
    for generation in range(plan.generations):
        trials = [study.ask(distributions) for _ in range(plan.population)]
        candidates = [rounded(trial.params) for trial in trials]
        tried |= {key_of(one): one for one in candidates}
        fresh = {key_of(one): one for one in candidates if key_of(one) not in known}
        if fresh:
            postures = [as_posture(one, f"c{at}") for at, one in enumerate(fresh.values())]
            found = simulator.differences(postures, count.add)
            known |= dict(zip(fresh, found, strict=True))
            keep(tried, known)
        for trial, candidate in zip(trials, candidates, strict=True):
            values = known[key_of(candidate)].mean(axis=0)
            for requirement, missed in zip(
                plan.requirements, _shortfalls(plan, values), strict=True
            ):
                trial.set_constraint(requirement.words, float(missed))
            study.tell(trial, [float(loss) for loss in _losses(plan, values)])
        count.reach(plan.runs_until(generation + 1))
    return tried


def _study(plan: SearchPlan) -> Any:
    """Make the sampler; it proposes the same candidates each time for what it is told."""
    try:
        import optuna
    except ImportError:
        hint = "pip install 'regional_sim[search]'"
        raise InputError("the search needs the package optuna", hint=hint) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.NSGAIISampler(
            population_size=plan.population, seed=plan.experiment.seed % 2**32
        )
    study = optuna.create_study(directions=["minimize"] * len(plan.goals), sampler=sampler)
    for start in plan.space.starts():
        study.enqueue_trial(start)
    return study


def _losses(plan: SearchPlan, differences: Floats) -> Floats:
    """Return the losses, shape (..., goal), of differences of shape (..., metric)."""
    places = {metric: at for at, metric in enumerate(plan.metrics)}
    columns = [goal.loss(differences[..., places[goal.metric]]) for goal in plan.goals]
    return np.stack(columns, axis=-1)


def _shortfalls(plan: SearchPlan, differences: Floats) -> list[Floats]:
    places = {metric: at for at, metric in enumerate(plan.metrics)}
    return [one.shortfall(differences[..., places[one.metric]]) for one in plan.requirements]


def _meets(plan: SearchPlan, differences: Floats) -> Flags:
    """Tell where all requirements are met, for differences of shape (..., metric)."""
    met = np.ones(differences.shape[:-1], dtype=bool)
    for missed in _shortfalls(plan, differences):
        met &= missed <= 0.0
    return met


def finalists(plan: SearchPlan, tried: Mapping[str, Candidate], known: Known) -> list[Candidate]:
    """Pick the candidates that no other beats on average, and those with the least regret.

    Half of the places at most go to the former, spread over the first goal.  Where no candidate
    meets the requirements, those are picked that miss them least.
    """
    keys = list(tried)
    differences = np.stack([known[key] for key in keys])
    means = differences.mean(axis=1)
    able = np.flatnonzero(_meets(plan, means))
    if not len(able):
        missed = np.max([np.maximum(one, 0.0) for one in _shortfalls(plan, means)], axis=0)
        return [tried[keys[at]] for at in np.argsort(missed, kind="stable")[: plan.finalists]]
    losses = _losses(plan, means[able])
    front = able[undominated(losses)]
    order = front[np.argsort(_losses(plan, means[front])[:, 0], kind="stable")]
    spread = np.linspace(0, len(order) - 1, max(plan.finalists // 2, 1)).round().astype(int)
    regret = regrets(_losses(plan, differences[able]), _meets(plan, differences[able]))
    calm = able[np.argsort(regret.max(axis=1), kind="stable")]
    chosen = dict.fromkeys([*order[np.unique(spread)].tolist(), *calm.tolist()])
    return [tried[keys[at]] for at in list(chosen)[: plan.finalists]]


def judge_finalists(
    plan: SearchPlan,
    candidates: Sequence[Candidate],
    *,
    workers: int = 1,
    told: Told | None = None,
) -> Judged:
    """Simulate finalists and named postures on fresh draws, and compare them."""
    points, unstable = stable_points(plan.experiment, plan.final_points)
    found = [as_posture(one, f"found_{at}") for at, one in enumerate(candidates, start=1)]
    postures = [*found, *plan.experiment.postures]
    simulator = Simulator(plan, points, plan.final_replicates, FINAL_DRAWS, workers)
    count = RunCount(plan.most_runs, told, plan.runs_until(plan.generations))
    differences = simulator.differences(postures, count.add)
    count.reach(plan.most_runs)
    meets = _meets(plan, differences)
    regret = regrets(_losses(plan, differences), meets)
    means = differences.mean(axis=1)
    able = _meets(plan, means)
    on_front = np.zeros(len(postures), dtype=bool)
    on_front[able] = undominated(_losses(plan, means[able]))
    worst = np.where(able, regret.max(axis=1), np.inf)
    chosen = int(worst.argmin()) if able.any() else None
    return Judged(
        postures, list(candidates), points, unstable, differences, regret, meets, on_front, chosen
    )


def judged_rows(plan: SearchPlan, judged: Judged) -> Iterator[dict[str, Any]]:
    """Write a row for each posture: its settings, effects, regret and what it is."""
    from scipy.stats import t

    n_points = len(judged.points)
    half = float(t.ppf(0.975, n_points - 1)) / np.sqrt(n_points) if n_points > 1 else np.nan
    for at, posture in enumerate(judged.postures):
        row: dict[str, Any] = {
            "posture": posture.label,
            "recommended": at == judged.chosen,
            "on_front": bool(judged.on_front[at]),
            "share_meeting": float(judged.meets[at].mean()),
            "largest_regret": float(judged.regret[at].max()),
            "regret_95": float(np.quantile(judged.regret[at], 0.95)),
        }
        for place, metric in enumerate(plan.metrics):
            values = judged.differences[at, :, place]
            spread = values.std(ddof=1) * half if n_points > 1 else np.nan
            row[f"{metric.name}_difference"] = float(values.mean())
            row[f"{metric.name}_low"] = float(values.mean() - spread)
            row[f"{metric.name}_high"] = float(values.mean() + spread)
        settings = judged.candidates[at] if at < len(judged.candidates) else {}
        yield row | dict(settings)
