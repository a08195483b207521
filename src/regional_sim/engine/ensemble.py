"""The ensemble engine: many runs at once, in compiled code.

A job's replicates are cut into parts that fit the processor's cache.  Within a part, neighbouring
cases of one structure share arrays (a batch), every posture gets the same random numbers, and the
run-in and the months before the onset of the posture, in which all postures are alike, are run
once: the shared spin-up, after which each posture is a branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any, Final

from regional_sim.engine.build import build_world, copy_of, with_motive_terms
from regional_sim.engine.job import BATCH_RUNS, BatchJob, BatchResult, Case, Recorder, window_values
from regional_sim.engine.paths import FigurePaths
from regional_sim.engine.policy_control import PolicyController, clamp, state_indices
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams, SharedDraws, are_kept
from regional_sim.model.schedule import ACTIONS, MEASURES, PHASES, CompiledSchedule
from regional_sim.model.variables import World
from regional_sim.numerics.arrays import Integers, whole_lines
from regional_sim.postures import Policy
from regional_sim.postures.named import Traditional

# One call for all phases of a month: a call from Python takes microseconds, during which no other
# thread can make one.
_MONTH: Final = CompiledSchedule(PHASES)
_ACTIONS: Final = CompiledSchedule(ACTIONS)
_MEASURES: Final = CompiledSchedule(MEASURES)
_PLAIN: Final = (bool, int, float, str, type(None))


def run_batch(job: BatchJob) -> list[list[BatchResult]]:
    """Run a job; results by case and posture, the same bits as the Mesa model gives."""
    parts = [_run_part(part) for part in _parts(job)]
    return [
        [BatchResult.joined(of_posture) for of_posture in zip(*of_case, strict=True)]
        for of_case in zip(*parts, strict=True)
    ]


def _parts(job: BatchJob) -> Iterator[BatchJob]:
    """Cut the replicates of a job as equally as whole cache lines allow."""
    n_parts = -(-job.n_replicates // BATCH_RUNS)
    most = whole_lines(-(-job.n_replicates // n_parts))
    for first in range(0, job.n_replicates, most):
        n_replicates = min(most, job.n_replicates - first)
        yield replace(job, first_replicate=job.first_replicate + first, n_replicates=n_replicates)


def _run_part(job: BatchJob) -> list[list[BatchResult]]:
    """Run all cases for replicates that fit one batch; results by case and posture."""
    batches = list(_batches(job))
    results: list[list[BatchResult]] = []
    draws: SharedDraws | None = None
    streams: tuple[str, ...] = ()
    for cases in batches:
        if draws is None or cases[0].scenario.streams != streams:
            streams = cases[0].scenario.streams
            draws = _shared_draws(job, streams, several=len(batches) > 1)
        results += _run_cases(job, cases, draws)
    return results


def _batches(job: BatchJob) -> Iterator[list[Case]]:
    """Group neighbouring cases of one structure, as many as a batch holds."""
    most = max(1, BATCH_RUNS // job.n_replicates)
    batch: list[Case] = []
    for case in job.cases:
        alike = batch and case.scenario.structure == batch[0].scenario.structure
        if batch and (len(batch) == most or not alike):
            yield batch
            batch = []
        batch.append(case)
    if batch:
        yield batch


def _shared_draws(job: BatchJob, streams: tuple[str, ...], *, several: bool) -> SharedDraws:
    months = max(case.scenario.run_in + case.scenario.n_months for case in job.cases)
    keep = several and are_kept(len(streams), months, job.n_replicates)
    return SharedDraws(
        RandomStreams(streams, job.seed), job.first_replicate, job.n_replicates, keep=keep
    )


@dataclass
class _Branch:
    """The arrays of a batch under one posture, what steers them and what is recorded."""

    world: World
    controllers: Sequence[PolicyController]
    recorder: Recorder
    paths: FigurePaths

    def run_months(self, months: Iterable[int]) -> None:
        for month in months:
            self._steer(month)
            _MONTH.run(self.world, month)
            self.recorder.record(self.world, month)

    def run_clamped(self, month: int, reference: World, clamped: Integers) -> None:
        """Run a month in which some states are held on their path in a reference."""
        self._steer(month)
        _ACTIONS.run(self.world, month)
        clamp(self.world, reference, clamped)
        _MEASURES.run(self.world, month)
        self.recorder.record(self.world, month)

    def _steer(self, month: int) -> None:
        self.paths.write(self.world, month)
        for controller in self.controllers:
            controller.steer(self.world, month)

    def branch(self, controllers: Sequence[PolicyController]) -> _Branch:
        """Return a branch that has the same months behind it and other controllers."""
        return _Branch(copy_of(self.world), controllers, self.recorder.branch(), self.paths)

    def result(self) -> BatchResult:
        return self.recorder.result(window_values(self.world))


def _run_cases(job: BatchJob, cases: Sequence[Case], draws: SharedDraws) -> list[list[BatchResult]]:
    """Run the cases of one batch; results by case and posture."""
    scenario = cases[0].scenario
    onset = scenario.run_in + scenario.months_before
    scenarios = [case.scenario for case in cases]
    world = build_world(scenarios, job.n_replicates)
    if "motives" in job.series:
        world = with_motive_terms(world)
    recorder = Recorder(job.series, scenario.run_in)
    spin_up = _Branch(world, [], recorder, FigurePaths(scenarios))
    _run_months(range(onset), [spin_up], None, draws, job, cases)
    reference = spin_up.branch([PolicyController(Traditional(), onset)]) if job.clamp else None
    by_posture = zip(*(case.postures for case in cases), strict=True)
    branches = _branches(spin_up, [list(_controllers(job, each, onset)) for each in by_posture])
    end = scenario.run_in + scenario.n_months
    _run_months(range(onset, end), branches, reference, draws, job, cases)
    return _by_case([branch.result() for branch in branches], len(cases), job.n_replicates)


def _branches(spin_up: _Branch, controllers: Sequence[Sequence[PolicyController]]) -> list[_Branch]:
    """Return a branch for each posture; the last one takes over the arrays of the spin-up."""
    branches = [spin_up.branch(one) for one in controllers[:-1]]
    if controllers:
        spin_up.controllers = controllers[-1]
        branches.append(spin_up)
    return branches


def _run_months(
    months: range,
    branches: Sequence[_Branch],
    reference: _Branch | None,
    draws: SharedDraws,
    job: BatchJob,
    cases: Sequence[Case],
) -> None:
    """Run consecutive months, one chunk of draws in all branches before the next chunk."""
    clamped = state_indices(cases[0].scenario.codes, job.clamp)
    for chunk, of_chunk in groupby(months, key=lambda month: month // CHUNK_MONTHS):
        drawn: dict[str, Any] = {"draw": draws.chunk(chunk, len(cases))}
        if cases[0].scenario.draws_choices:
            drawn["choice_draw"] = draws.choices(chunk, len(cases))
        for branch in (*branches, *([reference] if reference else [])):
            branch.world = branch.world._replace(**drawn)
        if reference is None:
            # All months of a branch in a row: its arrays then stay in the cache.
            together = list(of_chunk)
            for branch in branches:
                branch.run_months(together)
        else:
            for month in of_chunk:
                reference.run_months([month])
                for branch in branches:
                    branch.run_clamped(month, reference.world, clamped)


def _controllers(
    job: BatchJob, policies: Sequence[Policy], onset: int
) -> Iterator[PolicyController]:
    """Return one controller for each row of neighbouring cases with the same policy."""
    first = 0
    for case in range(1, len(policies) + 1):
        if case == len(policies) or not _same_policy(policies[first], policies[case]):
            runs = slice(first * job.n_replicates, case * job.n_replicates)
            yield PolicyController(policies[first], onset, runs)
            first = case


def _same_policy(one: Policy, other: Policy) -> bool:
    """Whether two policies surely do the same: one class, and equal plain fields.

    Their own ``==`` would not do: it may leave fields out, or fail for arrays.
    """
    if one is other:
        return True
    values = _field_values(one)
    return type(one) is type(other) and values is not None and values == _field_values(other)


def _field_values(policy: Policy) -> list[tuple[type, object]] | None:
    """Return types and values of a policy's fields; None if it may hold anything else."""
    names = [one.name for one in fields(policy)]
    values = [getattr(policy, name) for name in names]
    slots = [getattr(kind, "__slots__", ()) for kind in type(policy).__mro__]
    held = {*getattr(policy, "__dict__", {}), *(name for one in slots for name in one)}
    if not held <= {*names, "__weakref__", "__dict__"}:
        return None
    if not all(type(value) in _PLAIN for value in values):
        return None
    return [(type(value), value) for value in values]


def _by_case(
    by_posture: Sequence[BatchResult], n_cases: int, n_replicates: int
) -> list[list[BatchResult]]:
    return [
        [result.of_runs(slice(first, first + n_replicates)) for result in by_posture]
        for first in range(0, n_cases * n_replicates, n_replicates)
    ]
