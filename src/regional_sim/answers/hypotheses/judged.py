"""Hypotheses with their verdicts and all that stands beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from regional_sim.answers.hypotheses.deciding import Deciding
from regional_sim.experiment import Experiment
from regional_sim.experiment.hypotheses import Hypothesis

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class JudgedHypothesis:
    """A hypothesis with its verdict.

    Attributes
    ----------
    hypothesis : Hypothesis
        The claim.
    verdict : str
        ``supported``, ``contradicted``, ``negligible``, ``undecided`` or ``structural``.
    unit : str
        Of the effect and the smallest effect.
    smallest : float
        Smallest effect of interest in the window.
    n : int
        Pairs of runs in the world as it is.
    effect, ci_low, ci_high : float
        Mean of the paired differences in the world as it is, and its 95 % interval; with a clamp,
        of the part of the effect that runs through the states named.
    whole_effect : float
        The effect without any clamp.
    p, p_holm : float
        P value of the verdict before Holm's correction over all hypotheses, and after it.
    points : int
        Stable points of the prior that have the effect; 0 without a prior.
    prior_low, prior_median, prior_high : float
        Quantiles of the effect over them: 5, 50 and 95 %.
    holds, holds_beyond : float
        Share of them in which the claim holds, and in which the effect is beyond the smallest one;
        NaN without a prior.
    points_on_record, holds_on_record : int, float
        Points that pass the base rates, and the share of them in which the claim holds; 0 and NaN
        where they were not asked for.
    goes_with : Deciding or None
        The factor that explains most of the effect over the prior, if any does beyond chance.
    through : mapping of float
        What is gone of the whole effect when states are held on their traditional path, by who they
        are; NaN where that is not told from 0.
    """

    hypothesis: Hypothesis
    verdict: str
    unit: str
    smallest: float
    n: int
    effect: float
    ci_low: float
    ci_high: float
    whole_effect: float
    p: float
    p_holm: float
    points: int
    prior_low: float
    prior_median: float
    prior_high: float
    holds: float
    holds_beyond: float
    points_on_record: int
    holds_on_record: float
    goes_with: Deciding | None
    through: Mapping[str, float]

    def row(self) -> dict[str, object]:
        """Write everything as the row of a table, with plain values."""
        said = self.hypothesis
        told = {name: getattr(said, name) for name in ("id", "claim", "metric", "window")}
        told |= {name: getattr(said, name) for name in ("posture", "reference", "expects")}
        told |= {"clamp": " ".join(said.clamp), "opposing": said.opposing}
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("hypothesis", "goes_with", "through"):
            del own[name]
        decided = self.goes_with
        told |= own
        told["goes_with"] = "" if decided is None else decided.factor
        told["rank_correlation"] = np.nan if decided is None else decided.correlation
        told["share_explained"] = np.nan if decided is None else decided.share
        told |= {f"through_{who.replace(' ', '_')}": gone for who, gone in self.through.items()}
        return told


@dataclass(frozen=True)
class JudgedHypotheses:
    """Hypotheses with their verdicts.

    Attributes
    ----------
    rows : tuple of JudgedHypothesis
        In the order of the experiment.
    experiment : Experiment
        What was run.
    replicates : int
        Runs of each posture in the world as it is.
    points, unstable : int
        Points of the prior, and how many of them have no stable start and were left out.
    on_record : int or None
        Stable points that pass the base rates; None where they were not asked for.
    runs : int
        Runs of all kinds that were looked at.
    """

    rows: tuple[JudgedHypothesis, ...]
    experiment: Experiment
    replicates: int
    points: int
    unstable: int
    on_record: int | None
    runs: int

    @property
    def table(self) -> pd.DataFrame:
        """A row of each hypothesis."""
        import pandas as pd

        return pd.DataFrame([row.row() for row in self.rows])
