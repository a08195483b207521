"""The region as a Mesa model: one run, to watch, step and extend."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mesa

from regional_sim.errors import InputError
from regional_sim.model.agents import StateAgent
from regional_sim.postures import Policy, create
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.world.build import build_world
from regional_sim.world.draws import CHUNK_MONTHS, Luck
from regional_sim.world.layout import PairVar
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.metrics.defined import defined_metrics
from regional_sim.world.phases import ACTIONS, MEASURES
from regional_sim.world.steer import Helm, clamp, state_indices

AGENT_COLUMNS = ("code", "readiness", "stance", "threat", "pressure", "trade")
"""What the data collector keeps of every state."""


def _mesa_seed(seed: int) -> dict[str, int]:
    """Return the argument that seeds a Mesa model: ``rng`` from Mesa 3.5 on, before it ``seed``."""
    line = tuple(int(part) for part in mesa.__version__.split(".")[:2])
    known = inspect.signature(mesa.Model.__init__).parameters
    return {"rng" if line >= (3, 5) and "rng" in known else "seed": seed}


class RegionModel(mesa.Model):
    """A region of states under one posture of the sender.

    One step is a month.  ``running`` turns False at the horizon; further steps do nothing.  The
    random numbers of the model come from :mod:`regional_sim.world.draws` alone, not from Mesa.

    Parameters
    ----------
    scenario : Scenario, str or Path
        The world: a scenario, the name of a shipped one, or a file.
    posture : Policy or str
        Posture policy, or the name of one.
    seed : int or None
        Master seed, at least 0; None, which Mesa's ``batch_run`` hands over, is 0.
    replicate : int
        Which replicate of the luck under this seed, at least 0.
    settings : mapping, optional
        Dotted paths of the scenario and their values, such as
        ``{"parameters.theta_challenger": 0.7}``.
    clamp_states : sequence of str
        Codes of states held on the path they take under ``traditional``.
    collect : bool
        Whether to fill ``datacollector`` every step.

    Attributes
    ----------
    region : Scenario
        The validated world (``scenario`` is a name that Mesa keeps for itself).
    world : World
        The arrays of the run, with one run on their last axis.
    month : int
        Months done, 0 before the first step.
    reference : RegionModel or None
        The traditional twin that clamped states follow.

    Raises
    ------
    InputError
        If the scenario, the posture, the seed or a code is not valid.

    Examples
    --------
    >>> model = RegionModel("two_states", settings={"horizon.months_after": 2})
    >>> model.step()
    >>> 0.0 < model.metric("tension") < 1.0
    True
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = "baseline",
        posture: Policy | str = "traditional",
        seed: int | None = 0,
        replicate: int = 0,
        settings: Mapping[str, object] | None = None,
        clamp_states: Sequence[str] = (),
        collect: bool = True,
    ) -> None:
        seed = 0 if seed is None else seed
        _require_counts(seed, replicate)
        super().__init__(**_mesa_seed(seed))
        loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.region = loaded.with_settings(settings) if settings else loaded
        self.policy = posture if isinstance(posture, Policy) else create(posture)
        self.month = 0
        self.running: bool = True
        self.replicate = replicate
        self._luck = Luck(self.region.streams, seed)
        self._draw = self._luck.buffer(1)
        self.world = build_world(self.region, 1, self._draw)
        self._helm = Helm(self.policy, self.region.months_before)
        self._held = state_indices(self.region.codes, clamp_states)
        self.reference: RegionModel | None = None
        if clamp_states:
            self.reference = RegionModel(self.region, "traditional", seed, replicate, collect=False)
        self._states: list[StateAgent] = [
            StateAgent(self, index) for index in range(self.region.n_states)
        ]
        self.datacollector = self._collector() if collect else None

    def _collector(self) -> mesa.DataCollector:
        def reporter(metric: Metric) -> Any:
            return lambda model: model.metric(metric.name)

        return mesa.DataCollector(
            model_reporters={
                "month": "month",
                **{metric.name: reporter(metric) for metric in defined_metrics(self.region)},
            },
            agent_reporters={name: name for name in AGENT_COLUMNS},
        )

    def step(self) -> None:
        """Simulate a month."""
        if not self.running:
            return
        if self.month % CHUNK_MONTHS == 0:
            self._luck.fill(self._draw, self.month // CHUNK_MONTHS, self.replicate)
        if self.reference is not None:
            self.reference.step()
        self._helm.steer(self.world, self.month)
        for phase in ACTIONS:
            self.agents.do("act", phase)
        if self.reference is not None:
            clamp(self.world, self.reference.world, self._held)
        for phase in MEASURES:
            phase.run(self.world, self.month, 0, self.region.n_states)
        self.month += 1
        self.running = self.month < self.region.n_months
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def metric(self, name: str) -> float:
        """Return a metric of the month just ended.

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

    def state(self, code: str) -> StateAgent:
        """Return the agent of a state by its code."""
        (index,) = state_indices(self.region.codes, [code])
        agent: StateAgent = self._states[index]
        return agent

    def tension(self, first: str, second: str) -> float:
        """Return the tension between two states, in (0, 1)."""
        i, j = state_indices(self.region.codes, [first, second])
        return float(self.world.pair[PairVar.tension, self.world.pair_of[i, j], 0])


def _require_counts(seed: object, replicate: object) -> None:
    for key, value in (("seed", seed), ("replicate", replicate)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InputError("must be a whole number", key=key, value=value, allowed="0 or more")
