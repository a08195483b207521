"""Loops over whole rows: sums over states, and what they leave out."""

import numpy as np
import pytest

from regional_sim.numerics.run_loops import add, add_product, any_above, copy, fill, sum_products

N_RUNS = 3


def squares(n_states, seed=5):
    """Two arrays of (state, state, run) with diagonals of 0."""
    arrays = np.random.default_rng(seed).normal(size=(2, n_states, n_states, N_RUNS))
    arrays[:, np.arange(n_states), np.arange(n_states)] = 0.0
    return arrays


every_size = pytest.mark.parametrize("n_states", range(2, 11))


@every_size
@pytest.mark.parametrize("by_column", [True, False])
def test_products_of_rows_and_columns(n_states, by_column):
    left, right = squares(n_states)
    turned = (left.swapaxes(0, 1), right.swapaxes(0, 1)) if by_column else (left, right)
    for a in range(n_states):
        for b in range(n_states):
            total = np.full(N_RUNS, np.nan)
            sum_products(total, left, a, right, b, by_column)
            expected = (turned[0][a] * turned[1][b]).sum(axis=0)
            np.testing.assert_allclose(total, expected, rtol=1e-13, atol=1e-13)


@every_size
def test_the_two_of_a_pair_are_left_out(n_states):
    left, right = squares(n_states)
    others = [k for k in range(n_states) if k not in (0, 1)]
    total = np.zeros(N_RUNS)
    sum_products(total, left, 0, right, 1, True)
    expected = (left[others, 0] * right[others, 1]).sum(axis=0)
    np.testing.assert_allclose(total, expected, rtol=1e-13, atol=1e-13)


@every_size
def test_a_sum_of_each_run_does_not_depend_on_the_others(n_states):
    left, right = squares(n_states)
    total = np.zeros(N_RUNS)
    sum_products(total, left, 0, right, 1, True)
    for run in range(N_RUNS):
        alone = np.zeros(1)
        sum_products(alone, left[..., run : run + 1], 0, right[..., run : run + 1], 1, True)
        assert alone[0] == total[run]


def test_add_and_add_product():
    total, row, other = np.arange(3.0), np.array([1.0, 2.0, 4.0]), np.array([0.5, -1.0, 2.0])
    add(total, row)
    assert total.tolist() == [1.0, 3.0, 6.0]
    add_product(total, row, other)
    assert total.tolist() == [1.5, 1.0, 14.0]
    assert row.tolist() == [1.0, 2.0, 4.0]


def test_fill_and_copy():
    row, other = np.arange(4.0), np.full(4, 7.0)
    copy(other, row)
    assert other.tolist() == [0.0, 1.0, 2.0, 3.0]
    fill(row, 2.5)
    assert row.tolist() == [2.5] * 4
    assert other.tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([0.0, 0.0], False),
        ([0.5, 0.5], False),
        ([0.0, 0.6], True),
        ([0.6, 0.0], True),
        ([3.0], True),
        ([-3.0], False),
    ],
)
def test_any_above(row, found):
    assert any_above(np.array(row), 0.5) is found
