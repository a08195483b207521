"""Monthly series that can be observed, where each is read from, and which simulated one it shows.

The files are not part of the package: their publishers' terms differ.  Each is a CSV file with a
column ``month`` (2019-01) and a row for each month; `docs/skill.md` says where to get them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from regional_sim.errors import InputError, UnknownNameError, os_reason, suggestion
from regional_sim.model.variables import PairVar
from regional_sim.numerics.arrays import Floats
from regional_sim.results.table_file import fault_of_csv

if TYPE_CHECKING:
    import pandas as pd

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MONTH_COLUMN: Final = "month"
_PARTIAL_COLUMN: Final = "partial_month"


@dataclass(frozen=True)
class Observable:
    """A series that can be observed.

    Attributes
    ----------
    name : str
        What options call it.
    title : str
        What it is, in words.
    unit : str
        Unit of its values.
    file, column : str
        The CSV file and its column.
    pair : tuple of str
        Codes of the two states whose simulated months it shows.
    variable : PairVar
        The simulated variable.
    is_count : bool
        Whether values are whole numbers.
    source : str
        Who publishes it.
    any_event : bool
        Whether the event that is forecast is any at all in the month; otherwise it is a month above
        the usual.
    """

    name: str
    title: str
    unit: str
    file: str
    column: str
    pair: tuple[str, str]
    variable: PairVar
    is_count: bool
    source: str
    any_event: bool = False

    @property
    def number(self) -> int:
        """A number of its own, so that its noise does not depend on what else is chosen."""
        return crc32(self.name.encode())

    @property
    def simulated(self) -> str:
        """The simulated series, in words."""
        return f"{self.variable.name} of {'-'.join(self.pair)}"


_COAST_GUARD: Final = "Japan Coast Guard, monthly reports on the Senkaku islands"
_PRESS: Final = "Caldara & Iacoviello (2022), geopolitical risk by country, matteoiacoviello.com"
_TESTS: Final = "James Martin Center (CNS) / NTI, North Korea missile test database"


def _press(name: str, place: str, column: str, *pair: str) -> Observable:
    title = f"press articles on risk that name {place}"
    file = "month_gpr_country_index.csv"
    one, other = pair
    return Observable(
        name, title, "% of articles", file, column, (one, other), PairVar.tension, False, _PRESS
    )


OBSERVABLES: Final = (
    Observable(
        "senkaku_contiguous",
        "Chinese government vessels in the contiguous zone of the Senkakus",
        "vessel-days",
        "month_senkaku_ccg_vessels.csv",
        "contiguous_zone_vessels",
        ("CHN", "JPN"),
        PairVar.intensity,
        True,
        _COAST_GUARD,
    ),
    Observable(
        "senkaku_territorial",
        "Chinese government vessels in the territorial sea of the Senkakus",
        "vessel-days",
        "month_senkaku_ccg_vessels.csv",
        "territorial_sea_vessels",
        ("CHN", "JPN"),
        PairVar.intensity,
        True,
        _COAST_GUARD,
    ),
    _press("press_taiwan", "Taiwan", "GPRC_TWN", "CHN", "TWN"),
    _press("press_korea", "Korea", "GPRC_KOR", "KOR", "PRK"),
    _press("press_japan", "Japan", "GPRC_JPN", "CHN", "JPN"),
    _press("press_philippines", "the Philippines", "GPRC_PHL", "CHN", "PHL"),
    Observable(
        "missile_tests",
        "missiles that North Korea tested",
        "missiles",
        "month_nk_missile_tests.csv",
        "n_missiles",
        ("KOR", "PRK"),
        PairVar.intensity,
        True,
        _TESTS,
        any_event=True,
    ),
)
"""All series, in the order of tables.  Chosen, with the simulated series of each, before any was
scored; `docs/skill.md` says which others were left out, and why."""


def chosen_observables(names: Sequence[str]) -> tuple[Observable, ...]:
    """Look up series by name; no name stands for all."""
    by_name = {one.name: one for one in OBSERVABLES}
    for name in names:
        if name not in by_name:
            raise UnknownNameError("series", name, by_name)
    return tuple(by_name[name] for name in dict.fromkeys(names)) if names else OBSERVABLES


@dataclass(frozen=True)
class MonthlySeries:
    """Consecutive months of an observable: `first` month, and values of shape (month,)."""

    observable: Observable
    first: np.datetime64
    observed: Floats

    @property
    def months(self) -> list[str]:
        """Months as text."""
        return [str(month_after(self.first, k)) for k in range(len(self.observed))]

    def place(self, month: np.datetime64) -> int:
        """Return the place of a month in the values; it may lie outside."""
        return int((month - self.first).astype(int))


def as_month(text: str, *, where: str | None = None, key: str | None = None) -> np.datetime64:
    """Read a month.

    >>> as_month("2019-01")
    np.datetime64('2019-01')
    """
    if not _MONTH.fullmatch(text):
        raise InputError("must be a month such as 2019-01", where=where, key=key, value=text)
    return np.datetime64(text, "M")


def month_after(month: np.datetime64, months: int) -> np.datetime64:
    """Return the month so many months later.

    >>> month_after(as_month("2019-01"), 12)
    np.datetime64('2020-01')
    """
    # NumPy 2.5 refuses a number without a unit.
    return month + np.timedelta64(months, "M")


def read_observable(
    folder: Path, observable: Observable, until: np.datetime64 | None = None
) -> MonthlySeries:
    """Read a series from its file, up to a month.

    Empty months and partial ones, of which a column ``partial_month`` has 1, are left out at both
    ends; in between every month has to have a value.

    Raises
    ------
    InputError
        When the file, the column, a month or a value is missing, or is no such thing.
    """
    path = folder / observable.file
    table = _table_of(path, observable)
    months = [
        as_month(text, where=f"{path}:{row}", key=_MONTH_COLUMN)
        for row, text in enumerate(table[_MONTH_COLUMN], start=2)
    ]
    _refuse_gaps(months, path)
    values = np.array(
        [
            _value_of(text, f"{path}:{row}", observable)
            for row, text in enumerate(table[observable.column], start=2)
        ]
    )
    if _PARTIAL_COLUMN in table:
        values[(table[_PARTIAL_COLUMN] == "1").to_numpy()] = np.nan
    if until is not None:
        values = values[: max(0, int((until - months[0]).astype(int)) + 1)]
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        up_to = "" if until is None else f" up to {until}"
        what = f"this column has no value{up_to}"
        raise InputError(what, where=str(path), key=observable.column)
    start, end = int(known[0]), int(known[-1]) + 1
    empty = np.flatnonzero(np.isnan(values[start:end]))
    if len(empty):
        what = f"has no value for {months[start + int(empty[0])]}, between months that have one"
        hint = "a series is scored only without gaps; leave it out with --only"
        raise InputError(what, where=str(path), key=observable.column, hint=hint)
    return MonthlySeries(observable, months[start], values[start:end])


def _table_of(path: Path, observable: Observable) -> pd.DataFrame:
    import pandas as pd

    try:
        fault = fault_of_csv(path)
        if fault is not None:
            raise InputError(fault, where=str(path))
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").fillna("")
    except FileNotFoundError:
        hint = f"{observable.name} is read from it; choose other series with --only"
        raise InputError("there is no such file", where=str(path), hint=hint) from None
    except OSError as error:
        raise InputError(f"this file cannot be read: {os_reason(error)}", where=str(path)) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"this file is no CSV table: {reason}", where=str(path)) from None
    for column in (_MONTH_COLUMN, observable.column):
        if column not in table:
            what = f"this file has no column {column!r}; it has {', '.join(table.columns)}"
            raise InputError(what, where=str(path), hint=suggestion(column, table.columns))
    if table.empty:
        raise InputError("this file has no rows", where=str(path))
    return table


def _refuse_gaps(months: Sequence[np.datetime64], path: Path) -> None:
    for row, (one, following) in enumerate(pairwise(months), start=3):
        if following != month_after(one, 1):
            what = f"must be the month after {one}"
            raise InputError(what, where=f"{path}:{row}", key=_MONTH_COLUMN, value=str(following))


def _value_of(text: str, where: str, observable: Observable) -> float:
    if not text.strip():
        return np.nan
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < np.inf:
        what = "must be a number of at least 0, or empty"
        raise InputError(what, where=where, key=observable.column, value=text)
    return value
