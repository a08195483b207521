"""Trade: urgency, diversion, return, and the bond that trade makes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.model.mechanisms.trade import (
    attraction_of_partner,
    diverted,
    economic_bond,
    next_trade,
    next_urgency,
    pressed_target,
    trade_under_pressure,
)
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param

WEAK, MEAN = Option.dependence.codes
shares = st.floats(0.0, 1.0)
amounts = st.floats(0.0, 1000.0)
pushes = st.floats(-20.0, 20.0)
returns = st.floats(Param.trade_return.low, Param.trade_return.high)
speeds = st.floats(Param.diversion_speed.low, Param.diversion_speed.high)
floors = st.floats(Param.trade_floor.low, Param.trade_floor.high)
memories = st.floats(Param.urgency_memory.low, Param.urgency_memory.high)


class TestNextUrgency:
    def test_hand_computed(self):
        assert next_urgency(0.8, 0.75, 0.5, 1.2) == pytest.approx(0.75, rel=1e-15)
        assert next_urgency(0.8, 0.75, 0.0, 1.2) == pytest.approx(0.6, rel=1e-15)

    def test_a_lower_instrument_draws_trade_back(self):
        assert next_urgency(0.0, 0.75, -0.1, 2.0) == pytest.approx(-0.05, rel=1e-15)

    @given(memories, st.floats(-1.0, 1.0), st.floats(0.0, 5.0))
    def test_rests_at_instrument_times_need(self, memory, instrument, need):
        rest = instrument * need
        assert next_urgency(rest, memory, instrument, need) == pytest.approx(rest, rel=1e-14)

    def test_wanes(self):
        urgency = 1.0
        for _ in range(24):
            urgency = next_urgency(urgency, 0.95, 0.0, 1.0)
        assert urgency == pytest.approx(0.95**24, rel=1e-13)


class TestDiverted:
    def test_hand_computed(self):
        # 100 - 0.5 * 120 can move; a push of ln(2) / 0.01 halves it.
        push = math.log(2.0) / 0.01
        assert diverted(100.0, 120.0, 0.01, push, 0.0, 0.5) == pytest.approx(20.0, rel=1e-14)
        assert diverted(100.0, 120.0, 0.01, push + 3.0, -3.0, 0.5) == pytest.approx(20.0, rel=1e-14)
        assert diverted(100.0, 100.0, 0.0, 5.0, 5.0, 0.5) == 0.0

    @given(amounts, amounts, speeds, pushes, st.floats(0.0, 20.0), floors)
    def test_nothing_leaves_without_a_push(self, trade, start, speed, tension, below, floor):
        assert diverted(trade, start, speed, tension, -tension - below, floor) == 0.0

    @given(amounts, amounts, speeds, pushes, pushes, floors)
    def test_never_below_the_floor(self, trade, start, speed, tension, policy, floor):
        gone = diverted(trade, start, speed, tension, policy, floor)
        assert 0.0 <= gone <= max(trade - floor * start, 0.0)

    @given(amounts, amounts, speeds, pushes, pushes, pushes, floors)
    def test_rises_with_the_push(self, trade, start, speed, low, high, policy, floor):
        low, high = sorted([low, high])
        gone = diverted(trade, start, speed, low, policy, floor)
        assert gone <= diverted(trade, start, speed, high, policy, floor) + 1e-12

    def test_a_small_push_moves_at_its_speed(self):
        gone = diverted(100.0, 100.0, 0.005, 0.0, 0.02, 0.5)
        assert gone == pytest.approx(50.0 * 0.005 * 0.02, rel=1e-4)

    def test_the_greatest_push_leaves_the_floor(self):
        trade = 100.0
        for _ in range(4000):
            trade -= diverted(trade, 100.0, 0.01, 20.0, 0.0, 0.5)
        assert trade == pytest.approx(50.0, abs=1e-9)
        assert trade >= 50.0


class TestAttraction:
    def test_hand_computed(self):
        assert attraction_of_partner(80.0, 0.25) == 60.0
        assert attraction_of_partner(80.0, 0.0) == 80.0
        assert attraction_of_partner(80.0, 1.0) == 0.0

    @given(amounts, shares, shares)
    def test_falls_with_tension(self, trade, low, high):
        low, high = sorted([low, high])
        assert (
            0.0 <= attraction_of_partner(trade, high) <= attraction_of_partner(trade, low) <= trade
        )


class TestNextTrade:
    def test_hand_computed(self):
        assert next_trade(80.0, 100.0, 0.05, 3.0, 1.0) == pytest.approx(79.0, rel=1e-15)
        assert next_trade(100.0, 100.0, 0.05, 0.0, 0.0) == 100.0

    @given(amounts, st.floats(0.0, 100.0), shares)
    def test_books_are_kept_between_two_accounts(self, start, flow, friction):
        # At the start nothing returns, so what one loses the other gains, less the friction.
        kept = flow * (1.0 - friction)
        one = next_trade(start, start, 0.01, flow, 0.0)
        other = next_trade(start, start, 0.01, 0.0, kept)
        assert one + other == pytest.approx(2.0 * start - flow * friction, rel=1e-13, abs=1e-12)

    def test_half_of_a_loss_is_regained_at_the_stated_speed(self):
        trade = 50.0
        for _ in range(69):
            trade = next_trade(trade, 100.0, 0.01, 0.0, 0.0)
        assert trade == pytest.approx(100.0 - 50.0 * 0.99**69, rel=1e-13)
        assert trade == pytest.approx(75.0, rel=1e-3)

    @given(amounts, amounts, returns, speeds, pushes, floors)
    def test_stays_positive_when_only_the_movable_leaves(
        self, trade, start, rate, speed, push, floor
    ):
        gone = diverted(trade, start, speed, push, 0.0, floor)
        assert next_trade(trade, start, rate, gone, 0.0) >= 0.0


class TestPressedTarget:
    def test_hand_computed(self):
        assert pressed_target(100.0, 0.15, 0.0) == 100.0
        assert pressed_target(100.0, 0.15, 1.0) == pytest.approx(86.0707976425058, rel=1e-13)

    @given(amounts, st.floats(0.0, 0.4), shares)
    def test_pressure_cuts_and_inducement_adds(self, start, sensitivity, pressure):
        cut = pressed_target(start, sensitivity, pressure)
        assert 0.0 <= cut <= start <= pressed_target(start, sensitivity, -pressure)


class TestUnderPressure:
    def test_hand_computed(self):
        assert trade_under_pressure(100.0, 0.15, 0.2) == pytest.approx(97.0, rel=1e-15)
        assert trade_under_pressure(100.0, 0.15, -0.2) == pytest.approx(103.0, rel=1e-15)

    @given(st.floats(0.0, 1000.0), st.floats(0.0, 0.4), st.floats(-1.0, 1.0))
    def test_stays_above_0(self, trade, sensitivity, change):
        left = trade_under_pressure(trade, sensitivity, change)
        assert 0.6 * trade * (1.0 - 1e-15) <= left <= 1.4 * trade * (1.0 + 1e-15)


class TestBond:
    def test_hand_computed(self):
        assert economic_bond(0.1, 0.3, WEAK) == economic_bond(0.3, 0.1, WEAK) == 0.1
        assert economic_bond(0.1, 0.3, MEAN) == pytest.approx(0.2, rel=1e-15)
        assert economic_bond(0.0, 0.3, WEAK) == 0.0
        assert economic_bond(0.2, 0.2, WEAK) == economic_bond(0.2, 0.2, MEAN) == 0.2

    @given(shares, shares, st.sampled_from([WEAK, MEAN]))
    def test_symmetric(self, one, other, link):
        assert economic_bond(one, other, link) == economic_bond(other, one, link)

    @given(shares, shares)
    def test_the_weaker_dependence_is_at_most_the_mean(self, one, other):
        weak = economic_bond(one, other, WEAK)
        assert weak == min(one, other)
        assert weak <= economic_bond(one, other, MEAN) <= max(one, other)
