"""A model for EMA Workbench, driven by the ensemble engine; needs the extra ``discovery``.

An EMA experiment is one world under one posture.  Its replicates are run together, on the same
random numbers for every experiment, so that policies and scenarios are compared replicate by
replicate.  No result folder is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from ema_workbench.em_framework.model import SingleReplication
from ema_workbench.em_framework.parameters import CategoricalParameter, Parameter, RealParameter
from ema_workbench.em_framework.samplers import AbstractSampler

from regional_sim.engine.job import BatchJob, BatchResult, defined_metrics, window_bounds
from regional_sim.engine.precompile import compile_all
from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.experiment import (
    Experiment,
    Point,
    Posture,
    PostureLike,
    load_experiment,
    single_point,
)
from regional_sim.experiment.engines import run_job
from regional_sim.experiment.points import Factor
from regional_sim.experiment.posture import field_fault
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import summarise
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.scenario.values import plain_data

_POSTURE: Final = "posture"
"""Name of the lever that chooses among postures."""

_BY_REPLICATE: Final = "_by_replicate"
"""Ending of the names of outcomes that keep replicates apart."""


@dataclass(frozen=True)
class _Variable:
    """What an outcome of EMA Workbench can take.

    Attributes
    ----------
    metric : Metric
        The metric.
    window : int or None
        Row of the window; None: by month.
    apart : bool
        Whether replicates are kept apart; otherwise it is their mean.
    """

    metric: Metric
    window: int | None
    apart: bool

    def value(self, result: BatchResult) -> float | Floats:
        """Return a number or an array of shape (replicate,), (month,) or (replicate, month).

        Means leave out replicates that do not have the metric, as the table of summaries does.
        """
        if self.window is None:
            if result.timeseries is None:
                raise ValueError("an outcome by month needs the series 'timeseries'")
            months: Floats = result.timeseries[:, self.metric]
            return months.T.copy() if self.apart else summarise(months)["mean"]
        replicates: Floats = result.windows[self.window, self.metric]
        return replicates.copy() if self.apart else float(summarise(replicates[None])["mean"][0])


def _variables(scenario: Scenario) -> dict[str, _Variable]:
    """Name what outcomes can take: metrics by window as columns of our tables, and by month."""
    windows = list(enumerate(window_bounds(scenario)))
    named: dict[str, tuple[Metric, int | None]] = {}
    for metric in defined_metrics(scenario):
        named |= {f"{metric.name}_{window}": (metric, row) for row, window in windows}
        named.setdefault(metric.name, (metric, None))
    return {
        name + ending: _Variable(*of, apart=bool(ending))
        for name, of in named.items()
        for ending in ("", _BY_REPLICATE)
    }


class RegionalSimModel(SingleReplication):
    """A region as a model of EMA Workbench.

    ``variable_name`` of an uncertainty, lever or constant is a dotted path of the scenario, such
    as ``parameters.theta_challenger``, or ``posture.`` and a field of a policy, as in the factors
    of an experiment file.  Where there are several postures, the lever ``posture`` is there from
    the start and takes their labels.

    ``variable_name`` of an outcome is one of `outcome_names`.

    Parameters
    ----------
    name : str
        Letters and digits, as EMA Workbench wants it.
    experiment : Experiment, str or Path
        An experiment, a YAML file, or the name of a shipped experiment: its world, postures,
        seed, replicates and clamped states.  Its design is not used: EMA Workbench has its own.

    Attributes
    ----------
    experiment : Experiment
        As given.

    Raises
    ------
    InputError
        When the experiment cannot be used.
    """

    def __init__(self, name: str, experiment: Experiment | str | Path) -> None:
        super().__init__(name)
        self.experiment = (
            experiment if isinstance(experiment, Experiment) else load_experiment(experiment)
        )
        self._postures = {posture.label: posture for posture in self.experiment.postures}
        if len(self._postures) > 1:
            labels = list(self._postures)
            self.levers = [CategoricalParameter(_POSTURE, labels, default=labels[0])]
        # By several processes at once, and not by each worker for itself.
        compile_all()

    @classmethod
    def of_scenario(
        cls,
        name: str,
        scenario: Scenario | str | Path,
        *,
        postures: Sequence[PostureLike] | PostureLike = ("traditional",),
        replicates: int = 1,
        seed: int = 0,
        settings: Mapping[str, object] | None = None,
        clamp: Sequence[str] = (),
    ) -> Self:
        """Make a model of a scenario.

        Parameters
        ----------
        name : str
            Letters and digits.
        scenario, postures, replicates, seed, settings, clamp
            As in :func:`regional_sim.run`; `settings` as a mapping.

        Returns
        -------
        RegionalSimModel
            With the lever ``posture`` where there are several postures.

        Raises
        ------
        InputError
            With every fault found.
        """
        world = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        return cls(
            name,
            single_point(
                world, postures, seed=seed, replicates=replicates, settings=settings, clamp=clamp
            ),
        )

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Variables that outcomes can take.

        ``tension_whole`` and the like, the columns of the table of runs, are means over replicates
        (for a ``ScalarOutcome``); ``tension`` and the like are means by month (for a
        ``TimeSeriesOutcome``).  With ``_by_replicate`` after it, a name gives all replicates, of
        shape (replicates,) or (replicates, months) (for an ``ArrayOutcome``, or for an outcome
        with a function of them).
        """
        return tuple(_variables(self.experiment.scenario))

    def initialized(self, policy: Mapping[str, object]) -> bool:  # noqa: ARG002 (EMA's form)
        """Tell that each policy is to be taken as it is, whatever policy of its name came before.

        EMA Workbench would go on with the levers of the first policy of a name.
        """
        return False

    def model_init(self, policy: Mapping[str, object]) -> None:
        """Take a policy; its levers are inputs, never attributes of this object."""
        self.policy = policy

    def run_experiment(self, experiment: Mapping[str, object]) -> dict[str, float | Floats]:
        """Run all replicates of an EMA experiment.

        Parameters
        ----------
        experiment : mapping
            Variable name to value.

        Returns
        -------
        dict
            Value of each variable that an outcome takes.

        Raises
        ------
        InputError
            When an input or an outcome cannot be used.  EMA Workbench hands it on as its
            ``EMAError``, with the same text.
        """
        asked = self.experiment
        inputs: dict[str, Any] = {name: plain_data(value) for name, value in experiment.items()}
        posture = self._posture(inputs.pop(_POSTURE, asked.labels[0]))
        point = Point(0, inputs)
        # Not `scenario_at`, which keeps worlds: a sampled one never comes again.
        scenario = asked.scenario.with_settings(point.of_scenario())
        known = _variables(scenario)
        wanted = [name for outcome in self.outcomes for name in outcome.variable_name]
        for name in wanted:
            if name not in known:
                raise UnknownNameError("outcome", name, known, key="outcomes")
        by_month = any(known[name].window is None for name in wanted)
        job = BatchJob.of(
            scenario,
            [posture.with_settings(self._fields(point)).policy],
            asked.seed,
            n_replicates=asked.replicates,
            series=frozenset({"timeseries"} if by_month else ()),
            clamp=asked.clamp,
        )
        [[result]] = run_job("ensemble", job)
        return {name: known[name].value(result) for name in wanted}

    def _posture(self, label: object) -> Posture:
        if label not in self._postures:
            raise UnknownNameError("posture", label, self._postures, key=_POSTURE)
        return self._postures[str(label)]

    def _fields(self, point: Point) -> dict[str, Any]:
        """Return what is set in policies; a posture without a field leaves it out."""
        given = point.of_postures()
        for name in given:
            fault = field_fault(name, self._postures.values())
            if fault is not None:
                raise InputError.of([fault])
        return given


def real_parameter(
    path: str, low: float | None = None, high: float | None = None, **more: Any
) -> RealParameter:
    """Make an uncertainty or lever of a dotted path, under a name that EMA Workbench likes.

    Parameters
    ----------
    path : str
        Dotted path of the scenario, or ``posture.`` and a field of a policy.
    low, high : float, optional
        Bounds; None: those that the parameter has.
    **more
        As in ``RealParameter``, such as ``default``.

    Returns
    -------
    RealParameter
        Called as the column of our tables would be: ``parameters_theta_challenger``.

    Raises
    ------
    InputError
        When a bound is not given and `path` is not that of a parameter.
    """
    section, _, name = path.partition(".")
    if section == "parameters" and name in Param.__members__:
        low = Param[name].low if low is None else low
        high = Param[name].high if high is None else high
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        hint = suggestion(name, Param.__members__) if section == "parameters" else None
        raise InputError("needs two bounds", key=path, value=[low, high], hint=hint)
    return RealParameter(Factor(path, ()).column, low, high, variable_name=path, **more)


class SeededLatinHypercube(AbstractSampler):
    """A Latin hypercube sample with a seed of its own.

    The samplers of EMA Workbench draw on NumPy's global state or on none that can be set.  This
    one is given as ``uncertainty_sampling`` or ``lever_sampling``, and gives the same sample each
    time that it is asked.

    Parameters
    ----------
    seed : int
        At least 0.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.seed = seed

    def generate_samples(self, parameters: Iterable[Parameter], size: int) -> dict[str, Floats]:
        """Sample all parameters together.

        Parameters
        ----------
        parameters : iterable of Parameter
            Sorted by name.
        size : int
            Number of samples.

        Returns
        -------
        dict of ndarray, shape (size,)
            By name.
        """
        from scipy.stats import qmc

        known = list(parameters)
        shares = qmc.LatinHypercube(len(known), rng=np.random.default_rng(self.seed)).random(size)
        return {one.name: one.dist.ppf(shares[:, k]) for k, one in enumerate(known)}
