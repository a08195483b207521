"""Align: what binds states, what holds them apart, and what alignment moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.align import (
    binding,
    brokered,
    loosening,
    mean_over_span,
    shared_more,
)

shares = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)
gains = st.floats(0.0, 3.0)
spans = st.floats(0.3, 1.5)


class TestBinding:
    def test_hand_computed(self):
        # 2 * 0.5 * 0.1 / 0.05 + 0.3 * 0.2 / 0.1
        assert binding(0.1, 2.0, 0.5, 0.2, 0.3) == pytest.approx(2.6, rel=1e-14)
        assert binding(0.1, 2.0, 0.5, 0.2, -0.3) == pytest.approx(1.4, rel=1e-14)

    @given(gains, shares, signed)
    def test_nothing_new_binds_nothing(self, gain, openness, burden):
        assert binding(0.0, gain, openness, 0.0, burden) == 0.0

    @given(signed, gains, signed, signed)
    def test_threats_do_not_bind_neutral_states(self, threat, gain, effort, burden):
        closed = binding(threat, gain, 0.0, effort, burden)
        assert closed == binding(0.0, gain, 1.0, effort, burden)

    @given(signed, signed, gains, shares, signed, signed)
    def test_rises_with_the_common_threat(self, low, high, gain, openness, effort, burden):
        low, high = sorted([low, high])
        bound = binding(low, gain, openness, effort, burden)
        assert bound <= binding(high, gain, openness, effort, burden) + 1e-13

    @given(signed, signed)
    def test_passing_the_buck_mirrors_sharing_the_burden(self, effort, burden):
        shared = binding(0.0, 1.0, 1.0, effort, burden)
        assert binding(0.0, 1.0, 1.0, effort, -burden) == -shared


class TestBrokered:
    def test_hand_computed(self):
        assert brokered(0.5, 0.4, 0.8, 0.8) == pytest.approx(0.375, rel=1e-15)
        assert brokered(0.5, 0.0, 0.0, 0.8) == 0.0

    @given(gains, signed, signed, spans)
    def test_odd_and_symmetric(self, gain, one, other, span):
        added = brokered(gain, one, other, span)
        assert brokered(gain, -one, -other, span) == -added
        assert brokered(gain, other, one, span) == added

    @given(gains, signed, signed, spans)
    def test_at_most_the_gain_within_the_span(self, gain, one, other, span):
        assert abs(brokered(gain, one * span, other * span, span)) <= gain * (1.0 + 1e-14)


class TestLoosening:
    def test_hand_computed(self):
        # 0.5 * 0.2 / 0.1 + 0.6 * 0.5 + 0.1
        assert loosening(0.5, 0.2, 0.6, 0.5, 0.1) == pytest.approx(1.4, rel=1e-14)

    @given(gains, gains)
    def test_a_calm_start_holds_nobody_apart(self, entrapment, exposure):
        assert loosening(entrapment, 0.0, exposure, 0.0, 0.0) == 0.0

    @given(gains, signed, gains, signed, signed)
    def test_odd_in_what_happens(self, entrapment, tension, exposure, pressure, friction):
        held = loosening(entrapment, tension, exposure, pressure, friction)
        assert loosening(entrapment, -tension, exposure, -pressure, -friction) == -held


class TestSharedMore:
    def test_hand_computed(self):
        assert shared_more(0.5, 0.2, 0.5) == pytest.approx(0.6, rel=1e-15)
        assert shared_more(0.9, 0.5, 1.5) == 1.0
        assert shared_more(0.1, 0.5, -1.5) == 0.0

    @given(shares, shares)
    def test_unaligned_it_is_what_it_was(self, share, sharing):
        assert shared_more(share, sharing, 0.0) == share

    @given(shares, shares, signed, signed)
    def test_share_that_rises_with_alignment(self, share, sharing, low, high):
        low, high = sorted([low, high])
        assert 0.0 <= shared_more(share, sharing, low) <= shared_more(share, sharing, high) <= 1.0


def test_leaning_of_both_to_the_full_is_1():
    assert mean_over_span(1.6, 0.8) == 1.0
    assert mean_over_span(-0.8, 0.8) == -0.5
    assert mean_over_span(0.0, 0.8) == 0.0
