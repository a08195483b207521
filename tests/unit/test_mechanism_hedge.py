"""Hedge: how a third state answers pressure, and what makes it lean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.hedge import answer_to_pressure, motive_to_lean

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


class TestMotive:
    def test_hand_computed(self):
        assert motive_to_lean(1.0, -0.5, 0.25, 0.5, 0.125) == 0.125

    def test_no_motive_at_the_start(self):
        assert motive_to_lean(0.0, 0.0, 0.0, 0.0, 0.0) == 0.0

    @given(signed, signed, signed, signed, signed)
    def test_odd(self, threat, answer, winner, polarisation, market):
        motive = motive_to_lean(threat, answer, winner, polarisation, market)
        mirrored = motive_to_lean(-threat, -answer, -winner, -polarisation, -market)
        assert mirrored == -motive

    @given(signed, signed, signed, shares, shares)
    def test_polarisation_and_markets_hold_back(self, threat, answer, winner, polar, market):
        free = motive_to_lean(threat, answer, winner, 0.0, 0.0)
        assert motive_to_lean(threat, answer, winner, polar, market) <= free
