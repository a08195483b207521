"""Escalation: decisions under a private shock, and mistakes as nested events."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from regional_sim.model.mechanisms.escalation import either, escalation_chance, mistaken
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import Param

PROBIT, LOGIT = Option.shock.codes
shares = st.floats(0.0, 1.0)
payoffs = st.floats(-6.0, 6.0)
shock_sds = st.floats(Param.shock_sd.low, Param.shock_sd.high)
shocks = st.sampled_from(Option.shock.codes)


def chance_of(shock, payoff, shock_sd):
    """Chance that a payoff and a shock of this distribution and deviation exceed 0."""
    return escalation_chance(payoff, 1.0 / shock_sd, shock)


class TestEscalationChance:
    def test_hand_computed(self):
        assert escalation_chance(0.0, 1.0, PROBIT) == escalation_chance(0.0, 1.0, LOGIT) == 0.5
        normal = escalation_chance(2.0, 0.5, PROBIT)
        assert normal == pytest.approx(0.8413447460685429, rel=1e-14)
        expected = special.expit(np.pi / np.sqrt(3.0))
        assert escalation_chance(2.0, 0.5, LOGIT) == pytest.approx(float(expected), rel=1e-14)

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

    @given(payoffs, payoffs, shock_sds, shocks)
    def test_rises_with_payoff(self, low, high, sd, shock):
        low, high = sorted([low, high])
        assert 0.0 <= chance_of(shock, low, sd) <= chance_of(shock, high, sd) <= 1.0

    @given(st.floats(0.0, 6.0), shock_sds, shock_sds, shocks)
    def test_a_certain_state_follows_its_payoff(self, payoff, sharp, blunt, shock):
        sharp, blunt = sorted([sharp, blunt])
        assert chance_of(shock, payoff, sharp) >= chance_of(shock, payoff, blunt) - 1e-15

    @given(payoffs, shock_sds, shocks)
    def test_symmetric_shock(self, payoff, sd, shock):
        both = chance_of(shock, payoff, sd) + chance_of(shock, -payoff, sd)
        assert both == pytest.approx(1.0, abs=1e-15)


class TestMistaken:
    def test_hand_computed(self):
        assert mistaken(0.75, 0.5) == 0.25
        assert mistaken(0.5, 0.75) == 0.0
        assert mistaken(0.5, 0.5) == 0.0
        assert mistaken(1.0, 0.0) == 1.0

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

    @given(shares, shares)
    def test_at_least_the_larger_and_at_most_the_sum(self, one, other):
        chance = either(one, other)
        assert max(one, other) - 1e-15 <= chance <= min(one + other, 1.0) + 1e-15
        assert chance == pytest.approx(either(other, one), abs=1e-15)
