"""Results: a finished result folder, checked, as data frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.errors import InputError, UnknownNameError, shown, suggestion
from regional_sim.experiment.plan import refuse_reordered
from regional_sim.results.columns import (
    DICTIONARY,
    DICTIONARY_COLUMNS,
    FAILURES,
    INTEGER,
    NUMBER,
    TEXT,
)
from regional_sim.results.folder import MANIFEST, PLAN, read_manifest, read_plan, sha256_of
from regional_sim.scenario import digest_of

if TYPE_CHECKING:
    import pandas as pd

_READ_BYTES: Final = 2**22
"""Bytes of a table that are read at a time."""


class Results:
    """A finished result; made by :func:`load_results`.

    Parameters
    ----------
    folder : Path
        The result folder.
    plan, manifest : mapping
        What ``plan.json`` and ``manifest.json`` hold.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
        self.folder: Path | None = folder
        self.plan = plan
        self.manifest = manifest
        self._frames: dict[str, pd.DataFrame] = {}

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, in the order in which they were written."""
        return tuple(self.manifest["tables"])

    @property
    def runs(self) -> pd.DataFrame:
        """A row of each run: factors and outcomes."""
        return self.table("runs")

    @property
    def summary(self) -> pd.DataFrame:
        """A row of each point, posture, metric and window."""
        return self.table("summary")

    @property
    def contrasts(self) -> pd.DataFrame:
        """A row of each point, posture other than the first, metric and window."""
        return self.table("contrasts")

    def table(self, name: str) -> pd.DataFrame:
        """Read a table.

        Parameters
        ----------
        name : str
            One of `tables`.

        Returns
        -------
        DataFrame
            The same object each time; a missing number is NaN, missing text is empty.

        Raises
        ------
        UnknownNameError
            When the result has no such table.
        """
        if name not in self.manifest["tables"]:
            where = None if self.folder is None else str(self.folder)
            raise UnknownNameError("table", name, self.tables, where=where)
        if name not in self._frames:
            self._frames[name] = self._read(name)
        return self._frames[name]

    def columns_of(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Read some columns of a table, and hold no others.

        Parameters
        ----------
        name : str
            One of `tables`, as CSV.
        columns : sequence of str
            Names of columns that it has.

        Returns
        -------
        DataFrame
            All rows.
        """
        if self.folder is None or name in self._frames:
            return self.table(name)[list(columns)]
        import pyarrow as pa

        from regional_sim.results.table_file import read_batches

        batches = read_batches(self.path(name), self.kinds(name), columns, _READ_BYTES)
        frame: pd.DataFrame = pa.Table.from_batches(batches).to_pandas()
        return frame

    @property
    def failures(self) -> pd.DataFrame:
        """A row of each run that failed; without rows and columns where none did."""
        import pandas as pd

        return self.table(FAILURES) if FAILURES in self.tables else pd.DataFrame()

    def path(self, name: str) -> Path:
        """Return the file of a table.

        Parameters
        ----------
        name : str
            One of `tables`.

        Returns
        -------
        Path
            In the result folder.

        Raises
        ------
        InputError
            When the folder is gone.
        """
        if self.folder is None:
            raise InputError("the folder of this result is gone")
        return self.folder / str(self.manifest["tables"][name]["file"])

    def kinds(self, name: str) -> dict[str, str]:
        """Look up the kinds of a table's columns in the folder's own dictionary.

        Parameters
        ----------
        name : str
            One of `tables`.

        Returns
        -------
        dict of str
            Column to ``integer``, ``number`` or ``text``, in order.
        """
        if name == DICTIONARY:
            return {column.name: column.kind for column in DICTIONARY_COLUMNS}
        described = self.table(DICTIONARY)
        lacking = [one.name for one in DICTIONARY_COLUMNS if one.name not in described]
        if lacking:
            where = str(self.path(DICTIONARY))
            raise InputError("this table lacks a column", where=where, key=lacking[0])
        mine = described[described["table"] == name]
        kinds = dict(zip(mine["column"], mine["type"], strict=True))
        odd = sorted(set(kinds.values()) - {INTEGER, NUMBER, TEXT})
        if odd:
            where, allowed = str(self.path(DICTIONARY)), f"{INTEGER}, {NUMBER}, {TEXT}"
            raise InputError("no kind of a column", where=where, value=odd[0], allowed=allowed)
        return kinds

    def detached(self) -> Results:
        """Read all tables, so that the folder may go.

        Returns
        -------
        Results
            This object, without a folder.
        """
        for name in self.tables:
            self.table(name)
        self.folder = None
        return self

    def __repr__(self) -> str:
        """Say where the result stands and what it holds."""
        where = "in memory" if self.folder is None else f"in {str(self.folder)!r}"
        return f"Results({where}, {self.manifest['runs']} runs, tables {', '.join(self.tables)})"

    def _read(self, name: str) -> pd.DataFrame:
        from regional_sim.results.table_file import read_table

        frame: pd.DataFrame = read_table(self.path(name), self.kinds(name)).to_pandas()
        return frame


def load_results(folder: str | Path, *, verify: bool = True) -> Results:
    """Open a result folder.

    Parameters
    ----------
    folder : str or Path
        Written by a run or a sweep.
    verify : bool
        Compare the plan and every table with their digests; it takes about a second for each
        gigabyte.

    Returns
    -------
    Results
        Plan, manifest, and tables read when they are asked for.

    Raises
    ------
    InputError
        When there is no such folder, it holds no result or an unfinished one, or the plan or a
        table is not as it was written.
    """
    path = Path(folder)
    plan, manifest = _described(path)
    if verify:
        check_plan(path, plan, manifest)
        for entry in manifest["tables"].values():
            _verify(path / entry["file"], entry["sha256"])
    return Results(path, plan, manifest)


def _described(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read plan and manifest, or say what the folder is instead."""
    where = str(path)
    if not path.is_dir():
        if path.exists():
            raise InputError("this is a file, not a result folder", where=where)
        raise InputError("no such folder", where=where, hint=_similar(path))
    plan, manifest = read_plan(path), read_manifest(path)
    if plan is None:
        raise InputError(f"this is no result folder: {_lacking(path / PLAN)}", where=where)
    if manifest is None:
        what = f"this result is unfinished: {_lacking(path / MANIFEST)}"
        hint = "go on with it: the same command with --resume"
        raise InputError(what, where=where, hint=hint)
    if manifest.get("shard") is not None:
        what = f"this is shard {manifest['shard']} of a sweep, without tables"
        raise InputError(what, where=where, hint="merge all of them (regional-sim merge)")
    return plan, manifest


def _lacking(path: Path) -> str:
    """Say that a file is not there, or that it was spoilt."""
    return f"its {path.name} cannot be read" if path.exists() else f"it has no {path.name}"


def _similar(path: Path) -> str | None:
    """Suggest a folder beside the one that is not there."""
    if not path.parent.is_dir():
        return f"there is no folder {shown(str(path.parent))} either"
    return suggestion(path.name, sorted(p.name for p in path.parent.iterdir() if p.is_dir()))


def check_plan(folder: Path, plan: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    """Refuse a plan that has not the digest that the manifest recorded, or was reordered."""
    try:
        digest = digest_of(plan)
    except ValueError:
        digest = None  # It holds what no plan does.
    if digest is None or digest != manifest.get("plan"):
        what = f"{PLAN} was altered after the run: it has not the digest that {MANIFEST} recorded"
        raise InputError(what, where=str(folder), hint="get an unaltered copy of the folder")
    refuse_reordered(plan, str(folder / PLAN))


def _verify(path: Path, digest: str) -> None:
    """Refuse a table that is not as it was written."""
    if not path.is_file():
        raise InputError("a table of this result is missing", where=str(path))
    if sha256_of(path) != digest:
        what = "this table is not as it was written: its digest differs from the manifest's"
        raise InputError(what, where=str(path))
