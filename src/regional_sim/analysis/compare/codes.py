"""Keys of rows as numbers, counted alike on both sides, in the order of the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regional_sim.analysis.compare.side import Side
from regional_sim.numerics.arrays import Integers
from regional_sim.results.columns import INTEGER, TEXT
from regional_sim.results.table_file import TYPES, numbers_of

_MOST_CODES: Final = 2**62
"""Combinations that are numbered without leaving out those that no row has."""


class Codes(NamedTuple):
    """Rows of both sides by the number of their key.

    Attributes
    ----------
    a, b : ndarray of int, shape (row,)
        Number of the key of each row.
    levels : dict
        For each column its values in order, and which of them each row of A and of B has.
    n : int
        More than the greatest number.
    """

    a: Integers
    b: Integers
    levels: Mapping[str, tuple[list[object], Integers, Integers]]
    n: int

    @classmethod
    def of(cls, a: Side, b: Side, names: Sequence[str]) -> Codes:
        """Number the keys of both sides."""
        n_a, n_b = a.n_rows, b.n_rows
        found = cls(np.zeros(n_a, dtype=np.int64), np.zeros(n_b, dtype=np.int64), {}, 1)
        for name in names:
            levels, codes = _coded(a, b, name)
            one = {name: (levels, codes[:n_a], codes[n_a:])}
            found = found.joined(cls(codes[:n_a], codes[n_a:], one, len(levels)))
        return found

    def joined(self, other: Codes) -> Codes:
        """Number the combinations of two keys, the first one first."""
        levels = {**self.levels, **other.levels}
        if self.n * other.n >= _MOST_CODES:
            both = np.concatenate([self.a, self.b])
            _, dense = np.unique(both, return_inverse=True)
            n = int(dense.max()) + 1
            return Codes(dense[: len(self.a)], dense[len(self.a) :], levels, n).joined(other)
        a, b = self.a * other.n + other.a, self.b * other.n + other.b
        return Codes(a, b, levels, self.n * other.n)

    def with_groups(self, group: Codes) -> tuple[tuple[Integers, Integers], ...]:
        """Return the number of key and of group of every row, for each side."""
        return (self.a, group.a), (self.b, group.b)

    def level_of(self, place: int, row: int) -> dict[str, object]:
        """Return the key of a row of side A (place 0) or B (1)."""
        return {
            name: levels[int((codes_a, codes_b)[place][row])]
            for name, (levels, codes_a, codes_b) in self.levels.items()
        }


def _coded(a: Side, b: Side, name: str) -> tuple[list[object], Integers]:
    """Number the values of a column in their order, over the rows of both sides."""
    columns = [side.columns([name])[name] for side in (a, b)]
    kinds = {side.source.kinds[name] for side in (a, b)}
    if TEXT in kinds:
        texts = [pc.fill_null(column.cast("string"), "") for column in columns]
        values = pa.chunked_array([chunk for text in texts for chunk in text.chunks], "string")
        levels = sorted(pc.unique(values).to_pylist())
        codes = pc.index_in(values, value_set=pa.array(levels, "string"))
        return levels, codes.to_numpy().astype(np.int64)
    if kinds == {INTEGER} and not any(column.null_count for column in columns):
        numbers = np.concatenate([column.to_numpy() for column in columns])
    else:
        numbers = np.concatenate([numbers_of(column.cast(TYPES["number"])) for column in columns])
    unique, inverse = np.unique(numbers, return_inverse=True)
    return [None if level != level else level for level in unique.tolist()], inverse  # noqa: PLR0124
