"""Readiness: threat, and the spiral of arming against it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.force import mobilised_force
from regional_sim.model.mechanisms.readiness import felt_threat, next_readiness
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
forces = st.floats(0.01, 10000.0)
fatigues = st.floats(Param.fatigue.low, Param.fatigue.high)
ratios = st.floats(Param.reaction_ratio.low, Param.reaction_ratio.high)


class TestThreat:
    def test_hand_computed(self):
        assert felt_threat(0.5, 2.0, 2.0) == 0.25
        assert felt_threat(0.8, 3.0, 1.0) == pytest.approx(0.6, rel=1e-15)
        assert felt_threat(0.8, 0.0, 1.0) == 0.0
        assert felt_threat(0.0, 3.0, 1.0) == 0.0

    @given(shares, forces, forces)
    def test_at_most_tension(self, tension, attack, defence):
        assert 0.0 <= felt_threat(tension, attack, defence) <= tension

    @given(shares, forces, forces, forces)
    def test_rises_in_attack_and_falls_in_defence(self, tension, low, high, other):
        low, high = sorted([low, high])
        assert felt_threat(tension, low, other) <= felt_threat(tension, high, other) * (1 + 1e-15)
        assert felt_threat(tension, other, low) * (1 + 1e-15) >= felt_threat(tension, other, high)


class TestNextReadiness:
    def test_hand_computed(self):
        # The fixed point is 0.06; a twentieth of the way there from 0.2.
        assert next_readiness(0.2, 0.05, 0.5, 1.2, 0.1) == pytest.approx(0.193, rel=1e-15)
        assert next_readiness(0.0, 0.05, 0.5, 1.2, 0.0) == 0.0
        assert next_readiness(0.0, 0.05, 0.5, 0.0, 1.0) == 0.0
        assert next_readiness(0.0, 0.05, 0.5, 1.0, -0.4) == pytest.approx(-0.01, rel=1e-15)

    @given(st.floats(-1.0, 1.0), fatigues, ratios, st.floats(0.0, 3.0), st.floats(-1.0, 1.0))
    def test_moves_toward_its_fixed_point(self, start, fatigue, ratio, deterrence, excess):
        fixed = ratio * deterrence * excess
        moved = next_readiness(start, fatigue, ratio, deterrence, excess)
        expected = (1 - fatigue) * (start - fixed)
        assert moved - fixed == pytest.approx(expected, rel=1e-12, abs=1e-14)

    @given(st.floats(-1.0, 1.0), fatigues, ratios, st.floats(0.0, 3.0), st.floats(-1.0, 1.0))
    def test_reaches_its_fixed_point(self, readiness, fatigue, ratio, deterrence, excess):
        for _ in range(round(30 / fatigue)):
            readiness = next_readiness(readiness, fatigue, ratio, deterrence, excess)
        assert readiness == pytest.approx(ratio * deterrence * excess, abs=1e-11)


class TestSpiralOfTwo:
    """Richardson's two states, each threatened by the force of the other."""

    TENSION, FATIGUE, RATIO, DETERRENCE = 0.6, 0.05, 0.7, 1.5

    def excess(self, own, other, tension):
        at_start = felt_threat(self.TENSION, 10.0, 10.0)
        return (
            felt_threat(tension, mobilised_force(10.0, other), mobilised_force(10.0, own))
            - at_start
        )

    def run(self, first, second, tension, months=2000):
        for _ in range(months):
            excesses = [self.excess(first, second, tension), self.excess(second, first, tension)]
            first, second = (
                next_readiness(own, self.FATIGUE, self.RATIO, self.DETERRENCE, excess)
                for own, excess in zip((first, second), excesses, strict=True)
            )
        return first, second

    def test_start_is_at_rest(self):
        assert self.run(0.0, 0.0, self.TENSION, months=1) == (0.0, 0.0)

    def test_start_is_stable(self):
        assert self.run(0.5, -0.2, self.TENSION) == pytest.approx((0.0, 0.0), abs=1e-12)

    def test_equal_states_reach_the_closed_form(self):
        # Equal forces stay equal, so the threat is tension / 2 whatever the readiness.
        fixed = self.RATIO * self.DETERRENCE * 0.5 * (0.9 - self.TENSION)
        assert self.run(0.3, 0.1, 0.9) == pytest.approx((fixed, fixed), abs=1e-12)

    def test_speed_is_that_of_the_linearisation(self):
        # d threat / d (other - own) at the start is T/4, so the difference of the two decays
        # with (1 - a) - 2 a r delta T / 4 a month, and their sum with 1 - a.
        pull = self.FATIGUE * self.RATIO * self.DETERRENCE * self.TENSION / 4
        jacobian = np.array([[1 - self.FATIGUE - pull, pull], [pull, 1 - self.FATIGUE - pull]])
        small = 1e-6
        moved = self.run(small, -0.5 * small, self.TENSION, months=20)
        expected = np.linalg.matrix_power(jacobian, 20) @ [small, -0.5 * small]
        assert moved == pytest.approx(expected, rel=1e-5)
