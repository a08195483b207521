"""The plain region as a Mesa model, run by Mesa's own ``batch_run``."""

from __future__ import annotations

import inspect

import mesa
from mesa.batchrunner import batch_run

from benchmarks.peers.plain_region import ACTS, PlainRegion, PlainState
from benchmarks.peers.plain_start import Row


class StateAgent(PlainState, mesa.Agent):
    """A state as a Mesa agent.

    Parameters
    ----------
    model : RegionModel
        The region.
    index : int
        Place of the state in the sorted codes.
    """

    def __init__(self, model: RegionModel, index: int) -> None:
        super().__init__(model)
        self.take_place(model, index)


class RegionModel(PlainRegion, mesa.Model):
    """A region of states; a step is a month, and ``running`` turns False after the last.

    Parameters
    ----------
    posture : str
        Name of a posture policy.
    seed : int or None
        Master seed of the luck; None is 0.
    replicate : int
        Which replicate of the luck.
    scenario : str
        Name of a shipped scenario that fills every role.
    """

    def __init__(
        self,
        posture: str = "traditional",
        seed: int | None = 0,
        replicate: int = 0,
        scenario: str = "baseline",
    ) -> None:
        seed = 0 if seed is None else seed
        super().__init__(**_mesa_seed(seed))
        self.prepare(scenario, posture, seed, replicate)
        self.settle_states([StateAgent(self, index) for index in range(self.n_states)])
        self.datacollector = mesa.DataCollector(model_reporters={"windows": "windows"})

    def step(self) -> None:
        """Simulate a month."""
        self.open_month()
        for act in ACTS:
            self.agents.do(act)
        self.running = self.close_month()
        self.datacollector.collect(self)


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
    parameters = {"posture": posture, "replicate": range(first, first + count)}
    options = {"display_progress": False, "number_processes": 1}
    # From Mesa 3.5 on, batch_run sets the seed itself, whatever the parameters say.
    if "rng" in inspect.signature(batch_run).parameters:
        options["rng"] = seed
    else:
        parameters["seed"] = seed
    results = batch_run(RegionModel, parameters=parameters, **options)
    return [result["windows"] for result in results]


def _mesa_seed(seed: int) -> dict[str, int]:
    """Return the argument that seeds a Mesa model: ``rng`` from Mesa 3.5 on, before it ``seed``."""
    line = tuple(int(part) for part in mesa.__version__.split(".")[:2])
    return {"rng" if line >= (3, 5) else "seed": seed}
