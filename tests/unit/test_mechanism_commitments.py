"""Commitments: common threat binds, exposure loosens, treaties hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.commitments import next_commitment
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
logits = st.floats(-6.0, 6.0)
rates = st.floats(Param.commitment_rate.low, Param.commitment_rate.high)
gains = st.floats(0.0, 15.0)
excesses = st.floats(-0.5, 0.5)


class TestNextCommitment:
    def test_hand_computed(self):
        # The pull is 4 * 0.5 * 0.1 - 2 * 0.05 = 0.1.
        moved = next_commitment(1.0, 0.5, 0.9, 4.0, 0.1, 0.5, 2.0, 0.05)
        assert moved == pytest.approx(1.0, rel=1e-15)
        moved = next_commitment(1.0, 0.5, 0.5, 4.0, 0.0, 0.5, 2.0, 0.0)
        assert moved == pytest.approx(0.75, rel=1e-15)

    @given(logits, rates, gains, shares, gains)
    def test_rests_at_its_treaty(self, anchor, rate, threat_gain, openness, exposure_gain):
        moved = next_commitment(
            anchor, rate, anchor, threat_gain, 0.0, openness, exposure_gain, 0.0
        )
        assert moved == anchor

    @given(logits, rates, logits, gains, excesses, gains, excesses)
    def test_a_neutral_state_takes_on_nothing(
        self, value, rate, anchor, gain, excess, exposure_gain, exposure
    ):
        neutral = next_commitment(value, rate, anchor, gain, excess, 0.0, exposure_gain, exposure)
        calm = next_commitment(value, rate, anchor, gain, 0.0, 1.0, exposure_gain, exposure)
        assert neutral == calm

    @given(logits, rates, logits, gains, excesses, excesses, shares, gains, excesses)
    def test_rises_with_threat_and_falls_with_exposure(
        self, value, rate, anchor, gain, low, high, openness, exposure_gain, exposure
    ):
        low, high = sorted([low, high])

        def moved(threat, exposed):
            return next_commitment(
                value, rate, anchor, gain, threat, openness, exposure_gain, exposed
            )

        assert moved(low, exposure) <= moved(high, exposure)
        assert moved(exposure, low) >= moved(exposure, high)

    def test_reaches_anchor_plus_pull(self):
        value = -2.0
        for _ in range(2000):
            value = next_commitment(value, 0.03, 0.4, 3.0, 0.2, 0.5, 3.0, 0.05)
        assert value == pytest.approx(0.4 + 3.0 * 0.5 * 0.2 - 3.0 * 0.05, abs=1e-12)
