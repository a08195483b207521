"""Ladder: ways down, and the rung that a dyad is expected to hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from regional_sim.model.mechanisms.ladder import (
    RUNG_NAMES,
    USE_OF_FORCE,
    WAR,
    de_escalation_chance,
    expected_rung,
    rung_after_exit,
)
from regional_sim.model.parameters import SCHEDULE_RUNGS

shares = st.floats(0.0, 1.0)
chances_up = st.floats(0.0, 0.99)
chances_down = st.floats(0.01, 1.0)


def test_names_of_the_rungs():
    assert len(RUNG_NAMES) == SCHEDULE_RUNGS + 1
    assert RUNG_NAMES[WAR] == "war"
    assert RUNG_NAMES[USE_OF_FORCE].startswith("use of force")


class TestExitChance:
    def test_hand_computed(self):
        assert de_escalation_chance(0.0, 0.05, 0.0, 4.0, 0.0, 0.25, 0.0, 0.3, 0.0) == 0.5
        # 0.5 + 0.25 * 4 + 4 * 0.125 + 0.5 * 1 - 0.75 * 2
        chance = de_escalation_chance(0.5, 0.25, 4.0, 4.0, 0.125, 0.75, 2.0, 0.5, 1.0)
        assert chance == pytest.approx(float(special.expit(1.0)), rel=1e-14)

    def test_months_count_up_to_two_years(self):
        at = [
            de_escalation_chance(-1.0, 0.05, months, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
            for months in (23.0, 24.0, 25.0, 1000.0)
        ]
        assert at[0] < at[1] == at[2] == at[3]
        assert at[1] == pytest.approx(float(special.expit(0.2)), rel=1e-14)

    @given(
        st.floats(-6.0, 6.0),
        shares,
        st.floats(0.0, 100.0),
        st.floats(0.0, 40.0),
        shares,
        st.floats(0.0, 2.0),
        st.floats(0.0, 5.0),
        shares,
        shares,
    )
    def test_time_bonds_and_channels_settle_and_stakes_do_not(
        self, base, per_month, months, cost, bond, per_stake, stake, by_channel, channel
    ):
        here = de_escalation_chance(
            base, per_month, months, cost, bond, per_stake, stake, by_channel, channel
        )
        assert 0.0 < here <= 1.0
        assert here <= de_escalation_chance(
            base, per_month, months + 1, cost, bond, per_stake, stake, by_channel, channel
        )
        assert here <= de_escalation_chance(
            base, per_month, months, cost, bond + 0.1, per_stake, stake, by_channel, channel
        )
        assert here <= de_escalation_chance(
            base, per_month, months, cost, bond, per_stake, stake, by_channel, channel + 0.1
        )
        assert here >= de_escalation_chance(
            base, per_month, months, cost, bond, per_stake, stake + 0.1, by_channel, channel
        )


@pytest.mark.parametrize(("rung", "after"), [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1)])
def test_rung_after_exit(rung, after):
    assert rung_after_exit(float(rung)) == after


def stationary_mean(up, down):
    """Mean rung of the explicit chain: climbing goes first, settling leads to normal at once."""
    chain = np.zeros((4, 4))
    chain[0, :2] = 1.0 - up[0], up[0]
    for rung in (1, 2):
        chain[rung, rung + 1] = up[rung]
        chain[rung, 0] = (1.0 - up[rung]) * down[rung - 1]
        chain[rung, rung] = (1.0 - up[rung]) * (1.0 - down[rung - 1])
    chain[3, 0], chain[3, 3] = down[2], 1.0 - down[2]
    assert chain.sum(axis=1) == pytest.approx(1.0)
    balance = np.vstack([(chain.T - np.eye(4))[1:], np.ones(4)])
    return float(np.linalg.solve(balance, [0.0, 0.0, 0.0, 1.0]) @ np.arange(4))


class TestExpectedRung:
    def test_hand_computed(self):
        # Rungs 0 and 1 in turn: half of the months each.
        assert expected_rung(1.0, 0.0, 0.5, 1.0, 1.0, 1.0) == 0.5
        assert expected_rung(0.5, 0.0, 0.0, 0.25, 0.5, 0.5) == pytest.approx(2 / 3, rel=1e-15)
        # A round of 0, 1, 2, 3: one month each.
        assert expected_rung(1.0, 1.0, 1.0, 0.5, 0.5, 1.0) == 1.5

    def test_none_where_none_begins(self):
        assert expected_rung(0.0, 0.9, 0.9, 0.1, 0.1, 0.1) == 0.0

    @given(*[chances_up] * 3, *[chances_down] * 3)
    def test_stationary_mean_of_the_chain(self, up_1, up_2, up_3, down_1, down_2, down_3):
        mean = expected_rung(up_1, up_2, up_3, down_1, down_2, down_3)
        explicit = stationary_mean((up_1, up_2, up_3), (down_1, down_2, down_3))
        assert mean == pytest.approx(explicit, rel=1e-9, abs=1e-12)
        assert 0.0 <= mean <= 3.0

    @given(*[chances_up] * 3, *[chances_down] * 3, st.floats(0.0, 1.0))
    def test_rises_with_the_first_step(self, up_1, up_2, up_3, down_1, down_2, down_3, more):
        higher = up_1 + more * (1.0 - up_1)
        fewer = expected_rung(up_1, up_2, up_3, down_1, down_2, down_3)
        assert fewer <= expected_rung(higher, up_2, up_3, down_1, down_2, down_3) + 1e-14
