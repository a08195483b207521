"""What a calibration found, as tables and as a folder."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from regional_sim.answers.posterior.calibration import Calibration, CalibrationRun, Stage
from regional_sim.answers.posterior.calibration_folder import (
    FACTORS_TABLE,
    POSTERIOR_TABLE,
    RANKS_TABLE,
    RECOVERY_TABLE,
    SHARES_TABLE,
    TARGETS_TABLE,
    claim_folder,
    finish_folder,
    write_csv,
)
from regional_sim.answers.posterior.calibration_options import (
    CalibrationOptions,
    check_calibration,
    priors_of,
)
from regional_sim.answers.posterior.posterior import (
    CENTRAL_SHARE,
    Predicted,
    learned,
    learned_in_words,
    predicted,
    tied_factors,
)
from regional_sim.errors import UnknownNameError
from regional_sim.experiment import Experiment, load_experiment
from regional_sim.experiment.versions import versions
from regional_sim.runner.options import RunOptions
from regional_sim.scenario.values import plain_data

if TYPE_CHECKING:
    import pandas as pd

_MARGIN = 0.5 * (1.0 - CENTRAL_SHARE)


def calibrate_posterior(
    experiment: Experiment | str | Path,
    out: str | Path,
    *,
    workers: int = 1,
    resume: bool = False,
    force: bool = False,
    stage: Stage = lambda _: nullcontext(),
    **options: int | None,
) -> Calibration:
    """Calibrate the priors of an experiment to its targets.

    Parameters
    ----------
    experiment : Experiment, str or Path
        An experiment with targets whose design samples priors, a YAML file, or the name of a
        shipped one.
    out : str or Path
        Folder to make: ``posterior.csv``, tables of targets and factors, and the runs.
    workers : int
        Threads; no number depends on it.
    resume, force : bool
        Go on with the calibration that `out` holds, or replace it.
    stage : callable, optional
        Told in a few words what comes next; gives a context manager, whose value is told the runs
        that are done and all runs (None: nothing is).
    **options
        `waves`, `points`, `draws`, `checked`, `recover` and `seed`, as in
        :class:`regional_sim.answers.posterior.calibration_options.CalibrationOptions`.

    Returns
    -------
    Calibration
        With the draws as the data frame ``posterior``.

    Raises
    ------
    InputError
        When the experiment cannot be calibrated, or `out` is taken.
    """
    import pandas as pd

    known = [field.name for field in fields(CalibrationOptions)]
    for name in options:
        if name not in known:
            raise UnknownNameError("argument", name, known, key="calibrate_posterior")
    how = CalibrationOptions(**options)  # type: ignore[arg-type]
    runs = RunOptions(workers=workers, resume=resume, force=force)
    if not isinstance(experiment, Experiment):
        experiment = load_experiment(experiment)
    check_calibration(experiment)
    path, request = Path(out), request_of(experiment, how)
    claim_folder(path, request, force=runs.force, resume=runs.goes_on)
    found = CalibrationRun(experiment, path, how, runs, stage).finish()
    tables = {
        POSTERIOR_TABLE: found.posterior,
        SHARES_TABLE: pd.DataFrame(found.shares, columns=list(experiment.factors)),
        TARGETS_TABLE: pd.DataFrame(target_rows(found)),
        FACTORS_TABLE: pd.DataFrame(factor_rows(found)),
    }
    if found.recovery is not None:
        tables[RECOVERY_TABLE] = pd.DataFrame(recovery_rows(found))
        tables[RANKS_TABLE] = ranks_table(found)
    for name, table in tables.items():
        write_csv(table, path / name)
    finish_folder(path, request, summary_of(found), list(tables))
    return found


def request_of(experiment: Experiment, options: CalibrationOptions) -> dict[str, Any]:
    """Write down what was asked for, to be compared when a calibration is resumed."""
    return {
        "title": experiment.title,
        "scenario": experiment.scenario.digest(),
        "postures": [posture.plain() for posture in experiment.postures],
        "design": experiment.design,
        "replicates": experiment.replicates,
        "runs_seed": experiment.seed,
        "targets": [
            plain_data(target.model_dump(exclude_none=True)) for target in experiment.targets
        ],
        # The test of recovery changes nothing else, and can be added later.
        **{name: value for name, value in vars(options).items() if name != "recover"},
    }


def summary_of(found: Calibration) -> dict[str, Any]:
    """Write down what made a calibration, and how it went."""
    return {
        "versions": dict(versions()),
        "recovery_trials": 0 if found.recovery is None else len(found.recovery.ranks),
        "plans": {wave.folder: wave.plan_digest for wave in (*found.waves, found.check)},
        "unstable_points": {wave.folder: int((~wave.stable).sum()) for wave in found.waves},
        "unstable_draws": found.unstable,
        "effective_draws": found.effective,
        "share_of_prior_not_ruled_out": found.kept,
    }


def target_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return a row for each target: observed, predicted by prior and posterior, the emulator."""
    rows = []
    for k, target in enumerate(found.experiment.targets):
        prior, posterior = (_predictions(found, which, k) for which in ("prior", "posterior"))
        emulator = found.emulators[k]
        rows.append(
            {
                "target": target.in_words,
                "posture": target.posture or found.experiment.labels[0],
                "observed": target.value,
                "sd": target.total_sd,
                **_columns("prior", prior),
                **_columns("posterior", posterior),
                "chance": posterior.tail,
                "inside": posterior.low <= target.value <= posterior.high,
                "emulator_explains": emulator.explained,
                "emulator_inside_95": emulator.inside,
                "source": target.source,
            }
        )
    return rows


def _predictions(found: Calibration, which: str, k: int) -> Predicted:
    """Predict the figure of a target from runs at draws of the prior or the posterior."""
    wave = found.waves[0] if which == "prior" else found.check
    target = found.experiment.targets[k]
    value, error = (getattr(wave.found, name)[wave.stable, k] for name in ("value", "error"))
    return predicted(value, error, target.value, target.total_sd, found.options.seed, target.bounds)


def _columns(name: str, one: Predicted) -> dict[str, float]:
    return {f"{name}_median": one.median, f"{name}_low": one.low, f"{name}_high": one.high}


def factor_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return a row for each factor, those that the targets tell most of first."""
    ratios = learned(found.shares)
    rows = []
    for k, (path, prior) in enumerate(priors_of(found.experiment).items()):
        tails = [
            prior.levels(np.quantile(found.shares[:, k : k + 1], share, axis=0))[0]
            for share in (0.5, _MARGIN, 1.0 - _MARGIN)
        ]
        rows.append(
            {
                "factor": path,
                "prior": str(prior),
                "median": tails[0],
                "low": tails[1],
                "high": tails[2],
                "sd_ratio": float(ratios[k]),
                "informed": learned_in_words(float(ratios[k])),
            }
        )
    return sorted(rows, key=lambda row: row["sd_ratio"])


def ties_of(found: Calibration) -> list[tuple[str, str, float]]:
    """List the pairs of factors that the posterior ties, by path, with their correlation."""
    paths = found.experiment.factors
    return [(paths[i], paths[j], r) for i, j, r in tied_factors(found.shares)]


def recovery_rows(found: Calibration) -> list[dict[str, Any]]:
    """Return a row for each factor: how often its interval holds the truth, and even ranks."""
    recovery = found.recovery
    if recovery is None:
        return []
    columns = {
        "trials": [len(recovery.ranks)] * len(found.experiment.factors),
        "inside_90": recovery.coverage.tolist(),
        "mean_rank_share": (recovery.ranks / recovery.n_draws).mean(axis=0).tolist(),
        "chance_of_such_ranks": recovery.uniformity().tolist(),
    }
    return [
        {"factor": path, **dict(zip(columns, row, strict=True))}
        for path, *row in zip(found.experiment.factors, *columns.values(), strict=True)
    ]


def ranks_table(found: Calibration) -> pd.DataFrame:
    """Return the rank of each truth among its posterior draws: a row for each trial."""
    import pandas as pd

    assert found.recovery is not None  # asked for only where there is one
    return pd.DataFrame(found.recovery.ranks, columns=list(found.experiment.factors))
