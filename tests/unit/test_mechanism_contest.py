"""Contest: what an attacker brings, and who prevails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.contest import attacking_force, success_chance
from regional_sim.model.options import Option

EXPONENTS = Option.contest_exponent.codes
forces = st.floats(0.01, 10000.0)
exponents = st.sampled_from(EXPONENTS)


def test_the_attacking_force_counts_a_share_of_the_supporters():
    assert attacking_force(3.0, 0.5, 4.0) == 5.0
    assert attacking_force(3.0, 0.0, 4.0) == attacking_force(3.0, 0.5, 0.0) == 3.0


class TestSuccessChance:
    @pytest.mark.parametrize(("exponent", "chance"), [(1, 0.75), (2, 0.9), (4, 81 / 82)])
    def test_hand_computed(self, exponent, chance):
        assert success_chance(3.0, 1.0, exponent) == pytest.approx(chance, rel=1e-15)
        assert success_chance(1.0, 3.0, exponent) == pytest.approx(1 - chance, rel=1e-14)

    @pytest.mark.parametrize("exponent", EXPONENTS)
    def test_without_a_defence(self, exponent):
        assert success_chance(1.0, 0.0, exponent) == 1.0

    @given(forces, exponents)
    def test_equal_forces_are_even(self, force, exponent):
        assert success_chance(force, force, exponent) == 0.5

    @given(forces, forces, exponents)
    def test_one_of_the_two_prevails(self, attack, defence, exponent):
        chance = success_chance(attack, defence, exponent)
        assert 0.0 <= chance <= 1.0
        assert chance + success_chance(defence, attack, exponent) == pytest.approx(1.0, abs=1e-15)

    @given(forces, forces, forces, exponents)
    def test_rises_in_attack_and_falls_in_defence(self, low, high, other, exponent):
        low, high = sorted([low, high])
        assert success_chance(low, other, exponent) <= success_chance(high, other, exponent)
        assert success_chance(other, low, exponent) >= success_chance(other, high, exponent)

    @given(forces, forces)
    def test_the_exponent_sharpens_the_contest(self, attack, defence):
        chances = [success_chance(attack, defence, exponent) for exponent in EXPONENTS]
        assert chances == sorted(chances, reverse=attack < defence)

    @given(forces, forces, exponents, st.sampled_from([0.125, 2.0, 1024.0]))
    def test_only_the_ratio_counts(self, attack, defence, exponent, unit):
        scaled = success_chance(attack * unit, defence * unit, exponent)
        assert scaled == success_chance(attack, defence, exponent)
