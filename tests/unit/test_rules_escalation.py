"""Escalation: decisions under a private shock, triggers, and mistakes as nested events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from regional_sim.model.mechanisms.escalation import (
    chance_under_logistic_shock,
    chance_under_normal_shock,
    either,
    mistaken,
)
from regional_sim.model.mechanisms.incidents import (
    MOST_INCIDENTS,
    expected_trigger,
    poisson_count,
    trigger_chance,
)
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import Param

FEW = settings(max_examples=100, deadline=None)
PROBIT, LOGIT = Option.shock.codes
shares = st.floats(0.0, 1.0)
payoffs = st.floats(-6.0, 6.0)
shock_sds = st.floats(Param.shock_sd.low, Param.shock_sd.high)
shocks = st.sampled_from(Option.shock.codes)
triggers = st.floats(Param.trigger_probability.low, Param.trigger_probability.high)
standings = st.floats(Param.crisis_trigger.low, Param.crisis_trigger.high)


def chance_of(shock, payoff, shock_sd):
    """Chance that a payoff and a shock of this distribution and deviation exceed 0."""
    rule = chance_under_logistic_shock if shock == LOGIT else chance_under_normal_shock
    return rule(payoff, 1.0 / shock_sd)


class TestDecisionChance:
    def test_hand_computed(self):
        assert chance_under_normal_shock(0.0, 1.0) == chance_under_logistic_shock(0.0, 1.0) == 0.5
        normal = chance_under_normal_shock(2.0, 0.5)
        assert normal == pytest.approx(0.8413447460685429, rel=1e-14)
        expected = special.expit(np.pi / np.sqrt(3.0))
        assert chance_under_logistic_shock(2.0, 0.5) == pytest.approx(float(expected), rel=1e-14)

    def test_the_code_of_a_logistic_shock_is_that_of_the_option(self):
        assert Option.shock.choices[Option.shock.codes.index(LOGISTIC_SHOCK)] == "logit"
        assert LOGISTIC_SHOCK == LOGIT != PROBIT

    @pytest.mark.parametrize("shock", Option.shock.codes)
    def test_both_shocks_have_the_stated_deviation(self, shock):
        # The variance of the shock from its distribution function: 4 * integral of x F(-x).
        edges = np.linspace(0.0, 60.0, 24001)
        tail = [chance_of(shock, -float(edge), 1.5) for edge in edges]
        variance = 4.0 * np.trapezoid(edges * np.array(tail), edges)
        assert np.sqrt(variance) == pytest.approx(1.5, rel=1e-6)

    @FEW
    @given(payoffs, payoffs, shock_sds, shocks)
    def test_rises_with_payoff(self, low, high, sd, shock):
        low, high = sorted([low, high])
        assert 0.0 <= chance_of(shock, low, sd) <= chance_of(shock, high, sd) <= 1.0

    @FEW
    @given(st.floats(0.0, 6.0), shock_sds, shock_sds, shocks)
    def test_a_certain_state_follows_its_payoff(self, payoff, sharp, blunt, shock):
        sharp, blunt = sorted([sharp, blunt])
        assert chance_of(shock, payoff, sharp) >= chance_of(shock, payoff, blunt) - 1e-15

    @FEW
    @given(payoffs, shock_sds, shocks)
    def test_symmetric_shock(self, payoff, sd, shock):
        both = chance_of(shock, payoff, sd) + chance_of(shock, -payoff, sd)
        assert both == pytest.approx(1.0, abs=1e-15)


class TestTriggered:
    def test_hand_computed(self):
        assert trigger_chance(0.0, 0.5, 0.0) == 0.0
        assert trigger_chance(1.0, 0.5, 0.0) == 0.5
        assert trigger_chance(2.0, 0.5, 0.0) == 0.75
        assert trigger_chance(2.0, 0.5, 0.5) == 0.875
        assert trigger_chance(0.0, 0.5, 0.25) == 0.25

    @FEW
    @given(st.integers(0, MOST_INCIDENTS), triggers, standings)
    def test_equation(self, count, trigger, standing):
        chance = trigger_chance(float(count), trigger, standing)
        expected = 1.0 - (1.0 - standing) * (1.0 - trigger) ** count
        assert chance == pytest.approx(expected, abs=1e-14)
        assert 0.0 <= chance < 1.0

    @FEW
    @given(st.integers(0, MOST_INCIDENTS - 1), triggers, standings)
    def test_rises_with_the_count(self, count, trigger, standing):
        fewer = trigger_chance(float(count), trigger, standing)
        assert fewer <= trigger_chance(count + 1.0, trigger, standing)


class TestExpectedTrigger:
    def test_hand_computed(self):
        assert expected_trigger(0.0, 0.2, 0.0) == 0.0
        assert expected_trigger(0.0, 0.2, 0.5) == 0.5
        half = expected_trigger(0.6931471805599453, 1.0, 0.0)
        assert half == pytest.approx(0.5, rel=1e-14)

    @FEW
    @given(st.floats(0.0, 8.0), triggers, standings)
    def test_mean_of_triggered_over_the_counts(self, intensity, trigger, standing):
        counts = range(MOST_INCIDENTS + 1)
        chances = [trigger_chance(float(count), trigger, standing) for count in counts]
        beyond = float(stats.poisson.sf(MOST_INCIDENTS, intensity))
        mean = stats.poisson.pmf(counts, intensity) @ chances + beyond * chances[-1]
        # Longer counts are cut: what they would add is at most what twelve still miss.
        missed = beyond * (1.0 - chances[-1])
        expected = expected_trigger(intensity, trigger, standing)
        assert mean - 1e-12 <= expected <= mean + missed + 1e-12

    @pytest.mark.parametrize("intensity", [0.1, 1.0, 3.0, 8.0])
    def test_share_of_draws_that_trigger(self, intensity):
        # As in a step of the model: the count and whether it triggers come from one uniform.
        n_grid, trigger, standing = 10000, 0.2, 0.1
        hits = 0
        for k in range(n_grid):
            count, place = poisson_count(intensity, (k + 0.5) / n_grid)
            hits += place < trigger_chance(count, trigger, standing)
        expected = expected_trigger(intensity, trigger, standing)
        assert hits / n_grid == pytest.approx(expected, abs=0.005)


class TestMistaken:
    def test_hand_computed(self):
        assert mistaken(0.75, 0.5) == 0.25
        assert mistaken(0.5, 0.75) == 0.0
        assert mistaken(0.5, 0.5) == 0.0
        assert mistaken(1.0, 0.0) == 1.0

    @FEW
    @given(shares, shares)
    def test_a_decision_is_reversed_one_way_or_the_other(self, chance, other):
        wrong, missed = mistaken(chance, other), mistaken(other, chance)
        assert 0.0 <= wrong <= chance
        assert wrong - missed == chance - other
        assert min(wrong, missed) == 0.0

    @pytest.mark.parametrize("shock", Option.shock.codes)
    @pytest.mark.parametrize(
        ("believed", "true"), [(0.4, -0.3), (-0.3, 0.4), (1.2, 1.0), (-2.0, -2.5), (0.5, 0.5)]
    )
    def test_nested_events_of_one_shock(self, shock, believed, true):
        # A grid of uniforms stands for the shock: 1 - u is as uniform as u.
        sd, n_grid = 0.8, 200000
        uniform = (np.arange(n_grid) + 0.5) / n_grid
        scale = sd * np.sqrt(3.0) / np.pi
        private = sd * special.ndtri(uniform) if shock == PROBIT else scale * special.logit(uniform)
        escalates = believed + private > 0.0
        would_escalate = true + private > 0.0
        chance, other = (chance_of(shock, payoff, sd) for payoff in (believed, true))
        close = pytest.approx
        assert np.mean(escalates) == close(chance, abs=1e-5)
        assert np.mean(escalates & ~would_escalate) == close(mistaken(chance, other), abs=1e-5)
        assert np.mean(~escalates & would_escalate) == close(mistaken(other, chance), abs=1e-5)

    @pytest.mark.parametrize(("chance", "true"), [(0.7, 0.4), (0.4, 0.7), (0.6, 0.6)])
    def test_one_uniform_in_place_of_the_shock(self, chance, true):
        # A shock above a threshold is a uniform below its chance.
        uniform = np.random.default_rng(9).random(100000)
        reversed_by_truth = np.mean((uniform < chance) & (uniform >= true))
        assert reversed_by_truth == pytest.approx(mistaken(chance, true), abs=0.006)


class TestEither:
    def test_hand_computed(self):
        assert either(0.5, 0.5) == 0.75
        assert either(0.0, 0.25) == 0.25
        assert either(1.0, 0.25) == 1.0
        assert either(0.0, 0.0) == 0.0

    @FEW
    @given(shares, shares)
    def test_at_least_the_larger_and_at_most_the_sum(self, one, other):
        chance = either(one, other)
        assert max(one, other) - 1e-15 <= chance <= min(one + other, 1.0) + 1e-15
        assert chance == pytest.approx(either(other, one), abs=1e-15)
