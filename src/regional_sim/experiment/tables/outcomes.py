"""Outcomes: metrics by window, as columns of the table of runs, made of what engines give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.failures import Attempt, Failure
from regional_sim.experiment.running.tasks import Task
from regional_sim.experiment.store.blocks import Block, outcomes_name, series_name
from regional_sim.scenario import Scenario
from regional_sim.world.job import BatchResult
from regional_sim.world.layout import Floats, Integers
from regional_sim.world.metrics.defined import defined_metrics
from regional_sim.world.windows import window_bounds

LONG: tuple[str, ...] = ("timeseries", "states", "dyads")
"""Long arrays of a result that are kept where they were asked for."""


def block_of(plan: Plan, task: Task, made: Attempt) -> Block:
    """Make the block of a task of what an engine gave.

    Parameters
    ----------
    plan : Plan
        What is run.
    task : Task
        The task.
    made : Attempt
        Results by case and posture, and failures by place in the job.

    Returns
    -------
    Block
        To be written.
    """
    experiment = plan.experiment
    places = [
        Places.of(plan, experiment.scenario_at(experiment.points[point])) for point in task.points
    ]
    outcomes = {
        outcomes_name(posture): np.stack(
            [
                place.pick(of_case[posture])
                for of_case, place in zip(made.results, places, strict=True)
            ]
        )
        for posture in range(len(experiment.postures))
    }
    return Block(outcomes | dict(_long(task, made)), failures_of(task, made))


def failures_of(task: Task, made: Attempt) -> list[Failure]:
    """Return the failures of a task, by the numbers of their points."""
    return [replace(one, point=task.points[one.point]) for one in made.failures]


def _long(task: Task, made: Attempt) -> Iterator[tuple[str, Floats]]:
    for point, of_case in zip(task.points, made.results, strict=True):
        for posture, result in enumerate(of_case):
            for kind in LONG:
                if (array := getattr(result, kind)) is not None:
                    yield series_name(kind, point, posture), array


class Places(NamedTuple):
    """Where the outcomes of a plan are found in what an engine gives for a world.

    Attributes
    ----------
    n_outcomes : int
        Number of outcomes of the plan.
    has : ndarray of int
        Those that the world has.
    window, metric : ndarray of int
        Window and metric of each of these.
    """

    n_outcomes: int
    has: Integers
    window: Integers
    metric: Integers

    @classmethod
    def of(cls, plan: Plan, scenario: Scenario) -> Places:
        """Find them for one of the worlds of a plan."""
        defined = set(defined_metrics(scenario))
        at = {name: row for row, name in enumerate(window_bounds(scenario))}
        names = [(metric, window) for metric in plan.metrics for window in plan.windows]
        has = [n for n, (metric, window) in enumerate(names) if metric in defined and window in at]
        return cls(
            len(names),
            np.array(has, dtype=np.int64),
            np.array([at[names[n][1]] for n in has], dtype=np.int64),
            np.array([int(names[n][0]) for n in has], dtype=np.int64),
        )

    def pick(self, result: BatchResult) -> Floats:
        """Pick the outcomes out of a result.

        Parameters
        ----------
        result : BatchResult
            Of this world under a posture.

        Returns
        -------
        ndarray, shape (outcome, run)
            By metric, then window; NaN where the world has none.
        """
        values = np.full((self.n_outcomes, result.windows.shape[-1]), np.nan)
        values[self.has] = result.windows[self.window, self.metric]
        return values
