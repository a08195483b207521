"""The text of the page.

Longer than others because it is mostly the prose of the page, which is read best in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from experiments.evidence import prior, records, rest
from experiments.evidence.properties import Property, failing, judged
from experiments.evidence.runs import PRIOR, SEED, prior_points
from regional_sim.analysis import hindcast
from regional_sim.analysis.base_rates import read_targets
from regional_sim.analysis.calibrate import read_measured, verdicts
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import load_scenario


@dataclass(frozen=True)
class Sizes:
    """How many points and replicates each part has."""

    drift: int = 512
    stability: int = 512
    points: int = 96
    replicates: int = 24
    clamped: int = 48
    defaults: int = 192
    theta: int = 96
    paths: int = 12
    saturation: int = 2
    persistence: int = 48
    impulse: int = 256
    hindcast: int = 64
    levels: int = 256

    @classmethod
    def quick(cls) -> Sizes:
        """Return sizes that show whether all parts work, and nothing else."""
        return cls(16, 16, 8, 4, 4, 8, 4, 2, 1, 4, 8, 4, 8)


RUNGS_OF: Final = (("CHN", "TWN"), ("CHN", "JPN"), ("CHN", "PHL"), ("CHN", "USA"))
"""Pairs whose rungs are compared with what they are built on."""


@dataclass(frozen=True)
class Findings:
    """All that the page shows."""

    sizes: Sizes
    drift: pd.DataFrame
    rungs: pd.DataFrame
    radii: Floats
    radius: float
    sample: prior.Sample
    at_defaults: pd.DataFrame
    by_theta: pd.DataFrame
    saturated: float
    half_lives: pd.DataFrame
    paths: pd.DataFrame
    hindcast: pd.DataFrame
    readiness: pd.DataFrame
    persistence: pd.DataFrame
    impulse: pd.DataFrame
    coercion: pd.DataFrame
    spending: pd.DataFrame
    levels: pd.DataFrame
    norm: str
    calibration: dict[str, Any]
    records: dict[str, Any]


def simulate_all(sizes: Sizes, tell: Callable[[str], object]) -> Findings:
    """Simulate all parts of the page."""
    world, world_2010 = load_scenario("baseline"), load_scenario("world_2010")
    observed = records.read_records()
    tell("drift and stability")
    calm = rest.traditional(world, sizes.drift)
    drift = rest.drift(world, calm)
    rungs = rest.expected_rungs(world, calm, RUNGS_OF)
    radii = prior.radii(world, prior_points(sizes.stability, seed=7))
    radius = float(prior.radii(world, [{}])[0])
    tell("records: persistence, impulse, coercion, levels")
    persistence = records.persistence(world, sizes.persistence)
    impulse = records.impulse(world, sizes.impulse, observed)
    coercion = records.coercion(world_2010, sizes.impulse // 4, observed)
    spending = records.spending(world, sizes.levels // 4, observed)
    levels = records.levels(world, sizes.levels, read_targets())
    tell("hindcast")
    changes, readiness = hindcast.hindcast(sizes.hindcast)
    tell("both answers over theta, return, who matters at the defaults")
    by_theta = prior.answers_by_theta(world, sizes.theta)
    half_lives = prior.half_lives(world, sizes.defaults)
    at_defaults = prior.who_matters_at_defaults(world, sizes.defaults)
    tell("effects and clamps over the prior")
    sample = prior.sample(world, sizes.points, sizes.replicates, sizes.clamped)
    tell("paths and saturation")
    paths = prior.path_table(world, sample.points, sizes.paths)
    saturated = prior.saturated(world, sample.points, sizes.saturation)
    return Findings(
        sizes=sizes,
        drift=drift,
        rungs=rungs,
        radii=radii,
        radius=radius,
        sample=sample,
        at_defaults=at_defaults,
        by_theta=by_theta,
        saturated=saturated,
        half_lives=half_lives,
        paths=paths,
        hindcast=changes,
        readiness=readiness,
        persistence=persistence,
        impulse=impulse,
        coercion=coercion,
        spending=spending,
        levels=levels,
        norm=records.norm_of(world),
        calibration=read_measured(),
        records=observed,
    )


# ------------------------------------------------------------------------------------------ tables


def markdown(table: pd.DataFrame, digits: int = 3) -> str:
    """Return a frame as a Markdown table.

    >>> print(markdown(pd.DataFrame({"a": [0.5], "b": [True], "c": [float("nan")]}), 1))
    | a | b | c |
    | --- | --- | --- |
    | 0.5 | yes |  |
    """

    def cell(value: object) -> str:
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if isinstance(value, float):
            return "" if np.isnan(value) else f"{value:.{digits}f}"
        return str(value)

    lines = ["| " + " | ".join(map(str, table.columns)) + " |", "|" + " --- |" * table.shape[1]]
    rows = table.itertuples(index=False)
    return "\n".join(lines + ["| " + " | ".join(cell(v) for v in row) + " |" for row in rows])


def _properties(rows: list[Property]) -> str:
    table = pd.DataFrame(
        {
            "property": [row.name for row in rows],
            "holds": [row.verdict for row in rows],
            "measured": [row.measured for row in rows],
            "where": [row.where for row in rows],
        }
    )
    return markdown(table)


def page(found: Findings) -> str:
    """Return the page."""
    rows = judged(found)
    held = sum(row.holds is True for row in rows)
    failed = [row for row in rows if row.holds is False]
    parts = [
        f"""# Evidence

Written by `make evidence` (`experiments/evidence/`, master seed {SEED}); every number on this page
comes from that command or from `make calibrate`. Effects are of the new approach less the
traditional posture on the same draws, over the 96 months after the onset. Signs of effects are
results, never targets: no value was chosen by what a claim says.

## What has to hold

{held} properties hold, {len(failed)} fail, the others are held by tests.

{_properties(rows)}

### What fails, and why

{failing(failed)}""",
        _rest(found),
        _open_question(found),
        _everyone(found),
        _paths(found),
        _hindcast(found),
        _base_rates(found),
        _persistence(found),
        _pushes(found),
    ]
    return "\n\n".join(parts) + "\n"


def _rest(found: Findings) -> str:
    radii = found.radii
    return f"""## Rest and stability

{found.sizes.drift} replicates of the baseline under the traditional posture. A metric rests where
its mean moves by less than half its smallest effect of interest between the first and the tenth
year; sums are left out. Headline metrics are those that the question is about.

{markdown(found.drift, 4)}

A pair is built on the rung that it is expected to hold at its starting tension. Where the mean rung
of these runs is lower, tension settles below its start:

{markdown(found.rungs)}

The spectral radius of the month, without noise and incidents, is {found.radius:.4f} at the
defaults. Of {len(radii)} points of a Latin hypercube over the ranges of the {len(PRIOR)} contested
parameters {int((radii < 1.0).sum())} have one below 1; the largest is {radii.max():.4f}. The
samples below leave unstable points out: {found.sample.unstable} of {found.sizes.points}.
Share of pair-months with contact whose tension lies outside 0.02 to 0.98, over the stable points:
{found.saturated:.2%}.

After 48 months of the new approach and a return to the traditional posture:

{markdown(found.half_lives)}"""


def _open_question(found: Findings) -> str:
    full = found.sample.full
    stars = pd.DataFrame({m.name: prior.theta_star(found.by_theta, m) for m in prior.ANSWERS})
    return f"""## Can the model answer either way?

{len(full)} stable points of the prior, {full.shape[-1]} replicates each. A metric rises or falls
where the 95 % interval excludes zero; *by more* is a mean beyond the smallest effect of interest.

{markdown(prior.answers(full))}

![Effects over the prior](evidence_prior.png)

Share of the variance of these effects in which the parameters marked as stipulated have a part,
against those with a source in theory or data:

{markdown(prior.decided_by_stipulation(found.sample), 2)}

Theta is the share of the sender's signal that the challenger reads as hostility. Where the mean
effect crosses zero, by the gain of signals:

{markdown(stars.rename_axis("signal_gain").reset_index())}

![Effects of the new approach over theta](evidence_answers.png)"""


def _everyone(found: Findings) -> str:
    median, of_large, n_large = prior.share_of_all(found.sample)
    clamped = len(found.sample.held["all"])
    return f"""## Does everyone matter?

The states named are held on the path that they take under the traditional posture. What this takes
from the effect of the new approach at the defaults, {found.sizes.defaults} replicates:

{markdown(found.at_defaults, 4)}

Over {clamped} points of the prior: at how many the clamp moves a metric by more than its smallest
effect (and its 95 % interval excludes zero), and the share of points at which it so moves any.

{markdown(prior.who_matters(found.sample), 2)}

With all states clamped {median:.0%} of the effect on tension goes at the median point; at the
{n_large} points where that effect is beyond its smallest, {of_large:.0%}."""


def _paths(found: Findings) -> str:
    return f"""## Where the claims can be seen

Each quantity that a claim is about: its table, the share of the points of the prior at which it
rises and falls ({found.sizes.paths} replicates) and at which it moves beyond a smallest effect, its
effect at the defaults, and how much less that is with some states clamped.

{markdown(found.paths, 4)}"""


def _hindcast(found: Findings) -> str:
    by_half = hindcast.scores(found.hindcast)
    looks = "\n".join(f"{k}. {look}" for k, look in enumerate(hindcast.SCORED_LOOKS, start=1))
    return f"""## Hindcast of 2010 to 2024

The world of 2010, with spending, product and China's trade along what was measured and Japan's
course of policy as it was (`experiments/hindcast_2010_2024.yaml`). Changes are from the start to
the mean of the last year, commitments in logits; what was coded is the difference of the shipped
worlds. Free gains were fitted to the rows marked *fit* alone (`make hindcast-fit`), and the
defaults lie half-way from what was stipulated to the fit, for a handful of rows. Persistence says
that nothing changes. A sign is hit where the simulated change has it and is beyond
{", ".join(f"{value:g} ({name})" for name, value in hindcast.CLEAR.items())}.

{markdown(found.hindcast)}

![Simulated against coded changes](evidence_hindcast.png)

{markdown(by_half)}

All commitments and tensions that changed were coded to rise, so that "all rise" would hit these
signs as well; what tests the signs are the stances.

Looks at the scored half so far, {len(hindcast.SCORED_LOOKS)}:

{looks}

Spending is given; the model's own answer to threats comes on top of it:

{markdown(found.readiness)}"""


def _base_rates(found: Findings) -> str:
    measured = found.calibration
    inside, outside = (measured[f"hold-out: targets {where}"] for where in _SAMPLES)
    bounds = measured["parameters"].query("at_bound")["number"]
    rungs = pd.DataFrame(records.RUNGS, columns=["rung", "name", "what the record means by it"])
    of_total = pd.concat(
        [
            table[table["pair"] == "all"].assign(sample=name)
            for name, table in (
                ("1990-2000, fitted", inside),
                ("2001-2010, scored", outside),
            )
        ]
    )
    return f"""## Base rates, in and out of sample

Stakes and restraint were fitted to the disputes of 1990-2000 and scored on 2001-2010 by the log
score of onsets, pair by pair; then they were fitted to all years (`make calibrate`,
`configs/calibrated/fit.yaml`). Fitted: {verdicts(inside)}. Scored: {verdicts(outside)}. All years:
{verdicts(measured["targets"])}. Numbers at a bound: {", ".join(bounds) or "none"}.

{markdown(measured["hold-out: scores"], 1)}

{markdown(of_total[["sample", "target", "observed", "low", "high", "simulated", "passes"]], 2)}

Onsets of the ten leading pairs, all years:

{markdown(leading(measured["targets"]), 2)}

Disputes a decade in the world of 2024 under the traditional posture, {found.sizes.levels}
replicates, beside the record of 1990-2010:

{markdown(found.levels, 2)}

{markdown(rungs)}"""


_SAMPLES: Final = ("in sample", "out of sample")


def leading(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the onsets of the ten leading pairs."""
    onsets = targets[targets["target"] == "onsets"]
    return onsets[onsets["pair"].str.contains("-")].head(10).drop(columns="target")


def _persistence(found: Findings) -> str:
    observed = found.records["persistence"]
    text = "; ".join(
        f"{name.replace('_', ' ')} {values[1]:.2f} and {values[12]:.2f}"
        for name, values in observed.items()
    )
    return f"""## Persistence

Autocorrelation after 1 and 12 months. Observed: {text}. Simulated under the traditional posture,
{found.sizes.persistence} replicates of 20 years; *noisy* adds measurement noise of half the
standard deviation of tension to the observable, not to the state. Slow norms stand with their rate
and weight; drift is the change of regional tension from the first to the tenth year.

{markdown(found.persistence)}"""


def _pushes(found: Findings) -> str:
    adiz, exercises = found.records["adiz"], found.records["exercises"]
    text = "; ".join(
        f"{name} {' and '.join(f'{v} ({years})' for years, v in rates.items())}"
        for name, rates in exercises.items()
    )
    return f"""## Impulse of August 2022

Flights into Taiwan's air defence zone were {adiz["before"]:.0f} a month in the year before,
{adiz[0]} in August 2022, and {adiz["mean_of_16_months_after"]} on average in the 16 months after.
The same rise is given to the challenger's probing of the partner in one month,
{found.sizes.impulse} pairs of runs on the same draws. Shares of the largest excess that are left;
*probing fast* is at the highest speed allowed:

{markdown(found.impulse)}

## Coercion and spending

An act of full size in the world of 2010, held from month 13 on: of the sender, full backing and
patrols; of the ally, alignment with the patron over the whole span. Observed are exports to China
over 12 months against those of the other of the two countries; the share is of the first.

{markdown(found.coercion)}

Military spending, and log-readiness in the last of 96 months. The model arms against threats above
their start; growth with the economy is left to paths of figures:

{markdown(found.spending)}

For context, joint exercises a year, which the model does not have: {text}."""
