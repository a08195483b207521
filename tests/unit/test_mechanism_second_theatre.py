"""Second theatre: what tension elsewhere leaves of the patron's force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.second_theatre import free_share
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)
bounds = st.floats(Param.second_theatre.low, Param.second_theatre.high)


def test_hand_computed():
    assert free_share(0.2, 0.0, 0.6, 0.4) == pytest.approx(0.96, rel=1e-15)
    assert free_share(0.2, 0.5, 0.6, 0.4) == pytest.approx(1.02, rel=1e-15)
    assert free_share(0.0, 0.5, 0.6, 0.4) == 1.0


@given(bounds, shares)
def test_all_is_free_as_at_the_start(bound, tension):
    assert free_share(bound, 0.0, tension, tension) == 1.0


@given(bounds, signed, shares, shares)
def test_bounded(bound, relief, tension, start):
    slack = 1e-15
    assert 1.0 - 2.0 * bound - slack <= free_share(bound, relief, tension, start)
    assert free_share(bound, relief, tension, start) <= 1.0 + bound + slack


@given(bounds, signed, signed, shares, shares, shares)
def test_tension_binds_and_an_aligned_ally_relieves(bound, loose, close, low, high, start):
    loose, close = sorted([loose, close])
    low, high = sorted([low, high])
    assert free_share(bound, loose, high, start) <= free_share(bound, loose, low, start) + 1e-15
    assert free_share(bound, loose, low, start) <= free_share(bound, close, low, start) + 1e-15
