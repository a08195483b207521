"""Whole rows at once, written as loops: assignments to slices take seconds to compile."""

from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, noalias_loop


@noalias_loop
def fill(row: Floats, value: float) -> None:
    """Set every run of a row to a value."""
    for run in range(row.shape[0]):
        row[run] = value


@noalias_loop
def copy(target: Floats, source: Floats) -> None:
    """Set every run of a row to that of another."""
    for run in range(target.shape[0]):
        target[run] = source[run]


@noalias_loop
def add(total: Floats, row: Floats) -> None:
    """Add a row to another."""
    for run in range(total.shape[0]):
        total[run] += row[run]


@inlined
def sum_products(total: Floats, left: Floats, a: int, right: Floats, b: int) -> None:
    """Set the sum over k of ``left[k, a] * right[k, b]``, four at a time to spare the memory.

    As ``left[a, a]`` and ``right[b, b]`` are never set and so 0, states a and b add nothing.

    Parameters
    ----------
    total : ndarray, shape (run,)
        Is set.
    left, right : ndarray, shape (state, state, run)
        Both with diagonals of 0.
    a, b : int
        Columns.
    """
    n_states = left.shape[0]
    in_fours = n_states - n_states % 4
    if in_fours == 0:
        fill(total, 0.0)
    else:
        _set_four_products(
            total,
            *(left[0, a], left[1, a], left[2, a], left[3, a]),
            *(right[0, b], right[1, b], right[2, b], right[3, b]),
        )
    for k in range(4, in_fours, 4):
        _add_four_products(
            total,
            *(left[k, a], left[k + 1, a], left[k + 2, a], left[k + 3, a]),
            *(right[k, b], right[k + 1, b], right[k + 2, b], right[k + 3, b]),
        )
    k = in_fours
    if k + 2 <= n_states:
        _add_two_products(total, left[k, a], left[k + 1, a], right[k, b], right[k + 1, b])
        k += 2
    if k < n_states:
        add_product(total, left[k, a], right[k, b])


@inlined
def sum_row_products(total: Floats, left: Floats, i: int, right: Floats, j: int) -> None:
    """Set the sum over k of ``left[i, k] * right[j, k]``, as :func:`sum_products` does.

    Parameters
    ----------
    total : ndarray, shape (run,)
        Is set.
    left, right : ndarray, shape (state, state, run)
        Both with diagonals of 0.
    i, j : int
        Rows.
    """
    n_states = left.shape[0]
    in_fours = n_states - n_states % 4
    if in_fours == 0:
        fill(total, 0.0)
    else:
        _set_four_products(
            total,
            *(left[i, 0], left[i, 1], left[i, 2], left[i, 3]),
            *(right[j, 0], right[j, 1], right[j, 2], right[j, 3]),
        )
    for k in range(4, in_fours, 4):
        _add_four_products(
            total,
            *(left[i, k], left[i, k + 1], left[i, k + 2], left[i, k + 3]),
            *(right[j, k], right[j, k + 1], right[j, k + 2], right[j, k + 3]),
        )
    k = in_fours
    if k + 2 <= n_states:
        _add_two_products(total, left[i, k], left[i, k + 1], right[j, k], right[j, k + 1])
        k += 2
    if k < n_states:
        add_product(total, left[i, k], right[j, k])


@noalias_loop
def _set_four_products(
    total: Floats,
    left_0: Floats,
    left_1: Floats,
    left_2: Floats,
    left_3: Floats,
    right_0: Floats,
    right_1: Floats,
    right_2: Floats,
    right_3: Floats,
) -> None:
    for run in range(total.shape[0]):
        total[run] = (left_0[run] * right_0[run] + left_1[run] * right_1[run]) + (
            left_2[run] * right_2[run] + left_3[run] * right_3[run]
        )


@noalias_loop
def _add_four_products(
    total: Floats,
    left_0: Floats,
    left_1: Floats,
    left_2: Floats,
    left_3: Floats,
    right_0: Floats,
    right_1: Floats,
    right_2: Floats,
    right_3: Floats,
) -> None:
    for run in range(total.shape[0]):
        total[run] += (left_0[run] * right_0[run] + left_1[run] * right_1[run]) + (
            left_2[run] * right_2[run] + left_3[run] * right_3[run]
        )


@noalias_loop
def _add_two_products(
    total: Floats, left_0: Floats, left_1: Floats, right_0: Floats, right_1: Floats
) -> None:
    for run in range(total.shape[0]):
        total[run] += left_0[run] * right_0[run] + left_1[run] * right_1[run]


@noalias_loop
def add_product(total: Floats, left: Floats, right: Floats) -> None:
    """Add the product of two rows to another."""
    for run in range(total.shape[0]):
        total[run] += left[run] * right[run]


@inlined
def any_above(row: Floats, bound: float) -> bool:
    """Whether the value of any run lies above a bound."""
    found = 0
    for run in range(row.shape[0]):
        found |= 1 if row[run] > bound else 0
    return found > 0
