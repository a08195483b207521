"""The hindcast of 2010 to 2024: what the model makes of those years, beside what was coded.

Coded changes are the differences between the shipped worlds of 2010 and 2024 in stance, commitment
and tension.  Half of the states are the training half: ``make hindcast-fit`` sets free gains on
them and prints old and new values; the parameter table has the values half-way to them.  The
other half is only scored.  The reference is persistence: that nothing changes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import BATCH_RUNS, DYAD_COLUMNS, STATE_COLUMNS, BatchJob, Case
from regional_sim.experiment.load import load_experiment
from regional_sim.model.parameters import Param
from regional_sim.model.variables import StateVar
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.elementary import logit
from regional_sim.postures import Policy
from regional_sim.scenario import Scenario, load_scenario, shipped_experiment

TRAINED: Final = ("AUS", "IDN", "IND", "VNM")
"""States whose stance is fitted."""

TRAINED_COMMITMENTS: Final = ("AUS",)
"""States whose commitments are fitted."""

SCORED: Final = ("KOR", "MYS", "PHL", "SGP", "THA", "USA")
"""States whose stance is scored; so are all commitments of states that are not fitted, and all
tensions.  The stances of sender, partner and challenger are part of what the runs are given."""

CLEAR: Final = {"stance": 0.02, "commitment": 0.05, "tension": 0.01}
"""Simulated changes below these have no sign; commitments are in logits."""

BAR: Final = 2.0 / 3.0
"""Share of the scored signs that has to be hit."""

SCORED_LOOKS: Final = (
    "All states at the untuned defaults, with an earlier stand-in for the paths of figures. After"
    " it the weight of threats at the start was chosen, on the training half alone.",
    "All rows at the untuned defaults, with the shipped paths, when this page was first tried; the"
    " gains had been fitted before it. Nothing was changed after it.",
    "All rows at the defaults half-way to the fit, when this page was first written in full.",
    "All rows at the final values, when this page was written for them.",
    "All rows again, when the run was made to end with 2024 and not with 2023.",
)
"""Looks at the scored half: what was looked at, and what was changed after it."""

FREE: Final = (
    Param.threat_gain,
    Param.choice_inertia,
    Param.choice_temperature,
    Param.hedging_pressure,
    Param.hedging_backlash,
    Param.hedging_span,
    Param.hedging_neutrality,
    Param.hedging_winner,
    Param.hedging_polarisation,
    Param.hedging_market,
    Param.pressure_stance,
    Param.pressure_alignment,
    Param.alignment_span,
    Param.burden_others,
    Param.burden_patron,
    Param.brokerage,
    Param.entrapment,
    Param.alignment_exposure,
    Param.firmness_effort,
    Param.tension_threat,
)
"""Gains of the responses that the record may inform."""

POINTS: Final = 2048
_REPLICATES: Final = 4
BEST_SHARE: Final = 0.02
INFORMED: Final = 2.5
"""Standard errors by which the mean of the best has to differ from the middle of the range."""

COMMITMENT_WEIGHT: Final = 0.25
_SEED: Final = 2010
_YEAR: Final = 12
_UNCHANGED: Final = 1e-9


# ----------------------------------------------------------------------------- what was observed


def coded_changes() -> pd.DataFrame:
    """Return what was coded to have changed: a row for each quantity, 2010 and 2024.

    Commitments and tensions that did not change are left out.  ``half`` is ``fit``, ``scored``, or
    ``given`` for what is neither.
    """
    old, new = load_scenario("world_2010"), load_scenario("baseline")
    rows: list[tuple[object, ...]] = []
    stances = zip(old.state_values("stance"), new.state_values("stance"), strict=True)
    for code, (before, after) in zip(old.codes, stances, strict=True):
        half = "fit" if code in TRAINED else "scored" if code in SCORED else "given"
        rows.append(("stance", code, half, before, after))
    for quantity in ("commitment", "tension"):
        before_all, after_all = old.dyad_values(quantity), new.dyad_values(quantity)
        for i, j in zip(*np.nonzero(np.abs(after_all - before_all) > _UNCHANGED), strict=True):
            one, other = old.codes[i], old.codes[j]
            if quantity == "commitment":
                half = "fit" if one in TRAINED_COMMITMENTS else "scored"
                logits = (float(logit(q[i, j])) for q in (before_all, after_all))
                rows.append((quantity, f"{one}:{other}", half, *logits))
            elif i < j:
                row = (f"{one}-{other}", "scored", before_all[i, j], after_all[i, j])
                rows.append((quantity, *row))
    table = pd.DataFrame(rows, columns=["quantity", "of", "half", "in 2010", "in 2024"])
    return table.assign(coded=table["in 2024"] - table["in 2010"])


# ----------------------------------------------------------------------------- what is simulated


def historical_posture() -> Policy:
    """Return the sender's course from the shipped experiment."""
    experiment = load_experiment(shipped_experiment("hindcast_2010_2024"))
    (policy,) = (one.policy for one in experiment.postures if one.label == "historical")
    return policy


def simulated_changes(
    scenarios: Sequence[Scenario], policy: Policy, changes: pd.DataFrame, replicates: int
) -> Floats:
    """Return the mean change of each row from the start to the last year: shape (row, scenario)."""
    at_once = max(1, BATCH_RUNS // replicates)
    parts = []
    for first in range(0, len(scenarios), at_once):
        cases = [Case(one, [policy]) for one in scenarios[first : first + at_once]]
        job = BatchJob(cases, _SEED, 0, replicates, series=frozenset({"states", "dyads"}))
        for case, (result,) in zip(cases, run_batch(job), strict=True):
            assert result.states is not None
            assert result.dyads is not None
            late_states = result.states[-_YEAR:].mean(axis=(0, -1))
            late_dyads = result.dyads[-_YEAR:].mean(axis=(0, -1))
            parts.append(_levels(case.scenario, late_states, late_dyads, changes))
    found: Floats = np.stack(parts, axis=-1) - changes["in 2010"].to_numpy()[:, None]
    return found


def _levels(
    scenario: Scenario, states: Floats, dyads: Floats, changes: pd.DataFrame
) -> list[float]:
    """Look up the value of each row in the columns of the two tables."""
    codes = scenario.codes
    first, second = np.triu_indices(len(codes), 1)
    pair_of = {(codes[i], codes[j]): k for k, (i, j) in enumerate(zip(first, second, strict=True))}
    column = {one.name: k for k, one in enumerate(DYAD_COLUMNS)}
    values = []
    for quantity, of in changes[["quantity", "of"]].itertuples(index=False):
        if quantity == "stance":
            values.append(states[STATE_COLUMNS.index(StateVar.stance), codes.index(of)])
        elif quantity == "tension":
            values.append(dyads[column["tension"], pair_of[tuple(of.split("-"))]])
        else:
            one, other = of.split(":")
            side = "first" if one < other else "second"
            pair = pair_of[min(one, other), max(one, other)]
            values.append(dyads[column[f"commitment_{side}"], pair])
    return values


def hindcast(replicates: int = 64) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the years at the defaults; return all rows, and readiness beside spending.

    Readiness is for information: spending is given by the paths, so that the model's own answer
    comes on top of it.
    """
    world = load_scenario("hindcast_2010_2024")
    table = coded_changes()
    table["simulated"] = simulated_changes([world], historical_posture(), table, replicates)[:, 0]
    clear = table["simulated"].abs() > table["quantity"].map(CLEAR)
    table["sign"] = clear & (np.sign(table["simulated"]) == np.sign(table["coded"]))
    job = BatchJob.of(
        world, [historical_posture()], _SEED, 0, replicates, series=frozenset({"states"})
    )
    ((result,),) = run_batch(job)
    assert result.states is not None
    readiness = result.states[-_YEAR:, STATE_COLUMNS.index(StateVar.readiness)].mean(axis=(0, -1))
    spending = world.state_values_by_month("capability_usd_bn")
    growth = np.log(spending[-1] / spending[0])
    return table, pd.DataFrame(
        {"state": world.codes, "log spending, given": growth, "log readiness": readiness}
    )


# --------------------------------------------------------------------------------------- scoring


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Score rows with columns ``quantity``, ``half``, ``coded``, ``simulated``, ``sign``.

    Signs are counted where something changed; the error is the root of the mean square, that of
    persistence has nothing simulated.
    """
    rows = []
    judged = table[table["half"] != "given"]
    for (half, quantity), part in judged.groupby(["half", "quantity"], sort=False):
        changed = part["coded"].abs() > _UNCHANGED
        rows.append(
            {
                "half": half,
                "quantity": quantity,
                "changed": int(changed.sum()),
                "signs hit": int(part.loc[changed, "sign"].sum()),
                "rmse": rmse(part["simulated"] - part["coded"]),
                "rmse of persistence": rmse(part["coded"]),
            }
        )
    return pd.DataFrame(rows)


def rmse(errors: pd.Series[float] | Floats) -> float:
    """Return the root of the mean square.

    >>> rmse(np.array([3.0, 4.0]) * 2**0.5)
    5.0
    """
    return float(np.sqrt(np.mean(np.square(errors))))


def passes(scored: pd.DataFrame) -> bool:
    """Judge the scored half: two thirds of the signs, and each error below persistence."""
    mine = scored[scored["half"] == "scored"]
    hits, of = mine["signs hit"].sum(), mine["changed"].sum()
    return bool(hits >= BAR * of and (mine["rmse"] < mine["rmse of persistence"]).all())


# ------------------------------------------------------------------------------------------- fit


def losses(simulated: Floats, training: pd.DataFrame) -> Floats:
    """Return the loss of each point on the rows of the training half.

    Error of stances plus a quarter of that of commitments, which are in logits.
    """
    errors = np.square(simulated - training["coded"].to_numpy()[:, None])
    stance = (training["quantity"] == "stance").to_numpy()
    by_stance = np.sqrt(errors[stance].mean(axis=0))
    loss: Floats = by_stance + COMMITMENT_WEIGHT * np.sqrt(errors[~stance].mean(axis=0))
    return loss


def fitted(points: Floats, loss: Floats) -> pd.DataFrame:
    """Return old and new values of the free gains, given points of shape (point, gain).

    Only a gain that the training half informs moves: to the mean of the best points.
    """
    n_best = max(2, round(BEST_SHARE * len(points)))
    best = points[np.argsort(loss, kind="stable")[:n_best]]
    rows = []
    for gain, values in zip(FREE, best.T, strict=True):
        uniform_se = (gain.high - gain.low) / np.sqrt(12.0 * n_best)
        distance = (values.mean() - (gain.low + gain.high) / 2.0) / uniform_se
        informed = bool(abs(distance) > INFORMED)
        new = float(f"{values.mean():.2g}") if informed else gain.default
        rows.append((gain.name, gain.low, gain.high, gain.default, distance, informed, new))
    columns = ["gain", "low", "high", "old", "standard errors", "informed", "new"]
    return pd.DataFrame(rows, columns=columns)


def fit(
    n_points: int = POINTS, replicates: int = _REPLICATES, tell: Callable[[str], object] = str
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Fit the free gains to the training half; return them, and losses by name."""
    from scipy.stats import qmc

    low, high = ([getattr(one, end) for one in FREE] for end in ("low", "high"))
    unit = qmc.LatinHypercube(len(FREE), rng=np.random.default_rng(_SEED)).random(n_points)
    points = qmc.scale(unit, low, high)
    world, policy = load_scenario("hindcast_2010_2024"), historical_posture()
    coded = coded_changes()
    training = coded[coded["half"] == "fit"].reset_index(drop=True)
    loss = np.zeros(n_points)
    at_once = max(1, BATCH_RUNS // replicates)
    for first in range(0, n_points, at_once):
        settings = [_settings(point) for point in points[first : first + at_once]]
        scenarios = [world.with_settings(one) for one in settings]
        simulated = simulated_changes(scenarios, policy, training, replicates)
        loss[first : first + at_once] = losses(simulated, training)
        if first % (16 * at_once) == 0:
            tell(f"{first} of {n_points} points")
    table = fitted(points, loss)
    values = table["new"].to_numpy()
    ends = [world, world.with_settings(_settings(values))]
    at_ends = losses(simulated_changes(ends, policy, training, 16 * replicates), training)
    nothing = losses(np.zeros((len(training), 1)), training)
    names = ("persistence", "best point", "median point", "defaults", "fitted")
    found = (nothing[0], loss.min(), np.median(loss), *at_ends)
    return table, dict(zip(names, map(float, found), strict=True))


def _settings(point: Floats) -> dict[str, float]:
    return {f"parameters.{p.name}": float(v) for p, v in zip(FREE, point, strict=True)}


# --------------------------------------------------------------------------------------- command


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the free gains to the training half, or score both halves, and print."""
    parser = argparse.ArgumentParser(prog="python -m regional_sim.analysis.hindcast")
    parser.add_argument("task", choices=("fit", "score"))
    if parser.parse_args(arguments).task == "fit":
        table, loss = fit(tell=lambda line: sys.stderr.write(line + "\n"))
        text = table.round(3).to_string(index=False)
        text += "\n\nloss on the training half\n"
        text += "\n".join(f"{name:14}{value:8.3f}" for name, value in loss.items())
    else:
        table, _ = hindcast()
        by_half = scores(table)
        verdict = "passes" if passes(by_half) else "fails"
        text = (
            f"{table.round(3).to_string(index=False)}\n\n{by_half.round(3).to_string(index=False)}"
        )
        text += f"\n\nscored half {verdict}; looks at it written down: {len(SCORED_LOOKS)}"
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
