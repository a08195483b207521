"""Drive a block of runs through the Mesa model, one run after the other."""

from __future__ import annotations

import mesa
import numpy as np

from regional_sim.model.model import RegionModel
from regional_sim.postures import Policy
from regional_sim.scenario import Scenario
from regional_sim.world.job import BlockJob, BlockResult, Recorder
from regional_sim.world.layout import Floats
from regional_sim.world.steer import window_values


def run_block(job: BlockJob) -> list[list[BlockResult]]:
    """Run replicates of some cases under their postures.

    Parameters
    ----------
    job : BlockJob
        Cases, seed and replicates.

    Returns
    -------
    list of list of BlockResult
        By case and posture, in order; the same bits as the ensemble engine gives.
    """
    replicates = range(job.first_replicate, job.first_replicate + job.n_replicates)
    return [
        [
            _joined([_run(job, case.scenario, policy, replicate) for replicate in replicates])
            for policy in case.postures
        ]
        for case in job.cases
    ]


def _run(job: BlockJob, scenario: Scenario, policy: Policy, replicate: int) -> BlockResult:
    model = RegionModel(
        scenario, policy, job.seed, replicate, clamp_states=job.clamp, collect=False
    )
    recorder = Recorder(job.series)
    while model.running:
        model.step()
        recorder.record(model.world)
    for finished in (model, model.reference):
        _forget(finished)
    return recorder.result(window_values(model.world))


def _forget(model: mesa.Model | None) -> None:
    """Drop the model from Mesa's class-level register, which would keep it alive for ever."""
    register = getattr(mesa.Agent, "_ids", None)
    if register is not None:
        register.pop(model, None)


def _joined(results: list[BlockResult]) -> BlockResult:
    return BlockResult(
        windows=np.concatenate([result.windows for result in results], axis=-1),
        timeseries=_join([result.timeseries for result in results]),
        states=_join([result.states for result in results]),
        dyads=_join([result.dyads for result in results]),
    )


def _join(parts: list[Floats | None]) -> Floats | None:
    kept = [part for part in parts if part is not None]
    return np.concatenate(kept, axis=-1) if kept else None
