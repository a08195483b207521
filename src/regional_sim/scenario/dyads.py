"""How a file writes a dyad quantity, and the table of cells it is turned into.

A file gives a default, a matrix, and pairs over the matrix.  ``USA:TWN`` is directed, USA toward
TWN; ``PHL-USA`` sets both ways.  Whatever it uses is taken apart into cells, one for each ordered
pair (of an undirected quantity one for each pair, codes sorted), so that files can be laid over
each other cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from regional_sim.errors import MAX_FAULTS_KEPT, Fault
from regional_sim.scenario.figures import DYAD_FIGURE, DyadFigure
from regional_sim.scenario.messages import faults_of
from regional_sim.scenario.schema import DYAD_FORM, DYADS
from regional_sim.scenario.yaml import KeyPath, Position, Positions

Pair: TypeAlias = tuple[str, str]
Cell: TypeAlias = float | str | None
FloatArray: TypeAlias = npt.NDArray[np.float64]

_Matrix: TypeAlias = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class DyadTable:
    """One quantity as one file gives it, or as several files together give it.

    Attributes
    ----------
    cells : mapping
        Value of each pair that was given.
    places : mapping
        Where each was given.
    default : float or None
        For the pairs that were not.
    about : mapping
        Year, source, provenance, note.
    citation : Fault or None
        What to report if the source is not listed.
    mentions : tuple of Fault
        For each state named, what to report if there is no such state.
    """

    cells: Mapping[Pair, Cell] = field(default_factory=dict)
    places: Mapping[Pair, Position] = field(default_factory=dict)
    default: float | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    citation: Fault | None = None
    mentions: tuple[Fault, ...] = ()

    def under(self, other: DyadTable) -> DyadTable:
        """Lay another table over this one, whose values win cell by cell."""
        return DyadTable(
            {**self.cells, **other.cells},
            {**self.places, **other.places},
            self.default if other.default is None else other.default,
            {**self.about, **other.about},
            other.citation or self.citation,
            self.mentions + other.mentions,
        )

    def checked(self) -> DyadTable:
        """Drop mentions and places, once all were found good."""
        return replace(self, mentions=(), places={})


EMPTY_TABLE: Final = DyadTable()


def number_matrix(
    spec: DyadFigure, table: DyadTable, codes: Iterable[str], others: Mapping[str, FloatArray]
) -> FloatArray:
    """Make the matrix of a quantity that holds numbers.

    Parameters
    ----------
    spec : DyadFigure
        The quantity.
    table : DyadTable
        Its cells.
    codes : iterable of str
        All states, in the order of rows and columns.
    others : mapping
        Matrices made before, of which one may serve as the default.

    Returns
    -------
    ndarray of float, shape (n_states, n_states)
        0 on the diagonal, NaN where a value is missing.
    """
    row = {code: index for index, code in enumerate(codes)}
    if table.default is None and spec.default_from is not None:
        array = others[spec.default_from].copy()
    else:
        defaults = (d for d in (table.default, spec.default, np.nan) if d is not None)
        array = np.full((len(row), len(row)), next(defaults), dtype=np.float64)
    for (a, b), value in table.cells.items():
        array[row[a], row[b]] = value
        if not spec.directed:
            array[row[b], row[a]] = value
    np.fill_diagonal(array, 0.0)
    return array


def host_matrix(table: DyadTable, codes: Iterable[str]) -> npt.NDArray[np.int64]:
    """Make the matrix of host states: row number of the host, shape (n_states, n_states).

    It is -1 where there is none.
    """
    row = {code: index for index, code in enumerate(codes)}
    array = np.full((len(row), len(row)), -1, dtype=np.int64)
    for (a, b), host in table.cells.items():
        array[row[a], row[b]] = -1 if host is None else row[str(host)]
    return array


def read_dyads(section: object, positions: Positions) -> tuple[dict[str, DyadTable], list[Fault]]:
    """Read the dyads of one document: a table for each quantity that is good, and the faults.

    Parameters
    ----------
    section : object
        The section as plain data.
    positions : Positions
        Of the whole document.
    """
    if not isinstance(section, Mapping):
        return {}, [positions.fault("must be a mapping (lines of key: value)", (DYADS,), section)]
    tables: dict[str, DyadTable] = {}
    faults: list[Fault] = []
    for name, given in section.items():
        if len(faults) >= MAX_FAULTS_KEPT:
            break
        if name not in DYAD_FORM:
            faults.append(positions.unknown_key("dyad quantity", (DYADS, name), DYAD_FORM))
        elif not positions.is_left_out((DYADS, name)):
            reading = _Reading(DYAD_FIGURE[name], positions)
            tables[name] = reading.table(given)
            faults += reading.faults
    return tables, faults


def split_pair(key: str) -> tuple[str, str, bool] | None:
    """Take the key of a pair apart: both codes, and whether it is directed; None if it is no pair.

    Examples
    --------
    >>> split_pair("USA:TWN"), split_pair("PHL-USA"), split_pair("USATWN")
    (('USA', 'TWN', True), ('PHL', 'USA', False), None)
    """
    separators = [character for character in key if character in ":-"]
    if len(separators) != 1:
        return None
    first, _, second = key.partition(separators[0])
    return (first, second, separators[0] == ":") if first and second else None


class _Reading:
    """The reading of one quantity, with the faults and the states met on the way."""

    def __init__(self, spec: DyadFigure, positions: Positions) -> None:
        self.spec = spec
        self.positions = positions
        self.path: KeyPath = (DYADS, spec.name)
        self.faults: list[Fault] = []
        self.mentions: list[Fault] = []

    def table(self, given: object) -> DyadTable:
        """Read all that is given."""
        model = DYAD_FORM[self.spec.name]
        try:
            form: Any = model.model_validate(given)
        except ValidationError as error:
            self.faults += faults_of(error, given, self.positions, model, self.path)
            return DyadTable()
        for name in sorted(form.model_fields_set):
            if getattr(form, name) is None and not self.positions.is_left_out((*self.path, name)):
                self._fault("null changes nothing here; leave the key out", (name,))
        cells: dict[Pair, Cell] = {}
        places: dict[Pair, Position] = {}
        for part in (self._matrix(form.matrix, form.states), self._pairs(form.pairs or {})):
            for pair, value, path in part:
                cells[pair] = value
                places[pair] = self.positions.of_value((*self.path, *path))
        citation = None
        if form.source is not None:
            path = (*self.path, "source")
            citation = self.positions.fault("unknown source", path, form.source)
        default = None if self.spec.holds_state else form.default
        return DyadTable(cells, places, default, form.about(), citation, tuple(self.mentions))

    def _fault(self, what: str, path: KeyPath, *value: object, **more: Any) -> None:
        self.faults.append(self.positions.fault(what, (*self.path, *path), *value, **more))

    def _mention(self, code: str, path: KeyPath, *, at_key: bool = False) -> None:
        fault = self.positions.fault("unknown state", (*self.path, *path), code, at_key=at_key)
        self.mentions.append(fault)

    def _pairs(self, pairs: Mapping[str, Cell]) -> Iterator[tuple[Pair, Cell, KeyPath]]:
        """Read the single pairs."""
        key_of: dict[Pair, str] = {}
        for key, value in pairs.items():
            path = ("pairs", key)
            directions = self._directions(key)
            twice = next((key_of[pair] for pair in directions if pair in key_of), None)
            if twice is not None:
                place = self.positions.of_key((*self.path, "pairs", twice))
                also = f"this pair is given twice, first as {twice!r} at {place}"
                self._fault(also, path, at_key=True)
                continue
            self._check_host(directions, value, path)
            for pair in directions:
                key_of[pair] = key
                yield pair, value, path

    def _directions(self, key: str) -> list[Pair]:
        """List the cells that the key of a pair sets; none if it is no pair."""
        path = ("pairs", key)
        parts = split_pair(key)
        if parts is None:
            names = "A:B (A toward B) or A-B (both ways)" if self.spec.directed else "A-B"
            self._fault("is not a pair of states", path, at_key=True, allowed=names)
            return []
        a, b, directed = parts
        if a == b:
            self._fault("a state is no pair with itself", path, at_key=True)
            return []
        if directed and not self.spec.directed:
            hint = f"write {a}-{b}"
            self._fault(f"{self.spec.name} has no direction", path, at_key=True, hint=hint)
            return []
        for code in (a, b):
            self._mention(code, path, at_key=True)
        if directed:
            return [(a, b)]
        return [(a, b), (b, a)] if self.spec.directed else [(min(a, b), max(a, b))]

    def _check_host(self, directions: Iterable[Pair], value: Cell, path: KeyPath) -> None:
        """Check the value of a pair that names a host."""
        if not self.spec.holds_state or value is None:
            return
        if any(value == projecting for projecting, _ in directions):
            self._fault("a state is not its own host; leave it out", path, value)
        self._mention(str(value), path)

    def _matrix(
        self, matrix: _Matrix | None, codes: Sequence[str] | None
    ) -> Iterator[tuple[Pair, Cell, KeyPath]]:
        """Read the matrix."""
        if matrix is None:
            if codes is not None:
                self._fault("there is no matrix whose order this could be", ("states",))
            return
        if codes is None:
            hint = "add states: [...], the order of its rows and columns"
            self._fault("the matrix does not say which states it is about", ("matrix",), hint=hint)
            return
        if not self._is_sound(matrix, codes):
            return
        for i, a in enumerate(codes):
            for j, b in enumerate(codes):
                if i != j and (self.spec.directed or a < b):
                    path = ("matrix", i, j)
                    self._check_host([(a, b)], matrix[i][j], path)
                    yield (a, b), matrix[i][j], path

    def _is_sound(self, matrix: _Matrix, codes: Sequence[str]) -> bool:
        """Check names, shape, entries and symmetry, the next only when the last is good."""
        checks = [self._check_names, self._check_shape, self._check_entries]
        if not self.spec.directed:
            checks.append(self._check_symmetry)
        before = len(self.faults)
        for check in checks:
            check(matrix, codes)
            if len(self.faults) > before:
                return False
        return True

    def _check_names(self, _: _Matrix, codes: Sequence[str]) -> None:
        seen: set[str] = set()
        for index, code in enumerate(codes):
            if code in seen:
                self._fault("this state is listed twice", ("states", index), code)
            seen.add(code)
            self._mention(code, ("states", index))

    def _check_shape(self, matrix: _Matrix, codes: Sequence[str]) -> None:
        n = len(codes)
        if len(matrix) != n:
            self._fault(f"the matrix has {len(matrix)} rows for {n} states", ("matrix",))
        for i, row in enumerate(matrix):
            if len(row) != n:
                of = f" ({codes[i]})" if i < n else ""
                self._fault(f"row{of} has {len(row)} entries for {n} states", ("matrix", i))

    def _check_entries(self, matrix: _Matrix, codes: Sequence[str]) -> None:
        for i, row in enumerate(matrix):
            for j, value in enumerate(row):
                if i == j:
                    if value:
                        what = f"the diagonal must be 0: {codes[i]} is no pair with itself"
                        self._fault(what, ("matrix", i, j), value)
                elif not self.spec.holds_state:
                    self._check_number(value, ("matrix", i, j), f"{codes[i]} toward {codes[j]}")

    def _check_number(self, value: Cell, path: KeyPath, pair: str) -> None:
        if not isinstance(value, float):
            self._fault(f"must be a number ({pair})", path, value)
        elif not self.spec.range.contains(value):
            what, allowed = f"is outside the allowed range ({pair})", str(self.spec.range)
            self._fault(what, path, value, allowed=allowed)

    def _check_symmetry(self, matrix: _Matrix, codes: Sequence[str]) -> None:
        n = len(codes)
        unequal = [(i, j) for i in range(n) for j in range(i) if matrix[i][j] != matrix[j][i]]
        if unequal:
            i, j = unequal[0]
            more = f" ({len(unequal)} pairs in all)" if len(unequal) > 1 else ""
            what = (
                f"{self.spec.name} has no direction, but {codes[i]} toward {codes[j]} is"
                f" {matrix[i][j]} and {codes[j]} toward {codes[i]} is {matrix[j][i]}{more}"
            )
            self._fault(what, ("matrix", i, j))
