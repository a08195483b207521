"""An outcome at every point of a finished result: a posture's level, or its paired difference."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment
from regional_sim.experiment.experiment import DIFFERENCE, MEAN
from regional_sim.experiment.levels import levels_as_numbers
from regional_sim.experiment.load import recorded_experiment
from regional_sim.experiment.points import Factor
from regional_sim.experiment.stable_points import radii_of_points, unstable_points
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.results.load import Results

if TYPE_CHECKING:
    import pandas as pd

UNCLEAR: Final = EFFECT_WORDS[3]
"""Word of all that the runs, points or months do not tell, in every answer."""

_ASKED = re.compile(r"\s*(?P<metric>[^.\s]+)(?:\.(?P<kind>\S+))?\s*")


@dataclass(frozen=True)
class Outcome:
    """What is asked at every point.

    Attributes
    ----------
    metric : Metric
        The metric.
    window : str
        Months that it is taken over.
    posture : str
        Label of the posture.
    reference : str or None
        Label of the posture that it is compared with on the same draws; None: its own level.
    smallest : float
        Smallest effect of interest in the window, in the metric's unit.
    """

    metric: Metric
    window: str
    posture: str
    reference: str | None
    smallest: float

    @property
    def name(self) -> str:
        """Short name, as it is asked for: ``tension`` or ``tension.difference``."""
        return self.metric.name if self.reference is None else f"{self.metric.name}.{DIFFERENCE}"

    @property
    def in_words(self) -> str:
        """Metric, posture and reference in words."""
        against = "" if self.reference is None else f" less {self.reference}"
        return f"{self.metric.name} ({self.window}), {self.posture}{against}"


@dataclass(frozen=True)
class Values:
    """Values of an outcome by point; all arrays have the shape (point,).

    Attributes
    ----------
    mean : ndarray
        Mean over replicates; NaN where no replicate has one.
    error : ndarray
        Standard error of the mean; NaN with fewer than two replicates.
    n : ndarray
        Replicates that have a value.
    """

    mean: Floats
    error: Floats
    n: Floats


class PointResults:
    """A finished result as a table of points: levels of the factors, and outcomes.

    Parameters
    ----------
    results : Results
        What a sweep gave.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.experiment: Experiment = recorded_experiment(
            results.plan["experiment"], origin="plan.json"
        )
        self.n_points = len(self.experiment.points)

    @property
    def where(self) -> str:
        """The folder, for messages."""
        return "this result" if self.results.folder is None else str(self.results.folder)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that take more than one level, in the order of the design."""
        columns = self.experiment.points.columns.items()
        return tuple(Factor(path, levels) for path, levels in columns if len(levels.distinct) > 1)

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """Levels of the factors as numbers: a row for each point, a column for each factor.

        Levels that are not numbers become their places among the levels, from 0.
        """
        import pandas as pd

        return pd.DataFrame(
            {one.column: levels_as_numbers(one.levels, one.levels.distinct) for one in self.factors}
        )

    def needs_factors(self, at_least: int = 1) -> None:
        """Refuse a result that has too few factors.

        Raises
        ------
        InputError
            When fewer than `at_least` factors take more than one level.
        """
        if len(self.factors) < at_least:
            vary = "1 factor varies" if at_least == 1 else f"{at_least} factors vary"
            raise InputError(
                f"this needs a sweep in which at least {vary}",
                where=self.where,
                value=", ".join(one.path for one in self.factors) or "none",
                hint="run one with regional-sim sweep, such as uncertainty_sample",
            )

    def factor(self, name: str) -> Factor:
        """Look up a factor by its path, its column, or the last part of its path.

        Raises
        ------
        UnknownNameError
            When no factor that varies has this name.
        """
        for factor in self.factors:
            if name in {factor.path, factor.column, factor.path.rpartition(".")[2]}:
                return factor
        raise UnknownNameError("factor", name, [one.path for one in self.factors], where=self.where)

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that the result has."""
        return list(dict.fromkeys(self.results.summary["metric"]))

    @property
    def windows(self) -> list[str]:
        """Names of the windows that the result has."""
        return list(dict.fromkeys(self.results.summary["window"]))

    def outcome(
        self, asked: str, *, window: str = WHOLE_WINDOW, posture: str | None = None
    ) -> Outcome:
        """Look up what a text asks for.

        Parameters
        ----------
        asked : str
            A metric, for a posture's level, or ``METRIC.difference`` for the paired difference to
            the first posture.
        window : str
            Months that it is taken over.
        posture : str, optional
            Label; may be left out for the difference where there are two postures, and for the
            level where there is one.

        Raises
        ------
        InputError
            When the result has no such metric, window or posture, or several postures are there
            and none is named.
        """
        found = _ASKED.fullmatch(asked)
        kind = found["kind"] if found else None
        if found is None or kind not in {None, DIFFERENCE, MEAN}:
            allowed = f"METRIC, METRIC.{DIFFERENCE}"
            raise InputError("this is not an outcome", key="outcome", value=asked, allowed=allowed)
        name = found["metric"]
        if name not in self.metrics:
            raise UnknownNameError("metric", name, self.metrics, where=self.where)
        if window not in self.windows:
            raise UnknownNameError("window", window, self.windows, where=self.where)
        reference, *others = self.experiment.labels
        difference = kind == DIFFERENCE
        if difference and not others:
            hint = "run it with a second posture"
            what = "a difference needs two postures, and there is one"
            raise InputError(what, where=self.where, value=reference, hint=hint)
        allowed_here = others if difference else [reference, *others]
        if posture is None and len(allowed_here) > 1:
            raise InputError(
                "name one of the postures", key="posture", allowed=", ".join(allowed_here)
            )
        chosen = posture or allowed_here[0]
        if chosen not in allowed_here:
            raise UnknownNameError("posture", chosen, allowed_here, where=self.where)
        metric, months = Metric[name], self.results.plan["windows"][window]
        compared = reference if difference else None
        return Outcome(metric, window, chosen, compared, metric.smallest_in(months))

    def values(self, outcome: Outcome) -> Values:
        """Return an outcome at every point, in the order of the design."""
        if outcome.reference is None:
            table, mean = self.results.summary, MEAN
        else:
            table, mean = self.results.contrasts, DIFFERENCE
        chosen = table[
            (table["metric"] == outcome.metric.name)
            & (table["window"] == outcome.window)
            & (table["posture"] == outcome.posture)
        ].set_index("point")
        by_point = chosen.reindex(range(self.n_points))
        n = by_point["n"].fillna(0).to_numpy(dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = by_point["sd"].to_numpy(dtype=float) / np.sqrt(n)
        return Values(by_point[mean].to_numpy(dtype=float), error, n)

    def by_replicate(self, outcome: Outcome) -> Floats:
        """Return an outcome of every run, shape (point, replicate); NaN where there is none."""
        column = f"{outcome.metric.name}_{outcome.window}"
        runs = self.results.columns_of("runs", ["point", "posture", "replicate", column])
        replicates = runs["replicate"].to_numpy(dtype=int)

        def of(posture: str) -> Floats:
            mine = (runs["posture"] == posture).to_numpy()
            values = np.full((self.n_points, int(replicates.max()) + 1), np.nan)
            values[runs["point"].to_numpy(dtype=int)[mine], replicates[mine]] = runs[
                column
            ].to_numpy(dtype=float)[mine]
            return values

        levels = of(outcome.posture)
        return levels if outcome.reference is None else levels - of(outcome.reference)

    def unstable(self, progress: Callable[[int, int], None] | None = None) -> list[int]:
        """List the points whose start is unstable; `progress` is told how many were tried."""
        radii = radii_of_points(self.experiment, self.n_points, progress)
        return unstable_points(radii)


def complete(values: Values, outcome: Outcome, where: str, points: Sequence[int]) -> None:
    """Refuse an outcome that lacks a value at some of these points.

    Raises
    ------
    InputError
        Naming the first of them.
    """
    lacking = [point for point in points if np.isnan(values.mean[point])]
    if lacking:
        what = f"has no value at {len(lacking)} of {len(points)} points"
        hint = f"the first one is point {lacking[0]}"
        raise InputError(what, where=where, key=outcome.in_words, hint=hint)
