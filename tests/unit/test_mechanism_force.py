"""Force: loss of strength, mobilisation, bases and access to them, what counts in time."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.force import (
    decay,
    defence_access,
    mobilised_force,
    projected,
    timely_share,
    warning_known,
)

shares = st.floats(0.0, 1.0)
areas = st.floats(0.5, 1.0)
forces = st.floats(0.01, 1000.0)
distances = st.floats(0.0, 20000.0)


class TestDecay:
    def test_hand_computed(self):
        assert decay(0.0, 3000.0) == 1.0
        assert decay(3000.0, 3000.0) == pytest.approx(1 / math.e, rel=1e-15)
        assert decay(2079.4415416798357, 3000.0) == pytest.approx(0.5, rel=1e-15)
        assert decay(6000.0, 1000.0) == pytest.approx(0.0024787521766663585, rel=1e-15)

    @given(distances, distances, st.floats(1000.0, 8000.0))
    def test_share_that_falls_with_distance(self, near, far, scale):
        near, far = sorted([near, far])
        assert 0.0 < decay(far, scale) <= decay(near, scale) <= 1.0

    @given(distances, st.floats(1000.0, 8000.0), st.floats(1000.0, 8000.0))
    def test_rises_with_the_scale(self, distance, short, long):
        short, long = sorted([short, long])
        assert decay(distance, short) <= decay(distance, long)

    @given(distances, distances, st.floats(1000.0, 8000.0))
    def test_legs_multiply(self, first, second, scale):
        whole = decay(first + second, scale)
        assert decay(first, scale) * decay(second, scale) == pytest.approx(whole, rel=1e-13)


class TestMobilised:
    def test_hand_computed(self):
        assert mobilised_force(55.0, 0.0) == 55.0
        assert mobilised_force(3.0, 0.6931471805599453) == pytest.approx(6.0, rel=1e-15)
        assert mobilised_force(3.0, -0.6931471805599453) == pytest.approx(1.5, rel=1e-15)

    @given(forces, st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
    def test_rises_with_readiness(self, capability, low, high):
        low, high = sorted([low, high])
        assert 0.0 < mobilised_force(capability, low) <= mobilised_force(capability, high)

    @given(forces, st.floats(-3.0, 3.0))
    def test_proportional_to_capability(self, capability, readiness):
        assert mobilised_force(2.0 * capability, readiness) == 2.0 * mobilised_force(
            capability, readiness
        )


class TestProjected:
    def test_hand_computed(self):
        assert projected(100.0, 0.8, 0.2, 0.25) == pytest.approx(35.0, rel=1e-15)

    @pytest.mark.parametrize(("access", "reaches"), [(0.0, 20.0), (1.0, 80.0)])
    def test_without_access_from_home_with_it_from_the_base(self, access, reaches):
        assert projected(100.0, 0.8, 0.2, access) == pytest.approx(reaches, rel=1e-15)

    @given(forces, shares, shares, shares)
    def test_between_home_and_base(self, force, near, home, access):
        reached = projected(force, near, home, access)
        least, most = sorted([force * near, force * home])
        assert least * (1 - 1e-14) <= reached <= most * (1 + 1e-14) + 1e-300

    @given(forces, shares, shares, shares, shares)
    def test_access_to_a_nearer_base_never_hurts(self, force, one, other, low, high):
        home, near = sorted([one, other])
        low, high = sorted([low, high])
        assert projected(force, near, home, low) <= projected(force, near, home, high) + 1e-12


class TestDefenceAccess:
    def test_hand_computed(self):
        assert defence_access(0.5, 0.5) == 0.75
        assert defence_access(0.0, 0.0) == 0.0
        assert defence_access(0.0, 0.3) == pytest.approx(0.3, rel=1e-15)
        assert defence_access(1.0, 0.0) == 1.0

    def test_the_defended_state_opens_its_own_base(self):
        # The world passes 1 for a host that is itself the state to defend.
        assert defence_access(0.1, 1.0) == 1.0

    @given(shares, shares)
    def test_chance_of_either(self, guest, target):
        chance = defence_access(guest, target)
        assert max(guest, target) - 1e-15 <= chance <= 1.0
        assert chance == pytest.approx(defence_access(target, guest), abs=1e-15)
        assert chance <= guest + target + 1e-15


class TestTimelyShare:
    def test_hand_computed(self):
        assert timely_share(0.25, 0.5) == 0.25
        assert timely_share(0.25, 0.75) == 0.625
        assert timely_share(0.25, 1.0) == 1.0
        assert timely_share(1.0, 0.5) == 1.0
        assert timely_share(0.0, 0.5) == 0.0

    @given(shares, areas, areas)
    def test_rises_with_warning(self, interoperability, low, high):
        low, high = sorted([low, high])
        late = timely_share(interoperability, low)
        assert interoperability <= late <= timely_share(interoperability, high) <= 1.0 + 1e-15

    @given(shares, shares, areas)
    def test_rises_with_interoperability(self, low, high, warning):
        low, high = sorted([low, high])
        assert timely_share(low, warning) <= timely_share(high, warning) + 1e-15


class TestWarningKnown:
    def test_hand_computed(self):
        assert warning_known(0.6, 0.8, 0.3) == pytest.approx(0.66, rel=1e-15)
        assert warning_known(0.6, 0.8, 0.0) == 0.6
        assert warning_known(0.5, 1.0, 1.0) == 1.0

    @given(areas, areas, shares)
    def test_between_start_and_now(self, start, now, shared):
        known = warning_known(start, now, shared)
        assert min(start, now) - 1e-15 <= known <= max(start, now) + 1e-15

    @given(areas, shares)
    def test_nothing_gained_nothing_shared(self, start, shared):
        assert warning_known(start, start, shared) == start
