"""Press: whom the challenger coerces and courts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.press import exposed, motive_to_press, weight_of_exposed

shares = st.floats(0.0, 1.0)
signed = st.floats(-3.0, 3.0)
dependences = st.floats(0.0, 2.0)


class TestExposed:
    def test_hand_computed(self):
        assert exposed(0.0) == 0.0
        assert exposed(0.1) == 0.5
        assert exposed(0.3) == pytest.approx(0.75, rel=1e-15)

    @given(dependences, dependences)
    def test_share_that_rises_with_dependence(self, low, high):
        low, high = sorted([low, high])
        assert 0.0 <= exposed(low) <= exposed(high) < 1.0


class TestMotive:
    def test_hand_computed(self):
        weight = weight_of_exposed(0.25)
        assert motive_to_press(weight, 0.4, 0.5, 0.1) == pytest.approx(0.75, rel=1e-15)
        weight = weight_of_exposed(0.0)
        assert motive_to_press(weight, 0.4, 0.5, -1.1) == pytest.approx(-0.1, rel=1e-14)

    @given(shares)
    def test_no_motive_without_a_move(self, exposure):
        assert motive_to_press(weight_of_exposed(exposure), 0.0, 0.0, 0.0) == 0.0

    @given(shares, signed, signed, signed)
    def test_odd_in_what_happens(self, exposure, stance, alignment, hostility):
        weight = weight_of_exposed(exposure)
        motive = motive_to_press(weight, stance, alignment, hostility)
        assert motive_to_press(weight, -stance, -alignment, -hostility) == -motive

    @given(shares, shares, signed, signed, signed)
    def test_the_exposed_are_pressed_first(self, low, high, stance, alignment, hostility):
        low, high = (weight_of_exposed(exposure) for exposure in sorted([low, high]))
        weak = motive_to_press(low, stance, alignment, hostility)
        assert abs(weak) <= abs(motive_to_press(high, stance, alignment, hostility))
