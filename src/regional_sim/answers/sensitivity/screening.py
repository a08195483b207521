"""Sensitivity of an experiment in two stages: all factors in few runs, then those that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from regional_sim.answers.sensitivity.factor_sensitivity import (
    NO_EFFECT,
    OF_NOISE,
    OutcomeSensitivity,
    Sensitivity,
)
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment
from regional_sim.experiment.checks import check_experiment, with_numbers
from regional_sim.experiment.designs import Mixed
from regional_sim.experiment.factor_groups import factor_groups, word_for
from regional_sim.experiment.levels import Design
from regional_sim.experiment.points import Points
from regional_sim.experiment.priors import Choice, Factors, Prior
from regional_sim.experiment.sampling import Morris, Saltelli, Sampled
from regional_sim.results.load import Results, load_results
from regional_sim.runner.estimate import planned
from regional_sim.scenario.messages import input_error
from regional_sim.scenario.yaml import Positions

COVERED: Final = 0.9
"""Share of the sum of squared effects that the factors of the second stage make up."""

SCREEN: Final = "screen"
INDICES: Final = "indices"
"""Folders of the two stages."""

LEAST_TRAJECTORIES: Final = 4
LEAST_BLOCKS: Final = 16


@dataclass(frozen=True)
class ScreeningOptions:
    """How much is run.

    Attributes
    ----------
    trajectories : int
        Of the first stage.
    n : int
        Blocks of the second stage, a power of two.
    most : int
        Factors of the second stage, at most.
    replicates : int, optional
        Runs of each posture at each point; None: the experiment's.
    runs : int, optional
        Budget of both stages, in place of `trajectories` and `n`: a third for the first.
    factors : sequence of str
        Groups or paths of factors with a documented range or documented choices, in place of the
        experiment's.
    seed : int
        Of both designs.
    """

    trajectories: int = 10
    n: int = 128
    most: int = 8
    replicates: int | None = None
    runs: int | None = None
    factors: Sequence[str] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be done, with an InputError."""
        least = {"trajectories": LEAST_TRAJECTORIES, "n": LEAST_BLOCKS, "most": 1, "seed": 0}
        for key, low in least.items():
            value = getattr(self, key)
            if value < low:
                raise InputError("is too small", key=key, value=value, allowed=f"from {low}")
        if self.n & (self.n - 1):
            below = 1 << (self.n.bit_length() - 1)
            allowed = f"a power of two, such as {below} or {2 * below}"
            raise InputError(
                "does not fit a Sobol sequence", key="n", value=self.n, allowed=allowed
            )


@dataclass(frozen=True)
class Screening:
    """An experiment whose factors are screened first.

    Attributes
    ----------
    base : Experiment
        The postures that are compared, at a single point.
    priors : mapping of Prior
        By path of the factor.
    options : ScreeningOptions
        With what a budget of runs leaves for each stage.
    """

    base: Experiment
    priors: Mapping[str, Prior]
    options: ScreeningOptions

    @classmethod
    def of(
        cls, experiment: Experiment, options: ScreeningOptions, postures: Sequence[str] = ()
    ) -> Screening:
        """Take the priors of an experiment, and those of its postures that are asked for."""
        priors = _named(options.factors) if options.factors else _priors(experiment)
        labels = experiment.labels
        for label in postures:
            if label not in labels:
                raise UnknownNameError("posture", label, labels)
        wanted = {labels[0], *(postures or labels[1:2])}
        kept = tuple(one for one in experiment.postures if one.label in wanted)
        # A point needs a fixed number of replicates for its noise to be told.
        alone = replace(experiment, points=Points({}), postures=kept, stopping=None, tables=())
        base = with_numbers(alone, replicates=options.replicates)
        return cls(base, priors, _within_budget(options, len(priors), base))

    def refuse_unknown(self, metrics: Sequence[str], window: str) -> None:
        """Refuse a metric or a window that the world does not have, before anything is run."""
        plan = planned(self.base)
        measured = [metric.name for metric in plan.metrics]
        for name in metrics:
            if name.partition(".")[0] not in measured:
                raise UnknownNameError("metric", name, measured)
        if window not in plan.windows:
            raise UnknownNameError("window", window, plan.windows)

    def first(self) -> Experiment:
        """Return the experiment of the first stage."""
        design = {"kind": "morris", "trajectories": self.options.trajectories}
        return self._with(Morris, design, list(self.priors))

    def second(self, paths: Sequence[str]) -> Experiment:
        """Return the experiment of the second stage, of some factors."""
        design = {"kind": "saltelli", "n": self.options.n, "second_order": False}
        return self._with(Saltelli, design, paths)

    def most_runs(self) -> int:
        """Return the runs of the second stage, where as many factors matter as may."""
        many = min(self.options.most, len(self.priors))
        return self.options.n * (many + 2) * self.base.n_runs

    def _with(
        self, kind: type[Sampled], design: dict[str, Any], paths: Sequence[str]
    ) -> Experiment:
        factors = {path: self.priors[path].model_dump(exclude_none=True) for path in paths}
        given = {**design, "seed": self.options.seed, "factors": factors}
        try:
            made = kind.model_validate(given)
        except ValidationError as error:
            raise input_error(error, given, Positions(), kind) from None
        return check_experiment(replace(self.base, points=Points.of_design(made)))


def two_stages(
    screening: Screening,
    folder: Path,
    run: Callable[[Experiment, Path], object],
    analyse: Callable[[Results], Sensitivity],
) -> Iterator[tuple[str, Sensitivity]]:
    """Run both stages into folders of their own below one, and analyse each.

    `run` runs an experiment into a folder, `analyse` tells what decides the outcomes of a result;
    there is no second stage where no factor matters.

    Yields
    ------
    str, Sensitivity
        Name of the stage's folder, and what it tells.
    """
    run(screening.first(), folder / SCREEN)
    screen = analyse(load_results(folder / SCREEN, verify=False))
    yield SCREEN, screen
    if chosen := factors_that_matter(screen, screening.options.most):
        run(screening.second(chosen), folder / INDICES)
        indices = analyse(load_results(folder / INDICES, verify=False))
        yield INDICES, replace(indices, screen=screen)


def factors_that_matter(found: Sensitivity, most: int) -> list[str]:
    """Choose the factors of the second stage, in the order of their importance.

    Of each outcome these are the factors with the largest mean squared effects, until they make
    up 90 % of the sum, but none whose effect is no more than noise.  If all outcomes together have
    more than `most`, those with the largest share in any outcome are taken.
    """
    shares: dict[str, float] = {}
    for one in found.outcomes:
        for path, share in _leading(one).items():
            shares[path] = max(share, shares.get(path, 0.0))
    ranked = sorted(shares, key=lambda path: -shares[path])
    return ranked[:most]


def _leading(one: OutcomeSensitivity) -> dict[str, float]:
    """Return the share of each leading factor of an outcome in its squared effects."""
    out = {OF_NOISE, NO_EFFECT}
    ranked = sorted(one.factors, key=lambda f: -f.ranking)
    whole = sum(f.ranking for f in ranked) or 1.0
    made: dict[str, float] = {}
    covered = 0.0
    for factor in ranked:
        if covered >= COVERED:
            break
        share = factor.ranking / whole
        covered += share
        if factor.meaning not in out:
            made[factor.factor.path] = share
    return made


def _within_budget(options: ScreeningOptions, n_factors: int, base: Experiment) -> ScreeningOptions:
    """Share a budget of runs out between the stages."""
    if options.runs is None:
        return options
    of_trajectory = (n_factors + 1) * base.n_runs
    of_block = (min(options.most, n_factors) + 2) * base.n_runs
    trajectories = options.runs // 3 // of_trajectory
    left = options.runs - max(trajectories, LEAST_TRAJECTORIES) * of_trajectory
    blocks = max(left, 0) // of_block
    if trajectories < LEAST_TRAJECTORIES or blocks < LEAST_BLOCKS:
        needed = max(
            3 * LEAST_TRAJECTORIES * of_trajectory,
            LEAST_TRAJECTORIES * of_trajectory + LEAST_BLOCKS * of_block,
        )
        raise InputError(
            f"too few runs for {n_factors} factors, {len(base.postures)} postures and"
            f" {base.replicates} replicates",
            key="runs",
            value=options.runs,
            allowed=f"at least {needed}",
            hint="or take fewer replicates",
        )
    n = 1 << (blocks.bit_length() - 1)
    return replace(options, trajectories=trajectories, n=n)


def _priors(experiment: Experiment) -> dict[str, Prior]:
    """Return what an experiment believes of its factors; of listed levels, each is as likely."""
    design = experiment.made_by()
    parts: list[Design] = design.parts if isinstance(design, Mixed) else [design] if design else []
    priors: dict[str, Prior] = {}
    for part in parts:
        if isinstance(part, Sampled):
            priors |= part.priors
            continue
        columns = part.columns(("design",))
        for path, column in columns.items():
            if len(column.distinct) > 1:
                priors[path] = Choice(distribution="choice", choices=list(column.distinct))
    if not priors:
        raise InputError(
            "the experiment has no factors that vary",
            key="design",
            hint="give it a design, or name factors or a group such as stipulated (--factors)",
        )
    return priors


def _named(names: Sequence[str]) -> dict[str, Prior]:
    """Return the documented priors of groups and single factors."""
    groups = factor_groups()
    given = {name: word_for(name) for name in names}
    lacking = [name for name in names if name not in groups and "." not in name]
    if lacking:
        raise UnknownNameError("group of factors", lacking[0], groups)
    try:
        made: dict[str, Prior] = TypeAdapter(Factors).validate_python(given)
    except ValidationError as error:
        raise input_error(error, given, Positions(), Factors) from None
    return made
