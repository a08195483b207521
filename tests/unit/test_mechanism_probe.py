"""Probe: the chance to prevail, and what is read as hostility or as resolve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.probe import alignment_read, motive_to_probe, success_invites

shares = st.floats(0.0, 1.0)
gains = st.floats(0.0, 3.0)
signed = st.floats(-1.0, 1.0)


def motive_of(gain, success, signal, alignment, theta):
    read = alignment_read(alignment, theta)
    return motive_to_probe(gain, success_invites(success), signal, read)


def test_hand_computed():
    # The success counts 2, the signal -0.5, the alignment 0.2 either way; all times 2.
    assert success_invites(0.1) == pytest.approx(2.0, rel=1e-15)
    assert alignment_read(0.4, 0.75) == pytest.approx(0.2, rel=1e-15)
    assert motive_to_probe(2.0, 2.0, -0.5, 0.2) == pytest.approx(3.4, rel=1e-15)
    assert motive_of(2.0, 0.1, -0.5, 0.4, 0.75) == pytest.approx(3.4, rel=1e-14)
    assert motive_of(2.0, 0.1, -0.5, 0.4, 0.25) == pytest.approx(2.6, rel=1e-14)


@given(gains, shares)
def test_no_motive_at_the_start(gain, theta):
    assert motive_of(gain, 0.0, 0.0, 0.0, theta) == 0.0


@given(gains, signed, signed, signed, shares)
def test_odd_in_what_happens(gain, success, signal, alignment, theta):
    motive = motive_of(gain, success, signal, alignment, theta)
    assert motive_of(gain, -success, -signal, -alignment, theta) == -motive


@given(gains, signed, signed, signed, signed, shares)
def test_deterrence_lowers_it(gain, low, high, signal, alignment, theta):
    low, high = sorted([low, high])
    motive = motive_of(gain, low, signal, alignment, theta)
    assert motive <= motive_of(gain, high, signal, alignment, theta) + 1e-13


@given(gains, shares, shares)
def test_alignment_provokes_in_the_spiral_and_deters_in_the_deterrence_model(
    gain, alignment, theta
):
    motive = motive_of(gain, 0.0, 0.0, alignment, theta)
    mirrored = motive_of(gain, 0.0, 0.0, alignment, 1.0 - theta)
    assert mirrored == pytest.approx(-motive, abs=1e-14)
    assert (motive >= 0.0) or theta < 0.5
