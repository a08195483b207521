"""Readiness: help, and the spiral of arming against threats."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.force import mobilised_force
from regional_sim.model.mechanisms.readiness import help_over_own, next_readiness
from regional_sim.model.mechanisms.threat import felt_threat
from regional_sim.model.parameters import Param

forces = st.floats(0.01, 10000.0)
fatigues = st.floats(Param.fatigue.low, Param.fatigue.high)


class TestNextReadiness:
    def test_hand_computed(self):
        # A twentieth of the way from 0.2 to 0.06.
        assert next_readiness(0.2, 0.05, 0.06) == pytest.approx(0.193, rel=1e-15)
        assert next_readiness(0.0, 0.05, 0.0) == 0.0
        assert next_readiness(0.0, 0.05, -0.2) == pytest.approx(-0.01, rel=1e-15)

    @given(st.floats(-1.0, 1.0), fatigues, st.floats(-2.0, 2.0))
    def test_moves_toward_its_goal(self, start, fatigue, goal):
        moved = next_readiness(start, fatigue, goal)
        assert moved - goal == pytest.approx((1 - fatigue) * (start - goal), rel=1e-12, abs=1e-14)

    @given(st.floats(-1.0, 1.0), fatigues, st.floats(-2.0, 2.0))
    def test_reaches_its_goal(self, readiness, fatigue, goal):
        for _ in range(round(30 / fatigue)):
            readiness = next_readiness(readiness, fatigue, goal)
        assert readiness == pytest.approx(goal, abs=1e-11)


class TestHelp:
    def test_hand_computed(self):
        assert help_over_own(0.0, 5.0) == 0.0
        assert help_over_own(5.0, 5.0) == pytest.approx(math.log(2.0), rel=1e-15)

    @given(st.floats(0.0, 1000.0), st.floats(0.0, 1000.0), forces)
    def test_rises_with_help(self, low, high, own):
        low, high = sorted([low, high])
        assert 0.0 <= help_over_own(low, own) <= help_over_own(high, own)


class TestSpiralOfTwo:
    """Richardson's two states, each threatened by the force of the other."""

    HOSTILITY, FATIGUE, RATIO, DETERRENCE = 0.6, 0.05, 0.7, 1.5

    def threat(self, own, other, hostility):
        return felt_threat(hostility, mobilised_force(10.0, other), mobilised_force(10.0, own))

    def run(self, first, second, hostility, months=2000):
        start = self.threat(0.0, 0.0, self.HOSTILITY)
        for _ in range(months):
            threats = [self.threat(first, second, hostility), self.threat(second, first, hostility)]
            first, second = (
                next_readiness(own, self.FATIGUE, self.RATIO * self.DETERRENCE * (threat - start))
                for own, threat in zip((first, second), threats, strict=True)
            )
        return first, second

    def test_start_is_at_rest(self):
        assert self.run(0.0, 0.0, self.HOSTILITY, months=1) == (0.0, 0.0)

    def test_start_is_stable(self):
        assert self.run(0.5, -0.2, self.HOSTILITY) == pytest.approx((0.0, 0.0), abs=1e-12)

    def test_equal_states_reach_the_closed_form(self):
        # Equal forces stay equal, so the threat is hostility / 2 whatever the readiness.
        fixed = self.RATIO * self.DETERRENCE * 0.5 * (0.9 - self.HOSTILITY)
        assert self.run(0.3, 0.1, 0.9) == pytest.approx((fixed, fixed), abs=1e-12)

    def test_speed_is_exactly_linear(self):
        # d threat / d (other - own) is w/4 everywhere, so the difference of the two decays with
        # (1 - a) - 2 a r delta w / 4 a month, and their sum with 1 - a.
        pull = self.FATIGUE * self.RATIO * self.DETERRENCE * self.HOSTILITY / 4
        jacobian = np.array([[1 - self.FATIGUE - pull, pull], [pull, 1 - self.FATIGUE - pull]])
        moved = self.run(0.4, -0.2, self.HOSTILITY, months=20)
        expected = np.linalg.matrix_power(jacobian, 20) @ [0.4, -0.2]
        assert moved == pytest.approx(expected, rel=1e-12)
