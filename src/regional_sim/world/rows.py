"""Whole rows at once, written as loops: assignments to slices take seconds to compile."""

from regional_sim.rules.compiled import inlined
from regional_sim.world.layout import Floats


@inlined
def fill(row: Floats, value: float) -> None:
    """Set every run of a row to a value."""
    for run in range(row.shape[0]):
        row[run] = value


@inlined
def copy(source: Floats, target: Floats) -> None:
    """Copy every run of a row."""
    for run in range(target.shape[0]):
        target[run] = source[run]


@inlined
def add_products(total: Floats, left: Floats, a: int, right: Floats, b: int) -> None:
    """Add the sum over k of ``left[k, a] * right[k, b]``, four at a time to spare the memory.

    Diagonals are never set and so 0, which leaves a and b out of the sum.

    Parameters
    ----------
    total : ndarray, shape (run,)
        Is added to.
    left, right : ndarray, shape (state, state, run)
        Both with diagonals of 0, of which one factor of every term at k = a or k = b is.
    a, b : int
        Columns.
    """
    n_states = left.shape[0]
    in_fours = n_states - n_states % 4
    for k in range(0, in_fours, 4):
        l0, l1, l2, l3 = left[k, a], left[k + 1, a], left[k + 2, a], left[k + 3, a]
        r0, r1, r2, r3 = right[k, b], right[k + 1, b], right[k + 2, b], right[k + 3, b]
        for run in range(total.shape[0]):
            total[run] += (l0[run] * r0[run] + l1[run] * r1[run]) + (
                l2[run] * r2[run] + l3[run] * r3[run]
            )
    for k in range(in_fours, n_states):
        left_row, right_row = left[k, a], right[k, b]
        for run in range(total.shape[0]):
            total[run] += left_row[run] * right_row[run]


@inlined
def add_row_products(total: Floats, left: Floats, i: int, right: Floats, j: int) -> None:
    """Add the sum over k of ``left[i, k] * right[j, k]``, as :func:`add_products` does.

    Parameters
    ----------
    total : ndarray, shape (run,)
        Is added to.
    left, right : ndarray, shape (state, state, run)
        Both with diagonals of 0.
    i, j : int
        Rows.
    """
    n_states = left.shape[0]
    in_fours = n_states - n_states % 4
    for k in range(0, in_fours, 4):
        l0, l1, l2, l3 = left[i, k], left[i, k + 1], left[i, k + 2], left[i, k + 3]
        r0, r1, r2, r3 = right[j, k], right[j, k + 1], right[j, k + 2], right[j, k + 3]
        for run in range(total.shape[0]):
            total[run] += (l0[run] * r0[run] + l1[run] * r1[run]) + (
                l2[run] * r2[run] + l3[run] * r3[run]
            )
    for k in range(in_fours, n_states):
        left_row, right_row = left[i, k], right[j, k]
        for run in range(total.shape[0]):
            total[run] += left_row[run] * right_row[run]


@inlined
def any_above(row: Floats, bound: float) -> bool:
    """Whether the value of any run lies above a bound."""
    found = 0
    for run in range(row.shape[0]):
        found |= 1 if row[run] > bound else 0
    return found > 0
