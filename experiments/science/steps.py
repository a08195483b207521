"""The questions of the page, each with the commands that answer it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ruamel.yaml import YAML

from regional_sim.scenario.files import shipped_experiment


@dataclass(frozen=True)
class Step:
    """A question and its commands.

    Attributes
    ----------
    name : str
        Name of its folder, and of its part of the pictures' names.
    title, question : str
        Heading and text of its section.
    arguments : list of list of str
        Commands of the package, one after the other.
    pictures : list of Path
        What they draw, to be shown on the page.
    prepare : callable, optional
        Writes a file that the commands read.
    """

    name: str
    title: str
    question: str
    arguments: list[list[str]]
    pictures: list[Path] = field(default_factory=list)
    prepare: Callable[[], None] | None = None


def steps(out: Path, data: Path | None, *, quick: bool) -> Iterator[Step]:
    """Give the steps in order; with `quick` only a few runs of each."""
    workers = ["--workers", "2"]
    yield _sample(out, workers, quick=quick)
    yield _flips(out, workers, quick=quick)
    yield _claims(out, workers, quick=quick)
    yield _posterior(out, quick=quick)
    yield _claims_of_the_posterior(out, workers, quick=quick)
    if data is not None:
        yield _skill(out, data, workers, quick=quick)
    yield _policies(out, workers, quick=quick)


def _sample(out: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "sample"
    runs, decides, where = folder / "runs", folder / "decides.png", folder / "where.png"
    few = ["--replicates", "2"] if quick else []
    asked = ["--metrics", "miscalculation_risk", "--figure", str(decides)]
    condition = ["--where", "miscalculation_risk.difference < 0", "--figure", str(where)]
    return Step(
        "sample",
        "Which parameter decides whether the new approach lowers risk, and where",
        "128 points of the contested parameters, 20 replicates of five postures at each.",
        [
            ["sweep", "uncertainty_sample", *few, *workers, "--out", str(runs), "--resume", "-q"],
            ["sensitivity", str(runs), *asked, "--force"],
            ["discover", str(runs), *condition, "--force"],
        ],
        [decides, where],
    )


def _flips(out: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "flips"
    runs, figure = folder / "runs", folder / "map.png"
    few = ["--replicates", "2"] if quick else []
    return Step(
        "flips",
        "Where the effect on tension flips",
        "A grid over how the challenger reads firmness and how firm the posture is.",
        [
            ["sweep", "flip_map", *few, *workers, "--out", str(runs), "--resume", "-q"],
            ["flips", str(runs), "--figure", str(figure), "--force"],
        ],
        [figure],
    )


def _claims(out: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "claims" / "runs"
    few = ["--replicates", "20", "--no-responses"] if quick else []
    return Step(
        "claims",
        "The claims of the article",
        "Verdict on the world as it is, robustness over the prior, what decides, whose response.",
        [["hypotheses", "article_claims", *few, *workers, "--out", str(folder), "--force"]],
        [folder / "hypotheses.png"],
    )


def _posterior(out: Path, *, quick: bool) -> Step:
    folder = out / "posterior" / "runs"
    few = ["--points", "40", "--draws", "50", "--check", "20"] if quick else ["--recover", "100"]
    return Step(
        "posterior",
        "What the record says about the contested parameters",
        "Priors calibrated to observed targets by waves of runs and emulators, checked by fresh"
        " runs and on made-up data with known parameters.",
        [["calibrate", "calibration", *few, "--out", str(folder), "--resume"]],
        [folder / "pairs.png", folder / "targets.png", folder / "recovery.png"],
    )


def _claims_of_the_posterior(out: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "claims_posterior"
    file, runs = folder / "experiment.yaml", folder / "runs"
    few = ["--replicates", "20"] if quick else []
    draws = out / "posterior" / "runs" / "posterior.csv"
    return Step(
        "claims_posterior",
        "The claims over the posterior",
        "The same claims, with shares of the posterior in place of the prior: the design of"
        " article_claims is replaced by 128 draws of the fifteen parameters calibrated above; the"
        " others, among them the gains of most responses, stay at their defaults. So *structural*"
        " says here that none of these draws turns a claim, not that nothing could.",
        [
            [
                "hypotheses",
                str(file),
                *few,
                "--no-responses",
                *workers,
                "--out",
                str(runs),
                "--force",
            ]
        ],
        [runs / "hypotheses.png"],
        partial(write_with_draws, file, draws, 8 if quick else 128),
    )


def write_with_draws(file: Path, draws: Path, n_points: int) -> None:
    """Write the experiment of the claims, with draws of a posterior as its design."""
    yaml = YAML(typ="safe")
    claims = yaml.load(shipped_experiment("article_claims").read_text(encoding="utf-8"))
    there = os.path.relpath(draws, file.parent)
    sampled = {"kind": "posterior", "file": there, "n": n_points, "seed": 1}
    with file.open("w", encoding="utf-8") as opened:
        yaml.dump({**claims, "design": sampled}, opened)


def _skill(out: Path, data: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "skill" / "scores"
    few = ["--replicates", "256", "--horizons", "1,3"] if quick else []
    asked = ["--until", "2025-06", *few, *workers, "--out", str(folder), "--force"]
    return Step(
        "skill",
        "Forecasts of observed months",
        "Fitted to months until 2018, scored from 2019 on, beside simple forecasts.",
        [["skill", str(data), *asked]],
        [folder / "skill.png"],
    )


def _policies(out: Path, workers: list[str], *, quick: bool) -> Step:
    folder = out / "policies" / "search"
    few = ["--generations", "2", "--population", "6", "--points", "2", "--replicates", "2"]
    fewer = ["--final-points", "2", "--final-replicates", "2"]
    small = [*few, *fewer] if quick else []
    return Step(
        "policies",
        "Which posture is best",
        "Least risk of miscalculation and most deterrence, over the contested parameters.",
        [["optimise", "uncertainty_sample", *small, *workers, "--out", str(folder), "--resume"]],
        [folder / "front.png"],
    )
