"""A finished folder of any command, opened to draw from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from regional_sim.answers.outcomes import PointResults
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.report.findings import HEADLINE
from regional_sim.results.load import Results, load_results

MOST_METRICS: Final = 2
"""Metrics that are drawn when none are named."""


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


def open_folder(path: str | Path) -> FinishedFolder:
    """Open a finished folder.

    Raises
    ------
    InputError
        When there is no such folder, or it is not finished.
    """
    folder = Path(path)
    return FinishedFolder(folder, load_results(folder, verify=False))
