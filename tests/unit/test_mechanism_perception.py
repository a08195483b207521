"""Perception: pooled precision, belief errors and detection."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from regional_sim.model.mechanisms.perception import (
    belief_error_sd,
    detection_area,
    next_error,
    pooled_gain,
)
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
precisions = st.floats(0.05, 10.0)
memories = st.floats(Param.belief_memory.low, Param.belief_memory.high)
cuts = st.floats(Param.channel_noise_cut.low, Param.channel_noise_cut.high)


class TestPooledGain:
    def test_hand_computed(self):
        assert pooled_gain(0.5, 2.0, 0.25) == 0.75
        assert pooled_gain(0.0, 2.0, 0.25) == 0.0
        assert pooled_gain(1.0, 2.0, 0.0) == 2.0

    @given(shares, precisions, st.floats(0.0, 0.9), st.floats(0.0, 0.9))
    def test_correlated_errors_cost(self, share, other, low, high):
        low, high = sorted([low, high])
        assert 0.0 <= pooled_gain(share, other, high) <= pooled_gain(share, other, low) <= other


class TestErrorSd:
    def test_hand_computed(self):
        assert belief_error_sd(0.5, 1.0, 0.0, 0.4) == 0.5
        assert belief_error_sd(0.5, 4.0, 0.0, 0.4) == 0.25
        assert belief_error_sd(0.5, 4.0, 0.5, 0.4) == pytest.approx(0.2, rel=1e-15)
        assert belief_error_sd(0.0, 4.0, 0.5, 0.4) == 0.0

    @given(st.floats(0.0, 1.5), precisions, shares, cuts)
    def test_variance_is_the_inverse_of_precision(self, scale, precision, channel, cut):
        once = belief_error_sd(scale, precision, channel, cut)
        assert belief_error_sd(scale, 4.0 * precision, channel, cut) == pytest.approx(
            once / 2, rel=1e-14
        )

    @given(st.floats(0.0, 1.5), precisions, shares, shares, cuts)
    def test_a_channel_lowers_it_by_the_cut_at_most(self, scale, precision, low, high, cut):
        low, high = sorted([low, high])
        shut = belief_error_sd(scale, precision, 0.0, cut)
        ajar, wide = (belief_error_sd(scale, precision, one, cut) for one in (low, high))
        assert shut * (1 - cut) * (1 - 1e-15) <= wide <= ajar <= shut


class TestNextError:
    def test_hand_computed(self):
        assert next_error(0.5, 0.6, 2.0, 0.0) == pytest.approx(0.3, rel=1e-15)
        assert next_error(0.0, 0.6, 2.0, 1.0) == pytest.approx(1.6, rel=1e-15)
        assert next_error(0.5, 0.6, 2.0, -1.0) == pytest.approx(-1.3, rel=1e-15)

    @given(memories, st.floats(0.01, 1.5))
    def test_stationary_variance(self, memory, sd):
        # v = m^2 v + g^2, with m and g read off the rule: it is linear in both arguments.
        kept = next_error(1.0, memory, sd, 0.0)
        gained = next_error(0.0, memory, sd, 1.0)
        assert kept == memory
        assert gained * gained / (1.0 - kept * kept) == pytest.approx(sd * sd, rel=1e-13)

    def test_variance_of_a_long_path(self):
        innovations = np.random.default_rng(5).standard_normal(20000)
        error, path = 0.0, []
        for innovation in innovations:
            error = next_error(error, 0.7, 0.5, float(innovation))
            path.append(error)
        # The effective size of a sample with autocorrelation 0.7 is about 20000 * 0.34.
        assert np.std(path) == pytest.approx(0.5, rel=0.05)
        assert np.corrcoef(path[1:], path[:-1])[0, 1] == pytest.approx(0.7, abs=0.03)

    @given(st.floats(-3.0, 3.0), memories, st.floats(0.0, 1.5), st.floats(-5.0, 5.0))
    def test_odd(self, error, memory, sd, innovation):
        mirrored = next_error(-error, memory, sd, -innovation)
        assert mirrored == -next_error(error, memory, sd, innovation)


class TestDetection:
    def test_hand_computed(self):
        assert detection_area(0.0, 0.8) == 0.5
        assert detection_area(1.0, math.sqrt(2.0)) == pytest.approx(0.8413447460685429, rel=1e-14)
        assert detection_area(4.0, 1.0) == pytest.approx(
            float(special.ndtr(math.sqrt(2))), rel=1e-14
        )

    @given(st.floats(0.0, 10.0), st.floats(0.0, 10.0), st.floats(0.1, 3.0))
    def test_area_that_rises_with_precision(self, low, high, scale):
        low, high = sorted([low, high])
        assert 0.5 <= detection_area(low, scale) <= detection_area(high, scale) <= 1.0

    def test_area_under_the_curve_of_two_normal_signals(self):
        # The chance that a draw with threat exceeds one without, d' = 1.2 apart.
        random = np.random.default_rng(3)
        threat, none = random.standard_normal((2, 200000)) + np.array([[1.2], [0.0]])
        assert detection_area(1.0, 1.2) == pytest.approx(np.mean(threat > none), abs=0.004)
