"""From the ``dyads`` section of one file to tables of cells, with every fault in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from regional_sim.errors import ABSENT, Fault, suggestion
from regional_sim.scenario.catalogue import DYAD_FIGURE, DyadFigure
from regional_sim.scenario.dyad_tables import DYAD_FORM, Cell, DyadForm, DyadTable, Mention, Pair
from regional_sim.scenario.faults import faults_of
from regional_sim.scenario.positions import KeyPath, Position, Positions

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
