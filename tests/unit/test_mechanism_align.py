"""Align: what binds states, what holds them apart, and what alignment moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.align import (
    brokered,
    common_threat_binds,
    effort_binds,
    entrapment_loosens,
    mean_over_span,
    patrols_loosen,
    pressure_loosens,
    provocation_loosens,
    shared_more,
)

shares = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)
gains = st.floats(0.0, 3.0)
spans = st.floats(0.3, 1.5)


class TestBinding:
    def test_hand_computed(self):
        # 2 * 0.5 * 0.1 / 0.05 and 0.3 * 0.2 / 0.1
        assert common_threat_binds(0.1, 2.0, 0.5) == pytest.approx(2.0, rel=1e-14)
        assert effort_binds(0.2, 0.3) == pytest.approx(0.6, rel=1e-14)
        assert effort_binds(0.2, -0.3) == pytest.approx(-0.6, rel=1e-14)

    @given(gains, shares, signed)
    def test_nothing_new_binds_nothing(self, gain, openness, burden):
        assert common_threat_binds(0.0, gain, openness) == effort_binds(0.0, burden) == 0.0

    @given(signed, gains)
    def test_threats_do_not_bind_neutral_states(self, threat, gain):
        assert common_threat_binds(threat, gain, 0.0) == 0.0

    @given(signed, signed, gains, shares)
    def test_rises_with_the_common_threat(self, low, high, gain, openness):
        low, high = sorted([low, high])
        bound = common_threat_binds(low, gain, openness)
        assert bound <= common_threat_binds(high, gain, openness)

    @given(signed, signed)
    def test_passing_the_buck_mirrors_sharing_the_burden(self, effort, burden):
        assert effort_binds(effort, -burden) == -effort_binds(effort, burden)


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


LOOSENING = [entrapment_loosens, pressure_loosens, patrols_loosen, provocation_loosens]


class TestLoosening:
    def test_hand_computed(self):
        assert entrapment_loosens(0.5, 0.2) == pytest.approx(-1.0, rel=1e-14)
        assert pressure_loosens(0.6, 0.5) == pytest.approx(-0.3, rel=1e-14)
        assert patrols_loosen(0.4, 0.25) == pytest.approx(-0.1, rel=1e-14)
        assert provocation_loosens(0.2, 1.5) == pytest.approx(-0.3, rel=1e-14)

    @pytest.mark.parametrize("loosens", LOOSENING)
    @given(weight=gains, low=signed, high=signed)
    def test_odd_in_what_happens_and_lower_the_more_of_it(self, loosens, weight, low, high):
        low, high = sorted([low, high])
        assert loosens(weight, 0.0) == 0.0
        assert loosens(weight, -high) == -loosens(weight, high)
        assert loosens(weight, high) <= loosens(weight, low)


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
