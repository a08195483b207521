"""What a comparison of two tables finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Difference:
    """A place where two tables differ.

    Attributes
    ----------
    table : str
        Name of the table.
    row : int or None
        Row of data, counted from 1; None where the header, or the table as a whole, differs.
    key : dict of str
        What the row is about: key column to value.
    column : str or None
        Name of the column; None where the row as a whole differs.
    there, here : str or None
        What stands in the cell in the first table and in the second; None where there is no cell.
    what : str
        What differs where it is not the value; empty otherwise.
    """

    table: str
    row: int | None = None
    key: Mapping[str, str] = field(default_factory=dict)
    column: str | None = None
    there: str | None = None
    here: str | None = None
    what: str = ""


@dataclass(frozen=True)
class Comparison:
    """What a comparison of two tables found.

    Attributes
    ----------
    rows_there, rows_here : int
        Rows that were read of either.
    first : Difference or None
        The first difference beyond the tolerance; where there is none, the first within it, and
        where there is none either, the first number written in other digits.
    matches : bool
        Whether no difference is beyond the tolerance.
    cells, rows, columns : int
        Cells with other values, and the rows and columns that they stand in.  Counted only where
        the rows of the two tables belong together: 0 where one has more than the other.
    beyond : int
        Those of the cells that are beyond the tolerance.
    rewritten : int
        Cells that hold the same number in other digits.
    largest : float
        Largest relative difference of two numbers, `|a - b| / max(|a|, |b|)`; 0 where none differ.
    largest_at : Difference or None
        Where it is.
    """

    rows_there: int
    rows_here: int
    first: Difference | None = None
    matches: bool = True
    cells: int = 0
    rows: int = 0
    columns: int = 0
    beyond: int = 0
    rewritten: int = 0
    largest: float = 0.0
    largest_at: Difference | None = None
