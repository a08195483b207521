"""Drive blocks of runs through the phases: one call a phase and month, for all states and runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from regional_sim.postures.traditional import Traditional
from regional_sim.scenario import Scenario
from regional_sim.world.build import build_world
from regional_sim.world.draws import CHUNK_MONTHS, Luck
from regional_sim.world.job import BlockJob, BlockResult, Recorder
from regional_sim.world.layout import Floats, World
from regional_sim.world.phases import ACTIONS, MEASURES
from regional_sim.world.steer import Helm, clamp, state_indices, window_values


@dataclass
class _Lane:
    """One posture's block, its helm and what it records."""

    world: World
    helm: Helm
    recorder: Recorder

    def step(self, month: int, clamp_to: Callable[[World], None] | None = None) -> None:
        self.helm.steer(self.world, month)
        n_states = self.world.state.shape[1]
        for phase in ACTIONS:
            phase.run(self.world, month, 0, n_states)
        if clamp_to is not None:
            clamp_to(self.world)
        for phase in MEASURES:
            phase.run(self.world, month, 0, n_states)


def run_block(job: BlockJob) -> list[BlockResult]:
    """Run a block of replicates under each posture, on draws made once.

    Parameters
    ----------
    job : BlockJob
        Scenario, postures, seed and replicates.

    Returns
    -------
    list of BlockResult
        One for each posture, in order; the same bits as the Mesa model gives.
    """
    scenario = job.scenario
    luck = Luck(scenario.streams, job.seed)
    draw = luck.buffer(job.n_replicates)
    switch = scenario.months_before
    lanes = [
        _Lane(_built(scenario, draw), Helm(policy, switch), Recorder(job.series))
        for policy in job.postures
    ]
    reference = _reference(job, draw)
    held = state_indices(scenario.codes, job.clamp)
    clamp_to = None if reference is None else partial(clamp, reference=reference.world, states=held)
    for month in range(switch + scenario.months_after):
        if month % CHUNK_MONTHS == 0:
            luck.fill(draw, month // CHUNK_MONTHS, job.first_replicate)
        if reference is not None:
            reference.step(month)
        for lane in lanes:
            lane.step(month, clamp_to)
            lane.recorder.record(lane.world)
    return [lane.recorder.result(window_values(lane.world)) for lane in lanes]


def _built(scenario: Scenario, draw: Floats) -> World:
    return build_world(scenario, draw.shape[3], draw)


def _reference(job: BlockJob, draw: Floats) -> _Lane | None:
    """Return the traditional twin that clamped states follow, where any are clamped."""
    if not job.clamp:
        return None
    helm = Helm(Traditional(), job.scenario.months_before)
    return _Lane(_built(job.scenario, draw), helm, Recorder(frozenset()))
