"""Contract of every policy by discovery, the register, and each policy's rule."""

import copy
import dataclasses
import json
import pickle
import pkgutil
from importlib import import_module
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regional_sim import postures
from regional_sim.errors import InputError
from regional_sim.experiment.posture import posture_of
from regional_sim.model.instruments import TRADITIONAL_LEVELS
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.postures import (
    DIMENSIONS,
    POLICIES,
    Instrument,
    Observed,
    Policy,
    create,
    members,
    policy_names,
    register,
)
from regional_sim.postures.named import NEW_LEVELS, Levels

FEW = settings(max_examples=60)
PACKAGE = "regional_sim.postures"
LONGEST = 200

# A policy that another test registers is none of the package's own.
SHIPPED = [policy for policy in POLICIES.values() if policy.__module__.startswith(PACKAGE)]
every_policy = pytest.mark.parametrize("policy", SHIPPED, ids=lambda policy: policy.name)
every_plain_policy = pytest.mark.parametrize(
    "policy", [policy for policy in SHIPPED if not policy.reads], ids=lambda policy: policy.name
)


def refuse(metric):
    raise AssertionError(f"read {metric}")


def unseen(n_runs=2, month=0):
    """Observed metrics of which none may be read."""
    return Observed(n_runs=n_runs, months=month, last=refuse, first=refuse)


def seen(month, last, first, read=None):
    """Observed metrics as given; names of those read are put into ``read``."""
    read = set() if read is None else read

    def of(rows):
        def value(metric):
            read.add(metric)
            return np.array(rows[metric], dtype=np.float64)

        return value

    n_runs = len(next(iter(last.values())))
    return Observed(n_runs=n_runs, months=month, last=of(last), first=of(first))


@st.composite
def metric_values(draw, names, n_runs):
    """Draw values within the range of each metric, for each run."""
    values = {}
    for name in names:
        low, high = max(Metric[name].low, -1e6), min(Metric[name].high, 1e6)
        values[name] = draw(st.lists(st.floats(low, high), min_size=n_runs, max_size=n_runs))
    return values


@st.composite
def observations(draw, policy):
    """Draw a month and all that a policy says it reads."""
    month = draw(st.integers(0, LONGEST))
    n_runs = draw(st.integers(1, 4))
    if month == 0 or not policy.reads:
        return month, unseen(n_runs, month)
    last, first = (draw(metric_values(policy.reads, n_runs)) for _ in range(2))
    return month, seen(month, last, first)


def as_lists(targets):
    return {instrument: np.asarray(level).tolist() for instrument, level in targets.items()}


@every_policy
class TestContract:
    def test_says_what_it_is(self, policy):
        for text in (policy.name, policy.rule, policy.reference):
            assert isinstance(text, str)
            assert text == text.strip() != ""
        assert POLICIES[policy.name] is policy
        assert policy.__doc__.strip()

    def test_is_frozen(self, policy):
        assert "__dataclass_params__" in vars(policy), "it is no dataclass of its own"
        one = policy()
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.name = "other"
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.memory = 1

    def test_equals_its_clones(self, policy):
        one = policy()
        for clone in (policy(), copy.deepcopy(one), dataclasses.replace(one)):
            assert clone == one
            assert hash(clone) == hash(one)

    def test_can_be_sent_to_a_worker(self, policy):
        assert pickle.loads(pickle.dumps(policy())) == policy()

    def test_reads_metrics_that_exist(self, policy):
        assert set(policy.reads) <= set(Metric.__members__)
        assert len(set(policy.reads)) == len(policy.reads)

    @FEW
    @given(data=st.data())
    def test_targets_are_levels_of_instruments(self, policy, data):
        month, observed = data.draw(observations(policy))
        targets = policy().targets(month, observed)
        for instrument, level in targets.items():
            assert isinstance(instrument, Instrument)
            assert np.shape(level) in ((), (observed.n_runs,))
            assert np.all((np.asarray(level) >= 0.0) & (np.asarray(level) <= 1.0))

    @FEW
    @given(data=st.data())
    def test_has_no_memory(self, policy, data):
        month, observed = data.draw(observations(policy))
        other_month, other = data.draw(observations(policy))
        one = policy()
        before = as_lists(one.targets(month, observed))
        one.targets(other_month, other)
        assert as_lists(one.targets(month, observed)) == before
        assert as_lists(policy().targets(month, observed)) == before

    def test_first_month_reads_nothing(self, policy):
        policy().targets(0, unseen())

    def test_runs_do_not_depend_on_each_other(self, policy):
        random = np.random.default_rng(2)
        last, first = (
            {name: random.random(5) for name in policy.reads or ("tension",)} for _ in "ab"
        )
        whole = policy().targets(7, seen(7, last, first))
        for run in range(5):
            alone = policy().targets(
                7,
                seen(
                    7, *({name: row[[run]] for name, row in rows.items()} for rows in (last, first))
                ),
            )
            for instrument, level in whole.items():
                assert np.broadcast_to(level, 5)[run] == np.broadcast_to(alone[instrument], 1)[0]

    def test_reads_exactly_what_it_says(self, policy):
        read = set()
        random = np.random.default_rng(4)
        for month in (1, 2, 36, 60, LONGEST):
            last, first = ({metric.name: random.random(20) for metric in Metric} for _ in range(2))
            policy().targets(month, seen(month, last, first, read))
        assert read == set(policy.reads)


@every_plain_policy
def test_a_policy_without_feedback_goes_by_the_month_alone(policy):
    for month in range(LONGEST + 1):
        alone = policy().targets(month, unseen(2, month))
        wide = policy().targets(month, unseen(9, 0))
        assert as_lists(alone) == as_lists(wide)


def test_every_named_policy_of_the_package_is_in_the_register():
    def below(kind):
        return [kind, *(one for each in kind.__subclasses__() for one in below(each))]

    for module in pkgutil.iter_modules(postures.__path__, f"{PACKAGE}."):
        import_module(module.name)
    named = {one for one in below(Policy) if "name" in vars(one)}
    assert {one for one in named if one.__module__.startswith(PACKAGE)} == set(SHIPPED)
    assert {
        "traditional",
        "incremental",
        "new_approach",
        "military_first",
        "economic_first",
        "diplomatic_first",
        "reassurance",
        "reactive",
        "levels",
    } <= {policy.name for policy in SHIPPED}


def test_a_policy_needs_a_rule():
    with pytest.raises(TypeError, match="abstract"):
        Policy()


class TestInstruments:
    def test_rows_in_the_order_of_declaration(self):
        assert [int(one) for one in Instrument] == list(range(6))
        assert [one.name for dimension in DIMENSIONS for one in members(dimension)] == [
            one.name for one in Instrument
        ]

    @pytest.mark.parametrize("instrument", Instrument, ids=lambda one: one.name)
    def test_each_has_a_lag_and_channels(self, instrument):
        assert instrument.lag is Param[f"lag_{instrument.dimension}_months"]
        assert instrument.channels
        # With all channels at 0 an instrument does nothing; so 0 must be allowed.
        assert all(channel.low <= 0.0 <= channel.high for channel in instrument.channels)
        assert instrument.meaning.strip()

    def test_unknown_dimension_has_no_members(self):
        assert members("cultural") == ()


class TestObserved:
    def test_no_change_before_anything_is_known(self):
        assert unseen(3).change("tension").tolist() == [0.0, 0.0, 0.0]

    def test_change_is_last_less_first(self):
        observed = seen(5, {"tension": [0.5, 0.25]}, {"tension": [0.25, 0.5]})
        assert observed.change("tension").tolist() == [0.25, -0.25]


@pytest.fixture
def register_of_its_own(monkeypatch):
    """A register that a test may change."""
    own = dict(POLICIES)
    monkeypatch.setattr("regional_sim.postures.registry.POLICIES", own)
    return own


@dataclasses.dataclass(frozen=True)
class Cautious(Policy):
    """A user's own policy: back the partner less, the higher tension is."""

    name: ClassVar[str] = "cautious"
    rule: ClassVar[str] = "lower backing as tension rises"
    reference: ClassVar[str] = "a user"
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    most: float = 0.8

    def targets(self, month, observed):  # noqa: ARG002
        if observed.months == 0:
            return {Instrument.political_backing: self.most}
        return {Instrument.political_backing: self.most * (1.0 - observed.last("tension"))}


class TestRegister:
    def test_names_in_the_order_of_the_register(self):
        assert policy_names() == list(POLICIES)
        assert policy_names()[0] == "traditional"

    def test_a_policy_of_ones_own_can_be_made_by_name(self, register_of_its_own):
        assert register(Cautious) is Cautious
        assert register_of_its_own["cautious"] is Cautious
        assert create("cautious", {"most": 0.6}) == Cautious(most=0.6)
        assert create("cautious") == Cautious()

    def test_the_same_class_may_come_again(self, register_of_its_own):
        register(Cautious)
        register(Cautious)
        assert list(register_of_its_own).count("cautious") == 1

    def test_a_second_class_of_a_name_is_refused(self, register_of_its_own):
        class Other(Cautious):
            name: ClassVar[str] = "traditional"

        with pytest.raises(InputError, match="another policy has this name") as error:
            register(Other)
        assert error.value.faults[0].key == "traditional"
        assert register_of_its_own["traditional"] is POLICIES["traditional"]


class TestCreate:
    @every_policy
    def test_by_name(self, policy):
        assert create(policy.name) == policy()
        assert create(policy.name, {}) == policy()

    def test_settings(self):
        assert create("levels", {"military": 0.5}) == Levels(military=0.5)

    def test_settings_may_be_numbers_of_numpy(self):
        given = {"military": np.float32(0.5), "supply_chain": np.int64(1)}
        assert create("levels", given) == Levels(military=0.5, supply_chain=1)

    def test_unknown_policy(self):
        with pytest.raises(InputError) as error:
            create("new_aproach")
        (fault,) = error.value.faults
        assert fault.what == "unknown policy"
        assert fault.value == "new_aproach"
        assert fault.hint == "did you mean 'new_approach'?"
        assert all(name in fault.allowed for name in policy_names())

    def test_unknown_setting(self):
        with pytest.raises(InputError) as error:
            create("levels", {"joint_patrol": 0.5})
        (fault,) = error.value.faults
        assert fault.key == "posture levels: joint_patrol"
        assert fault.hint == "did you mean 'joint_patrols'?"
        assert "crisis_channel" in fault.allowed

    def test_a_policy_without_settings_takes_none(self):
        with pytest.raises(InputError, match="allowed: none"):
            create("traditional", {"military": 0.5})

    @pytest.mark.parametrize("level", [1.5, -0.1, float("nan"), float("inf"), True, "0.5", [0.5]])
    def test_value_that_is_no_level(self, level):
        with pytest.raises(InputError) as error:
            create("levels", {"military": level})
        (fault,) = error.value.faults
        assert (fault.what, fault.key) == ("not a level", "posture levels: military")
        assert fault.allowed == "a number from 0 to 1"


class TestLevels:
    def held(self, **levels):
        return Levels(**levels).targets(3, unseen(2, 3))

    def test_what_is_not_named_stays_traditional(self):
        assert self.held() == {}
        assert self.held(supply_chain=0.5) == {Instrument.supply_chain: 0.5}

    def test_dimension_moves_all_its_instruments(self):
        patrols, warning = Instrument.joint_patrols, Instrument.early_warning
        assert self.held(military=0.6) == {patrols: 0.6, warning: 0.6}
        assert self.held(economic=0.6) == {Instrument.supply_chain: 0.6}

    def test_an_instrument_goes_before_its_dimension(self):
        patrols, warning = Instrument.joint_patrols, Instrument.early_warning
        assert self.held(military=0.6, early_warning=0.2) == {patrols: 0.6, warning: 0.2}
        assert self.held(early_warning=0.0, military=0.6) == {patrols: 0.6, warning: 0.0}

    def test_the_channel_moves_only_when_named(self):
        backing, dialogue = Instrument.political_backing, Instrument.partner_dialogue
        assert self.held(diplomatic=0.7) == {backing: 0.7, dialogue: 0.7}
        channel = Instrument.crisis_channel
        assert self.held(crisis_channel=0.9) == {channel: 0.9}
        assert self.held(diplomatic=0.7, crisis_channel=0.9)[channel] == 0.9

    @pytest.mark.parametrize("level", [0, 1, 0.0, 1.0])
    def test_ends_of_the_range(self, level):
        assert self.held(joint_patrols=level) == {Instrument.joint_patrols: float(level)}

    @FEW
    @given(
        st.dictionaries(st.sampled_from([*DIMENSIONS, *Instrument.__members__]), st.floats(0, 1))
    )
    def test_each_instrument_gets_its_own_level_or_its_dimensions(self, levels):
        held = self.held(**levels)
        for instrument in Instrument:
            usual = None
            if instrument is not Instrument.crisis_channel:
                usual = levels.get(instrument.dimension)
            assert held.get(instrument) == levels.get(instrument.name, usual)


class TestPaths:
    def path(self, name, month, **rows):
        """Targets of a policy by the names of the instruments."""
        observed = unseen(2, month)
        if rows:
            last = {metric: values[0] for metric, values in rows.items()}
            first = {metric: values[1] for metric, values in rows.items()}
            observed = seen(month, last, first)
        return create(name).targets(month, observed)

    def test_traditional(self):
        assert self.path("traditional", 0) == TRADITIONAL_LEVELS
        assert set(TRADITIONAL_LEVELS) == set(Instrument)

    def test_new_approach_is_at_least_traditional_everywhere(self):
        assert self.path("new_approach", 0) == NEW_LEVELS
        assert all(level > TRADITIONAL_LEVELS[one] for one, level in NEW_LEVELS.items())
        assert set(Instrument) - set(NEW_LEVELS) == {Instrument.crisis_channel}

    def test_reassurance_opens_the_channel_as_well(self):
        targets = self.path("reassurance", 0)
        assert targets == {**NEW_LEVELS, Instrument.crisis_channel: 0.9}

    def test_incremental_goes_half_the_way_in_equal_steps(self):
        for one, level in NEW_LEVELS.items():
            usual = TRADITIONAL_LEVELS[one]
            step = 0.5 * (level - usual) / 48
            steps = [self.path("incremental", month)[one] for month in range(60)]
            assert steps[:48] == pytest.approx([usual + step * (n + 1) for n in range(48)])
            assert steps[47:] == pytest.approx([0.5 * (usual + level)] * 13)

    @pytest.mark.parametrize("dimension", DIMENSIONS)
    def test_one_dimension_leads_by_three_years(self, dimension):
        leading = {one: level for one, level in NEW_LEVELS.items() if one.dimension == dimension}
        assert leading
        for month in (0, 1, 35):
            assert self.path(f"{dimension}_first", month) == leading
        for month in (36, 37, LONGEST):
            assert self.path(f"{dimension}_first", month) == NEW_LEVELS

    def test_reactive_starts_halfway(self):
        targets = self.path("reactive", 0)
        for one, level in NEW_LEVELS.items():
            halfway = 0.5 * (TRADITIONAL_LEVELS[one] + level)
            assert targets[one] == pytest.approx([halfway] * 2)
        assert targets[Instrument.crisis_channel].tolist() == [0.3, 0.3]

    def test_reactive_answers_tension_run_by_run(self):
        patrols = self.path(
            "reactive",
            4,
            tension=([0.2, 0.225, 0.25, 0.9, 0.175, 0.15, 0.0], [0.2] * 7),
            crisis_months=([0.0] * 7, [5.0] * 7),
        )[Instrument.joint_patrols]
        # Traditional 0.1, new 0.8; a rise or fall of 0.05 is answered in full.
        assert patrols == pytest.approx([0.45, 0.625, 0.8, 0.8, 0.275, 0.1, 0.1])

    def test_reactive_backs_off_and_talks_in_a_crisis(self):
        targets = self.path(
            "reactive", 4, tension=([0.9, 0.9], [0.2, 0.2]), crisis_months=([1.0, 0.0], [0.0, 0.0])
        )
        for one, level in NEW_LEVELS.items():
            assert targets[one] == pytest.approx([TRADITIONAL_LEVELS[one], level])
        assert targets[Instrument.crisis_channel].tolist() == [0.9, 0.3]


class TestSchedule:
    def test_goes_from_the_traditional_level_through_its_points(self):
        policy = create("schedule", {"political_backing": {4: 0.5, 6: 0.5, 8: 0.3}})
        levels = [policy.targets(month, unseen()) for month in range(10)]
        assert all(set(one) == {Instrument.political_backing} for one in levels)
        found = [one[Instrument.political_backing] for one in levels]
        assert np.allclose(found, [0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.4, 0.3, 0.3, 0.3])
        assert all(type(level) is float for level in found)

    def test_months_may_be_text_as_in_a_file(self):
        one = create("schedule", {"joint_patrols": {"12": 0.8, "2": 0.1}})
        other = create("schedule", {"joint_patrols": {2: 0.1, 12: 0.8}})
        assert one == other
        assert hash(one) == hash(other)
        assert pickle.loads(pickle.dumps(one)) == one
        assert dataclasses.replace(one, joint_patrols=None) == create("schedule")

    @FEW
    @given(
        points=st.dictionaries(st.integers(1, LONGEST), st.floats(0, 1), min_size=1, max_size=5),
        month=st.integers(0, LONGEST),
    )
    def test_stays_within_its_points(self, points, month):
        (level,) = create("schedule", {"supply_chain": points}).targets(month, unseen()).values()
        ends = [0.1, *points.values()]
        assert min(ends) - 1e-12 <= level <= max(ends) + 1e-12
        if month + 1 in points:
            assert level == points[month + 1]

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (0.5, "not a schedule; got 0.5"),
            ({0: 0.5}, "0 is not a month"),
            ({1.5: 0.5}, "1.5 is not a month"),
            ({True: 0.5}, "is not a month"),
            ({1201: 0.5}, "1201 is not a month"),
            ({"9" * 5000: 0.5}, "is not a month"),
            ({3: 1.5}, "not a level in month 3; got 1.5; allowed: 0 to 1"),
            ({3: None}, "not a level in month 3"),
            ({3: 0.5, "3": 0.6}, "month 3 is given twice"),
        ],
    )
    def test_refuses_what_is_no_schedule(self, given, message):
        with pytest.raises(InputError, match=message) as caught:
            create("schedule", {"joint_patrols": given})
        assert caught.value.key == "posture schedule: joint_patrols"

    def test_is_recorded_and_read_again(self):
        text = "schedule:joint_patrols={1: 0.2, 24: 0.9},political_backing={3: 0.4},label=x"
        posture = posture_of(text)
        assert posture.plain() == {
            "policy": "schedule",
            "label": "x",
            "joint_patrols": {"1": 0.2, "24": 0.9},
            "political_backing": {"3": 0.4},
        }
        assert posture_of(json.loads(json.dumps(posture.plain()))) == posture
