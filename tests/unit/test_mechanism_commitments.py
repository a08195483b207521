"""Commitments: they follow treaty and alignment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.commitments import next_commitment
from regional_sim.model.parameters import Param

logits = st.floats(-6.0, 6.0)
alignments = st.floats(-1.5, 1.5)
rates = st.floats(Param.commitment_rate.low, Param.commitment_rate.high)


class TestNextCommitment:
    def test_hand_computed(self):
        assert next_commitment(1.0, 0.5, 0.5, 0.3) == pytest.approx(0.9, rel=1e-15)
        assert next_commitment(1.0, 0.5, 0.5, 0.0) == 0.75

    @given(logits, rates)
    def test_rests_at_its_treaty(self, anchor, rate):
        assert next_commitment(anchor, rate, anchor, 0.0) == anchor

    @given(logits, rates, logits, alignments)
    def test_moves_toward_treaty_and_alignment(self, value, rate, anchor, alignment):
        gap = next_commitment(value, rate, anchor, alignment) - (anchor + alignment)
        assert gap == pytest.approx((1.0 - rate) * (value - (anchor + alignment)), abs=1e-13)

    @given(logits, rates, logits, alignments, alignments)
    def test_rises_with_alignment(self, value, rate, anchor, low, high):
        low, high = sorted([low, high])
        moved = next_commitment(value, rate, anchor, low)
        assert moved <= next_commitment(value, rate, anchor, high)

    def test_reaches_treaty_and_alignment(self):
        value = -2.0
        for _ in range(2000):
            value = next_commitment(value, 0.03, 0.4, -0.25)
        assert value == pytest.approx(0.15, abs=1e-12)
