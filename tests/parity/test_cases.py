"""Cases that share a job give the bits that each gives alone, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import ClassVar

import numpy as np
import pytest

from regional_sim import mesa_model
from regional_sim.engine import ensemble
from regional_sim.engine.job import BatchJob, BatchResult, Case
from regional_sim.model import random_streams
from regional_sim.model.instruments import Instrument
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.postures import Observed, Policy, create
from regional_sim.postures.policy import Targets
from regional_sim.scenario import Scenario, load_scenario, scenario_from_mapping
from tests.support.worlds import ALL_SERIES, random_world, same_bits, short

SEED = 11
POSTURES = ("traditional", "new_approach", "reactive")
# Two chunks of draws, so that the second one has to be the right one too.
BEFORE, AFTER = 3, CHUNK_MONTHS + 6

Results = list[list[BatchResult]]


def _world(**settings: object) -> Scenario:
    return short(load_scenario("four_states"), BEFORE, AFTER, **settings)


def _policies(*names: str | Policy) -> list[Policy]:
    return [create(name) if isinstance(name, str) else name for name in names or POSTURES]


def _levels(military: float) -> Policy:
    return create("levels", {"military": military})


def _with_stream(name: str) -> Scenario:
    plain = _world().resolved()
    plain["states"]["JPN"]["stream"] = name
    return scenario_from_mapping(plain)


def _parameters() -> list[Case]:
    """One factor after the other, as in a design."""
    points = [
        {"parameters.theta_challenger": 0.1},
        {"parameters.theta_challenger": 0.9},
        {"parameters.alpha_challenger": 0.9, "parameters.signal_gain": 2.0},
        {"parameters.shock_sd": 0.3, "parameters.trigger_probability": 0.6},
        {"states.JPN.stance": -0.5, "dyads.contact.CHN-JPN": 2.0},
        # Friends and foes that those of the other cases are not.
        {"dyads.stake.CHN:TWN": 0.5, "dyads.aligns.JPN:USA": 0.0, "dyads.tension.CHN-JPN": 0.05},
        {"dyads.commitment.CHN:JPN": 0.4, "dyads.stake.USA:CHN": 2.0},
    ]
    return [Case(_world(**point), _policies()) for point in points]


def _postures() -> list[Case]:
    """The same world; neighbours with equal policies share a controller, others do not."""
    levels = (0.1, 0.9, 0.9, 0.5)
    return [Case(_world(), _policies("reactive", _levels(level))) for level in levels]


def _worlds_and_postures() -> list[Case]:
    return [
        Case(_world(**{"parameters.signal_gain": gain}), _policies(_levels(level), "reactive"))
        for gain in (0.5, 2.0)
        for level in (0.2, 0.8)
    ]


def _options() -> list[Case]:
    """Structural options that change, and change back, between neighbours."""
    points: list[dict[str, object]] = [
        {},
        {"options.contest_exponent": "4"},
        {"options.contest_exponent": "4", "parameters.theta_challenger": 0.9},
        {"options.shock": "logit"},
        {"options.dependence": "mean", "options.tension_norm": "slow"},
        {"options.choice": "drawn"},
        {},
    ]
    return [Case(_world(**point), _policies()) for point in points]


def _horizons() -> list[Case]:
    # Spin-ups that end with a chunk of draws, and in the midst of the second.
    long = [(CHUNK_MONTHS, 10), (CHUNK_MONTHS + 6, 20)]
    lengths = [(3, 8), (3, 8), (2, 9), (3, 2 * CHUNK_MONTHS), (0, 5), *long, (3, 8)]
    run_ins = (0, 0, 24, 24, 24, 5, 0, 24)
    return [
        Case(
            short(load_scenario("four_states"), *length, **{"horizon.run_in": run_in}),
            _policies("reactive"),
        )
        for length, run_in in zip(lengths, run_ins, strict=True)
    ]


def _streams() -> list[Case]:
    """Random streams that change, and change back, between neighbours."""
    return [
        Case(_with_stream(name), _policies("new_approach")) for name in ("JPN", "NEW", "NEW", "JPN")
    ]


def _sizes() -> list[Case]:
    """Worlds of other states altogether."""
    worlds = [
        load_scenario("two_states"),
        load_scenario("four_states"),
        random_world(3, 7),
        load_scenario("two_states"),
    ]
    return [Case(short(world, 2, 6), _policies("incremental", "reactive")) for world in worlds]


JOBS: dict[str, Callable[[], list[Case]]] = {
    "parameters": _parameters,
    "postures": _postures,
    "worlds_and_postures": _worlds_and_postures,
    "options": _options,
    "horizons": _horizons,
    "streams": _streams,
    "sizes": _sizes,
}
every_job = pytest.mark.parametrize("name", JOBS)


def _job(cases: list[Case], n_replicates: int = 3, clamp: tuple[str, ...] = ()) -> BatchJob:
    return BatchJob(cases, SEED, 5, n_replicates, series=ALL_SERIES, clamp=clamp)


@cache
def _alone(name: str) -> Results:
    """Run each case of a job in a job of its own."""
    return [ensemble.run_batch(_job([case]))[0] for case in JOBS[name]()]


def _same(found: Results, expected: Results) -> None:
    assert [len(case) for case in found] == [len(case) for case in expected]
    for place, (case, other_case) in enumerate(zip(found, expected, strict=True)):
        for posture, (one, other) in enumerate(zip(case, other_case, strict=True)):
            assert same_bits(one, other), f"case {place}, posture {posture}"


def _all_different(results: Results) -> bool:
    windows = [result.windows.tobytes() for case in results for result in case]
    return len(set(windows)) == len(windows)


@pytest.mark.parametrize("most", [1, 7, 128], ids=lambda most: f"{most}_runs_a_batch")
@pytest.mark.parametrize("kept", [0, 128 * 2**20], ids=["draws_not_kept", "draws_kept"])
@every_job
def test_cases_together_equal_each_alone(
    name: str, most: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "BATCH_RUNS", most)
    monkeypatch.setattr(random_streams, "KEPT_DRAW_BYTES", kept)
    _same(ensemble.run_batch(_job(JOBS[name]())), _alone(name))


@every_job
def test_the_mesa_model_gives_the_same(name: str) -> None:
    _same(mesa_model.run_batch(_job(JOBS[name]())), _alone(name))


def test_the_cases_of_these_jobs_differ() -> None:
    # Were they alike, one could stand for another unseen.
    assert _all_different([[case[1] for case in _alone("parameters")]])
    assert _all_different([[case[0] for case in _alone("worlds_and_postures")]])
    low, high, again, middle = (case[1] for case in _alone("postures"))
    assert same_bits(high, again)
    assert _all_different([[low], [high], [middle]])
    options = [case[1] for case in _alone("options")]
    assert same_bits(options[0], options[-1])
    assert _all_different([options[:-1]])
    own, other, _, back = (case[0] for case in _alone("streams"))
    assert same_bits(own, back)
    assert not same_bits(own, other)


@pytest.mark.parametrize("clamp", [("CHN",), ("JPN", "USA")])
def test_clamped_cases_equal_each_alone(clamp: tuple[str, ...]) -> None:
    cases = [*_parameters()[:3], *_options()[1:4]]
    together = ensemble.run_batch(_job(cases, 2, clamp))
    _same(together, [ensemble.run_batch(_job([case], 2, clamp))[0] for case in cases])
    _same(together, mesa_model.run_batch(_job(cases, 2, clamp)))
    free = ensemble.run_batch(_job(cases, 2))
    assert not same_bits(together[0][1], free[0][1])


def test_more_replicates_than_a_batch_holds() -> None:
    cases = [
        Case(
            short(load_scenario("two_states"), 2, 6, **{"parameters.theta_challenger": theta}),
            _policies("reactive"),
        )
        for theta in (0.2, 0.8)
    ]
    n_replicates = ensemble.BATCH_RUNS + 3
    together = ensemble.run_batch(_job(cases, n_replicates))
    _same(together, [ensemble.run_batch(_job([case], n_replicates))[0] for case in cases])
    few = replace(_job(cases, 2), first_replicate=5 + ensemble.BATCH_RUNS)
    for (of_many,), (of_few,) in zip(together, mesa_model.run_batch(few), strict=True):
        assert of_many.windows.shape[-1] == n_replicates
        last = slice(ensemble.BATCH_RUNS, ensemble.BATCH_RUNS + 2)
        assert same_bits(of_many.of_runs(last), of_few)


@pytest.mark.parametrize(
    ("kept", "most", "draws_made"),
    [
        # Once for all cases and postures, however many batches.
        (128 * 2**20, 128, 1),
        (128 * 2**20, 3, 1),
        # If they are not kept, once for each batch.
        (0, 128, 1),
        (0, 3, 7),
    ],
)
def test_draws_are_made_once_for_all_postures_and_cases(
    kept: int, most: int, draws_made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[int] = []
    fill = RandomStreams.fill

    def counted(streams: RandomStreams, buffer: np.ndarray, chunk: int, first: int) -> None:
        filled.append(chunk)
        fill(streams, buffer, chunk, first)

    monkeypatch.setattr(RandomStreams, "fill", counted)
    monkeypatch.setattr(ensemble, "BATCH_RUNS", most)
    monkeypatch.setattr(random_streams, "KEPT_DRAW_BYTES", kept)
    ensemble.run_batch(_job(_parameters()))
    assert sorted(filled) == sorted([0, 1, 2] * draws_made)


def test_a_job_without_cases_gives_nothing() -> None:
    assert ensemble.run_batch(_job([])) == mesa_model.run_batch(_job([])) == []


@dataclass(frozen=True)
class _Hidden(Policy):
    """Two of these are equal, though what decides differs."""

    name: ClassVar[str] = "hidden"
    rule: ClassVar[str] = "hold a level that equality does not see"
    reference: ClassVar[str] = "none"

    level: float = field(default=0.0, compare=False)

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        return {Instrument.joint_patrols: self.level}


@dataclass(frozen=True)
class _WithArray(_Hidden):
    """Asking whether two of these are equal is an error."""

    levels: np.ndarray = field(default_factory=lambda: np.array([0.5, 1.0]))


@dataclass(frozen=True, slots=True)
class _InSlots(Policy):
    """What decides is in no dictionary."""

    name: ClassVar[str] = "in_slots"
    rule: ClassVar[str] = "hold a level"
    reference: ClassVar[str] = "none"

    level: float = 0.0

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        return {Instrument.joint_patrols: self.level}


class _Beside(_Hidden):
    """What decides is no setting."""

    def __init__(self, level: float) -> None:
        super().__init__()
        object.__setattr__(self, "extra", level)

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        return {Instrument.joint_patrols: self.extra}


@pytest.mark.parametrize("kind", [_Hidden, _WithArray, _InSlots, _Beside])
def test_policies_share_a_controller_only_if_they_are_surely_the_same(kind: type[_Hidden]) -> None:
    cases = [Case(_world(), [kind(level=level)]) for level in (0.0, 1.0)]
    job = BatchJob(cases, SEED, 0, 3, ALL_SERIES)
    for one, other in zip(ensemble.run_batch(job), mesa_model.run_batch(job), strict=True):
        assert same_bits(one[0], other[0])
    assert not same_bits(*(results[0] for results in ensemble.run_batch(job)))
