"""Ambiguity: how wide an interval is, and where in it an observer sees the commitment."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.ambiguity import (
    believed_commitment,
    interval_half_width,
    odds_against,
    odds_factor,
)
from regional_sim.numerics.elementary import logistic

shares = st.floats(0.0, 1.0)
widths = st.floats(0.0, 3.0)
logits = st.floats(-6.0, 6.0)
stances = st.floats(-2.0, 2.0)
LOG_3 = 1.0986122886681098


class TestHalfWidth:
    def test_hand_computed(self):
        assert interval_half_width(1.2, 2.0, 0.0, 0.0) == 1.2
        assert interval_half_width(1.2, 2.0, 0.5, 0.0) == pytest.approx(1.2 / math.e, rel=1e-15)
        assert interval_half_width(1.2, 2.0, 0.25, 0.5) == pytest.approx(1.2 / math.e, rel=1e-15)
        assert interval_half_width(0.0, 2.0, 0.5, 0.5) == 0.0

    def test_a_lower_stance_does_not_widen_it(self):
        assert interval_half_width(1.2, 2.0, -1.0, 0.0) == 1.2

    def test_dialogue_below_its_start_widens_it(self):
        assert interval_half_width(1.0, 2.0, 0.0, -0.1) == pytest.approx(math.exp(0.1), rel=1e-15)

    @given(widths, st.floats(0.0, 6.0), stances, stances, st.floats(0.0, 2.0))
    def test_narrows_with_a_declared_stance(self, start, speed, low, high, dialogue):
        low, high = sorted([low, high])
        narrow = interval_half_width(start, speed, high, dialogue)
        assert 0.0 <= narrow <= interval_half_width(start, speed, low, dialogue) <= start

    @given(widths, st.floats(0.0, 6.0), stances, st.floats(-0.5, 2.0), st.floats(-0.5, 2.0))
    def test_narrows_with_dialogue(self, start, speed, stance, less, more):
        less, more = sorted([less, more])
        narrow = interval_half_width(start, speed, stance, more)
        assert narrow <= interval_half_width(start, speed, stance, less)


class TestOddsAgainst:
    def test_hand_computed(self):
        assert odds_against(0.0) == 1.0
        assert odds_against(LOG_3) == pytest.approx(1.0 / 3.0, rel=1e-15)
        assert odds_against(-LOG_3) == pytest.approx(3.0, rel=1e-15)

    @given(logits)
    def test_those_of_the_true_chance(self, commitment):
        kept = logistic(commitment)
        assert odds_against(commitment) == pytest.approx((1.0 - kept) / kept, rel=1e-12)

    @given(logits, logits)
    def test_fall_with_the_commitment(self, low, high):
        low, high = sorted([low, high])
        assert odds_against(low) >= odds_against(high) > 0.0


class TestOddsFactor:
    def test_hand_computed(self):
        assert odds_factor(1.2, 0.5, 0.0) == 1.0
        assert odds_factor(0.0, 0.9, 0.0) == 1.0
        assert odds_factor(LOG_3, 1.0, 0.0) == pytest.approx(1.0 / 3.0, rel=1e-15)
        assert odds_factor(LOG_3, 0.0, 0.0) == pytest.approx(3.0, rel=1e-15)
        assert odds_factor(0.0, 0.5, LOG_3) == pytest.approx(1.0 / 3.0, rel=1e-15)
        assert odds_factor(LOG_3, 0.0, LOG_3) == 1.0

    @given(widths, widths, shares, st.floats(-3.0, 3.0))
    def test_a_wider_interval_moves_the_odds_further_the_same_way(
        self, narrow, wide, alpha, resolve
    ):
        narrow, wide = sorted([narrow, wide])
        seen, further = (odds_factor(narrow, alpha, resolve), odds_factor(wide, alpha, resolve))
        assert further <= seen if alpha >= 0.5 else further >= seen

    @given(widths, shares, st.floats(-3.0, 3.0))
    def test_the_opposite_reading_undoes_it(self, width, alpha, resolve):
        both = odds_factor(width, alpha, resolve) * odds_factor(width, 1.0 - alpha, -resolve)
        assert both == pytest.approx(1.0, rel=1e-14)


def believed(commitment, width, alpha, resolve):
    """What an observer believes, from the true commitment to the chance."""
    return believed_commitment(odds_against(commitment), odds_factor(width, alpha, resolve))


class TestBelief:
    def test_hand_computed(self):
        assert believed_commitment(1.0, 1.0) == 0.5
        assert believed_commitment(3.0, 1.0) == believed_commitment(1.0, 3.0) == 0.25
        assert believed(0.0, 0.0, 0.5, 0.0) == 0.5
        assert believed(LOG_3, 0.7, 0.5, 0.0) == pytest.approx(0.75, rel=1e-15)
        assert believed(0.0, LOG_3, 1.0, 0.0) == pytest.approx(0.75, rel=1e-15)
        assert believed(0.0, LOG_3, 0.0, 0.0) == pytest.approx(0.25, rel=1e-15)
        assert believed(0.0, LOG_3, 0.0, LOG_3) == pytest.approx(0.5, rel=1e-15)

    @given(logits, widths, shares, st.floats(-3.0, 3.0))
    def test_the_commitment_moved_within_its_interval(self, commitment, width, alpha, resolve):
        moved = commitment + width * (2.0 * alpha - 1.0) + resolve
        assert believed(commitment, width, alpha, resolve) == pytest.approx(
            logistic(moved), rel=1e-13
        )

    @given(logits, widths, st.floats(-3.0, 3.0))
    def test_the_middle_of_the_interval_is_the_truth(self, commitment, width, resolve):
        seen = believed(commitment, width, 0.5, resolve)
        assert seen == believed(commitment, 0.0, 0.3, resolve)

    @given(logits, widths, shares, shares, st.floats(-3.0, 3.0))
    def test_rises_toward_the_upper_end(self, commitment, width, low, high, resolve):
        low, high = sorted([low, high])
        lower = believed(commitment, width, low, resolve)
        assert 0.0 < lower <= believed(commitment, width, high, resolve) < 1.0

    @given(logits, widths, shares, st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
    def test_rises_with_resolve(self, commitment, width, alpha, low, high):
        low, high = sorted([low, high])
        weak = believed(commitment, width, alpha, low)
        assert weak <= believed(commitment, width, alpha, high)

    @given(logits, widths, shares, st.floats(-3.0, 3.0))
    def test_mirrored_world(self, commitment, width, alpha, resolve):
        seen = believed(commitment, width, alpha, resolve)
        mirrored = believed(-commitment, width, 1.0 - alpha, -resolve)
        assert seen + mirrored == pytest.approx(1.0, abs=1e-14)
