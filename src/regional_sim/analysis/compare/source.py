"""Where rows come from: a result folder, a CSV file, or a data frame, all read in one way.

Columns are read when they are asked for, so that a table of many columns need not fit in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa

from regional_sim.analysis.compare.plain_csv import MISSING, kind_of, kinds_of_csv
from regional_sim.errors import InputError, suggestion
from regional_sim.experiment.posture import FACTOR_PREFIX
from regional_sim.results.columns import NUMBER, TEXT
from regional_sim.results.load import Results, load_results
from regional_sim.results.table_file import TYPES, read_batches
from regional_sim.scenario.schema import SECTIONS

if TYPE_CHECKING:
    import pandas as pd

Given: TypeAlias = "str | Path | Results | pd.DataFrame"
"""What may stand for a table of runs."""

POSTURE: Final = "posture"
LUCK: Final = ("seed", "replicate")
"""Columns that say which draws a run met."""

NUMBERING: Final = ("run", "point", *LUCK)
"""Columns that number runs: never outcomes."""

READ_BYTES: Final = 2**20
"""Bytes of a file that are read at a time."""

_RUNS: Final = (*NUMBERING, POSTURE)
_SETTABLE: Final = (*SECTIONS, "dyads", FACTOR_PREFIX.rstrip("."))


_Reader: TypeAlias = Callable[[Sequence[str], Mapping[str, str]], Iterator[Any]]
"""Reads some columns in the kinds asked for, batch by batch."""


@dataclass(frozen=True)
class Source:
    """A table whose columns can be read.

    Attributes
    ----------
    name : str
        What messages call it.
    kinds : dict of str
        Column to ``integer``, ``number`` or ``text``, in order.
    read : callable
        Takes columns and their kinds, and yields batches of rows.
    factors : tuple of str, or None
        Columns of factors; None where this is no table of runs.
    plan : mapping or None
        What made it, where that is known.
    """

    name: str
    kinds: Mapping[str, str]
    read: _Reader
    factors: tuple[str, ...] | None = None
    plan: Mapping[str, Any] | None = None
    _held: dict[str, pa.ChunkedArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_runs(self) -> bool:
        """Whether this is a table of runs, so that its key is known."""
        return self.factors is not None

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The key of a table of runs; empty for another table."""
        return () if self.factors is None else (*self.factors, POSTURE, *LUCK)

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Read whole columns, each in its kind; they are held, so that keys are read once.

        Parameters
        ----------
        names : sequence of str
            Columns.

        Returns
        -------
        pyarrow.Table
            In the order of the table's rows.
        """
        if any(name not in self._held for name in names):
            wanted = [name for name in (*names, *self.own_keys) if name not in self._held]
            wanted = list(dict.fromkeys(wanted))
            schema = pa.schema([(name, TYPES[self.kinds[name]]) for name in wanted])
            table = pa.Table.from_batches(self.read(wanted, self.kinds), schema)
            self._held.update(zip(wanted, table.columns, strict=True))
        return pa.table([self._held[name] for name in names], names=list(names))

    def number_batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Read columns as numbers, some rows at a time.

        Parameters
        ----------
        names : sequence of str
            Columns of numbers.

        Yields
        ------
        pyarrow.RecordBatch
            Consecutive rows; a missing number is null.
        """
        yield from self.read(names, {**self.kinds, **dict.fromkeys(names, NUMBER)})


def open_source(given: Given, name: str, *, verify: bool = True) -> Source:
    """Open what holds rows.

    Parameters
    ----------
    given : str, Path, Results or DataFrame
        A result folder, a CSV file, or what was read.
    name : str
        What messages call it.
    verify : bool
        Compare the tables of a folder with their digests.

    Returns
    -------
    Source
        Nothing but the names and kinds of its columns has been read.

    Raises
    ------
    InputError
        When there is no such folder or file, or it cannot be read as a table.
    """
    if isinstance(given, Results):
        return _of_results(given, name)
    if not isinstance(given, str | Path):
        return _of_frame(given, name)
    path = Path(given)
    if path.is_dir():
        return _of_results(load_results(path, verify=verify), name)
    if not path.exists():
        raise InputError("no such folder or file", where=str(path), hint=_similar(path))
    return _of_csv(path, name)


def _similar(path: Path) -> str | None:
    """Suggest what stands beside the place where nothing is."""
    if not path.parent.is_dir():
        return None
    return suggestion(path.name, sorted(beside.name for beside in path.parent.iterdir()))


def _of_results(results: Results, name: str) -> Source:
    if "runs" not in results.tables:
        raise InputError("this result has no table of runs", where=name)
    factors = tuple(results.plan["factors"].values())
    if results.folder is None:
        return _of_frame(results.runs, name, factors, results.plan)
    path, kinds = results.path("runs"), results.kinds("runs")

    def read(columns: Sequence[str], wanted: Mapping[str, str]) -> Iterator[Any]:
        return read_batches(path, wanted, columns, READ_BYTES)

    return Source(name, kinds, read, factors, results.plan)


def _of_csv(path: Path, name: str) -> Source:
    kinds = kinds_of_csv(path)

    def read(columns: Sequence[str], wanted: Mapping[str, str]) -> Iterator[Any]:
        return read_batches(path, wanted, columns, READ_BYTES, missing=MISSING)

    return Source(name, kinds, read, _factors_in(kinds))


def _of_frame(
    frame: pd.DataFrame,
    name: str,
    factors: tuple[str, ...] | None = None,
    plan: Mapping[str, Any] | None = None,
) -> Source:
    _refuse_names(frame, name)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    kinds = {field.name: kind_of(field.type) for field in table.schema}

    def read(columns: Sequence[str], wanted: Mapping[str, str]) -> Iterator[Any]:
        chosen = table.select(list(columns))
        arrays = [
            chosen[column].fill_null("")
            if wanted[column] == TEXT and _is_text(chosen[column])
            else chosen[column]
            for column in columns
        ]
        schema = pa.schema([(column, TYPES[wanted[column]]) for column in columns])
        yield from pa.table(arrays, names=list(columns)).cast(schema).to_batches()

    return Source(name, kinds, read, _factors_in(kinds) if factors is None else factors, plan)


def _refuse_names(frame: pd.DataFrame, name: str) -> None:
    """Refuse columns whose names are no text, or not their own."""
    names: list[object] = list(frame.columns)
    odd = [column for column in names if not isinstance(column, str)]
    if odd:
        raise InputError("names of columns must be texts", where=name, value=odd[0])
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise InputError("two columns have one name", where=name, value=twice)


def _is_text(column: Any) -> bool:
    kind = column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _factors_in(kinds: Mapping[str, str]) -> tuple[str, ...] | None:
    """Find the factors of a table of runs by their names; None where it is none.

    They follow the posture and begin with a section of a scenario, as no metric does.
    """
    names = list(kinds)
    if any(column not in kinds for column in _RUNS):
        return None
    beginnings = tuple(f"{section}_" for section in _SETTABLE)
    after = names[names.index(POSTURE) + 1 :]
    return tuple(column for column in after if column.startswith(beginnings))
