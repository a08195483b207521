"""The package from Python: run a scenario, sweep an experiment, load results.

Longer than others because every function of the public interface is documented in full.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from regional_sim.analysis.reproduce import Reproduction, reproduce
from regional_sim.bridges.salib import salib_inputs, salib_outcomes, salib_problem
from regional_sim.errors import InputError, suggestion
from regional_sim.experiment import (
    Experiment,
    PostureLike,
    experiment_from_mapping,
    load_experiment,
    single_point,
)
from regional_sim.experiment.checks import with_numbers
from regional_sim.postures import Policy, import_policies, policy_names, register
from regional_sim.results.load import Results, load_results
from regional_sim.scenario import Scenario, load_scenario, scenario_from_mapping

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from regional_sim.analysis.compared_table import TableLike
    from regional_sim.analysis.result_comparison import ResultComparison
    from regional_sim.answers.discovery.discovery import Discovery
    from regional_sim.answers.discovery.flips import FlipMap
    from regional_sim.answers.hypotheses.judged import JudgedHypotheses
    from regional_sim.answers.posterior.calibration_tables import calibrate_posterior
    from regional_sim.answers.sensitivity.factor_sensitivity import Sensitivity
    from regional_sim.answers.trace.trace import Trace
    from regional_sim.html_report.page import write_report
    from regional_sim.mesa_model import RegionModel
    from regional_sim.runner.options import Progress

__all__ = [
    "Experiment",
    "Policy",
    "RegionModel",
    "Reproduction",
    "Results",
    "Scenario",
    "calibrate_posterior",
    "compare",
    "describe_plan",
    "discover",
    "experiment_from_mapping",
    "flips",
    "hypotheses",
    "import_policies",
    "load_experiment",
    "load_results",
    "load_scenario",
    "merge",
    "plot",
    "policy_names",
    "register",
    "reproduce",
    "run",
    "salib_inputs",
    "salib_outcomes",
    "salib_problem",
    "scenario_from_mapping",
    "sensitivity",
    "sweep",
    "sweep_shard",
    "trace",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import what takes long only if it is asked for: Mesa, a calibration, a page."""
    if name == "calibrate_posterior":
        from regional_sim.answers.posterior.calibration_tables import calibrate_posterior

        return calibrate_posterior
    if name == "write_report":
        from regional_sim.html_report.page import write_report

        return write_report
    if name != "RegionModel":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from regional_sim.mesa_model import RegionModel

    return RegionModel


_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def _names_keywords(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let a function refuse an unknown keyword itself, and name the one that may be meant."""
    parameters = inspect.signature(function).parameters.values()
    own = [one.name for one in parameters if one.kind is not inspect.Parameter.VAR_KEYWORD]

    @wraps(function)
    def checked(*arguments: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result:
        known = [*own, *(_runner_options() if len(own) < len(parameters) else ())]
        for name in keywords:
            if name not in known:
                hint = suggestion(name, known)
                allowed = None if hint else ", ".join(dict.fromkeys(known))
                what = f"{function.__name__} has no such argument"
                raise InputError(what, key=name, allowed=allowed, hint=hint)
        return function(*arguments, **keywords)

    return checked


def _runner_options() -> list[str]:
    """List the options that are handed on to the runner."""
    from regional_sim.runner.options import RunOptions

    options = {field.name for field in fields(RunOptions)} - {"temporary"}
    return sorted(options | {"engine", "tables", "long_format"})


@_names_keywords
def run(
    scenario: Scenario | str | Path,
    *,
    postures: Sequence[PostureLike] | PostureLike = ("traditional",),
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
    **options: Any,
) -> Results:
    """Run one scenario under one or more postures, on common random numbers.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A world, a YAML file, or the name of a shipped scenario.
    postures : sequence, or one posture
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
        Of ``runs``, ``timeseries``, ``states``, ``dyads``, ``events``, ``motives``.
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
    **options
        `long_format`, `resume`, `retry_failed`, `on_error` and `dask`, as in :func:`sweep`.

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
        postures,
        seed=seed,
        replicates=replicates,
        settings=settings,
        clamp=clamp,
    )
    options |= {"engine": engine, "workers": workers, "tables": tables, "progress": progress}
    return sweep(experiment, out=out, force=force, **options)


@_names_keywords
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
    **options: Any,
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
        In place of those of the experiment; a number of replicates also in place of a rule.
    **options
        ``long_format="parquet"`` for long tables in that format; ``resume=True`` to go on with an
        unfinished result in `out`, ``retry_failed=True`` to run its failed runs again,
        ``on_error="continue"`` to leave out runs that fail, and ``dask="tcp://..."`` or
        ``dask="local"`` for workers of a Dask cluster; see
        :class:`regional_sim.runner.options.RunOptions`.

    Returns
    -------
    Results
        Tables as data frames.

    Raises
    ------
    InputError
        When something given cannot be used, or `out` is taken.
    RunFailedError
        When a run fails, unless it is to be left out.
    """
    from regional_sim.runner.runner import execute

    if "shard" in options:
        hint = "use regional_sim.sweep_shard, and merge"
        raise InputError("a shard has no tables to return", key="shard", hint=hint)
    if out is None and (options.get("resume") or options.get("retry_failed")):
        raise InputError("there is nothing to resume without a folder", key="out")
    asked = with_numbers(_experiment(experiment), replicates=replicates, seed=seed)
    names = None if tables is None else _names(tables)
    options |= {"engine": engine, "workers": workers, "tables": names, "progress": progress}
    if out is not None:
        return load_results(execute(asked, out, force=force, **options), verify=False)
    with tempfile.TemporaryDirectory(prefix="regional_sim_") as folder:
        made = execute(asked, folder, temporary=True, force=force, **options)
        return load_results(made, verify=False).detached()


@_names_keywords
def plot(
    folder: Results | str | Path,
    kind: str,
    *,
    metrics: Iterable[str] = (),
    postures: Iterable[str] = (),
    window: str = "whole",
    out: str | Path | None = None,
    force: bool = False,
) -> Figure:
    """Draw a picture from a finished result, or from the folder of another command.

    Parameters
    ----------
    folder : Results, str or Path
        A result, or the folder of ``run``, ``sweep``, ``sensitivity``, ``hypotheses``,
        ``calibrate``, ``skill`` or ``optimise``.
    kind : str
        Such as ``series`` or ``differences``; :data:`regional_sim.figures.kinds.KINDS` has all of
        them.
    metrics : iterable of str
        Metrics, in order; none: those that the experiment names, or that matter most.
    postures : iterable of str
        Labels beside the reference; none: all.
    window : str
        Months that outcomes are taken over.
    out : str or Path, optional
        A file to write too, as PNG, SVG or PDF.
    force : bool
        Whether to replace a file that is there.

    Returns
    -------
    Figure
        Of Matplotlib; a notebook shows it.

    Raises
    ------
    InputError
        When there is no such kind, or it does not suit the folder.
    OutputExistsError
        When the file is there already, without `force`.

    Examples
    --------
    >>> import regional_sim
    >>> figure = regional_sim.plot("results/first", "series")  # doctest: +SKIP
    """
    from regional_sim.figures.finished_folder import FinishedFolder
    from regional_sim.figures.kind import FigureChoice
    from regional_sim.figures.kinds import draw_kind
    from regional_sim.figures.style import check_figure, save_figure

    if out is not None:
        check_figure(Path(out), force=force)
    opened: Path | FinishedFolder
    if isinstance(folder, Results):
        opened = FinishedFolder(folder.folder or Path("this result"), folder)
    else:
        opened = Path(folder)
    figure = draw_kind(opened, kind, FigureChoice(_names(metrics), _names(postures), window))
    if out is not None:
        save_figure(figure, out)
    return figure


@_names_keywords
def sweep_shard(
    experiment: Experiment | str | Path,
    shard: str,
    *,
    out: str | Path,
    replicates: int | None = None,
    seed: int | None = None,
    **options: Any,
) -> Path:
    """Run a part of a designed experiment, to be merged with the others.

    Parameters
    ----------
    experiment : Experiment, str or Path
        As in :func:`sweep`.
    shard : str
        Such as ``2/5``: the second of five parts.
    out : str or Path
        Folder of this part alone; it gets no tables.
    replicates, seed : int, optional
        As in :func:`sweep`.
    **options
        All others of :func:`sweep`; the tables have to be the same for all parts.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When something given cannot be used, or `out` is taken.
    """
    from regional_sim.experiment.tasks import Shard
    from regional_sim.runner.runner import execute

    asked = with_numbers(_experiment(experiment), replicates=replicates, seed=seed)
    if options.get("tables") is not None:
        options["tables"] = _names(options["tables"])
    return execute(asked, out, shard=Shard.parse(shard), **options)


@_names_keywords
def merge(
    folders: Sequence[str | Path],
    out: str | Path,
    *,
    force: bool = False,
    partial: bool = False,
) -> Results:
    """Merge the shards of a sweep into one result.

    Parameters
    ----------
    folders : sequence of str or Path
        Every shard once; or a single folder of an unfinished sweep, with `partial`.
    out : str or Path
        Result folder to make; the others are left as they are.
    force : bool
        Replace a result that `out` holds.
    partial : bool
        Make do with the runs that are there: those of each point up to its first missing replicate.

    Returns
    -------
    Results
        The same tables, byte for byte, as of the sweep in one piece.

    Raises
    ------
    InputError
        When a folder holds no part of the sweep, or runs are missing.
    """
    from regional_sim.runner.shards import merge_folders

    merge_folders(folders, out, force=force, partial=partial)
    return load_results(out, verify=False)


@_names_keywords
def compare(  # noqa: PLR0913 (an argument for each option of the command line)
    a: TableLike,
    b: TableLike,
    *,
    where_a: Mapping[str, object] | None = None,
    where_b: Mapping[str, object] | None = None,
    key: Sequence[str] | str | None = None,
    by: Sequence[str] | str | None = None,
    metrics: Sequence[str] | str = (),
    windows: Sequence[str] | str = (),
    effect: str | None = None,
    paired: bool = True,
    tolerance: float | None = None,
    absolute: float | None = None,
    seed: int = 0,
    resamples: int = 2000,
    verify: bool = True,
) -> ResultComparison:
    """Compare two tables of runs.

    Runs are aligned by the factors that both sides have, the posture, and the master seed and the
    replicate, which give the random numbers.  What is chosen on both sides, and differs, is what
    is compared.

    Parameters
    ----------
    a, b : str, Path, Results or DataFrame
        A result folder, a CSV file, or what was read.  A text may choose rows:
        ``results/demo::posture=new_approach,point=3``.
    where_a, where_b : mapping, optional
        Column, or path of a factor, to the value that rows have; the same in Python.
    key : str or sequence of str, optional
        Columns that tell rows apart; needed for tables that are no tables of runs.
    by : str or sequence of str, optional
        Those of them that make groups, compared one by one; None: all but ``seed`` and
        ``replicate``, or none where neither is a key.
    metrics, windows : str or sequence of str
        What to compare; without any, everything that both sides have.
    effect : str, optional
        ``POSTURE`` or ``POSTURE:REFERENCE``: compare the effect of a posture, its runs less those
        of the reference with the same random numbers, in B with that in A.  The reference is the
        first posture of `a`, unless it is named.
    paired : bool
        Compare in pairs where there are any.
    tolerance : float, optional
        Also compare run by run: the relative difference that is allowed.  Columns that are not
        numbers on both sides are then compared as text, if no metrics or windows are named.
    absolute : float, optional
        Absolute difference that is allowed then.
    seed, resamples : int
        Of the bootstrap intervals; at least 0 and 100.
    verify : bool
        Compare the tables of folders with their digests.

    Returns
    -------
    ResultComparison
        `table` has a row for each group, metric and window.

    Raises
    ------
    InputError
        When a side cannot be read, or the two have nothing in common.

    Examples
    --------
    >>> import pandas as pd, regional_sim
    >>> old = pd.DataFrame({"country": ["x", "y", "z"], "gdp": [1.0, 2.0, 4.0]})
    >>> new = pd.DataFrame({"country": ["z", "y", "x"], "gdp": [5.0, 2.0, 3.0]})
    >>> found = regional_sim.compare(old, new, key="country")
    >>> found.table[["metric", "pairs", "difference"]].values.tolist()
    [['gdp', 3, 1.0]]
    """
    from regional_sim.analysis.agreement import Tolerance
    from regional_sim.analysis.compare import align_sides, choose_outcomes
    from regional_sim.analysis.resampling import check_resampling

    check_resampling(seed, resamples)
    allowed = Tolerance.of(tolerance, absolute)
    sides = align_sides(
        a,
        b,
        where_a=where_a,
        where_b=where_b,
        key=None if key is None else _names(key),
        by=None if by is None else _names(by),
        effect=effect,
        paired=paired,
        verify=verify,
    )
    outcomes = choose_outcomes(sides.outcomes, _names(metrics), _names(windows))
    return sides.compare(
        outcomes,
        seed=seed,
        resamples=resamples,
        tolerance=allowed,
        checked=outcomes,
        with_texts=not metrics and not windows,
    )


@_names_keywords
def trace(
    given: Results | Scenario | str | Path,
    *,
    replicate: int = 0,
    posture: PostureLike | None = None,
    point: int = 0,
    months: tuple[int, int] | int | str | None = None,
    state: str | None = None,
    pair: str | None = None,
    seed: int | None = None,
    settings: Sequence[str] | Mapping[str, object] = (),
) -> Trace:
    """Follow one run: who did what to whom, what weighed in it, and what followed.

    Parameters
    ----------
    given : Results, Scenario, str or Path
        A finished result or its folder, whose run is made again with the same bits; or a world,
        a YAML file, or the name of a shipped scenario, for a new run.
    replicate : int
        Number of the replicate, at least 0.
    posture : optional
        Label of a posture of the result, or for a new run a posture as in :func:`run`; None: the
        first of the result, or ``traditional``.
    point : int
        Number of the point of a sweep.
    months : int, str or tuple of int, optional
        A month of the run, from 1, or the first and the last one, also as ``"20..30"``; None: all.
    state, pair : str, optional
        Code of a state, or of two such as ``CHN-TWN``: what they do and what is done to them.
    seed, settings : optional
        Of a new run, as in :func:`run`.

    Returns
    -------
    Trace
        Data frames: `log`, `decisions` (payoffs with their terms, believed and true chances,
        shocks) and `responses` (choices, levels, motives), of what was asked about;
        ``table("dyads")`` and the like as in a result folder; `check` says whether the run came out
        as its row in the table of runs.

    Raises
    ------
    InputError
        When there is no such run, month or state, or the result cannot be run again.

    Examples
    --------
    >>> import regional_sim
    >>> found = regional_sim.trace("two_states", settings={"horizon.months_after": 12})
    >>> found.table("dyads").shape[0] == found.run.scenario.n_months
    True
    >>> found.about(months=3).decisions[["state", "toward", "rung"]].values.tolist()
    [['AAA', 'BBB', 0], ['BBB', 'AAA', 0]]
    """
    from regional_sim.answers.trace.trace import traced

    return traced(
        given,
        replicate=replicate,
        posture=posture,
        point=point,
        seed=seed,
        settings=settings,
        months=months,
        state=state,
        pair=pair,
    )


@_names_keywords
def hypotheses(
    given: Results | Experiment | str | Path,
    *,
    claims: Experiment | str | Path | None = None,
    only: Sequence[str] | str = (),
    runs: str | Path | None = None,
    replicates: int = 1000,
    responses: bool = True,
    base_rates: str | None = None,
    workers: int = 1,
    force: bool = False,
    progress: Progress | None = None,
) -> JudgedHypotheses:
    """Judge the hypotheses of an experiment, and run what that needs.

    Parameters
    ----------
    given : Results, Experiment, str or Path
        A finished result or its folder; or an experiment, a YAML file, or the name of a shipped
        one, which is run first.
    claims : Experiment, str or Path, optional
        The experiment that states the hypotheses; None: the one given.
    only : str or sequence of str
        Ids of those to judge; without any, all.
    runs : str or Path, optional
        Folder of the runs that are made, each kind in a folder of its own, and used again the next
        time; None: ``hypotheses`` within the folder of a result.
    replicates : int
        Runs of each posture in the world as it is; a result without a design keeps its own.
    responses : bool
        Tell also through whose responses effects run, from runs with each of them held.
    base_rates : str, optional
        A world such as ``world_2010``, in which points of the prior are held against the disputes
        of 1990 to 2010; None: they are not.
    workers : int
        Threads; no number depends on it.
    force : bool
        Replace other results that stand where runs are to be kept.
    progress : callable, optional
        Told the runs that are done, and all runs.

    Returns
    -------
    JudgedHypotheses
        `table` has a row of each hypothesis: verdict, effect with interval, p value before and
        after Holm's correction, share of the prior in which it holds, what decides it.

    Raises
    ------
    InputError
        When there are no hypotheses, one speaks of what is not there, replicates are too few, or
        no folder is named.

    Examples
    --------
    >>> import regional_sim
    >>> found = regional_sim.hypotheses(  # doctest: +SKIP
    ...     "article_claims", runs="results/claims", workers=2
    ... )
    >>> found.table[["id", "verdict", "holds"]]  # doctest: +SKIP
    """
    from regional_sim.answers.hypotheses.hypotheses import judge_hypotheses
    from regional_sim.answers.hypotheses.hypothesis_sources import (
        runs_folder,
        source_of,
        stated_hypotheses,
    )

    source = source_of(given)
    folder = runs_folder(source, runs, key="runs")
    return judge_hypotheses(
        source,
        stated_hypotheses(source, claims),
        folder,
        only=_names(only),
        replicates=replicates,
        responses=responses,
        base_rates=base_rates,
        workers=workers,
        force=force or (isinstance(source, Results) and runs is None),
        progress=progress,
    )


@_names_keywords
def sensitivity(  # noqa: PLR0913 (an argument for each option of the command line)
    given: Results | Experiment | str | Path,
    *,
    metrics: Sequence[str] | str = (),
    window: str = "whole",
    postures: Sequence[str] | str = (),
    level: bool = False,
    factors: Sequence[str] | str = (),
    method: str | None = None,
    keep_unstable: bool = False,
    resamples: int = 1000,
    seed: int = 1,
    out: str | Path | None = None,
    trajectories: int = 10,
    n: int = 128,
    most: int = 8,
    runs: int | None = None,
    replicates: int | None = None,
    workers: int = 1,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Sensitivity:
    """Tell which factors decide an outcome, of a finished sweep or by running an experiment.

    Parameters
    ----------
    given : Results, Experiment, str or Path
        A finished sweep or its folder; or an experiment, its file, or a shipped name, which is run
        in two stages: a Morris screening, then Sobol indices of the factors that matter.
    metrics : str or sequence of str
        Metrics, as differences to the first posture where there is one; without any, the
        outcomes of the experiment.
    window : str
        Months.
    postures : str or sequence of str
        Labels; without any, the second posture, or the only one.
    level : bool
        Ask for the postures' own levels instead of differences.
    factors : str or sequence of str
        Of a result, the factors to tell of.  Of an experiment, groups or paths to vary over their
        documented ranges in place of its own factors.
    method : str, optional
        Of a result: ``morris``, ``sobol`` or ``main_effects``; None: what its design carries.
    keep_unstable : bool
        Use points whose start is unstable, too.
    resamples, seed : int
        Of the bootstrap, and the seed of new designs.
    out : str or Path, optional
        Of an experiment: folder of the two sweeps; None: they are not kept.
    trajectories, n, most, runs, replicates : int, optional
        Of an experiment: trajectories of the first stage; blocks of the second, a power of two, and
        its factors at most; or about so many runs in all; runs of each posture at each point.
    workers, resume, force, progress
        Of an experiment: as in :func:`sweep`.

    Returns
    -------
    Sensitivity
        `table` has a row for each outcome, factor and measure.  Of an experiment it is the
        second stage, with the first as its `screen`, or the first where no factor matters.

    Raises
    ------
    InputError
        When something given cannot be used, the design of a result does not carry the method, or
        too few points are left.

    Examples
    --------
    >>> import regional_sim
    >>> found = regional_sim.sensitivity("results/sample", metrics="tension")  # doctest: +SKIP
    >>> found.table[["factor", "measure", "value", "meaning"]].head()  # doctest: +SKIP
    """
    from regional_sim.answers.sensitivity.screening import Screening, ScreeningOptions, two_stages
    from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest, sensitivity_of
    from regional_sim.runner.runner import execute

    is_folder = isinstance(given, str | Path) and Path(given).is_dir()
    result = given if isinstance(given, Results) else load_results(given) if is_folder else None  # type: ignore[arg-type]
    request = SensitivityRequest(
        metrics=_names(metrics),
        window=window,
        postures=_names(postures),
        level=level,
        factors=_names(factors) if result is not None else (),
        method=method,
        keep_unstable=keep_unstable,
        resamples=resamples,
        seed=seed,
    )
    if result is not None:
        return sensitivity_of(result, request, progress)
    if method is not None:
        what = "this is for a result; an experiment is run, and chooses by itself"
        raise InputError(what, key="method", value=method)
    budget = ScreeningOptions(trajectories, n, most, replicates, runs, _names(factors), seed)
    screening = Screening.of(_experiment(given), budget, request.postures)  # type: ignore[arg-type]
    screening.refuse_unknown(request.metrics, window)
    how: dict[str, Any] = {
        "workers": workers,
        "resume": resume,
        "force": force,
        "progress": progress,
    }
    with _kept_or_temporary(out) as folder:
        *_, (_, found) = two_stages(
            screening,
            folder,
            lambda experiment, stage: execute(experiment, stage, **how),
            lambda results: sensitivity_of(results, request),
        )
    return found


@contextmanager
def _kept_or_temporary(out: str | Path | None) -> Iterator[Path]:
    """Return a folder that is asked for, or one that goes when this is over."""
    if out is not None:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="regional_sim_") as folder:
        yield Path(folder)


@_names_keywords
def discover(
    given: Results | str | Path,
    where: Sequence[str] | str,
    *,
    window: str = "whole",
    posture: str | None = None,
    method: str = "tree",
    keep_unstable: bool = False,
    seed: int = 1,
    progress: Progress | None = None,
) -> Discovery:
    """Find where in the space of its factors a condition holds.

    Parameters
    ----------
    given : Results, str or Path
        A finished sweep, or its folder.
    where : str or sequence of str
        Conditions such as ``tension.difference < 0``; all must hold.
    window : str
        Months of the outcomes.
    posture : str, optional
        Label; without one, the second posture, or the only one.
    method : str
        ``tree`` or ``prim``, which needs the extra ``discovery``.
    keep_unstable : bool
        Use points whose start is unstable, too.
    seed : int
        Of all that is drawn by chance.
    progress : callable, optional
        Called with the steps that are done, and all of them.

    Returns
    -------
    Discovery
        ``boxes.boxes`` have ``in_words``, ``density`` and ``coverage``; ``scores.of_factors`` are
        the factors, those that matter most first.

    Raises
    ------
    InputError
        When a condition cannot be read, the result lacks what it names, or has too few points.
    """
    from regional_sim.answers.discovery.discovery import DiscoveryRequest, discovered
    from regional_sim.answers.outcomes import PointResults

    request = DiscoveryRequest(_names(where), window, posture, method, keep_unstable, seed)
    results = given if isinstance(given, Results) else load_results(given)
    return discovered(PointResults(results), request, progress)


@_names_keywords
def flips(
    given: Results | str | Path,
    *,
    outcome: str | None = None,
    x: str | None = None,
    y: str | None = None,
    window: str = "whole",
    postures: Sequence[str] | str = (),
    keep_unstable: bool = False,
    seed: int = 1,
    progress: Progress | None = None,
) -> FlipMap:
    """Map where the effect of a posture changes its sign over two factors.

    Parameters
    ----------
    given : Results, str or Path
        A finished sweep, or its folder.
    outcome : str, optional
        Such as ``tension.difference``; without one, that of the experiment's first outcome.
    x, y : str, optional
        Factors of the map; the flip is looked for along `x`.  Those that are not named are what
        matters most.
    window : str
        Months of the outcome.
    postures : str or sequence of str
        Labels; without any, all but the first.
    keep_unstable : bool
        Use points whose start is unstable, too.
    seed : int
        Of all that is drawn by chance.
    progress : callable, optional
        Called with the steps that are done, and all of them.

    Returns
    -------
    FlipMap
        For each of ``postures`` its ``surface``, and ``rows`` with the flips at each level of `y`.

    Raises
    ------
    InputError
        When the result lacks what is asked for, or has too few factors or points.
    """
    from regional_sim.answers.discovery.flips import FlipsRequest, flip_map
    from regional_sim.answers.outcomes import PointResults

    request = FlipsRequest(outcome, x, y, window, _names(postures), keep_unstable, seed)
    results = given if isinstance(given, Results) else load_results(given)
    return flip_map(PointResults(results), request, progress)


@_names_keywords
def describe_plan(
    experiment: Experiment | str | Path,
    *,
    engine: str = "ensemble",
    workers: int = 1,
    tables: Iterable[str] | None = None,
    long_format: str = "csv",
    pilot: bool = False,
) -> dict[str, Any]:
    """Say what a sweep would do, and about what it would take.

    Parameters
    ----------
    experiment, engine, workers, tables
        As in :func:`sweep`.
    long_format : str
        ``csv`` or ``parquet``: of the long tables.
    pilot : bool
        Run some replicates of the first points to measure the time of a run.

    Returns
    -------
    dict
        ``title, scenario, states, months_before, months_after, points, factors`` (levels by
        path), ``design`` (in words; empty where points are a grid or listed), ``priors`` (in
        words, by path; those of lists of levels name the levels), ``postures, replicates,
        stopping`` (None where replicates are fixed), ``runs, seed, engine, workers, tables,
        metrics, windows, task_replicates, estimated_seconds`` (None without a pilot),
        ``estimated_memory_bytes, estimated_disk_bytes``.

    Raises
    ------
    InputError
        When something given cannot be used.
    """
    from regional_sim.runner.estimate import description, estimated, planned
    from regional_sim.runner.options import RunOptions

    options = RunOptions(workers=workers)
    names = None if tables is None else _names(tables)
    plan = planned(_experiment(experiment), engine, names, long_format)
    return description(plan, estimated(plan, options.workers, pilot=pilot))


def _experiment(given: Experiment | str | Path) -> Experiment:
    return given if isinstance(given, Experiment) else load_experiment(given)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
