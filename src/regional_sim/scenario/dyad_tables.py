"""How a file writes a dyad quantity, and the table of cells it is turned into.

A file gives a default, a matrix, and pairs over the matrix.  ``USA:TWN`` is directed, USA toward
TWN; ``PHL-USA`` sets both ways.  Whatever it uses is taken apart into cells, one for each ordered
pair (of an undirected quantity one for each pair, codes sorted), so that files can be laid over
each other cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field, create_model

from regional_sim.scenario.catalogue import DYAD_FIGURES, DyadFigure
from regional_sim.scenario.faults import Section
from regional_sim.scenario.fields import Prose, Provenance, StateCode, Text, Year, number_in
from regional_sim.scenario.positions import NOWHERE, KeyPath, Position

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
