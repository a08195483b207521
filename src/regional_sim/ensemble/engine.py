"""Drive blocks of runs through the phases: one call a phase and month, for all states and runs.

A block holds replicates of cases of one structure side by side.  Each posture is a lane of its
own; all lanes and cases meet the same draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from regional_sim.postures import Policy
from regional_sim.postures.traditional import Traditional
from regional_sim.scenario import Scenario
from regional_sim.world.build import build_world, copy_of
from regional_sim.world.draws import CHUNK_MONTHS, Luck, SharedDraws, draw_bytes
from regional_sim.world.job import BlockJob, BlockResult, Case, Recorder
from regional_sim.world.layout import Floats, Integers, World
from regional_sim.world.phases import ACTIONS, MEASURES
from regional_sim.world.steer import Helm, clamp, state_indices, window_values

BLOCK_RUNS: Final = 128
"""Most runs of a block, unless a case has more replicates: rows then fit the nearest cache."""

KEPT_BYTES: Final = 128 * 2**20
"""Draws of all months are kept for the next block where they take no more than this."""


_PLAIN: Final = (bool, int, float, str, type(None))


@dataclass
class _Lane:
    """A block under one posture, its helms and what it records."""

    world: World
    helms: Sequence[Helm]
    recorder: Recorder

    def step(self, month: int, clamp_to: Callable[[World], None] | None = None) -> None:
        world = self.world
        for helm in self.helms:
            helm.steer(world, month)
        n_states = world.state.shape[1]
        for phase in ACTIONS:
            phase.run(world, month, 0, n_states)
        if clamp_to is not None:
            clamp_to(world)
        for phase in MEASURES:
            phase.run(world, month, 0, n_states)
        self.recorder.record(world)

    def result(self) -> BlockResult:
        return self.recorder.result(window_values(self.world))


def run_block(job: BlockJob) -> list[list[BlockResult]]:
    """Run replicates of some cases under their postures, on draws made once.

    Parameters
    ----------
    job : BlockJob
        Cases, seed and replicates.

    Returns
    -------
    list of list of BlockResult
        By case and posture, in order; the same bits as the Mesa model gives.
    """
    blocks = list(_blocks(job))
    results: list[list[BlockResult]] = []
    draws: SharedDraws | None = None
    streams: tuple[str, ...] = ()
    for cases in blocks:
        scenario = cases[0].scenario
        if draws is None or scenario.streams != streams:
            streams = scenario.streams
            draws = _shared_draws(job, streams, keep=len(blocks) > 1)
        results += _run_together(job, cases, draws)
    return results


def _blocks(job: BlockJob) -> Iterator[list[Case]]:
    """Put neighbouring cases of one structure together, as many as a block holds."""
    most = max(1, BLOCK_RUNS // job.n_replicates)
    block: list[Case] = []
    for case in job.cases:
        alike = block and case.scenario.structure == block[0].scenario.structure
        if block and (len(block) == most or not alike):
            yield block
            block = []
        block.append(case)
    if block:
        yield block


def _shared_draws(job: BlockJob, streams: tuple[str, ...], *, keep: bool) -> SharedDraws:
    months = max(case.scenario.n_months for case in job.cases)
    kept_bytes = draw_bytes(len(streams), months) * job.n_replicates
    luck = Luck(streams, job.seed)
    return SharedDraws(
        luck, job.first_replicate, job.n_replicates, keep=keep and kept_bytes <= KEPT_BYTES
    )


def _run_together(
    job: BlockJob, cases: Sequence[Case], draws: SharedDraws
) -> list[list[BlockResult]]:
    """Run one block; results by case and posture."""
    scenario = cases[0].scenario
    draw = draws.chunk(0, len(cases))
    start = build_world([case.scenario for case in cases], job.n_replicates, draw)
    lanes = [
        _Lane(copy_of(start), list(_helms(job, policies, scenario)), Recorder(job.series))
        for policies in zip(*(case.postures for case in cases), strict=True)
    ]
    reference = _reference(job, start, scenario)
    held = state_indices(scenario.codes, job.clamp)
    for first in range(0, scenario.n_months, CHUNK_MONTHS):
        if first > 0:
            _meet(draws.chunk(first // CHUNK_MONTHS, len(cases)), lanes, reference)
        months = range(first, min(first + CHUNK_MONTHS, scenario.n_months))
        if reference is None:
            # All months of a lane at once: its arrays then stay in the cache.
            for lane in lanes:
                for month in months:
                    lane.step(month)
        else:
            for month in months:
                _step_clamped(lanes, reference, held, month)
    return _by_case([lane.result() for lane in lanes], len(cases), job.n_replicates)


def _helms(job: BlockJob, policies: Sequence[Policy], scenario: Scenario) -> Iterator[Helm]:
    """Give neighbouring cases with equal policies one helm."""
    first = 0
    for case in range(1, len(policies) + 1):
        if case == len(policies) or not _alike(policies[first], policies[case]):
            runs = slice(first * job.n_replicates, case * job.n_replicates)
            yield Helm(policies[first], scenario.months_before, runs)
            first = case


def _alike(one: Policy, other: Policy) -> bool:
    """Whether two policies are surely the same: of one kind, with equal plain values.

    Equality of their own would not do: it may leave fields out, or be none for arrays.
    """
    if one is other:
        return True
    known, others = getattr(one, "__dict__", None), getattr(other, "__dict__", None)
    if type(one) is not type(other) or known is None or others is None:
        return False
    plain = all(type(value) in _PLAIN for value in (*known.values(), *others.values()))
    return plain and known == others


def _reference(job: BlockJob, start: World, scenario: Scenario) -> _Lane | None:
    """Return the traditional twin that clamped states follow, where any are clamped."""
    if not job.clamp:
        return None
    helm = Helm(Traditional(), scenario.months_before)
    return _Lane(copy_of(start), [helm], Recorder(frozenset()))


def _meet(draw: Floats, lanes: Sequence[_Lane], reference: _Lane | None) -> None:
    for lane in (*lanes, reference):
        if lane is not None:
            lane.world = lane.world._replace(draw=draw)


def _step_clamped(lanes: Sequence[_Lane], reference: _Lane, held: Integers, month: int) -> None:
    reference.step(month)
    for lane in lanes:
        lane.step(month, partial(clamp, reference=reference.world, states=held))


def _by_case(
    by_posture: Sequence[BlockResult], n_cases: int, n_replicates: int
) -> list[list[BlockResult]]:
    return [
        [result.of_runs(slice(first, first + n_replicates)) for result in by_posture]
        for first in range(0, n_cases * n_replicates, n_replicates)
    ]
