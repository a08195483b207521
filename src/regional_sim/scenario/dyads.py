"""How a file writes a dyad quantity, and the table of cells it is turned into.

A file gives a default, a matrix, and pairs over the matrix.  ``USA:TWN`` is directed, USA toward
TWN; ``PHL-USA`` sets both ways.  Whatever it uses is taken apart into cells, one for each ordered
pair (of an undirected quantity one for each pair, codes sorted), so that files can be laid over
each other cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError, create_model

from regional_sim.errors import ABSENT, Fault, suggestion
from regional_sim.scenario.figures import (
    DYAD_FIGURE,
    DYAD_FIGURES,
    DyadFigure,
    Prose,
    Provenance,
    StateCode,
    Text,
    Year,
    number_in,
)
from regional_sim.scenario.messages import Section, faults_of
from regional_sim.scenario.yaml import NOWHERE, KeyPath, Position, Positions

Pair: TypeAlias = tuple[str, str]
Cell: TypeAlias = float | str | None
FloatArray: TypeAlias = npt.NDArray[np.float64]


class DyadForm(Section):
    """What every dyad quantity may say of itself; :data:`DYAD_FORM` adds the values."""

    noun: ClassVar[str] = "key of a dyad quantity"

    year: Year | None = None
    source: Text | None = Field(default=None, description="A key of sources.")
    provenance: Provenance | None = None
    note: Prose | None = None
    states: list[StateCode] | None = Field(
        default=None, description="Order of the rows and columns of the matrix."
    )

    def about(self) -> dict[str, object]:
        """Collect what is known of the quantity beside its values.

        Returns
        -------
        dict
            Year, source, provenance and note, as far as given.
        """
        names = ("year", "source", "provenance", "note")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def _form_of(spec: DyadFigure) -> type[DyadForm]:
    """Make the model of a quantity, with its range."""
    # The diagonal of a matrix is 0 whatever the range, so matrices are checked cell by cell later.
    entry: Any = str | None if spec.holds_state else float | None
    value: Any = StateCode | None if spec.holds_state else number_in(spec.range)
    keys = "A:B is A toward B, A-B both ways" if spec.directed else "A-B"
    about = f"{spec.meaning} Unit: {spec.unit}."
    if not spec.holds_state:
        about += f" Allowed: {spec.range}."
    fields: dict[str, Any] = {
        "matrix": (
            list[list[entry]] | None,
            Field(default=None, description="Rows toward columns, 0 on the diagonal."),
        ),
        "pairs": (
            dict[str, value] | None,
            Field(default=None, description=f"Single pairs, over the matrix; {keys}."),
        ),
    }
    if not spec.holds_state:
        default = Field(default=None, description="For the pairs given neither way.")
        fields["default"] = (value | None, default)
    made: type[DyadForm] = create_model(
        f"Dyad_{spec.name}", __base__=DyadForm, __module__=__name__, __doc__=about, **fields
    )
    return made


DYAD_FORM: Final = {spec.name: _form_of(spec) for spec in DYAD_FIGURES}


@dataclass(frozen=True, slots=True)
class Mention:
    """A state that a dyad quantity names, to be checked when all states are known.

    Attributes
    ----------
    code : str
        The state.
    path : tuple
        Key for the message.
    position : Position
        Place for the message.
    """

    code: str
    path: KeyPath
    position: Position


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
    source_at : Position
        Where the source was named.
    mentions : tuple of Mention
        States named and not yet checked.
    """

    cells: Mapping[Pair, Cell] = field(default_factory=dict)
    places: Mapping[Pair, Position] = field(default_factory=dict)
    default: float | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    source_at: Position = NOWHERE
    mentions: tuple[Mention, ...] = ()

    def under(self, other: DyadTable) -> DyadTable:
        """Lay another table over this one.

        Parameters
        ----------
        other : DyadTable
            The one whose values win, cell by cell.

        Returns
        -------
        DyadTable
            A new table.
        """
        return DyadTable(
            {**self.cells, **other.cells},
            {**self.places, **other.places},
            self.default if other.default is None else other.default,
            {**self.about, **other.about},
            other.source_at if "source" in other.about else self.source_at,
            self.mentions + other.mentions,
        )

    def checked(self) -> DyadTable:
        """Forget the mentions and places, once all was found good.

        Returns
        -------
        DyadTable
            The values alone.
        """
        return replace(self, mentions=(), places={})


EMPTY_TABLE: Final = DyadTable()


def values_of(
    spec: DyadFigure, table: DyadTable, codes: Iterable[str], other: Mapping[str, FloatArray]
) -> FloatArray:
    """Make the array of a quantity.

    Parameters
    ----------
    spec : DyadFigure
        The quantity, one that holds numbers.
    table : DyadTable
        Its cells.
    codes : iterable of str
        All states, in the order of rows and columns.
    other : mapping
        Arrays made before, of which one may serve as the default.

    Returns
    -------
    ndarray of float, shape (n_states, n_states)
        0 on the diagonal, NaN where a value is missing.
    """
    row = {code: index for index, code in enumerate(codes)}
    if table.default is None and spec.default_from is not None:
        array = other[spec.default_from].copy()
    else:
        defaults = (d for d in (table.default, spec.default, np.nan) if d is not None)
        array = np.full((len(row), len(row)), next(defaults), dtype=np.float64)
    for (a, b), value in table.cells.items():
        array[row[a], row[b]] = value
        if not spec.directed:
            array[row[b], row[a]] = value
    np.fill_diagonal(array, 0.0)
    return array


def hosts_of(table: DyadTable, codes: Iterable[str]) -> npt.NDArray[np.int64]:
    """Make the array of host states.

    Parameters
    ----------
    table : DyadTable
        Cells that hold a state's code or None.
    codes : iterable of str
        All states, in the order of rows and columns.

    Returns
    -------
    ndarray of int, shape (n_states, n_states)
        Row number of the host; -1 where there is none.
    """
    row = {code: index for index, code in enumerate(codes)}
    array = np.full((len(row), len(row)), -1, dtype=np.int64)
    for (a, b), host in table.cells.items():
        array[row[a], row[b]] = -1 if host is None else row[str(host)]
    return array


SECTION: Final = "dyads"


def read_dyads(section: object, positions: Positions) -> tuple[dict[str, DyadTable], list[Fault]]:
    """Read the dyads of one file.

    Parameters
    ----------
    section : object
        The section as plain data.
    positions : Positions
        Of the whole document.

    Returns
    -------
    tables : dict
        A table for each quantity that could be read.
    faults : list of Fault
        What is wrong with the others.
    """
    if not isinstance(section, Mapping):
        return {}, [positions.fault("must be a mapping (lines of key: value)", (SECTION,), section)]
    tables: dict[str, DyadTable] = {}
    faults: list[Fault] = []
    for name, given in section.items():
        path = (SECTION, name)
        if name not in DYAD_FORM:
            hint = suggestion(name, DYAD_FORM)
            faults.append(positions.fault("unknown dyad quantity", path, at_key=True, hint=hint))
        elif given is not None:
            reading = _Reading(DYAD_FIGURE[name], given, positions)
            tables[name] = reading.table()
            faults += reading.faults
    return tables, faults


def split_pair(key: str) -> tuple[str, str, bool] | None:
    """Take the key of a pair apart.

    Parameters
    ----------
    key : str
        ``A:B`` or ``A-B``.

    Returns
    -------
    tuple of (str, str, bool) or None
        Both codes and whether the key is directed; None when it is no pair.

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
    """The reading of one quantity."""

    def __init__(self, spec: DyadFigure, given: object, positions: Positions) -> None:
        self.spec = spec
        self.given = given
        self.positions = positions
        self.path: KeyPath = (SECTION, spec.name)
        self.faults: list[Fault] = []
        self.mentions: list[Mention] = []

    def table(self) -> DyadTable:
        """Read all there is; faults are collected on the way."""
        model = DYAD_FORM[self.spec.name]
        try:
            form = model.model_validate(self.given)
        except ValidationError as error:
            self.faults += faults_of(error, self.given, self.positions, model, self.path)
            return DyadTable()
        cells: dict[Pair, Cell] = {}
        places: dict[Pair, Position] = {}
        for part in (self._matrix(form), self._pairs(form)):
            for pair, value, position in part:
                cells[pair], places[pair] = value, position
        return DyadTable(
            cells,
            places,
            getattr(form, "default", None),
            form.about(),
            self.positions.of_value((*self.path, "source")),
            tuple(self.mentions),
        )

    def _fault(
        self,
        what: str,
        path: KeyPath,
        value: object = ABSENT,
        *,
        at_key: bool = False,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        fault = self.positions.fault(
            what, (*self.path, *path), value, at_key=at_key, allowed=allowed, hint=hint
        )
        self.faults.append(fault)

    def _mention(self, code: str, path: KeyPath) -> None:
        full = (*self.path, *path)
        self.mentions.append(Mention(code, full, self.positions.of_value(full)))

    # ------------------------------------------------------------------ pairs

    def _pairs(self, form: DyadForm) -> Iterator[tuple[Pair, Cell, Position]]:
        """Read the single pairs."""
        first: dict[Pair, str] = {}
        pairs: Mapping[str, Cell] = getattr(form, "pairs", None) or {}
        for key, value in pairs.items():
            path = ("pairs", key)
            ways = self._ways(key)
            twice = next((first[way] for way in ways if way in first), None)
            if twice is not None:
                place = self.positions.of_key((*self.path, "pairs", twice))
                also = f"this pair is given twice, first as {twice!r} at {place}"
                self._fault(also, path, at_key=True)
                continue
            self._check_host(ways, value, path)
            for way in ways:
                first[way] = key
                yield way, value, self.positions.of_value((*self.path, *path))

    def _ways(self, key: str) -> list[Pair]:
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
            self.mentions.append(
                Mention(code, (*self.path, *path), self.positions.of_key((*self.path, *path)))
            )
        if directed:
            return [(a, b)]
        return [(a, b), (b, a)] if self.spec.directed else [(min(a, b), max(a, b))]

    def _check_host(self, ways: Sequence[Pair], value: Cell, path: KeyPath) -> None:
        """Check the value of a pair that names a host."""
        if not self.spec.holds_state or value is None:
            return
        if any(value == projecting for projecting, _ in ways):
            self._fault("a state is not its own host; leave it out", path, value)
        self._mention(str(value), path)

    # ----------------------------------------------------------------- matrix

    def _matrix(self, form: DyadForm) -> Iterator[tuple[Pair, Cell, Position]]:
        """Read the matrix."""
        matrix: Sequence[Sequence[Cell]] | None = getattr(form, "matrix", None)
        codes = form.states
        if matrix is None or codes is None:
            if matrix is not None:
                hint = "add states: [...], the order of its rows and columns"
                self._fault(
                    "the matrix does not say which states it is about", ("matrix",), hint=hint
                )
            elif codes is not None:
                self._fault("there is no matrix whose order this could be", ("states",))
            return
        if not self._is_sound(matrix, codes):
            return
        for i, a in enumerate(codes):
            for j, b in enumerate(codes):
                if i != j and (self.spec.directed or a < b):
                    path = ("matrix", i, j)
                    self._check_host([(a, b)], matrix[i][j], path)
                    yield (a, b), matrix[i][j], self.positions.of_value((*self.path, *path))

    def _is_sound(self, matrix: Sequence[Sequence[Cell]], codes: Sequence[str]) -> bool:
        """Check names, shape, entries and symmetry, the next only when the last is good."""
        before = len(self.faults)
        for check in (self._check_names, self._check_shape, self._check_entries):
            check(matrix, codes)
            if len(self.faults) > before:
                return False
        if not self.spec.directed:
            self._check_symmetry(matrix, codes)
        return len(self.faults) == before

    def _check_names(self, _: Sequence[Sequence[Cell]], codes: Sequence[str]) -> None:
        for index, code in enumerate(codes):
            if code in codes[:index]:
                self._fault("this state is listed twice", ("states", index), code)
            self._mention(code, ("states", index))

    def _check_shape(self, matrix: Sequence[Sequence[Cell]], codes: Sequence[str]) -> None:
        n = len(codes)
        if len(matrix) != n:
            what = f"the matrix has {len(matrix)} rows for {n} states"
            self._fault(what, ("matrix",))
        for i, row in enumerate(matrix):
            if len(row) != n:
                of = f" ({codes[i]})" if i < n else ""
                self._fault(f"row{of} has {len(row)} entries for {n} states", ("matrix", i))

    def _check_entries(self, matrix: Sequence[Sequence[Cell]], codes: Sequence[str]) -> None:
        for i, row in enumerate(matrix):
            for j, value in enumerate(row):
                if i == j:
                    if value:
                        what = f"the diagonal must be 0: {codes[i]} is no pair with itself"
                        self._fault(what, ("matrix", i, j), value)
                elif not self.spec.holds_state:
                    self._check_number(value, i, j, codes)

    def _check_number(self, value: Cell, i: int, j: int, codes: Sequence[str]) -> None:
        pair = f"{codes[i]} toward {codes[j]}"
        if not isinstance(value, float):
            self._fault(f"must be a number ({pair})", ("matrix", i, j), value)
        elif not self.spec.range.contains(value):
            what, allowed = f"is outside the allowed range ({pair})", str(self.spec.range)
            self._fault(what, ("matrix", i, j), value, allowed=allowed)

    def _check_symmetry(self, matrix: Sequence[Sequence[Cell]], codes: Sequence[str]) -> None:
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
