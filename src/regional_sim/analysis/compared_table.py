"""One side of a comparison: a result folder, a CSV file or a data frame, and which of its rows.

Columns are read when they are asked for, so that a table of many columns need not fit in memory.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regional_sim.analysis.agreement import BOOLEANS, INTEGER_FORM, in_words_of_yaml
from regional_sim.analysis.foreign_table import (
    FOREIGN_BYTES,
    INTEGER_KINDS,
    NULL_CELLS,
    array_of,
    kind_of_type,
    kinds_of_csv,
    refuse_repeated,
)
from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.experiment.posture import FACTOR_PREFIX
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.columns import NUMBER, TEXT
from regional_sim.results.folder import PLAN
from regional_sim.results.load import Results, load_results
from regional_sim.results.table_file import (
    LARGE_INTEGER,
    TYPES,
    numbers_of,
    read_batches,
)
from regional_sim.scenario.schema import SECTIONS

if TYPE_CHECKING:
    import pandas as pd

TableLike: TypeAlias = "str | Path | Results | pd.DataFrame"
"""What may stand for a table of runs."""

REPEAT_COLUMNS: Final = ("seed", "replicate")
"""Columns that say which random numbers a run drew."""

NUMBERING: Final = ("run", "point", *REPEAT_COLUMNS)
"""Columns that number runs: never outcomes."""

_SECTIONS: Final = (*SECTIONS, "dyads", FACTOR_PREFIX.rstrip("."))
_ROWS_MARK: Final = "::"
_ROWS_FORM: Final = "SOURCE::COLUMN=VALUE,COLUMN=VALUE"
_NULL: Final = "null"
_MOST_LEVELS: Final = 10

_OWN_BYTES: Final = 2**20

_YAML: Final = (".yaml", ".yml")
_NO_TABLES: Final = (*_YAML, ".json", ".md", ".parquet", ".png")
"""Endings of files that are not read as CSV."""

_Reader: TypeAlias = Callable[[Sequence[str], Mapping[str, str]], Iterator[Any]]
"""Reads some columns in the kinds asked for, batch by batch."""


class Selection(NamedTuple):
    """Path of a folder or file, and the value that its rows have in some columns."""

    path: str
    where: Mapping[str, str] = {}


class Partners(NamedTuple):
    """Runs that are taken off those of a side, one by one, and how many runs have no partner."""

    side: Side
    rows: Integers
    n_alone: int


@dataclass(frozen=True)
class Side:
    """A table whose columns are read by `read`, and which of its rows are compared.

    `kinds` holds ``integer``, ``large integer``, ``number`` or ``text`` of each column, in order.
    `factors` are None where this is no table of runs, `plan` where it is not known.  `chosen` are
    the columns that were given a value, and, where the point was, those of all factors; `rows`
    flags the rows that have these values, and is None for all rows.  With `less`, numbers are
    differences to those of partners.
    """

    name: str
    kinds: Mapping[str, str]
    read: _Reader
    factors: tuple[str, ...] | None = None
    plan: Mapping[str, Any] | None = None
    chosen: frozenset[str] = frozenset()
    rows: np.ndarray | None = None
    less: Partners | None = None
    _held: dict[str, pa.ChunkedArray] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_runs(self) -> bool:
        """Whether this is a table of runs, so that its key is known."""
        return self.factors is not None

    @property
    def n_rows(self) -> int:
        """Rows that are compared."""
        return int(self.columns(self._key_or_first()).num_rows)

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Read whole columns, each in its kind; they are held, so that keys are read once."""
        if any(name not in self._held for name in names):
            wanted = dict.fromkeys((*names, *(self._key_or_first() if self.is_runs else ())))
            missing = [name for name in wanted if name not in self._held]
            schema = pa.schema([(name, TYPES[self.kinds[name]]) for name in missing])
            table = pa.Table.from_batches(self.read(missing, self.kinds), schema)
            self._held.update(zip(missing, map(_as_levels, table.columns), strict=True))
        table = pa.table([self._held[name] for name in names], names=list(names))
        # The library takes a table without columns for one without rows.
        return table if self.rows is None or not names else table.filter(pa.array(self.rows))

    def levels(self, column: str) -> list[Any]:
        """List the values of a column once each, in the order of the rows."""
        found: list[Any] = pc.unique(self.columns([column])[column]).to_pylist()
        return found

    def texts(self, column: str) -> pa.ChunkedArray:
        """Read the cells of a column as they are written, without holding them."""
        batches = self.read([column], {**self.kinds, column: TEXT})
        table = pa.Table.from_batches(batches, pa.schema([(column, pa.string())]))
        cells = in_words_of_yaml(table[column])
        return cells if self.rows is None else cells.filter(pa.array(self.rows))

    def has_integers(self, column: str) -> bool:
        """Tell whether a column holds integers only."""
        return self.kinds[column] in INTEGER_KINDS

    def key_of_row(self, names: Sequence[str], row: int) -> dict[str, object]:
        """Return the values of one row in some columns."""
        return dict(self.columns(names).slice(row, 1).to_pylist()[0]) if names else {}

    def numbers(self, names: Sequence[str]) -> Floats:
        """Read columns of numbers without holding them: (name, row), NaN where there is none."""
        parts, first = [np.empty((len(names), 0))], 0
        for batch in self.read(names, {**self.kinds, **dict.fromkeys(names, NUMBER)}):
            numbers = np.stack([numbers_of(pa.chunked_array([c])) for c in batch.columns])
            last = first + batch.num_rows
            parts.append(numbers if self.rows is None else numbers[:, self.rows[first:last]])
            first = last
        found = np.concatenate(parts, axis=1)
        if self.less is None:
            return found
        with np.errstate(invalid="ignore", over="ignore"):
            return found - self.less.side.numbers(names)[:, self.less.rows]

    def only(self, where: Mapping[str, object]) -> Side:
        """Choose the rows with some values; ``null`` stands for an empty cell."""
        wanted = {self._column(name): value for name, value in where.items()}
        table = self.columns(list(wanted) or self._key_or_first())
        if not table.num_rows:
            raise InputError("this table has no rows", where=self.name)
        if not wanted:
            return self
        rows = np.ones(table.num_rows, dtype=bool)
        for column, value in wanted.items():
            rows &= self._rows_with(column, table[column], value)
            if not rows.any():
                raise InputError("no row has all of these values", where=self.name)
        if self.rows is not None:
            rows = _within(self.rows, rows)
        factors = self.factors or () if "point" in wanted else ()
        chosen = frozenset({*self.chosen, *wanted, *factors})
        return dataclasses.replace(self, chosen=chosen, rows=rows)

    def less_partners(self, other: Side, partner: Integers) -> Side:
        """Take the numbers of another side's rows off those of this one; without a partner: -1."""
        has_partner = partner >= 0
        n_alone = self.n_rows + other.n_rows - 2 * int(has_partner.sum())
        rows = has_partner if self.rows is None else _within(self.rows, has_partner)
        less = Partners(other, partner[has_partner], n_alone)
        return dataclasses.replace(self, rows=rows, less=less)

    def _key_or_first(self) -> list[str]:
        """List the key of a table of runs, or the first column of another table."""
        if self.factors is None:
            return list(self.kinds)[:1]
        return [*self.factors, "posture", *REPEAT_COLUMNS]

    def _column(self, name: str) -> str:
        """Find the column that a filter names; a factor may be named by its path."""
        for column in (name, re.sub(r"\W", "_", name)):
            if column in self.kinds:
                return column
        known = self.kinds if self.factors is None else ("point", "posture", *self.factors)
        raise UnknownNameError("column", name, known, where=self.name)

    def _rows_with(self, column: str, values: pa.ChunkedArray, value: object) -> np.ndarray:
        """Find the rows that have a value; one that no row has is refused."""
        kind = self.kinds[column]
        same = _equal(values, kind, value)
        if same.any():
            return same
        names = ["null" if level in {None, ""} else str(level) for level in self.levels(column)]
        raise InputError(
            "no row has this value",
            where=self.name,
            key=column,
            value=value,
            allowed=", ".join(sorted(names)) if len(names) <= _MOST_LEVELS else None,
            hint=suggestion(value, names) if kind == TEXT else None,
        )


def _within(flags: np.ndarray, of_flagged: np.ndarray) -> np.ndarray:
    """Keep those of the flagged rows that are flagged a second time."""
    kept = flags.copy()
    kept[flags] = of_flagged
    return kept


def _equal(values: pa.ChunkedArray, kind: str, value: object) -> np.ndarray:
    """Compare a column with a value; nothing equals a value of another kind."""
    is_null = value is None or value == _NULL
    if kind == TEXT:
        text = str(value)
        same = pc.equal(values, text)
        if text.lower() in BOOLEANS and not pc.any(same).as_py():
            same = pc.equal(values, text.lower())
        if is_null and not pc.any(same).as_py():
            same = pc.equal(values, "")
    elif is_null:
        same = pc.is_null(values)
    elif kind in INTEGER_KINDS and re.fullmatch(INTEGER_FORM, str(value), re.ASCII):
        try:
            whole = pa.scalar(Decimal(str(value).strip()), TYPES[LARGE_INTEGER])
        except pa.ArrowInvalid:
            return np.zeros(len(values), dtype=bool)
        same = pc.fill_null(pc.equal(values.cast(TYPES[LARGE_INTEGER]), whole), False)
    else:
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return np.zeros(len(values), dtype=bool)
        same = pc.fill_null(pc.equal(values.cast(TYPES[NUMBER], safe=False), number), False)
    return np.asarray(same.to_numpy(), dtype=bool)


def _as_levels(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write true and false as we do, unless a column tells true from True."""
    if not pa.types.is_string(cells.type):
        return cells
    words = in_words_of_yaml(cells)
    return words if pc.count_distinct(words) == pc.count_distinct(cells) else cells


def parse_selection(text: str) -> Selection:
    """Read ``PATH``, or ``PATH::COLUMN=VALUE,...``, which chooses rows.

    Examples
    --------
    >>> parse_selection("results/demo::posture=traditional, point=3").where
    {'posture': 'traditional', 'point': '3'}
    >>> parse_selection("old.csv")
    Selection(path='old.csv', where={})
    """
    path, mark, rest = text.rpartition(_ROWS_MARK)
    if not mark or Path(text).exists():
        return Selection(text)
    if not path:
        raise InputError("no source stands before ::", value=text, allowed=_ROWS_FORM)
    where: dict[str, str] = {}
    for part in rest.split(","):
        column, equals, value = (piece.strip() for piece in part.partition("="))
        if not column or not equals or not value:
            what = "values of rows are written COLUMN=VALUE"
            raise InputError(what, where=text, value=part.strip(), allowed=_ROWS_FORM)
        if column in where:
            raise InputError("this column stands twice", where=text, key=column)
        where[column] = value
    return Selection(path, where)


def open_sides(
    a: TableLike,
    b: TableLike,
    where_a: Mapping[str, object],
    where_b: Mapping[str, object],
    *,
    verify: bool,
) -> tuple[Side, Side]:
    """Open both sides of a comparison; a folder or file that is both is opened once."""
    opened: dict[str, Side] = {}

    def side(given: TableLike, letter: str, where: Mapping[str, object]) -> Side:
        if isinstance(given, str | Path):
            name = str(given)
            path, chosen = parse_selection(name)
            if path not in opened:
                opened[path] = _of_path(Path(path), name, verify=verify)
            return dataclasses.replace(opened[path], name=name).only({**chosen, **where})
        if isinstance(given, Results):
            folder = given.folder
            return _of_results(given, letter if folder is None else str(folder)).only(where)
        return _of_frame(given, letter).only(where)

    return side(a, "A", where_a), side(b, "B", where_b)


def _of_path(path: Path, name: str, *, verify: bool) -> Side:
    if path.is_dir():
        return _of_results(load_results(path, verify=verify), name)
    if not path.exists():
        beside = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else ()
        hint = suggestion(path.name, beside)
        raise InputError("no such folder or file", where=str(path), hint=hint)
    if path.suffix in _NO_TABLES:
        what = "this is no result folder and no CSV file"
        hint = f"run an experiment first: regional-sim sweep {path} --out DIR"
        raise InputError(what, where=str(path), hint=hint if path.suffix in _YAML else None)
    kinds = kinds_of_csv(path)
    return Side(name, kinds, _csv_reader(path, NULL_CELLS, FOREIGN_BYTES), _factors_in(kinds))


def _of_results(results: Results, name: str) -> Side:
    if "runs" not in results.tables:
        raise InputError("this result has no table of runs", where=name)
    factors = _factors_of(results.plan, name)
    if results.folder is None:
        side = _of_frame(results.runs, name)
        return dataclasses.replace(side, factors=factors, plan=results.plan)
    path, kinds = results.path("runs"), results.kinds("runs")
    lacking = [one for one in (*NUMBERING, "posture", *factors) if one not in kinds]
    if lacking:
        what = "the table of runs has no such column, by the dictionary of its folder"
        raise InputError(what, where=name, key=lacking[0])
    return Side(name, kinds, _csv_reader(path, ("",), _OWN_BYTES), factors, results.plan)


def _factors_of(plan: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the columns of a plan's factors, and refuse what has not the form of a plan."""
    factors: Any = plan.get("factors")
    metrics: Any = plan.get("metrics", [])
    columns: list[Any] = list(factors.values()) if isinstance(factors, dict) else [None]
    if isinstance(factors, list):
        columns = [one.get("column") if isinstance(one, dict) else None for one in factors]
    names: list[Any] = metrics if isinstance(metrics, list) else [None]
    for key, texts in (("factors", columns), ("metrics", names)):
        if not all(isinstance(one, str) for one in texts):
            what = "is missing, or no value of its kind"
            raise InputError(what, where=str(Path(name) / PLAN), key=key)
    return tuple(columns)


def _csv_reader(path: Path, null_cells: Sequence[str], n_bytes: int) -> _Reader:
    def read(columns: Sequence[str], kinds: Mapping[str, str]) -> Iterator[Any]:
        return read_batches(path, kinds, columns, n_bytes, missing=null_cells)

    return read


def _of_frame(frame: pd.DataFrame, name: str) -> Side:
    names: list[object] = list(frame.columns)
    odd = [column for column in names if not isinstance(column, str)]
    if odd:
        raise InputError("names of columns must be texts", where=name, value=odd[0])
    refuse_repeated(list(frame.columns), name)
    columns = {str(column): array_of(frame[column], name) for column in frame}
    kinds = {column: kind_of_type(array.type) for column, array in columns.items()}

    def read(chosen: Sequence[str], wanted: Mapping[str, str]) -> Iterator[Any]:
        # A float holds large integers but for their last digits.
        arrays = [
            columns[column].cast(TYPES[wanted[column]], safe=wanted[column] != NUMBER)
            for column in chosen
        ]
        filled = [pc.fill_null(a, "") if pa.types.is_string(a.type) else a for a in arrays]
        yield from pa.table(filled, names=list(chosen)).to_batches()

    return Side(name, kinds, read, _factors_in(kinds))


def _factors_in(kinds: Mapping[str, str]) -> tuple[str, ...] | None:
    """Find the factors of a table of runs by their names; None where it is none.

    They follow the posture and begin with a section of a scenario, as no metric does.
    """
    names = list(kinds)
    if any(column not in kinds for column in (*NUMBERING, "posture")):
        return None
    beginnings = tuple(f"{section}_" for section in _SECTIONS)
    after = names[names.index("posture") + 1 :]
    return tuple(column for column in after if column.startswith(beginnings))
