"""Hypotheses with their verdicts, read again from the folder of ``regional-sim hypotheses``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_args

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
from regional_sim.answers.hypotheses.verdicts import VERDICTS
from regional_sim.answers.outcomes import PointResults
from regional_sim.errors import InputError, UnknownNameError, os_reason
from regional_sim.experiment.hypotheses import Expected, Hypothesis
from regional_sim.experiment.load import recorded_experiment
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.results.folder import MANIFEST, read_manifest, read_plan
from regional_sim.results.load import Results, load_results

JUDGED_FILE: Final = "hypotheses.csv"
"""What `hypotheses EXPERIMENT` writes into its folder."""

_THROUGH: Final = "through_"
_TEXTS: Final = ("id", "claim", "metric", "window", "posture", "reference", "expects", "opposing")
_NAMES: Final[Mapping[str, Iterable[str]]] = {
    "metric": Metric.__members__,
    "expects": get_args(Expected),
    "verdict": VERDICTS,
}
"""Columns that hold one of some words."""
_DECIDING: Final = ("rank_correlation", "share_explained")
_INTEGERS: Final = frozenset({"n", "points", "points_on_record"})


def read_judged(folder: Path, as_it_is: Results) -> JudgedHypotheses:
    """Read what was found about claims, beside the runs that it was found from.

    Raises
    ------
    InputError
        When the table cannot be read, lacks a column, or holds what its column does not.
    """
    import pandas as pd

    path = folder / JUDGED_FILE
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=str(path)) from None
    except ValueError:
        raise InputError("this is no table of judged hypotheses", where=str(path)) from None
    columns = [str(name) for name in table.columns]
    try:
        rows = tuple(_judged(row, columns, str(path)) for row in table.to_dict("records"))
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


def _judged(row: Mapping[Any, Any], columns: Sequence[str], where: str) -> JudgedHypothesis:
    """Make a hypothesis with its verdict of a row, as `JudgedHypothesis.row` wrote it."""
    for name, known in _NAMES.items():
        if (given := _text(row[name])) not in known:
            raise UnknownNameError(name, given, known, key=name, where=where)
    told: dict[str, Any] = {name: _text(row[name]) for name in _TEXTS}
    hypothesis = Hypothesis(
        **told, smallest=_number(row, "smallest", where), clamp=tuple(_text(row["clamp"]).split())
    )
    names = {field.name for field in fields(JudgedHypothesis)}
    names -= {"hypothesis", "goes_with", "through", "verdict", "unit"}
    factor = _text(row["goes_with"])
    decided = Deciding(factor, *(_number(row, name, where) for name in _DECIDING))
    return JudgedHypothesis(
        hypothesis=hypothesis,
        verdict=_text(row["verdict"]),
        unit=_text(row["unit"]),
        goes_with=decided if factor else None,
        through={
            name.removeprefix(_THROUGH).replace("_", " "): _number(row, name, where)
            for name in columns
            if name.startswith(_THROUGH)
        },
        **{name: _number(row, name, where) for name in names},
    )


def _number(row: Mapping[Any, Any], name: str, where: str) -> Any:
    """Return a number of a row; counts are whole, and always there."""
    is_count = name in _INTEGERS
    try:
        number = float(row[name])
        return int(number) if is_count else number
    except ValueError:
        what = "must be a whole number" if is_count else "must be a number"
        raise InputError(what, where=where, key=name, value=_text(row[name])) from None


def _text(value: object) -> str:
    """Return a text; an empty cell is an empty one."""
    return "" if isinstance(value, float) and math.isnan(value) else str(value)
