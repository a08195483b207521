"""Whether the hypotheses of an experiment hold, how widely, what decides it, and by whose doing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from regional_sim.answers.hypotheses.base_rate_points import check_base_rates, passes_base_rates
from regional_sim.answers.hypotheses.deciding import deciding_factor
from regional_sim.answers.hypotheses.hypothesis_runs import (
    AS_IT_IS,
    PRIOR,
    SWEEP,
    name_of_held,
    needed_runs,
    responders,
    run_missing,
)
from regional_sim.answers.hypotheses.hypothesis_sources import place_of, some_of
from regional_sim.answers.hypotheses.judged import JudgedHypotheses, JudgedHypothesis
from regional_sim.answers.hypotheses.verdicts import (
    agrees,
    agrees_beyond,
    final_verdict,
    first_verdict,
    holm,
)
from regional_sim.answers.outcomes import PointResults
from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.experiment.hypothesis_checks import (
    checked_hypotheses,
    clamped_states,
    fitting_hypotheses,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Flags, Statistics, contrast
from regional_sim.results.load import Results

if TYPE_CHECKING:
    import pandas as pd

    from regional_sim.runner.options import Progress


def judge_hypotheses(
    source: Results | Experiment,
    stated: Sequence[Hypothesis],
    folder: Path,
    *,
    only: Sequence[str] = (),
    replicates: int = 1000,
    responses: bool = True,
    base_rates: str | None = None,
    workers: int = 1,
    force: bool = False,
    progress: Progress | None = None,
) -> JudgedHypotheses:
    """Run what hypotheses need into a folder, and judge them.

    `source` is a finished result, or an experiment that is swept first.  All else is as in
    :func:`regional_sim.hypotheses`.
    """
    if isinstance(source, Experiment):
        swept, experiment = None, source
    else:
        swept = PointResults(source)
        experiment = swept.experiment
    wanted = checked_hypotheses(experiment, some_of(stated, only), place_of(source))
    stated = fitting_hypotheses(experiment, stated)
    if base_rates is not None:
        check_base_rates(experiment, base_rates)
    has_prior = bool(experiment.points.columns)
    n_of_prior = experiment.replicates if swept is None else _n_replicates(swept.results)
    n_as_it_is = replicates if has_prior or swept is None else n_of_prior
    if n_as_it_is < 2 or (has_prior and n_of_prior < 1):  # noqa: PLR2004
        hint = "give --replicates 1000, say, or run the experiment with more"
        what = "too few replicates: an interval needs at least 2"
        where, key = place_of(source), "replicates"
        raise InputError(what, where=where, key=key, value=n_as_it_is, hint=hint)
    needed = needed_runs(
        experiment,
        stated,
        wanted,
        replicates=n_as_it_is,
        prior_replicates=n_of_prior,
        with_sweep=swept is None,
        responses=responses,
    )
    found = run_missing(needed, folder, workers=workers, force=force, progress=progress)
    if SWEEP in found:
        swept = PointResults(found[SWEEP])
    as_it_is = found[AS_IT_IS] if AS_IT_IS in found else _results_of(swept)
    judged = _Judging(experiment, as_it_is, swept if has_prior else None, found, responses)
    if base_rates is not None:
        numbers = np.flatnonzero(judged.stable).tolist()
        judged.on_record = passes_base_rates(
            experiment, base_rates, numbers, folder, workers=workers
        )
    return JudgedHypotheses(
        judged.rows(wanted),
        experiment,
        n_as_it_is,
        judged.n_points,
        int((~judged.stable).sum()),
        None if judged.on_record is None else int(judged.on_record.sum()),
        sum(int(one.manifest["runs"]) for one in {id(r): r for r in judged.all_results}.values()),
    )


class _Judging:
    """Everything that was run, and what it says of a hypothesis."""

    def __init__(
        self,
        experiment: Experiment,
        as_it_is: Results,
        prior: PointResults | None,
        found: Mapping[str, Results],
        responses: bool,
    ) -> None:
        self.experiment = experiment
        self.world = experiment.scenario
        self.as_it_is = as_it_is
        self.prior = prior
        self.found = found
        self.named = responders(self.world) if responses else {}
        self.n_points = 0 if prior is None else prior.n_points
        self.stable = _stable(prior)
        self.on_record: Flags | None = None
        self.columns = [] if prior is None else [c.to_numpy(float) for _, c in prior.inputs.items()]

    @property
    def all_results(self) -> Iterator[Results]:
        """Whatever was looked at."""
        yield from (self.as_it_is, *self.found.values())
        if self.prior is not None:
            yield self.prior.results

    def rows(self, hypotheses: Sequence[Hypothesis]) -> tuple[JudgedHypothesis, ...]:
        """Judge all hypotheses together."""
        first = [self._at_default(one) for one in hypotheses]
        words = [
            first_verdict(
                float(found["difference"][0]),
                float(found["sd"][0] / np.sqrt(found["n"][0])),
                float(found["n"][0] - 1),
                one.expects,
                self._smallest(one),
            )
            for one, (found, _) in zip(hypotheses, first, strict=True)
        ]
        adjusted = holm([p for _, p in words])
        return tuple(
            self._row(one, found, whole, word, p_holm)
            for one, (found, whole), word, p_holm in zip(
                hypotheses, first, words, adjusted, strict=True
            )
        )

    def _row(
        self,
        one: Hypothesis,
        found: Statistics,
        whole: Floats,
        word: tuple[str, float],
        p_holm: float,
    ) -> JudgedHypothesis:
        """Put together what is known of one hypothesis."""
        smallest = self._smallest(one)
        effects = self._over_prior(one)[self.stable]
        there = np.isfinite(effects)
        known = effects[there]
        agreeing = agrees(known, one.expects, smallest)
        beyond = agrees_beyond(known, one.expects, smallest)
        decided = None
        if self.prior is not None:
            columns = [column[self.stable] for column in self.columns]
            decided = deciding_factor(self.prior.factors, columns, effects)
        low, middle, high = _quantiles(known)
        on_record = agreeing[:0] if self.on_record is None else agreeing[self.on_record[there]]
        first, p = word
        return JudgedHypothesis(
            hypothesis=replace(one, smallest=smallest),
            verdict=final_verdict(first, p_holm, agreeing),
            unit=Metric[one.metric].unit,
            smallest=smallest,
            n=int(found["n"][0]),
            effect=float(found["difference"][0]),
            ci_low=float(found["ci_low"][0]),
            ci_high=float(found["ci_high"][0]),
            whole_effect=float(np.nanmean(whole)),
            p=p,
            p_holm=p_holm,
            points=len(known),
            prior_low=low,
            prior_median=middle,
            prior_high=high,
            holds=_share(agreeing),
            holds_beyond=_share(beyond),
            points_on_record=len(on_record),
            holds_on_record=_share(on_record),
            goes_with=decided,
            through=dict(self._through(one, whole)),
        )

    def _smallest(self, one: Hypothesis) -> float:
        """Smallest effect of interest in the window."""
        if one.smallest is not None:
            return one.smallest
        smallest = Metric[one.metric].smallest_in(self.as_it_is.plan["windows"][one.window])
        if math.isnan(smallest):
            what = "this sum has no smallest effect of its own in a window of changing length"
            raise InputError(what, key=f"{one.id}: {one.metric}", hint="give it one: smallest")
        return smallest

    def _at_default(self, one: Hypothesis) -> tuple[Statistics, Floats]:
        """Effect in the world as it is, and the whole effect in each pair, shape (1, replicate)."""
        whole = _paired(self.as_it_is, one, 1)
        held = self._held(AS_IT_IS, one, 1)
        found = contrast(*_less(whole, held))
        if not found["n"][0] > 1:
            what = "too few pairs of runs have this outcome: an interval needs at least 2"
            raise InputError(what, key=f"{one.id}: {one.metric} ({one.window})")
        return found, whole

    def _over_prior(self, one: Hypothesis) -> Floats:
        """Mean effect at each point of the prior, shape (point,); empty without one."""
        if self.prior is None:
            return np.empty(0)
        whole = _paired(self.prior.results, one, self.n_points)
        held = self._held(PRIOR, one, self.n_points)
        return contrast(*_less(whole, held))["difference"]

    def _held(self, base: str, one: Hypothesis, n_points: int) -> Floats | None:
        """Effect with the states of the hypothesis held; None where it names none."""
        codes = clamped_states(self.world, one.clamp)
        return _paired(self.found[name_of_held(base, codes)], one, n_points) if codes else None

    def _through(self, one: Hypothesis, whole: Floats) -> Iterator[tuple[str, float]]:
        """What is gone of the whole effect when each responder is held."""
        for who, codes in self.named.items():
            held = _paired(self.found[name_of_held(AS_IT_IS, codes)], one, 1)
            gone = contrast(*_less(whole, held))
            clear = not gone["ci_low"][0] <= 0.0 <= gone["ci_high"][0]
            yield who, float(gone["difference"][0]) if clear else np.nan


def _paired(results: Results, one: Hypothesis, n_points: int) -> Floats:
    """Effect in each pair of runs, shape (point, replicate); NaN where a run is missing."""
    column = f"{one.metric}_{one.window}"
    runs = results.runs
    by_posture = {}
    for label in (one.posture, one.reference):
        rows = runs[runs["posture"] == label]
        wide = rows.pivot_table(index="point", columns="replicate", values=column)
        by_posture[label] = wide.reindex(index=range(n_points), columns=range(_n_of(runs)))
    return (by_posture[one.posture] - by_posture[one.reference]).to_numpy(np.float64)


def _less(one: Floats, other: Floats | None = None) -> tuple[Floats, Floats]:
    """Put beside an effect what is taken from it, 0 if nothing; only replicates that both have."""
    if other is None:
        return one, np.zeros_like(one)
    n = min(one.shape[1], other.shape[1])
    return one[:, :n], other[:, :n]


def _n_of(runs: pd.DataFrame) -> int:
    return int(runs["replicate"].max()) + 1


def _n_replicates(results: Results) -> int:
    return _n_of(results.runs)


def _share(flags: Flags) -> float:
    return float(flags.mean()) if len(flags) else np.nan


def _quantiles(effects: Floats) -> tuple[float, float, float]:
    if not len(effects):
        return np.nan, np.nan, np.nan
    low, middle, high = np.quantile(effects, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def _stable(prior: PointResults | None) -> Flags:
    """Tell which points of a prior have a stable start, shape (point,)."""
    stable = np.ones(0 if prior is None else prior.n_points, dtype=bool)
    if prior is not None:
        stable[prior.unstable()] = False
    return stable


def _results_of(swept: PointResults | None) -> Results:
    assert swept is not None
    return swept.results
