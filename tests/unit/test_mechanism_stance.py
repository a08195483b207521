"""Stance: influence under bounded confidence, votes and their clarity."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from regional_sim.model.mechanisms.stance import (
    clarity,
    next_stance,
    shown_stance,
    social_pull,
    vote_chance,
)
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
stances = st.floats(-1.0, 1.0)
rates = st.floats(Param.stance_rate.low, Param.stance_rate.high)
noises = st.floats(Param.vote_noise.low, Param.vote_noise.high)


class TestSocialPull:
    def test_hand_computed(self):
        # The other moved by 0.25, oneself by -0.25.
        assert social_pull(0.5, 0.25, 0.5, 0.75, 0.5, 1.0) == 0.25
        assert social_pull(0.0, 0.25, 0.5, 0.75, 0.5, 1.0) == 0.0

    def test_beyond_the_bound_the_other_is_not_heeded(self):
        assert social_pull(0.5, 0.0, 0.25, 1.0, 0.75, 1.0) == 0.25
        assert social_pull(0.5, 0.0, 0.25, 1.0, 0.75, 0.99) == 0.0
        assert social_pull(0.5, 1.0, 0.75, 0.0, 0.25, 0.99) == 0.0

    @given(shares, stances, stances, st.floats(0.1, 2.0))
    def test_starting_gaps_do_not_pull(self, weight, own, other, bound):
        assert social_pull(weight, own, own, other, other, bound) == 0.0

    @given(shares, stances, stances, stances, stances, st.floats(0.1, 2.0))
    def test_mirrored_world(self, weight, own, start, other, other_start, bound):
        pull = social_pull(weight, own, start, other, other_start, bound)
        assert social_pull(weight, -own, -start, -other, -other_start, bound) == -pull

    @given(shares, stances, stances, stances, stances, st.floats(0.1, 2.0))
    def test_opposite_pulls_on_the_two(self, weight, own, start, other, other_start, bound):
        pull = social_pull(weight, own, start, other, other_start, bound)
        back = social_pull(weight, other, other_start, own, start, bound)
        assert back == pytest.approx(-pull, abs=1e-15)


class TestNextStance:
    def test_hand_computed(self):
        assert next_stance(0.5, 0.25, 0.1, 0.0) == pytest.approx(0.4, rel=1e-15)
        assert next_stance(0.5, 0.25, 0.5, 0.2) == pytest.approx(0.55, rel=1e-15)

    @given(stances, rates)
    def test_rests_at_its_anchor(self, anchor, rate):
        assert next_stance(anchor, rate, anchor, 0.0) == anchor

    @given(stances, rates, stances, stances)
    def test_moves_toward_anchor_plus_pulls(self, stance, rate, anchor, pulls):
        gap = next_stance(stance, rate, anchor, pulls) - (anchor + pulls)
        assert gap == pytest.approx((1 - rate) * (stance - (anchor + pulls)), abs=1e-14)

    def test_social_influence_below_one_keeps_stances_anchored(self):
        # Three states heed each other equally; the first is pushed by 0.2 and stays pushed.
        starts = [0.1, 0.0, -0.1]
        social = Param.social_influence.high
        now = list(starts)
        for _ in range(8000):
            pulls = [
                social
                * sum(
                    social_pull(0.5, now[i], starts[i], now[k], starts[k], 2.0)
                    for k in range(3)
                    if k != i
                )
                for i in range(3)
            ]
            pulls[0] += 0.2
            now = [next_stance(now[i], 0.05, starts[i], pulls[i]) for i in range(3)]
        moves = np.array(now) - starts
        weights = np.full((3, 3), 0.5) - 0.5 * np.eye(3)
        # (1 + social) moves - social * weights @ moves = push
        rest = np.linalg.solve((1 + social) * np.eye(3) - social * weights, [0.2, 0.0, 0.0])
        assert moves == pytest.approx(rest, abs=1e-10)
        assert moves.sum() == pytest.approx(0.2, abs=1e-10)


class TestVoteChance:
    def test_hand_computed(self):
        assert vote_chance(0.0, 0.25) == 0.5
        assert vote_chance(0.25, 0.25) == pytest.approx(0.8413447460685429, rel=1e-14)
        assert vote_chance(-0.5, 0.25) == pytest.approx(float(special.ndtr(-2.0)), rel=1e-8)

    @given(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), noises)
    def test_rises_with_distance(self, low, high, noise):
        low, high = sorted([low, high])
        assert 0.0 <= vote_chance(low, noise) <= vote_chance(high, noise) <= 1.0

    @given(stances, st.floats(-1.0, 1.0), st.floats(0.0, 1.0), noises)
    def test_three_votes_share_one_where_the_cuts_are_in_order(self, stance, cut, gap, noise):
        support = vote_chance(stance - (cut + gap), noise)
        oppose = vote_chance(cut - stance, noise)
        assert support + oppose <= 1.0 + 1e-15

    def test_cuts_of_the_defaults_are_in_order(self):
        assert Param.vote_oppose_cut.default < Param.vote_support_cut.default


class TestClarity:
    def test_hand_computed(self):
        assert clarity(1.0, 0.0) == clarity(0.0, 1.0) == clarity(0.0, 0.0) == 1.0
        assert clarity(1 / 3, 1 / 3) == pytest.approx(0.0, abs=1e-15)
        assert clarity(0.5, 0.5) == pytest.approx(1 - math.log(2) / math.log(3), rel=1e-14)
        assert clarity(0.5, 0.25) == pytest.approx(1 - 1.5 * math.log(2) / math.log(3), rel=1e-14)

    @given(shares, shares)
    def test_share(self, decided, part):
        support, oppose = decided * part, decided * (1.0 - part)
        assert -1e-15 <= clarity(support, oppose) <= 1.0

    @given(st.floats(1e-6, 1.0), shares)
    def test_entropy_of_scipy(self, decided, part):
        votes = np.array([decided * part, decided * (1.0 - part), 1.0 - decided])
        entropy = special.entr(votes).sum() / math.log(3)
        assert clarity(float(votes[0]), float(votes[1])) == pytest.approx(1 - entropy, abs=1e-12)


class TestShownStance:
    def test_hand_computed(self):
        assert shown_stance(0.5, 2.0, 0.125, 1.0) == 0.25
        assert shown_stance(0.5, 2.0, 0.125, 0.0) == 0.5

    @given(st.floats(-1.0, 1.0), st.floats(0.0, 3.0), st.floats(0.0, 1.0), st.floats(-1.0, 1.0))
    def test_pressure_and_inducement_lower_it_alike(self, stance, gain, dependence, pressure):
        shown = shown_stance(stance, gain, dependence, pressure)
        assert shown == shown_stance(stance, gain, dependence, -pressure) <= stance
