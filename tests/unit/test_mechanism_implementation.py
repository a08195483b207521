"""Posture: instruments follow their targets, channels fail under tension."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.implementation import channel_availability, next_instrument_level

shares = st.floats(0.0, 1.0)
lags = st.floats(1.0, 96.0)


class TestNextLevel:
    def test_hand_computed(self):
        assert next_instrument_level(0.0, 1.0, 4.0) == 0.25
        assert next_instrument_level(0.75, 0.25, 2.0) == 0.5
        assert next_instrument_level(0.1, 0.8, 1.0) == pytest.approx(0.8, rel=1e-15)

    @given(shares, lags)
    def test_rests_at_its_target(self, level, lag):
        assert next_instrument_level(level, level, lag) == level

    @given(shares, shares, lags)
    def test_between_level_and_target(self, level, target, lag):
        moved = next_instrument_level(level, target, lag)
        assert min(level, target) - 1e-15 <= moved <= max(level, target) + 1e-15

    @given(shares, shares, st.floats(1.0, 40.0))
    def test_gap_decays_with_the_lag(self, level, target, lag):
        gap = target - level
        for _ in range(12):
            level = next_instrument_level(level, target, lag)
        assert target - level == pytest.approx(gap * (1 - 1 / lag) ** 12, abs=1e-13)


class TestChannelAvailability:
    def test_hand_computed(self):
        assert channel_availability(0.8, 0.25) == pytest.approx(0.6, rel=1e-15)
        assert channel_availability(0.8, 0.0) == 0.8
        assert channel_availability(0.8, 1.0) == 0.0
        assert channel_availability(0.0, 0.25) == 0.0

    @given(shares, shares, shares)
    def test_falls_with_tension(self, level, low, high):
        low, high = sorted([low, high])
        worse = channel_availability(level, high)
        assert 0.0 <= worse <= channel_availability(level, low) <= level
