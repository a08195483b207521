"""A finished folder of any command, opened to draw from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.hypotheses.hypothesis_runs import AS_IT_IS, SWEEP
from regional_sim.answers.outcomes import PointResults
from regional_sim.answers.policies.search_folder import FRONT_FILE
from regional_sim.answers.posterior.calibration_folder import FACTORS_TABLE
from regional_sim.answers.sensitivity.screening import INDICES, SCREEN
from regional_sim.answers.skill.skill_tables import COMPARISONS_TABLE
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.report.findings import HEADLINE
from regional_sim.results.folder import MANIFEST, PLAN, read_json
from regional_sim.results.load import Results, load_results

if TYPE_CHECKING:
    import pandas as pd

MOST_METRICS: Final = 2
"""Metrics that are drawn when none are named."""

_RUNS_BELOW: Final = (INDICES, SCREEN, SWEEP, AS_IT_IS)
"""Folders of runs below that of another command, the one that says most first."""
_OTHERS: Final = (FACTORS_TABLE, FRONT_FILE, COMPARISONS_TABLE)
"""Tables that other commands write last."""
_NOTHING: Final[Mapping[str, type]] = MappingProxyType({})


@dataclass(frozen=True)
class FinishedFolder:
    """A finished folder; made by :func:`open_folder`.

    Attributes
    ----------
    path : Path
        The folder.
    results : Results or None
        What ``run`` or ``sweep`` gave; None where another command made the folder.
    """

    path: Path
    results: Results | None = None

    def table(
        self, name: str, text: Sequence[str] = (), needed: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Read a table that a command other than ``run`` and ``sweep`` wrote into the folder.

        Missing numbers are NaN; columns of `text` are empty where nothing stands, and those that
        are `needed` hold numbers.

        Raises
        ------
        InputError
            When it cannot be read, has no rows, or a column is missing or holds something else.
        """
        import pandas as pd
        from pandas.api.types import is_numeric_dtype

        path = self.path / name
        try:
            frame = pd.read_csv(path, dtype=dict.fromkeys(text, str))
        except (OSError, ValueError) as error:
            raise InputError(f"this table cannot be read: {error}", where=str(path)) from None
        for column in (*text, *needed):
            if column not in frame:
                raise InputError("this table lacks a column", where=str(path), key=column)
        if frame.empty:
            raise InputError("this table has no rows", where=str(path))
        for column in needed:
            if not is_numeric_dtype(frame[column]):
                what = "this column holds something else than numbers"
                raise InputError(what, where=str(path), key=column)
        return frame.fillna(dict.fromkeys(text, ""))

    def record(self, name: str, needed: Mapping[str, type] = _NOTHING) -> dict[str, Any]:
        """Read what a command wrote down of itself, in which some keys are needed.

        Raises
        ------
        InputError
            When it cannot be read, or a key is missing or holds something of another type.
        """
        found = read_json(self.path / name)
        if found is None:
            raise InputError("this file cannot be read", where=str(self.path / name))
        for key, kind in needed.items():
            if not isinstance(found.get(key), kind) or not found[key]:
                what = "this file lacks a key, or it holds something else than it should"
                raise InputError(what, where=str(self.path / name), key=key)
        return found

    def lacks_files(self, names: Sequence[str], command: str) -> str | None:
        """Say that a file of a command is missing; None where all are there."""
        missing = [name for name in names if not (self.path / name).exists()]
        return f"it has no {missing[0]}, which {command} writes" if missing else None

    @property
    def runs(self) -> Results:
        """The result; only asked for where there is one."""
        if self.results is None:
            raise InputError("this folder holds no runs", where=str(self.path))
        return self.results

    @cached_property
    def points(self) -> PointResults:
        """The result by point: factors and outcomes."""
        return PointResults(self.runs)

    @property
    def title(self) -> str:
        """The title of the experiment; empty where there is none."""
        return "" if self.results is None else str(self.runs.plan["experiment"]["title"])

    @property
    def labels(self) -> list[str]:
        """Labels of the postures, the reference first."""
        return [str(posture["label"]) for posture in self.runs.plan["experiment"]["postures"]]

    def check_window(self, name: str) -> None:
        """Refuse a window that the result does not have."""
        if name not in self.points.windows:
            raise UnknownNameError("window", name, self.points.windows, where=str(self.path))

    def metrics(self, asked: Sequence[str], most: int = MOST_METRICS) -> list[str]:
        """Choose metrics: those asked for, else those of the experiment, else what matters most.

        Raises
        ------
        UnknownNameError
            When the result has no such metric.
        """
        known = self.points.metrics
        for name in asked:
            if name not in known:
                raise UnknownNameError("metric", name, known, where=str(self.path))
        if asked:
            return list(dict.fromkeys(asked))
        named = [*(self.runs.plan["experiment"].get("outcomes") or ()), *HEADLINE, *known]
        return [name for name in dict.fromkeys(named) if name in known][:most]

    def postures(self, asked: Sequence[str]) -> list[str]:
        """Choose labels: the reference, and those asked for or else all others.

        Raises
        ------
        UnknownNameError
            When the result has no such posture.
        """
        reference, *others = self.labels
        for label in asked:
            if label not in self.labels:
                raise UnknownNameError("posture", label, self.labels, where=str(self.path))
        return [reference, *(one for one in others if not asked or one in asked)]

    def compared_postures(self, asked: Sequence[str]) -> list[str]:
        """Choose labels as :meth:`postures` does, at least one beside the reference.

        Raises
        ------
        InputError
            When only the reference is asked for.
        """
        reference, *others = self.postures(asked)
        if not others:
            what = "this is the reference; name another posture"
            raise InputError(what, where=str(self.path), key="posture", value=reference)
        return [reference, *others]


def open_folder(path: str | Path) -> FinishedFolder:
    """Open the finished folder of any command.

    Raises
    ------
    InputError
        When there is no such folder, or it is not finished.
    """
    folder = Path(path)
    if (folder / PLAN).exists() or not folder.is_dir():
        return FinishedFolder(folder, load_results(folder, verify=False))
    for name in _RUNS_BELOW:
        # Runs that another command made say most of what it found.
        if (folder / name / MANIFEST).exists():
            return FinishedFolder(folder, load_results(folder / name, verify=False))
    if any((folder / name).exists() for name in _OTHERS):
        return FinishedFolder(folder)
    load_results(folder, verify=False)  # Says what is wrong with it.
    raise InputError("this is no finished folder", where=str(folder))
