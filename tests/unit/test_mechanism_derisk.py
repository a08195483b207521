"""De-risk: pressure and tension make it urgent to trade elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.derisk import motive_to_derisk

gains = st.floats(0.0, 3.0)
signed = st.floats(-1.0, 1.0)


def test_hand_computed():
    assert motive_to_derisk(1.0, 0.4, 2.0, 0.05) == pytest.approx(1.4, rel=1e-14)
    assert motive_to_derisk(1.0, 0.4, 2.0, -0.05) == pytest.approx(-0.6, rel=1e-14)


@given(gains, gains, st.floats(0.0, 1.0))
def test_inducement_does_not_count(pressure_gain, threat_gain, inducement):
    assert motive_to_derisk(pressure_gain, -inducement, threat_gain, 0.0) == 0.0


@given(gains, signed, signed, gains, signed)
def test_rises_with_pressure_and_with_tension(pressure_gain, low, high, threat_gain, other):
    low, high = sorted([low, high])

    def motive(pressure, tension):
        return motive_to_derisk(pressure_gain, pressure, threat_gain, tension)

    assert motive(low, other) <= motive(high, other) + 1e-13
    assert motive(other, low) <= motive(other, high) + 1e-13
