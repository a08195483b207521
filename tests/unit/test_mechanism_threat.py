"""Threat: the force of hostile states over one's own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.engine.build import build_world
from regional_sim.model.mechanisms.threat import felt_threat
from regional_sim.model.variables import DirectedVar, StateVar
from regional_sim.scenario import load_scenario

shares = st.floats(0.0, 1.0)
forces = st.floats(0.01, 10000.0)


class TestFeltThreat:
    def test_hand_computed(self):
        assert felt_threat(0.5, 2.0, 2.0) == 0.25
        assert felt_threat(0.8, math.e, 1.0) == pytest.approx(0.6, rel=1e-15)
        assert felt_threat(0.0, 3.0, 1.0) == 0.0

    @given(shares, forces, forces, forces)
    def test_rises_in_attack_and_falls_in_own_force(self, hostility, low, high, other):
        low, high = sorted([low, high])
        slack = 1e-14
        assert felt_threat(hostility, low, other) <= felt_threat(hostility, high, other) + slack
        assert felt_threat(hostility, other, low) + slack >= felt_threat(hostility, other, high)

    @given(shares, forces, forces)
    def test_twice_the_force_adds_the_same_wherever_one_stands(self, hostility, attack, own):
        step = felt_threat(hostility, 2.0 * attack, own) - felt_threat(hostility, attack, own)
        assert step == pytest.approx(0.25 * hostility * math.log(2.0), abs=1e-13)


def test_only_hostile_states_threaten():
    world = build_world(load_scenario("baseline"))
    hostile = world.directed[DirectedVar.hostile, :, :, 0]
    threat = world.directed[DirectedVar.threat, :, :, 0]
    assert (threat[hostile == 0.0] == 0.0).all()
    assert (threat[hostile > 0.0] != 0.0).all()
    assert np.allclose(threat.sum(axis=1), world.state[StateVar.threat, :, 0], rtol=1e-13)
