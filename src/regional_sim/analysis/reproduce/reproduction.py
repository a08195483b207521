"""What came out when a result was run again: table by table, and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regional_sim.analysis.reproduce.difference import Comparison, Difference
from regional_sim.analysis.reproduce.original import Original


@dataclass(frozen=True)
class TableCheck:
    """How a table came out.

    Attributes
    ----------
    name : str
        Its name.
    file : str
        Name of its file in the folder.
    rows : int
        Rows of the table here; 0 where it does not come out here.
    same_bytes : bool
        Whether both files are the same, byte for byte.
    as_written : bool
        Whether the file in the folder still has the digest that the manifest recorded; None where
        there is no file, or no record.
    comparison : Comparison
        What differs, cell by cell.
    """

    name: str
    file: str
    rows: int
    same_bytes: bool
    as_written: bool | None
    comparison: Comparison

    @property
    def matches(self) -> bool:
        """Whether no difference is beyond the tolerance."""
        return self.comparison.matches


@dataclass(frozen=True)
class Reproduction:
    """What came out when a result was run again.

    Made by :func:`reproduce`.

    Attributes
    ----------
    original : Original
        The result, and how its surroundings differ from those here.
    tables : tuple of TableCheck
        Its tables, in the order in which they were written.
    tolerance : float
        Largest relative difference of two numbers that was let pass.
    """

    original: Original
    tables: tuple[TableCheck, ...]
    tolerance: float = 0.0

    @property
    def matches(self) -> bool:
        """Whether no difference in any table is beyond the tolerance."""
        return all(table.matches for table in self.tables)

    @property
    def first_difference(self) -> Difference | None:
        """The first difference beyond the tolerance, or else the first one within it."""
        found = [table.comparison for table in self.tables if table.comparison.first is not None]
        found.sort(key=lambda comparison: (comparison.matches, comparison.cells == 0))
        return found[0].first if found else None

    @property
    def largest(self) -> Comparison | None:
        """The comparison with the largest relative difference; None where no numbers differ."""
        found = [t.comparison for t in self.tables if t.comparison.largest_at is not None]
        return max(found, key=lambda comparison: comparison.largest, default=None)

    @property
    def largest_relative_difference(self) -> float:
        """Largest relative difference of two numbers, `|a - b| / max(|a|, |b|)`, or 0."""
        return 0.0 if self.largest is None else self.largest.largest

    @property
    def versions(self) -> Mapping[str, tuple[str, str]]:
        """Versions that differ: name to the one there and the one here."""
        return self.original.versions

    @property
    def platform(self) -> Mapping[str, tuple[str, str]]:
        """What else differs of the surroundings: host, system, machine, commit."""
        return self.original.platform

    @property
    def altered(self) -> tuple[str, ...]:
        """Files of tables that were altered after the run."""
        return tuple(table.file for table in self.tables if table.as_written is False)
