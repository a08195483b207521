"""A run made once more while somebody watches: what its tables keep, and what was weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from regional_sim.answers.trace.traced_run import TracedRun
from regional_sim.answers.trace.weighing import drawn, weighed
from regional_sim.engine.build import with_motive_terms
from regional_sim.engine.job import SERIES, BatchResult, Recorder, window_values
from regional_sim.engine.responses import RESPONSE_KINDS, response_levels
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
    levels, choices : dict of ndarray, shape (month, state) or (month, state, state)
        Level of each response after the month, and what was chosen, from -1 to cut to 1 to raise.
    """

    result: BatchResult
    weighing: dict[str, Floats]
    levels: dict[str, Floats]
    choices: dict[str, Floats]


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
    levels: list[dict[str, Floats]] = []
    choices: list[dict[str, Floats]] = []
    while model.running:
        model.step()
        recorder.record(model.world, model.clock - 1)
        draws = model.world.draw[(model.clock - 1) % CHUNK_MONTHS, :, :, 0]
        months.append({**seen, **drawn(model.world, draws)})
        levels.append(now := response_levels(model.world))
        choices.append(_choices(model.world, model.levels_before, now))
    result = recorder.result(window_values(model.world))
    return WatchedRun(result, _stacked(months), _of_one(levels), _of_one(choices))


def _choices(
    world: World, before: dict[str, Floats], after: dict[str, Floats]
) -> dict[str, Floats]:
    return {
        kind.name: kind.choice(world, before[kind.name], after[kind.name])
        for kind in RESPONSE_KINDS
    }


def _stacked(months: list[dict[str, Floats]]) -> dict[str, Floats]:
    return {name: np.stack([month[name] for month in months]) for name in months[0]}


def _of_one(months: list[dict[str, Floats]]) -> dict[str, Floats]:
    """Put months behind each other, without the axis of runs."""
    return {name: values[..., 0] for name, values in _stacked(months).items()}
