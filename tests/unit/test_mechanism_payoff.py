"""Payoff: restraint by bonds and opposition, reluctance, and the sum of the next rung."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.payoff import (
    next_rung_payoff,
    opposition,
    restraining_bond,
    war_reluctance,
)
from regional_sim.model.parameters import Param

SCHEDULES = ("gain", "loss", "cost", "restraint")
shares = st.floats(0.0, 1.0)
amounts = st.floats(0.0, 20.0)
discounts = st.floats(Param.openness_discount.low, Param.openness_discount.high)


class TestRestrainingBond:
    def test_hand_computed(self):
        assert restraining_bond(0.2, 1.0, 0.5) == 0.2
        assert restraining_bond(0.2, 0.0, 0.5) == 0.1
        assert restraining_bond(0.2, 0.5, 0.4) == pytest.approx(0.16, rel=1e-15)
        assert restraining_bond(0.2, 0.3, 0.0) == 0.2
        assert restraining_bond(0.0, 0.3, 0.5) == 0.0

    @given(shares, shares, discounts)
    def test_never_negative_and_never_more_than_the_bond(self, pair_bond, share, discount):
        restraint = restraining_bond(pair_bond, share, discount)
        # The greatest discount leaves half of the bond.
        assert 0.5 * pair_bond <= restraint <= pair_bond

    @given(shares, shares, shares, discounts)
    def test_trade_with_others_weakens_it(self, pair_bond, low, high, discount):
        low, high = sorted([low, high])
        weak = restraining_bond(pair_bond, low, discount)
        assert weak <= restraining_bond(pair_bond, high, discount)


class TestWarReluctance:
    def test_hand_computed(self):
        assert war_reluctance(2.0, 0.0) == 2.0
        assert war_reluctance(2.0, 1.0) == 2.0
        assert war_reluctance(2.0, 1.5) == 3.0

    @given(st.floats(0.0, 5.0), st.floats(0.0, 20.0))
    def test_no_easy_quarrel_lowers_it(self, general, pair_restraint):
        reluctance = war_reluctance(general, pair_restraint)
        assert reluctance >= max(general, general * pair_restraint) * (1 - 1e-15)


class TestOpposition:
    def test_hand_computed(self):
        assert opposition(50.0, 200.0) == 0.25
        assert opposition(200.0, 200.0) == 1.0
        assert opposition(0.0, 200.0) == 0.0

    def test_none_without_third_states(self):
        assert opposition(0.0, 0.0) == 0.0

    def test_rounding_below_nothing_is_nothing(self):
        assert opposition(-1e-18, 1.0) == 0.0

    @given(st.lists(st.tuples(st.floats(0.1, 30000.0), shares), min_size=1, max_size=20))
    def test_mean_of_the_chances_weighted_by_size(self, states):
        opposed = sum(size * chance for size, chance in states)
        share = opposition(opposed, sum(size for size, _ in states))
        chances = [chance for _, chance in states]
        assert min(chances) - 1e-12 <= share <= max(chances) + 1e-12


class TestNextRungPayoff:
    def test_hand_computed(self):
        # 1.5 * 2 - 0.5 * 4 - 0.25 * 3 - 0.125 * 6
        assert next_rung_payoff(1.5, 0.5, 0.25, 0.125, 2.0, 4.0, 3.0, 6.0) == -0.5
        assert next_rung_payoff(1.0, 0.0, 0.0, 0.0, 2.0, 9.0, 9.0, 9.0) == 2.0
        assert next_rung_payoff(0.0, 0.0, 0.0, 0.0, 2.0, 4.0, 3.0, 6.0) == 0.0

    @given(*[amounts] * 8, st.floats(0.0, 5.0))
    def test_gains_draw_and_all_else_holds_back(
        self, gain, loss, restraint, reluctance, s, l_, c, k, more
    ):
        here = next_rung_payoff(gain, loss, restraint, reluctance, s, l_, c, k)
        assert next_rung_payoff(gain + more, loss, restraint, reluctance, s, l_, c, k) >= here
        assert next_rung_payoff(gain, loss + more, restraint, reluctance, s, l_, c, k) <= here
        assert next_rung_payoff(gain, loss, restraint + more, reluctance, s, l_, c, k) <= here
        assert next_rung_payoff(gain, loss, restraint, reluctance + more, s, l_, c, k) <= here

    def test_at_the_defaults_an_even_contest_makes_war_the_least_attractive_rung(self):
        rungs = [
            next_rung_payoff(
                0.5,
                0.5 * Param.loss_weight.default,
                0.0,
                Param.ladder_restraint.default,
                *(Param[f"{kind}_rung_{rung}"].default for kind in SCHEDULES),
            )
            for rung in (1, 2, 3, 4)
        ]
        assert min(rungs) == rungs[3] < 0.0
