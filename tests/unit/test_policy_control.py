"""Policies, their own and users', as they steer a batch of runs."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regional_sim.engine.build import build_world
from regional_sim.engine.policy_control import PolicyController
from regional_sim.errors import InputError
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import InstrumentRow, World
from regional_sim.postures import Policy, create
from regional_sim.scenario import load_scenario

N_RUNS = 3
ONSET = 24
TRADITIONAL = [[level] * N_RUNS for level in TRADITIONAL_LEVELS.values()]
PATROLS, WARNING = Instrument.joint_patrols, Instrument.early_warning


def tiny_world(n_runs=N_RUNS):
    """Arrays without states: a controller reads metrics and writes targets, nothing else."""
    sizes = {
        "instrument": (len(InstrumentRow), len(Instrument), n_runs),
        "metric": (len(Metric), n_runs),
    }
    world = World(**{name: np.zeros(sizes.get(name, (1, 1))) for name in World._fields})
    for instrument, level in TRADITIONAL_LEVELS.items():
        world.instrument[:, instrument] = level
    return world


class ForTests(Policy):
    name: ClassVar[str] = "for_tests"
    rule: ClassVar[str] = "do as the test says"
    reference: ClassVar[str] = "a test"


@dataclasses.dataclass(frozen=True)
class Scripted(ForTests):
    """Returns what is written for each month."""

    script: tuple = ()

    def targets(self, month, observed):  # noqa: ARG002
        return self.script[month]


def always(returned):
    return Scripted((returned,) * (ONSET + 5))


@dataclasses.dataclass(frozen=True)
class Looking(ForTests):
    """Reads a metric in each month from one on, and aims at what it saw."""

    from_month: int = 0
    most: float = 1.0

    def targets(self, month, observed):
        assert observed.months == month
        if month < self.from_month:
            return {}
        return {
            PATROLS: self.most * observed.last("tension"),
            WARNING: self.most * observed.first("tension"),
        }


def aimed_at(chosen, n_runs=N_RUNS):
    """Targets of all instruments, traditional where nothing is chosen."""
    return [
        np.broadcast_to(chosen.get(one, TRADITIONAL_LEVELS[one]), n_runs).tolist()
        for one in Instrument
    ]


def steered(controller, world, month, tension=None):
    if tension is not None:
        world.metric[Metric.tension] = tension
    controller.steer(world, month)
    return world.instrument[InstrumentRow.target].copy()


def test_nothing_is_written_before_the_onset():
    controller, world = PolicyController(always({WARNING: 0.9}), ONSET), tiny_world()
    world.instrument[InstrumentRow.target] = 0.77
    for month in range(ONSET):
        assert np.all(steered(controller, world, month) == 0.77)
    assert steered(controller, world, ONSET).tolist() == aimed_at({WARNING: 0.9})


def test_a_run_starts_with_the_traditional_levels_as_the_controller_expects():
    world = build_world(load_scenario("two_states"), N_RUNS)
    for row in InstrumentRow:
        assert world.instrument[row].tolist() == TRADITIONAL
    assert steered(PolicyController(create("traditional"), 0), world, 0).tolist() == TRADITIONAL


def test_targets_as_in_the_month_before_are_not_written_again():
    script = ({WARNING: 0.5}, {WARNING: 0.5}, {WARNING: 0.6})
    controller, world = PolicyController(Scripted(script), 0), tiny_world()
    steered(controller, world, 0)
    world.instrument[InstrumentRow.target] = 0.77
    assert np.all(steered(controller, world, 1) == 0.77)
    assert steered(controller, world, 2).tolist() == aimed_at({WARNING: 0.6})


NUMBERS_AND_ARRAYS = (
    {WARNING: 0.5, PATROLS: 0.8},
    {WARNING: np.array([0.1, 0.2, 0.3]), PATROLS: 0.8},
    {WARNING: np.array([0.3, 0.2, 0.1]), PATROLS: 0.8},
    # The numbers of month 0 again: what the arrays left has to go.
    {WARNING: 0.5, PATROLS: 0.8},
    {PATROLS: 0.8},
    {PATROLS: np.array([0.0, 0.5, 1.0])},
    {},
    dict(TRADITIONAL_LEVELS),
    {PATROLS: 1},
)
few_levels = st.sampled_from([0.0, 0.1, 0.5, 0.9, 1, np.float64(0.5)])
level_of_each = st.lists(st.floats(0.0, 1.0), min_size=N_RUNS, max_size=N_RUNS).map(np.array)
choices = st.dictionaries(st.sampled_from(list(Instrument)), few_levels | level_of_each)


@settings(max_examples=60)
@example(NUMBERS_AND_ARRAYS)
@given(st.lists(choices, min_size=1, max_size=6))
def test_any_script_is_followed(script):
    controller, world = PolicyController(Scripted(tuple(script)), ONSET), tiny_world()
    for month, chosen in enumerate(script):
        targets = steered(controller, world, ONSET + month)
        assert targets.tolist() == aimed_at(chosen), month


def test_a_policy_may_change_the_mapping_that_it_returned():
    levels = {WARNING: 0.5}

    @dataclasses.dataclass(frozen=True)
    class Reusing(ForTests):
        def targets(self, month, observed):  # noqa: ARG002
            levels[WARNING] = 0.5 + 0.1 * month
            return levels

    controller, world = PolicyController(Reusing(), 0), tiny_world()
    for month in range(3):
        targets = steered(controller, world, month)
        assert targets[WARNING].tolist() == [0.5 + 0.1 * month] * N_RUNS


def test_first_and_last_month_that_it_may_know_run_by_run():
    controller, world = PolicyController(Looking(from_month=1), ONSET), tiny_world()
    for month in range(ONSET + 1):
        steered(controller, world, month, tension=0.9)
    first = [0.2, 0.5, 1.0]
    for since, last in ((1, first), (2, [0.3, 0.4, 0.0]), (3, [0.4, 0.1, 0.2])):
        targets = steered(controller, world, ONSET + since, tension=last)
        assert targets[PATROLS].tolist() == last
        assert targets[WARNING].tolist() == first


def test_nothing_is_known_in_the_first_month():
    with pytest.raises(InputError, match="nothing has been observed") as error:
        PolicyController(Looking(), ONSET).steer(tiny_world(), ONSET)
    assert error.value.key == "posture for_tests"


def test_a_policy_cannot_change_what_was_measured():
    @dataclasses.dataclass(frozen=True)
    class Meddling(ForTests):
        def targets(self, month, observed):
            if month > 0:
                observed.last("tension")[:] = 0.0
            return {}

    controller, world = PolicyController(Meddling(), 0), tiny_world()
    steered(controller, world, 0)
    steered(controller, world, 1, tension=0.5)
    assert world.metric[Metric.tension].tolist() == [0.5] * N_RUNS


@pytest.mark.parametrize(
    "target",
    [
        float("nan"),
        float("inf"),
        1.5,
        -0.1,
        None,
        np.array([0.5, np.nan, 0.5]),
        np.array([0.5, 0.5, 1.5]),
        np.full(N_RUNS - 1, 0.5),
        np.full(1, 0.5),
        np.full((N_RUNS, 1), 0.5),
    ],
    ids=repr,
)
def test_bad_targets_are_refused_however_good_the_month_before(target):
    controller, world = (
        PolicyController(Scripted(({WARNING: 0.5}, {WARNING: target})), ONSET),
        tiny_world(),
    )
    controller.steer(world, ONSET)
    with pytest.raises(InputError, match="no target") as error:
        controller.steer(world, ONSET + 1)
    assert error.value.key == "posture for_tests: early_warning"
    assert error.value.allowed.startswith("numbers from 0 to 1, one for all runs or one a run")


@pytest.mark.parametrize("returned", [None, {"joint_patrols": 0.5}, {7: 0.5}, {3: 0.5}])
def test_what_is_no_mapping_of_instruments_is_refused(returned):
    with pytest.raises(InputError, match="no target"):
        PolicyController(always(returned), 0).steer(tiny_world(), 0)


class TestSideBySide:
    SLICES = (slice(0, 2), slice(2, 3), slice(3, 6))
    POLICIES = (Looking(1), always({WARNING: 0.9}), Looking(1, most=0.5))

    def test_each_steers_its_own_runs_as_if_alone(self):
        together, alone = tiny_world(6), [tiny_world(len(range(6)[runs])) for runs in self.SLICES]
        controllers = [
            PolicyController(policy, ONSET, runs)
            for policy, runs in zip(self.POLICIES, self.SLICES, strict=True)
        ]
        of_one = [PolicyController(policy, ONSET) for policy in self.POLICIES]
        random = np.random.default_rng(8)
        for month in range(ONSET + 4):
            together.metric[Metric.tension] = random.random(6)
            for controller in controllers:
                controller.steer(together, month)
            for runs, world, controller in zip(self.SLICES, alone, of_one, strict=True):
                world.metric[:] = together.metric[:, runs]
                controller.steer(world, month)
                assert np.array_equal(together.instrument[..., runs], world.instrument)
        assert len(set(together.instrument[InstrumentRow.target, WARNING])) == 6

    def test_runs_of_nobody_are_left_alone(self):
        world = tiny_world(6)
        world.instrument[InstrumentRow.target] = 0.77
        PolicyController(always({WARNING: 0.9}), 0, slice(2, 4)).steer(world, 0)
        targets = world.instrument[InstrumentRow.target]
        assert np.all(targets[:, [0, 1, 4, 5]] == 0.77)
        assert np.all(targets[WARNING, 2:4] == 0.9)

    def test_an_array_must_be_as_long_as_its_own_runs(self):
        world = tiny_world(6)
        with pytest.raises(InputError, match="no target"):
            PolicyController(always({WARNING: np.full(6, 0.5)}), 0, slice(0, 3)).steer(world, 0)
        PolicyController(always({WARNING: np.full(3, 0.5)}), 0, slice(0, 3)).steer(world, 0)
