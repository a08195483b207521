"""What states and pairs hold on average over a window of months, under each posture.

It is read from the tables ``states`` and ``dyads`` where a result has both; else some runs of its
plan are made again, which gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.engine.job import DYAD_COLUMNS, STATE_COLUMNS, window_bounds
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment.plan import Plan
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.numerics.arrays import Floats
from regional_sim.results.blocks import OutcomePlaces
from regional_sim.results.columns import outcome_columns
from regional_sim.results.folder import PLAN
from regional_sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.engine.job import BatchResult
    from regional_sim.results.load import Results

RUNS_AGAIN: Final = 16
"""Most replicates that are run again for a figure."""

_TABLES: Final = ("states", "dyads")
_SAME: Final = 1e-9
"""How far values may lie apart and still count as the same."""


@dataclass(frozen=True)
class PeriodMeans:
    """Means over the months of a window.

    Attributes
    ----------
    scenario : Scenario
        The world, of the first point where a sweep has several.
    labels : tuple of str
        Postures, the reference first.
    states : dict of ndarray, shape (posture, state, replicate)
        By variable of a state.
    pairs : dict of ndarray, shape (posture, pair, replicate)
        By column of the table of dyads.
    origin : str
        Where the numbers come from, in a sentence.
    """

    scenario: Scenario
    labels: tuple[str, ...]
    states: Mapping[str, Floats]
    pairs: Mapping[str, Floats]
    origin: str

    @property
    def n_replicates(self) -> int:
        """Number of replicates."""
        return int(next(iter(self.states.values())).shape[-1])

    @property
    def replicates_text(self) -> str:
        """Number of replicates, in words."""
        return f"{self.n_replicates} replicates" if self.n_replicates > 1 else "one replicate"


def plan_of(folder: FinishedFolder) -> Plan:
    """Make the plan of a result anew; an InputError says why that cannot be done."""
    return Plan.from_mapping(
        folder.runs.plan, origin=str((folder.runs.folder or folder.path) / PLAN)
    )


def cannot_run_again(folder: FinishedFolder) -> str | None:
    """Say why the runs of a folder cannot be made again; None where they can."""
    if folder.results is None:
        return "it needs the runs of run or sweep"
    try:
        plan_of(folder)
    except InputError as error:
        return f"its runs cannot be made again: {error.what}"
    return None


def period_means(
    folder: FinishedFolder,
    labels: Sequence[str],
    states: Sequence[str],
    pairs: Sequence[str],
    window: str,
) -> PeriodMeans:
    """Take the means of some columns of the tables of states and of dyads over a window.

    Raises
    ------
    UnknownNameError
        When the world has no such window.
    """
    plan = plan_of(folder)
    scenario = plan.experiment.scenario_at(plan.experiment.points[0])
    windows = window_bounds(scenario)
    if window not in windows:
        raise UnknownNameError("window", window, windows, where=str(folder.path), key="window")
    months = windows[window]
    if set(_TABLES) <= set(folder.runs.tables):
        return _from_tables(folder.runs, plan, scenario, labels, states, pairs, months)
    return _from_runs(folder.runs, plan, scenario, labels, states, pairs, months)


def _from_tables(
    results: Results,
    plan: Plan,
    scenario: Scenario,
    labels: Sequence[str],
    states: Sequence[str],
    pairs: Sequence[str],
    months: tuple[int, int],
) -> PeriodMeans:
    """Read the tables; points are averaged, for a replicate has the same draws at all of them.

    Replicates that ran through at some of the points or postures only are left out.
    """
    n_points, n_runs = plan.n_points, plan.n_points * len(plan.experiment.postures)
    left_out = 0

    def of(table: str, cell: Sequence[str], columns: Sequence[str]) -> dict[str, Floats]:
        nonlocal left_out
        keys = ["posture", *cell, "replicate"]
        frame = _columns(results, table, ["point", *keys, "month", *columns])
        inside = frame[frame["month"].between(months[0] + 1, months[1] + 1)]
        ran = inside.dropna(how="all", subset=list(columns))
        runs = ran[["point", "posture", "replicate"]].drop_duplicates().groupby("replicate").size()
        kept = ran[ran["replicate"].isin(runs.index[runs == n_runs])]
        left_out = int(inside["replicate"].nunique() - kept["replicate"].nunique())
        if kept.empty:
            what = "no replicate ran at all points under all postures"
            raise InputError(what, where=str(results.folder))
        means = kept.groupby(keys, sort=True)[list(columns)].mean()
        shape = (-1, kept["replicate"].nunique())
        return {
            name: np.stack(
                [
                    means[name].xs(label, level="posture").to_numpy(np.float64).reshape(shape)
                    for label in labels
                ]
            )
            for name in columns
        }

    both = of("states", ["state"], states), of("dyads", ["state_a", "state_b"], pairs)
    origin = "From the tables states and dyads"
    origin += f", averaged over {n_points} points." if n_points > 1 else "."
    if left_out:
        origin += f" Left out: {left_out} replicates that did not run through everywhere."
    return PeriodMeans(scenario, tuple(labels), *both, origin)


def _columns(results: Results, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read some columns; a Parquet file is read whole."""
    if results.path(table).suffix == ".csv":
        return results.columns_of(table, columns)
    return results.table(table)[list(columns)]


def _from_runs(
    results: Results,
    plan: Plan,
    scenario: Scenario,
    labels: Sequence[str],
    states: Sequence[str],
    pairs: Sequence[str],
    months: tuple[int, int],
) -> PeriodMeans:
    """Run some replicates of the first point again, and hold them against the table of runs."""
    from regional_sim.engine.ensemble import run_batch
    from regional_sim.experiment.tasks import Task, job_of

    recorded = results.runs[results.runs["point"] == 0].sort_values("replicate")
    many = min(recorded["replicate"].nunique(), RUNS_AGAIN)
    job = replace(job_of(plan, Task((0,), 0, many)), series=frozenset(_TABLES))
    (by_posture,) = run_batch(job)
    names, picked = list(outcome_columns(plan)), OutcomePlaces.of(plan, 0)
    for label, result in zip(plan.experiment.labels, by_posture, strict=True):
        there = recorded[recorded["posture"] == label].head(many)
        for outcome, here in zip(names, picked.pick(result), strict=True):
            # Another version may not have had this outcome.
            known = outcome.name in there
            values = there[outcome.name].to_numpy(np.float64) if known else np.empty(0)
            require_same(outcome.name, values, here, results)
    chosen = [by_posture[plan.experiment.labels.index(label)] for label in labels]
    inside = slice(months[0], months[1] + 1)
    place = {one.name: n for n, one in enumerate(STATE_COLUMNS)}
    column = {one.name: n for n, one in enumerate(DYAD_COLUMNS)}

    def mean(result: BatchResult, table: str, row: int) -> Floats:
        values: Floats = getattr(result, table)[inside, row].mean(axis=0)
        return values

    which = f" of point 0 of {plan.n_points}" if plan.n_points > 1 else ""
    return PeriodMeans(
        scenario,
        tuple(labels),
        {name: np.stack([mean(one, "states", place[name]) for one in chosen]) for name in states},
        {name: np.stack([mean(one, "dyads", column[name]) for one in chosen]) for name in pairs},
        f"From the first {many} replicates{which}, run again.",
    )


def require_same(name: str, there: Floats, here: Floats, results: Results) -> None:
    """Refuse to draw runs made again where an outcome is not as the table of runs has it.

    Another machine may differ in the last digits, which no picture shows.

    Raises
    ------
    InputError
        When a value differs.
    """
    if there.shape == here.shape and np.allclose(here, there, _SAME, _SAME, equal_nan=True):
        return
    what = f"its runs, made again here, are not those of runs.csv: they differ in {name}"
    hint = "another version made the folder; run it again, with --tables runs,states,dyads"
    raise InputError(what, where=str(results.folder), hint=hint)


def shown_postures(folder: FinishedFolder, asked: Sequence[str], most: int) -> list[str]:
    """Return the reference and as many of the postures asked for as can be shown."""
    return folder.postures(asked)[: most + 1]


def window_words(scenario: Scenario, window: str) -> str:
    """Say which months of the posture a window holds."""
    first, last = (month + 1 - scenario.months_before for month in window_bounds(scenario)[window])
    return f"months {first} to {last} of the posture"
