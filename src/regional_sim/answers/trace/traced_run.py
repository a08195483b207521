"""Which run is traced: one of a finished result, or a new one of a scenario."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.experiment.load import single_point
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.points import Point
from regional_sim.experiment.posture import Posture, PostureLike
from regional_sim.experiment.tasks import Task
from regional_sim.results.folder import PLAN
from regional_sim.results.load import Results, check_plan, load_results
from regional_sim.results.run_tables import Branch
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.scenario.files import located, shipped_configs

if TYPE_CHECKING:
    import pandas as pd

_KEY: Final = ("point", "replicate", "posture")
"""Columns that tell the rows of the table of runs apart."""


@dataclass(frozen=True)
class TracedRun:
    """A run of a plan.

    Attributes
    ----------
    plan : Plan
        The plan that it belongs to.
    point, posture, replicate : int
        Which run, by numbers.
    folder : Path or None
        The result that holds it; None for a new run.
    recorded : Series or None
        Its row of the folder's table of runs.
    """

    plan: Plan
    point: int
    posture: int
    replicate: int
    folder: Path | None = None
    recorded: pd.Series[Any] | None = None

    @cached_property
    def branch(self) -> Branch:
        """The run as a branch of a task of its own, for the tables."""
        return Branch(self.plan, Task((self.point,), self.replicate, 1), self.point, self.posture)

    @property
    def scenario(self) -> Scenario:
        """The world that it runs in."""
        return self.branch.scenario

    @property
    def label(self) -> str:
        """Label of its posture."""
        return self.plan.experiment.labels[self.posture]

    @cached_property
    def levels(self) -> Mapping[str, object]:
        """Factors and their levels at its point."""
        return dict(self._design_point.factors)

    @property
    def _design_point(self) -> Point:
        return self.plan.experiment.points[self.point]

    @property
    def posture_here(self) -> Posture:
        """Its posture, with what the point sets of it."""
        return self.plan.experiment.postures_at(self._design_point)[self.posture]


def run_to_trace(
    given: Results | Scenario | str | Path,
    *,
    replicate: int = 0,
    posture: PostureLike | None = None,
    point: int = 0,
    seed: int | None = None,
    settings: Sequence[str] | Mapping[str, object] = (),
    key: str = "",
) -> TracedRun:
    """Find the run that is asked for; what is a folder counts as a result.

    `key` is put before the names of arguments in messages, such as ``--``.

    Raises InputError where there is no such run, or the result cannot be run again.
    """
    if not isinstance(given, Scenario | Results) and not os.path.isdir(given):  # noqa: PTH112
        _refuse_missing_folder(given)
        given = load_scenario(given)
    _require_count(replicate, f"{key}replicate")
    _require_count(point, f"{key}point")
    if isinstance(given, Scenario):
        if point:
            raise InputError("a scenario has no points", key=f"{key}point", value=point)
        return _new_run(given, replicate, posture, seed, settings)
    if seed is not None or settings:
        what = "a run of a result is made again as it was"
        hint = "name the scenario instead of the folder"
        raise InputError(what, key=f"{key}{'seed' if seed is not None else 'set'}", hint=hint)
    return _run_of_result(given, replicate, posture, point, key)


def _refuse_missing_folder(given: str | Path) -> None:
    """Say that there is no such folder where a path is neither a folder nor a file of a world."""
    path = Path(given)
    if path.suffix or os.path.exists(path):  # noqa: PTH110 (no name is too long for this one)
        return
    hint = "make it with run or sweep, or name a scenario"
    if len(path.parts) > 1:
        raise InputError("no such folder", where=str(given), hint=hint)
    try:
        located(given)
    except UnknownNameError:
        found = suggestion(
            str(given), [*shipped_configs(), *(one.name for one in Path().glob("*/"))]
        )
        what = "no shipped scenario and no folder of this name"
        raise InputError(what, value=str(given), hint=found or hint) from None


def _require_count(value: object, key: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("must be a whole number", key=key, value=value, allowed="0 or more")


def _new_run(
    world: Scenario,
    replicate: int,
    posture: PostureLike | None,
    seed: int | None,
    settings: Sequence[str] | Mapping[str, object],
) -> TracedRun:
    from regional_sim.runner.estimate import planned

    experiment = single_point(
        world,
        ["traditional" if posture is None else posture],
        seed=0 if seed is None else seed,
        replicates=replicate + 1,
        settings=settings,
    )
    return TracedRun(planned(experiment), 0, 0, replicate)


def _run_of_result(
    given: Results | str | Path, replicate: int, posture: PostureLike | None, point: int, key: str
) -> TracedRun:
    """Find a run of a result by its row in the table of runs."""
    results = given if isinstance(given, Results) else load_results(given, verify=False)
    folder = results.folder
    if folder is None:
        raise InputError("the folder of this result is gone")
    check_plan(folder, results.plan, results.manifest)
    plan = Plan.from_mapping(results.plan, origin=str(folder / PLAN))
    labels = plan.experiment.labels
    label = labels[0] if posture is None else posture
    if label not in labels:
        raise UnknownNameError("posture", label, labels, where=str(folder), key=f"{key}posture")
    if point >= plan.n_points:
        allowed = f"0 to {plan.n_points - 1}"
        raise InputError(
            "no such point", where=str(folder), key=f"{key}point", value=point, allowed=allowed
        )
    row = _row_of(results, point, str(label), replicate, key)
    return TracedRun(plan, point, labels.index(label), replicate, folder, row)


def _row_of(results: Results, point: int, label: str, replicate: int, key: str) -> pd.Series[Any]:
    """Return the row of a run, and refuse one that is not there or has failed."""
    runs = results.runs
    of_branch = runs[(runs["point"] == point) & (runs["posture"] == label)]
    chosen = of_branch[of_branch["replicate"] == replicate]
    where = str(results.folder)
    if chosen.empty:
        last = int(of_branch["replicate"].max())
        allowed = f"0 to {last}"
        raise InputError(
            "no such replicate",
            where=where,
            key=f"{key}replicate",
            value=replicate,
            allowed=allowed,
        )
    row = chosen.iloc[0]
    failed = results.failures
    if len(failed) and not failed[(failed[list(_KEY)] == row[list(_KEY)]).all(axis=1)].empty:
        what = "this run failed, so there is nothing to follow"
        raise InputError(what, where=where, key=f"{key}replicate", value=replicate)
    return row
