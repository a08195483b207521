"""Learn: what channels and incidents teach, and how it shifts the reading of signals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.learn import learned_share, next_shift
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
inner = st.floats(0.01, 0.99)
shifts = st.floats(-8.0, 8.0)
memories = st.floats(Param.learning_memory.low, Param.learning_memory.high)


class TestNextShift:
    def test_hand_computed(self):
        # 0.9 * 0.5 - 0.1 * 0.5 + 0.02 * 3
        assert next_shift(0.5, 0.9, 0.1, 0.5, 0.02, 3.0) == pytest.approx(0.46, rel=1e-14)

    @given(shifts, memories)
    def test_what_nothing_confirms_is_forgotten(self, shift, memory):
        assert next_shift(shift, memory, 0.1, 0.0, 0.02, 0.0) == memory * shift

    @given(shifts, memories, shares, st.floats(0.0, 8.0))
    def test_channels_reassure_and_incidents_alarm(self, shift, memory, working, incidents):
        calm = next_shift(shift, memory, 0.1, 0.0, 0.02, 0.0)
        assert next_shift(shift, memory, 0.1, working, 0.02, 0.0) <= calm
        assert next_shift(shift, memory, 0.1, 0.0, 0.02, incidents) >= calm


class TestLearnedShare:
    def test_hand_computed(self):
        assert learned_share(0.5, math.log(3.0)) == pytest.approx(0.75, rel=1e-14)
        assert learned_share(0.2, math.log(4.0)) == pytest.approx(0.5, rel=1e-14)

    @given(shares)
    def test_nothing_learned(self, share):
        assert learned_share(share, 0.0) == pytest.approx(share, rel=1e-14)

    @pytest.mark.parametrize("share", [0.0, 1.0])
    @given(shift=shifts)
    def test_the_certain_do_not_learn(self, share, shift):
        assert learned_share(share, shift) == share

    @given(inner, shifts)
    def test_moves_the_logit(self, share, shift):
        moved = learned_share(share, shift)
        found = math.log(moved / (1.0 - moved)) - math.log(share / (1.0 - share))
        assert found == pytest.approx(shift, abs=1e-9)

    @given(shares, st.floats(-600.0, 600.0), st.floats(-600.0, 600.0))
    def test_share_that_rises(self, share, low, high):
        low, high = sorted([low, high])
        assert 0.0 <= learned_share(share, low) <= learned_share(share, high) + 1e-15 <= 1.0 + 1e-15
