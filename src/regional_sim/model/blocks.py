"""Drive a block of runs through the Mesa model, one run after the other."""

from __future__ import annotations

from regional_sim.model.model import RegionModel
from regional_sim.postures import Policy
from regional_sim.scenario import Scenario
from regional_sim.world.job import BatchJob, BatchResult, Recorder
from regional_sim.world.steer import window_values


def run_batch(job: BatchJob) -> list[list[BatchResult]]:
    """Run replicates of some cases under their postures.

    Parameters
    ----------
    job : BatchJob
        Cases, seed and replicates.

    Returns
    -------
    list of list of BatchResult
        By case and posture, in order; the same bits as the ensemble engine gives.
    """
    replicates = range(job.first_replicate, job.first_replicate + job.n_replicates)
    return [
        [
            BatchResult.joined(
                [_run(job, case.scenario, policy, replicate) for replicate in replicates]
            )
            for policy in case.postures
        ]
        for case in job.cases
    ]


def _run(job: BatchJob, scenario: Scenario, policy: Policy, replicate: int) -> BatchResult:
    model = RegionModel(
        scenario, policy, job.seed, replicate, clamp_states=job.clamp, collect=False
    )
    recorder = Recorder(job.series)
    while model.running:
        model.step()
        recorder.record(model.world)
    return recorder.result(window_values(model.world))
