"""Whole rows at once, written as loops over runs: assignments to slices take seconds to compile."""

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


@inlined
def sum_products(
    total: Floats, left: Floats, a: int, right: Floats, b: int, by_column: bool
) -> None:
    """Set the sum over k of ``left[a, k] * right[b, k]``, or of ``left[k, a] * right[k, b]``.

    Four at a time, to spare the memory.  As ``left[a, a]`` and ``right[b, b]`` are never set and
    so 0, states a and b add nothing.

    Parameters
    ----------
    total : ndarray, shape (run,)
        Is set.
    left, right : ndarray, shape (state, state, run)
        Both with diagonals of 0.
    a, b : int
        Rows, or columns.
    by_column : bool
        Whether to go down columns in place of along rows.
    """
    n_states = left.shape[0]
    in_fours = n_states - n_states % 4
    if in_fours == 0:
        fill(total, 0.0)
    for k in range(0, in_fours, 4):
        _add_four_products(total, k == 0, left, a, right, b, k, by_column)
    k = in_fours
    if k + 2 <= n_states:
        _add_two_products(total, left, a, right, b, k, by_column)
        k += 2
    if k < n_states:
        _add_one_product(total, left, a, right, b, k, by_column)


@noalias_loop
def _add_four_products(
    total: Floats,
    anew: bool,
    left: Floats,
    a: int,
    right: Floats,
    b: int,
    k: int,
    by_column: bool,
) -> None:
    for run in range(total.shape[0]):
        four = (
            _product(left, a, right, b, k, by_column, run)
            + _product(left, a, right, b, k + 1, by_column, run)
        ) + (
            _product(left, a, right, b, k + 2, by_column, run)
            + _product(left, a, right, b, k + 3, by_column, run)
        )
        total[run] = four if anew else total[run] + four


@noalias_loop
def _add_two_products(
    total: Floats, left: Floats, a: int, right: Floats, b: int, k: int, by_column: bool
) -> None:
    for run in range(total.shape[0]):
        total[run] += _product(left, a, right, b, k, by_column, run) + _product(
            left, a, right, b, k + 1, by_column, run
        )


@noalias_loop
def _add_one_product(
    total: Floats, left: Floats, a: int, right: Floats, b: int, k: int, by_column: bool
) -> None:
    for run in range(total.shape[0]):
        total[run] += _product(left, a, right, b, k, by_column, run)


@inlined
def _product(
    left: Floats, a: int, right: Floats, b: int, k: int, by_column: bool, run: int
) -> float:
    first: float = left[k, a, run] if by_column else left[a, k, run]
    second: float = right[k, b, run] if by_column else right[b, k, run]
    return first * second
