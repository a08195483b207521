"""What SALib asks for: the problem, the inputs and the outcomes of an experiment.

SALib's analyses take the points in the order in which its samplers gave them, which is the order
of the design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment
from regional_sim.experiment.designs import Mixed
from regional_sim.experiment.levels import Level, levels_as_numbers
from regional_sim.experiment.load import recorded_experiment
from regional_sim.experiment.points import Factor
from regional_sim.experiment.priors import Choice, Prior
from regional_sim.experiment.sampling import Morris, Saltelli, Sampled

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.results.load import Results


def salib_problem(given: Experiment | Results) -> dict[str, Any]:
    """Write the factors of an experiment as a problem of SALib.

    Parameters
    ----------
    given : Experiment or Results
        An experiment with a design, or what a sweep of it gave.

    Returns
    -------
    dict
        ``num_vars``; ``names``, the columns of the factors in ``runs.csv``; ``bounds`` and
        ``dists`` of the priors, in SALib's terms.  Whole numbers and choices are written as
        uniform between the least and the greatest, and so are the levels of factors without a
        prior.  A factor whose levels are not all numbers stands for the place of its level in
        the list of them, from 0.

    Raises
    ------
    InputError
        When there are no factors, a factor has one level, or the points are a Morris or Saltelli
        sample crossed with another design, which no analysis can take as a whole.

    Notes
    -----
    The elementary effects of ``SALib.analyze.morris.analyze`` are changes of the outcome over the
    whole prior: SALib divides by the step in the unit cube, and reads from the inputs only which
    factor moved, and whether it rose.  Give it the ``levels`` of the design as ``num_levels``, and
    ``SALib.analyze.sobol.analyze`` its ``second_order`` as ``calc_second_order``.  Give both a
    ``seed`` of at least 1: with 0 or none, the latter draws from NumPy's global state.

    Examples
    --------
    >>> from regional_sim import load_experiment
    >>> salib_problem(load_experiment("instrument_grid"))["names"]
    ['posture_military', 'posture_economic', 'posture_diplomatic']
    >>> from SALib.analyze import sobol  # doctest: +SKIP
    >>> tension = salib_outcomes(results, "tension", posture="new_approach")  # doctest: +SKIP
    >>> sobol.analyze(salib_problem(results), tension, seed=1)  # doctest: +SKIP
    """
    experiment = _experiment(given)
    priors = _priors(experiment)
    described = [_described(f, priors.get(f.path)) for f in _factors(experiment)]
    return {
        "num_vars": len(described),
        "names": [name for name, _, _ in described],
        "bounds": [bounds for _, _, bounds in described],
        "dists": [distribution for _, distribution, _ in described],
    }


def salib_inputs(given: Experiment | Results) -> npt.NDArray[np.float64]:
    """Return the points of an experiment as numbers.

    Parameters
    ----------
    given : Experiment or Results
        As in :func:`salib_problem`.

    Returns
    -------
    ndarray
        Shape (point, factor), in the order of the design and of the problem's names; levels as in
        ``runs.csv``, or their places where they are not all numbers.

    Raises
    ------
    InputError
        As in :func:`salib_problem`.
    """
    experiment = _experiment(given)
    priors = _priors(experiment)
    columns = [_numbers(factor, priors.get(factor.path)) for factor in _factors(experiment)]
    return np.array(columns, dtype=float).T


def salib_outcomes(
    results: Results, metric: str, window: str = WHOLE_WINDOW, *, posture: str | None = None
) -> npt.NDArray[np.float64]:
    """Return an outcome at each point: the mean over replicates.

    Parameters
    ----------
    results : Results
        What a sweep gave.
    metric, window : str
        Which outcome.
    posture : str, optional
        Label of the posture; may be left out where there is one.

    Returns
    -------
    ndarray
        Shape (point,), in the order of the design.

    Raises
    ------
    InputError
        When there is no such metric, window or posture, there are several postures and none is
        named, or the metric has no value at some point.
    """
    summary = results.summary
    labels = [str(entry["label"]) for entry in results.plan["experiment"]["postures"]]
    if posture is None and len(labels) > 1:
        raise InputError("name one of the postures", key="posture", allowed=", ".join(labels))
    wanted = {"metric": metric, "window": window, "posture": posture or labels[0]}
    for column, value in wanted.items():
        summary = _where(summary, column, value)
    n_points = len(_experiment(results).points)
    means = summary.set_index("point")["mean"].reindex(range(n_points)).to_numpy(dtype=float)
    if np.isnan(means).any():
        first = int(np.flatnonzero(np.isnan(means))[0])
        what = f"has no value at {np.isnan(means).sum()} of {n_points} points"
        raise InputError(what, key=f"{metric}, {window}", hint=f"the first one is point {first}")
    return means


def _where(table: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Pick rows, or say that there are none."""
    chosen = table[table[column] == value]
    if chosen.empty:
        raise UnknownNameError(column, value, table[column].unique())
    return chosen


def _experiment(given: Experiment | Results) -> Experiment:
    if isinstance(given, Experiment):
        return given
    return recorded_experiment(given.plan["experiment"], origin="plan.json")


def _factors(experiment: Experiment) -> list[Factor]:
    """Return the factors with their levels; there must be some, and all must vary."""
    if not experiment.factors:
        raise InputError("an experiment without a design has nothing to analyse", key="design")
    columns = experiment.points.columns
    factors = [Factor(path, column) for path, column in columns.items()]
    for factor in factors:
        if len(factor.levels.distinct) == 1:
            what = "has the same level at every point, so nothing can be said of it"
            raise InputError(what, key=f"design: {factor.path}", value=factor.levels[0])
    return factors


def _priors(experiment: Experiment) -> Mapping[str, Prior]:
    """Return the priors by path, as far as there are any."""
    design = experiment.made_by()
    parts = design.parts if isinstance(design, Mixed) else [design]
    if len(parts) > 1 and any(isinstance(part, Morris | Saltelli) for part in parts):
        raise InputError(
            "a morris or saltelli design crossed with another one cannot be analysed as a whole",
            key="design",
            hint="run it alone, with the postures that you compare",
        )
    sampled = [part for part in parts if isinstance(part, Sampled)]
    return {path: prior for part in sampled for path, prior in part.priors.items()}


def _numbers(factor: Factor, prior: Prior | None) -> list[float]:
    """Return the level at each point as a number."""
    known: Sequence[Level] = factor.levels.distinct
    if isinstance(prior, Choice):
        known = prior.choices
    return levels_as_numbers(factor.levels, known)


def _described(factor: Factor, prior: Prior | None) -> tuple[str, str, list[float]]:
    """Give the column of a factor, its distribution and bounds."""
    if prior is None:
        numbers = _numbers(factor, None)
        return factor.column, "unif", [min(numbers), max(numbers)]
    return factor.column, *prior.salib()
