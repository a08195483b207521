"""Signals: firmness, novelty, and what observers read in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.signals import (
    next_novelty,
    read_as_hostility,
    read_as_resolve,
    restraint_by_resolve,
    signal_of,
    weighted_firmness,
)
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
weights = st.floats(0.0, 1.0)
signed = st.floats(-2.0, 2.0)
gains = st.floats(Param.signal_gain.low, Param.signal_gain.high)


class TestFirmness:
    def test_hand_computed(self):
        # 0.4 * 0.5 + 0.2 * 0.25 + 0.1 * 1 + 0.8 * 0.5 * 0.25
        assert weighted_firmness(0.5, 0.25, 1.0, 0.4, 0.2, 0.1, 0.8) == pytest.approx(
            0.45, rel=1e-15
        )
        assert weighted_firmness(0.0, 0.0, 0.0, 0.4, 0.2, 0.1, 0.8) == 0.0
        assert weighted_firmness(1.0, 1.0, 1.0, 0.4, 0.2, 0.1, 0.8) == pytest.approx(1.5, rel=1e-15)

    def test_patrols_and_backing_count_more_together(self):
        alone = weighted_firmness(0.5, 0.0, 0.0, 0.4, 0.2, 0.1, 0.8) + weighted_firmness(
            0.0, 0.5, 0.0, 0.4, 0.2, 0.1, 0.8
        )
        together = weighted_firmness(0.5, 0.5, 0.0, 0.4, 0.2, 0.1, 0.8)
        assert together - alone == pytest.approx(0.8 * 0.25, rel=1e-14)

    @given(shares, shares, shares, weights, weights, weights, weights, st.sampled_from([0, 1, 2]))
    def test_no_instrument_lowers_it(self, patrols, backing, dialogue, p, b, d, j, raised):
        levels = [patrols, backing, dialogue]
        levels[raised] = 1.0
        assert weighted_firmness(*levels, p, b, d, j) >= weighted_firmness(
            patrols, backing, dialogue, p, b, d, j
        )

    def test_at_the_defaults_it_runs_from_0_to_1(self):
        parts = ("patrols", "backing", "dialogue", "joint")
        defaults = [Param[f"firmness_{part}"].default for part in parts]
        assert weighted_firmness(1.0, 1.0, 1.0, *defaults) == pytest.approx(1.0, rel=1e-15)


class TestNovelty:
    def test_hand_computed(self):
        assert next_novelty(0.5, 0.5, 0.25) == 0.5
        assert next_novelty(0.0, 0.85, -0.25) == -0.25
        assert next_novelty(0.5, 0.0, 0.0) == 0.0

    @given(st.floats(0.0, 0.98), signed)
    def test_a_step_fades(self, memory, step):
        novelty = next_novelty(0.0, memory, step)
        for month in range(1, 10):
            novelty = next_novelty(novelty, memory, 0.0)
            assert novelty == pytest.approx(step * memory**month, rel=1e-12, abs=1e-300)

    @given(signed, st.floats(0.0, 0.98), signed)
    def test_signed(self, novelty, memory, change):
        assert next_novelty(-novelty, memory, -change) == -next_novelty(novelty, memory, change)


class TestSignal:
    def test_hand_computed(self):
        assert signal_of(0.5, 0.25, 0.5) == 0.375
        assert signal_of(0.5, 0.25, 1.0) == 0.5
        assert signal_of(0.5, 0.25, 0.0) == 0.25
        assert signal_of(0.0, 0.0, 0.5) == 0.0

    @given(signed, signed, shares)
    def test_between_level_and_novelty(self, level, novelty, weight):
        sent = signal_of(level, novelty, weight)
        assert min(level, novelty) - 1e-15 <= sent <= max(level, novelty) + 1e-15


class TestReadings:
    def test_hand_computed(self):
        assert read_as_resolve(0.5, 2.0, 0.25) == 0.75
        assert read_as_hostility(0.5, 2.0, 0.25) == 0.25

    def test_deterrence_model_and_spiral_model(self):
        assert (read_as_resolve(0.5, 2.0, 0.0), read_as_hostility(0.5, 2.0, 0.0)) == (1.0, 0.0)
        assert (read_as_resolve(0.5, 2.0, 1.0), read_as_hostility(0.5, 2.0, 1.0)) == (0.0, 1.0)

    @given(signed, gains, shares)
    def test_the_whole_signal_is_read_one_way_or_the_other(self, value, gain, theta):
        whole = read_as_resolve(value, gain, theta) + read_as_hostility(value, gain, theta)
        assert whole == pytest.approx(gain * value, rel=1e-14, abs=1e-14)

    @given(st.floats(0.0, 2.0), gains, shares, shares)
    def test_theta_moves_the_reading_from_resolve_to_hostility(self, value, gain, low, high):
        low, high = sorted([low, high])
        assert read_as_resolve(value, gain, low) >= read_as_resolve(value, gain, high)
        assert read_as_hostility(value, gain, low) <= read_as_hostility(value, gain, high)

    @given(gains, shares)
    def test_no_signal_says_nothing(self, gain, theta):
        assert read_as_resolve(0.0, gain, theta) == read_as_hostility(0.0, gain, theta) == 0.0


class TestRestraintByResolve:
    def test_hand_computed(self):
        assert restraint_by_resolve(2.0, 0.1, 0.0) == 2.0
        assert restraint_by_resolve(2.0, 0.1, 10.0) == pytest.approx(5.43656365691809, rel=1e-14)

    @given(st.floats(0.0, 20.0), st.floats(0.0, 0.2), signed, signed)
    def test_rises_with_resolve(self, restraint, effect, low, high):
        low, high = sorted([low, high])
        weak = restraint_by_resolve(restraint, effect, low)
        assert 0.0 <= weak <= restraint_by_resolve(restraint, effect, high)
