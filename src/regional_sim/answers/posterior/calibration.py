"""Priors to posterior: waves of runs, emulators of what they give, and weighted prior draws.

History matching (Craig et al. 1997; Vernon et al. 2010) places each wave of runs where earlier ones
have ruled nothing out.  The posterior is that of the emulators, and is checked by runs of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.answers.kept_folder import write_csv
from regional_sim.answers.posterior.calibration_options import (
    CalibrationOptions,
    check_calibration,
    priors_of,
)
from regional_sim.answers.posterior.emulator import FEWEST_POINTS, Emulator, fit_all
from regional_sim.answers.posterior.posterior import (
    IMPLAUSIBLE,
    Expectations,
    Recovery,
    effective_size,
    next_points,
    recover,
    resampled,
)
from regional_sim.answers.posterior.target_statistics import Simulated, simulated, target_tables
from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.experiment.levels import Level, LevelColumn
from regional_sim.experiment.points import Points
from regional_sim.experiment.priors import Choice, Integer, Prior
from regional_sim.experiment.sampling import Sampled
from regional_sim.experiment.stable_points import is_stable, radii_of_points
from regional_sim.experiment.targets import Target
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.results.columns import NUMBER
from regional_sim.results.folder import read_manifest
from regional_sim.results.load import load_results
from regional_sim.results.table_file import read_table
from regional_sim.runner.estimate import planned
from regional_sim.runner.options import Progress, RunOptions
from regional_sim.runner.runner import run_plan

if TYPE_CHECKING:
    import pandas as pd

Stage = Callable[[str], AbstractContextManager[Progress | None]]
"""Told in a few words what is run next; what it gives is told the runs that are done."""

_CANDIDATES: Final = (2**15, 2**18)
"""Prior draws that the posterior is weighted from: at first, and at most."""

_STEPS: Final = 2001
_CHECK: Final = "check"
_POSTERIOR: Final = 100
_FRESH_SEED: Final = 1000
_RECOVERY_SEED: Final = 2000


@dataclass(frozen=True)
class Wave:
    """A wave of runs: its folder, its points as shares of the priors, and what they give."""

    folder: str
    shares: Floats
    stable: Integers
    found: Simulated
    plan_digest: str
    kept: float | None = None
    """Share of the prior that was not ruled out when its points were chosen; None: all."""


@dataclass(frozen=True)
class Calibration:
    """A finished calibration.

    Attributes
    ----------
    experiment : Experiment
        Whose priors and targets it is of.
    options : CalibrationOptions
    waves : list of Wave
    emulators : list of Emulator
        Of each target, fitted to all waves.
    shares : ndarray, shape (draw, factor)
        Posterior draws as shares of the priors.
    unstable : int
        Posterior draws that were left out as their worlds are not stable.
    effective : float
        How many equally likely draws the weighted ones are worth.
    kept : float
        Share of the prior that no target rules out.
    check : Wave
        Runs at draws of the posterior, with random numbers of their own.
    recovery : Recovery, optional
    """

    experiment: Experiment
    options: CalibrationOptions
    waves: list[Wave]
    emulators: list[Emulator]
    shares: Floats
    unstable: int
    effective: float
    kept: float
    check: Wave
    recovery: Recovery | None = None

    @cached_property
    def posterior(self) -> pd.DataFrame:
        """The draws: a column for each factor, named by its path."""
        import pandas as pd

        priors = priors_of(self.experiment)
        return pd.DataFrame(
            {
                path: prior.levels(self.shares[:, k])
                for k, (path, prior) in enumerate(priors.items())
            }
        )


@dataclass
class CalibrationRun:
    """A calibration under way in a folder."""

    experiment: Experiment
    folder: Path
    options: CalibrationOptions
    run_options: RunOptions = field(default_factory=RunOptions)
    stage: Stage = lambda _: nullcontext()

    def __post_init__(self) -> None:
        """Check what is asked for."""
        check_calibration(self.experiment)
        self.priors = list(priors_of(self.experiment).values())
        self.targets: tuple[Target, ...] = self.experiment.targets

    def finish(self) -> Calibration:
        """Run all waves, and return what they tell."""
        waves = [self._first_wave()]
        first = emulators = self._emulators(waves)
        for number in range(2, self.options.waves + 1):
            waves.append(self._next_wave(number, emulators))
            emulators = self._emulators(waves)
        candidates, expected = self._enough_candidates(emulators)
        weights = expected.weights()
        places = resampled(weights, self.options.draws, self._rng(_POSTERIOR))
        shares, unstable = self._stable_only(candidates[places])
        check = self._wave(
            _CHECK, shares[: self.options.checked], "check of the posterior", _FRESH_SEED
        )
        return Calibration(
            self.experiment,
            self.options,
            waves,
            emulators,
            shares,
            unstable,
            effective_size(weights),
            float(np.mean(expected.implausibility() <= IMPLAUSIBLE)),
            check,
            self._recovery(first),
        )

    # -------------------------------------------------------------------------------- waves

    def _first_wave(self) -> Wave:
        design = self.experiment.made_by()
        assert isinstance(design, Sampled)  # checked when this was made
        return self._wave("wave_1", design.shares(), "wave 1", 0)

    def _next_wave(self, number: int, emulators: list[Emulator]) -> Wave:
        """Place a wave where the emulators of those before rule nothing out."""
        rng = self._rng(number)
        candidates = self._candidates(_CANDIDATES[0], rng)
        expected = self._expected(emulators, candidates)
        many = self.options.points or len(self.experiment.points)
        shares = candidates[next_points(expected, many, rng)]
        kept = float(np.mean(expected.implausibility() <= IMPLAUSIBLE))
        name = f"wave_{number}"
        return self._wave(name, shares, f"wave {number}", number - 1, kept)

    def _rng(self, step: int) -> np.random.Generator:
        """Return the generator of a step: what one draws moves no other."""
        return np.random.default_rng([self.options.seed, step])

    def _wave(
        self, name: str, shares: Floats, in_words: str, seed: int, kept: float | None = None
    ) -> Wave:
        """Run some points in a folder of their own, or take what it holds of them."""
        folder = self.folder / name
        shares = self._kept_shares(name, shares)
        experiment = replace(
            self.experiment,
            points=self._points(shares),
            seed=self.experiment.seed + seed,
        )
        plan = planned(experiment, "ensemble", target_tables(self.targets), "parquet")
        with self.stage(f"{in_words}: {len(shares)} points") as progress:
            if read_manifest(folder) is None:
                # Where there is nothing yet, a run that may be resumed begins.
                how = replace(self.run_options, resume=True, force=False, progress=progress)
                run_plan(plan, folder, how)
        results = load_results(folder)
        if results.manifest["plan"] != plan.digest:
            what = "this wave was run from another plan, or by another version"
            hint = "replace the calibration (--force), or name another folder"
            raise InputError(what, where=str(folder), hint=hint)
        found = simulated(results, experiment, self.targets)
        stable = self._stable(experiment)
        return Wave(name, shares, stable, found, plan.digest, kept)

    def _kept_shares(self, name: str, shares: Floats) -> Floats:
        """Keep where the points of a wave lie, or return where an earlier attempt put them.

        Another processor may round an emulator otherwise, and choose other points.
        """
        import pandas as pd

        path = self.folder / f"{name}_shares.csv"
        if path.exists():
            kinds = dict.fromkeys(self.experiment.factors, NUMBER)
            kept: Floats = read_table(path, kinds).to_pandas().to_numpy(np.float64)
            if kept.shape == shares.shape:
                return kept
        write_csv(pd.DataFrame(shares, columns=list(self.experiment.factors)), path)
        return shares

    def _points(self, shares: Floats) -> Points:
        columns = zip(self.experiment.factors, self.priors, shares.T, strict=True)
        return Points({path: LevelColumn.of(prior.levels(one)) for path, prior, one in columns})

    def _stable(self, experiment: Experiment) -> Integers:
        radii = radii_of_points(experiment, len(experiment.points))
        return np.array([is_stable(radii[number]) for number in range(len(experiment.points))])

    def _stable_only(self, shares: Floats) -> tuple[Floats, int]:
        """Leave out draws whose worlds are not stable, and count them."""
        stable = self._stable(replace(self.experiment, points=self._points(shares)))
        if not stable.any():
            raise InputError("no draw of the posterior has a stable world", key="design")
        return shares[stable], int((~stable).sum())

    # ----------------------------------------------------------------------------- emulators

    def _emulators(self, waves: list[Wave]) -> list[Emulator]:
        """Fit an emulator of each target to the stable points of some waves."""
        stable = np.concatenate([wave.stable for wave in waves])
        points = self._as_inputs(np.concatenate([wave.shares for wave in waves]))[stable]
        value, error = (
            np.concatenate([getattr(wave.found, name) for wave in waves])[stable]
            for name in ("value", "error")
        )
        least = max(FEWEST_POINTS, 2 * points.shape[1])
        for target, column in zip(self.targets, value.T, strict=True):
            if (n := int(np.isfinite(column).sum())) < least:
                what = f"{target.in_words}: only {n} points have a value"
                raise InputError(what, key="targets", allowed=f"at least {least}")
        with self.stage(f"emulators: {len(self.targets)} targets, {len(points)} points"):
            return list(fit_all(points, value, error))

    def _as_inputs(self, shares: Floats) -> Floats:
        """Move the shares of factors with few levels to the middle of their level."""
        columns = [
            _snapped(prior, one) if isinstance(prior, Choice | Integer) else one
            for prior, one in zip(self.priors, shares.T, strict=True)
        ]
        return np.column_stack(columns)

    def _candidates(self, n: int, rng: np.random.Generator) -> Floats:
        from scipy.stats.qmc import Sobol

        sampler = Sobol(len(self.priors), scramble=True, rng=rng)
        drawn: Floats = sampler.random(n)
        return drawn

    def _expected(self, emulators: list[Emulator], candidates: Floats) -> Expectations:
        inputs = self._as_inputs(candidates)
        mean, sd = zip(*(one.predict(inputs) for one in emulators), strict=True)
        observed, total = (
            np.array([getattr(target, name) for target in self.targets])
            for name in ("value", "total_sd")
        )
        return Expectations(np.column_stack(mean), np.column_stack(sd), observed, total)

    def _enough_candidates(self, emulators: list[Emulator]) -> tuple[Floats, Expectations]:
        """Draw from the prior until the posterior has draws enough, or there are very many."""
        n, most = _CANDIDATES
        with self.stage("posterior"):
            while True:
                candidates = self._candidates(n, self._rng(_POSTERIOR + n))
                expected = self._expected(emulators, candidates)
                if n >= most or effective_size(expected.weights()) >= self.options.draws:
                    return candidates, expected
                n *= 2

    def _recovery(self, emulators: list[Emulator]) -> Recovery | None:
        """Test whether known factors are found again, with the emulators of the first wave."""
        if not self.options.recover:
            return None
        rng = self._rng(_RECOVERY_SEED)
        truths = rng.random((self.options.recover, len(self.priors)))
        wave = self._wave("recovery", truths, "recovery", _RECOVERY_SEED)
        usable = wave.stable & np.isfinite(wave.found.value).all(axis=1)
        if not usable.any():
            what, hint = "no trial has a stable world and all statistics", "ask for more trials"
            raise InputError(what, key="recover", value=self.options.recover, hint=hint)
        candidates = self._candidates(_CANDIDATES[0], rng)
        expected = self._expected(emulators, candidates)
        found = wave.found
        return recover(
            truths[usable], found.value[usable], found.error[usable], candidates, expected, rng
        )


def _snapped(prior: Prior, shares: Floats) -> Floats:
    grid = np.linspace(0.0, 1.0, _STEPS)
    middles: dict[Level, list[float]] = {}
    for level, share in zip(prior.levels(grid), grid.tolist(), strict=True):
        middles.setdefault(level, []).append(share)
    middle = {level: float(np.mean(some)) for level, some in middles.items()}
    return np.array([middle[level] for level in prior.levels(shares)])
