"""De-risk: pressure and tension make it urgent to trade elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.derisk import pressure_urges, tension_urges

gains = st.floats(0.0, 3.0)
signed = st.floats(-1.0, 1.0)


def test_hand_computed():
    assert pressure_urges(1.5, 0.4) == pytest.approx(0.6, rel=1e-14)
    assert tension_urges(2.0, 0.05) == pytest.approx(1.0, rel=1e-14)
    assert tension_urges(2.0, -0.05) == pytest.approx(-1.0, rel=1e-14)


@given(gains, st.floats(0.0, 1.0))
def test_inducement_does_not_count(gain, inducement):
    assert pressure_urges(gain, -inducement) == 0.0


@pytest.mark.parametrize("urges", [pressure_urges, tension_urges])
@given(gain=gains, low=signed, high=signed)
def test_rises_with_pressure_and_with_tension(urges, gain, low, high):
    low, high = sorted([low, high])
    assert urges(gain, 0.0) == 0.0
    assert urges(gain, low) <= urges(gain, high)
