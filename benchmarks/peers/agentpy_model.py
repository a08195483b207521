"""The same region as an agentpy model, run by agentpy's own ``Experiment``.

agentpy is no dependency of the package: ``pip install agentpy``.
"""

from __future__ import annotations

import agentpy

from benchmarks.peers.region import ACTS, Region, State


class StateAgent(State, agentpy.Agent):
    """A state as an agentpy agent."""


class RegionModel(Region, agentpy.Model):
    """A region of states; a step is a month, and the model stops after the last."""

    def setup(self) -> None:
        """Set the region at its start."""
        start = self.prepare(self.p.posture, self.p.seed, self.p.replicate)
        self.agents = agentpy.AgentList(self, self.n_states, StateAgent)
        self.settle_states(start, self.agents)

    def step(self) -> None:
        """Simulate a month."""
        self.open_month()
        for act in ACTS:
            getattr(self.agents, act)()
        if not self.close_month():
            self.stop()
        if self.is_counted:
            self.record(("tension", "miscalculation_risk"))


def run_replicates(posture: str, seed: int, first: int, count: int) -> None:
    """Run consecutive replicates of the baseline in this process."""
    replicates = agentpy.Values(*range(first, first + count))
    parameters = {"posture": posture, "seed": seed, "replicate": replicates}
    # agentpy would draw a seed of its own for every replicate.
    sample = agentpy.Sample(parameters, randomize=False)
    agentpy.Experiment(RegionModel, sample, randomize=False).run(display=False)
