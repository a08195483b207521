"""Hedge: how a third state answers pressure, and what makes it lean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.hedge import (
    answer_to_pressure,
    market_pulls,
    polarisation_repels,
    threat_drives,
    winner_attracts,
)

shares = st.floats(0.0, 1.0)
weights = st.floats(0.0, 6.0)
signed = st.floats(-3.0, 3.0)


class TestAnswer:
    def test_hand_computed(self):
        # Three tenths yield, one tenth turns away.
        assert answer_to_pressure(3.0, 0.5, 0.4, 0.25) == pytest.approx(-0.1, rel=1e-14)
        assert answer_to_pressure(3.0, 0.5, -0.4, 0.25) == pytest.approx(-0.2, rel=1e-14)

    @given(weights, shares, shares)
    def test_backlash_of_one_half_cancels(self, weight, exposure, pressure):
        assert answer_to_pressure(weight, exposure, pressure, 0.5) == 0.0

    @given(weights, shares, shares, shares)
    def test_backlash_turns_the_answer(self, weight, exposure, pressure, backlash):
        answer = answer_to_pressure(weight, exposure, pressure, backlash)
        turned = answer_to_pressure(weight, exposure, pressure, 1.0 - backlash)
        assert turned == pytest.approx(-answer, abs=1e-14)

    @given(weights, shares, shares, shares)
    def test_inducement_lowers_a_stance(self, weight, exposure, inducement, backlash):
        assert answer_to_pressure(weight, exposure, -inducement, backlash) <= 0.0

    @given(weights, shares, shares)
    def test_no_pressure_moves_nothing(self, weight, exposure, backlash):
        assert answer_to_pressure(weight, exposure, 0.0, backlash) == 0.0


class TestOtherTerms:
    def test_hand_computed(self):
        assert threat_drives(2.0, 0.1) == pytest.approx(4.0, rel=1e-14)
        assert winner_attracts(-0.5, 0.1) == pytest.approx(-1.0, rel=1e-14)
        assert polarisation_repels(0.5, 0.4, 0.1) == pytest.approx(-0.4, rel=1e-14)
        assert market_pulls(0.3, 0.2, 0.5) == pytest.approx(-0.3, rel=1e-14)

    @given(weights, shares)
    def test_no_motive_at_the_start(self, gain, share):
        assert threat_drives(gain, 0.0) == winner_attracts(gain, 0.0) == 0.0
        assert polarisation_repels(gain, share, 0.0) == market_pulls(gain, share, 0.0) == 0.0

    @given(weights, shares, signed)
    def test_odd(self, gain, share, moved):
        assert threat_drives(gain, -moved) == -threat_drives(gain, moved)
        assert winner_attracts(gain, -moved) == -winner_attracts(gain, moved)
        repelled = polarisation_repels(gain, share, moved)
        assert polarisation_repels(gain, share, -moved) == -repelled
        assert market_pulls(gain, share, -moved) == -market_pulls(gain, share, moved)

    @given(weights, shares, shares)
    def test_polarisation_and_markets_hold_back(self, gain, share, moved):
        assert polarisation_repels(gain, share, moved) <= 0.0
        assert market_pulls(gain, share, moved) <= 0.0
