"""All that decides what a search for a policy finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from regional_sim.analysis.smallest_effects import YEAR_MONTHS
from regional_sim.answers.policies.candidates import SearchSpace
from regional_sim.answers.policies.goals import Goal, Requirement
from regional_sim.engine.job import WHOLE_WINDOW, window_bounds
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario import Scenario


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
        most = years_of(self.experiment.scenario)
        if not 1 <= self.space.latest_year <= most:
            year, allowed = self.space.latest_year, f"from 1 to {most}, the years after the onset"
            raise InputError("not a year", key="latest_year", value=year, allowed=allowed)
        if not self.space.instruments:
            raise InputError("a search needs an instrument", key="instruments")
        windows = list(window_bounds(self.experiment.scenario))
        if self.window not in windows:
            raise UnknownNameError("window", self.window, windows, key="window")

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of goals and requirements, each once."""
        of_goals = [goal.metric for goal in self.goals]
        return tuple(dict.fromkeys([*of_goals, *(one.metric for one in self.requirements)]))

    @property
    def searched(self) -> int:
        """Return how many points the search looks at: no more than the design has."""
        return min(self.points, len(self.experiment.points))

    @property
    def judged_at(self) -> int:
        """Return how many points the finalists are judged at."""
        return min(self.final_points, len(self.experiment.points))

    def runs_until(self, generation: int) -> int:
        """Return the runs of so many generations, if all candidates are new."""
        return generation * self.population * self.searched * self.replicates

    @property
    def most_runs(self) -> int:
        """Return the runs of all generations and of the finalists, at most."""
        judged = self.finalists + len(self.experiment.postures) + 1
        last = judged * self.judged_at * self.final_replicates
        return self.runs_until(self.generations) + last

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


def years_of(scenario: Scenario) -> int:
    """Count the years after the onset, at least 1."""
    return max(scenario.months_after // YEAR_MONTHS, 1)


_NUMBERS: Final = (
    *("generations", "population", "points", "replicates"),
    *("final_points", "final_replicates", "finalists"),
)
