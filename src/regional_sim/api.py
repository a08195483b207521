"""The package from Python: run a scenario, sweep an experiment, load results."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regional_sim.analysis.results import Results, load_results
from regional_sim.analysis.salib_problem import salib_inputs, salib_outcomes, salib_problem
from regional_sim.experiment import (
    Experiment,
    PostureLike,
    experiment_from_mapping,
    load_experiment,
    single_point,
)
from regional_sim.experiment.checks import check
from regional_sim.postures import Policy, policy_names, register
from regional_sim.scenario import Scenario, load_scenario, scenario_from_mapping
from regional_sim.scenario.settings import parse_setting

if TYPE_CHECKING:
    from regional_sim.experiment.runner import Progress

__all__ = [
    "Experiment",
    "Policy",
    "Results",
    "Scenario",
    "describe_plan",
    "experiment_from_mapping",
    "load_experiment",
    "load_results",
    "load_scenario",
    "policy_names",
    "register",
    "run",
    "salib_inputs",
    "salib_outcomes",
    "salib_problem",
    "scenario_from_mapping",
    "sweep",
]


def run(
    scenario: Scenario | str | Path,
    *,
    postures: Sequence[PostureLike] = ("traditional",),
    replicates: int = 1,
    seed: int = 0,
    engine: str = "ensemble",
    workers: int = 1,
    tables: Iterable[str] = ("runs",),
    settings: Sequence[str] | Mapping[str, object] = (),
    clamp: Sequence[str] = (),
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Results:
    """Run one scenario under one or more postures, on the same luck.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A world, a YAML file, or the name of a shipped scenario.
    postures : sequence
        Names, texts such as ``levels:joint_patrols=0.8,label=patrols``, mappings as in an
        experiment file, or policies.  The first one is the reference of contrasts.
    replicates : int
        Runs of each posture, at least 1.
    seed : int
        Master seed, at least 0.
    engine : str
        ``ensemble`` or ``mesa``; both give the same numbers.
    workers : int
        Threads (ensemble) or processes (mesa); no number depends on it.  With processes, a script
        needs ``if __name__ == "__main__":``.
    tables : iterable of str
        Of ``runs``, ``timeseries``, ``states``, ``dyads``, ``events``.
    settings : sequence of str, or mapping
        ``key.path=value`` texts, or dotted path to value, laid over the scenario in order.
    clamp : sequence of str
        Codes of states held on the path they take under ``traditional``.
    out : str or Path, optional
        Result folder; None: results are kept in memory only.
    force : bool
        Replace a result that `out` holds.
    progress : callable, optional
        Told the runs that are done and all runs.

    Returns
    -------
    Results
        Tables as data frames.

    Raises
    ------
    InputError
        When something given cannot be used, or `out` is taken.

    Examples
    --------
    >>> import regional_sim
    >>> results = regional_sim.run(  # doctest: +SKIP
    ...     "baseline", postures=["traditional", "new_approach"], replicates=200, seed=7
    ... )
    >>> results.contrasts.query("window == 'whole'")  # doctest: +SKIP
    """
    world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    experiment = single_point(
        world,
        [postures] if isinstance(postures, str) else postures,
        seed=seed,
        replicates=replicates,
        settings=_settings(settings),
        clamp=clamp,
    )
    return _executed(
        experiment,
        out,
        engine=engine,
        workers=workers,
        tables=_names(tables),
        force=force,
        progress=progress,
    )


def sweep(
    experiment: Experiment | str | Path,
    *,
    engine: str = "ensemble",
    workers: int = 1,
    tables: Iterable[str] | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Results:
    """Run a designed experiment.

    Parameters
    ----------
    experiment : Experiment, str or Path
        An experiment, a YAML file, or the name of a shipped experiment.
    engine, workers, out, force, progress
        As in :func:`run`.
    tables : iterable of str, optional
        As in :func:`run`; None: those that the experiment names.
    replicates, seed : int, optional
        In place of those of the experiment.

    Returns
    -------
    Results
        Tables as data frames.

    Raises
    ------
    InputError
        When something given cannot be used, or `out` is taken.
    """
    asked = _experiment(experiment)
    changes = {"replicates": replicates, "seed": seed}
    given = {name: value for name, value in changes.items() if value is not None}
    if given:
        asked = check(dataclasses.replace(asked, **given))  # type: ignore[arg-type]
    return _executed(
        asked,
        out,
        engine=engine,
        workers=workers,
        tables=None if tables is None else _names(tables),
        force=force,
        progress=progress,
    )


def describe_plan(experiment: Experiment | str | Path, **options: Any) -> dict[str, Any]:
    """Say what a sweep would do, and about what it would take.

    Parameters
    ----------
    experiment : Experiment, str or Path
        As in :func:`sweep`.
    **options
        As in :func:`regional_sim.experiment.estimate.describe_plan`: `engine`, `workers`,
        `tables`, `pilot`.

    Returns
    -------
    dict
        Points, postures, replicates, runs, months, and estimates of time, memory and disk.
    """
    from regional_sim.experiment import estimate

    return estimate.describe_plan(_experiment(experiment), **options)


def _executed(experiment: Experiment, out: str | Path | None, **options: Any) -> Results:
    """Run an experiment into a folder, or into one that is gone when the tables are read."""
    from regional_sim.experiment.runner import RunInterruptedError, execute

    if out is not None:
        return load_results(execute(experiment, out, **options), verify=False)
    with tempfile.TemporaryDirectory(prefix="regional_sim_") as folder:
        try:
            return load_results(execute(experiment, folder, **options), verify=False).detached()
        except RunInterruptedError:
            raise RunInterruptedError("interrupted; nothing is kept without out") from None


def _experiment(given: Experiment | str | Path) -> Experiment:
    return given if isinstance(given, Experiment) else load_experiment(given)


def _settings(given: Sequence[str] | Mapping[str, object]) -> dict[str, object]:
    """Read settings that are written ``key.path=value``; of two on one path the later wins."""
    if isinstance(given, Mapping):
        return dict(given)
    texts = [given] if isinstance(given, str) else given
    parsed = [parse_setting(text) for text in texts]
    return {setting.path: setting.value for setting in parsed}


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
