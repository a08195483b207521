"""Drive blocks of runs through the phases: one call a month, for all states and runs.

A block holds replicates of cases of one structure side by side.  Each posture is a lane of its
own; all lanes and cases meet the same draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from regional_sim.postures import Policy
from regional_sim.postures.traditional import Traditional
from regional_sim.world.build import build_world, copy_of
from regional_sim.world.draws import CHUNK_MONTHS, Luck, SharedDraws, draw_bytes
from regional_sim.world.job import BLOCK_RUNS, BlockJob, BlockResult, Case, Recorder
from regional_sim.world.layout import Integers, World
from regional_sim.world.passing import Passage
from regional_sim.world.phases import ACTIONS, MEASURES, PHASES
from regional_sim.world.steer import Helm, clamp, state_indices, window_values

KEPT_BYTES: Final = 128 * 2**20
"""Draws of all months are kept for the next block where they take no more than this."""


_WHOLE_MONTH: Final = Passage(PHASES)
_ACTING: Final = Passage(ACTIONS)
_MEASURING: Final = Passage(MEASURES)
_PLAIN: Final = (bool, int, float, str, type(None))


@dataclass
class _Lane:
    """A block under one posture, its helms and what it records."""

    world: World
    helms: Sequence[Helm]
    recorder: Recorder

    def pass_months(self, months: Iterable[int]) -> None:
        for month in months:
            self._steer(month)
            _WHOLE_MONTH.run(self.world, month)
            self.recorder.record(self.world)

    def pass_clamped(self, month: int, reference: World, held: Integers) -> None:
        """Pass a month in which some states are held on the path of another block."""
        self._steer(month)
        _ACTING.run(self.world, month)
        clamp(self.world, reference, held)
        _MEASURING.run(self.world, month)
        self.recorder.record(self.world)

    def _steer(self, month: int) -> None:
        for helm in self.helms:
            helm.steer(self.world, month)

    def fork(self, helms: Iterable[Helm]) -> _Lane:
        """Return a lane that has the same months behind it, and goes on under other helms."""
        return _Lane(copy_of(self.world), list(helms), self.recorder.fork())

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
    together = [(cases, build_world([case.scenario for case in cases])) for cases in _blocks(job)]
    parts = [_run_part(part, together) for part in _parts(job)]
    return [
        [BlockResult.joined(of_posture) for of_posture in zip(*of_case, strict=True)]
        for of_case in zip(*parts, strict=True)
    ]


def _parts(job: BlockJob) -> Iterator[BlockJob]:
    """Cut the replicates of a job, no more in a part than a block holds."""
    for first in range(0, job.n_replicates, BLOCK_RUNS):
        n_replicates = min(BLOCK_RUNS, job.n_replicates - first)
        yield replace(job, first_replicate=job.first_replicate + first, n_replicates=n_replicates)


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


def _run_part(
    job: BlockJob, together: Sequence[tuple[Sequence[Case], World]]
) -> list[list[BlockResult]]:
    """Run blocks on the same draws, each given with the start of one run of each of its cases."""
    results: list[list[BlockResult]] = []
    draws: SharedDraws | None = None
    streams: tuple[str, ...] = ()
    for cases, start in together:
        scenario = cases[0].scenario
        if draws is None or scenario.streams != streams:
            streams = scenario.streams
            draws = _shared_draws(job, streams, keep=len(together) > 1)
        results += _run_together(job, cases, start, draws)
    return results


def _shared_draws(job: BlockJob, streams: tuple[str, ...], *, keep: bool) -> SharedDraws:
    months = max(case.scenario.n_months for case in job.cases)
    kept_bytes = draw_bytes(len(streams), months) * job.n_replicates
    luck = Luck(streams, job.seed)
    return SharedDraws(
        luck, job.first_replicate, job.n_replicates, keep=keep and kept_bytes <= KEPT_BYTES
    )


def _run_together(
    job: BlockJob, cases: Sequence[Case], start: World, draws: SharedDraws
) -> list[list[BlockResult]]:
    """Run one block; results by case and posture.

    Up to the switch all postures are one, and so is what happens: it is run once, and forked.
    """
    scenario = cases[0].scenario
    switch = scenario.months_before
    trunk = _Lane(copy_of(start, job.n_replicates), [], Recorder(job.series))
    _pass_months(range(switch), [trunk], None, draws, job, cases)
    lanes = [
        trunk.fork(_helms(job, policies, switch))
        for policies in zip(*(case.postures for case in cases), strict=True)
    ]
    reference = trunk.fork([Helm(Traditional(), switch)]) if job.clamp else None
    _pass_months(range(switch, scenario.n_months), lanes, reference, draws, job, cases)
    return _by_case([lane.result() for lane in lanes], len(cases), job.n_replicates)


def _pass_months(
    months: range,
    lanes: Sequence[_Lane],
    reference: _Lane | None,
    draws: SharedDraws,
    job: BlockJob,
    cases: Sequence[Case],
) -> None:
    """Pass consecutive months, those of a chunk of draws in all lanes before the next chunk."""
    held = state_indices(cases[0].scenario.codes, job.clamp)
    for chunk, of_chunk in groupby(months, key=lambda month: month // CHUNK_MONTHS):
        draw = draws.chunk(chunk, len(cases))
        for lane in (*lanes, *([reference] if reference else [])):
            lane.world = lane.world._replace(draw=draw)
        if reference is None:
            # All months of a lane at once: its arrays then stay in the cache.
            together = list(of_chunk)
            for lane in lanes:
                lane.pass_months(together)
        else:
            for month in of_chunk:
                reference.pass_months([month])
                for lane in lanes:
                    lane.pass_clamped(month, reference.world, held)


def _helms(job: BlockJob, policies: Sequence[Policy], switch: int) -> Iterator[Helm]:
    """Give neighbouring cases with equal policies one helm."""
    first = 0
    for case in range(1, len(policies) + 1):
        if case == len(policies) or not _alike(policies[first], policies[case]):
            runs = slice(first * job.n_replicates, case * job.n_replicates)
            yield Helm(policies[first], switch, runs)
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


def _by_case(
    by_posture: Sequence[BlockResult], n_cases: int, n_replicates: int
) -> list[list[BlockResult]]:
    return [
        [result.of_runs(slice(first, first + n_replicates)) for result in by_posture]
        for first in range(0, n_cases * n_replicates, n_replicates)
    ]
