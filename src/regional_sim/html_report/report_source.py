"""What a page is made from: a finished folder, opened, with what can be told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from regional_sim.answers.hypotheses.hypothesis_runs import AS_IT_IS
from regional_sim.answers.sensitivity.screening import INDICES, SCREEN
from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.report.findings import ShownMetrics, chosen_rows, rows_by_metric, shown_metrics
from regional_sim.report.text import ContrastRow
from regional_sim.results.folder import PLAN
from regional_sim.results.load import Results, load_results

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.answers.discovery.discovery import Discovery
    from regional_sim.answers.hypotheses.judged import JudgedHypotheses
    from regional_sim.answers.sensitivity.factor_sensitivity import Sensitivity

PointProgress = Callable[[int, int], None]

MOST_POINTS_ANALYSED: Final = 2048
"""Points of a sample, at most, whose sensitivity and discovery are worked out for a page."""

_FEWEST_POINTS_ANALYSED: Final = 40


class ShownResults(Results):
    """A result of which only the rows of the metrics on the page are ever held."""

    def __init__(self, of: Results, shown: ShownMetrics) -> None:
        assert of.folder is not None
        super().__init__(of.folder, of.plan, of.manifest)
        self._wanted = {"metric": list(shown.metrics), "window": [shown.window]}

    def table(self, name: str) -> pd.DataFrame:
        """Read a table; of means and differences the rows that the page shows."""
        if name in {"summary", "contrasts"} and name not in self._frames:
            columns = [one for one in self.kinds(name) if one not in self._wanted]
            self._frames[name] = chosen_rows(self, name, self._wanted, columns)
        return super().table(name)


@dataclass(frozen=True)
class ReportSource:
    """A finished result, and what stands beside it.

    Attributes
    ----------
    folder : Path
        The folder that was named.
    results : Results
        The runs: those in the folder, or in the folder below it that the answer rests on.
    plan : Plan
        What was run.
    shown : ShownMetrics
        The metrics on the page, the most important first.
    claims : JudgedHypotheses or None
        Claims with their verdicts, where the folder is that of ``regional-sim hypotheses``.
    progress : callable or None
        Told the points whose stability is known, and all points.
    """

    folder: Path
    results: ShownResults
    plan: Plan
    shown: ShownMetrics
    claims: JudgedHypotheses | None = None
    progress: PointProgress | None = None

    @cached_property
    def by_metric(self) -> Mapping[str, Mapping[tuple[int, str], ContrastRow]]:
        """Means and differences of each metric on the page, by point and posture."""
        return dict(rows_by_metric(self.plan, self.results, self.shown))

    @property
    def labels(self) -> Sequence[str]:
        """Labels of the postures, the reference first."""
        return self.plan.experiment.labels

    @property
    def is_sample(self) -> bool:
        """Whether there are enough points, and not too many, to ask what decides between them."""
        return _FEWEST_POINTS_ANALYSED <= self.plan.n_points <= MOST_POINTS_ANALYSED

    @cached_property
    def sensitivity(self) -> Sensitivity | None:
        """What decides the outcomes; None where the points do not tell."""
        from regional_sim.answers.sensitivity.sensitivity import SensitivityRequest, sensitivity_of

        if not self.is_sample:
            return None
        request = SensitivityRequest(metrics=self.shown.metrics[:2], window=self.shown.window)
        try:
            return sensitivity_of(self.results, request, self.progress)
        except InputError:
            # The sample is too small for its factors, or carries no method.
            return None

    @cached_property
    def discovery(self) -> Discovery | None:
        """Where the second posture raises the first metric; None where the points do not tell."""
        from regional_sim.answers.discovery.discovery import DiscoveryRequest, discovered
        from regional_sim.answers.outcomes import PointResults

        if not self.is_sample or len(self.labels) == 1 or not self.shown.metrics:
            return None
        condition = f"{self.shown.metrics[0]}.difference > 0"
        request = DiscoveryRequest((condition,), self.shown.window, posture=self.labels[1])
        try:
            return discovered(PointResults(self.results), request)
        except InputError:
            return None


def open_source(folder: Path, progress: PointProgress | None = None) -> ReportSource:
    """Open a finished folder that holds runs.

    Raises
    ------
    InputError
        When there is no such folder, or it is unfinished or altered.
    """
    at = _runs_in(folder)
    results = load_results(at)
    plan = Plan.from_mapping(results.plan, origin=str(at / PLAN))
    shown = shown_metrics(plan)
    claims = None
    if at.name == AS_IT_IS and at != folder:
        from regional_sim.answers.hypotheses.judged_file import JUDGED_FILE, read_judged

        if not (folder / JUDGED_FILE).exists():
            what = f"the claims of this folder were not judged to the end: it has no {JUDGED_FILE}"
            hint = "go on with it: the same regional-sim hypotheses command"
            raise InputError(what, where=str(folder), hint=hint)
        claims = read_judged(folder, results)
    elif plan.experiment.hypotheses:
        from regional_sim.answers.hypotheses.judged_file import judged_beside

        claims = judged_beside(results)
    return ReportSource(folder, ShownResults(results, shown), plan, shown, claims, progress)


def _runs_in(folder: Path) -> Path:
    """Find the runs that the answer of a folder rests on."""
    if (folder / PLAN).exists() or not folder.is_dir():
        return folder
    for name in (AS_IT_IS, INDICES, SCREEN):
        if (folder / name / PLAN).exists():
            return folder / name
    return folder
