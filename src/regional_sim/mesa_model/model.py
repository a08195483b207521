"""The region as a Mesa model: one run, month by month, with a data collector."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import mesa
import numpy as np
from numpy.typing import NDArray

from regional_sim.engine.build import build_world, with_motive_terms
from regional_sim.engine.job import (
    WHOLE_WINDOW,
    BatchJob,
    BatchResult,
    Recorder,
    window_bounds,
    window_values,
)
from regional_sim.engine.paths import FigurePaths
from regional_sim.engine.policy_control import PolicyController, clamp, state_indices
from regional_sim.engine.responses import response_levels
from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.mesa_model.agents import StateAgent
from regional_sim.mesa_model.collector import Collector, tables_of
from regional_sim.model.mechanisms.escalation import update_escalation_probabilities
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.schedule import ACTIONS, MEASURES, PHASES, CompiledSchedule
from regional_sim.model.variables import PairVar, World
from regional_sim.postures import Policy, create
from regional_sim.scenario import Scenario
from regional_sim.scenario.load import scenario_kept

_MONTH: Final = CompiledSchedule(PHASES)
_ACTIONS: Final = CompiledSchedule(ACTIONS)
_WEIGHED: Final = 1 + [phase.function for phase in ACTIONS].index(update_escalation_probabilities)
_WEIGHING: Final = CompiledSchedule(ACTIONS[:_WEIGHED])
_ACTING: Final = CompiledSchedule(ACTIONS[_WEIGHED:])
_MEASURES: Final = CompiledSchedule(MEASURES)


class RegionModel(mesa.Model):
    """One run of a region under a posture of the sender; a step is a month.

    ``running`` turns False at the horizon; further steps do nothing.  All random numbers come from
    :mod:`regional_sim.model.random_streams`, none from Mesa.

    Parameters
    ----------
    scenario : Scenario, str or Path
        The world: a scenario, the name of a shipped one, or a file.
    posture : Policy or str
        Posture policy, or the name of one.
    seed : int, str or None
        Master seed, at least 0; Mesa's SolaraViz hands over its digits as text.  None, which the
        ``batch_run`` of Mesa 3.5 hands over where its ``rng`` is not given, is taken as 0, with a
        warning.
    replicate : int
        Number of the replicate, at least 0; with the seed it fixes all random numbers.
    settings : mapping, optional
        Dotted paths of the scenario and their values, such as
        ``{"parameters.theta_challenger": 0.7}``.
    clamp_states : sequence of str, or str
        Codes of states held on the path they take under ``traditional``.
    collect : bool or str
        What ``datacollector`` keeps every step: ``timeseries`` (metrics by month), ``runs``
        (metrics by window, named ``tension_whole``; NaN until the window is over), ``states``, or
        several with commas.  True is ``timeseries,states``, False nothing.
    **kwargs
        Dotted paths of the scenario and their values, laid over after `settings`: so each can be
        a parameter of Mesa's ``batch_run``.

    Attributes
    ----------
    region : Scenario
        The validated world (``scenario`` is a name that Mesa keeps for itself).
    world : World
        The arrays of the run, with one run on their last axis.
    month : int
        Months done after the run-in, 0 before the first step.
    clock : int
        Months done with the run-in, which belongs to the first step.
    reference : RegionModel or None
        The run under ``traditional`` that clamped states follow.
    levels_before : dict of ndarray
        Levels of the responses at the end of the month before the last one, by response.
    watcher : callable or None
        Handed the arrays every month when all states have weighed whether to escalate, and
        nothing has been decided; it must not change them.

    Raises
    ------
    InputError
        If the scenario, a setting, the posture, the seed or a code is not valid.

    Examples
    --------
    >>> model = RegionModel("two_states", settings={"horizon.months_after": 2})
    >>> model.step()
    >>> 0.0 < model.metric("tension") < 1.0
    True
    >>> RegionModel("two_states", **{"horizon.months_after": 2}).region.months_after
    2
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = "baseline",
        posture: Policy | str = "traditional",
        seed: int | str | None = 0,
        replicate: int = 0,
        settings: Mapping[str, object] | None = None,
        clamp_states: Sequence[str] | str = (),
        collect: bool | str = True,
        **kwargs: object,  # Mesa's SolaraViz knows such arguments by this name
    ) -> None:
        seed = _zero_for_none() if seed is None else _count("seed", seed)
        replicate = _count("replicate", replicate)
        super().__init__(**_mesa_seed(seed))
        changes = _changes(settings, kwargs)
        loaded = scenario if isinstance(scenario, Scenario) else scenario_kept(scenario)
        self.region = loaded.with_settings(changes) if changes else loaded
        self.policy = posture if isinstance(posture, Policy) else create(posture)
        self.month = 0
        self.clock = 0
        self.running: bool = True
        self.replicate = replicate
        self._streams = RandomStreams(self.region.streams, seed)
        self._draw = self._streams.buffer(1)
        self.world = build_world(self.region, 1, self._draw)
        if self.region.draws_choices:
            self.world = self.world._replace(choice_draw=self._streams.choice_buffer(1))
        onset = self.region.run_in + self.region.months_before
        self._figure_paths = FigurePaths([self.region])
        self._controller = PolicyController(self.policy, onset)
        clamped = (clamp_states,) if isinstance(clamp_states, str) else tuple(clamp_states)
        self._clamped = state_indices(self.region.codes, clamped)
        self._windows = window_bounds(self.region)
        self._outcomes: dict[str, NDArray[np.float64]] = {}
        self.levels_before = response_levels(self.world)
        self.watcher: Callable[[World], None] | None = None
        self.reference: RegionModel | None = None
        if clamped:
            self.reference = RegionModel(self.region, "traditional", seed, replicate, collect=False)
            # Nobody steps it, so it never comes to its own end.
            self.reference._leave_register()
        self._states: list[StateAgent] = [
            StateAgent(self, index) for index in range(self.region.n_states)
        ]
        tables = tables_of(collect)
        self.datacollector = Collector(self.region, tables) if tables else None

    def step(self) -> None:
        """Simulate a month, before the first one also the run-in; at the horizon, do nothing."""
        if not self.running:
            return
        while self.clock <= self.region.run_in + self.month:
            self._simulate_month()
        self.month += 1
        self.running = self.month < self.region.n_months
        if self.datacollector is not None:
            self.datacollector.collect(self)
        if not self.running:
            self._leave_register()

    def _simulate_month(self) -> None:
        """Let all states act, and measure."""
        if self.clock % CHUNK_MONTHS == 0:
            chunk = self.clock // CHUNK_MONTHS
            self._streams.fill(self._draw, chunk, self.replicate)
            if self.region.draws_choices:
                self._streams.fill_choices(self.world.choice_draw, chunk, self.replicate)
        if self.reference is not None:
            self.reference._simulate_month()
        self._figure_paths.write(self.world, self.clock)
        self._controller.steer(self.world, self.clock)
        self.levels_before = response_levels(self.world)
        alike = self._acts_alike()
        if alike and self.reference is None and self.watcher is None:
            _MONTH.run(self.world, self.clock)
        else:
            self._simulate_parts(alike)
        self.clock += 1

    def _simulate_parts(self, alike: bool) -> None:
        """Let the states act, together or one by one, clamp them, and measure."""
        if alike and self.watcher is None:
            _ACTIONS.run(self.world, self.clock)
        else:
            self._act_watched(alike)
        if self.reference is not None:
            clamp(self.world, self.reference.world, self._clamped)
        _MEASURES.run(self.world, self.clock)

    def _act_watched(self, alike: bool) -> None:
        """Let the states act, and show what they weighed before they decide on it."""
        halves = ((_WEIGHING, ACTIONS[:_WEIGHED]), (_ACTING, ACTIONS[_WEIGHED:]))
        for half, (compiled, phases) in enumerate(halves):
            if half and self.watcher is not None:
                self.watcher(self.world)
            if alike:
                compiled.run(self.world, self.clock)
                continue
            for phase in phases:
                self.agents.do("act", phase)

    def _acts_alike(self) -> bool:
        """Whether every state is there and acts as the package has it.

        All states then do a phase at once, which gives the same bits: within a phase no state
        reads what another writes.
        """
        agents = self.agents
        # Agents that a subclass gives itself may have an order of their own.
        if type(self).agents is not mesa.Model.agents or len(agents) != len(self._states):
            return False
        return all(
            "act" not in vars(agent) and getattr(type(agent), "act", None) is StateAgent.act
            for agent in agents
        )

    def _leave_register(self) -> None:
        """Leave Mesa's class-level register, which would keep a finished model in memory."""
        register = getattr(mesa.Agent, "_ids", None)
        if register is not None:
            register.pop(self, None)
            register.pop(self.reference, None)

    def metric(self, name: str) -> float:
        """Return a metric of the month that has just ended.

        Parameters
        ----------
        name : str
            Name of a metric, see ``describe metrics``.

        Returns
        -------
        float
            Its value.
        """
        return float(self.world.metric[Metric[name], 0])

    def outcome(self, metric: str, window: str = WHOLE_WINDOW) -> float:
        """Return a metric over a window of months, as the table of runs has it.

        Parameters
        ----------
        metric : str
            Name of a metric, see ``describe metrics``.
        window : str
            Name of a window of the scenario, or ``whole``: all months from the
            onset of the posture on.

        Returns
        -------
        float
            Mean or sum of its months; NaN until the window is over.

        Raises
        ------
        UnknownNameError
            If the scenario has no such window.
        """
        if window not in self._windows:
            raise UnknownNameError("window", window, self._windows, key="window")
        if self.month <= self._windows[window][1]:
            return math.nan
        if window not in self._outcomes:
            row = list(self._windows).index(window)
            self._outcomes[window] = window_values(self.world)[row, :, 0]
        return float(self._outcomes[window][Metric[metric]])

    def state(self, code: str) -> StateAgent:
        """Return the agent of a state.

        Parameters
        ----------
        code : str
            Code of the state.

        Returns
        -------
        StateAgent
            Its agent.

        Raises
        ------
        UnknownNameError
            If the scenario has no such state.
        """
        (index,) = state_indices(self.region.codes, [code])
        agent: StateAgent = self._states[index]
        return agent

    def tension(self, first: str, second: str) -> float:
        """Return the tension between two states.

        Parameters
        ----------
        first, second : str
            Codes of the states, in any order.

        Returns
        -------
        float
            Tension, in (0, 1).

        Raises
        ------
        UnknownNameError
            If the scenario has no such state.
        """
        i, j = state_indices(self.region.codes, [first, second])
        return float(self.world.pair[PairVar.tension, self.world.pair_of[i, j], 0])


def _mesa_seed(seed: int) -> dict[str, int]:
    """Return the argument that seeds a Mesa model: ``rng`` from Mesa 3.5 on, before it ``seed``."""
    version = tuple(int(part) for part in mesa.__version__.split(".")[:2])
    known = inspect.signature(mesa.Model.__init__).parameters
    return {"rng" if version >= (3, 5) and "rng" in known else "seed": seed}


def _zero_for_none() -> int:
    """Return the seed 0 with a warning, for the seed that was meant may have been lost."""
    warnings.warn(
        "seed=None is taken as 0: the batch_run of Mesa 3.5 takes seeds as rng=[7], and ignores"
        " a seed among its parameters",
        stacklevel=3,
    )
    return 0


def _changes(settings: object, paths: Mapping[str, object]) -> dict[str, object]:
    """Join settings and paths; a keyword that is neither an argument nor a path is an error."""
    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(
            "must map dotted paths to values",
            key="settings",
            value=settings,
            hint="batch_run takes a mapping apart: give it [{...}], a list with a mapping",
        )
    known = inspect.signature(RegionModel).parameters
    for name in paths:
        if "." not in name:
            what = "unknown argument"
            allowed = "an argument of RegionModel, or a dotted path of the scenario"
            raise InputError(what, key=name, allowed=allowed, hint=suggestion(name, known))
    return {**(settings or {}), **paths}


def _count(key: str, value: object) -> int:
    """Return a whole number of Python, NumPy or in digits, at least 0, as an ``int``."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 0:
        return int(value)
    raise InputError("must be a whole number", key=key, value=value, allowed="0 or more")


def run_batch(job: BatchJob) -> list[list[BatchResult]]:
    """Run a job; results by case and posture, the same bits as the ensemble engine gives."""
    replicates = range(job.first_replicate, job.first_replicate + job.n_replicates)
    return [
        [
            BatchResult.joined([_run(job, case.scenario, policy, number) for number in replicates])
            for policy in case.postures
        ]
        for case in job.cases
    ]


def _run(job: BatchJob, scenario: Scenario, policy: Policy, replicate: int) -> BatchResult:
    model = RegionModel(
        scenario, policy, job.seed, replicate, clamp_states=job.clamp, collect=False
    )
    if "motives" in job.series:
        model.world = with_motive_terms(model.world)
    recorder = Recorder(job.series, scenario.run_in)
    while model.running:
        model.step()
        recorder.record(model.world, model.clock - 1)
    return recorder.result(window_values(model.world))
