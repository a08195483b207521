"""Phases passed one after the other by a single call, for a block of many runs.

Calling a phase from Python takes some microseconds, in which no other thread can do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Final

from regional_sim.engine.build import build_world, copy_of
from regional_sim.engine.job import BATCH_RUNS, BatchJob, BatchResult, Case, Recorder
from regional_sim.engine.policy_control import PolicyController, clamp, state_indices, window_values
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams, SharedDraws, are_kept
from regional_sim.model.schedule import ACTIONS, MEASURES, PHASES, CompiledSchedule
from regional_sim.model.variables import World
from regional_sim.numerics.arrays import RUNS_OF_LINE, Integers
from regional_sim.postures import Policy
from regional_sim.postures.named import Traditional

_WHOLE_MONTH: Final = CompiledSchedule(PHASES)
_ACTING: Final = CompiledSchedule(ACTIONS)
_MEASURING: Final = CompiledSchedule(MEASURES)
_PLAIN: Final = (bool, int, float, str, type(None))


@dataclass
class _Branch:
    """A block under one posture, its helms and what it records."""

    world: World
    helms: Sequence[PolicyController]
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

    def fork(self, helms: Sequence[PolicyController]) -> _Branch:
        """Return a lane that has the same months behind it, and goes on under other helms."""
        return _Branch(copy_of(self.world), helms, self.recorder.fork())

    def result(self) -> BatchResult:
        return self.recorder.result(window_values(self.world))


def run_batch(job: BatchJob) -> list[list[BatchResult]]:
    """Run replicates of some cases under their postures, on draws made once.

    Parameters
    ----------
    job : BatchJob
        Cases, seed and replicates.

    Returns
    -------
    list of list of BatchResult
        By case and posture, in order; the same bits as the Mesa model gives.
    """
    parts = [_run_part(part) for part in _parts(job)]
    return [
        [BatchResult.joined(of_posture) for of_posture in zip(*of_case, strict=True)]
        for of_case in zip(*parts, strict=True)
    ]


def _parts(job: BatchJob) -> Iterator[BatchJob]:
    """Cut the replicates of a job as equally as whole lines of the cache allow."""
    n_parts = -(-job.n_replicates // BATCH_RUNS)
    most = _whole_lines(-(-job.n_replicates // n_parts))
    for first in range(0, job.n_replicates, most):
        n_replicates = min(most, job.n_replicates - first)
        yield replace(job, first_replicate=job.first_replicate + first, n_replicates=n_replicates)


def _whole_lines(n_runs: int) -> int:
    return -(-n_runs // RUNS_OF_LINE) * RUNS_OF_LINE


def _run_part(job: BatchJob) -> list[list[BatchResult]]:
    """Run all blocks of some replicates on the same draws; results by case and posture."""
    blocks = list(_blocks(job))
    results: list[list[BatchResult]] = []
    draws: SharedDraws | None = None
    streams: tuple[str, ...] = ()
    for cases in blocks:
        if draws is None or cases[0].scenario.streams != streams:
            streams = cases[0].scenario.streams
            draws = _shared_draws(job, streams, several=len(blocks) > 1)
        results += _run_together(job, cases, draws)
    return results


def _blocks(job: BatchJob) -> Iterator[list[Case]]:
    """Put neighbouring cases of one structure together, as many as a block holds."""
    most = max(1, BATCH_RUNS // job.n_replicates)
    block: list[Case] = []
    for case in job.cases:
        alike = block and case.scenario.structure == block[0].scenario.structure
        if block and (len(block) == most or not alike):
            yield block
            block = []
        block.append(case)
    if block:
        yield block


def _shared_draws(job: BatchJob, streams: tuple[str, ...], *, several: bool) -> SharedDraws:
    months = max(case.scenario.n_months for case in job.cases)
    kept = several and are_kept(len(streams), months, job.n_replicates)
    return SharedDraws(
        RandomStreams(streams, job.seed), job.first_replicate, job.n_replicates, keep=kept
    )


def _run_together(
    job: BatchJob, cases: Sequence[Case], draws: SharedDraws
) -> list[list[BatchResult]]:
    """Run one block; results by case and posture.

    Up to the switch all postures are one, and so is what happens: it is run once, and forked.
    """
    scenario = cases[0].scenario
    switch = scenario.months_before
    world = build_world([case.scenario for case in cases], job.n_replicates)
    trunk = _Branch(world, [], Recorder(job.series))
    _pass_months(range(switch), [trunk], None, draws, job, cases)
    reference = trunk.fork([PolicyController(Traditional(), switch)]) if job.clamp else None
    lanes = _fork(
        trunk,
        [
            list(_helms(job, policies, switch))
            for policies in zip(*(case.postures for case in cases), strict=True)
        ],
    )
    _pass_months(range(switch, scenario.n_months), lanes, reference, draws, job, cases)
    return _by_case([lane.result() for lane in lanes], len(cases), job.n_replicates)


def _fork(trunk: _Branch, helms_of_lanes: Sequence[Sequence[PolicyController]]) -> list[_Branch]:
    """Fork a trunk into a lane for each posture; the last one goes on with its arrays."""
    lanes = [trunk.fork(helms) for helms in helms_of_lanes[:-1]]
    if helms_of_lanes:
        trunk.helms = helms_of_lanes[-1]
        lanes.append(trunk)
    return lanes


def _pass_months(
    months: range,
    lanes: Sequence[_Branch],
    reference: _Branch | None,
    draws: SharedDraws,
    job: BatchJob,
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


def _helms(job: BatchJob, policies: Sequence[Policy], switch: int) -> Iterator[PolicyController]:
    """Give neighbouring cases with equal policies one helm."""
    first = 0
    for case in range(1, len(policies) + 1):
        if case == len(policies) or not _alike(policies[first], policies[case]):
            runs = slice(first * job.n_replicates, case * job.n_replicates)
            yield PolicyController(policies[first], switch, runs)
            first = case


def _alike(one: Policy, other: Policy) -> bool:
    """Whether two policies are surely the same: of one kind, with equal plain values.

    Equality of their own would not do: it may leave fields out, or be none for arrays.
    """
    if one is other:
        return True
    settings = _settings(one)
    return type(one) is type(other) and settings is not None and settings == _settings(other)


def _settings(policy: Policy) -> list[tuple[type, object]] | None:
    """Return the settings of a policy with their types; None where it may have others."""
    names = [one.name for one in fields(policy)]
    values = [getattr(policy, name) for name in names]
    if not (_has_only(policy, names) and all(type(value) in _PLAIN for value in values)):
        return None
    return [(type(value), value) for value in values]


def _has_only(policy: Policy, names: Sequence[str]) -> bool:
    """Whether a policy holds nothing but its settings, neither in a dictionary nor in slots."""
    slots = [getattr(kind, "__slots__", ()) for kind in type(policy).__mro__]
    held = {*getattr(policy, "__dict__", {}), *(name for one in slots for name in one)}
    return held <= {*names, "__weakref__", "__dict__"}


def _by_case(
    by_posture: Sequence[BatchResult], n_cases: int, n_replicates: int
) -> list[list[BatchResult]]:
    return [
        [result.of_runs(slice(first, first + n_replicates)) for result in by_posture]
        for first in range(0, n_cases * n_replicates, n_replicates)
    ]
