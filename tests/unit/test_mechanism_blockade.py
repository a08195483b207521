"""Blockade: what it threatens, and what shields the partner."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.blockade import (
    blockade_vulnerability,
    raised_substitutability,
    stocks,
)

shares = st.floats(0.0, 1.0)


class TestBlockade:
    def test_hand_computed(self):
        assert blockade_vulnerability(0.8, 0.25, 0.0, 3.0, 0.5) == pytest.approx(0.3, rel=1e-15)
        assert blockade_vulnerability(0.8, 0.25, 3.0, 3.0, 0.5) == pytest.approx(
            0.3 / math.e, rel=1e-15
        )
        assert blockade_vulnerability(0.8, 1.0, 0.0, 3.0, 0.5) == 0.0
        assert blockade_vulnerability(0.8, 0.25, 0.0, 3.0, 0.0) == 0.0

    @given(st.floats(0.0, 2.0), shares, shares, st.floats(0.0, 60.0), st.floats(0.5, 24.0), shares)
    def test_substitutes_and_stocks_shield(self, seaborne, low, high, stock, scale, hold):
        low, high = sorted([low, high])
        harm = blockade_vulnerability(seaborne, low, stock, scale, hold)
        assert 0.0 <= blockade_vulnerability(seaborne, high, stock, scale, hold) <= harm
        assert blockade_vulnerability(seaborne, low, stock + 1.0, scale, hold) <= harm
        assert harm <= seaborne * hold * (1 + 1e-15)


def test_stocks_and_substitutes_follow_the_instrument_within_bounds():
    assert stocks(2.0, 2.0, 0.5) == 3.0
    assert stocks(0.5, 2.0, -0.5) == 0.0
    assert raised_substitutability(0.3, 0.15, 0.0) == 0.3
    assert raised_substitutability(0.9, 0.5, 0.9) == 1.0
    assert raised_substitutability(0.1, 0.5, -0.9) == 0.0
