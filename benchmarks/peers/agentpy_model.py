"""The plain region as an agentpy model, run by agentpy's own ``Experiment``.

agentpy is no dependency of the package: ``pip install agentpy``.
"""

from __future__ import annotations

import agentpy

from benchmarks.peers.plain_region import ACTS, PlainRegion, PlainState
from benchmarks.peers.plain_start import Row


class StateAgent(PlainState, agentpy.Agent):
    """A state as an agentpy agent."""

    def setup(self, index: int) -> None:
        """Take the place of a state.

        Parameters
        ----------
        index : int
            Place of the state in the sorted codes.
        """
        self.take_place(self.model, index)


class RegionModel(PlainRegion, agentpy.Model):
    """A region of states; a step is a month, and the model stops after the last.

    Its parameters are ``scenario``, ``posture``, ``seed`` and ``replicate``.
    """

    def setup(self) -> None:
        """Set the region at its start."""
        self.prepare(self.p.scenario, self.p.posture, self.p.seed, self.p.replicate)
        indices = agentpy.AttrIter(range(self.n_states))
        self.agents = agentpy.AgentList(self, self.n_states, StateAgent, index=indices)
        self.settle_states(self.agents)

    def step(self) -> None:
        """Simulate a month."""
        self.open_month()
        for act in ACTS:
            getattr(self.agents, act)()
        if not self.close_month():
            self.stop()

    def end(self) -> None:
        """Report each metric by window."""
        self.report("windows", self.windows)


def run_replicates(posture: str, seed: int, first: int, count: int) -> list[list[Row]]:
    """Run consecutive replicates of the baseline in this process.

    Parameters
    ----------
    posture : str
        Name of a posture policy.
    seed : int
        Master seed.
    first, count : int
        First replicate, and how many.

    Returns
    -------
    list of list of list of float
        Metrics by replicate and window.
    """
    parameters = {
        "scenario": "baseline",
        "posture": posture,
        "seed": seed,
        "replicate": agentpy.Values(*range(first, first + count)),
    }
    # agentpy would draw a seed of its own for every replicate.
    sample = agentpy.Sample(parameters, randomize=False)
    experiment = agentpy.Experiment(RegionModel, sample, randomize=False)
    results = experiment.run(display=False)
    return list(results.reporters["windows"])
