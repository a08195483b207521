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

from regional_sim.answers.candidates import Candidate, SearchSpace, as_posture, rounded
from regional_sim.answers.goals import Goal, Requirement, regrets, undominated
from regional_sim.engine.job import WHOLE_WINDOW, BatchJob, window_bounds
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment, Posture
from regional_sim.experiment.engines import run_job
from regional_sim.experiment.stable_points import radii_of_points
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags

FINAL_DRAWS: Final = 1_000_000
"""First replicate of the draws on which the finalists are judged."""

_AT_ONCE: Final = 12
"""Candidates that share the months before the onset."""

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class SearchPlan:
    """All that decides what a search finds.

    Attributes
    ----------
    experiment : Experiment
        Its world, points, seed and postures; the first posture is the reference.
    goals : tuple of Goal
        At least one.
    requirements : tuple of Requirement
        Bounds that a candidate's mean over the points must keep.
    space : SearchSpace
        What may differ between candidates.
    window : str
        Months that are judged.
    generations, population : int
        Rounds of the search, and candidates in each.
    points, replicates : int
        Points of the design in the search, at equal distances, and runs at each.
    final_points, final_replicates : int
        The same for the finalists.
    finalists : int
        Most candidates that are judged anew.
    """

    experiment: Experiment
    goals: tuple[Goal, ...]
    requirements: tuple[Requirement, ...]
    space: SearchSpace
    window: str = WHOLE_WINDOW
    generations: int = 12
    population: int = 24
    points: int = 8
    replicates: int = 16
    final_points: int = 32
    final_replicates: int = 32
    finalists: int = 12

    def __post_init__(self) -> None:
        """Refuse numbers that make no search, and unknown windows."""
        least = {"population": 4, "replicates": 2, "final_replicates": 2, "finalists": 2}
        for name in _NUMBERS:
            if getattr(self, name) < least.get(name, 1):
                allowed = f"at least {least.get(name, 1)}"
                raise InputError("too few", key=name, value=getattr(self, name), allowed=allowed)
        windows = list(window_bounds(self.experiment.scenario))
        if self.window not in windows:
            raise UnknownNameError("window", self.window, windows, key="window")

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of goals and requirements, each once."""
        of_goals = [goal.metric for goal in self.goals]
        return tuple(dict.fromkeys([*of_goals, *(one.metric for one in self.requirements)]))

    def record(self) -> dict[str, Any]:
        """Write out what decides the numbers of the search, for its folder."""
        return {
            "experiment": self.experiment.resolved(),
            "goals": [goal.words for goal in self.goals],
            "requirements": [requirement.words for requirement in self.requirements],
            "instruments": list(self.space.instruments),
            "latest_year": self.space.latest_year,
            "feedback": self.space.feedback,
            "window": self.window,
            **{name: getattr(self, name) for name in _NUMBERS},
        }


_NUMBERS: Final = (
    *("generations", "population", "points", "replicates"),
    *("final_points", "final_replicates", "finalists"),
)


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

    def differences(self, postures: Sequence[Posture], told: Told | None = None) -> Floats:
        """Return mean paired differences, shape (posture, point, metric)."""
        if self._reference is None:
            reference = self._plan.experiment.postures[0]
            self._reference = self._by_point([reference])
        means = [values.mean(axis=-1) for values in self._by_point(postures, told)]
        usual = [values.mean(axis=-1) for values in self._reference]
        return np.stack([ours - base for ours, base in zip(means, usual, strict=True)], axis=1)

    def _by_point(self, postures: Sequence[Posture], told: Told | None = None) -> list[Floats]:
        """Return values of shape (posture, metric, replicate) at each point."""
        parts = [postures[at : at + _AT_ONCE] for at in range(0, len(postures), _AT_ONCE)]
        jobs = [(point, part) for point in self._points for part in parts]
        found: list[Floats] = []
        with ThreadPoolExecutor(self._workers) as pool:
            for done, values in enumerate(pool.map(lambda job: self._run(*job), jobs), start=1):
                found.append(values)
                if told is not None:
                    told(done, len(jobs))
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
    chosen = [point for point, radius in radii.items() if radius < 1.0]
    if not chosen:
        what = "at no point does a push of the start die out"
        raise InputError(what, key="design", hint="narrow the priors")
    return chosen, len(radii) - len(chosen)


# ------------------------------------------------------------------------------------------ search

Known = dict[str, Floats]
"""Mean differences over the points by candidate, shape (metric,)."""


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
    for generation in range(plan.generations):
        trials = [study.ask(distributions) for _ in range(plan.population)]
        candidates = [rounded(trial.params) for trial in trials]
        tried |= {key_of(one): one for one in candidates}
        fresh = {key_of(one): one for one in candidates if key_of(one) not in known}
        if fresh:
            postures = [as_posture(one, f"c{at}") for at, one in enumerate(fresh.values())]
            found = simulator.differences(postures).mean(axis=1)
            known |= dict(zip(fresh, found, strict=True))
            keep(tried, known)
        for trial, candidate in zip(trials, candidates, strict=True):
            values = known[key_of(candidate)]
            for requirement, missed in zip(
                plan.requirements, _shortfalls(plan, values), strict=True
            ):
                trial.set_constraint(requirement.words, float(missed))
            study.tell(trial, [float(loss) for loss in _losses(plan, values)])
        if told is not None:
            told(generation + 1, plan.generations)
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
    """Pick the candidates that no other beats, spread over the first goal if they are many.

    Where none meets the requirements, those that miss them least.
    """
    keys = list(tried)
    differences = np.stack([known[key] for key in keys])
    meets = _meets(plan, differences)
    if not meets.any():
        missed = np.max([np.maximum(one, 0.0) for one in _shortfalls(plan, differences)], axis=0)
        return [tried[keys[at]] for at in np.argsort(missed, kind="stable")[: plan.finalists]]
    able = np.flatnonzero(meets)
    losses = _losses(plan, differences[able])
    front = able[undominated(losses)]
    order = front[np.argsort(_losses(plan, differences[front])[:, 0], kind="stable")]
    spread = np.unique(np.linspace(0, len(order) - 1, plan.finalists).round().astype(int))
    return [tried[keys[at]] for at in order[spread]]


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
    differences = simulator.differences(postures, told)
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
