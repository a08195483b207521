"""The region as a Mesa model with states as agents, run by Mesa's own ``batch_run``."""

from __future__ import annotations

import inspect

import mesa
from mesa.batchrunner import batch_run

from benchmarks.peers.region import ACTS, Region, State

METRICS = ("tension", "miscalculation_risk")


class StateAgent(State, mesa.Agent):
    """A state as a Mesa agent."""


class RegionModel(Region, mesa.Model):
    """A region of states; a step is a month, and ``running`` turns False after the last."""

    def __init__(
        self, posture: str = "traditional", seed: int | None = 0, replicate: int = 0
    ) -> None:
        super().__init__()
        start = self.prepare(posture, seed or 0, replicate)
        self.settle_states(start, StateAgent.create_agents(self, self.n_states))
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in METRICS})
        # Mesa's batch_run asks for a row of every step.
        for _ in range(self.scenario.run_in):
            self._month()

    def step(self) -> None:
        """Simulate a month."""
        self._month()
        self.datacollector.collect(self)

    def _month(self) -> None:
        self.open_month()
        for act in ACTS:
            self.agents.do(act)
        self.running = self.close_month()


def run_replicates(posture: str, seed: int, first: int, count: int) -> None:
    """Run consecutive replicates of the baseline in this process."""
    parameters = {"posture": posture, "replicate": range(first, first + count)}
    options = {"display_progress": False, "number_processes": 1}
    # From Mesa 3.5 on, batch_run sets the seed itself, whatever the parameters say.
    if "rng" in inspect.signature(batch_run).parameters:
        options["rng"] = seed
    else:
        parameters["seed"] = seed
    batch_run(RegionModel, parameters=parameters, **options)
