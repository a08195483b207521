"""Tension: divergence, the return to the norm and the norm itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.tension import (
    next_latent_tension,
    next_norm,
    stance_divergence,
)
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param

FIXED, SLOW = Option.tension_norm.codes
shares = st.floats(0.0, 1.0)
stances = st.floats(-1.0, 1.0)
logits = st.floats(-6.0, 6.0)
weights = st.floats(Param.norm_weight.low, Param.norm_weight.high)
rates = st.floats(Param.tension_rate.low, Param.tension_rate.high)


class TestDivergence:
    def test_hand_computed(self):
        assert stance_divergence(0.5, -0.5, 0.5) == 0.5
        assert stance_divergence(0.25, 0.25, 1.0) == 0.0
        assert stance_divergence(1.0, -1.0, 1.0) == 2.0
        assert stance_divergence(1.0, -1.0, 0.0) == 0.0

    @given(stances, stances, shares)
    def test_distance(self, one, other, relevance):
        apart = stance_divergence(one, other, relevance)
        assert (
            apart
            == stance_divergence(other, one, relevance)
            == stance_divergence(-one, -other, relevance)
        )
        assert 0.0 <= apart <= 2.0 * relevance

    @given(stances, stances, stances, shares)
    def test_no_detour_is_shorter(self, one, via, other, relevance):
        legs = stance_divergence(one, via, relevance) + stance_divergence(via, other, relevance)
        assert stance_divergence(one, other, relevance) <= legs + 1e-15


class TestNextLevel:
    def test_hand_computed(self):
        assert next_latent_tension(1.0, 0.5, 0.0, 0.0) == 0.5
        assert next_latent_tension(1.0, 0.25, 0.5, 0.5) == 1.0
        assert next_latent_tension(-2.0, 0.25, -1.0, 0.2) == pytest.approx(-1.7, rel=1e-15)

    @given(logits, rates)
    def test_rests_at_its_norm(self, norm, rate):
        assert next_latent_tension(norm, rate, norm, 0.0) == norm

    @given(logits, rates, st.floats(0.01, 2.0))
    def test_a_single_push_decays(self, norm, rate, push):
        level = next_latent_tension(norm, rate, norm, push)
        for month in range(1, 12):
            gap = level - norm
            assert gap == pytest.approx(rate * push * (1 - rate) ** (month - 1), abs=1e-13)
            level = next_latent_tension(level, rate, norm, 0.0)
            assert 0.0 <= level - norm + 1e-15 <= gap + 2e-15

    def test_a_standing_driver_lifts_it_by_its_size(self):
        level = -1.0
        for _ in range(300):
            level = next_latent_tension(level, 0.2, -1.0, 0.75)
        assert level == pytest.approx(-0.25, abs=1e-12)


class TestNextNorm:
    def test_hand_computed(self):
        assert next_norm(0.0, 0.0, 0.5, 0.5, 1.0, FIXED) == 0.0
        assert next_norm(0.0, 0.0, 0.5, 0.5, 1.0, SLOW) == 0.25
        assert next_norm(0.5, 0.0, 0.0, 0.5, 1.0, SLOW) == 0.5

    @given(logits, logits, st.floats(0.0, 0.1), weights, logits)
    def test_moves_only_where_slow_and_toward_its_goal(self, norm, start, rate, weight, level):
        assert next_norm(norm, start, rate, weight, level, FIXED) == norm
        goal = start + weight * (level - start)
        moved = next_norm(norm, start, rate, weight, level, SLOW)
        assert min(norm, goal) - 1e-14 <= moved <= max(norm, goal) + 1e-14

    @given(logits, st.floats(0.0, 0.1), weights)
    def test_rests_at_its_start(self, start, rate, weight):
        assert next_norm(start, start, rate, weight, start, SLOW) == start

    def test_half_life_of_the_default(self):
        norm = 0.0
        for _ in range(11):
            norm = next_norm(norm, 0.0, Param.norm_rate.default, 0.8, 1.0, SLOW)
        assert norm == pytest.approx(0.4, abs=0.01)

    @pytest.mark.parametrize("weight", [0.0, 0.5, Param.norm_weight.high])
    def test_it_and_tension_return_to_the_start_together(self, weight):
        level, norm = 1.0, 0.5
        for _ in range(4000):
            level = next_latent_tension(level, 0.2, norm, 0.0)
            norm = next_norm(norm, -1.0, 0.05, weight, level, SLOW)
        assert (level, norm) == pytest.approx((-1.0, -1.0), abs=1e-6)
