"""Choice: quantal response with a cost of leaving the status quo."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.choice import chosen, next_response, weight_of
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param

EXPECTED, DRAWN = Option.choice.codes
motives = st.floats(-30.0, 30.0)
any_motive = st.floats(-1e300, 1e300)
inertias = st.floats(0.0, 20.0)
temperatures = st.floats(Param.choice_temperature.low, Param.choice_temperature.high)
uniforms = st.floats(2.0**-53, 1.0 - 2.0**-53)


class TestWeight:
    def test_hand_computed(self):
        assert weight_of(0.5, 0.5, 0.4) == 1.0
        assert weight_of(0.9, 0.5, 0.4) == pytest.approx(math.e, rel=1e-15)
        assert weight_of(0.1, 0.5, 0.4) == pytest.approx(1 / math.e, rel=1e-15)

    @given(any_motive, inertias, temperatures)
    def test_finite_and_above_0(self, motive, inertia, temperature):
        assert 0.0 < weight_of(motive, inertia, temperature) < math.inf


class TestExpected:
    def test_hand_computed(self):
        # Weights e and e^-3 beside the 1 of holding.
        expected = (math.e - math.exp(-3.0)) / (1.0 + math.e + math.exp(-3.0))
        assert chosen(1.0, 0.5, 0.5, 0.5, EXPECTED) == pytest.approx(expected, rel=1e-14)

    @given(inertias, temperatures)
    def test_no_motive_moves_nothing(self, inertia, temperature):
        assert chosen(0.0, inertia, temperature, 0.5, EXPECTED) == 0.0

    @given(any_motive, inertias, temperatures)
    def test_odd_and_bounded(self, motive, inertia, temperature):
        choice = chosen(motive, inertia, temperature, 0.5, EXPECTED)
        assert -1.0 <= choice <= 1.0
        mirrored = chosen(-motive, inertia, temperature, 0.5, EXPECTED)
        assert mirrored == pytest.approx(-choice, rel=1e-14)

    @given(motives, motives, inertias, temperatures)
    def test_rises_with_the_motive(self, low, high, inertia, temperature):
        low, high = sorted([low, high])
        choice = chosen(low, inertia, temperature, 0.5, EXPECTED)
        assert choice <= chosen(high, inertia, temperature, 0.5, EXPECTED) + 1e-15

    @given(st.floats(0.0, 5.0), inertias, inertias, temperatures)
    def test_inertia_holds(self, motive, low, high, temperature):
        low, high = sorted([low, high])
        choice = chosen(motive, high, temperature, 0.5, EXPECTED)
        assert choice <= chosen(motive, low, temperature, 0.5, EXPECTED) + 1e-15

    @pytest.mark.parametrize("motive", [25.0, 1e6, 1e300, math.inf])
    def test_large_motives_saturate(self, motive):
        assert chosen(motive, 0.5, 0.4, 0.5, EXPECTED) == pytest.approx(1.0, abs=1e-15)
        assert chosen(-motive, 0.5, 0.4, 0.5, EXPECTED) == pytest.approx(-1.0, abs=1e-15)


class TestDrawn:
    def test_hand_computed(self):
        # Without motive and inertia each of the three choices has chance 1/3.
        drawn = [chosen(0.0, 0.0, 0.4, uniform, DRAWN) for uniform in (0.33, 0.34, 0.66, 0.67)]
        assert drawn == [1.0, 0.0, 0.0, -1.0]

    @given(any_motive, inertias, temperatures, uniforms)
    def test_one_of_three(self, motive, inertia, temperature, uniform):
        assert chosen(motive, inertia, temperature, uniform, DRAWN) in (-1.0, 0.0, 1.0)

    @given(uniforms)
    def test_overwhelming_motives_decide(self, uniform):
        assert chosen(1e9, 0.5, 0.4, uniform, DRAWN) == 1.0
        assert chosen(-1e9, 0.5, 0.4, uniform, DRAWN) == -1.0

    @pytest.mark.parametrize(
        ("motive", "inertia", "temperature"),
        [(0.0, 0.5, 0.4), (0.3, 0.5, 0.4), (-0.9, 0.5, 0.4), (1.5, 0.0, 1.0)],
    )
    def test_expected_on_average(self, motive, inertia, temperature):
        grid = (np.arange(20000) + 0.5) / 20000
        mean = np.mean([chosen(motive, inertia, temperature, float(u), DRAWN) for u in grid])
        expected = chosen(motive, inertia, temperature, 0.5, EXPECTED)
        assert mean == pytest.approx(expected, abs=1e-4)


class TestNextResponse:
    def test_hand_computed(self):
        assert next_response(0.4, 0.25, 0.8, 1.0) == pytest.approx(0.5, rel=1e-15)
        assert next_response(0.0, 0.25, 0.8, 0.0) == 0.0

    @given(st.floats(-1.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.floats(-1.0, 1.0))
    def test_stays_within_its_span(self, share, rate, span, choice):
        assert abs(next_response(share * span, rate, span, choice)) <= span * (1.0 + 1e-15)

    def test_reaches_span_times_choice(self):
        response = 0.0
        for _ in range(600):
            response = next_response(response, 0.05, 0.8, -0.5)
        assert response == pytest.approx(-0.4, abs=1e-12)
