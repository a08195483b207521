"""A run made once more while somebody watches: what its tables keep, and what was weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.answers.trace.traced_run import TracedRun
from regional_sim.answers.trace.weighing import drawn, weighed
from regional_sim.engine.build import with_motive_terms
from regional_sim.engine.job import SERIES, BatchResult, Recorder, window_values
from regional_sim.model.random_streams import CHUNK_MONTHS
from regional_sim.model.variables import World
from regional_sim.numerics.arrays import Floats

_ALL_SERIES: Final = frozenset(SERIES)


@dataclass(frozen=True)
class WatchedRun:
    """What was seen of a run.

    Attributes
    ----------
    result : BatchResult
        All series of the run, as an engine gives them.
    weighing : dict of ndarray, shape (month, state, state)
        What the row weighed about escalating against the column, by name, with what it then did.
    """

    result: BatchResult
    weighing: dict[str, Floats]


def watch(run: TracedRun) -> WatchedRun:
    """Make a run, with the bits that either engine gives."""
    from regional_sim.mesa_model import RegionModel

    experiment = run.plan.experiment
    model = RegionModel(
        run.scenario,
        run.posture_here.policy,
        experiment.seed,
        run.replicate,
        clamp_states=experiment.clamp,
        collect=False,
    )
    model.world = with_motive_terms(model.world)
    seen: dict[str, Floats] = {}

    def look(world: World) -> None:
        # The run-in is part of the first step; of it only the last month that counts is kept.
        seen.clear()
        seen.update(weighed(world))

    model.watcher = look
    recorder = Recorder(_ALL_SERIES, run.scenario.run_in)
    months: list[dict[str, Floats]] = []
    while model.running:
        model.step()
        recorder.record(model.world, model.clock - 1)
        draws = model.world.draw[(model.clock - 1) % CHUNK_MONTHS, :, :, 0]
        months.append({**seen, **drawn(model.world, draws)})
    result = recorder.result(window_values(model.world))
    return WatchedRun(result, {name: np.stack([m[name] for m in months]) for name in months[0]})
