"""Hypotheses with their verdicts, read again from the folder of ``regional-sim hypotheses``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.hypotheses.deciding import Deciding
from regional_sim.answers.hypotheses.hypotheses import judge_hypotheses
from regional_sim.answers.hypotheses.hypothesis_runs import (
    AS_IT_IS,
    SWEEP,
    are_there,
    needed_runs,
)
from regional_sim.answers.hypotheses.hypothesis_sources import runs_folder
from regional_sim.answers.hypotheses.judged import JudgedHypotheses, JudgedHypothesis
from regional_sim.answers.outcomes import PointResults
from regional_sim.errors import InputError, os_reason
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.experiment.load import recorded_experiment
from regional_sim.results.folder import MANIFEST, read_manifest, read_plan
from regional_sim.results.load import Results, load_results

if TYPE_CHECKING:
    import pandas as pd

JUDGED_FILE: Final = "hypotheses.csv"
"""What `hypotheses EXPERIMENT` writes into its folder."""

_THROUGH: Final = "through_"
_TEXTS: Final = ("id", "claim", "metric", "window", "posture", "reference", "expects", "opposing")
_INTEGERS: Final = frozenset({"n", "points", "points_on_record"})


def read_judged(folder: Path, as_it_is: Results) -> JudgedHypotheses:
    """Read what was found about claims, beside the runs that it was found from.

    Raises
    ------
    InputError
        When the table cannot be read, or lacks a column.
    """
    import pandas as pd

    path = folder / JUDGED_FILE
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=str(path)) from None
    except ValueError:
        raise InputError("this is no table of judged hypotheses", where=str(path)) from None
    try:
        rows = tuple(_judged(row, table) for row in table.to_dict("records"))
    except KeyError as error:
        what = "this table of judged hypotheses lacks a column"
        raise InputError(what, where=str(path), key=str(error.args[0])) from None
    swept = folder / SWEEP
    prior = load_results(swept, verify=False) if (swept / MANIFEST).exists() else None
    of = as_it_is if prior is None else prior
    n_points = 0 if prior is None else len(prior.plan["experiment"]["design"].get("points", ()))
    used = max((row.points for row in rows), default=0)
    on_record = max((row.points_on_record for row in rows), default=0)
    return JudgedHypotheses(
        rows=rows,
        experiment=recorded_experiment(of.plan["experiment"], origin="plan.json"),
        replicates=max((row.n for row in rows), default=0),
        points=max(n_points, used),
        unstable=max(n_points - used, 0),
        on_record=on_record or None,
        runs=_runs_below(folder),
    )


def judged_beside(results: Results) -> JudgedHypotheses | None:
    """Judge the hypotheses of a result from runs that are there; None where some are missing.

    They stand in its folder, where `hypotheses DIR` keeps them.
    """
    points = PointResults(results)
    experiment, folder = points.experiment, runs_folder(results, None)
    if not experiment.hypotheses:
        return None
    has_prior = bool(experiment.points.columns)
    replicates = experiment.replicates
    if has_prior:
        as_it_is = read_plan(folder / AS_IT_IS) if (folder / AS_IT_IS).is_dir() else None
        if as_it_is is None:
            return None
        replicates = as_it_is["experiment"]["replicates"]
    stated = experiment.hypotheses
    for responses in (True, False):
        needed = needed_runs(
            experiment,
            stated,
            stated,
            replicates=replicates,
            prior_replicates=experiment.replicates,
            with_sweep=False,
            responses=responses,
        )
        if are_there(needed, folder):
            try:
                return judge_hypotheses(
                    results, stated, folder, replicates=replicates, responses=responses
                )
            except InputError:
                # Too few replicates to judge by.
                return None
    return None


def _runs_below(folder: Path) -> int:
    """Count the runs of all results in the folder."""
    found = (read_manifest(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}")))
    return sum(int(manifest["runs"]) for manifest in found if manifest is not None)


def _judged(row: Mapping[Any, Any], table: pd.DataFrame) -> JudgedHypothesis:
    """Make a hypothesis with its verdict of a row, as `JudgedHypothesis.row` wrote it."""
    told: dict[str, Any] = {name: _text(row[name]) for name in _TEXTS}
    hypothesis = Hypothesis(
        **told, smallest=float(row["smallest"]), clamp=tuple(_text(row["clamp"]).split())
    )
    names = {field.name for field in fields(JudgedHypothesis)}
    names -= {"hypothesis", "goes_with", "through", "verdict", "unit"}
    numbers: dict[str, Any] = {
        name: int(row[name]) if name in _INTEGERS else float(row[name]) for name in names
    }
    factor = _text(row["goes_with"])
    decided = Deciding(factor, float(row["rank_correlation"]), float(row["share_explained"]))
    through = [str(name) for name in table.columns if str(name).startswith(_THROUGH)]
    return JudgedHypothesis(
        hypothesis=hypothesis,
        verdict=_text(row["verdict"]),
        unit=_text(row["unit"]),
        goes_with=decided if factor else None,
        through={
            name.removeprefix(_THROUGH).replace("_", " "): float(row[name]) for name in through
        },
        **numbers,
    )


def _text(value: object) -> str:
    """Return a text; an empty cell is an empty one."""
    return "" if isinstance(value, float) and math.isnan(value) else str(value)
